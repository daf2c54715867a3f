#include "tests/near.h"

#include "lib/manifest.h"
#include "lib/shard.h"

#define HEAD                                                                                       \
    "#lp-manifest\tversion=1\tstage=extract\ttool=0.1.0\tsettings=sha256:aa\tinput=sha256:bb\n"

static void write_rows(const char *path, const char *const *ids, size_t n, int value)
{
    static const char *const columns[] = {"id", "value", "text", NULL};
    struct manifest_table t = {0};
    struct str row = STR_INIT;
    struct err err = {0};
    size_t i;

    for (i = 0; i < n; i++) {
        str_clear(&row);
        row_text(&row, ids[i]);
        row_real(&row, value ? value : (double)i / 3);
        row_text(&row, i % 2 ? NULL : "tab\there 100%\nend");
        row_end(&row);
        assert_ok(manifest_table_add(&t, row.s, row.len, &err), &err);
    }
    assert_ok(manifest_table_write(&t, path, "extract", "aa", "bb", columns, &err), &err);
    manifest_table_release(&t);
    str_release(&row);
}

static void rows_come_back_sorted_and_unescaped(void **state)
{
    static const char *const ids[] = {"b/10", "a/2", "b/1", ".", "a"};
    static const char *const sorted[] = {".", "a", "a/2", "b/1", "b/10"};
    char *dir = near_enter(), *text;
    struct manifest_row row = {0};
    struct err err = {0};
    struct manifest m;
    double value;
    size_t i;

    (void)state;
    write_rows("x.tsv", ids, 5, 0);
    text = near_read("x.tsv");
    assert_true(strncmp(text, HEAD "id\tvalue\ttext\n", sizeof(HEAD "id\tvalue\ttext\n") - 1) == 0);
    free(text);
    assert_ok(manifest_open(&m, "x.tsv", "extract", &err), &err);
    assert_int_equal(m.n_rows, 5);
    assert_string_equal(m.settings_hash, "aa");
    assert_string_equal(m.input_hash, "bb");
    assert_int_equal(strlen(m.hash), 64);
    for (i = 0; i < 5; i++) {
        assert_ok(manifest_read(&m, i, &row, &err), &err);
        assert_string_equal(row.field[0], sorted[i]);
        assert_int_equal(manifest_find(&m, sorted[i]), i);
    }
    assert_int_equal(manifest_find(&m, "b/11"), -1);
    assert_int_equal(manifest_find(&m, ""), -1);
    assert_ok(manifest_read(&m, 4, &row, &err), &err); /* "b/10" was item 0 */
    assert_string_equal(row.field[2], "tab\there 100%\nend");
    assert_ok(manifest_read(&m, 2, &row, &err), &err); /* "a/2" was item 1 */
    assert_null(row.field[2]);
    assert_ok(manifest_real(&row, 1, &value, &err), &err);
    assert_near(value, 1.0 / 3, 0, 1e-9);
    assert_true(manifest_row_ok(&row)); /* no status column */
    manifest_row_release(&row);
    manifest_release(&m);
    near_leave(dir);
}

static void one_id_twice_is_refused(void **state)
{
    static const char *const columns[] = {"id", NULL};
    struct manifest_table t = {0};
    struct err err = {0};

    (void)state;
    assert_ok(manifest_table_add(&t, "a\nb\na\n", 6, &err), &err);
    assert_fails(manifest_table_write(&t, "/tmp/never", "x", "s", "", columns, &err), ERR_DATA,
                 &err, "'a'");
    assert_false(fs_exists("/tmp/never"));
    manifest_table_release(&t);
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "empty"},
        {"id\tx\n", "line 1: not a manifest"},
        {"#lp-manifest\tversion=2\tstage=extract\n", "version is not 1"},
        {"#lp-manifest\tversion=1\n", "no stage="},
        {"#lp-manifest\tversion=1\tstage=fetch\nid\n", "made by stage 'fetch'"},
        {HEAD, "line 2: the line of column names"},
        {HEAD "id\tx\tx\n", "column 'x' is there twice"},
        {HEAD "x\tid\n", "the first column is not 'id'"},
        {HEAD "id\tx\na\t1\nb\n", "line 4: 1 fields where 2"},
        {HEAD "id\tx\na\t1\tz\n", "line 3: 3 fields where 2"},
        {HEAD "id\tx\nb\t1\na\t1\n", "line 4: rows are not sorted"},
        {HEAD "id\tx\na\t1\na\t1\n", "line 4: the id is there twice"},
        {HEAD "id\tx\n.\t1\n", "line 3: the id is missing"},
        {HEAD "id\tx\n\t1\n", "line 3: the id is missing"},
        {HEAD "id\tx\na\t1", "line 3: cut off"},
        {HEAD "id\tx\na%25b\t1\na%b\t1\n", "line 4: the id holds a %"},
        {HEAD "id\tx\na%41\t1\n", "line 3: the id holds a %"},
        {HEAD "id\tx\na%0a\t1\n", "line 3: the id holds a %"},
    };
    char *dir = near_enter();
    struct err err = {0};
    struct manifest m;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        near_file("x.tsv", cases[i].text);
        assert_fails(manifest_open(&m, "x.tsv", "extract", &err), ERR_DATA, &err, cases[i].words);
    }
    assert_fails(manifest_open(&m, "missing.tsv", NULL, &err), ERR_NOINPUT, &err, "missing.tsv");
    near_leave(dir);
}

