#include "evaluate/feature_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rng.h"

void feature_table_release(struct feature_table *t)
{
    free(t->x);
    free(t->video);
    free(t->group);
    free(t->source);
    free(t->group_of);
    free(t->whole);
    free(t->part);
    free(t->label);
    *t = (struct feature_table){0};
}

static uint32_t identity_of(const struct video *v)
{
    return v->face_id != NAME_NONE ? v->face_id : v->context_id;
}

int feature_table_make(struct feature_table *t, const struct result *res, const struct features *f,
                       const struct feature_options *o, struct probes *out, struct err *err)
{
    const struct dataset *d = &res->data;
    uint32_t *count = mem_array(d->names.n, sizeof(*count)), *number, *dense;
    uint8_t *seen = mem_array(d->n_videos, 1);
    size_t i;
    int r = 0;

    *t = (struct feature_table){.res = res, .f = f, .o = o, .out = out};
    number = mem_array(d->names.n, sizeof(*number));
    dense = mem_array(d->n_videos, sizeof(*dense));
    t->x = mem_aligned(f->n ? f->n * f->dim : 1, sizeof(*t->x));
    t->video = mem_array(f->n, sizeof(*t->video));
    t->group = mem_array(f->n, sizeof(*t->group));
    t->source = mem_array(f->n, sizeof(*t->source));
    t->part = mem_array(f->n, 1);
    t->label = mem_array(f->n, 1);
    t->group_of = mem_array(d->n_videos, sizeof(*t->group_of));
    t->whole = mem_array(d->n_videos, sizeof(*t->whole));
    if (!count || !number || !dense || !seen || !t->x || !t->video || !t->group || !t->source ||
        !t->part || !t->label || !t->group_of || !t->whole) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < f->n; i++) {
        uint32_t v = f->video[i], id = identity_of(&d->video[v]);

        if (id != NAME_NONE && !seen[v])
            count[id]++;
        seen[v] = 1;
    }
    for (i = 0; i < d->names.n; i++)
        number[i] =
            count[i] >= 2 && t->n_groups < o->max_identities ? (uint32_t)t->n_groups++ : NAME_NONE;
    for (i = 0; i < d->n_videos; i++) {
        uint32_t id = identity_of(&d->video[i]);

        if (!seen[i] || id == NAME_NONE || number[id] == NAME_NONE)
            continue;
        dense[i] = (uint32_t)t->n_videos + 1;
        t->whole[t->n_videos] = (uint32_t)i;
        t->group_of[t->n_videos++] = number[id];
    }
    for (i = 0; i < f->n; i++) {
        uint32_t v = dense[f->video[i]];

        if (!v)
            continue;
        memcpy(t->x + t->n * f->dim, f->x + i * f->dim, f->dim * sizeof(*t->x));
        t->video[t->n] = v - 1;
        t->source[t->n] = (uint32_t)i;
        t->label[t->n] = d->video[f->video[i]].label;
        t->group[t->n++] = t->group_of[v - 1];
    }
out:
    free(count);
    free(number);
    free(dense);
    free(seen);
    if (r)
        feature_table_release(t);
    return r;
}

/* ---- halves ----------------------------------------------------------------------------------*/

/* Deals the members (numbers below n with of[i] == g) of every group g into halves, the smaller
 * one to part 0, by one stream a group. */
static void deal(const struct feature_table *t, const uint32_t *of, size_t n, size_t n_groups,
                 const char *what, uint8_t *part)
{
    size_t g, i;

    for (g = 0; g < n_groups; g++) {
        size_t left = 0, want;
        struct rng r;

        for (i = 0; i < n; i++)
            left += of[i] == g;
        want = left / 2;
        rng_init(&r, t->o->seed, (uint32_t)g, what, "probe-split");
        for (i = 0; i < n; i++)
            if (of[i] == g) {
                bool train = rng_below(&r, (uint32_t)left--) < want;

                want -= train;
                part[i] = !train;
            }
    }
}

