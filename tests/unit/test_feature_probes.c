/* Feature probes on clouds of which it is known what they hold. */
#include "tests/near.h"

#include "evaluate/feature_table.h"
#include "evaluate/probe_parts.h"
#include "evaluate/subspace.h"
#include "lib/mem.h"
#include "lib/npy.h"
#include "lib/rng.h"

#define PEOPLE 12
#define VIDEOS 8 /* a person: every second one is a fake */
#define FRAMES 4
#define DIM    40
#define ROWS   (PEOPLE * VIDEOS * FRAMES)

/* Directions 0 .. 3 hold who is seen, 4 what is fake, `leak` of it also along direction 0, where
 * people differ; the rest is noise. */
struct world {
    struct result res;
    struct features f;
    struct model m;
};

static void world_make(struct world *w, uint64_t seed, double identity, double fake)
{
    double person[PEOPLE][4];
    size_t p, v, t, j, i = 0;
    struct rng g;

    memset(w, 0, sizeof(*w));
    rng_init(&g, seed, 0, "cloud", "test");
    w->res.data.n_videos = PEOPLE * VIDEOS;
    w->res.data.video = mem_array(PEOPLE * VIDEOS, sizeof(struct video));
    w->res.data.names.n = PEOPLE;
    w->res.data.model = &w->m;
    w->res.data.n_models = 1;
    w->res.use = mem_array(PEOPLE * VIDEOS, 1);
    w->res.clusters.of = mem_array(PEOPLE * VIDEOS, sizeof(uint32_t));
    w->res.clusters.n = PEOPLE / 2;
    w->res.clusters.by = CLUSTER_COMPONENT;
    w->m.score = mem_array(ROWS, sizeof(double));
    w->m.video = mem_array(ROWS, sizeof(uint32_t));
    w->f = (struct features){.x = mem_aligned(ROWS * DIM, sizeof(float)),
                             .n = ROWS,
                             .dim = DIM,
                             .video = mem_array(ROWS, sizeof(uint32_t)),
                             .key = mem_array(ROWS, sizeof(uint64_t))};
    for (p = 0; p < PEOPLE; p++) {
        for (j = 0; j < 4; j++)
            person[p][j] = identity * rng_normal(&g);
        for (v = 0; v < VIDEOS; v++) {
            uint32_t k = (uint32_t)(p * VIDEOS + v);

            w->res.data.video[k] = (struct video){.face_id = (uint32_t)p,
                                                  .context_id = (uint32_t)p,
                                                  .component = NAME_NONE,
                                                  .label = v % 2};
            w->res.use[k] = 1;
            w->res.clusters.of[k] = (uint32_t)(p / 2);
            for (t = 0; t < FRAMES; t++, i++) {
                float *x = w->f.x + i * DIM;

                for (j = 0; j < DIM; j++)
                    x[j] = (float)(rng_normal(&g) + (j < 4 ? person[p][j] : 0) +
                                   (j == 4 ? fake * (double)(v % 2) : 0));
                w->f.video[i] = w->m.video[i] = k;
                w->f.key[i] = i * 7919 + 1;
                w->m.score[i] = x[4] + 0.5 * x[0];
                w->m.n++;
            }
        }
    }
}

static void world_release(struct world *w)
{
    features_release(&w->f);
    free(w->res.data.video);
    free(w->res.use);
    free(w->res.clusters.of);
    free(w->m.score);
    free(w->m.video);
}

static const struct feature_options usual = {.seed = 3,
                                             .permutations = 99,
                                             .max_identities = 100,
                                             .lambda = 1e-3,
                                             .iterations = 100,
                                             .erase = true,
                                             .inlp_rounds = 3};

static const struct probe *of(const struct probes *t, const char *name)
{
    const struct probe *p = probe_find(t, name, NULL);

    if (!p)
        fail_msg("no probe '%s'", name);
    return p;
}

