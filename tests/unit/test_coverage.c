/* align/coverage: shares of squares that are known. */
#include "tests/near.h"

#include "align/coverage.h"

static struct mat3 similarity(double scale, double degrees, double tx, double ty)
{
    double a = scale * cos(degrees * M_PI / 180), b = scale * sin(degrees * M_PI / 180);

    return (struct mat3){{a, -b, tx, b, a, ty, 0, 0, 1}};
}

static void known_shares(void **state)
{
    struct mat3 m = similarity(1, 0, 0, 0);

    (void)state;
    assert_near(coverage_outside(&m, 101, 101, 101), 0, 1e-12, 0);
    assert_near(coverage_outside(&m, 1000, 1000, 101), 0, 1e-12, 0);
    assert_near(coverage_outside(&m, 51, 101, 101), 0.5, 1e-12, 0);
    m = similarity(1, 0, 50, 0); /* its left half shows what is left of the crop */
    assert_near(coverage_outside(&m, 200, 200, 101), 0.5, 1e-12, 0);
    m = similarity(1, 0, 50, 75);
    assert_near(coverage_outside(&m, 200, 200, 101), 1 - 0.5 * 0.25, 1e-12, 0);
    m = similarity(1, 0, 500, 0);
    assert_near(coverage_outside(&m, 200, 200, 101), 1, 1e-12, 0);
    m = similarity(2, 0, 0, 0); /* the crop is enlarged */
    assert_near(coverage_outside(&m, 51, 51, 101), 0, 1e-12, 0);
    assert_near(coverage_outside(&m, 26, 51, 101), 0.5, 1e-12, 0);
    m = similarity(0, 0, 0, 0);
    assert_near(coverage_outside(&m, 10, 10, 10), 0, 0, 0);
}

/* A square turned by 45 degrees about the middle of a crop of its own size loses its four corners:
 * inside is a regular octagon, 2 (sqrt 2 - 1) of the square. */
static void a_turned_square_leaves_an_octagon(void **state)
{
    struct mat3 to = similarity(1, 0, -50, -50), turn = similarity(1, 45, 0, 0),
                back = similarity(1, 0, 50, 50), m;

    (void)state;
    m = mat3_multiply(&turn, &to);
    m = mat3_multiply(&back, &m);
    assert_near(coverage_outside(&m, 101, 101, 101), 1 - 2 * (sqrt(2) - 1), 1e-9, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_shares),
        cmocka_unit_test(a_turned_square_leaves_an_octagon),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
