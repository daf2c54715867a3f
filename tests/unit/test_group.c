/* Pair groups of a manifest. */
#include "tests/near.h"

#include "extract/group.h"

#define HEAD                                                                                       \
    "#lp-manifest\tversion=1\tstage=fetch\ttool=0.1.0\tsettings=sha256:0\tinput=sha256:0\n"        \
    "id\tpath\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tpair\tstatus\treason\n"
#define ROW(id, label, pair) id "\tv/" id ".mp4\t" label "\ttrain\tf\tc\tk\t" pair "\tok\t.\n"

static const char text[] = HEAD ROW("a/f1", "fake", "a/r1") ROW("a/f2", "fake", "a/r2")
    ROW("a/f3", "fake", "a/r1") ROW("a/lone", "fake", ".") ROW("a/orphan", "fake", "b/gone")
        ROW("a/r1", "real", ".") ROW("a/r2", "real", ".") ROW("a/self", "real", "a/self");

struct fixture {
    char *dir;
    struct manifest m;
    int cols[GROUP_N_COLUMNS];
};

static int enter(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};

    f->dir = near_enter();
    near_file("fetch.tsv", text);
    assert_ok(manifest_open(&f->m, "fetch.tsv", "fetch", &err), &err);
    assert_ok(manifest_columns(&f->m, group_columns, f->cols, &err), &err);
    *state = f;
    return 0;
}

static int leave(void **state)
{
    struct fixture *f = *state;

    manifest_release(&f->m);
    near_leave(f->dir);
    free(f);
    return 0;
}

/* "name*: id id; ..." with * for a group that has its pristine video. */
static char *describe(const struct fixture *f, const struct group_list *l)
{
    struct manifest_row row = {0};
    struct err err = {0};
    struct str s = STR_INIT;
    size_t i, k;

    for (i = 0; i < l->n; i++) {
        str_addf(&s, "%s%s:", l->groups[i].name, l->groups[i].led ? "*" : "");
        for (k = 0; k < l->groups[i].n; k++) {
            assert_ok(manifest_read(&f->m, l->order[l->groups[i].first + k], &row, &err), &err);
            str_addf(&s, " %s", row.field[f->cols[GROUP_ID]]);
        }
        str_add(&s, "; ");
    }
    manifest_row_release(&row);
    return str_take(&s);
}

static void fakes_join_their_pristine_video_which_comes_first(void **state)
{
    struct fixture *f = *state;
    struct group_list l;
    struct err err = {0};
    char *got;

    assert_ok(group_list_init(&l, &f->m, f->cols, &(struct shard){0}, &err), &err);
    got = describe(f, &l);
    assert_string_equal(got, "a/lone*: a/lone; a/r1*: a/r1 a/f1 a/f3; a/r2*: a/r2 a/f2; "
                             "a/self*: a/self; b/gone: a/orphan; ");
    free(got);
    group_list_release(&l);
}

static void shards_share_out_whole_groups(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    size_t videos = 0, groups = 0, i;
    unsigned n;

    for (n = 0; n < 3; n++) {
        struct group_list l;

        assert_ok(group_list_init(&l, &f->m, f->cols, &(struct shard){n, 3}, &err), &err);
        groups += l.n;
        for (i = 0; i < l.n; i++)
            videos += l.groups[i].n;
        group_list_release(&l);
    }
    assert_int_equal(groups, 5);
    assert_int_equal(videos, f->m.n_rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fakes_join_their_pristine_video_which_comes_first, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(shards_share_out_whole_groups, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
