#include "tests/near.h"

#include "lib/mem.h"
#include "lib/str.h"

static void appends(void **state)
{
    struct str s = STR_INIT;
    char *taken;

    (void)state;
    str_add(&s, "a");
    str_addf(&s, "%d-%s", 12, "x");
    str_add_c(&s, '!');
    str_add_n(&s, "\0z", 2);
    assert_int_equal(s.len, 8);
    assert_bytes(s.s, "a12-x!\0z", 9);
    str_cut(&s, 4);
    assert_string_equal(s.s, "a12-");
    str_clear(&s);
    assert_string_equal(s.s, "");
    str_add(&s, "kept");
    taken = str_take(&s);
    assert_string_equal(taken, "kept");
    assert_null(s.s);
    free(taken);
    str_release(&s);
}

static void take_of_an_empty_one_is_an_empty_text(void **state)
{
    struct str s = STR_INIT;
    char *taken = str_take(&s);

    (void)state;
    assert_string_equal(taken, "");
    free(taken);
}

static void failure_is_sticky(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    str_add(&s, "abc");
    str_add_n(&s, "x", (size_t)-2); /* refused before a byte is read */
    assert_true(str_failed(&s));
    str_add(&s, "more");
    assert_int_equal(s.len, 3);
    assert_null(str_take(&s));
}

static void sizes_are_checked(void **state)
{
    void *volatile p;
    size_t cap = 0;
    int *grown = NULL;

    (void)state;
    p = mem_array((size_t)-1 / 2, 4);
    assert_null(p);
    p = mem_resize(NULL, (size_t)-1 / 2, 4);
    assert_null(p);
    p = mem_aligned((size_t)-1 / 2, 4);
    assert_null(p);
    p = mem_aligned(3, 5);
    assert_int_equal((uintptr_t)p % MEM_ALIGN, 0);
    free(p);
    assert_int_equal(mem_grow(&grown, &cap, 100, sizeof(*grown)), 0);
    assert_true(cap >= 100);
    grown[99] = 7;
    assert_int_equal(mem_grow(&grown, &cap, (size_t)-1, sizeof(*grown)), -12);
    assert_int_equal(grown[99], 7);
    free(grown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(take_of_an_empty_one_is_an_empty_text),
        cmocka_unit_test(failure_is_sticky),
        cmocka_unit_test(sizes_are_checked),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