static void planted_identity_is_read_and_erased(void **state)
{
    struct probes out = {0};
    struct err err = {0};
    struct world w;
    double agreement;

    (void)state;
    world_make(&w, 1, 6, 2);
    assert_ok(probe_features(&w.res, &w.f, NULL, &usual, &out, &agreement, &err), &err);
    assert_true(of(&out, "linear_probe_accuracy")->value > 0.5);
    assert_near(of(&out, "linear_probe_accuracy")->p, 0.01, 1e-12, 0);
    assert_true(of(&out, "linear_probe_control")->value < 0.3);
    assert_near(of(&out, "retrieval_rank1")->p, 0.01, 1e-12, 0);
    assert_true(of(&out, "verification_auc")->value > 0.7);
    assert_true(of(&out, "video_retrieval_map")->value >
                of(&out, "video_retrieval_map")->chance + 0.5);
    assert_true(of(&out, "video_retrieval_rank5")->value <=
                of(&out, "video_retrieval_rank10")->value);
    assert_true(of(&out, "verification_tar_far_0.001")->value > 0.01);
    assert_true(of(&out, "linear_probe_after_erasure")->value < 0.3);
    assert_true(of(&out, "linear_probe_after_inlp")->value <
                of(&out, "linear_probe_accuracy")->value - 0.3);
    /* Identity and fakery lie apart: losing the one costs the other little. */
    assert_near(of(&out, "erasure_auc_change")->value, 0, 0.05, 0);
    assert_near(of(&out, "erasure_random_directions")->value, 0, 0.2, 0);
    probes_release(&out);
    world_release(&w);
}

static void nothing_planted_nothing_read(void **state)
{
    struct err err = {0};
    size_t found = 0;
    uint64_t seed;

    (void)state;
    for (seed = 1; seed <= 20; seed++) {
        struct feature_options o = usual;
        struct probes out = {0};
        struct world w;
        double agreement;

        o.seed = seed;
        o.erase = false;
        world_make(&w, seed, 0, 1);
        assert_ok(probe_features(&w.res, &w.f, NULL, &o, &out, &agreement, &err), &err);
        found += of(&out, "linear_probe_accuracy")->p <= 0.05;
        found += of(&out, "retrieval_rank1")->p <= 0.05;
        probes_release(&out);
        world_release(&w);
    }
    assert_in_range(found, 0, 8); /* 2 expected of 40; 8 is 4 standard deviations off */
}

/* Two people on a line, by hand: A at 1, 1.1, B at -1, and one between. */
static void retrieval_by_hand(void **state)
{
    float x[4][2] = {{1, 0}, {1, 0.1f}, {-1, 0}, {0.1f, 1}};
    uint32_t video[] = {0, 1, 2, 3}, group_of[] = {0, 0, 1, 1};
    struct features f = {.dim = 2};
    struct feature_table t = {.f = &f,
                              .o = &usual,
                              .n = 4,
                              .n_videos = 4,
                              .n_groups = 2,
                              .x = x[0],
                              .video = video,
                              .group_of = group_of};
    struct probes out = {0};
    struct err err = {0};

    (void)state;
    t.out = &out;
    assert_ok(probe_retrieval(&t, &err), &err);
    /* 0: 1 first. 1: 0 first. 2: 3, at -.1, before 0 and 1. 3: 1, at .2, 0, then 2. */
    assert_near(of(&out, "video_retrieval_map")->value, (1 + 1 + 1 + 1 / 3.) / 4, 1e-12, 0);
    assert_near(of(&out, "video_retrieval_rank5")->value, 1, 0, 0);
    probes_release(&out);
}

static void a_penalty_is_chosen(void **state)
{
    struct feature_options o = usual;
    struct probes out = {0};
    struct err err = {0};
    struct world w;
    double agreement, fixed;

    (void)state;
    o.erase = false;
    o.permutations = 0;
    world_make(&w, 1, 6, 2);
    assert_ok(probe_features(&w.res, &w.f, NULL, &o, &out, &agreement, &err), &err);
    fixed = of(&out, "identity_information")->value;
    probes_release(&out);
    out = (struct probes){0};
    o.lambda = -1;
    assert_ok(probe_features(&w.res, &w.f, NULL, &o, &out, &agreement, &err), &err);
    assert_true(of(&out, "identity_information")->value >
                fixed); /* it loses least, elsewhere too */
    assert_null(strstr(of(&out, "linear_probe_accuracy")->about, "L2 0.0001,"));
    probes_release(&out);
    world_release(&w);
}

