#include "tests/near.h"

#include "lib/conf.h"
#include "lib/conf_schema.h"

static struct conf *fresh(void)
{
    struct err err = {0};
    struct conf *c;

    assert_ok(conf_new(&c, &err), &err);
    return c;
}

static void defaults_are_those_of_the_file(void **state)
{
    struct conf *c = fresh();
    size_t n;

    (void)state;
    assert_int_equal(conf_int(c, "extract.frames"), 32);
    assert_string_equal(conf_string(c, "dataset.name"), "ffpp");
    assert_string_equal(conf_string(c, "dataset.root"), "");
    assert_string_equal(conf_list(c, "dataset.compression", &n)[0], "c23");
    assert_int_equal(n, 1);
    assert_false(conf_given(c, "extract.frames"));
    conf_free(c);
}

static void a_file_changes_what_it_names(void **state)
{
    char *dir = near_enter();
    struct conf *c = fresh();
    struct err err = {0};
    size_t n;

    (void)state;
    assert_ok(fs_make_folders("sub", &err), &err);
    near_file("sub/a.yaml", "dataset: {root: ../data, compression: [raw, c40]}\n"
                            "extract:\n  frames: 7\n"
                            "report: {title: \"a: b # c\"}\nswap:\n");
    assert_ok(conf_load(c, "sub/a.yaml", &err), &err);
    assert_int_equal(conf_int(c, "extract.frames"), 7);
    assert_true(conf_given(c, "extract.frames"));
    assert_string_equal(conf_string(c, "dataset.root"), "sub/../data");
    assert_string_equal(conf_list(c, "dataset.compression", &n)[1], "c40");
    assert_int_equal(n, 2);
    assert_string_equal(conf_string(c, "report.title"), "a: b # c");
    near_file("sub/a.yaml", "dataset: {root: /abs, compression: raw}\n");
    assert_ok(conf_load(c, "sub/a.yaml", &err), &err);
    assert_string_equal(conf_string(c, "dataset.root"), "/abs");
    assert_string_equal(conf_list(c, "dataset.compression", &n)[0], "raw");
    assert_int_equal(n, 1);
    near_file("empty.yaml", "");
    assert_ok(conf_load(c, "empty.yaml", &err), &err);
    conf_free(c);
    near_leave(dir);
}

static void mistakes_name_file_line_and_key(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"extract:\n  frames: 8\n  frame: 9\n", "x.yaml:3: unknown key 'extract.frame'"},
        {"extrct: {}\n", "x.yaml:1: unknown section 'extrct'"},
        {"extract:\n  frames: many\n", "x.yaml:2: extract.frames: 'many' is not a whole number"},
        {"extract:\n  frames: 1.5\n", "x.yaml:2: extract.frames: '1.5'"},
        {"extract:\n  frames: 0\n", "x.yaml:2: extract.frames: 0 is not in 1..100000"},
        {"extract:\n  frames:\n", "x.yaml:2: extract.frames: the value is missing"},
        {"extract:\n  frames: [1]\n", "x.yaml:2: extract.frames: a list where a single value"},
        {"extract:\n  frames: {a: 1}\n", "a group of keys where a single value"},
        {"run:\n  max_failed: nan\n", "x.yaml:2: run.max_failed: 'nan' is not a number"},
        {"run:\n  max_failed: 2\n", "2 is not in 0..1"},
        {"align:\n  template: cadm\n", "x.yaml:2: align.template: 'cadm' is not one of caddm"},
        {"dataset:\n  methods: {a: b}\n", "a group of keys where a list"},
        {"dataset:\n  methods: [[a]]\n", "a list inside of a list"},
        {"dataset: hello\n", "x.yaml:1: a single value where the keys of 'dataset'"},
        {"- a\n", "x.yaml:1: a list where sections are needed"},
        {"extract:\n  frames: 1\n bad\n", "x.yaml:3: not YAML"},
        {"extract: {frames: 1\n", "not YAML"},
    };
    char *dir = near_enter();
    struct err err = {0};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct conf *c = fresh();

        near_file("x.yaml", cases[i].text);
        assert_fails(conf_load(c, "x.yaml", &err), ERR_CONFIG, &err, cases[i].words);
        conf_free(c);
    }
    near_leave(dir);
}

