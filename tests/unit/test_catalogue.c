/* fetch/symbols, catalogue, policy and audit on data sets whose people are known. */
#include "tests/near.h"

#include "fetch/audit.h"
#include "fetch/catalogue.h"
#include "fetch/policy.h"
#include "fetch/scan.h"
#include "fetch/symbols.h"
#include "lib/rng.h"

static struct err err;

static void symbols_number_names_in_order(void **state)
{
    struct symbols s = {0};
    char name[32];
    int i;

    (void)state;
    assert_int_equal(symbols_find(&s, "a"), -1);
    for (i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "name %d", i * 7);
        assert_int_equal(symbols_add(&s, name), i);
    }
    for (i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "name %d", i * 7);
        assert_int_equal(symbols_add(&s, name), i);
        assert_int_equal(symbols_find(&s, name), i);
        assert_string_equal(s.names[i], name);
    }
    assert_int_equal(symbols_find(&s, "name 1"), -1);
    assert_int_equal(symbols_add(&s, ""), 5000);
    assert_int_equal(s.n, 5001);
    symbols_release(&s);
    symbols_release(&s);
}

/* A video of `target` with the face of `donor`; donor NULL = a real one. */
static void add(struct catalogue *c, const char *target, const char *donor, enum split split)
{
    char file[64];
    struct entry *e;

    snprintf(file, sizeof(file), donor ? "f/%s_%s.mp4" : "f/%s.mp4", target, donor);
    assert_ok(catalogue_add(c, donor ? "swap" : "original", "-", NULL, file, 10, &e, &err), &err);
    assert_ok(catalogue_person(c, "", target, &e->target, &err), &err);
    e->context = e->target;
    if (donor)
        assert_ok(catalogue_person(c, "", donor, &e->donor, &err), &err);
    e->fake = donor != NULL;
    e->listed = split;
}

static const struct entry *find(const struct catalogue *c, const char *id)
{
    const struct entry *e = catalogue_find(c, id);

    assert_non_null(e);
    return e;
}

static void components_do_not_depend_on_the_order(void **state)
{
    static const char *const edges[][2] = {{"d", "c"}, {"b", "d"}, {"x", "y"}, {"c", "e"}};
    int order, i;

    (void)state;
    for (order = 0; order < 4; order++) {
        struct catalogue c = {.dataset = "s", .root = "."};

        for (i = 0; i < 4; i++)
            add(&c, edges[(i + order) % 4][0], edges[(i + order) % 4][1], SPLIT_NONE);
        add(&c, "lone", NULL, SPLIT_NONE);
        assert_ok(catalogue_finish(&c, &err), &err);
        assert_string_equal(find(&c, "s/swap/-/d_c")->component, "s:b");
        assert_string_equal(find(&c, "s/swap/-/c_e")->component, "s:b");
        assert_string_equal(find(&c, "s/swap/-/x_y")->component, "s:x");
        assert_string_equal(find(&c, "s/original/-/lone")->component, "s:lone");
        assert_null(catalogue_find(&c, "s/original/-/none"));
        catalogue_release(&c);
    }
}

static void videos_of_one_id_are_told_apart(void **state)
{
    static const char *const files[] = {"a/1.mp4", "b/1.mp4", "a/1.avi", "a/2.mp4"};
    struct catalogue c = {.dataset = "s", .root = "."};
    struct entry *e;
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++)
        assert_ok(catalogue_add(&c, "m", "-", NULL, files[i], 10, &e, &err), &err);
    assert_ok(catalogue_finish(&c, &err), &err);
    assert_null(find(&c, "s/m/-/2")->reason);
    assert_string_equal(find(&c, "s/m/-/1")->path, "a/1.avi");
    assert_null(find(&c, "s/m/-/1")->reason);
    assert_non_null(strstr(find(&c, "s/m/-/1.mp4")->reason, "a/1.avi"));
    assert_non_null(strstr(find(&c, "s/m/-/b/1.mp4")->reason, "a/1.avi"));
    catalogue_release(&c);
}

/* A list that names a file twice, and a file whose name is what a double would be called. */
static void doubles_of_doubles_are_told_apart(void **state)
{
    static const char *const files[][2] = {
        {"a/1.mp4", NULL}, {"a/1.mp4", NULL}, {"a/1.mp4", NULL},   {"a/1.mp4", "1.mp4"},
        {"x.mp4", "y"},    {"x.mp4", "y"},    {"z.mp4", "x.mp4~2"}};
    struct catalogue c = {.dataset = "s", .root = "."};
    struct entry *e;
    size_t i, spoilt = 0;

    (void)state;
    for (i = 0; i < 7; i++)
        assert_ok(catalogue_add(&c, "m", "-", files[i][1], files[i][0], 10, &e, &err), &err);
    assert_ok(catalogue_finish(&c, &err), &err);
    for (i = 0; i < c.n; i++) {
        assert_true(i == 0 || strcmp(c.videos[i - 1].id, c.videos[i].id) < 0);
        assert_ptr_equal(catalogue_find(&c, c.videos[i].id), &c.videos[i]);
        spoilt += c.videos[i].reason != NULL;
    }
    assert_int_equal(c.n, 7);
    assert_int_equal(spoilt, 3);
    assert_null(find(&c, "s/m/-/1")->reason);
    assert_null(find(&c, "s/m/-/y")->reason);
    catalogue_release(&c);
}

