#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/pairs.h"
#include "evaluate/probe_methods.h"
#include "evaluate/probe_parts.h"
#include "evaluate/subspace.h"
#include "lib/mem.h"

#define CONTROLS        5   /* erasures of nothing in particular, of the same size */
#define INLP_ITERATIONS 30  /* of a classifier that only has to point somewhere, */
#define INLP_PENALTY    0.1 /* and at class means rather than at its training rows */

struct erasing {
    struct feature_table *t;
    float *base;   /* the rows, standardised */
    float *x;      /* the same without something */
    double *score; /* of each row, after */
    double *before, *after;
    uint8_t *y;
    uint32_t *cluster;
    size_t tests;
};

static void release(struct erasing *e)
{
    free(e->x);
    free(e->score);
    free(e->before);
    free(e->after);
    free(e->y);
    free(e->cluster);
    free(e->base);
}

static size_t tests_of(const struct erasing *e, double *to)
{
    const struct feature_table *t = e->t;
    size_t i, n = 0;

    for (i = 0; i < t->n; i++)
        if (t->part[i] == 1) {
            to[n] = e->score[i];
            e->y[n] = t->label[i];
            e->cluster[n++] = t->res->clusters.of[t->whole[t->video[i]]];
        }
    return n;
}

static int prepare(struct erasing *e, struct feature_table *t, struct err *err)
{
    size_t dim = t->f->dim;
    double *sd = mem_array(dim, sizeof(*sd));
    int r;

    *e = (struct erasing){.t = t};
    e->base = mem_aligned(t->n * dim, sizeof(*e->base));
    e->x = mem_aligned(t->n * dim, sizeof(*e->x));
    e->score = mem_array(t->n, sizeof(*e->score));
    e->before = mem_array(t->n, sizeof(*e->before));
    e->after = mem_array(t->n, sizeof(*e->after));
    e->y = mem_array(t->n, 1);
    e->cluster = mem_array(t->n, sizeof(*e->cluster));
    r = sd && e->base && e->x && e->score && e->before && e->after && e->y && e->cluster
            ? feature_table_standard(t, e->base, sd, err)
            : err_nomem(err);
    if (!r)
        r = discriminant(e->base, t->n, dim, t->label, t->part, e->score, err);
    free(sd);
    if (!r)
        e->tests = tests_of(e, e->before);
    return r;
}

static void start(struct erasing *e)
{
    memcpy(e->x, e->base, e->t->n * e->t->f->dim * sizeof(*e->x));
}

/* The change of the AUC, with what was erased gone from e->x. */
static int change(struct erasing *e, struct pair_result *pair, struct err *err)
{
    struct feature_table *t = e->t;
    const struct clusters *c = &t->res->clusters;
    struct pair_options plain = {.seed = t->o->seed, .jobs = 1};
    struct pair_items items = {e->after, e->before,       e->y, e->cluster, e->tests,
                               c->n,     clusters_ways(c)};
    int r = discriminant(e->x, t->n, t->f->dim, t->label, t->part, e->score, err);

    if (r)
        return r;
    tests_of(e, e->after);
    return pairs_test(&items, &plain, pair, err);
}

/* What as many random directions change, on average. */
static int random_change(struct erasing *e, size_t rank, double *mean, struct err *err)
{
    uint32_t k;
    int r = 0;

    *mean = 0;
    for (k = 0; k < CONTROLS && !r; k++) {
        struct pair_result pair = {0};
        struct subspace s;

        start(e);
        r = subspace_random(&s, rank, e->t->f->dim, e->t->o->seed, k, err);
        if (!r)
            r = subspace_remove(&s, e->x, e->t->n, NULL, err);
        if (!r)
            r = change(e, &pair, err);
        *mean += pair.difference / CONTROLS;
        subspace_release(&s);
    }
    return r;
}

/* A new probe on e->x. */
static int read_again(struct erasing *e, const char *name, const char *method, double chance,
                      struct err *err)
{
    struct feature_table *t = e->t;
    struct linear_options o = {t->o->lambda < 0 ? 1e-3 : t->o->lambda, t->o->iterations};
    struct linear_result l = {0};
    struct probe *p;
    int r;

    if (t->o->split == SPLIT_BY_COMPONENT)
        return 0; /* nobody of the test half is known to a probe */
    r = linear_probe(e->x, t->n, t->f->dim, t->group, t->n_groups, t->part, &o, &l, err);
    if (r)
        return r;
    p = feature_table_add(t, name, "frames", e->tests);
    if (!p)
        return err_nomem(err);
    p->value = l.test_accuracy;
    p->chance = chance;
    probe_about(p,
                "accuracy of a new linear probe once identity is erased (%s); train accuracy %.3f; "
                "chance is the majority",
                method, l.train_accuracy);
    return 0;
}

static void tell(struct probe *p, const struct pair_result *pair, double chance)
{
    p->value = pair->difference;
    p->lo = pair->lo;
    p->hi = pair->hi;
    p->chance = chance;
    if (isnan(pair->difference))
        probe_undefined(p, "the probe's test half has one class only");
}

/* ---- LEACE -----------------------------------------------------------------------------------*/

