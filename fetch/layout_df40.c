/*
 * DF40 (Yan et al., NeurIPS 2024 data sets): 40 methods applied to frames of FF++ and Celeb-DF.
 *
 *   DF40/<method>/{ff,cdf}/[frames/]<video>/<frame>.png      for testing
 *   DF40/<method>/{fake,real}/...                            nine methods bring reals of their own
 *   DF40_train/<method>/ff/...                               for training
 *
 * The root is the folder above DF40, or DF40 itself. Videos are folders of frames. FF++'s and
 * Celeb-DF's names say who is tied to whom; whose face a method shows is not told, so face_id is
 * missing, and the real frames are FF++'s and Celeb-DF's own, so fakes have no pair.
 */
#include "fetch/layout.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "fetch/celeb_list.h"
#include "fetch/walk.h"

#define TEST  "DF40"
#define TRAIN "DF40_train"

struct work {
    const struct source *s;
    struct catalogue *c;
    enum split split;
    size_t odd; /* folders in another place */
};

static const char *const kinds[] = {"ff", "cdf", "fake", "real"};
#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

static bool digits_to(const char *from, const char *to)
{
    const char *p;

    for (p = from; p < to; p++)
        if (!isdigit((unsigned char)*p))
            return false;
    return to > from;
}

/* FF++: 000 or 000_003. Celeb-DF: id0_0000 or id0_id1_0000. Else nobody is known. */
static int describe(struct work *w, struct entry *e, const char *kind, const char *name,
                    struct err *err)
{
    const char *end = name + strlen(name), *bar = strchr(name, '_');
    size_t a = celeb_id_at(name), b = a && name[a] == '_' ? celeb_id_at(name + a + 1) : 0;
    int r;

    if (a) {
        r = celeb_person_at(w->c, name, a, &e->context, err);
        if (!r && b)
            r = celeb_person_at(w->c, name + a + 1, b, &e->donor, err);
    } else if (digits_to(name, bar ? bar : end) && (!bar || digits_to(bar + 1, end)) &&
               strcmp(kind, "cdf") != 0) {
        const char *target = catalogue_text(w->c, "%.*s", (int)((bar ? bar : end) - name), name);

        r = target ? catalogue_person(w->c, "", target, &e->context, err) : err_nomem(err);
        if (!r && bar)
            r = catalogue_person(w->c, "", bar + 1, &e->donor, err);
    } else {
        return catalogue_person(w->c, kind, name, &e->target, err);
    }
    e->target = e->context;
    if (!e->fake)
        e->face = e->context;
    return r;
}

/* v->folder: <method>/<kind>, and whatever else stands above the video. */
static int visit(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    const char *method, *kind, *name, *base;
    struct entry *e;
    size_t k;
    int i, r;

    for (k = 0; v->depth >= 2 && k < N_KINDS && strcasecmp(v->folder[1], kinds[k]) != 0;)
        k++;
    if (v->depth < 2 || k == N_KINDS) {
        w->odd++;
        return 0;
    }
    method = v->folder[0];
    kind = kinds[k];
    if (!source_wants(w->s, method))
        return 0;
    /* Unique in a method: of which kind and part it is stands in the name. */
    name = catalogue_text(w->c, "%s%s", w->split == SPLIT_TRAIN ? "train_" : "", kind);
    for (i = 2; i < v->depth && name; i++)
        name = catalogue_text(w->c, "%s_%s", name, v->folder[i]);
    name = name ? catalogue_text(w->c, "%s_%s", name, v->name) : NULL;
    base = catalogue_text(w->c, "%s", v->name);
    if (!name || !base)
        return err_nomem(err);
    r = catalogue_add(w->c, method, "-", name, v->path, v->bytes, &e, err);
    if (r)
        return r;
    e->fake = strcmp(kind, "real") != 0;
    e->listed = w->split;
    return describe(w, e, kind, base, err);
}

/* Methods lie in DF40/ and DF40_train/, or in the root if it is one of them. */
static const char *test_folder(const struct source *s)
{
    return walk_has(s->root, TEST) ? TEST : walk_has(s->root, TRAIN) ? NULL : "";
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct work w = {.s = s, .c = c, .split = SPLIT_TEST};
    const char *folder = test_folder(s), *base = strrchr(s->root, '/');
    int r = 0;

    if (folder && !*folder && strcmp(base ? base + 1 : s->root, TRAIN) == 0)
        w.split = SPLIT_TRAIN;
    if (folder)
        r = walk_frames(s->root, folder, 5, visit, &w, err);
    w.split = SPLIT_TRAIN;
    if (!r)
        r = walk_frames(s->root, TRAIN, 5, visit, &w, err);
    if (!r && w.odd)
        r = catalogue_note(c, err, "%zu folders of pictures are not in <method>/{ff,cdf,fake,real}",
                           w.odd);
    return r;
}

struct search {
    bool found;
};

static int look(void *ctx, const struct walk_video *v, struct err *err)
{
    size_t k;

    (void)err;
    for (k = 0; v->depth >= 2 && k < 2; k++)
        ((struct search *)ctx)->found |= strcmp(v->folder[1], kinds[k]) == 0;
    return 0;
}

static bool looks_like(const struct source *s)
{
    struct search search = {0};
    struct err err = {0};

    if (walk_has(s->root, TEST) || walk_has(s->root, TRAIN))
        return true;
    return walk_frames(s->root, "", 3, look, &search, &err) == 0 && search.found;
}

const struct layout layout_df40 = {
    .name = "df40",
    .help = "DF40: folders of frames by method",
    .looks_like = looks_like,
    .fill = fill,
};
