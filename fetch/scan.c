#include "fetch/scan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/fs.h"
#include "lib/mem.h"

#define NAMES_IN_A_NOTE 8

bool scan_is_video(const char *name)
{
    static const char *const suffixes[] = {"mp4", "avi",  "mkv", "webm", "mov", "m4v",
                                           "mpg", "mpeg", "ts",  "wmv",  "flv", "ogv"};
    const char *dot = strrchr(name, '.');
    size_t i;

    if (!dot || dot == name)
        return false;
    for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (strcasecmp(dot + 1, suffixes[i]) == 0)
            return true;
    return false;
}

/* Hidden, or what file servers and systems leave in folders: thumbnails under the videos' names,
 * deleted files, resource forks. */
static bool is_clutter(const char *name)
{
    static const char *const folders[] = {"@eaDir",   "#recycle",   "$RECYCLE.BIN",
                                          "__MACOSX", "lost+found", "System Volume Information"};
    size_t i;

    for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
        if (strcmp(name, folders[i]) == 0)
            return true;
    return name[0] == '.';
}

static int scan(const char *root, const char *folder, bool folders, struct scan *out,
                struct err *err)
{
    struct str dir = STR_INIT, path = STR_INIT;
    char **names = NULL;
    size_t i, n = 0, kept = 0;
    int r;

    *out = (struct scan){0};
    fs_join(root, folder, &dir);
    r = str_failed(&dir) ? err_nomem(err) : fs_list(dir.s, &names, &n, err);
    if (!r && !(out->bytes = mem_array(n, sizeof(*out->bytes))))
        r = err_nomem(err);
    for (i = 0; i < n && !r; i++) {
        bool there, wanted;
        struct stat st;

        fs_join(dir.s, names[i], &path);
        if (str_failed(&path)) {
            r = err_nomem(err);
            break;
        }
        there = stat(path.s, &st) == 0;
        if (folders)
            wanted = there && S_ISDIR(st.st_mode);
        else
            wanted = scan_is_video(names[i]) && (!there || S_ISREG(st.st_mode));
        if (wanted && !is_clutter(names[i])) {
            char *name = names[i];

            /* Swapped, so that the list stays whole. */
            names[i] = names[kept];
            names[kept] = name;
            out->bytes[kept++] = there ? (long long)st.st_size : -1;
        }
    }
    if (!r) {
        for (i = kept; i < n; i++)
            free(names[i]);
        out->names = names;
        out->n = kept;
    } else {
        fs_list_free(names, n);
        scan_release(out);
    }
    str_release(&dir);
    str_release(&path);
    return r;
}

int scan_videos(const char *root, const char *folder, struct scan *out, struct err *err)
{
    return scan(root, folder, false, out, err);
}

int scan_folders(const char *root, const char *folder, struct scan *out, struct err *err)
{
    return scan(root, folder, true, out, err);
}

void scan_release(struct scan *s)
{
    fs_list_free(s->names, s->n);
    free(s->bytes);
    *s = (struct scan){0};
}

void name_list_add(struct name_list *l, const char *name)
{
    if (l->n < NAMES_IN_A_NOTE) {
        if (l->n)
            str_add(&l->text, ", ");
        str_add(&l->text, name);
    }
    str_addf(&l->all, "%s\n", name);
    l->n++;
}

const char *name_list_text(struct name_list *l)
{
    if (l->n > NAMES_IN_A_NOTE)
        str_addf(&l->text, " and %zu more", l->n - NAMES_IN_A_NOTE);
    return str_failed(&l->text) || !l->text.s ? "" : l->text.s;
}

void name_list_release(struct name_list *l)
{
    str_release(&l->text);
    str_release(&l->all);
    *l = (struct name_list){0};
}
