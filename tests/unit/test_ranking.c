/* Sorting, AUC and its variances, curves: against counting in pairs and closed forms. */
#include "tests/near.h"

#include <float.h>

#include "evaluate/auc.h"
#include "evaluate/clusters.h"
#include "evaluate/curve.h"
#include "evaluate/dist.h"
#include "evaluate/metrics.h"
#include "evaluate/pairs.h"
#include "tests/unit/score_fixture.h"

static int by_score(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Kinds of scores that break a sort on float32 keys if it is careless. */
static double odd_score(struct rng *g, int kind)
{
    switch (kind) {
    case 0:
        return rng_uniform(g) - 0.5;
    case 1:
        return 1 - ldexp(rng_uniform(g), -40); /* saturated: one float32 */
    case 2:
        return ldexp(rng_uniform(g) - 0.5, (int)rng_below(g, 2000) - 1000);
    case 3:
        return rng_below(g, 4) * 0.25 - 0.5;
    case 4:
        return rng_below(g, 2) ? 0.0 : -0.0;
    default:
        return rng_below(g, 2) ? DBL_MAX * rng_uniform(g) : -DBL_TRUE_MIN * rng_below(g, 5);
    }
}

static void sorts_like_qsort(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 24, 25, 1000, 30000};
    struct rng g;
    int kind;
    size_t k, i;

    (void)state;
    rng_init(&g, 3, 0, "sort", "test");
    for (kind = 0; kind < 6; kind++)
        for (k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
            size_t n = sizes[k];
            double *score = mem_array(n, sizeof(*score)), *want = mem_array(n, sizeof(*want));
            uint32_t *unit = mem_array(n, sizeof(*unit)), *cluster = mem_array(n, sizeof(*cluster));
            uint8_t *label = mem_array(n, 1);
            struct err err = {0};
            struct sample s;

            for (i = 0; i < n; i++) {
                want[i] = score[i] = odd_score(&g, kind);
                unit[i] = (uint32_t)i;
            }
            qsort(want, n, sizeof(*want), by_score);
            assert_ok(sample_make(&s, score, unit, n, label, cluster, 1, NULL, &err), &err);
            assert_int_equal(s.n, n);
            for (i = 0; i < n; i++) {
                if (s.item[i].score != want[i])
                    fail_msg("kind %d: item %zu of %zu is %.17g, not %.17g", kind, i, n,
                             s.item[i].score, want[i]);
                assert_true(score[s.item[i].unit] == s.item[i].score);
                if (i && s.item[i].score == s.item[i - 1].score)
                    assert_true(s.item[i].unit > s.item[i - 1].unit);
            }
            sample_release(&s);
            free(score);
            free(want);
            free(unit);
            free(cluster);
            free(label);
        }
}

/* V10 of item i (fake) or V01 (real), by counting. */
static double component(const struct fixture *f, size_t i)
{
    double sum = 0, n = 0;
    size_t j;

    for (j = 0; j < f->n; j++)
        if (f->label[j] != f->label[i]) {
            sum += f->label[i] ? psi(f->score[i], f->score[j]) : psi(f->score[j], f->score[i]);
            n++;
        }
    return sum / n;
}

static void variances_by_counting(void **state)
{
    struct fixture f;
    struct sample s;
    struct auc a;
    struct err err = {0};
    uint64_t seed;
    size_t i, c;

    (void)state;
    for (seed = 1; seed <= 40; seed++) {
        double M = 0, N = 0, s10 = 0, s01 = 0, A, r1[16] = {0}, r0[16] = {0}, v = 0, u = 0, x = 0;
        double m[16] = {0}, n[16] = {0}, I = 0, I1 = 0, I0 = 0;

        fixture_make(&f, seed, 60 + seed, 2 + seed % 14, seed % 2 ? 1000 : 7);
        fixture_sort(&f, &s);
        assert_ok(auc_measure(&s, &a, &err), &err);
        A = fixture_auc(&f, NULL);
        assert_near(a.value, A, 1e-13, 0);
        for (i = 0; i < f.n; i++) {
            double r = component(&f, i) - A;

            c = f.cluster[i];
            if (f.label[i]) {
                M++;
                s10 += r * r;
                r1[c] += r;
                m[c]++;
            } else {
                N++;
                s01 += r * r;
                r0[c] += r;
                n[c]++;
            }
        }
        assert_near(a.var_iid, s10 / (M - 1) / M + s01 / (N - 1) / N, 0, 1e-10);
        for (c = 0; c < f.n_clusters; c++) {
            I += m[c] + n[c] > 0;
            I1 += m[c] > 0;
            I0 += n[c] > 0;
            v += r1[c] * r1[c];
            u += r0[c] * r0[c];
            x += r1[c] * r0[c];
        }
        if (I1 > 1 && I0 > 1)
            assert_near(a.var_cluster,
                        fmax(0, I1 / (I1 - 1) * v / M / M + I0 / (I0 - 1) * u / N / N +
                                    2 * I / (I - 1) * x / M / N),
                        1e-15, 1e-9);
        else
            assert_true(isnan(a.var_cluster));
        if (I1 > 1 && I0 > 1 && a.var_cluster > 0)
            assert_near(auc_covariance(&a, &a), a.var_cluster, 0, 1e-9);
        auc_release(&a);
        sample_release(&s);
    }
}

