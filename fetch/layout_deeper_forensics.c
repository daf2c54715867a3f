/*
 * DeeperForensics-1.0 (Jiang et al., CVPR 2020):
 *
 *   manipulated_videos/<variant>/<target>_<actor>.mp4   FF++'s sequence with an actor's face
 *   lists/splits/{train,val,test}.txt                   lines <target>_<actor>.mp4
 *   source_videos/<actor>/...                           what the faces were learned from: not used
 *
 * The real videos are FF++'s: original_sequences/youtube/c23/videos/<target>.mp4 is looked for
 * below the root, where a link to FF++'s own folder does. Without it fakes have no pair.
 */
#include "fetch/layout.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/walk.h"
#include "lib/fs.h"

#define FAKES      "manipulated_videos"
#define ORIGINALS  "original_sequences/youtube/c23"
#define LIST_LIMIT ((size_t)1 << 24)

struct work {
    const struct source *s;
    struct catalogue *c;
    struct symbols listed;           /* "<target>_<actor>" */
    enum split split[4096];          /* of each */
    enum split of_target[1000];      /* by number; SPLIT_NONE = not listed */
    bool there[1000], crosses[1000]; /* real videos; targets that two splits list */
    bool lists;
};

/* The three digits of FF++'s sequences, or -1. */
static int sequence_of(const char *name)
{
    int i, n = 0;

    for (i = 0; i < 3; i++) {
        if (!isdigit((unsigned char)name[i]))
            return -1;
        n = 10 * n + name[i] - '0';
    }
    return n;
}

static int add_line(struct work *w, const char *path, size_t number, const char *line, size_t n,
                    enum split split, struct err *err)
{
    const char *name;
    int k, target;

    if (n > 4 && strncmp(line + n - 4, ".mp4", 4) == 0)
        n -= 4;
    name = catalogue_text(w->c, "%.*s", (int)n, line);
    if (!name)
        return err_nomem(err);
    target = n > 4 && name[3] == '_' ? sequence_of(name) : -1;
    if (target < 0)
        return err_set(err, ERR_DATA, "'%s' line %zu: not TARGET_ACTOR.mp4", path, number);
    k = symbols_find(&w->listed, name);
    if (k >= 0 && w->split[k] != split)
        return err_set(err, ERR_DATA, "'%s' line %zu: '%s' is in two splits", path, number, name);
    k = symbols_add(&w->listed, name);
    if (k < 0)
        return err_nomem(err);
    if ((size_t)k >= sizeof(w->split) / sizeof(*w->split))
        return err_set(err, ERR_DATA, "'%s': more than %zu names", path,
                       sizeof(w->split) / sizeof(*w->split));
    w->split[k] = split;
    w->crosses[target] |= w->of_target[target] != SPLIT_NONE && w->of_target[target] != split;
    w->of_target[target] = split;
    return 0;
}

static int read_list(struct work *w, const char *path, enum split split, struct err *err)
{
    char *text, *p;
    size_t size, number = 1;
    int r = fs_read(path, LIST_LIMIT, &text, &size, err);

    if (r)
        return r;
    w->lists = true;
    for (p = text; *p && !r; number++) {
        size_t n = strcspn(p, "\n"), end = n;

        while (end > 0 && isspace((unsigned char)p[end - 1]))
            end--;
        if (end)
            r = add_line(w, path, number, p, end, split, err);
        p += n + (p[n] == '\n');
    }
    free(text);
    return r;
}

static int read_lists(struct work *w, struct err *err)
{
    struct str folder = STR_INIT, path = STR_INIT;
    int split, r = 0;

    if (*w->s->splits)
        str_add(&folder, w->s->splits);
    else
        fs_join(w->s->root, "lists/splits", &folder);
    for (split = SPLIT_TRAIN; split <= SPLIT_TEST && !r; split++) {
        str_clear(&path);
        str_addf(&path, "%s/%s.txt", folder.s ? folder.s : "", split_names[split]);
        if (str_failed(&path) || str_failed(&folder))
            r = err_nomem(err);
        else if (fs_exists(path.s))
            r = read_list(w, path.s, (enum split)split, err);
    }
    if (!r && !w->lists)
        r = catalogue_note(w->c, err,
                           "no lists/splits/train.txt, val.txt, test.txt: no video is in a split");
    str_release(&folder);
    str_release(&path);
    return r;
}

