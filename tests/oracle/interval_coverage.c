/*
 * How often intervals hold the truth, and p-values are small, in simulated data sets whose truth is
 * known. Prints a table; exits 1 when a clustered interval of nominal 95 % covers less than 93 or
 * more than 97 %, when intervals of independent frames do not fail, or when p-values under the null
 * are not flat.
 *
 * usage: interval_coverage [SETS]          (default 2000)
 *
 * People: score = mean of the label + person + video + frame, all normal; a real video and two
 * fakes a person. Over people in other videos a fake outscores a real with probability
 * Phi(d / sqrt(2 (p + v + f))), over videos of one person with Phi(d / sqrt(2 (v + f))).
 * Crossed: a fake has an effect of its target and one of its donor, a real one of its person, all
 * apart: Phi(d / sqrt(3 a + 2 e)) for every pair.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bootstrap.h"
#include "evaluate/dist.h"
#include "evaluate/exchange.h"
#include "evaluate/metrics.h"
#include "evaluate/operating.h"
#include "evaluate/pairs.h"
#include "evaluate/probe_scores.h"
#include "evaluate/probe_tables.h"
#include "lib/mem.h"
#include "lib/pool.h"
#include "lib/rng.h"

#define PEOPLE  80
#define VIDEOS  3
#define FRAMES  8
#define ROWS    (PEOPLE * VIDEOS * FRAMES)
#define D       1.0
#define PERSON  0.2 /* variances */
#define VIDEO   0.6
#define FRAME   0.3
#define GROUPS  30 /* targets, and donors */
#define CROSSED (2 * GROUPS + GROUPS * 8)

enum row {
    DELONG,
    BOOTSTRAP,
    BOOTSTRAP_ACCURACY,
    LINEARISED,
    TWO_WAY,
    ONE_WAY_TARGET,
    INDEPENDENT,
    INDEPENDENT_CROSSED,
    PAIR_DELONG,
    PAIR_EXCHANGE,
    INFORMATION,
    N_ROWS
};

static const struct {
    const char *name;
    double lo, hi; /* share that is right; of p-values: share below 0.05 */
} rows[N_ROWS] = {
    [DELONG] = {"clustered DeLong, AUC", 0.93, 0.97},
    [BOOTSTRAP] = {"clustered bootstrap, AUC", 0.93, 0.97},
    [BOOTSTRAP_ACCURACY] = {"clustered bootstrap, accuracy", 0.93, 0.97},
    [LINEARISED] = {"clustered linearised, F1 at a threshold", 0.93, 0.97},
    [TWO_WAY] = {"two-way DeLong, targets x donors, AUC", 0.93, 0.97},
    [ONE_WAY_TARGET] = {"clustered by target only where donors matter, AUC", 0, 0.93},
    [INDEPENDENT] = {"independent frames (DeLong 1988), AUC", 0, 0.75},
    [INDEPENDENT_CROSSED] = {"independent videos where targets and donors cross, AUC", 0, 0.75},
    [PAIR_DELONG] = {"p < 0.05, clustered DeLong, two equal models", 0.03, 0.07},
    [PAIR_EXCHANGE] = {"p < 0.05, exchange of clusters, two equal models", 0.03, 0.07},
    [INFORMATION] = {"p < 0.05, information of identity, none planted", 0.03, 0.07},
};

struct set {
    double a[ROWS], b[ROWS];
    uint32_t unit[ROWS], person[ROWS];
    uint8_t label[ROWS];
};

struct answers {
    uint8_t right[N_ROWS], asked[N_ROWS];
    double p[N_ROWS];
};

struct sets {
    struct answers *slot;
    size_t right[N_ROWS], asked[N_ROWS];
    double *p[N_ROWS]; /* of p-values, all of them */
};

static void make_people(struct set *s, uint32_t k)
{
    struct rng g;
    size_t p, v, f, i = 0;

    rng_init(&g, 77, k, "people", "coverage");
    for (p = 0; p < PEOPLE; p++) {
        double person = sqrt(PERSON) * rng_normal(&g);

        for (v = 0; v < VIDEOS; v++) {
            double video = person + sqrt(VIDEO) * rng_normal(&g) + (v ? D : 0);
            /* Two models with one law: what they share, and a part of their own. */
            double own[2] = {0.3 * rng_normal(&g), 0.3 * rng_normal(&g)};

            for (f = 0; f < FRAMES; f++, i++) {
                s->a[i] = video + sqrt(FRAME) * rng_normal(&g);
                s->b[i] = s->a[i] + own[1] + 0.3 * rng_normal(&g);
                s->a[i] += own[0] + 0.3 * rng_normal(&g);
                s->unit[i] = (uint32_t)i;
                s->person[i] = (uint32_t)p;
                s->label[i] = v > 0;
            }
        }
    }
}