static int leace(struct erasing *e, double chance, struct err *err)
{
    struct feature_table *t = e->t;
    size_t dim = t->f->dim, rank, ignored, i;
    uint32_t *drawn = mem_array(t->n, sizeof(*drawn));
    uint32_t *group_of = mem_array(t->n_videos, sizeof(*group_of)), k;
    struct pair_result pair = {0};
    double shuffled = 0, random = 0;
    struct probe *p = feature_table_add(t, "erasure_auc_change", "frames", e->tests);
    int r = p && drawn && group_of ? 0 : err_nomem(err);

    if (r)
        goto out;
    start(e);
    if ((r = erase_groups(e->x, t->n, dim, t->group, t->n_groups, t->label, t->part, &rank, err)))
        goto out;
    if (!rank) {
        probe_undefined(p, "%zu identities in %zu dimensions: everything would be erased",
                        t->n_groups, dim);
        goto out;
    }
    if ((r = change(e, &pair, err)) ||
        (r = read_again(e, "linear_probe_after_erasure", "LEACE", chance, err)))
        goto out;
    memcpy(group_of, t->group_of, t->n_videos * sizeof(*group_of));
    for (k = 0; k < CONTROLS && !r; k++) {
        struct pair_result other = {0};

        feature_table_shuffle(t, group_of, k, "erasure");
        for (i = 0; i < t->n; i++)
            drawn[i] = group_of[t->video[i]];
        start(e);
        r = erase_groups(e->x, t->n, dim, drawn, t->n_groups, t->label, t->part, &ignored, err);
        if (!r)
            r = change(e, &other, err);
        shuffled += other.difference / CONTROLS;
    }
    if (r || (r = random_change(e, rank, &random, err)))
        goto out;
    p = (struct probe *)(uintptr_t)probe_find(t->out, "erasure_auc_change", NULL);
    tell(p, &pair, shuffled);
    probe_about(p,
                "real/fake AUC of a linear discriminant, %.4f, and its change once identity is "
                "erased within label (LEACE, %zu directions); chance is the change when those of "
                "shuffled identities go, mean of %d",
                pair.auc_b, rank, CONTROLS);
    p = feature_table_add(t, "erasure_random_directions", "frames", e->tests);
    if (!p) {
        r = err_nomem(err);
        goto out;
    }
    p->value = random;
    p->chance = 0;
    probe_about(p,
                "change of the same AUC when %zu random directions go, mean of %d: what losing "
                "dimensions costs whatever they hold",
                rank, CONTROLS);
    if (isnan(random))
        probe_undefined(p, "the probe's test half has one class only");
out:
    free(drawn);
    free(group_of);
    return r;
}

/* ---- INLP ------------------------------------------------------------------------------------*/

/* Ravfogel et al. 2020 (ACL): fit a linear classifier of identity, project on what it cannot see,
 * again. At most half of the dimensions go. */
static int inlp(struct erasing *e, double chance, struct err *err)
{
    struct feature_table *t = e->t;
    struct linear_options o = {fmax(t->o->lambda, INLP_PENALTY), INLP_ITERATIONS};
    size_t dim = t->f->dim;
    float *weight = mem_aligned(t->n_groups * dim, sizeof(*weight));
    struct linear_result l = {.weight = weight};
    struct pair_result pair = {0};
    struct subspace gone = {0};
    struct probe *p;
    double random = 0;
    int round = 0, r = weight ? 0 : err_nomem(err);

    start(e);
    while (!r && round < t->o->inlp_rounds) {
        size_t before = gone.rank;

        r = linear_probe(e->x, t->n, dim, t->group, t->n_groups, t->part, &o, &l, err);
        if (r || (round && l.test_accuracy <= chance))
            break;
        r = subspace_add(&gone, weight, t->n_groups, dim, dim / 2, err);
        if (r || gone.rank == before)
            break;
        start(e);
        r = subspace_remove(&gone, e->x, t->n, NULL, err);
        round++;
    }
    if (!r && gone.rank)
        r = change(e, &pair, err);
    if (!r && gone.rank)
        r = read_again(e, "linear_probe_after_inlp", "INLP", chance, err);
    if (!r && gone.rank)
        r = random_change(e, gone.rank, &random, err);
    if (!r && !(p = feature_table_add(t, "inlp_auc_change", "frames", e->tests)))
        r = err_nomem(err);
    if (!r && gone.rank) {
        tell(p, &pair, random);
        probe_about(p,
                    "change of the AUC when the directions that linear probes of identity use go, "
                    "round by round (INLP, %d rounds, %zu directions of %zu); chance is the change "
                    "when as many random ones go",
                    round, gone.rank, dim);
    } else if (!r) {
        probe_undefined(p, "no direction tells identities apart");
    }
    subspace_release(&gone);
    free(weight);
    return r;
}

int probe_erasing(struct feature_table *t, double chance, struct err *err)
{
    size_t train[2] = {0}, i;
    struct erasing e = {0};
    struct probe *p;
    int r;

    for (i = 0; i < t->n; i++)
        if (t->part[i] == 0)
            train[t->label[i]]++;
    if (!train[0] || !train[1]) {
        p = feature_table_add(t, "erasure_auc_change", "frames", 0);
        if (!p)
            return err_nomem(err);
        probe_undefined(p, "the probe's train half has one class only");
        return 0;
    }
    r = prepare(&e, t, err);
    if (!r)
        r = leace(&e, chance, err);
    if (!r && t->o->inlp_rounds)
        r = inlp(&e, chance, err);
    release(&e);
    return r;
}
