#include "tests/near.h"

#include "reports/card.h"
#include "reports/curves.h"
#include "reports/intern.h"
#include "reports/measure.h"
#include "reports/models.h"
#include "reports/run_folder.h"

#define LINE1 "#lp-manifest\tversion=1\tstage=%s\ttool=0.1.0\tsettings=sha256:0\tinput=sha256:0\n"

static void table(const char *path, const char *stage, const char *rest)
{
    struct str s = STR_INIT;

    str_addf(&s, LINE1 "%s", stage, rest);
    near_file(path, s.s);
    str_release(&s);
}

static struct jsonr *parse(const char *text)
{
    struct jsonr *n = NULL;
    struct err err = {0};

    assert_ok(jsonr_parse(&n, text, strlen(text), "test", &err), &err);
    return n;
}

static void measures_keep_their_reason(void **state)
{
    struct jsonr *j =
        parse("{\"a\": {\"value\": 0.75, \"ci95\": [0.5, 1], \"n\": 12, \"n_positive\": 4,"
              " \"design_effect\": 2.5, \"method\": \"m\"},"
              " \"b\": {\"value\": null, \"ci95\": null, \"undefined\": \"one class\\nonly\"},"
              " \"c\": 0.5, \"d\": {\"value\": null}, \"e\": {\"value\": 0, \"ci95\": [null, 1]},"
              " \"f\": \"text\"}");
    struct measure m;
    struct str s = STR_INIT;

    (void)state;
    m = measure_read(jsonr_get(j, "a"));
    assert_true(m.there && m.defined && m.interval);
    assert_int_equal(m.n, 12);
    assert_int_equal(m.n_positive, 4);
    measure_text(&s, &m);
    assert_string_equal(s.s, "0.750 [0.500, 1.000]");
    str_clear(&s);
    measure_cell(&s, &m, "frame");
    assert_string_equal(s.s, "<td class=\"m\"><b>0.750</b> <span class=\"ci\">[0.500, 1.000]</span>"
                             "<small>12 frames, 4 fake, design effect 2.5</small></td>");
    str_clear(&s);
    m = measure_read(jsonr_get(j, "b"));
    assert_true(m.there && !m.defined && !m.interval);
    measure_text(&s, &m);
    assert_string_equal(s.s, "undefined: one class only");
    str_clear(&s);
    m = measure_read(jsonr_get(j, "c"));
    measure_text(&s, &m);
    assert_string_equal(s.s, "0.500");
    str_clear(&s);
    m = measure_read(jsonr_get(j, "d"));
    measure_cell(&s, &m, NULL);
    assert_string_equal(s.s, "<td class=\"m undefined\">undefined: no reason is given</td>");
    str_clear(&s);
    m = measure_read(jsonr_get(j, "e"));
    assert_true(m.defined && !m.interval);
    m = measure_read(jsonr_get(j, "f"));
    assert_false(m.there);
    m = measure_read(jsonr_get(j, "missing"));
    measure_text(&s, &m);
    assert_string_equal(s.s, "not measured");
    str_release(&s);
    jsonr_free(j);
}

static void models_are_read_by_name(void **state)
{
    struct jsonr *j = parse("{\"models\": [{\"name\": \"m\", \"n\": {\"videos\": 7},"
                            " \"video\": {\"auc\": {\"value\": 0.9}}}]}");
    struct jsonr *bad = parse("{\"models\": [{\"n\": 1}]}");
    struct models m;
    struct err err = {0};
    struct measure auc;

    (void)state;
    assert_ok(models_load(&m, j, &err), &err);
    assert_int_equal(m.n, 1);
    assert_int_equal(m.model[0].n.videos, 7);
    assert_int_equal(m.model[0].n.frames, -1);
    auc = model_measure(&m.model[0], LEVEL_VIDEO, "auc");
    assert_near(auc.value, 0.9, 0, 0);
    auc = model_measure(&m.model[0], LEVEL_FRAME, "auc");
    assert_false(auc.there);
    models_release(&m);
    assert_ok(models_load(&m, NULL, &err), &err);
    assert_int_equal(m.n, 0);
    assert_fails(models_load(&m, bad, &err), ERR_DATA, &err, "model 0 has no name");
    assert_string_equal(metric_label("auc"), "AUC");
    assert_string_equal(metric_label("never_heard"), "never_heard");
    jsonr_free(j);
    jsonr_free(bad);
}

