#include "tests/near.h"

#include "lib/journal.h"

static struct journal *opened(const char *settings)
{
    struct err err = {0};
    struct journal *j;

    assert_ok(journal_open(&j, "run/x.tsv", settings, "in", &err), &err);
    assert_non_null(j);
    return j;
}

static void add(struct journal *j, const char *item, const char *rows)
{
    struct err err = {0};

    assert_ok(journal_add(j, item, rows, strlen(rows), &err), &err);
}

static void assert_found(const struct journal *j, const char *item, const char *rows)
{
    size_t n = 0;
    const char *found = journal_find(j, item, &n);

    assert_non_null(found);
    assert_int_equal(n, strlen(rows));
    assert_bytes(found, rows, n);
}

static void a_stopped_run_goes_on(void **state)
{
    char *dir = near_enter();
    struct journal *j = opened("s1");
    size_t n;

    (void)state;
    assert_null(journal_find(j, "a", &n));
    add(j, "a", "a\t1\n");
    add(j, "b", "");
    journal_close(j, 0);

    j = opened("s1");
    assert_found(j, "a", "a\t1\n");
    assert_found(j, "b", "");
    assert_null(journal_find(j, "c", &n));
    add(j, "c", "c\t3\nc\t4\n");
    journal_close(j, 0);

    j = opened("s1");
    assert_found(j, "c", "c\t3\nc\t4\n");
    journal_close(j, 1);
    assert_false(fs_exists("run/.x.tsv.journal"));
    near_leave(dir);
}

static void other_settings_start_afresh(void **state)
{
    char *dir = near_enter();
    struct journal *j = opened("s1");
    size_t n;

    (void)state;
    add(j, "a", "1\n");
    journal_close(j, 0);
    j = opened("s2");
    assert_null(journal_find(j, "a", &n));
    journal_close(j, 0);
    j = opened("s1"); /* s2 has replaced it */
    assert_null(journal_find(j, "a", &n));
    journal_close(j, 1);
    near_leave(dir);
}

/* Cut the file at every byte: whole records survive, the cut one is gone, and adding goes on. */
static void any_cut_is_survived(void **state)
{
    char *dir = near_enter(), *text;
    struct journal *j = opened("s");
    size_t n, first, size, cut;

    (void)state;
    add(j, "first", "1\t2\n");
    first = (size_t)fs_size("run/.x.tsv.journal");
    add(j, "second", "3\t4\n");
    journal_close(j, 0);
    text = near_read("run/.x.tsv.journal");
    size = strlen(text);
    for (cut = 0; cut < size; cut++) {
        FILE *fp = fopen("run/.x.tsv.journal", "w");

        assert_int_equal(fwrite(text, 1, cut, fp), cut);
        fclose(fp);
        j = opened("s");
        if (cut >= first)
            assert_found(j, "first", "1\t2\n");
        else
            assert_null(journal_find(j, "first", &n));
        assert_null(journal_find(j, "second", &n));
        add(j, "third", "5\n");
        journal_close(j, 0);
        j = opened("s");
        assert_found(j, "third", "5\n");
        journal_close(j, 0);
    }
    free(text);
    near_leave(dir);
}

static void a_flipped_byte_drops_the_rest(void **state)
{
    char *dir = near_enter(), *text;
    struct journal *j = opened("s");
    size_t n, size, at;
    FILE *fp;

    (void)state;
    add(j, "first", "1\n");
    at = (size_t)fs_size("run/.x.tsv.journal") - 1;
    add(j, "second", "2\n");
    journal_close(j, 0);
    text = near_read("run/.x.tsv.journal");
    size = strlen(text);
    text[at - 1] ^= 1;
    fp = fopen("run/.x.tsv.journal", "w");
    assert_int_equal(fwrite(text, 1, size, fp), size);
    fclose(fp);
    j = opened("s");
    assert_null(journal_find(j, "first", &n));
    assert_null(journal_find(j, "second", &n));
    journal_close(j, 1);
    free(text);
    near_leave(dir);
}

static void none_for_standard_output(void **state)
{
    struct err err = {0};
    struct journal *j;
    size_t n;

    (void)state;
    assert_ok(journal_open(&j, "-", "s", "i", &err), &err);
    assert_null(j);
    assert_ok(journal_add(j, "a", "b", 1, &err), &err);
    assert_null(journal_find(j, "a", &n));
    journal_close(j, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_run_goes_on),    cmocka_unit_test(other_settings_start_afresh),
        cmocka_unit_test(any_cut_is_survived),      cmocka_unit_test(a_flipped_byte_drops_the_rest),
        cmocka_unit_test(none_for_standard_output),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