/* Frames of a video stand anywhere among the rows: one pass with the counts of each video. */
static int deal_frames(struct feature_table *t, struct err *err)
{
    uint32_t *left = mem_array(t->n_videos, sizeof(*left)),
             *want = mem_array(t->n_videos, sizeof(*want));
    struct rng r;
    size_t i;

    if (!left || !want) {
        free(left);
        free(want);
        return err_nomem(err);
    }
    for (i = 0; i < t->n; i++)
        left[t->video[i]]++;
    for (i = 0; i < t->n_videos; i++)
        want[i] = left[i] / 2;
    rng_init(&r, t->o->seed, 0, "frames", "probe-split");
    for (i = 0; i < t->n; i++) {
        uint32_t v = t->video[i];
        bool train = rng_below(&r, left[v]--) < want[v];

        want[v] -= train;
        t->part[i] = !train;
    }
    free(left);
    free(want);
    return 0;
}

int feature_table_split(struct feature_table *t, enum feature_split how, struct err *err)
{
    size_t n = how == SPLIT_BY_VIDEO ? t->n_videos : t->res->clusters.n, i;
    uint32_t *one = mem_array(n, sizeof(*one));
    uint8_t *part = mem_array(n, 1);

    if (!one || !part) {
        free(one);
        free(part);
        return err_nomem(err);
    }
    if (how == SPLIT_BY_FRAME) {
        free(one);
        free(part);
        return deal_frames(t, err);
    }
    if (how == SPLIT_BY_COMPONENT) {
        /* Those that are there make one group, the others none. */
        memset(one, 0xff, n * sizeof(*one));
        for (i = 0; i < t->n_videos; i++)
            one[t->res->clusters.of[t->whole[i]]] = 0;
        deal(t, one, n, 1, "components", part);
        for (i = 0; i < t->n; i++)
            t->part[i] = part[t->res->clusters.of[t->whole[t->video[i]]]];
    } else {
        deal(t, t->group_of, n, t->n_groups, "videos", part);
        for (i = 0; i < t->n; i++)
            t->part[i] = part[t->video[i]];
    }
    free(one);
    free(part);
    return 0;
}

int feature_table_standard(const struct feature_table *t, float *to, double *sd, struct err *err)
{
    size_t dim = t->f->dim, i, j;
    double *mean = mem_array(dim, sizeof(*mean)), train = 0;

    if (!mean)
        return err_nomem(err);
    memset(sd, 0, dim * sizeof(*sd));
    for (i = 0; i < t->n; i++)
        if (t->part[i] == 0) {
            train++;
            for (j = 0; j < dim; j++)
                mean[j] += t->x[i * dim + j];
        }
    for (j = 0; j < dim; j++)
        mean[j] /= train;
    for (i = 0; i < t->n; i++)
        for (j = 0; j < dim && t->part[i] == 0; j++) {
            double d = t->x[i * dim + j] - mean[j];

            sd[j] += d * d;
        }
    for (j = 0; j < dim; j++)
        sd[j] = sqrt(sd[j] / train);
    for (i = 0; i < t->n; i++)
        for (j = 0; j < dim; j++)
            to[i * dim + j] = sd[j] > 0 ? (float)((t->x[i * dim + j] - mean[j]) / sd[j]) : 0;
    free(mean);
    return 0;
}

void feature_table_shuffle(const struct feature_table *t, uint32_t *group_of, uint32_t round,
                           const char *purpose)
{
    struct rng r;
    size_t i;

    rng_init(&r, t->o->seed, round, "videos", purpose);
    for (i = t->n_videos; i > 1; i--) {
        size_t j = rng_below(&r, (uint32_t)i);
        uint32_t x = group_of[i - 1];

        group_of[i - 1] = group_of[j];
        group_of[j] = x;
    }
}

struct probe *feature_table_add(struct feature_table *t, const char *name, const char *unit,
                                size_t n)
{
    struct probe *p = probe_add(t->out, name, "face", "", unit);

    if (p) {
        p->n = n;
        p->identities = t->n_groups;
    }
    return p;
}