static void say(struct answers *out, enum row r, bool right)
{
    out->asked[r] = 1;
    out->right[r] = right;
}

static bool holds(double lo, double hi, double truth)
{
    return lo <= truth && truth <= hi;
}

static int people(struct answers *out, const struct set *s, uint32_t k, struct err *err)
{
    /* The models' own parts add 0.09 to video and frame. */
    double v = VIDEO + 0.09 + FRAME + 0.09, share = 1. / PEOPLE, t = D / 2;
    double truth = share * dist_normal_cdf(D / sqrt(2 * v)) +
                   (1 - share) * dist_normal_cdf(D / sqrt(2 * (v + PERSON)));
    double tpr = dist_normal_cdf((D - t) / sqrt(v + PERSON)),
           fpr = dist_normal_cdf(-t / sqrt(v + PERSON));
    double accuracy = (2 * tpr + 1 - fpr) / 3,
           f1 = 2 * 2 * tpr / (2 * 2 * tpr + fpr + 2 * (1 - tpr));
    struct level_options o = {.seed = k, .replicates = 400, .jobs = 1, .threshold = t};
    struct operating_point point = {.threshold = t};
    struct pair_items items = {s->a, s->b, s->label, s->person, ROWS, PEOPLE, NULL};
    struct pair_options po = {.seed = k, .permutations = 99, .jobs = 1};
    struct pair_result pair = {0};
    struct sample sample;
    struct level l = {0};
    const struct measure *m;
    int r = sample_make(&sample, s->a, s->unit, ROWS, s->label, s->person, PEOPLE, NULL, err);

    if (!r)
        r = level_measure(&l, &sample, &o, err);
    if (!r)
        r = operating_apply(&point, &sample, NULL, err);
    if (!r)
        r = pairs_test(&items, &po, &pair, err);
    if (!r) {
        m = &l.m[METRIC_AUC];
        say(out, DELONG, holds(m->lo, m->hi, truth));
        say(out, BOOTSTRAP, holds(m->boot_lo, m->boot_hi, truth));
        say(out, INDEPENDENT, holds(m->iid_lo, m->iid_hi, truth));
        m = &l.m[METRIC_ACCURACY];
        say(out, BOOTSTRAP_ACCURACY, holds(m->lo, m->hi, accuracy));
        m = &point.m[DECISION_F1];
        say(out, LINEARISED, holds(m->lo, m->hi, f1));
        say(out, PAIR_DELONG, pair.p < 0.05);
        say(out, PAIR_EXCHANGE, pair.p_exchange <= 0.05);
        out->p[PAIR_DELONG] = pair.p;
        out->p[PAIR_EXCHANGE] = pair.p_exchange;
    }
    level_release(&l);
    sample_release(&sample);
    return r;
}

/* Reals 2 a person; fakes of 8 donors a target. One score a video; cells are target x donor. */
static int crossed(struct answers *out, uint32_t k, struct err *err)
{
    double score[CROSSED], effect[3][GROUPS], A = 0.6, E = 0.2;
    double truth = dist_normal_cdf(D / sqrt(3 * A + 2 * E));
    uint32_t unit[CROSSED], cell[CROSSED], target[CROSSED], way[N_WAYS][GROUPS * GROUPS];
    struct ways ways = {{way[0], way[1]}, {GROUPS, GROUPS}, GROUPS * GROUPS};
    uint8_t label[CROSSED];
    struct measure m = {0};
    struct sample s = {0};
    struct auc a = {0};
    struct rng g;
    size_t i = 0, t, d;
    int r, pass;

    rng_init(&g, 78, k, "crossed", "coverage");
    for (t = 0; t < 3 * GROUPS; t++)
        effect[t / GROUPS][t % GROUPS] = sqrt(A) * rng_normal(&g);
    for (t = 0; t < GROUPS * GROUPS; t++) {
        way[0][t] = (uint32_t)(t / GROUPS);
        way[1][t] = (uint32_t)(t % GROUPS);
    }
    for (t = 0; t < GROUPS; t++)
        for (d = 0; d < 10; d++, i++) {
            size_t donor = d < 2 ? t : (t + 1 + (d * 3) % (GROUPS - 1)) % GROUPS;

            label[i] = d >= 2;
            unit[i] = (uint32_t)i;
            cell[i] = (uint32_t)(t * GROUPS + donor);
            target[i] = (uint32_t)t;
            score[i] = (label[i] ? D + effect[0][t] + effect[1][donor] : effect[2][t]) +
                       sqrt(E) * rng_normal(&g);
        }
    r = sample_make(&s, score, unit, i, label, cell, GROUPS * GROUPS, NULL, err);
    for (pass = 0; !r && pass < 2; pass++) {
        m = measure_undefined("");
        if (pass) {
            s.cluster = target;
            s.n_clusters = GROUPS;
        }
        if ((r = auc_measure(&s, &a, err)) || (!pass && (r = auc_two_way(&a, &ways, err))))
            break;
        measure_auc(&m, &a);
        say(out, pass ? ONE_WAY_TARGET : TWO_WAY, holds(m.lo, m.hi, truth));
        if (!pass)
            say(out, INDEPENDENT_CROSSED, holds(m.iid_lo, m.iid_hi, truth));
        auc_release(&a);
    }
    sample_release(&s);
    return r;
}

