/*
 * Celeb-DF v1 and v2 (Li et al., CVPR 2020):
 *
 *   Celeb-real/id<A>_<n>.mp4             person A
 *   YouTube-real/<n>.mp4                 unknown people
 *   Celeb-synthesis/id<A>_id<B>_<n>.mp4  Celeb-real/id<A>_<n> with the face of B
 *   List_of_testing_videos.txt           lines "LABEL FOLDER/FILE.mp4" where 1 is REAL and 0 FAKE
 *
 * with or without a level videos/ in each folder. What the list does not name is for training. The
 * author in issue 6 of the repository: the first id is the original, the second the swapped one.
 */
#include "fetch/layout.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/scan.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/mem.h"

#define CELEB_REAL   "Celeb-real"
#define YOUTUBE_REAL "YouTube-real"
#define SYNTHESIS    "Celeb-synthesis"
#define LIST         "List_of_testing_videos.txt"
#define LIST_LIMIT   ((size_t)1 << 26) /* bytes */

/* Of the v2 list, without and with a final newline; read in 2026. */
static const char *const published_list[] = {
    "07063d46206e011aef9d1ad8d1854f5b87ae519ba6e452b897cc528c3dcfcdc0",
    "16d3931f50480cd84c83dd34351521313140635403f27c56f3665d3cfaec0050",
};

/* The test list: "FOLDER/NAME" without suffix and without a level videos/. */
struct test_list {
    struct symbols names;
    bool *real, *seen; /* by name */
    size_t real_cap, seen_cap;
    bool there;
};

/* ---- the test list ---------------------------------------------------------------------------*/

/* "YouTube-real/videos/00170.mp4" -> "youtube-real/00170"; the folder's case varies. */
static void list_key(const char *path, size_t n, struct str *out)
{
    size_t folder = 0, base = 0, end, i;

    for (i = 0; i < n; i++)
        if (path[i] == '/') {
            if (!folder)
                folder = i;
            base = i + 1;
        }
    for (end = n; end > base && path[end - 1] != '.';)
        end--;
    end = end > base ? end - 1 : n;
    str_clear(out);
    for (i = 0; i < folder; i++)
        str_add_c(out, (char)tolower((unsigned char)path[i]));
    str_add_c(out, '/');
    str_add_n(out, path + base, end - base);
}

static int read_line(struct test_list *l, const char *path, size_t line, const char *text, size_t n,
                     struct str *key, struct err *err)
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

static int read_list(struct test_list *l, const char *path, struct catalogue *c, struct err *err)
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
    if (!r && l->names.n >= 450 && strcmp(hex, published_list[0]) != 0 &&
        strcmp(hex, published_list[1]) != 0)
        r = catalogue_note(c, err,
                           "'%s' (%d videos) differs in its bytes from the one published for v2 "
                           "(518 videos)",
                           path, l->names.n);
    free(text);
    str_release(&key);
    return r;
}

static void test_list_release(struct test_list *l)
{
    symbols_release(&l->names);
    free(l->real);
    free(l->seen);
}

/* ---- names -----------------------------------------------------------------------------------*/

/* "id16" at p: its length, or 0. */
static size_t id_at(const char *p)
{
    size_t n = 2;

    if (p[0] != 'i' || p[1] != 'd')
        return 0;
    while (isdigit((unsigned char)p[n]))
        n++;
    return n > 2 ? n : 0;
}

static int person_at(struct catalogue *c, const char *p, size_t n, int *person, struct err *err)
{
    const char *name = catalogue_text(c, "%.*s", (int)n, p);

    return name ? catalogue_person(c, "", name, person, err) : err_nomem(err);
}

static int describe_celeb(struct catalogue *c, struct entry *e, struct err *err)
{
    size_t n = id_at(e->name);
    int r;

    if (!n || e->name[n] != '_' || !e->name[n + 1])
        return catalogue_spoil(c, e, err, "the name is not idA_NUMBER");
    r = person_at(c, e->name, n, &e->context, err);
    e->face = e->target = e->context;
    return r;
}

/* Nobody says who is in these, so each is a person of its own. */
static int describe_youtube(struct catalogue *c, struct entry *e, struct err *err)
{
    int r = catalogue_person(c, "youtube", e->name, &e->context, err);

    e->face = e->target = e->context;
    return r;
}

static int describe_synthesis(struct catalogue *c, struct entry *e, struct err *err)
{
    size_t a = id_at(e->name), b = a && e->name[a] == '_' ? id_at(e->name + a + 1) : 0;
    const char *number = b ? e->name + a + 1 + b : NULL;
    int r;

    e->fake = true;
    if (!number || number[0] != '_' || !number[1])
        return catalogue_spoil(c, e, err, "the name is not idA_idB_NUMBER");
    if ((r = person_at(c, e->name, a, &e->context, err)) ||
        (r = person_at(c, e->name + a + 1, b, &e->donor, err)))
        return r;
    e->target = e->context;
    e->face = e->donor;
    e->pair = catalogue_text(c, "%s/" CELEB_REAL "/-/%.*s%s", c->dataset, (int)a, e->name, number);
    return e->pair ? 0 : err_nomem(err);
}

