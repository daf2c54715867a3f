/* Other tools' numbers: truth from scikit-learn 1.2.1 (roc_curve, argmin |FNR - FPR|). */
#include "tests/near.h"

#include "evaluate/compat.h"
#include "evaluate/curve.h"
#include "tests/unit/score_fixture.h"

static void check(struct fixture *f, double theirs, double ours)
{
    struct err err = {0};
    struct curve c;
    struct sample s;
    double eer;
    size_t i;

    f->n_clusters = 1;
    for (i = 0; i < f->n; i++) {
        f->unit[i] = (uint32_t)i;
        f->cluster[i] = 0;
    }
    fixture_sort(f, &s);
    assert_ok(compat_nearest_eer(&s, &eer, &err), &err);
    assert_near(eer, theirs, 1e-15, 0);
    assert_ok(curve_make(&c, &s, &err), &err);
    if (!isnan(ours))
        assert_near(curve_eer(&c, NULL), ours, 1e-15, 0);
    curve_release(&c);
    sample_release(&s);
}

static void the_nearest_point_as_scikit_learn_has_it(void **state)
{
    static struct fixture f;
    uint32_t x = 12345;
    size_t i;

    (void)state;
    f.n = 8;
    for (i = 0; i < f.n; i++) {
        f.label[i] = i % 2;
        f.score[i] = (double)(i + 1) / 10;
    }
    check(&f, 0.5, NAN);
    f = (struct fixture){.n = 10, .label = {0, 0, 1, 0, 1, 1, 0, 1, 1, 1}};
    for (i = 0; i < f.n; i++)
        f.score[i] = (double)(i + 1) / 20;
    check(&f, 0.25, NAN);
    f = (struct fixture){.n = 13,
                         .label = {0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1},
                         .score = {0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6}};
    check(&f, 2 / 3., NAN);
    f = (struct fixture){.n = 60};
    for (i = 0; i < f.n; i++) {
        x = (x * 1103515245u + 12345) & 0x7fffffff;
        f.label[i] = (x >> 16) % 3 > 0;
        x = (x * 1103515245u + 12345) & 0x7fffffff;
        f.score[i] = (double)((x >> 16) % 40 + 8u * f.label[i]);
    }
    check(&f, 0.47368421052631576, NAN);
}

/* A detector that knows nothing, ties of one real and one fake: the curve is the diagonal, of which
 * only the first point is left, and theirs is 0.1 where the truth is 0.5. */
static void dropped_points_can_be_the_crossing(void **state)
{
    static struct fixture f = {.n = 20};
    size_t i;

    (void)state;
    for (i = 0; i < f.n; i++) {
        f.label[i] = i % 2;
        f.score[i] = (double)(i / 2);
    }
    check(&f, 0.1, 0.5);
}

static void one_class_is_undefined(void **state)
{
    static struct fixture f = {.n = 3, .n_clusters = 1, .label = {1, 1, 1}, .unit = {0, 1, 2}};
    struct err err = {0};
    struct sample s;
    double eer = 0;

    (void)state;
    fixture_sort(&f, &s);
    assert_ok(compat_nearest_eer(&s, &eer, &err), &err);
    assert_true(isnan(eer));
    sample_release(&s);
    assert_int_equal(compat_parse("caddm"), COMPAT_CADDM);
    assert_int_equal(compat_parse("CADDM "), COMPAT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_point_as_scikit_learn_has_it),
        cmocka_unit_test(dropped_points_can_be_the_crossing),
        cmocka_unit_test(one_class_is_undefined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
