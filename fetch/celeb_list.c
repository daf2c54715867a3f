#include "fetch/celeb_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/scan.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/mem.h"

#define LIST_LIMIT ((size_t)1 << 26) /* bytes */

#define PUBLISHED_PP 5418 /* videos in the list of Celeb-DF++: 178 real, 5240 fake */

/* Of the v2 list, without and with a final newline; read in 2026. */
static const char *const published_list[] = {
    "07063d46206e011aef9d1ad8d1854f5b87ae519ba6e452b897cc528c3dcfcdc0",
    "16d3931f50480cd84c83dd34351521313140635403f27c56f3665d3cfaec0050",
};

/* "YouTube-real/videos/00170.mp4" -> "youtube-real/00170"; the folders' case varies. */
static void list_key(const char *path, size_t n, struct str *out)
{
    size_t start = 0, end, i;

    str_clear(out);
    for (i = 0; i < n; i++) {
        if (path[i] != '/')
            continue;
        if (i - start != 6 || strncasecmp(path + start, "videos", 6) != 0) {
            for (; start < i; start++)
                str_add_c(out, (char)tolower((unsigned char)path[start]));
            str_add_c(out, '/');
        }
        start = i + 1;
    }
    for (end = n; end > start && path[end - 1] != '.';)
        end--;
    end = end > start ? end - 1 : n;
    str_add_n(out, path + start, end - start);
}

static int read_line(struct celeb_list *l, const char *path, size_t line, const char *text,
                     size_t n, struct str *key, struct err *err)
{
    bool real = text[0] == '1';
    size_t skip = 1;
    int known, k;

    if ((text[0] != '0' && text[0] != '1') || n < 3 || (text[1] != ' ' && text[1] != '\t'))
        return err_set(err, ERR_DATA, "'%s' line %zu: not \"0 FILE\" or \"1 FILE\"", path, line);
    while (skip < n && (text[skip] == ' ' || text[skip] == '\t'))
        skip++;
    list_key(text + skip, n - skip, key);
    if (str_failed(key))
        return err_nomem(err);
    known = symbols_find(&l->names, key->s);
    if (known >= 0 && l->real[known] != real)
        return err_set(err, ERR_DATA, "'%s' line %zu: '%.*s' has both labels", path, line,
                       (int)(n - skip), text + skip);
    k = symbols_add(&l->names, key->s);
    if (k < 0 || mem_grow(&l->real, &l->real_cap, (size_t)k + 1, sizeof(*l->real)) ||
        mem_grow(&l->seen, &l->seen_cap, (size_t)k + 1, sizeof(*l->seen)))
        return err_nomem(err);
    l->real[k] = real;
    l->seen[k] = false;
    return 0;
}

static int read_file(struct celeb_list *l, const char *path, struct catalogue *c, struct err *err)
{
    struct str key = STR_INIT;
    char *text, *p, hex[HASH_HEX];
    size_t size, line = 1;
    int r = fs_read(path, LIST_LIMIT, &text, &size, err);

    if (r)
        return r;
    l->there = true;
    for (p = text; *p && !r; line++) {
        size_t n = strcspn(p, "\n"), end = n, start = 0;

        while (end > 0 && isspace((unsigned char)p[end - 1]))
            end--;
        while (start < end && isspace((unsigned char)p[start]))
            start++;
        if (line == 1 && end - start >= 3 && memcmp(p + start, "\xef\xbb\xbf", 3) == 0)
            start += 3; /* a byte order mark */
        if (end > start)
            r = read_line(l, path, line, p + start, end - start, &key, err);
        p += n + (p[n] == '\n');
    }
    if (!r)
        r = hash_bytes(text, size, hex, err);
    /* v1 has about 100 test videos; of v2's list copies without YouTube-real (448) are about. */
    if (!r && l->names.n >= 300 && l->names.n <= 1000 && strcmp(hex, published_list[0]) != 0 &&
        strcmp(hex, published_list[1]) != 0)
        r = catalogue_note(c, err,
                           "'%s' (%d videos) differs in its bytes from the one published for v2 "
                           "(518 videos): what it does not name counts as train",
                           path, l->names.n);
    if (!r && l->names.n > 1000 && l->names.n != PUBLISHED_PP)
        r = catalogue_note(c, err, "'%s' names %d videos, Celeb-DF++'s own %d", path, l->names.n,
                           PUBLISHED_PP);
    free(text);
    str_release(&key);
    return r;
}

void celeb_list_release(struct celeb_list *l)
{
    symbols_release(&l->names);
    free(l->real);
    free(l->seen);
}

int celeb_list_read(struct celeb_list *l, const struct source *s, struct catalogue *c,
                    struct err *err)
{
    struct str path = STR_INIT;
    int r;

    if (*s->splits)
        str_add(&path, s->splits);
    else
        fs_join(s->root, CELEB_LIST, &path);
    if (str_failed(&path))
        r = err_nomem(err);
    else if (*s->splits || fs_exists(path.s))
        r = read_file(l, path.s, c, err);
    else
        r = catalogue_note(c, err, "no " CELEB_LIST ": no video is in a split");
    str_release(&path);
    return r;
}

int celeb_list_look_up(struct celeb_list *l, struct catalogue *c, struct entry *e, const char *file,
                       struct err *err)
{
    struct str key = STR_INIT;
    int k, r = 0;

    if (!l->there)
        return 0;
    list_key(file, strlen(file), &key);
    if (str_failed(&key))
        return err_nomem(err);
    k = symbols_find(&l->names, key.s);
    str_release(&key);
    e->listed = k >= 0 ? SPLIT_TEST : SPLIT_TRAIN;
    if (k < 0)
        return 0;
    l->seen[k] = true;
    if (l->real[k] == e->fake)
        r = catalogue_spoil(c, e, err, "the test list says %s, its folder %s",
                            l->real[k] ? "real" : "fake", e->fake ? "fake" : "real");
    return r;
}

int celeb_list_note_unseen(const struct celeb_list *l, struct catalogue *c, struct err *err)
{
    struct name_list missing = {0};
    int i;

    for (i = 0; i < l->names.n; i++)
        if (!l->seen[i])
            name_list_add(&missing, l->names.names[i]);
    return layout_note_names(c, &missing, "in the test list, but not there", err);
}

/* ---- names -----------------------------------------------------------------------------------*/

size_t celeb_id_at(const char *p)
{
    size_t n = 2;

    if (p[0] != 'i' || p[1] != 'd')
        return 0;
    while (isdigit((unsigned char)p[n]))
        n++;
    return n > 2 ? n : 0;
}

int celeb_person_at(struct catalogue *c, const char *p, size_t n, int *person, struct err *err)
{
    const char *name = catalogue_text(c, "%.*s", (int)n, p);

    return name ? catalogue_person(c, "", name, person, err) : err_nomem(err);
}
