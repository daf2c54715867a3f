/*
 * UADFV (Yang et al., ICASSP 2019): real/NNNN.mp4 and fake/NNNN_fake.mp4, made from it.
 *
 * Nobody says who is in them: each real video is taken as a person of its own, whose video the fake
 * is; whose face the fake shows is not known.
 */
#include "fetch/layout.h"

#include <string.h>

#include "fetch/walk.h"

#define REAL   "real"
#define FAKE   "fake"
#define SUFFIX "_fake"

static int visit_real(void *ctx, const struct walk_video *v, struct err *err)
{
    struct catalogue *c = ctx;
    struct entry *e;
    int r = catalogue_add(c, REAL, "-", NULL, v->path, v->bytes, &e, err);

    if (!r)
        r = catalogue_person(c, "clip", e->name, &e->context, err);
    if (!r)
        e->face = e->target = e->context;
    return r;
}

static int visit_fake(void *ctx, const struct walk_video *v, struct err *err)
{
    struct catalogue *c = ctx;
    const char *target;
    struct entry *e;
    size_t n;
    int r = catalogue_add(c, FAKE, "-", NULL, v->path, v->bytes, &e, err);

    if (r)
        return r;
    e->fake = true;
    n = strlen(e->name);
    if (n <= strlen(SUFFIX) || strcmp(e->name + n - strlen(SUFFIX), SUFFIX) != 0)
        return catalogue_spoil(c, e, err, "the name is not NUMBER" SUFFIX);
    target = catalogue_text(c, "%.*s", (int)(n - strlen(SUFFIX)), e->name);
    e->pair = target ? catalogue_text(c, "%s/" REAL "/-/%s", c->dataset, target) : NULL;
    if (!e->pair)
        return err_nomem(err);
    r = catalogue_person(c, "clip", target, &e->context, err);
    e->target = e->context;
    return r;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    int r = walk_videos(s->root, REAL, 1, visit_real, c, err);

    if (!r && source_wants(s, FAKE))
        r = walk_videos(s->root, FAKE, 1, visit_fake, c, err);
    return r;
}

struct search {
    bool found;
};

static int look(void *ctx, const struct walk_video *v, struct err *err)
{
    (void)err;
    ((struct search *)ctx)->found |= strstr(v->name, SUFFIX ".") != NULL;
    return 0;
}

static bool looks_like(const struct source *s)
{
    struct search search = {0};
    struct err err = {0};

    return walk_has(s->root, REAL) && walk_videos(s->root, FAKE, 1, look, &search, &err) == 0 &&
           search.found;
}

static const struct expected expected[] = {{REAL, 49}, {FAKE, 49}, {"", 0}};

const struct layout layout_uadfv = {
    .name = "uadfv",
    .help = "UADFV: real/NNNN.mp4 and fake/NNNN_fake.mp4",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
