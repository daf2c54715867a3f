/* fetch/audit and policy on random data sets, beside components and distances found the slow way:
 * by relabelling until nothing changes, and by Floyd and Warshall's algorithm. */
#include "tests/near.h"

#include "fetch/audit.h"
#include "fetch/catalogue.h"
#include "fetch/policy.h"
#include "lib/rng.h"

#define PEOPLE_MAX 40
#define FAR        1000
#define ROUNDS     60

static struct err err;

/* A data set as the test sees it. */
struct graph {
    int people;
    int n;                                   /* videos */
    int target[200], donor[200], split[200]; /* donor -1: a real one */
    int component[PEOPLE_MAX];               /* the least person */
    int steps[PEOPLE_MAX][PEOPLE_MAX];
};

static void add_video(struct graph *g, int target, int donor, int split)
{
    g->target[g->n] = target;
    g->donor[g->n] = donor;
    g->split[g->n++] = split;
}

static void solve(struct graph *g)
{
    int i, j, k, changed;

    for (i = 0; i < g->people; i++) {
        g->component[i] = i;
        for (j = 0; j < g->people; j++)
            g->steps[i][j] = i == j ? 0 : FAR;
    }
    for (i = 0; i < g->n; i++)
        if (g->donor[i] >= 0 && g->donor[i] != g->target[i])
            g->steps[g->target[i]][g->donor[i]] = g->steps[g->donor[i]][g->target[i]] = 1;
    do {
        for (changed = 0, i = 0; i < g->n; i++)
            if (g->donor[i] >= 0 && g->component[g->target[i]] != g->component[g->donor[i]]) {
                int *a = &g->component[g->target[i]], *b = &g->component[g->donor[i]];

                *a = *b = *a < *b ? *a : *b;
                changed = 1;
            }
    } while (changed);
    for (k = 0; k < g->people; k++)
        for (i = 0; i < g->people; i++)
            for (j = 0; j < g->people; j++)
                if (g->steps[i][k] + g->steps[k][j] < g->steps[i][j])
                    g->steps[i][j] = g->steps[i][k] + g->steps[k][j];
}

/* `listed` false: nothing is in a split. About as many fakes as people: components of all sizes. */
static void draw(struct graph *g, uint64_t seed, bool listed)
{
    struct rng rng;
    int k;

    memset(g, 0, sizeof(*g));
    rng_init(&rng, seed, 0, "graph", "test");
    g->people = 4 + (int)rng_below(&rng, PEOPLE_MAX - 3);
    for (k = 0; k < g->people; k++)
        add_video(g, k, -1, listed ? (int)rng_below(&rng, N_SPLITS) : SPLIT_NONE);
    for (k = (int)rng_below(&rng, (uint32_t)g->people + 10); k > 0; k--)
        add_video(g, (int)rng_below(&rng, (uint32_t)g->people),
                  (int)rng_below(&rng, (uint32_t)g->people),
                  listed ? (int)rng_below(&rng, N_SPLITS) : SPLIT_NONE);
    solve(g);
}

static void name_of(int person, char out[8])
{
    snprintf(out, 8, "%03d", person);
}

/* The catalogue of g, its videos added in an order of `order`. */
static void build(const struct graph *g, uint64_t order, struct catalogue *c)
{
    int place[200], i, j;
    struct rng rng;

    *c = (struct catalogue){.dataset = "s", .root = "."};
    rng_init(&rng, order, 0, "order", "test");
    for (i = 0; i < g->n; i++) {
        j = (int)rng_below(&rng, (uint32_t)i + 1);
        place[i] = place[j];
        place[j] = i;
    }
    for (i = 0; i < g->n; i++) {
        int k = place[i];
        char file[64], a[8], b[8];
        struct entry *e;

        name_of(g->target[k], a);
        name_of(g->donor[k], b);
        snprintf(file, sizeof(file), "v/%03d.mp4", k);
        assert_ok(catalogue_add(c, "m", "-", NULL, file, 10, &e, &err), &err);
        assert_ok(catalogue_person(c, "", a, &e->target, &err), &err);
        e->context = e->target;
        if (g->donor[k] >= 0)
            assert_ok(catalogue_person(c, "", b, &e->donor, &err), &err);
        e->fake = g->donor[k] >= 0;
        e->listed = (enum split)g->split[k];
    }
    assert_ok(catalogue_finish(c, &err), &err);
}