static void leaving_a_cluster_out(void **state)
{
    struct fixture f;
    struct sample s;
    struct auc a;
    struct err err = {0};
    double jack[12], w[MOST];
    size_t c, i;

    (void)state;
    fixture_make(&f, 5, 150, 12, 9);
    fixture_sort(&f, &s);
    assert_ok(auc_measure(&s, &a, &err), &err);
    assert_ok(auc_jackknife(&s, &a, jack, &err), &err);
    for (c = 0; c < 12; c++) {
        for (i = 0; i < f.n; i++)
            w[i] = f.cluster[i] != c;
        assert_near(jack[c], fixture_auc(&f, w), 1e-13, 0);
    }
    auc_release(&a);
    sample_release(&s);
}

/* One cluster an item: Obuchowski's variance is DeLong's. */
static void clusters_of_one_change_nothing(void **state)
{
    struct fixture f;
    struct sample s;
    struct auc a;
    struct err err = {0};
    size_t i;

    (void)state;
    fixture_make(&f, 8, 200, 200, 50);
    for (i = 0; i < f.n; i++)
        f.cluster[i] = (uint32_t)i;
    fixture_sort(&f, &s);
    assert_ok(auc_measure(&s, &a, &err), &err);
    assert_near(a.var_cluster, a.var_iid, 0, 1e-12);
    auc_release(&a);
    sample_release(&s);
}

static void undefined_is_not_zero(void **state)
{
    struct fixture f;
    struct sample s;
    struct level l;
    struct level_options o = {.replicates = 50, .jobs = 1, .threshold = .5, .curve_points = 10};
    struct err err = {0};
    size_t i;
    int k;

    (void)state;
    fixture_make(&f, 1, 30, 5, 10);
    for (i = 0; i < f.n; i++)
        f.label[i] = 1;
    fixture_sort(&f, &s);
    assert_ok(level_measure(&l, &s, &o, &err), &err);
    for (k = METRIC_AUC; k <= METRIC_PAUC_1; k++) {
        assert_true(isnan(l.m[k].value));
        assert_string_equal(l.m[k].undefined, "one class only: no real");
        assert_true(isnan(l.m[k].lo));
    }
    level_release(&l);
    sample_release(&s);
    f.n = 0;
    fixture_sort(&f, &s);
    assert_ok(level_measure(&l, &s, &o, &err), &err);
    assert_string_equal(l.m[METRIC_AUC].undefined, "no scores");
    assert_string_equal(l.m[METRIC_ACCURACY].undefined, "no scores");
    level_release(&l);
    sample_release(&s);
}

