#include "evaluate/probe_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/dist.h"
#include "evaluate/pairs.h"
#include "evaluate/probe_methods.h"
#include "lib/mem.h"
#include "lib/rng.h"

#define CONTROLS 5 /* random erasures of the same size */

/* The rows that take part, with dense videos and identities. */
struct table {
    const struct result *res;
    const struct features *f;
    const struct feature_options *o;
    struct probes *out;
    size_t n, n_videos, n_groups;
    float *x;                /* (n, dim), owned */
    uint32_t *video, *group; /* of each row */
    uint32_t *group_of;      /* of each dense video */
    uint32_t *whole;         /* of each dense video: its index in the data set */
    uint8_t *part;           /* of each row: 0 train, 1 test */
    uint8_t *part_of;        /* of each dense video */
};

static void table_release(struct table *t)
{
    free(t->x);
    free(t->video);
    free(t->group);
    free(t->group_of);
    free(t->whole);
    free(t->part);
    free(t->part_of);
}

static uint32_t identity_of(const struct video *v)
{
    return v->face_id != NAME_NONE ? v->face_id : v->context_id;
}

/* Identities with two or more videos that have features, at most max_identities of them. */
static int table_make(struct table *t, size_t most, struct err *err)
{
    const struct dataset *d = &t->res->data;
    const struct features *f = t->f;
    uint32_t *count = mem_array(d->names.n, sizeof(*count)), *number = NULL, *dense = NULL;
    uint8_t *seen = mem_array(d->n_videos, 1);
    size_t i;

    number = mem_array(d->names.n, sizeof(*number));
    dense = mem_array(d->n_videos, sizeof(*dense));
    t->x = mem_aligned(f->n ? f->n * f->dim : 1, sizeof(*t->x));
    t->video = mem_array(f->n, sizeof(*t->video));
    t->group = mem_array(f->n, sizeof(*t->group));
    t->part = mem_array(f->n, 1);
    t->group_of = mem_array(d->n_videos, sizeof(*t->group_of));
    t->whole = mem_array(d->n_videos, sizeof(*t->whole));
    t->part_of = mem_array(d->n_videos, 1);
    if (!count || !number || !dense || !seen || !t->x || !t->video || !t->group || !t->part ||
        !t->group_of || !t->whole || !t->part_of) {
        free(count);
        free(number);
        free(dense);
        free(seen);
        return err_nomem(err);
    }
    for (i = 0; i < f->n; i++) {
        uint32_t v = f->video[i], id = identity_of(&d->video[v]);

        if (id != NAME_NONE && !seen[v])
            count[id]++;
        seen[v] = 1;
    }
    for (i = 0; i < d->names.n; i++)
        number[i] = count[i] >= 2 && t->n_groups < most ? (uint32_t)t->n_groups++ : NAME_NONE;
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
        t->group[t->n++] = t->group_of[v - 1];
    }
    free(count);
    free(number);
    free(dense);
    free(seen);
    return 0;
}

/* Half of each identity's videos to train, the rest to test, drawn by the seed. */
static void split(struct table *t)
{
    size_t g, v, i;

    for (g = 0; g < t->n_groups; g++) {
        size_t left = 0, want;
        struct rng r;

        for (v = 0; v < t->n_videos; v++)
            left += t->group_of[v] == g;
        want = left / 2;
        rng_init(&r, t->o->seed, (uint32_t)g, "videos", "probe-split");
        for (v = 0; v < t->n_videos; v++)
            if (t->group_of[v] == g) {
                bool train = rng_below(&r, (uint32_t)left--) < want;

                want -= train;
                t->part_of[v] = !train;
            }
    }
    for (i = 0; i < t->n; i++)
        t->part[i] = t->part_of[t->video[i]];
}

static void shuffle(uint32_t *group_of, size_t n, const struct table *t, uint32_t round,
                    const char *purpose)
{
    struct rng r;
    size_t i;

    rng_init(&r, t->o->seed, round, "videos", purpose);
    for (i = n; i > 1; i--) {
        size_t j = rng_below(&r, (uint32_t)i);
        uint32_t x = group_of[i - 1];

        group_of[i - 1] = group_of[j];
        group_of[j] = x;
    }
}

static struct probe *add(struct table *t, const char *name, const char *unit, size_t n)
{
    struct probe *p = probe_add(t->out, name, "face", "", unit);

    if (p) {
        p->n = n;
        p->identities = t->n_groups;
    }
    return p;
}

