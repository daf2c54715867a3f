/* lib/cpu: what a mask may be called, and that it limits. */
#include "tests/near.h"

#include "lib/cpu.h"

static void masks_have_names_and_numbers(void **state)
{
    static const struct {
        const char *text;
        unsigned mask;
    } good[] = {
        {"none", 0}, {"0", 0},    {"avx2", CPU_AVX2}, {"1", 1}, {"avx512", CPU_AVX2 | CPU_AVX512},
        {"0x3", 3},  {"all", ~0u}};
    static const char *const bad[] = {"", "sse", "-1", "1x", "AVX2", " 1", "avx2,avx512"};
    unsigned mask;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(cpu_parse_mask(good[i].text, &mask));
        assert_int_equal(mask, good[i].mask);
    }
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(cpu_parse_mask(bad[i], &mask));
}

static void a_limit_takes_away_and_never_adds(void **state)
{
    struct err err = {0};

    (void)state;
    assert_ok(cpu_limit("none", &err), &err);
    assert_int_equal(cpu_mask(), 0);
    assert_ok(cpu_limit("avx2", &err), &err);
    assert_int_equal(cpu_mask(), cpu_flags() & CPU_AVX2);
    assert_ok(cpu_limit("all", &err), &err);
    assert_int_equal(cpu_mask(), cpu_flags());
    assert_int_equal(cpu_limit("mmx", &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "'mmx'"));
    assert_int_equal(cpu_mask(), cpu_flags());
    setenv("LP_CPUMASK", "rubbish", 1);
    assert_int_equal(cpu_mask(), cpu_flags());
    unsetenv("LP_CPUMASK");
    assert_int_equal(cpu_mask(), cpu_flags());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_have_names_and_numbers),
        cmocka_unit_test(a_limit_takes_away_and_never_adds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