static const struct folder {
    const char *method;
    int (*describe)(struct catalogue *c, struct entry *e, struct err *err);
} folders[] = {
    {CELEB_REAL, describe_celeb},
    {YOUTUBE_REAL, describe_youtube},
    {SYNTHESIS, describe_synthesis},
};

/* ---- the layout ------------------------------------------------------------------------------*/

/* The split, and whether the list agrees with the folder about the label. */
static int look_up(struct test_list *l, struct catalogue *c, struct entry *e, struct str *key,
                   struct err *err)
{
    int k;

    if (!l->there)
        return 0;
    str_clear(key);
    str_addf(key, "%s/%s.x", e->method, e->name);
    if (!str_failed(key)) {
        const char *path = catalogue_text(c, "%s", key->s);

        if (path)
            list_key(path, strlen(path), key);
        else
            key->oom = true;
    }
    if (str_failed(key))
        return err_nomem(err);
    k = symbols_find(&l->names, key->s);
    e->listed = k >= 0 ? SPLIT_TEST : SPLIT_TRAIN;
    if (k < 0)
        return 0;
    l->seen[k] = true;
    if (l->real[k] == e->fake)
        return catalogue_spoil(c, e, err, "the test list says %s, its folder %s",
                               l->real[k] ? "real" : "fake", e->fake ? "fake" : "real");
    return 0;
}

static int add_folder(const struct source *s, struct catalogue *c, const struct folder *f,
                      const char *name, struct test_list *l, struct err *err)
{
    struct str folder = STR_INIT, file = STR_INIT;
    struct scan scan = {0};
    size_t i;
    int r = 0;

    str_addf(&folder, "%s/videos", name);
    fs_join(s->root, folder.s ? folder.s : "", &file);
    if (str_failed(&folder) || str_failed(&file)) {
        r = err_nomem(err);
        goto out;
    }
    if (!fs_is_folder(file.s)) {
        str_clear(&folder);
        str_add(&folder, name);
    }
    r = scan_videos(s->root, folder.s, &scan, err);
    for (i = 0; i < scan.n && !r; i++) {
        struct entry *e;

        str_clear(&file);
        str_addf(&file, "%s/%s", folder.s, scan.names[i]);
        if (str_failed(&file)) {
            r = err_nomem(err);
            break;
        }
        if ((r = catalogue_add(c, f->method, "-", NULL, file.s, scan.bytes[i], &e, err)) ||
            (r = f->describe(c, e, err)))
            break;
        r = look_up(l, c, e, &file, err);
    }
out:
    scan_release(&scan);
    str_release(&folder);
    str_release(&file);
    return r;
}

/* The name of a folder of the root, whatever its case ("Youtube-real" is about); NULL if none. */
static const char *find_folder(const struct scan *top, const char *method)
{
    size_t i;

    for (i = 0; i < top->n; i++)
        if (strcasecmp(top->names[i], method) == 0)
            return top->names[i];
    return NULL;
}

static int note_unseen(const struct test_list *l, struct catalogue *c, struct err *err)
{
    struct name_list missing = {0};
    int i;

    for (i = 0; i < l->names.n; i++)
        if (!l->seen[i])
            name_list_add(&missing, l->names.names[i]);
    return layout_note_names(c, &missing, "in the test list, but not there", err);
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct test_list l = {0};
    struct scan top = {0};
    struct str path = STR_INIT;
    size_t i;
    int r;

    if (*s->splits)
        str_add(&path, s->splits);
    else
        fs_join(s->root, LIST, &path);
    if (str_failed(&path)) {
        r = err_nomem(err);
        goto out;
    }
    if (*s->splits || fs_exists(path.s))
        r = read_list(&l, path.s, c, err);
    else
        r = catalogue_note(c, err, "no " LIST ": no video is in a split");
    if (!r)
        r = scan_folders(s->root, "", &top, err);
    for (i = 0; i < sizeof(folders) / sizeof(*folders) && !r; i++) {
        const char *name = find_folder(&top, folders[i].method);

        if (name && (folders[i].describe != describe_synthesis || source_wants(s, SYNTHESIS)))
            r = add_folder(s, c, &folders[i], name, &l, err);
        else if (!name)
            r = catalogue_note(c, err, "no folder %s", folders[i].method);
    }
    if (!r)
        r = note_unseen(&l, c, err);
out:
    test_list_release(&l);
    scan_release(&top);
    str_release(&path);
    return r;
}

static bool looks_like(const struct source *s)
{
    struct err err = {0};
    struct scan top;
    bool yes;

    if (scan_folders(s->root, "", &top, &err))
        return false;
    yes = find_folder(&top, CELEB_REAL) || find_folder(&top, SYNTHESIS);
    scan_release(&top);
    return yes;
}

/* v2, then v1. */
static const struct expected expected[] = {
    {CELEB_REAL, 590},   {YOUTUBE_REAL, 300}, {SYNTHESIS, 5639}, {CELEB_REAL, 158},
    {YOUTUBE_REAL, 250}, {SYNTHESIS, 795},    {NULL, 0},
};

const struct layout layout_celeb_df = {
    .name = "celeb-df",
    .help = "Celeb-DF v1 or v2, with List_of_testing_videos.txt",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