/* ---- linear probe ----------------------------------------------------------------------------*/

/* Mean over the test frames of a - b, with limits over videos (a ratio's linearised variance). */
static void over_videos(const struct table *t, const uint8_t *a, const uint8_t *b, struct probe *p)
{
    double *sum = mem_array(t->n_videos, sizeof(*sum)), *n = mem_array(t->n_videos, sizeof(*n));
    double total = 0, frames = 0, videos = 0, v2 = 0, half;
    size_t i;

    for (i = 0; sum && n && i < t->n; i++)
        if (t->part[i] == 1) {
            double d = (double)a[i] - (b ? b[i] : 0);

            sum[t->video[i]] += d;
            n[t->video[i]]++;
            total += d;
            frames++;
        }
    p->value = frames > 0 ? total / frames : NAN;
    p->n = (size_t)frames;
    for (i = 0; sum && n && i < t->n_videos; i++)
        if (n[i] > 0) {
            double e = sum[i] - n[i] * p->value;

            v2 += e * e;
            videos++;
        }
    if (videos >= 2) {
        half = dist_t_quantile(0.975, videos - 1) * sqrt(videos / (videos - 1) * v2) / frames;
        p->lo = fmax(b ? -1 : 0, p->value - half);
        p->hi = fmin(1, p->value + half);
    }
    free(sum);
    free(n);
}

static int probe_by_line(struct table *t, struct err *err)
{
    struct linear_options o = {t->o->lambda, t->o->iterations};
    uint8_t *right = mem_array(t->n, 1), *control = mem_array(t->n, 1);
    uint32_t *drawn = mem_array(t->n_videos, sizeof(*drawn)),
             *label = mem_array(t->n, sizeof(*label));
    double train, train_control, ce, ce_control, majority = 0, entropy = 0, tests = 0;
    double *share = mem_array(t->n_groups, sizeof(*share));
    struct probe *p;
    size_t i;
    int r = right && control && drawn && label && share ? 0 : err_nomem(err);

    if (!r)
        r = linear_probe(t->x, t->n, t->f->dim, t->group, t->n_groups, t->part, &o, right, &train,
                         &ce, err);
    if (!r) {
        /* Hewitt & Liang 2019: the type is the video; each gets an identity of the same prior. */
        memcpy(drawn, t->group_of, t->n_videos * sizeof(*drawn));
        shuffle(drawn, t->n_videos, t, 0, "control");
        for (i = 0; i < t->n; i++)
            label[i] = drawn[t->video[i]];
        r = linear_probe(t->x, t->n, t->f->dim, label, t->n_groups, t->part, &o, control,
                         &train_control, &ce_control, err);
    }
    for (i = 0; !r && i < t->n; i++)
        if (t->part[i] == 1) {
            share[t->group[i]]++;
            tests++;
        }
    for (i = 0; !r && i < t->n_groups; i++) {
        majority = fmax(majority, share[i] / tests);
        entropy -= share[i] > 0 ? share[i] / tests * log(share[i] / tests) : 0;
    }
    if (!r && (p = add(t, "linear_probe_accuracy", "frames", 0))) {
        over_videos(t, right, NULL, p);
        p->chance = majority;
        probe_about(p,
                    "multinomial logistic on frozen features, L2 %g, half of each identity's "
                    "videos train, half test; train accuracy %.3f; chance is the majority, "
                    "uniform 1/%zu; limits over test videos",
                    o.lambda, train, t->n_groups);
    } else if (!r) {
        r = err_nomem(err);
    }
    if (!r && (p = add(t, "linear_probe_control", "frames", 0))) {
        over_videos(t, control, NULL, p);
        p->chance = 1.0 / (double)t->n_groups;
        probe_about(p,
                    "the same probe on identities dealt to the videos at random (Hewitt & Liang "
                    "2019); train accuracy %.3f shows what it can memorise",
                    train_control);
    }
    if (!r && (p = add(t, "linear_probe_selectivity", "frames", 0))) {
        over_videos(t, right, control, p);
        p->chance = 0;
        probe_about(p, "accuracy minus control accuracy: what the features, not the probe, know");
    }
    if (!r && (p = add(t, "identity_information", "frames", (size_t)tests))) {
        p->value_unit = "nats";
        p->value = entropy - ce;
        p->chance = 0;
        probe_about(p,
                    "entropy of identity in the test frames (%.3f nats) minus the probe's cross "
                    "entropy: a lower bound of the information; negative = the bound is empty",
                    entropy);
    }
    free(right);
    free(control);
    free(drawn);
    free(label);
    free(share);
    return r;
}

