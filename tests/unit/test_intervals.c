/* Crossed clusters, exchanged clusters, power: against formulas written out and cases that must
 * agree. Coverage is measured in tests/oracle. */
#include "tests/near.h"

#include "evaluate/auc.h"
#include "evaluate/bootstrap.h"
#include "evaluate/exchange.h"
#include "evaluate/operating.h"
#include "evaluate/pairs.h"
#include "tests/unit/score_fixture.h"

#define CELLS 60

static void ways_make(struct ways *w, uint64_t seed, size_t targets, size_t donors)
{
    struct rng g;
    size_t i;

    rng_init(&g, seed, 0, "ways", "test");
    *w = (struct ways){.n = {targets, donors}, .cells = CELLS};
    w->of[WAY_TARGET] = mem_array(CELLS, sizeof(uint32_t));
    w->of[WAY_DONOR] = mem_array(CELLS, sizeof(uint32_t));
    for (i = 0; i < CELLS; i++) {
        w->of[WAY_TARGET][i] = rng_below(&g, (uint32_t)targets);
        w->of[WAY_DONOR][i] = donors == CELLS ? (uint32_t)i : rng_below(&g, (uint32_t)donors);
    }
}

/* Cameron et al. 2011 in the words of the paper, a sum over pairs of cells that share a way; and no
 * less than over those that share one way, or than over single cells. */
static double by_pairs(const struct ways *w, const double *x)
{
    double v[3] = {0}, G[3] = {0};
    bool seen[2][CELLS] = {{0}};
    size_t i, j;
    int k;

    for (i = 0; i < CELLS; i++)
        for (j = 0; j < CELLS; j++) {
            v[0] += w->of[0][i] == w->of[0][j] ? x[i] * x[j] : 0;
            v[1] += w->of[1][i] == w->of[1][j] ? x[i] * x[j] : 0;
            v[2] += i == j ? x[i] * x[j] : 0;
        }
    for (k = 0; k < 2; k++)
        for (i = 0; i < CELLS; i++) {
            G[k] += !seen[k][w->of[k][i]];
            seen[k][w->of[k][i]] = true;
        }
    G[2] = CELLS;
    for (k = 0; k < 3; k++)
        v[k] *= G[k] / (G[k] - 1);
    return fmax(fmax(v[0] + v[1] - v[2], v[2]), fmax(v[0], v[1]));
}

static void crossed_variance_is_that_of_pairs(void **state)
{
    double x[CELLS], one[CELLS];
    struct err err = {0};
    uint64_t seed;
    size_t i;

    (void)state;
    for (seed = 1; seed <= 30; seed++) {
        double v, G, want, cells = 0;
        struct ways w;
        struct rng g;

        rng_init(&g, seed, 1, "ways", "test");
        for (i = 0; i < CELLS; i++) {
            x[i] = rng_normal(&g);
            one[i] = 1;
            cells += x[i] * x[i] * CELLS / (CELLS - 1);
        }
        ways_make(&w, seed, 9, 12);
        assert_ok(ways_variance(&w, x, one, CELLS, &v, &G, &err), &err);
        want = by_pairs(&w, x);
        assert_near(v, want, 0, 1e-12);
        ways_release(&w);
        /* Every cell a donor of its own: targets are all there is. */
        ways_make(&w, seed, 9, CELLS);
        assert_ok(ways_variance(&w, x, one, CELLS, &v, &G, &err), &err);
        for (i = 0, want = 0; i < 9; i++) {
            double sum = 0;
            size_t k;

            for (k = 0; k < CELLS; k++)
                sum += w.of[WAY_TARGET][k] == i ? x[k] : 0;
            want += sum * sum * G / (G - 1);
        }
        assert_true(G == 8 || G == 9); /* one may have got no cell */
        assert_near(v, fmax(want, cells), 0, 1e-12);
        ways_release(&w);
    }
}