static void halves_keep_apart_what_they_should(void **state)
{
    static const enum feature_split how[] = {SPLIT_BY_VIDEO, SPLIT_BY_COMPONENT, SPLIT_BY_FRAME};
    struct err err = {0};
    struct world w;
    size_t k, i, j;

    (void)state;
    world_make(&w, 2, 1, 1);
    for (k = 0; k < 3; k++) {
        struct feature_table t;
        size_t train = 0, videos = 0, components = 0;

        assert_ok(feature_table_make(&t, &w.res, &w.f, &usual, NULL, &err), &err);
        assert_int_equal(t.n, ROWS);
        assert_ok(feature_table_split(&t, how[k], &err), &err);
        for (i = 0; i < t.n; i++) {
            train += t.part[i] == 0;
            for (j = 0; j < i; j++) {
                bool apart = t.part[i] != t.part[j];

                videos += apart && t.video[i] == t.video[j];
                components += apart && w.res.clusters.of[t.whole[t.video[i]]] ==
                                           w.res.clusters.of[t.whole[t.video[j]]];
            }
        }
        assert_int_equal(train, ROWS / 2);
        assert_int_equal(videos > 0, how[k] == SPLIT_BY_FRAME);
        assert_int_equal(components > 0, how[k] != SPLIT_BY_COMPONENT);
        feature_table_release(&t);
    }
    world_release(&w);
}

/* Fits on one half of the people and judges on the other: no closed-set probe, but erasure. */
static void split_by_component(void **state)
{
    struct feature_options o = usual;
    struct probes out = {0};
    struct err err = {0};
    struct world w;
    double agreement;

    (void)state;
    o.split = SPLIT_BY_COMPONENT;
    world_make(&w, 4, 2, 2);
    assert_ok(probe_features(&w.res, &w.f, NULL, &o, &out, &agreement, &err), &err);
    assert_non_null(strstr(of(&out, "linear_probe_accuracy")->undefined, "nobody"));
    assert_null(probe_find(&out, "linear_probe_control", NULL));
    assert_false(isnan(of(&out, "erasure_auc_change")->value));
    assert_false(isnan(of(&out, "inlp_auc_change")->value));
    probes_release(&out);
    world_release(&w);
}

static void directions(void **state)
{
    float x[ROWS], w[3][DIM] = {{0}};
    struct subspace s = {0}, r;
    struct err err = {0};
    size_t i, j;

    (void)state;
    w[0][0] = 2;
    w[1][0] = -1;
    w[1][1] = 1;
    w[2][0] = w[2][1] = 5; /* in the span of the two */
    assert_ok(subspace_add(&s, &w[0][0], 3, DIM, DIM, &err), &err);
    assert_int_equal(s.rank, 2);
    for (i = 0; i < DIM; i++)
        x[i] = (float)i + 1;
    assert_ok(subspace_remove(&s, x, 1, NULL, &err), &err);
    for (i = 0; i < DIM; i++)
        assert_near(x[i], i < 2 ? 0 : (double)i + 1, 1e-5, 0);
    subspace_release(&s);
    assert_ok(subspace_random(&r, 7, DIM, 5, 0, &err), &err);
    assert_int_equal(r.rank, 7);
    for (i = 0; i < 7; i++)
        for (j = 0; j < 7; j++) {
            double dot = 0;
            size_t k;

            for (k = 0; k < DIM; k++)
                dot += (double)r.q[i * DIM + k] * r.q[j * DIM + k];
            assert_near(dot, i == j, 1e-6, 0);
        }
    subspace_release(&r);
}

