/* The weighted sweep against copying items, and intervals against simulation. */
#include "tests/near.h"

#include "evaluate/auc.h"
#include "evaluate/bootstrap.h"
#include "evaluate/curve.h"
#include "evaluate/metrics.h"
#include "tests/unit/score_fixture.h"

/* A replicate made the plain way: every item as often as its cluster was drawn. */
static const double grid[] = {0, .25, .5, .75, 1};

static void copy_items(const struct fixture *f, const uint32_t *times, struct sample *s)
{
    static double score[MOST * 40];
    static uint32_t unit[MOST * 40];
    struct err err = {0};
    size_t n = 0, i;
    uint32_t k;

    for (i = 0; i < f->n; i++)
        for (k = 0; k < times[f->cluster[i]] && n < MOST * 40; k++) {
            score[n] = f->score[i];
            unit[n++] = (uint32_t)i;
        }
    assert_ok(sample_make(s, score, unit, n, f->label, f->cluster, f->n_clusters, NULL, &err),
              &err);
}

static void a_sweep_is_a_resampling(void **state)
{
    static struct fixture f;
    uint64_t seed;

    (void)state;
    for (seed = 1; seed <= 12; seed++) {
        struct boot_request q = {.seed = seed,
                                 .replicates = 23,
                                 .n_q = 3,
                                 .q = {.1, .01, .5},
                                 .n_ratio = 1,
                                 .n_grid = 5,
                                 .grid = grid};
        double num[40], den[40];
        uint32_t times[40];
        struct err err = {0};
        struct sample s;
        struct boot b;
        size_t r, i, defined = 0;

        fixture_make(&f, seed, MOST, seed < 3 ? 4 : 5 + seed, seed % 2 ? 100000 : 6);
        for (i = 0; i < 40; i++) {
            num[i] = (double)(i * i);
            den[i] = (double)i + 1;
        }
        q.num[0] = num;
        q.den[0] = den;
        fixture_sort(&f, &s);
        assert_ok(boot_run(&s, &q, 1, &b, &err), &err);
        for (r = 0; r < q.replicates; r++) {
            struct sample copy;
            struct curve c;
            double top = 0, bottom = 0;
            int k;

            boot_draw(seed, r, f.n_clusters, times);
            for (i = 0; i < f.n_clusters; i++) {
                top += times[i] * num[i];
                bottom += times[i] * den[i];
            }
            assert_near(b.value[(size_t)boot_ratio_row(&q, 0) * q.replicates + r], top / bottom,
                        1e-12, 0);
            copy_items(&f, times, &copy);
            if (!copy.n_pos || !copy.n_neg) {
                assert_true(isnan(b.value[r]));
                sample_release(&copy);
                continue;
            }
            defined++;
            assert_near(b.value[r], auc_value(&copy), 1e-12, 0);
            assert_near(b.value[(size_t)BOOT_AP * q.replicates + r], curve_average_precision(&copy),
                        1e-12, 0);
            assert_ok(curve_make(&c, &copy, &err), &err);
            assert_near(b.value[(size_t)BOOT_EER * q.replicates + r], curve_eer(&c, NULL), 1e-12,
                        0);
            for (k = 0; k < 3; k++) {
                assert_near(b.value[(size_t)boot_q_row(k, BOOT_STEP) * q.replicates + r],
                            curve_tpr_at(&c, q.q[k]), 1e-12, 0);
                assert_near(b.value[(size_t)boot_q_row(k, BOOT_AREA) * q.replicates + r],
                            curve_partial_area(&c, q.q[k]), 1e-12, 0);
            }
            for (k = 0; k < 5; k++)
                assert_near(b.band[(size_t)k * q.replicates + r],
                            curve_tpr_interpolated(&c, k / 4.), 1e-6, 0);
            curve_release(&c);
            sample_release(&copy);
        }
        assert_int_equal(b.undefined, q.replicates - defined);
        assert_true(defined > 15);
        boot_release(&b);
        sample_release(&s);
    }
}

