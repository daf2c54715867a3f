#include "tests/near.h"

#include "lib/json.h"

static void written_json_reads_back(void **state)
{
    struct str s = STR_INIT;
    struct err err = {0};
    struct jsonr *root;
    const char *key;
    long long i;
    double d;
    struct jsonw w;
    int indent;

    (void)state;
    for (indent = 0; indent <= 2; indent += 2) {
        str_clear(&s);
        jsonw_begin(&w, &s, indent);
        jsonw_object(&w, NULL);
        jsonw_text(&w, "text", "a\"b\\c\n\x01é");
        jsonw_int(&w, "int", -7);
        jsonw_real(&w, "real", 0.1);
        jsonw_real(&w, "nan", NAN);
        jsonw_bool(&w, "yes", true);
        jsonw_array(&w, "list");
        jsonw_int(&w, NULL, 1);
        jsonw_object(&w, NULL);
        jsonw_object_end(&w);
        jsonw_array(&w, NULL);
        jsonw_array_end(&w);
        jsonw_array_end(&w);
        jsonw_object_end(&w);
        assert_false(str_failed(&s));
        assert_ok(jsonr_parse(&root, s.s, s.len, "x", &err), &err);
        assert_int_equal(jsonr_size(root), 6);
        assert_string_equal(jsonr_as_text(jsonr_get(root, "text")), "a\"b\\c\n\x01é");
        assert_true(jsonr_as_int(jsonr_get(root, "int"), &i));
        assert_int_equal(i, -7);
        assert_true(jsonr_as_real(jsonr_get(root, "real"), &d));
        assert_true(d == 0.1);
        assert_int_equal(jsonr_kind_of(jsonr_get(root, "nan")), JSONR_NULL);
        assert_non_null(jsonr_get(root, "nan"));
        assert_true(jsonr_as_bool(jsonr_get(root, "yes")));
        assert_int_equal(jsonr_size(jsonr_get(root, "list")), 3);
        assert_int_equal(jsonr_kind_of(jsonr_at(jsonr_get(root, "list"), 1)), JSONR_OBJECT);
        assert_non_null(jsonr_member(root, 2, &key));
        assert_string_equal(key, "real");
        assert_null(jsonr_member(root, 6, &key));
        jsonr_free(root);
    }
    str_release(&s);
}

static void damage_is_refused_with_its_line(void **state)
{
    static const char *const wrong[] = {"",   "{", "{\"a\": 1,}", "[1 2]", "{\"a\":1,\"a\":2}",
                                        "nul"};
    struct err err = {0};
    struct jsonr *root;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_fails(jsonr_parse(&root, wrong[i], strlen(wrong[i]), "x", &err), ERR_DATA, &err,
                     "'x' line 1");
    assert_fails(jsonr_load(&root, "/missing", &err), ERR_NOINPUT, &err, "/missing");
}

static void absent_things_are_null(void **state)
{
    long long i;

    (void)state;
    assert_null(jsonr_get(NULL, "a"));
    assert_null(jsonr_at(NULL, 0));
    assert_null(jsonr_as_text(NULL));
    assert_false(jsonr_as_int(NULL, &i));
    assert_int_equal(jsonr_size(NULL), 0);
    jsonr_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_json_reads_back),
        cmocka_unit_test(damage_is_refused_with_its_line),
        cmocka_unit_test(absent_things_are_null),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