/* CKA: 1 for a rotation and a scale, chance for noise. */
static void likeness_of_features(void **state)
{
    struct world a, b;
    struct probes out = {0};
    struct err err = {0};
    struct subspace rotation;
    float x[DIM];
    size_t i, j, k;

    (void)state;
    world_make(&a, 1, 2, 1);
    world_make(&b, 9, 0, 0);
    assert_ok(subspace_random(&rotation, DIM, DIM, 1, 0, &err), &err);
    assert_ok(probe_cka(&a.f, &b.f, &usual, &out, &err), &err);
    assert_true(of(&out, "cka_videos")->p > 0.05);
    assert_near(of(&out, "cka_videos")->value, of(&out, "cka_videos")->chance, 0.05, 0);
    probes_release(&out);
    for (i = 0; i < ROWS; i++) { /* rows in another order, too */
        const float *from = a.f.x + (ROWS - 1 - i) * DIM;

        for (j = 0; j < DIM; j++)
            for (x[j] = 3, k = 0; k < DIM; k++)
                x[j] += 2.5f * rotation.q[j * DIM + k] * from[k];
        memcpy(b.f.x + i * DIM, x, sizeof(x));
        b.f.key[i] = a.f.key[ROWS - 1 - i];
        b.f.video[i] = a.f.video[ROWS - 1 - i];
    }
    out = (struct probes){0};
    assert_ok(probe_cka(&a.f, &b.f, &usual, &out, &err), &err);
    assert_near(of(&out, "cka")->value, 1, 1e-4, 0);
    assert_near(of(&out, "cka_videos")->value, 1, 1e-4, 0);
    assert_near(of(&out, "cka_videos")->p, 0.01, 1e-12, 0);
    assert_int_equal(of(&out, "cka")->n, ROWS);
    for (i = 0; i < ROWS; i++)
        b.f.key[i] = ROWS * 100000 + i;
    probes_release(&out);
    out = (struct probes){0};
    assert_ok(probe_cka(&a.f, &b.f, &usual, &out, &err), &err);
    assert_non_null(strstr(of(&out, "cka")->undefined, "fewer than 3"));
    probes_release(&out);
    subspace_release(&rotation);
    world_release(&a);
    world_release(&b);
}

/* A layer that looks along an identity direction and a fake one: the shares are known. */
static void a_layer_is_taken_apart(void **state)
{
    char *dir = near_enter();
    struct feature_options o = usual;
    struct probes out = {0};
    struct err err = {0};
    float layer[2][DIM + 1] = {{0}};
    struct world w;
    double agreement, v[2];

    (void)state;
    o.erase = false;
    o.last_layer = "layer.npy";
    world_make(&w, 5, 3, 2);
    layer[1][4] = 1;
    layer[0][0] = -0.5f; /* fake minus real: +0.5 along direction 0 */
    layer[1][DIM] = 7;
    assert_ok(npy_write("layer.npy", NPY_F32, 2, (const size_t[]){2, DIM + 1}, layer, &err), &err);
    assert_ok(probe_features(&w.res, &w.f, NULL, &o, &out, &agreement, &err), &err);
    assert_near(agreement, 1, 1e-6, 0);
    /* Var along 0: .25 (9 + 1), along 4: 1 + 1; the probe's directions may hold a little of 4. */
    v[0] = of(&out, "score_identity_share")->value;
    assert_true(v[0] > 0.3 && v[0] < 0.85);
    assert_true(v[0] > of(&out, "score_identity_share")->chance + 0.1);
    v[1] = of(&out, "score_residual_auc")->value;
    assert_true(v[1] > 0.75 && v[1] > of(&out, "score_identity_auc")->value + 0.1);
    probes_release(&out);
    assert_ok(npy_write("layer.npy", NPY_F32, 1, (const size_t[]){DIM - 1}, layer, &err), &err);
    out = (struct probes){0};
    assert_fails(probe_features(&w.res, &w.f, NULL, &o, &out, &agreement, &err), ERR_DATA, &err,
                 "last layer on 40 features");
    probes_release(&out);
    world_release(&w);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_identity_is_read_and_erased),
        cmocka_unit_test(nothing_planted_nothing_read),
        cmocka_unit_test(retrieval_by_hand),
        cmocka_unit_test(a_penalty_is_chosen),
        cmocka_unit_test(halves_keep_apart_what_they_should),
        cmocka_unit_test(split_by_component),
        cmocka_unit_test(directions),
        cmocka_unit_test(likeness_of_features),
        cmocka_unit_test(a_layer_is_taken_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
