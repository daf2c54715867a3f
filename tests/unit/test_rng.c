#include "tests/near.h"

#include "lib/rng.h"

/* Known answers of philox4x32-10, from the test vectors of Random123 (Salmon et al., SC'11). */
static void published_vectors(void **state)
{
    static const uint32_t cases[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    uint32_t out[4];
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        rng_philox4x32_10(cases[i], cases[i] + 4, out);
        assert_bytes(out, cases[i] + 6, sizeof(out));
    }
}

static void streams_repeat_and_differ(void **state)
{
    static const struct {
        uint64_t seed;
        uint32_t epoch;
        const char *id, *purpose;
    } s[] = {{1, 0, "a", "mask"}, {2, 0, "a", "mask"}, {1, 1, "a", "mask"},
             {1, 0, "b", "mask"}, {1, 0, "a", "blur"}, {1, 0, "mask", "a"}};
    uint32_t first[6];
    struct rng r;
    size_t i, j;

    (void)state;
    for (i = 0; i < 6; i++) {
        rng_init(&r, s[i].seed, s[i].epoch, s[i].id, s[i].purpose);
        first[i] = rng_u32(&r);
        rng_init(&r, s[i].seed, s[i].epoch, s[i].id, s[i].purpose);
        assert_int_equal(rng_u32(&r), first[i]);
        for (j = 0; j < i; j++)
            assert_int_not_equal(first[i], first[j]);
    }
}

static void uniform_has_the_right_moments(void **state)
{
    double sum = 0, squares = 0, u;
    struct rng r;
    int i, n = 200000;

    (void)state;
    rng_init(&r, 7, 0, "moments", "test");
    for (i = 0; i < n; i++) {
        u = rng_uniform(&r);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    assert_near(sum / n, 0.5, 4 * sqrt(1.0 / 12 / n), 0); /* 4 standard errors */
    assert_near(squares / n, 1.0 / 3, 4 * sqrt(4.0 / 45 / n), 0);
}

static void normal_has_the_right_moments(void **state)
{
    double sum = 0, squares = 0, z;
    struct rng r;
    int i, n = 200000;

    (void)state;
    rng_init(&r, 7, 0, "normal", "test");
    for (i = 0; i < n; i++) {
        z = rng_normal(&r);
        sum += z;
        squares += z * z;
    }
    assert_near(sum / n, 0, 4 / sqrt(n), 0);
    assert_near(squares / n, 1, 4 * sqrt(2.0 / n), 0);
}

/* Chi-square over n = 7 cells, 6 degrees of freedom: 22.46 is the 0.999 quantile. */
static void below_is_without_bias(void **state)
{
    int count[7] = {0}, i, n = 70000;
    double chi2 = 0;
    struct rng r;

    (void)state;
    rng_init(&r, 3, 0, "below", "test");
    for (i = 0; i < n; i++) {
        uint32_t k = rng_below(&r, 7);

        assert_true(k < 7);
        count[k]++;
    }
    for (i = 0; i < 7; i++)
        chi2 += (count[i] - n / 7.0) * (count[i] - n / 7.0) / (n / 7.0);
    assert_true(chi2 < 22.46);
    assert_int_equal(rng_below(&r, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(streams_repeat_and_differ),
        cmocka_unit_test(uniform_has_the_right_moments),
        cmocka_unit_test(normal_has_the_right_moments),
        cmocka_unit_test(below_is_without_bias),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