/* All k pairs right: P(k of k) = a^k >= 0.025 bounds a from below. */
static void a_perfect_auc_has_an_honest_bound(void **state)
{
    struct fixture f = {.n = 20, .n_clusters = 10};
    struct level_options o = {.replicates = 100, .jobs = 1, .threshold = 9.5};
    struct measure m = measure_undefined(NULL);
    struct sample s;
    struct level l;
    struct auc a;
    struct err err = {0};
    size_t i;

    (void)state;
    for (i = 0; i < f.n; i++) {
        f.label[i] = i >= 10;
        f.score[i] = (double)i;
        f.unit[i] = (uint32_t)i;
        f.cluster[i] = i % 10;
    }
    fixture_sort(&f, &s);
    assert_ok(auc_measure(&s, &a, &err), &err);
    measure_auc(&m, &a);
    assert_near(m.value, 1, 0, 0);
    assert_near(m.lo, pow(0.025, 0.1), 1e-9, 0);
    assert_near(m.hi, 1, 0, 0);
    assert_non_null(strstr(m.method, "Clopper-Pearson"));
    assert_ok(level_measure(&l, &s, &o, &err), &err);
    assert_near(l.m[METRIC_EER].value, 0, 0, 0);
    assert_true(isnan(l.m[METRIC_EER].lo) && isnan(l.m[METRIC_EER].boot_lo));
    assert_non_null(strstr(l.m[METRIC_EER].method, "replicates agree"));
    level_release(&l);
    auc_release(&a);
    sample_release(&s);
}

static void curve_of(const double *score, const uint8_t *label, size_t n, struct sample *s,
                     struct curve *c)
{
    static uint32_t unit[MOST], cluster[MOST];
    struct err err = {0};
    size_t i;

    for (i = 0; i < n; i++)
        unit[i] = (uint32_t)i;
    assert_ok(sample_make(s, score, unit, n, label, cluster, 1, NULL, &err), &err);
    assert_ok(curve_make(c, s, &err), &err);
}

static double area_of(const struct curve *c)
{
    return curve_partial_area(c, 1);
}

/* By hand: from the top F R F F R R (each letter a score): corners (0,0) (0,1/3) (1/3,1/3) (1/3,1).
 */
static void readings_by_hand(void **state)
{
    static const double score[] = {6, 5, 4, 3, 2, 1};
    static const uint8_t label[] = {1, 0, 1, 1, 0, 0};
    struct err err = {0};
    struct sample s;
    struct curve c;
    double hull, threshold;

    (void)state;
    curve_of(score, label, 6, &s, &c);
    assert_near(auc_value(&s), 7. / 9, 1e-15, 0);
    assert_near(area_of(&c), 7. / 9, 1e-15, 0);
    assert_near(curve_tpr_at(&c, 0), 1. / 3, 1e-15, 0);
    assert_near(curve_tpr_at(&c, .3), 1. / 3, 1e-15, 0);
    assert_near(curve_tpr_at(&c, 1. / 3), 1, 1e-15, 0);
    /* On the rise at FPR 1/3 the miss rate falls through 1/3. */
    assert_near(curve_eer(&c, &threshold), 1. / 3, 1e-15, 0);
    assert_true(threshold >= 3 && threshold <= 5);
    /* Hull (0,0) (0,1/3) (1/3,1): y = 1/3 + 2x meets y = 1 - x at x = 2/9. */
    assert_ok(curve_eer_hull(&c, &hull, NULL, &err), &err);
    assert_near(hull, 2. / 9, 1e-15, 0);
    assert_near(curve_partial_area(&c, 1. / 3), 1. / 9, 1e-15, 0);
    assert_near(curve_average_precision(&s), (1 + 2. / 3 + 3. / 4) / 3, 1e-15, 0);
    assert_near(curve_mcclish(.1, .1), 1, 1e-15, 0);
    assert_near(curve_mcclish(.1 * .1 / 2, .1), .5, 1e-15, 0);
    curve_release(&c);
    sample_release(&s);
}

/* All scores equal: the curve is the diagonal, its step function nothing until the end. */
static void one_score_for_all(void **state)
{
    double score[40];
    uint8_t label[40];
    struct sample s;
    struct curve c;
    size_t i;

    (void)state;
    for (i = 0; i < 40; i++) {
        score[i] = 0.3;
        label[i] = i % 2;
    }
    curve_of(score, label, 40, &s, &c);
    assert_near(auc_value(&s), .5, 0, 0);
    assert_near(curve_eer(&c, NULL), .5, 1e-15, 0);
    assert_near(curve_tpr_at(&c, .99), 0, 0, 0);
    assert_near(curve_tpr_interpolated(&c, .25), .25, 1e-15, 0);
    assert_near(curve_mcclish(curve_partial_area(&c, .1), .1), .5, 1e-14, 0);
    curve_release(&c);
    sample_release(&s);
}