static void names_get_numbers_in_order(void **state)
{
    struct intern set = INTERN_INIT;
    struct err err = {0};
    char name[16];
    int i;

    (void)state;
    assert_int_equal(intern_find(&set, "x"), -1);
    for (i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "n%d", i % 1000);
        assert_int_equal(intern_add(&set, name, &err), i % 1000);
    }
    assert_int_equal(set.n, 1000);
    assert_int_equal(intern_find(&set, "n999"), 999);
    assert_int_equal(intern_find(&set, "n1000"), -1);
    intern_release(&set);
}

static void curves_are_gathered_whatever_the_order(void **state)
{
    struct run_folder run;
    struct curves c;
    struct err err = {0};
    char *dir = near_enter();
    const struct curve *k;

    (void)state;
    assert_ok(fs_make_folders("evaluate", &err), &err);
    near_file("evaluate/metrics.json", "{\"version\": 1, \"models\": []}");
    table("evaluate/curves.tsv", "evaluate",
          "id\tmodel\tlevel\tkind\tx\ty\tlabel\tname\ty_lo\n"
          "1\tm\tvideo\troc\t0\t0.5\t.\t.\t.\n"
          "2\tm\tframe\troc\t0\t0.7\t.\t.\t.\n"
          "3\tm\tvideo\troc\t1\t1\t.\t.\t0.9\n"
          "4\tm\tvideo\tidentity\t0\t0.25\treal\tp1\t.\n");
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_ok(curves_load(&c, &run.table[RUN_CURVES].m, &err), &err);
    assert_int_equal(c.n, 3);
    k = curves_find(&c, "m", "video", NULL, "roc", NULL);
    assert_int_equal(k->n, 2);
    assert_near(k->rows[1].lo, 0.9, 0, 0);
    assert_true(isnan(k->rows[0].lo) && isnan(k->rows[1].hi));
    k = curves_find(&c, NULL, NULL, NULL, "identity", "real");
    assert_string_equal(k->rows[0].name, "p1");
    assert_null(curves_find(&c, "other", NULL, NULL, "roc", NULL));
    curves_release(&c);
    run_folder_release(&run);

    table("evaluate/curves.tsv", "evaluate",
          "id\tmodel\tlevel\tkind\tx\ty\n1\tm\tvideo\troc\tnan\t1\n");
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_fails(curves_load(&c, &run.table[RUN_CURVES].m, &err), ERR_DATA, &err, "line 3");
    run_folder_release(&run);
    table("evaluate/curves.tsv", "evaluate", "id\tmodel\tlevel\tkind\tx\n1\tm\tvideo\troc\t1\n");
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_fails(curves_load(&c, &run.table[RUN_CURVES].m, &err), ERR_DATA, &err, "'y'");
    run_folder_release(&run);
    near_leave(dir);
}

static void what_a_run_must_have(void **state)
{
    struct run_folder run;
    struct err err = {0};
    char *dir = near_enter();

    (void)state;
    assert_fails(run_folder_open(&run, "nowhere", &err), ERR_NOINPUT, &err, "nowhere");
    run_folder_release(&run);
    assert_fails(run_folder_open(&run, ".", &err), ERR_NOINPUT, &err, "neither");
    run_folder_release(&run);
    table("align.tsv", "align", "id\tvideo\n");
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_true(run.table[RUN_ALIGN].there && !run.table[RUN_SWAP].there && !run.metrics);
    run_folder_release(&run);
    assert_ok(fs_make_folders("evaluate", &err), &err);
    near_file("evaluate/metrics.json", "{\"version\": 2}");
    assert_fails(run_folder_open(&run, ".", &err), ERR_DATA, &err, "version 1");
    run_folder_release(&run);
    near_file("evaluate/metrics.json", "{\"version\": ");
    assert_fails(run_folder_open(&run, ".", &err), ERR_DATA, &err, "metrics.json");
    run_folder_release(&run);
    near_file("evaluate/metrics.json", "{\"version\": 1}");
    table("swap.tsv", "align", "id\tvideo\n");
    assert_fails(run_folder_open(&run, ".", &err), ERR_DATA, &err, "swap.tsv");
    run_folder_release(&run);
    near_leave(dir);
}