static int visit_original(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    int sequence = strlen(v->name) == 7 ? sequence_of(v->name) : -1, r;
    struct entry *e;

    if (sequence < 0)
        return 0;
    r = catalogue_add(w->c, "original", "c23", NULL, v->path, v->bytes, &e, err);
    if (!r)
        r = catalogue_person(w->c, "", e->name, &e->context, err);
    if (r)
        return r;
    e->face = e->target = e->context;
    e->listed = w->crosses[sequence] ? SPLIT_NONE : w->of_target[sequence];
    w->there[sequence] = true;
    return 0;
}

static int visit_fake(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    struct entry *e;
    const char *target;
    int sequence, k, r;

    if (v->depth == 0)
        return catalogue_note(w->c, err, "'%s' is in no folder of a variant", v->path);
    if (!source_wants(w->s, v->folder[0]))
        return 0;
    r = catalogue_add(w->c, v->folder[0], "-", NULL, v->path, v->bytes, &e, err);
    if (r)
        return r;
    e->fake = true;
    sequence = strlen(e->name) > 4 && e->name[3] == '_' ? sequence_of(e->name) : -1;
    if (sequence < 0)
        return catalogue_spoil(w->c, e, err, "the name is not TARGET_ACTOR");
    target = catalogue_text(w->c, "%.3s", e->name);
    if (!target)
        return err_nomem(err);
    if ((r = catalogue_person(w->c, "", target, &e->context, err)) ||
        (r = catalogue_person(w->c, "actor", e->name + 4, &e->donor, err)))
        return r;
    e->target = e->context;
    e->face = e->donor;
    k = symbols_find(&w->listed, e->name);
    e->listed = k >= 0 ? w->split[k] : SPLIT_NONE;
    if (w->there[sequence])
        e->pair = catalogue_text(w->c, "%s/original/c23/%s", w->c->dataset, target);
    return w->there[sequence] && !e->pair ? err_nomem(err) : 0;
}

/* Notes what the lists promise and one variant, videos lo .. hi-1, does not have, and what it has
 * besides. */
static int compare_variant(struct work *w, size_t lo, size_t hi, struct err *err)
{
    struct name_list missing = {0}, extra = {0};
    bool seen[sizeof(w->split) / sizeof(*w->split)] = {false};
    const char *method = w->c->videos[lo].method;
    const char *absent = catalogue_text(w->c, "%s: listed, but not there", method);
    const char *unknown = catalogue_text(w->c, "%s: in no split", method);
    int k, r = absent && unknown ? 0 : err_nomem(err);

    for (; lo < hi; lo++) {
        k = symbols_find(&w->listed, w->c->videos[lo].name);
        if (k >= 0)
            seen[k] = true;
        else
            name_list_add(&extra, w->c->videos[lo].name);
    }
    for (k = 0; k < w->listed.n; k++)
        if (!seen[k])
            name_list_add(&missing, w->listed.names[k]);
    if (!r)
        r = layout_note_names(w->c, &missing, absent, err);
    if (!r)
        r = layout_note_names(w->c, &extra, unknown, err);
    name_list_release(&missing);
    name_list_release(&extra);
    return r;
}

/* In the order they were added, the videos of one variant stand together. */
static int compare_with_lists(struct work *w, struct err *err)
{
    size_t lo, hi, n = w->c->n;
    int r = 0;

    for (lo = 0; lo < n && !r; lo = hi) {
        for (hi = lo; hi < n && strcmp(w->c->videos[hi].method, w->c->videos[lo].method) == 0;)
            hi++;
        if (w->c->videos[lo].fake)
            r = compare_variant(w, lo, hi, err);
    }
    return r;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct work w = {.s = s, .c = c};
    int r = read_lists(&w, err);

    if (!r && !walk_has(s->root, ORIGINALS))
        r = catalogue_note(c, err,
                           "no " ORIGINALS ": the real videos are FF++'s; link FF++'s "
                           "original_sequences into the root");
    if (!r)
        r = walk_videos(s->root, ORIGINALS, 1, visit_original, &w, err);
    if (!r)
        r = walk_videos(s->root, FAKES, 2, visit_fake, &w, err);
    if (!r && w.lists)
        r = compare_with_lists(&w, err);
    symbols_release(&w.listed);
    return r;
}

static bool looks_like(const struct source *s)
{
    return walk_has(s->root, FAKES);
}

static const struct expected expected[] = {{"end_to_end", 1000}, {"", 0}};

const struct layout layout_deeper_forensics = {
    .name = "deeper-forensics",
    .help = "DeeperForensics-1.0, with FF++'s original_sequences beside it",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