/* Reals and fakes in cells; clusters of f are cells. */
static void crossed_auc(void **state)
{
    static struct fixture f;
    struct err err = {0};
    struct auc cells, targets;
    struct sample s, by_target;
    uint32_t target[MOST];
    struct ways w;
    size_t i;

    (void)state;
    fixture_make(&f, 5, MOST, CELLS, 1000);
    ways_make(&w, 2, 15, CELLS);
    fixture_sort(&f, &s);
    for (i = 0; i < f.n; i++)
        target[i] = w.of[WAY_TARGET][f.cluster[i]];
    assert_ok(sample_make(&by_target, f.score, f.unit, f.n, f.label, target, 15, NULL, &err), &err);
    assert_ok(auc_measure(&s, &cells, &err), &err);
    assert_ok(auc_measure(&by_target, &targets, &err), &err);
    assert_ok(auc_two_way(&cells, &w, &err), &err);
    assert_near(cells.var_cluster, targets.var_cluster, 0, 1e-12);
    assert_int_equal(cells.clusters, 15);
    auc_release(&cells);
    auc_release(&targets);
    sample_release(&s);
    sample_release(&by_target);
    ways_release(&w);
}

/* Drawing targets and donors apart spreads the area about as the formula says. */
static void pigeonhole_agrees_with_the_formula(void **state)
{
    struct boot_request q = {.seed = 3, .replicates = 2000};
    static struct fixture f;
    struct err err = {0};
    struct auc a;
    struct boot b, c;
    struct sample s;
    struct ways w;
    struct rng g;
    double mean = 0, v = 0, offset[2][20];
    size_t i;

    (void)state;
    rng_init(&g, 11, 0, "crossed", "test");
    for (i = 0; i < 40; i++)
        offset[i / 20][i % 20] = 0.5 * rng_normal(&g);
    fixture_make(&f, 6, MOST, CELLS, 100000);
    ways_make(&w, 4, 20, 20);
    for (i = 0; i < f.n; i++)
        f.score[i] += offset[0][w.of[0][f.cluster[i]]] + offset[1][w.of[1][f.cluster[i]]];
    fixture_sort(&f, &s);
    q.ways = &w;
    assert_ok(auc_measure(&s, &a, &err), &err);
    assert_ok(auc_two_way(&a, &w, &err), &err);
    assert_ok(boot_run(&s, &q, 1, &b, &err), &err);
    assert_ok(boot_run(&s, &q, 3, &c, &err), &err);
    assert_bytes(b.value, c.value, (size_t)b.n_stats * q.replicates * sizeof(double));
    for (i = 0; i < q.replicates; i++)
        mean += b.value[i] / (double)q.replicates;
    for (i = 0; i < q.replicates; i++)
        v += (b.value[i] - mean) * (b.value[i] - mean) / (double)(q.replicates - 1);
    /* Owen 2007: the pigeonhole's variance is a little too large, never much too small. */
    assert_true(v > 0.75 * a.var_cluster && v < 2 * a.var_cluster);
    auc_release(&a);
    boot_release(&b);
    boot_release(&c);
    sample_release(&s);
    ways_release(&w);
}

/* Drawing items is the design-effect's denominator: DeLong's variance, by simulation. */
static void drawing_items_gives_delong(void **state)
{
    struct boot_request q = {.seed = 8, .replicates = 4000, .independent = true};
    static struct fixture f;
    struct err err = {0};
    double mean = 0, v = 0;
    struct sample s;
    struct boot b;
    struct auc a;
    size_t i;

    (void)state;
    fixture_make(&f, 9, MOST, 7, 100000);
    fixture_sort(&f, &s);
    assert_ok(auc_measure(&s, &a, &err), &err);
    assert_ok(boot_run(&s, &q, 1, &b, &err), &err);
    for (i = 0; i < q.replicates; i++)
        mean += b.value[i] / (double)q.replicates;
    for (i = 0; i < q.replicates; i++)
        v += (b.value[i] - mean) * (b.value[i] - mean) / (double)(q.replicates - 1);
    assert_near(v, a.var_iid, 0, 0.1);
    auc_release(&a);
    boot_release(&b);
    sample_release(&s);
}

