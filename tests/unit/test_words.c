#include "tests/near.h"

#include "reports/html.h"
#include "reports/words.h"

static void bad_bytes_are_replaced(void **state)
{
    /* RFC 3629 section 3 and Unicode table 3-7: what is well formed stays, all else is U+FFFD. */
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"\xc3\xbc", "\xc3\xbc"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"a\x80z", "a\xef\xbf\xbdz"},             /* continuation alone */
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong '/' */
        {"\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* surrogate */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* > 10FFFF */
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* cut off */
        {"a\tb\nc\rd", "a b c d"},
        {"\x1b[31m", "\xef\xbf\xbd[31m"},
        {"\xc2\x85", "\xef\xbf\xbd"}, /* C1 control */
        {"\xe2\x80\xae"
         "evil",
         "\xef\xbf\xbd"
         "evil"}, /* right-to-left override */
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct str s = STR_INIT;

        words_clean(&s, cases[i].in);
        assert_string_equal(s.s, cases[i].out);
        str_release(&s);
    }
}

static void long_names_are_cut_at_a_character(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    words_short(&s, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 4);
    assert_string_equal(s.s, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc");
    str_clear(&s);
    words_short(&s, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbcx", 4);
    assert_string_equal(s.s, "\xc3\xbc\xc3\xbc\xc3\xbc\xe2\x80\xa6");
    str_clear(&s);
    str_add(&s, "kept ");
    words_short(&s, "abc", 1);
    assert_string_equal(s.s, "kept \xe2\x80\xa6");
    str_release(&s);
}

static void numbers_have_one_form(void **state)
{
    char t[WORDS_MAX];

    (void)state;
    assert_string_equal(words_real(0.87349, t), "0.873");
    assert_string_equal(words_real(0, t), "0.000");
    assert_string_equal(words_real(-0.05, t), "-0.050");
    assert_string_equal(words_real(1.234e-5, t), "1.2e-05");
    assert_string_equal(words_real(123.456, t), "123.5");
    assert_string_equal(words_real(NAN, t), "-");
    assert_string_equal(words_signed(0.05, t), "+0.050");
    assert_string_equal(words_signed(-0.05, t), "\xe2\x88\x92"
                                                "0.050");
    assert_string_equal(words_p(0.0321, t), "0.032");
    assert_string_equal(words_p(1e-9, t), "< 0.001");
    assert_string_equal(words_count(0, t), "0");
    assert_string_equal(words_count(999, t), "999");
    assert_string_equal(words_count(1000, t), "1,000");
    assert_string_equal(words_count(12345678, t), "12,345,678");
    assert_string_equal(words_count(-1234, t), "-1,234");
    assert_string_equal(words_count(-123, t), "-123");
    assert_string_equal(words_plural(1, "video", t), "video");
    assert_string_equal(words_plural(0, "video", t), "videos");
    assert_string_equal(words_plural(2, "identity", t), "identities");
    assert_string_equal(words_plural(2, "day", t), "days");
}

static void markup_is_escaped(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    html_text(&s, "<script>alert('x')</script> \"&\" %s");
    assert_string_equal(s.s, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; "
                             "&quot;&amp;&quot; %s");
    str_clear(&s);
    html_text(&s, NULL);
    html_textf(&s, "%d%s", 7, "<");
    assert_string_equal(s.s, "7&lt;");
    str_release(&s);
}

static void base64_is_that_of_rfc_4648(void **state)
{
    /* Section 10. */
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        struct str s = STR_INIT;

        html_data_uri(&s, "x/y", vectors[i][0], strlen(vectors[i][0]));
        assert_memory_equal(s.s, "data:x/y;base64,", 16);
        assert_string_equal(s.s + 16, vectors[i][1]);
        str_release(&s);
    }
}

static void heads_and_cells(void **state)
{
    static const char *const names[] = {"a<", "#n", NULL};
    struct str s = STR_INIT;

    (void)state;
    html_head(&s, names);
    assert_string_equal(s.s, "<thead><tr><th scope=\"col\">a&lt;</th>"
                             "<th scope=\"col\" class=\"n\">n</th></tr></thead>\n");
    str_clear(&s);
    html_count(&s, 1234);
    html_cell(&s, "&");
    assert_string_equal(s.s, "<td class=\"n\">1,234</td><td>&amp;</td>");
    str_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_bytes_are_replaced),
        cmocka_unit_test(long_names_are_cut_at_a_character),
        cmocka_unit_test(numbers_have_one_form),
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(heads_and_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
