#include "lib/media_folder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/str.h"

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');

    return name[0] != '.' && dot &&
           (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 ||
            strcasecmp(dot, ".jpeg") == 0);
}

/* Runs of digits compare as numbers, whatever zeros lead them; the rest by bytes. */
static int by_number(const void *x, const void *y)
{
    const char *a = *(char *const *)x, *b = *(char *const *)y;

    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            size_t n, m;
            int c;

            a += strspn(a, "0");
            b += strspn(b, "0");
            n = strspn(a, "0123456789");
            m = strspn(b, "0123456789");
            c = n != m ? (n < m ? -1 : 1) : strncmp(a, b, n);
            if (c)
                return c;
            a += n;
            b += m;
        } else if (*a != *b) {
            break;
        } else {
            a++;
            b++;
        }
    }
    if (*a != *b)
        return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
    return strcmp(*(char *const *)x, *(char *const *)y); /* 1.png and 01.png */
}

int media_folder_list(const char *path, char ***names, size_t *n, struct err *err)
{
    size_t all, i, kept = 0;
    char **list;
    int r = fs_list(path, &list, &all, err);

    if (r)
        return r;
    for (i = 0; i < all; i++) {
        if (is_picture(list[i]))
            list[kept++] = list[i];
        else
            free(list[i]);
    }
    if (kept)
        qsort(list, kept, sizeof(*list), by_number);
    *names = list;
    *n = kept;
    return 0;
}

static int no_picture(const char *path, struct err *err)
{
    return err_set(err, ERR_DATA, "the folder '%s' holds no PNG or JPEG picture", path);
}

int media_folder_count(const char *path, long long *n, struct err *err)
{
    char **names;
    size_t count;
    int r = media_folder_list(path, &names, &count, err);

    if (r)
        return r;
    fs_list_free(names, count);
    *n = (long long)count;
    return count ? 0 : no_picture(path, err);
}

int media_folder_open(struct media_folder *f, const char *path, struct err *err)
{
    int r;

    *f = (struct media_folder){.path = mem_strdup(path)};
    if (!f->path)
        return err_nomem(err);
    r = media_folder_list(path, &f->names, &f->n, err);
    if (!r && f->n == 0)
        r = no_picture(path, err);
    return r ? r : media_codec_new(&f->codec, err);
}

void media_folder_close(struct media_folder *f)
{
    fs_list_free(f->names, f->n);
    media_codec_free(f->codec);
    free(f->path);
    *f = (struct media_folder){0};
}

int media_folder_picture(struct media_folder *f, size_t index, struct image *out, struct err *err)
{
    struct str path = STR_INIT;
    int r;

    fs_join(f->path, f->names[index], &path);
    r = str_failed(&path) ? err_nomem(err) : media_read_picture(f->codec, path.s, out, err);
    str_release(&path);
    return r;
}