static void threads_do_not_matter(void **state)
{
    struct boot_request q = {
        .seed = 9, .replicates = 203, .n_q = 1, .q = {.1}, .n_grid = 5, .grid = grid};
    static struct fixture f;
    struct boot a, b;
    struct err err = {0};
    struct sample s;

    (void)state;
    fixture_make(&f, 4, MOST, 30, 1000);
    fixture_sort(&f, &s);
    assert_ok(boot_run(&s, &q, 1, &a, &err), &err);
    assert_ok(boot_run(&s, &q, 4, &b, &err), &err);
    assert_bytes(a.value, b.value, (size_t)a.n_stats * q.replicates * sizeof(double));
    assert_bytes(a.band, b.band, q.n_grid * q.replicates * sizeof(float));
    boot_release(&a);
    boot_release(&b);
    sample_release(&s);
}

static void draws_are_multinomial(void **state)
{
    double mean = 0, square = 0;
    uint32_t times[50];
    size_t r, i, sum;

    (void)state;
    for (r = 0; r < 2000; r++) {
        boot_draw(1, r, 50, times);
        for (i = sum = 0; i < 50; i++)
            sum += times[i];
        assert_int_equal(sum, 50);
        mean += times[7] / 2000.;
        square += times[7] * (double)times[7] / 2000.;
    }
    assert_near(mean, 1, .08, 0); /* sd of the mean .022 */
    assert_near(square - mean * mean, .98, .12, 0);
}

static void limits_of_known_values(void **state)
{
    double v[999], lo, hi, jack[] = {.1, .2, .3, NAN, .2};
    size_t i;

    (void)state;
    for (i = 0; i < 999; i++)
        v[i] = (double)(998 - i) + 1; /* 999 .. 1 */
    assert_true(boot_percentile(v, 999, .05, &lo, &hi));
    assert_near(lo, 25, 1e-9, 0);
    assert_near(hi, 975, 1e-9, 0);
    /* Symmetric draws, symmetric jackknife: BCa is the percentile interval. */
    assert_true(boot_bca(v, 999, 500, jack, 5, .05, &lo, &hi));
    assert_near(lo, 25, 1e-6, 0);
    assert_near(hi, 975, 1e-6, 0);
    assert_false(boot_percentile(v, 10, .05, &lo, &hi));
}

/* Videos of 10 frames that share an offset: simulate, count how often the truth is covered. */
static void clustered_limits_cover(void **state)
{
    enum { SETS = 600, VIDEOS = 40, FRAMES = 10 };
    /* Fake minus real is N(1, 2 * (0.8^2 + 0.6^2)): AUC = Phi(1 / sqrt 2). */
    double truth = 0.5 * erfc(-1 / sqrt(2.) * M_SQRT1_2);
    int hit = 0, hit_iid = 0, set;
    static struct fixture f;

    (void)state;
    for (set = 0; set < SETS; set++) {
        struct measure m = measure_undefined(NULL);
        struct err err = {0};
        struct sample s;
        struct auc a;
        struct rng g;
        int v, k;

        rng_init(&g, 11, (uint32_t)set, "coverage", "test");
        f.n = VIDEOS * FRAMES;
        f.n_clusters = VIDEOS;
        for (v = 0; v < VIDEOS; v++) {
            double offset = 0.8 * rng_normal(&g) + v % 2;

            for (k = 0; k < FRAMES; k++) {
                size_t i = (size_t)(v * FRAMES + k);

                f.score[i] = offset + 0.6 * rng_normal(&g);
                f.label[i] = v % 2;
                f.cluster[i] = (uint32_t)v;
                f.unit[i] = (uint32_t)i;
            }
        }
        fixture_sort(&f, &s);
        assert_ok(auc_measure(&s, &a, &err), &err);
        measure_auc(&m, &a);
        hit += m.lo <= truth && truth <= m.hi;
        hit_iid += m.iid_lo <= truth && truth <= m.iid_hi;
        auc_release(&a);
        sample_release(&s);
    }
    /* Nominal 0.95; the standard error of these shares is 0.009. */
    if (hit < .925 * SETS || hit > .975 * SETS)
        fail_msg("clustered limits cover %.3f", hit / (double)SETS);
    if (hit_iid > .75 * SETS)
        fail_msg("limits over frames cover %.3f: they should fail here", hit_iid / (double)SETS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_is_a_resampling), cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(draws_are_multinomial),   cmocka_unit_test(limits_of_known_values),
        cmocka_unit_test(clustered_limits_cover),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