static void exchanging_clusters(void **state)
{
    static struct fixture f;
    struct err err = {0};
    double worse[MOST], scaled[MOST], p, q;
    struct rng g;
    size_t i;

    (void)state;
    rng_init(&g, 1, 0, "exchange", "test");
    fixture_make(&f, 2, MOST, 40, 1000);
    for (i = 0; i < f.n; i++) {
        worse[i] = rng_uniform(&g);
        scaled[i] = 4 * f.score[i]; /* exact: no two scores become one */
    }
    /* The same order on another scale is the same model. */
    assert_ok(exchange_test(f.score, scaled, f.label, f.cluster, f.n, 40, 1, 200, 1, &p, &err),
              &err);
    assert_near(p, 1, 0, 0);
    for (i = 0; i < f.n; i++)
        scaled[i] = f.score[i] + f.label[i];
    assert_ok(exchange_test(scaled, worse, f.label, f.cluster, f.n, 40, 1, 199, 1, &p, &err), &err);
    assert_near(p, 1 / 200., 1e-12, 0);
    assert_ok(exchange_test(f.score, worse, f.label, f.cluster, f.n, 40, 1, 500, 1, &p, &err),
              &err);
    assert_ok(exchange_test(f.score, worse, f.label, f.cluster, f.n, 40, 1, 500, 4, &q, &err),
              &err);
    assert_near(p, q, 0, 0);
    assert_ok(exchange_test(f.score, worse, f.label, f.cluster, f.n, 40, 1, 0, 1, &p, &err), &err);
    assert_true(isnan(p));
    /* One cluster: both flips give the same absolute difference. */
    memset(f.cluster, 0, sizeof(f.cluster));
    assert_ok(exchange_test(f.score, worse, f.label, f.cluster, f.n, 1, 1, 50, 1, &p, &err), &err);
    assert_near(p, 1, 0, 0);
}

static void power_of_a_test(void **state)
{
    (void)state;
    assert_near(pairs_power(0, 0.01, 1e6), 0.05, 1e-6, 0);
    assert_near(pairs_power(pairs_detectable(0.013, 1e6), 0.013, 1e6), 0.8, 1e-4, 0);
    /* Cohen 1988, table 2.3.5: 2.8016 standard errors for 80 %. */
    assert_near(pairs_detectable(1, 1e7), 1.959964 + 0.841621, 1e-4, 0);
    assert_true(pairs_power(0.02, 0.01, 5) < pairs_power(0.02, 0.01, 50));
}

/* Thresholds and shares counted on fingers: fakes .9 .8 .4, reals .7 .3 .2 .1. */
static void operating_points_by_hand(void **state)
{
    double score[] = {.9, .8, .4, .7, .3, .2, .1}, threshold[N_CRITERIA];
    uint8_t label[] = {1, 1, 1, 0, 0, 0, 0};
    uint32_t unit[] = {0, 1, 2, 3, 4, 5, 6};
    struct operating_point p = {0};
    struct err err = {0};
    struct sample s;

    (void)state;
    assert_ok(sample_make(&s, score, unit, 7, label, unit, 7, NULL, &err), &err);
    assert_ok(operating_choose(&s, threshold, &err), &err);
    assert_near(threshold[CRITERION_BALANCED], .4, 0, 0);
    assert_near(threshold[CRITERION_F1], .4, 0, 0);
    assert_near(threshold[CRITERION_FPR_1], .8, 0, 0);
    p.threshold = .4;
    assert_ok(operating_apply(&p, &s, NULL, &err), &err);
    assert_near(p.m[DECISION_ACCURACY].value, 6 / 7., 1e-15, 0);
    assert_near(p.m[DECISION_BALANCED].value, (1 + .75) / 2, 1e-15, 0);
    assert_near(p.m[DECISION_F1].value, 6 / 7., 1e-15, 0);
    assert_near(p.m[DECISION_PRECISION].value, .75, 1e-15, 0);
    assert_near(p.m[DECISION_FPR].value, .25, 1e-15, 0);
    /* Items as clusters: the usual variance of a share, with n - 1. */
    assert_near(p.m[DECISION_ACCURACY].se, sqrt(6 / 7. * (1 / 7.) / 6), 1e-15, 0);
    assert_near(p.m[DECISION_ACCURACY].design_effect, 7 / 6., 1e-12, 0);
    p.threshold = INFINITY;
    assert_ok(operating_apply(&p, &s, NULL, &err), &err);
    assert_non_null(p.m[DECISION_PRECISION].undefined);
    assert_near(p.m[DECISION_TPR].value, 0, 0, 0);
    sample_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crossed_variance_is_that_of_pairs),
        cmocka_unit_test(crossed_auc),
        cmocka_unit_test(pigeonhole_agrees_with_the_formula),
        cmocka_unit_test(drawing_items_gives_delong),
        cmocka_unit_test(exchanging_clusters),
        cmocka_unit_test(power_of_a_test),
        cmocka_unit_test(operating_points_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
