/* Probes that count in cells: formulas by hand, planted leaks found, none where there is none. */
#include "tests/near.h"

#include <string.h>

#include "evaluate/probe_tables.h"
#include "lib/rng.h"

static void information_by_hand(void **state)
{
    /* Group 0: bins 0 0 1; group 1: bins 1 1 0. H = ln 2 twice; joint 1/3 1/6 1/6 1/3. */
    static const uint32_t bin[] = {0, 0, 1, 1, 1, 0}, group[] = {0, 0, 0, 2, 2, 2};
    uint32_t cells[6];
    double plug = 2. / 3 * log(4. / 3) + 1. / 3 * log(2. / 3);

    (void)state;
    assert_near(probe_information(bin, 2, group, 3, 6, cells), plug + (2 + 2 - 4 - 1) / 12., 1e-14,
                0);
    /* The bin names the group: ln 2, corrected by (2 + 2 - 2 - 1) / 12. */
    assert_near(probe_information((const uint32_t[]){0, 0, 0, 1, 1, 1}, 2, group, 3, 6, cells),
                log(2) + 1 / 12., 1e-14, 0);
}

static void bins_have_equal_mass_and_keep_ties(void **state)
{
    double v[27];
    uint32_t bin[27], count[8] = {0};
    size_t order[27], i;

    (void)state;
    for (i = 0; i < 27; i++)
        v[i] = (double)(i * 11 % 27);
    assert_int_equal(probe_bins(v, 27, bin, order), 3);
    for (i = 0; i < 27; i++) {
        count[bin[i]]++;
        assert_int_equal(bin[i], (int)v[i] / 9);
    }
    assert_int_equal(count[0], 9);
    for (i = 0; i < 27; i++)
        v[i] = i < 20;
    assert_int_equal(probe_bins(v, 27, bin, order), 2);
    for (i = 0; i < 27; i++)
        assert_int_equal(bin[i], i < 20);
    for (i = 0; i < 27; i++)
        v[i] = 7;
    assert_int_equal(probe_bins(v, 27, bin, order), 1);
}

enum { PEOPLE = 40, EACH = 6, N = PEOPLE * EACH };

struct planted {
    double score[N];
    uint8_t label[N], seen[PEOPLE];
    uint32_t group[N], stratum[N];
};

/* Half of a person's videos are fake; `person` is the spread of people's offsets, `gain` what the
 * first half of the people, seen in training, have in advance. */
static void plant(struct planted *f, uint64_t seed, double person, double gain)
{
    struct rng g;
    uint32_t p;
    int k;

    rng_init(&g, seed, 0, "tables", "test");
    for (p = 0; p < PEOPLE; p++) {
        double offset = person * rng_normal(&g);

        f->seen[p] = p < PEOPLE / 2;
        for (k = 0; k < EACH; k++) {
            size_t i = p * EACH + (size_t)k;

            f->label[i] = k % 2 != 0;
            f->group[i] = p;
            f->stratum[i] = f->label[i];
            f->score[i] = offset + (0.8 + gain * f->seen[p]) * f->label[i] + 0.5 * rng_normal(&g);
        }
    }
}

static int probe(const struct planted *f, struct probes *out, bool seen, struct err *err)
{
    struct probe_cells c = {.map = "face",
                            .n = N,
                            .score = f->score,
                            .label = f->label,
                            .group = f->group,
                            .cluster = f->group,
                            .n_groups = PEOPLE,
                            .n_clusters = PEOPLE,
                            .stratum = f->stratum,
                            .n_strata = 2,
                            .seen = seen ? f->seen : NULL,
                            .threshold = 0.4,
                            .seed = 3,
                            .permutations = 199};

    return probe_tables(out, &c, err);
}

static void a_planted_leak_is_found(void **state)
{
    struct probes out = {0};
    struct err err = {0};
    struct planted f;
    size_t i;

    (void)state;
    plant(&f, 1, 1, 1.5);
    assert_ok(probe(&f, &out, true, &err), &err);
    assert_int_equal(out.n, 5);
    for (i = 0; i < 2; i++) {
        assert_string_equal(out.p[i].name, "mutual_information");
        assert_true(out.p[i].p <= 0.005 + 1e-12 && out.p[i].value > out.p[i].chance + 0.1);
        assert_int_equal(out.p[i].n, N / 2);
        assert_int_equal(out.p[i].identities, PEOPLE);
    }
    assert_string_equal(out.p[3].name, "false_alarm_spread");
    assert_true(out.p[3].p < 0.05 && out.p[3].value > out.p[3].chance);
    assert_string_equal(out.p[4].name, "auc_seen_minus_unseen");
    assert_true(out.p[4].lo > 0 && out.p[4].p < 0.05 && out.p[4].hi < 0.6);
    probes_release(&out);
    assert_ok(probe(&f, &out, false, &err), &err);
    assert_int_equal(out.n, 4);
    probes_release(&out);
}

/* One person of whom nothing is right, everybody else as they are. */
static void the_worst_identity_stands_out(void **state)
{
    struct probes out = {0};
    struct err err = {0};
    struct planted f;
    size_t i;

    (void)state;
    plant(&f, 2, 0, 1);
    for (i = 0; i < EACH; i++)
        f.score[i] = f.label[i] ? -1 : 2;
    assert_ok(probe(&f, &out, false, &err), &err);
    assert_string_equal(out.p[2].name, "worst_identity_accuracy");
    assert_near(out.p[2].value, 0, 0, 0);
    assert_true(out.p[2].chance > 0.2 && out.p[2].p < 0.05);
    probes_release(&out);
}

/* At 5 % about one data set of twenty is a false alarm: of 40, more than 8 happen once in 4000. */
static void no_leak_few_findings(void **state)
{
    int found = 0, worst = 0, seen = 0;
    uint64_t seed;

    (void)state;
    for (seed = 100; seed < 140; seed++) {
        struct probes out = {0};
        struct err err = {0};
        struct planted f;

        plant(&f, seed, 0, 0);
        assert_ok(probe(&f, &out, true, &err), &err);
        found += out.p[0].p < 0.05;
        worst += out.p[2].p < 0.05;
        seen += out.p[4].p < 0.05;
        probes_release(&out);
    }
    assert_true(found <= 8 && worst <= 8 && seen <= 8);
}

static void what_cannot_be_had_says_why(void **state)
{
    static const double score[] = {.1, .9};
    static const uint8_t label[] = {0, 1}, seen[] = {0, 0};
    static const uint32_t zero_one[] = {0, 1};
    struct probe_cells c = {.map = "face",
                            .n = 2,
                            .score = score,
                            .label = label,
                            .group = zero_one,
                            .cluster = zero_one,
                            .n_groups = 2,
                            .n_clusters = 2,
                            .stratum = zero_one,
                            .n_strata = 2,
                            .seen = seen};
    struct probes out = {0};
    struct err err = {0};
    size_t i;

    (void)state;
    assert_ok(probe_tables(&out, &c, &err), &err);
    for (i = 0; i < out.n; i++)
        assert_true(isnan(out.p[i].value) && out.p[i].undefined[0]);
    assert_non_null(strstr(out.p[4].undefined, "seen in training"));
    probes_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(information_by_hand),
        cmocka_unit_test(bins_have_equal_mass_and_keep_ties),
        cmocka_unit_test(a_planted_leak_is_found),
        cmocka_unit_test(the_worst_identity_stands_out),
        cmocka_unit_test(no_leak_few_findings),
        cmocka_unit_test(what_cannot_be_had_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