static void set_on_the_command_line(void **state)
{
    struct conf *c = fresh();
    struct err err = {0};
    size_t n;

    (void)state;
    assert_ok(conf_set(c, "extract.frames=3", &err), &err);
    assert_int_equal(conf_int(c, "extract.frames"), 3);
    assert_ok(conf_set(c, "dataset.methods=Deepfakes, FaceSwap", &err), &err);
    assert_string_equal(conf_list(c, "dataset.methods", &n)[1], "FaceSwap");
    assert_int_equal(n, 2);
    assert_ok(conf_set(c, "dataset.methods=", &err), &err);
    conf_list(c, "dataset.methods", &n);
    assert_int_equal(n, 0);
    assert_ok(conf_set(c, "report.title=a=b", &err), &err);
    assert_string_equal(conf_string(c, "report.title"), "a=b");
    assert_fails(conf_set(c, "extract.frames", &err), ERR_USAGE, &err, "SECTION.KEY=VALUE");
    assert_fails(conf_set(c, "extract.frams=1", &err), ERR_CONFIG, &err, "extract.frams");
    assert_fails(conf_set(c, "extract.frames=x", &err), ERR_CONFIG, &err, "--set: extract.frames");
    conf_free(c);
}

/* What --print-config prints is a configuration with the same effect. */
static void printed_settings_read_back(void **state)
{
    static const char all[] = "run,dataset,fetch,extract,align,swap,score,evaluate,report";
    struct str one = STR_INIT, two = STR_INIT;
    char *dir = near_enter(), a[HASH_HEX], b[HASH_HEX];
    struct conf *c = fresh(), *d = fresh();
    struct err err = {0};

    (void)state;
    assert_ok(conf_set(c, "report.title=odd: \"x\" #y \\", &err), &err);
    assert_ok(conf_set(c, "dataset.methods=[a b, null]", &err), &err);
    assert_ok(conf_print(c, all, &one, &err), &err);
    near_file("p.yaml", one.s);
    assert_ok(conf_load(d, "p.yaml", &err), &err);
    assert_ok(conf_print(d, all, &two, &err), &err);
    assert_string_equal(one.s, two.s);
    assert_ok(conf_hash(c, all, a, &err), &err);
    assert_ok(conf_hash(d, all, b, &err), &err);
    assert_string_equal(a, b);
    str_release(&one);
    str_release(&two);
    conf_free(c);
    conf_free(d);
    near_leave(dir);
}

static void the_hash_moves_with_results_only(void **state)
{
    char a[HASH_HEX], b[HASH_HEX];
    struct conf *c = fresh();
    struct err err = {0};

    (void)state;
    assert_ok(conf_hash(c, "run,extract", a, &err), &err);
    assert_ok(conf_set(c, "run.jobs=7", &err), &err);
    assert_ok(conf_set(c, "report.title=other section", &err), &err);
    assert_ok(conf_hash(c, "run,extract", b, &err), &err);
    assert_string_equal(a, b);
    assert_ok(conf_set(c, "extract.frames=7", &err), &err);
    assert_ok(conf_hash(c, "run,extract", b, &err), &err);
    assert_string_not_equal(a, b);
    conf_free(c);
}

static void the_schema_s_own_mistakes_are_found(void **state)
{
    static const char *const wrong[] = {"a:\n  b: 1\n", "a:\n  b: 1  # integer: x\n",
                                        "  b: 1  # int 0..2: x\n", "a:\n  b: 1  # int: x\n",
                                        "a:\n  b: x  # enum: y\n"};
    struct conf_schema s;
    struct err err = {0};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_fails(conf_schema_read(wrong[i], &s, &err), ERR_FAULT, &err, "default.yaml:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_file),
        cmocka_unit_test(a_file_changes_what_it_names),
        cmocka_unit_test(mistakes_name_file_line_and_key),
        cmocka_unit_test(set_on_the_command_line),
        cmocka_unit_test(printed_settings_read_back),
        cmocka_unit_test(the_hash_moves_with_results_only),
        cmocka_unit_test(the_schema_s_own_mistakes_are_found),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