static void fields_are_checked(void **state)
{
    static const char *const want[] = {"id", "n", "nope", NULL};
    char *dir = near_enter();
    struct manifest_row row = {0};
    struct err err = {0};
    struct manifest m;
    long long n;
    double d;
    int cols[3];

    (void)state;
    near_file("x.tsv",
              HEAD "id\tn\tstatus\na\tnan\tok\nb\t1x\tfail\nc\t.\t.\nd\t%3C7\tok\ne\t-5\tok\n");
    assert_ok(manifest_open(&m, "x.tsv", NULL, &err), &err);
    assert_fails(manifest_columns(&m, want, cols, &err), ERR_DATA, &err, "'nope' is missing");
    assert_ok(manifest_read(&m, 0, &row, &err), &err);
    assert_fails(manifest_real(&row, 1, &d, &err), ERR_DATA, &err, "line 3: n is 'nan'");
    assert_true(manifest_row_ok(&row));
    assert_ok(manifest_read(&m, 1, &row, &err), &err);
    assert_fails(manifest_int(&row, 1, &n, &err), ERR_DATA, &err, "line 4: n is '1x'");
    assert_false(manifest_row_ok(&row));
    assert_ok(manifest_read(&m, 2, &row, &err), &err);
    assert_fails(manifest_int(&row, 1, &n, &err), ERR_DATA, &err, "missing");
    assert_false(manifest_row_ok(&row));
    assert_ok(manifest_read(&m, 3, &row, &err), &err);
    assert_string_equal(row.field[1], "<7");
    assert_ok(manifest_read(&m, 4, &row, &err), &err);
    assert_ok(manifest_int(&row, 1, &n, &err), &err);
    assert_int_equal(n, -5);
    manifest_row_release(&row);
    manifest_release(&m);
    near_leave(dir);
}

static void merged_shards_equal_the_whole(void **state)
{
    static const char *const all[] = {"a", "b", "c", "d", "e", "f", "g"};
    char *dir = near_enter(), *whole, *merged;
    struct str name = STR_INIT;
    struct err err = {0};
    unsigned i, k;

    (void)state;
    write_rows("x.tsv", all, 7, 9);
    whole = near_read("x.tsv");
    assert_int_equal(unlink("x.tsv"), 0);
    /* The text column depends on the place of a row in its call: write rows one by one. */
    for (i = 0; i < 3; i++) {
        static const char *const columns[] = {"id", "value", "text", NULL};
        const struct shard s = {i, 3};
        struct manifest_table t = {0};
        struct str row = STR_INIT;

        for (k = i; k < 7; k += 3) {
            row_text(&row, all[k]);
            row_real(&row, 9);
            row_text(&row, k % 2 ? NULL : "tab\there 100%\nend");
            row_end(&row);
        }
        assert_ok(manifest_table_add(&t, row.s, row.len, &err), &err);
        shard_path(&s, "x.tsv", &name);
        assert_ok(manifest_table_write(&t, name.s, "extract", "aa", "bb", columns, &err), &err);
        manifest_table_release(&t);
        str_release(&row);
    }
    assert_ok(manifest_merge("x.tsv", "extract", &err), &err);
    merged = near_read("x.tsv");
    assert_string_equal(merged, whole);
    assert_int_equal(unlink("x.1-of-3.tsv"), 0);
    assert_fails(manifest_merge("x.tsv", "extract", &err), ERR_NOINPUT, &err, "x.1-of-3.tsv");
    assert_fails(manifest_merge("y.tsv", "extract", &err), ERR_NOINPUT, &err, "no shards");
    free(whole);
    free(merged);
    str_release(&name);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_sorted_and_unescaped),
        cmocka_unit_test(one_id_twice_is_refused),
        cmocka_unit_test(damage_is_refused_with_its_line),
        cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(merged_shards_equal_the_whole),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