/* ---- neighbours ------------------------------------------------------------------------------*/

/* Share of the queries (frames whose identity has another video) whose nearest is of it. */
static double rank1(const struct table *t, const uint32_t *nearest, const uint32_t *group_of,
                    const uint32_t *videos_of_group)
{
    double hits = 0, n = 0;
    size_t i;

    for (i = 0; i < t->n; i++) {
        uint32_t g = group_of[t->video[i]];

        if (nearest[i] == UINT32_MAX || videos_of_group[g] < 2)
            continue;
        n++;
        hits += group_of[t->video[nearest[i]]] == g;
    }
    return n > 0 ? hits / n : NAN;
}

static int probe_by_neighbour(struct table *t, struct err *err)
{
    uint32_t *nearest = mem_array(t->n, sizeof(*nearest));
    uint32_t *group_of = mem_array(t->n_videos, sizeof(*group_of));
    uint32_t *videos_of = mem_array(t->n_groups, sizeof(*videos_of));
    double *of_video = mem_array(t->n_videos, sizeof(double));
    double *of_group = mem_array(t->n_groups, sizeof(double));
    double verification, genuine, chance = 0, value;
    size_t i, b, more = 0;
    struct probe *p;
    int r = nearest && group_of && videos_of && of_video && of_group ? 0 : err_nomem(err);

    if (!r)
        r = neighbours(t->x, t->n, t->f->dim, t->video, t->group, nearest, &verification, &genuine,
                       err);
    for (i = 0; !r && i < t->n; i++) {
        of_video[t->video[i]]++;
        of_group[t->group[i]]++;
    }
    for (i = 0; !r && i < t->n; i++)
        chance += (of_group[t->group[i]] - of_video[t->video[i]]) /
                  ((double)t->n - of_video[t->video[i]]) / (double)t->n;
    for (i = 0; !r && i < t->n_videos; i++)
        videos_of[t->group_of[i]]++;
    if (!r) {
        value = rank1(t, nearest, t->group_of, videos_of);
        memcpy(group_of, t->group_of, t->n_videos * sizeof(*group_of));
        for (b = 0; b < t->o->permutations; b++) {
            shuffle(group_of, t->n_videos, t, (uint32_t)b, "neighbours");
            more += rank1(t, nearest, group_of, videos_of) >= value;
        }
        p = add(t, "retrieval_rank1", "frames", t->n);
        if (p) {
            p->value = value;
            p->chance = chance;
            if (t->o->permutations)
                p->p = ((double)more + 1) / ((double)t->o->permutations + 1);
            probe_about(p, "share of frames whose cosine nearest neighbour, own video left out, is "
                           "of the same identity; no training; p by dealing identities to videos");
        } else {
            r = err_nomem(err);
        }
    }
    if (!r && (p = add(t, "verification_auc", "frame pairs", (size_t)genuine))) {
        p->value = verification;
        p->chance = 0.5;
        probe_about(p, "AUC of cosine similarity as a test of same identity, over pairs of frames "
                       "of different videos; n counts the genuine pairs");
        if (isnan(verification))
            probe_undefined(p, "no pairs of both kinds");
    }
    free(nearest);
    free(group_of);
    free(videos_of);
    free(of_video);
    free(of_group);
    return r;
}

/* ---- erasure ---------------------------------------------------------------------------------*/

static int scored_after(const struct table *t, const uint32_t *group, const uint8_t *label,
                        float *x, double *score, size_t *rank, struct err *err)
{
    int r = 0;

    memcpy(x, t->x, t->n * t->f->dim * sizeof(*x));
    if (group)
        r = erase_groups(x, t->n, t->f->dim, group, t->n_groups, label, t->part, rank, err);
    return r ? r : discriminant(x, t->n, t->f->dim, label, t->part, score, err);
}

/* What is left of the test rows. */
static size_t tests_of(const struct table *t, const double *score, const uint8_t *label, double *to,
                       uint8_t *y, uint32_t *cluster)
{
    size_t i, n = 0;

    for (i = 0; i < t->n; i++)
        if (t->part[i] == 1) {
            to[n] = score[i];
            if (y) {
                y[n] = label[i];
                cluster[n] = t->res->clusters.of[t->whole[t->video[i]]];
            }
            n++;
        }
    return n;
}

