/* Targets and donors: the fit against a case worked out by hand, shares that were planted found
 * again, p-values that are flat where nothing was planted. */
#include "tests/near.h"

#include "evaluate/probe_swaps.h"
#include "lib/mem.h"
#include "lib/rng.h"

static void by_hand(void **state)
{
    /* y = target (0, 10) + donor (0, 1, 3), two cells missing, one cell off by e. */
    static const uint32_t a[] = {0, 0, 1, 1, 0, 1}, b[] = {0, 1, 1, 2, 0, 2};
    static const double y[] = {0, 1, 11, 13, 0, 13};
    struct two_factors f;
    struct err err = {0};

    (void)state;
    assert_ok(two_factors_fit(y, a, b, 6, 2, 3, &f, &err), &err);
    assert_near(f.rss, 0, 1e-15, 0);
    assert_int_equal(f.df, 6 - (2 + 3 - 1));
    assert_int_equal(f.df_a, 1);
    assert_int_equal(f.df_b, 2);
    assert_near(f.a[1] - f.a[0], 10, 1e-8, 0);
    assert_near(f.b[2] - f.b[0], 3, 1e-8, 0);
    two_factors_release(&f);
    /* Fixed pairs: two parts without a link. */
    assert_ok(two_factors_fit(y, (const uint32_t[]){0, 0, 1, 1}, (const uint32_t[]){1, 1, 0, 0}, 4,
                              2, 2, &f, &err),
              &err);
    assert_int_equal(f.df_a, 0);
    assert_int_equal(f.df_b, 0);
    two_factors_release(&f);
}

/* A data set of swaps: everybody into everybody, `per` videos each. */
struct world {
    struct result res;
    struct model_result m;
    uint32_t *video;
    double *score;
    size_t n;
};

static void world_make(struct world *w, uint64_t seed, size_t people, size_t per, double donor,
                       double target)
{
    double *td = mem_array(2 * people, sizeof(*td));
    size_t t, d, k, i;
    struct rng g;

    memset(w, 0, sizeof(*w));
    w->n = people * (people - 1) * per;
    w->video = mem_array(w->n, sizeof(*w->video));
    w->score = mem_array(w->n, sizeof(*w->score));
    w->res.data.video = mem_array(w->n, sizeof(*w->res.data.video));
    w->res.data.n_videos = w->n;
    w->res.data.names.n = people;
    rng_init(&g, seed, 0, "swaps", "test");
    for (i = 0; i < 2 * people; i++)
        td[i] = (i < people ? target : donor) * rng_normal(&g);
    for (t = i = 0; t < people; t++)
        for (d = 0; d < people; d++)
            for (k = 0; t != d && k < per; k++, i++) {
                w->res.data.video[i] = (struct video){.dataset = NAME_NONE,
                                                      .method = NAME_NONE,
                                                      .compression = NAME_NONE,
                                                      .face_id = (uint32_t)d,
                                                      .context_id = (uint32_t)t,
                                                      .label = 1};
                w->video[i] = (uint32_t)i;
                w->score[i] = 5 + td[t] + td[people + d] + rng_normal(&g);
            }
    free(td);
}

static void world_release(struct world *w)
{
    free(w->video);
    free(w->score);
    free(w->res.data.video);
    free(w->m.swap);
    probes_release(&w->m.probes);
}

static void planted_shares_are_found(void **state)
{
    double sum[2] = {0};
    struct err err = {0};
    struct world w;
    uint64_t seed;

    (void)state;
    for (seed = 1; seed <= 10; seed++) {
        const struct probe *d, *t;

        world_make(&w, seed, 30, 1, 1, 2);
        assert_ok(probe_swaps(&w.res, &w.m, w.video, w.score, w.n, 1, 19, &err), &err);
        d = probe_find(&w.m.probes, "donor_variance", NULL);
        t = probe_find(&w.m.probes, "target_variance", NULL);
        assert_near(d->p, 0.05, 1e-12, 0);
        assert_near(t->p, 0.05, 1e-12, 0);
        sum[0] += d->value / 10;
        sum[1] += t->value / 10;
        assert_int_equal(w.m.n_swaps, 30 * 29);
        world_release(&w);
    }
    /* 1, 4 and 1 parts of the variance. */
    assert_near(sum[0], 1 / 6., 0.05, 0);
    assert_near(sum[1], 4 / 6., 0.07, 0);
}

static void nothing_planted_nothing_found(void **state)
{
    size_t low = 0, half = 0;
    struct err err = {0};
    struct world w;
    uint64_t seed;

    (void)state;
    for (seed = 1; seed <= 100; seed++) {
        const struct probe *d;

        world_make(&w, seed, 8, 1, 0, 1.5);
        assert_ok(probe_swaps(&w.res, &w.m, w.video, w.score, w.n, seed, 19, &err), &err);
        d = probe_find(&w.m.probes, "donor_variance", NULL);
        low += d->p <= 0.05 + 1e-9;
        half += d->p <= 0.5 + 1e-9;
        world_release(&w);
    }
    /* Binomial(100, .05) and (100, .5): 4 standard deviations. */
    assert_in_range(low, 0, 14);
    assert_in_range(half, 30, 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(planted_shares_are_found),
        cmocka_unit_test(nothing_planted_nothing_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
