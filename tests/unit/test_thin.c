#include "tests/near.h"

#include "reports/thin.h"

static double off(struct curve_point p, struct curve_point a, struct curve_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y;

    return fabs(dx * (p.y - a.y) - dy * (p.x - a.x)) / hypot(dx, dy);
}

static void a_straight_line_keeps_its_ends(void **state)
{
    struct curve_point p[1000];
    struct err err = {0};
    int i;

    (void)state;
    for (i = 0; i < 1000; i++)
        p[i] = (struct curve_point){i / 999.0, 2.0 * i / 999.0};
    assert_int_equal(thin_curve(p, 1000, 500, 1e-12, &err), 2);
    assert_near(p[0].x, 0, 0, 0);
    assert_near(p[1].x, 1, 0, 0);
    assert_int_equal(thin_curve(p, 2, 2, 0, &err), 2);
    assert_int_equal(thin_curve(p, 1, 2, 0, &err), 1);
    assert_int_equal(thin_curve(p, 0, 2, 0, &err), 0);
}

static void the_corner_of_a_step_is_kept(void **state)
{
    struct curve_point p[201];
    struct err err = {0};
    int i;

    (void)state;
    for (i = 0; i <= 100; i++)
        p[i] = (struct curve_point){0, i / 100.0};
    for (i = 1; i <= 100; i++)
        p[100 + i] = (struct curve_point){i / 100.0, 1};
    assert_int_equal(thin_curve(p, 201, 500, 1e-9, &err), 3);
    assert_near(p[1].x, 0, 0, 0);
    assert_near(p[1].y, 1, 0, 0);
}

/* Every dropped point is within the tolerance of the piece that stands for it, and the result is a
 * subsequence. */
static void nothing_dropped_is_further_than_the_tolerance(void **state)
{
    enum { N = 20000 };
    struct curve_point *all = malloc(N * sizeof(*all)), *kept = malloc(N * sizeof(*kept));
    struct err err = {0};
    long long n, k = 0;
    int i;

    (void)state;
    for (i = 0; i < N; i++) {
        double t = M_PI / 2 * i / (N - 1);

        kept[i] = all[i] = (struct curve_point){1 - cos(t), sin(t) + 1e-4 * sin(50 * t)};
    }
    n = thin_curve(kept, N, 500, 1e-3, &err);
    assert_in_range(n, 3, 60);
    for (i = 0; i < N; i++) {
        if (k + 1 < n && all[i].x == kept[k + 1].x && all[i].y == kept[k + 1].y)
            k++;
        if (k + 1 < n)
            assert_true(off(all[i], kept[k], kept[k + 1]) <= 1e-3);
    }
    assert_int_equal(k, n - 1);
    assert_near(kept[n - 1].y, all[N - 1].y, 0, 0);
    free(all);
    free(kept);
}

static void the_limit_holds(void **state)
{
    struct curve_point p[4096];
    struct err err = {0};
    unsigned r = 1;
    int i;

    (void)state;
    for (i = 0; i < 4096; i++) {
        r = r * 1103515245u + 12345u;
        p[i] = (struct curve_point){i, r >> 16 & 0xff};
    }
    assert_int_equal(thin_curve(p, 4096, 17, 0, &err), 17);
    assert_near(p[0].x, 0, 0, 0);
    assert_near(p[16].x, 4095, 0, 0);
    for (i = 1; i < 17; i++)
        assert_true(p[i].x > p[i - 1].x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_straight_line_keeps_its_ends),
        cmocka_unit_test(the_corner_of_a_step_is_kept),
        cmocka_unit_test(nothing_dropped_is_further_than_the_tolerance),
        cmocka_unit_test(the_limit_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