static void a_pair_must_be_there_real_and_of_use(void **state)
{
    struct catalogue c = {.dataset = "s", .root = "."};
    size_t i;

    (void)state;
    add(&c, "a", NULL, SPLIT_NONE);
    add(&c, "b", NULL, SPLIT_NONE);
    add(&c, "a", "b", SPLIT_NONE);
    add(&c, "b", "a", SPLIT_NONE);
    add(&c, "c", "a", SPLIT_NONE);
    add(&c, "d", "a", SPLIT_NONE);
    for (i = 2; i < 6; i++)
        c.videos[i].pair = catalogue_text(&c, "s/original/-/%c", "abcc"[i - 2]);
    c.videos[5].pair = "s/swap/-/a_b";
    assert_ok(catalogue_spoil(&c, &c.videos[1], &err, "broken"), &err);
    assert_ok(catalogue_spoil(&c, &c.videos[1], &err, "later words"), &err);
    assert_ok(catalogue_finish(&c, &err), &err);
    assert_null(find(&c, "s/swap/-/a_b")->reason);
    assert_string_equal(find(&c, "s/swap/-/b_a")->reason,
                        "pristine video 's/original/-/b' is of no use: broken");
    assert_string_equal(find(&c, "s/swap/-/c_a")->reason,
                        "pristine video 's/original/-/c' is missing");
    assert_string_equal(find(&c, "s/swap/-/d_a")->reason,
                        "pristine video 's/swap/-/a_b' is a fake itself");
    catalogue_release(&c);
}

/* a and b are cut from one video; c is the face that was put on b, by a list: another person. */
static void only_ties_of_one_person_merge_people(void **state)
{
    struct catalogue c = {.dataset = "s", .root = "."};
    size_t merged;

    (void)state;
    add(&c, "a", NULL, SPLIT_NONE);
    add(&c, "b", NULL, SPLIT_NONE);
    add(&c, "c", NULL, SPLIT_NONE);
    assert_ok(catalogue_tie(&c, 0, 1, true, "one source", &err), &err);
    assert_ok(catalogue_tie(&c, 1, 2, false, "a pair", &err), &err);
    assert_ok(catalogue_finish(&c, &err), &err);
    assert_ok(catalogue_merge_people(&c, &merged, &err), &err);
    assert_int_equal(merged, 1);
    assert_int_equal(find(&c, "s/original/-/b")->context, 0);
    assert_int_equal(find(&c, "s/original/-/c")->context, 2);
    assert_string_equal(find(&c, "s/original/-/c")->component, "s:a");
    catalogue_release(&c);
}

/* ---- audit and policies ----------------------------------------------------------------------*/

static size_t audit(const struct catalogue *c, struct str *rows)
{
    size_t n;

    str_clear(rows);
    assert_ok(audit_rows(c, rows, &n, &err), &err);
    return n;
}

static void apply(struct catalogue *c, enum policy policy, uint64_t seed, size_t *changed)
{
    const struct split_settings s = {policy, seed, {0, 0.6, 0.2, 0.2}};

    assert_ok(policy_apply(c, &s, changed, &err), &err);
}

/* train: a b, test: e f; c and d in no split tie b with e; g and h apart, h in val. */
static void chain(struct catalogue *c)
{
    *c = (struct catalogue){.dataset = "s", .root = "."};
    add(c, "a", NULL, SPLIT_TRAIN);
    add(c, "b", NULL, SPLIT_TRAIN);
    add(c, "a", "b", SPLIT_TRAIN);
    add(c, "b", "c", SPLIT_NONE);
    add(c, "d", "c", SPLIT_NONE);
    add(c, "e", NULL, SPLIT_TEST);
    add(c, "f", NULL, SPLIT_TEST);
    add(c, "e", "f", SPLIT_TEST);
    add(c, "g", NULL, SPLIT_TRAIN);
    add(c, "h", NULL, SPLIT_VAL);
    assert_ok(catalogue_tie(c, symbols_find(&c->people, "s:d"), symbols_find(&c->people, "s:e"),
                            true, "one source", &err),
              &err);
    assert_ok(catalogue_finish(c, &err), &err);
}

static void audit_finds_the_shortest_chain(void **state)
{
    struct str rows = STR_INIT;
    struct catalogue c;
    size_t changed;

    (void)state;
    chain(&c);
    apply(&c, POLICY_LISTED, 1, &changed);
    assert_int_equal(changed, 0);
    assert_int_equal(audit(&c, &rows), 1);
    assert_string_equal(
        rows.s, "s:a/train-test\ts:a\t6\t3\t0\t3\ttrain\ttest\ts/original/-/b\ts/original/-/e\t3\t"
                "s:e - s:d (one source) - s:c (s/swap/-/d_c) - s:b (s/swap/-/b_c)\n");
    str_release(&rows);
    catalogue_release(&c);
}

