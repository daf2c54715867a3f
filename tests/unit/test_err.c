#include "tests/near.h"

#include <errno.h>

#include "lib/err.h"

static void first_error_wins(void **state)
{
    struct err e = {0};

    (void)state;
    assert_int_equal(err_set(&e, ERR_DATA, "row %d of '%s'", 3, "x"), ERR_DATA);
    assert_int_equal(err_set(&e, ERR_IO, "later"), ERR_IO);
    assert_int_equal(e.code, ERR_DATA);
    assert_string_equal(e.text, "row 3 of 'x'");
    err_clear(&e);
    assert_int_equal(e.code, 0);
    assert_string_equal(e.text, "");
}

static void text_is_one_line(void **state)
{
    struct err e = {0};

    (void)state;
    err_set(&e, ERR_DATA, "'a\nb\tc\r'");
    assert_string_equal(e.text, "'a b c '");
}

static void errno_is_put_in_words(void **state)
{
    struct err e = {0};

    (void)state;
    err_set_errno(&e, ERR_NOINPUT, ENOENT, "cannot open '%s'", "x");
    assert_string_equal(e.text, "cannot open 'x': No such file or directory");
}

static void long_text_is_cut(void **state)
{
    struct err e = {0};
    char big[2000];

    (void)state;
    memset(big, 'a', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    err_set_errno(&e, ERR_IO, EIO, "%s", big);
    assert_true(strlen(e.text) < sizeof(e.text));
}

static void null_err_is_fine(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
}

static void exit_statuses(void **state)
{
    static const int want[][2] = {{0, 0},          {ERR_CHECK, 1},    {ERR_USAGE, 64},
                                  {ERR_DATA, 65},  {ERR_NOINPUT, 66}, {ERR_MISSING, 69},
                                  {ERR_FAULT, 70}, {ERR_SYSTEM, 71},  {ERR_CREATE, 73},
                                  {ERR_IO, 74},    {ERR_RETRY, 75},   {ERR_CONFIG, 78},
                                  {-ENOENT, 66},   {-ENOMEM, 71},     {-ENOSPC, 74},
                                  {-EPIPE, 74},    {-EINVAL, 70}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(want) / sizeof(*want); i++)
        assert_int_equal(err_exit_status(want[i][0]), want[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_wins),      cmocka_unit_test(text_is_one_line),
        cmocka_unit_test(errno_is_put_in_words), cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(null_err_is_fine),      cmocka_unit_test(exit_statuses),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