static void fewer_points_same_area(void **state)
{
    struct fixture f;
    struct sample s;
    struct curve c;
    struct err err = {0};
    double before;
    uint64_t seed;
    size_t i;

    (void)state;
    for (seed = 1; seed < 20; seed++) {
        fixture_make(&f, seed, MOST, 3, 100000);
        fixture_sort(&f, &s);
        assert_ok(curve_make(&c, &s, &err), &err);
        before = area_of(&c);
        assert_near(before, auc_value(&s), 1e-13, 0);
        curve_reduce(&c, 60);
        assert_true(c.n <= 60);
        assert_near(area_of(&c), before, 5e-3, 0);
        assert_near(c.p[0].pos + c.p[0].neg, 0, 0, 0);
        assert_near(c.p[c.n - 1].pos, c.n_pos, 0, 0);
        for (i = 1; i < c.n; i++)
            assert_true(c.p[i].pos >= c.p[i - 1].pos && c.p[i].neg >= c.p[i - 1].neg);
        curve_release(&c);
        sample_release(&s);
    }
}

/* Tables: t, F, chi-squared, normal, Clopper-Pearson (binomial 8 of 10). */
static void distributions(void **state)
{
    double lo, hi;

    (void)state;
    assert_near(dist_normal_quantile(.975), 1.959963984540054, 1e-12, 0);
    assert_near(dist_normal_cdf(-1.5), .06680720126885807, 1e-15, 0);
    assert_near(dist_t_quantile(.975, 4), 2.776445105197793, 1e-9, 0);
    assert_near(dist_t_two_sided(2.776445105197793, 4), .05, 1e-9, 0);
    assert_near(dist_f_quantile(.95, 3, 10), 3.708264819932, 1e-8, 0);
    assert_near(dist_chi2_upper(3.841458820694124, 1), .05, 1e-12, 0);
    assert_near(dist_normal_two_sided(1.959963984540054), .05, 1e-14, 0);
    dist_clopper_pearson(8, 10, .05, &lo, &hi);
    assert_near(lo, .4439045, 1e-6, 0);
    assert_near(hi, .9747893, 1e-6, 0);
    dist_clopper_pearson(0, 10, .05, &lo, &hi);
    assert_near(lo, 0, 0, 0);
    assert_near(hi, 1 - pow(.025, .1), 1e-9, 0);
    assert_true(isnan(dist_normal_quantile(2))); /* and no abort() */
}

/* Holm 1979 and Benjamini & Hochberg 1995 on p = .01 .04 .03 .005, by hand. */
static void corrections(void **state)
{
    static const double p[] = {.01, .04, NAN, .03, .005};
    double out[5];

    (void)state;
    pairs_holm(p, 5, out);
    assert_near(out[4], .02, 1e-15, 0);
    assert_near(out[0], .03, 1e-15, 0);
    assert_near(out[3], .06, 1e-15, 0);
    assert_near(out[1], .06, 1e-15, 0);
    assert_true(isnan(out[2]));
    pairs_benjamini_hochberg(p, 5, out);
    assert_near(out[4], .02, 1e-15, 0);
    assert_near(out[0], .02, 1e-15, 0);
    assert_near(out[3], .04, 1e-15, 0);
    assert_near(out[1], .04, 1e-15, 0);
}

static void a_model_against_itself(void **state)
{
    struct fixture f;
    struct pair_result p = {0};
    struct err err = {0};

    (void)state;
    fixture_make(&f, 2, 200, 20, 50);
    assert_ok(pairs_test(&(struct pair_items){f.score, f.score, f.label, f.cluster, f.n,
                                              f.n_clusters, NULL},
                         &(struct pair_options){.seed = 1, .replicates = 100, .jobs = 1}, &p, &err),
              &err);
    assert_near(p.difference, 0, 0, 0);
    assert_true(isnan(p.p)); /* no variance, no test */
    assert_near(p.p_bootstrap, 1, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_like_qsort),
        cmocka_unit_test(variances_by_counting),
        cmocka_unit_test(leaving_a_cluster_out),
        cmocka_unit_test(clusters_of_one_change_nothing),
        cmocka_unit_test(undefined_is_not_zero),
        cmocka_unit_test(a_perfect_auc_has_an_honest_bound),
        cmocka_unit_test(readings_by_hand),
        cmocka_unit_test(one_score_for_all),
        cmocka_unit_test(fewer_points_same_area),
        cmocka_unit_test(distributions),
        cmocka_unit_test(corrections),
        cmocka_unit_test(a_model_against_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
