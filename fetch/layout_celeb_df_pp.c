/*
 * Celeb-DF++ (Li et al., 2025), which adds 22 methods to the real videos of Celeb-DF v2:
 *
 *   Celeb-real/, YouTube-real/                        as in v2
 *   Celeb-synthesis/FaceSwap/<method>/idA_idB_N.mp4   Celeb-real/idA_N with the face of B
 *   Celeb-synthesis/FaceReenact/<method>/...          A, moved by another video
 *   Celeb-synthesis/TalkingFace/<method>/...          A, moved by a voice
 *   List_of_testing_videos.txt                        as in v2
 *
 * Reenacted and talking faces are mostly cropped anew (issue 1 of the repository), so their pixels
 * are in other places than those of the real video: they have no pair.
 */
#include "fetch/layout.h"

#include <string.h>
#include <strings.h>

#include "fetch/celeb_list.h"
#include "fetch/walk.h"

#define SYNTHESIS "Celeb-synthesis"
#define REAL      "Celeb-real"
#define YOUTUBE   "YouTube-real"

static const struct category {
    const char *name;
    bool swap; /* shows the donor's face, in the frames of the real video */
} categories[] = {{"FaceSwap", true}, {"FaceReenact", false}, {"TalkingFace", false}};
#define N_CATEGORIES (sizeof(categories) / sizeof(*categories))

struct work {
    const struct source *s;
    struct catalogue *c;
    struct celeb_list list;
    const struct category *category;
};

static int visit_real(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    struct entry *e;
    size_t n;
    int r = catalogue_add(w->c, REAL, "-", NULL, v->path, v->bytes, &e, err);

    if (r)
        return r;
    n = celeb_id_at(e->name);
    if (!n || e->name[n] != '_' || !e->name[n + 1])
        r = catalogue_spoil(w->c, e, err, "the name is not idA_NUMBER");
    else
        r = celeb_person_at(w->c, e->name, n, &e->context, err);
    e->face = e->target = e->context;
    return r ? r : celeb_list_look_up(&w->list, w->c, e, v->path, err);
}

static int visit_youtube(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    struct entry *e;
    int r = catalogue_add(w->c, YOUTUBE, "-", NULL, v->path, v->bytes, &e, err);

    if (!r)
        r = catalogue_person(w->c, "youtube", e->name, &e->context, err);
    if (r)
        return r;
    e->face = e->target = e->context;
    return celeb_list_look_up(&w->list, w->c, e, v->path, err);
}

/* idA_idB_N, or idA_N where nobody else's video drives the face. */
static int describe_fake(struct work *w, struct entry *e, struct err *err)
{
    size_t a = celeb_id_at(e->name), b = a && e->name[a] == '_' ? celeb_id_at(e->name + a + 1) : 0;
    const char *number = b ? e->name + a + 1 + b : a ? e->name + a : NULL;
    int r;

    e->fake = true;
    if (!number || number[0] != '_' || !number[1] || (w->category->swap && !b))
        return catalogue_spoil(w->c, e, err, "the name is not idA_idB_NUMBER");
    if ((r = celeb_person_at(w->c, e->name, a, &e->context, err)) ||
        (b && (r = celeb_person_at(w->c, e->name + a + 1, b, &e->donor, err))))
        return r;
    e->target = e->context;
    e->face = w->category->swap ? e->donor : e->target;
    if (!w->category->swap)
        return 0;
    e->pair = catalogue_text(w->c, "%s/" REAL "/-/%.*s%s", w->c->dataset, (int)a, e->name, number);
    return e->pair ? 0 : err_nomem(err);
}

static int visit_fake(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    struct entry *e;
    int r;

    if (v->depth == 0)
        return catalogue_note(w->c, err, "'%s' is in no folder of a method", v->path);
    if (!source_wants(w->s, v->folder[0]))
        return 0;
    r = catalogue_add(w->c, v->folder[0], "-", NULL, v->path, v->bytes, &e, err);
    if (!r)
        r = describe_fake(w, e, err);
    return r ? r : celeb_list_look_up(&w->list, w->c, e, v->path, err);
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct work w = {.s = s, .c = c};
    size_t i;
    int r = celeb_list_read(&w.list, s, c, err);

    if (!r)
        r = walk_videos(s->root, REAL, 1, visit_real, &w, err);
    if (!r)
        r = walk_videos(s->root, YOUTUBE, 1, visit_youtube, &w, err);
    for (i = 0; i < N_CATEGORIES && !r; i++) {
        const char *folder = catalogue_text(c, SYNTHESIS "/%s", categories[i].name);

        w.category = &categories[i];
        if (!folder)
            r = err_nomem(err);
        else if (!walk_has(s->root, folder))
            r = catalogue_note(c, err, "no folder %s", folder);
        else
            r = walk_videos(s->root, folder, 2, visit_fake, &w, err);
    }
    if (!r)
        r = celeb_list_note_unseen(&w.list, c, err);
    celeb_list_release(&w.list);
    return r;
}

static bool looks_like(const struct source *s)
{
    return walk_has(s->root, SYNTHESIS "/FaceSwap") ||
           walk_has(s->root, SYNTHESIS "/FaceReenact") ||
           walk_has(s->root, SYNTHESIS "/TalkingFace");
}

static const struct expected expected[] = {{REAL, 590}, {YOUTUBE, 300}, {"", 0}};

const struct layout layout_celeb_df_pp = {
    .name = "celeb-df-pp",
    .help = "Celeb-DF++, with its three kinds of methods in Celeb-synthesis",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