static void trimmed_keeps_the_first_split(void **state)
{
    struct str rows = STR_INIT;
    struct catalogue c;
    size_t changed;

    (void)state;
    chain(&c);
    apply(&c, POLICY_TRIMMED, 1, &changed);
    assert_int_equal(changed, 3);
    assert_int_equal(find(&c, "s/original/-/a")->split, SPLIT_TRAIN);
    assert_int_equal(find(&c, "s/original/-/e")->split, SPLIT_NONE);
    assert_int_equal(find(&c, "s/original/-/e")->listed, SPLIT_TEST);
    assert_int_equal(find(&c, "s/original/-/h")->split, SPLIT_VAL);
    assert_int_equal(audit(&c, &rows), 0);
    str_release(&rows);
    catalogue_release(&c);
}

static void disjoint_moves_whole_components(void **state)
{
    struct str rows = STR_INIT;
    struct catalogue c;
    size_t changed, i;

    (void)state;
    chain(&c);
    apply(&c, POLICY_DISJOINT, 1, &changed);
    /* train has g and wants 4, test has nobody left and wants 3: test is shorter in proportion. */
    for (i = 0; i < c.n; i++)
        if (strcmp(c.videos[i].component, "s:a") == 0)
            assert_int_equal(c.videos[i].split, SPLIT_TEST);
    assert_int_equal(find(&c, "s/original/-/g")->split, SPLIT_TRAIN);
    assert_int_equal(find(&c, "s/original/-/h")->split, SPLIT_VAL);
    assert_int_equal(audit(&c, &rows), 0);
    str_release(&rows);
    catalogue_release(&c);
}

/* Random graphs: after a policy nobody is in two splits, and no video is lost. */
static void policies_leave_no_component_in_two_splits(void **state)
{
    struct str rows = STR_INIT;
    int round, policy;

    (void)state;
    for (round = 0; round < 40; round++)
        for (policy = POLICY_TRIMMED; policy <= POLICY_DISJOINT; policy++) {
            struct catalogue c = {.dataset = "s", .root = "."};
            struct rng rng;
            size_t changed, i, crossing;
            int k, n;

            rng_init(&rng, (uint64_t)round, 0, "graph", "test");
            n = 2 + (int)rng_below(&rng, 30);
            for (k = 0; k < n; k++) {
                char a[16], b[16];

                snprintf(a, sizeof(a), "%02d", k);
                snprintf(b, sizeof(b), "%02u", rng_below(&rng, (uint32_t)n));
                add(&c, a, NULL, round % 4 ? (enum split)rng_below(&rng, 4) : SPLIT_NONE);
                if (rng_below(&rng, 2) && strcmp(a, b) != 0)
                    add(&c, a, b, round % 4 ? (enum split)rng_below(&rng, 4) : SPLIT_NONE);
            }
            assert_ok(catalogue_finish(&c, &err), &err);
            apply(&c, POLICY_LISTED, 1, &changed);
            crossing = audit(&c, &rows);
            apply(&c, (enum policy)policy, (uint64_t)round, &changed);
            assert_int_equal(audit(&c, &rows), 0);
            if (round % 4)
                assert_true(crossing == 0 || changed > 0);
            for (i = 0; i < c.n; i++)
                if (policy == POLICY_DISJOINT && c.videos[i].listed != SPLIT_NONE)
                    assert_int_not_equal(c.videos[i].split, SPLIT_NONE);
            catalogue_release(&c);
        }
    str_release(&rows);
}

static void videos_are_known_by_their_suffix(void **state)
{
    (void)state;
    assert_true(scan_is_video("a.mp4"));
    assert_true(scan_is_video("a.b.MP4"));
    assert_true(scan_is_video("-x.WebM"));
    assert_false(scan_is_video("mp4"));
    assert_false(scan_is_video(".mp4"));
    assert_false(scan_is_video("a.mp4.part"));
    assert_false(scan_is_video("a."));
    assert_false(scan_is_video(""));
}

static void long_lists_of_names_are_cut(void **state)
{
    struct name_list l = {0};
    int i;

    (void)state;
    assert_string_equal(name_list_text(&l), "");
    for (i = 0; i < 11; i++)
        name_list_add(&l, (char[]){(char)('a' + i), '\0'});
    assert_string_equal(name_list_text(&l), "a, b, c, d, e, f, g, h and 3 more");
    name_list_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_number_names_in_order),
        cmocka_unit_test(components_do_not_depend_on_the_order),
        cmocka_unit_test(videos_of_one_id_are_told_apart),
        cmocka_unit_test(doubles_of_doubles_are_told_apart),
        cmocka_unit_test(a_pair_must_be_there_real_and_of_use),
        cmocka_unit_test(only_ties_of_one_person_merge_people),
        cmocka_unit_test(audit_finds_the_shortest_chain),
        cmocka_unit_test(trimmed_keeps_the_first_split),
        cmocka_unit_test(disjoint_moves_whole_components),
        cmocka_unit_test(policies_leave_no_component_in_two_splits),
        cmocka_unit_test(videos_are_known_by_their_suffix),
        cmocka_unit_test(long_lists_of_names_are_cut),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