/* Video k of the graph; ids sort as k does. */
static const struct entry *video(const struct catalogue *c, int k)
{
    assert_true((size_t)k < c->n);
    return &c->videos[k];
}

static void apply(struct catalogue *c, enum policy policy, uint64_t seed)
{
    const struct split_settings s = {policy, seed, {0, 0.7, 0.15, 0.15}};
    size_t changed;

    assert_ok(policy_apply(c, &s, &changed, &err), &err);
}

static void components_are_those_of_the_slow_way(void **state)
{
    int round, k;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        struct catalogue c;
        struct graph g;

        draw(&g, (uint64_t)round, true);
        build(&g, (uint64_t)round, &c);
        for (k = 0; k < g.n; k++) {
            char name[16] = "s:";

            name_of(g.component[g.target[k]], name + 2);
            assert_string_equal(video(&c, k)->component, name);
        }
        catalogue_release(&c);
    }
}

/* The least number of steps from somebody in a video of split a to somebody in one of split b. */
static int distance(const struct graph *g, int component, int a, int b)
{
    int i, j, best = FAR;

    for (i = 0; i < g->n; i++)
        for (j = 0; j < g->n; j++) {
            const int from[2] = {g->target[i], g->donor[i]}, to[2] = {g->target[j], g->donor[j]};
            int x, y;

            if (g->split[i] != a || g->split[j] != b || g->component[g->target[i]] != component ||
                g->component[g->target[j]] != component)
                continue;
            for (x = 0; x < 2; x++)
                for (y = 0; y < 2; y++)
                    if (from[x] >= 0 && to[y] >= 0 && g->steps[from[x]][to[y]] < best)
                        best = g->steps[from[x]][to[y]];
        }
    return best;
}

/* A row of --audit. */
struct row {
    int component, a, b, video_a, video_b, steps;
};

static int split_number(const char *name)
{
    int k;

    for (k = 0; k < N_SPLITS; k++)
        if (strcmp(split_names[k], name) == 0)
            return k;
    fail_msg("'%s' is no split", name);
    return -1;
}

static size_t parse(char *text, struct row *rows, size_t cap)
{
    size_t n = 0;
    char *line, *save = NULL;

    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char a[8], b[8];
        int people, train, val, test;
        struct row *r = &rows[n++];

        assert_true(n <= cap);
        assert_int_equal(sscanf(line, "%*s s:%d %d %d %d %d %7s %7s s/m/-/%d s/m/-/%d %d",
                                &r->component, &people, &train, &val, &test, a, b, &r->video_a,
                                &r->video_b, &r->steps),
                         10);
        r->a = split_number(a);
        r->b = split_number(b);
    }
    return n;
}

static bool shows_near(const struct graph *g, const struct row *r)
{
    const int from[2] = {g->target[r->video_a], g->donor[r->video_a]};
    const int to[2] = {g->target[r->video_b], g->donor[r->video_b]};
    int x, y;

    for (x = 0; x < 2; x++)
        for (y = 0; y < 2; y++)
            if (from[x] >= 0 && to[y] >= 0 && g->steps[from[x]][to[y]] == r->steps)
                return true;
    return false;
}

/* Exactly the components that cross, each with two videos that are as near as any. */
static void audit_tells_the_nearest_videos(void **state)
{
    static struct row rows[PEOPLE_MAX * 3];
    int round, rows_seen = 0;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        struct str text = STR_INIT;
        struct catalogue c;
        struct graph g;
        size_t n, i, at = 0, crossing, expected = 0;
        int k, a, b;

        draw(&g, (uint64_t)round, true);
        build(&g, 1, &c);
        apply(&c, POLICY_LISTED, 1);
        assert_ok(audit_rows(&c, &text, &crossing, &err), &err);
        n = text.len ? parse(text.s, rows, sizeof(rows) / sizeof(*rows)) : 0;
        for (k = 0; k < g.people; k++) {
            bool crosses = false;

            for (a = SPLIT_TRAIN; a < N_SPLITS; a++)
                for (b = a + 1; b < N_SPLITS; b++) {
                    int steps = g.component[k] == k ? distance(&g, k, a, b) : FAR;

                    if (steps == FAR)
                        continue;
                    crosses = true;
                    for (i = 0; i < n; i++)
                        if (rows[i].component == k && rows[i].a == a && rows[i].b == b)
                            break;
                    assert_true(i < n);
                    at++;
                    assert_int_equal(rows[i].steps, steps);
                    assert_int_equal(g.split[rows[i].video_a], a);
                    assert_int_equal(g.split[rows[i].video_b], b);
                    assert_int_equal(g.component[g.target[rows[i].video_a]], k);
                    assert_true(shows_near(&g, &rows[i]));
                }
            expected += crosses;
        }
        assert_int_equal(at, n);
        assert_int_equal(crossing, expected);
        rows_seen += (int)n;
        str_release(&text);
        catalogue_release(&c);
    }
    assert_true(rows_seen > ROUNDS);
}