/* Scores that know nothing of who is seen. */
static int information(struct answers *out, uint32_t k, struct err *err)
{
    enum { N = 240, PER = 12 };
    double score[N];
    uint32_t group[N], stratum[N], cluster[N];
    uint8_t label[N];
    struct probe_cells c = {.map = "face",
                            .n = N,
                            .score = score,
                            .label = label,
                            .group = group,
                            .cluster = cluster,
                            .n_groups = N / PER,
                            .n_clusters = N / PER,
                            .stratum = stratum,
                            .n_strata = 2,
                            .threshold = 0.5,
                            .seed = k,
                            .permutations = 99};
    struct probes t = {0};
    struct rng g;
    size_t i;
    int r;

    rng_init(&g, 79, k, "information", "coverage");
    for (i = 0; i < N; i++) {
        label[i] = stratum[i] = i % 2;
        group[i] = cluster[i] = (uint32_t)(i / PER);
        score[i] = rng_normal(&g) + label[i];
    }
    r = probe_tables(&t, &c, err);
    if (!r) {
        say(out, INFORMATION, t.p[1].p <= 0.05);
        out->p[INFORMATION] = t.p[1].p;
    }
    probes_release(&t);
    return r;
}

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct sets *w = ctx;
    struct set *s = mem_array(1, sizeof(*s));
    struct answers *out = &w->slot[slot];
    int r = s ? 0 : err_nomem(err);

    (void)worker;
    memset(out, 0, sizeof(*out));
    if (!r) {
        make_people(s, (uint32_t)i);
        r = people(out, s, (uint32_t)i, err);
    }
    if (!r)
        r = crossed(out, (uint32_t)i, err);
    if (!r)
        r = information(out, (uint32_t)i, err);
    free(s);
    return r;
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct sets *w = ctx;
    int k;

    (void)err;
    for (k = 0; k < N_ROWS; k++) {
        w->right[k] += w->slot[slot].right[k];
        w->asked[k] += w->slot[slot].asked[k];
        w->p[k][i] = w->slot[slot].p[k];
    }
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Kolmogorov's distance of n p-values to what is flat on the multiples of 1 / 100 (permutations),
 * times sqrt(n): above 1.63 once in 100 times. */
static double distance(double *p, size_t n)
{
    double most = 0;
    size_t i;

    qsort(p, n, sizeof(*p), ascending);
    for (i = 0; i < 100; i++) {
        double at = (double)(i + 1) / 100;
        size_t k = 0;

        while (k < n && p[k] <= at + 1e-9)
            k++;
        most = fmax(most, fabs((double)k / (double)n - at));
    }
    return most * sqrt((double)n);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? (size_t)atol(argv[1]) : 2000;
    struct sets w = {.slot = mem_array(pool_slots(pool_default_jobs()), sizeof(*w.slot))};
    struct pool_tasks tasks = {.ctx = &w, .work = work, .done = done};
    struct err err = {0};
    int k, bad = 0;

    for (k = 0; k < N_ROWS; k++)
        if (!(w.p[k] = mem_array(n, sizeof(double))))
            return 71;
    if (!w.slot || pool_run(&tasks, n, pool_default_jobs(), &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 70;
    }
    for (k = 0; k < N_ROWS; k++) {
        double share = (double)w.right[k] / (double)w.asked[k];
        bool fine = rows[k].lo <= share && share <= rows[k].hi;

        printf("%-56s %5.1f %%  of %zu  (wanted %.0f to %.0f %%)%s", rows[k].name, 100 * share,
               w.asked[k], 100 * rows[k].lo, 100 * rows[k].hi, fine ? "" : "  WRONG");
        if (k >= PAIR_DELONG) {
            double d = distance(w.p[k], n);

            printf("  distance to flat %.2f%s", d, d < 1.95 ? "" : "  WRONG");
            bad += d >= 1.95;
        }
        putchar('\n');
        bad += !fine;
        free(w.p[k]);
    }
    free(w.slot);
    return bad > 0;
}