static int probe_by_erasing(struct table *t, struct err *err)
{
    float *x = mem_aligned(t->n * t->f->dim, sizeof(*x));
    double *score = mem_array(t->n, sizeof(*score)), *before = mem_array(t->n, sizeof(*before));
    double *after = mem_array(t->n, sizeof(*after)), control = 0;
    uint8_t *label = mem_array(t->n, 1), *y = mem_array(t->n, 1);
    uint32_t *cluster = mem_array(t->n, sizeof(*cluster)), *drawn = mem_array(t->n, sizeof(*drawn));
    uint32_t *group_of = mem_array(t->n_videos, sizeof(*group_of));
    size_t i, n, rank = 0, ignored, train[2] = {0};
    struct pair_options plain = {.seed = t->o->seed, .jobs = 1};
    struct pair_items items;
    struct pair_result pair = {0};
    struct probe *p;
    int r = x && score && before && after && label && y && cluster && drawn && group_of
                ? 0
                : err_nomem(err),
        k;

    for (i = 0; !r && i < t->n; i++) {
        label[i] = t->res->data.video[t->whole[t->video[i]]].label;
        train[label[i]] += t->part[i] == 0;
    }
    if (!r && !(p = add(t, "erasure_auc_change", "frames", 0)))
        r = err_nomem(err);
    if (r)
        goto out;
    if (!train[0] || !train[1]) {
        probe_undefined(p, "the probe's train half has one class only");
        goto out;
    }
    if ((r = scored_after(t, NULL, label, x, score, &rank, err)))
        goto out;
    n = tests_of(t, score, label, before, y, cluster);
    items = (struct pair_items){
        after, before, y, cluster, n, t->res->clusters.n, clusters_ways(&t->res->clusters)};
    if ((r = scored_after(t, t->group, label, x, score, &rank, err)))
        goto out;
    tests_of(t, score, label, after, NULL, NULL);
    if (!rank) {
        probe_undefined(p, "%zu identities in %zu dimensions: everything would be erased",
                        t->n_groups, t->f->dim);
        goto out;
    }
    if ((r = pairs_test(&items, &plain, &pair, err)))
        goto out;
    memcpy(group_of, t->group_of, t->n_videos * sizeof(*group_of));
    for (k = 0; k < CONTROLS && !r; k++) {
        struct pair_result other = {0};

        shuffle(group_of, t->n_videos, t, (uint32_t)k, "erasure");
        for (i = 0; i < t->n; i++)
            drawn[i] = group_of[t->video[i]];
        if (!(r = scored_after(t, drawn, label, x, score, &ignored, err))) {
            tests_of(t, score, label, after, NULL, NULL);
            r = pairs_test(&items, &plain, &other, err);
        }
        control += other.difference / CONTROLS;
    }
    if (r)
        goto out;
    p->n = n;
    p->value = pair.difference;
    p->lo = pair.lo;
    p->hi = pair.hi;
    p->chance = control;
    if (isnan(pair.difference))
        probe_undefined(p, "the probe's test half has one class only");
    probe_about(p,
                "real/fake AUC of a linear discriminant, %.4f, and its change once identity is "
                "erased within label (LEACE, %zu directions); chance is the change when as many "
                "directions of shuffled identities go, mean of %d",
                pair.auc_b, rank, CONTROLS);
out:
    free(x);
    free(score);
    free(before);
    free(after);
    free(label);
    free(y);
    free(cluster);
    free(drawn);
    free(group_of);
    return r;
}

/* ---- all of them -----------------------------------------------------------------------------*/

int probe_features(const struct result *res, const struct features *f,
                   const struct feature_options *o, struct probes *out, struct err *err)
{
    struct table t = {.res = res, .f = f, .o = o, .out = out};
    struct probe *p;
    int r = table_make(&t, o->max_identities, err);

    if (!r && t.n_groups < 2) {
        static const char *const names[] = {"linear_probe_accuracy", "retrieval_rank1",
                                            "erasure_auc_change"};
        size_t i;

        for (i = 0; i < 3; i++) {
            p = add(&t, names[i], "frames", f->n);
            if (!p) {
                r = err_nomem(err);
                break;
            }
            probe_undefined(p, "fewer than 2 identities have 2 or more videos with features");
        }
    } else if (!r) {
        split(&t);
        r = probe_by_line(&t, err);
        if (!r)
            r = probe_by_neighbour(&t, err);
        if (!r && o->erase)
            r = probe_by_erasing(&t, err);
    }
    table_release(&t);
    return r;
}