/* Where nothing is listed: every component goes to one split whole; no split is too full by a
 * component's size or more, nor too empty by two (policy.c fills the emptiest in proportion). */
static void dealt_splits_keep_the_shares(void **state)
{
    static const double share[N_SPLITS] = {0, 0.7, 0.15, 0.15};
    int round, others = 0;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        int size[PEOPLE_MAX] = {0}, n[N_SPLITS] = {0}, home[PEOPLE_MAX], largest = 0, k, s;
        struct catalogue c, d;
        struct graph g;

        draw(&g, (uint64_t)round + 1000, false);
        build(&g, 1, &c);
        build(&g, 2, &d); /* the order of files does not matter */
        apply(&c, POLICY_DISJOINT, 5);
        apply(&d, POLICY_DISJOINT, 5);
        memset(home, 0, sizeof(home));
        for (k = 0; k < g.n; k++) {
            int component = g.component[g.target[k]];
            int split = (int)video(&c, k)->split;

            assert_int_not_equal(split, SPLIT_NONE);
            assert_int_equal(video(&d, k)->split, split);
            assert_true(home[component] == 0 || home[component] == split);
            home[component] = split;
            n[split]++;
            if (++size[component] > largest)
                largest = size[component];
        }
        for (s = SPLIT_TRAIN; s < N_SPLITS; s++) {
            assert_true(n[s] < share[s] * g.n + largest);
            assert_true(n[s] > share[s] * g.n - 2 * largest);
        }
        apply(&d, POLICY_DISJOINT, 6);
        for (k = 0; k < g.n && video(&d, k)->split == video(&c, k)->split;)
            k++;
        others += k < g.n;
        catalogue_release(&c);
        catalogue_release(&d);
    }
    assert_true(others > ROUNDS / 2); /* another seed deals in another way */
}

/* Where splits are listed: who is in one stays; who is in several goes to one of them whole. */
static void listed_splits_are_mended(void **state)
{
    int round, policy, moved = 0;

    (void)state;
    for (round = 0; round < ROUNDS; round++)
        for (policy = POLICY_TRIMMED; policy <= POLICY_DISJOINT; policy++) {
            bool listed[PEOPLE_MAX][N_SPLITS] = {{false}};
            int home[PEOPLE_MAX] = {0}, k, s;
            struct catalogue c;
            struct graph g;

            draw(&g, (uint64_t)round, true);
            build(&g, 1, &c);
            apply(&c, (enum policy)policy, 5);
            for (k = 0; k < g.n; k++)
                listed[g.component[g.target[k]]][g.split[k]] = true;
            for (k = 0; k < g.n; k++) {
                int component = g.component[g.target[k]], split = (int)video(&c, k)->split;
                const bool *in = listed[component];
                int touched = in[SPLIT_TRAIN] + in[SPLIT_VAL] + in[SPLIT_TEST];

                if (touched < 2) {
                    assert_int_equal(split, g.split[k]);
                    continue;
                }
                moved += split != g.split[k];
                if (policy == POLICY_TRIMMED) {
                    s = in[SPLIT_TRAIN] ? SPLIT_TRAIN : SPLIT_VAL;
                    assert_int_equal(split, g.split[k] == s ? s : SPLIT_NONE);
                } else {
                    assert_true(split != SPLIT_NONE && in[split]);
                    assert_true(home[component] == 0 || home[component] == split);
                    home[component] = split;
                }
            }
            catalogue_release(&c);
        }
    assert_true(moved > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_are_those_of_the_slow_way),
        cmocka_unit_test(audit_tells_the_nearest_videos),
        cmocka_unit_test(dealt_splits_keep_the_shares),
        cmocka_unit_test(listed_splits_are_mended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
