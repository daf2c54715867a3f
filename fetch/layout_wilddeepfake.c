/*
 * WildDeepfake (Zi et al., ACM MM 2020), its archives unpacked where they lie:
 *
 *   {real,fake}_{train,test}/<archive>/.../<sequence>/<frame>.png
 *
 * Sequences are folders of faces that are already cropped. Nobody says who is in them, nor which
 * were cut from one video; those of one archive are tied.
 */
#include "fetch/layout.h"

#include <string.h>

#include "fetch/walk.h"
#include "lib/fs.h"

static const struct part {
    const char *folder;
    bool fake;
    enum split split;
} parts[] = {
    {"real_train", false, SPLIT_TRAIN},
    {"real_test", false, SPLIT_TEST},
    {"fake_train", true, SPLIT_TRAIN},
    {"fake_test", true, SPLIT_TEST},
};
#define N_PARTS (sizeof(parts) / sizeof(*parts))

struct work {
    struct catalogue *c;
    const struct part *part;
};

static int visit(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    const char *name = w->part->folder, *archive = v->depth ? v->folder[0] : v->name;
    struct entry *e;
    int i, r;

    for (i = 0; i < v->depth && name; i++)
        name = catalogue_text(w->c, "%s_%s", name, v->folder[i]);
    name = name ? catalogue_text(w->c, "%s_%s", name, v->name) : NULL;
    archive = name ? catalogue_text(w->c, "%s_%s", w->part->folder, archive) : NULL;
    if (!archive)
        return err_nomem(err);
    r = catalogue_add(w->c, w->part->fake ? "fake" : "real", "-", name, v->path, v->bytes, &e, err);
    if (r)
        return r;
    e->fake = w->part->fake;
    e->listed = w->part->split;
    return catalogue_person(w->c, "archive", archive, &e->target, err);
}

/* The folder that holds the parts: the root, or deepfake_in_the_wild/ in it. */
static const char *base_of_parts(const struct source *s)
{
    static const char *const bases[] = {"", "deepfake_in_the_wild/"};
    size_t i, k;

    for (k = 0; k < 2; k++)
        for (i = 0; i < N_PARTS; i++) {
            struct str folder = STR_INIT;
            bool there;

            str_addf(&folder, "%s%s", bases[k], parts[i].folder);
            there = !str_failed(&folder) && walk_has(s->root, folder.s);
            str_release(&folder);
            if (there)
                return bases[k];
        }
    return NULL;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    const char *base = base_of_parts(s);
    struct work w = {.c = c};
    size_t i;
    int r = 0;

    for (i = 0; i < N_PARTS && !r; i++) {
        const char *folder = catalogue_text(c, "%s%s", base ? base : "", parts[i].folder);

        w.part = &parts[i];
        if (!folder)
            r = err_nomem(err);
        else if (!walk_has(s->root, folder))
            r = catalogue_note(c, err, "no folder %s", folder);
        else if (!parts[i].fake || source_wants(s, "fake"))
            r = walk_frames(s->root, folder, 4, visit, &w, err);
    }
    return r;
}

static bool looks_like(const struct source *s)
{
    return base_of_parts(s) != NULL;
}

static const struct expected expected[] = {{"", 7314}, {"", 0}}; /* sequences */

const struct layout layout_wilddeepfake = {
    .name = "wilddeepfake",
    .help = "WildDeepfake, its archives unpacked: folders of face pictures",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
