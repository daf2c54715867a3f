#include "tests/near.h"

#include "lib/fs.h"

static void joins(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    fs_join("a", "b", &s);
    assert_string_equal(s.s, "a/b");
    fs_join("a/", "b", &s);
    assert_string_equal(s.s, "a/b");
    fs_join(".", "b", &s);
    assert_string_equal(s.s, "b");
    fs_join("", "b", &s);
    assert_string_equal(s.s, "b");
    fs_join("a", "/b", &s);
    assert_string_equal(s.s, "/b");
    fs_folder_of("a/b/c.tsv", &s);
    assert_string_equal(s.s, "a/b");
    fs_folder_of("c.tsv", &s);
    assert_string_equal(s.s, ".");
    fs_folder_of("/c.tsv", &s);
    assert_string_equal(s.s, "/");
    str_release(&s);
}

static void relative_paths(void **state)
{
    static const char *const cases[][3] = {
        {"a", "a/b/c", "b/c"}, {"a/b", "a", ".."},        {"a/b/c", "a/x/y", "../../x/y"},
        {"a", "a", "."},       {"a/b", "ab", "../../ab"}, {"ab", "a/b", "../a/b"},
        {".", "ab", "ab"},
    };
    char *dir = near_enter();
    struct str s = STR_INIT;
    struct err err = {0};
    size_t i;

    (void)state;
    assert_ok(fs_make_folders("a/b/c", &err), &err);
    assert_ok(fs_make_folders("a/x/y", &err), &err);
    assert_ok(fs_make_folders("ab", &err), &err);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_ok(fs_relative(cases[i][0], cases[i][1], &s, &err), &err);
        assert_string_equal(s.s, cases[i][2]);
    }
    assert_ok(fs_relative("/", "/tmp", &s, &err), &err);
    assert_string_equal(s.s, "tmp");
    assert_ok(fs_relative("/tmp", "/", &s, &err), &err);
    assert_string_equal(s.s, "..");
    assert_fails(fs_relative("a", "missing", &s, &err), ERR_NOINPUT, &err, "missing");
    str_release(&s);
    near_leave(dir);
}

static void lists_are_sorted(void **state)
{
    char *dir = near_enter(), **names;
    struct err err = {0};
    size_t n;

    (void)state;
    near_file("b", "");
    near_file("B", "");
    near_file(".hidden", "");
    near_file("a b", "");
    assert_ok(fs_list(".", &names, &n, &err), &err);
    assert_int_equal(n, 4);
    assert_string_equal(names[0], ".hidden");
    assert_string_equal(names[1], "B");
    assert_string_equal(names[2], "a b");
    assert_string_equal(names[3], "b");
    fs_list_free(names, n);
    assert_fails(fs_list("missing", &names, &n, &err), ERR_NOINPUT, &err, "missing");
    near_leave(dir);
}

static void reads_whole_files_and_no_more(void **state)
{
    char *dir = near_enter(), *data;
    struct err err = {0};
    size_t size;

    (void)state;
    near_file("x", "hello");
    assert_ok(fs_read("x", 5, &data, &size, &err), &err);
    assert_int_equal(size, 5);
    assert_string_equal(data, "hello");
    free(data);
    assert_fails(fs_read("x", 4, &data, &size, &err), ERR_DATA, &err, "larger than 4 bytes");
    assert_fails(fs_read(".", 4, &data, &size, &err), ERR_NOINPUT, &err, "directory");
    assert_fails(fs_read("no", 4, &data, &size, &err), ERR_NOINPUT, &err, "No such file");
    near_file("empty", "");
    assert_ok(fs_read("empty", 5, &data, &size, &err), &err);
    assert_int_equal(size, 0);
    free(data);
    near_leave(dir);
}

static void makes_and_removes_trees(void **state)
{
    char *dir = near_enter();
    struct err err = {0};

    (void)state;
    assert_ok(fs_make_parents("p/q/r/file", &err), &err);
    assert_true(fs_is_folder("p/q/r"));
    near_file("p/q/file", "x");
    assert_int_equal(fs_size("p/q/file"), 1);
    assert_int_equal(fs_size("p/q"), -1);
    assert_fails(fs_make_folders("p/q/file/deeper", &err), ERR_CREATE, &err, "p/q/file");
    assert_ok(fs_make_folders("outside", &err), &err);
    near_file("outside/kept", "x");
    assert_int_equal(symlink("../../outside", "p/q/link"), 0);
    assert_ok(fs_remove_tree("p", &err), &err);
    assert_false(fs_exists("p"));
    assert_true(fs_exists("outside/kept"));
    assert_ok(fs_remove_tree("p", &err), &err);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins),
        cmocka_unit_test(relative_paths),
        cmocka_unit_test(lists_are_sorted),
        cmocka_unit_test(reads_whole_files_and_no_more),
        cmocka_unit_test(makes_and_removes_trees),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