static void reasons_become_kinds(void **state)
{
    static const char *const cases[][2] = {
        {"cannot open 'a/b c.mp4': No such file", "cannot open '\xe2\x80\xa6': No such file"},
        {"frame 12 of 300, 0.25 off", "frame N of N, N off"},
        {"it's odd", "it's odd"},
        {"", ""},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct str s = STR_INIT;

        card_reason_kind(cases[i][0], &s);
        assert_string_equal(s.s ? s.s : "", cases[i][1]);
        str_release(&s);
    }
}

static void the_card_counts(void **state)
{
    struct run_folder run;
    struct card c;
    struct err err = {0};
    char *dir = near_enter();

    (void)state;
    table("fetch.tsv", "fetch",
          "id\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tstatus\treason\n"
          "d/A/c23/1_2\tfake\ttrain\tp2\tp1\tk1\tok\t.\n"
          "d/A/c23/2_1\tfake\ttest\tp1\tp2\tk1\tok\t.\n"
          "d/A/c23/3_3\tfake\ttest\t.\tp3\tk2\tok\t.\n"
          "d/A/c23/9\tfake\ttest\tp9\tp9\tk9\tfail\tcannot open 'x9'\n"
          "d/original/c23/1\treal\ttrain\tp1\tp1\tk1\tok\t.\n"
          "d/original/c23/2\treal\ttest\tp2\tp2\tk1\tok\t.\n"
          "d/original/c23/3\treal\tval\tp3\tp3\tk2\tok\t.\n"
          "d/original/c23/4\treal\t.\tp4\tp4\tk3\tfail\tcannot open 'x4'\n");
    table("align.tsv", "align",
          "id\tvideo\tlabel\tstatus\treason\n"
          "a\td/A/c23/1_2\tfake\tok\t.\n"
          "b\td/A/c23/1_2\tfake\tfail\tno face in 3\n"
          "c\td/original/c23/1\treal\tok\t.\n");
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_ok(card_make(&c, &run, &err), &err);
    assert_int_equal(c.videos, 6);
    assert_int_equal(c.identities, 3);
    assert_int_equal(c.components, 2);
    assert_int_equal(c.faces, 2);
    assert_int_equal(c.crossing, 2); /* k1: train and test; k2: val and test */
    assert_int_equal(c.crossing_videos, 6);
    assert_int_equal(c.n_groups, 2);
    assert_false(c.group[0].fake); /* real first */
    assert_string_equal(c.group[0].method, "original");
    assert_int_equal(c.group[0].videos[CARD_TRAIN], 1);
    assert_int_equal(c.group[0].videos[CARD_VAL], 1);
    assert_int_equal(c.group[1].videos[CARD_TEST], 2);
    assert_int_equal(c.group[1].unknown, 1);
    assert_int_equal(c.group[1].faces, 1);
    assert_int_equal(c.group[1].failed, 1);
    assert_int_equal(c.n_losses, 2);
    assert_string_equal(c.loss[0].stage, "fetch.tsv");
    assert_int_equal(c.loss[0].count, 2);
    assert_string_equal(c.loss[0].example, "d/A/c23/9");
    assert_string_equal(c.loss[1].reason, "no face in N");
    card_release(&c);
    run_folder_release(&run);

    /* Without fetch.tsv, videos are those of align.tsv, once each. */
    assert_int_equal(unlink("fetch.tsv"), 0);
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_ok(card_make(&c, &run, &err), &err);
    assert_int_equal(c.videos, 2);
    card_release(&c);
    run_folder_release(&run);

    table("align.tsv", "align", "id\tvideo\tlabel\tstatus\treason\na\tnokey\tfake\tok\t.\n");
    assert_ok(run_folder_open(&run, ".", &err), &err);
    assert_int_equal(card_make(&c, &run, &err), ERR_DATA);
    run_folder_release(&run);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_keep_their_reason),
        cmocka_unit_test(models_are_read_by_name),
        cmocka_unit_test(names_get_numbers_in_order),
        cmocka_unit_test(curves_are_gathered_whatever_the_order),
        cmocka_unit_test(what_a_run_must_have),
        cmocka_unit_test(reasons_become_kinds),
        cmocka_unit_test(the_card_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
