/*
 * Golden values made with scikit-learn 1.2.1, pROC 1.18.0 and NumPy on simulated scores, 1e5 frames
 * of 3125 videos; the generator is tests/oracle/golden_scores.py. Skipped where NumPy and SciPy
 * are not installed.
 */
#include "tests/near.h"

#include "evaluate/aggregate.h"
#include "evaluate/calibration.h"
#include "evaluate/clusters.h"
#include "evaluate/curve.h"
#include "evaluate/pairs.h"
#include "evaluate/probe_scores.h"
#include "lib/mem.h"

struct world {
    char *dir;
    struct dataset d;
    struct problems problems;
    struct clusters people, videos;
    uint8_t *label, *use;
    struct sample frames; /* of model one, clustered by people */
};

static struct world world;
static bool ready;

static int setup(void **state)
{
    struct dataset_policy policy = {0};
    struct err err = {0};
    char here[600], command[800];
    struct world *w = &world;
    size_t i;

    (void)state;
    assert_non_null(getcwd(here, sizeof(here)));
    w->dir = near_enter();
    snprintf(command, sizeof(command),
             "/usr/bin/python3 %s/tests/oracle/golden_scores.py . 2>/dev/null", here);
    if (system(command) != 0)
        return 0;
    assert_ok(dataset_scores(&w->d, "one.csv", &policy, true, &w->problems, &err), &err);
    assert_ok(dataset_scores(&w->d, "two.csv", &policy, true, &w->problems, &err), &err);
    assert_int_equal(w->problems.n, 0);
    w->label = mem_array(w->d.n_videos, 1);
    w->use = mem_array(w->d.n_videos, 1);
    for (i = 0; i < w->d.n_videos; i++) {
        w->label[i] = w->d.video[i].label;
        w->use[i] = 1;
    }
    assert_ok(clusters_make(&w->people, &w->d, w->use, CLUSTER_AUTO, &err), &err);
    assert_ok(clusters_make(&w->videos, &w->d, w->use, CLUSTER_VIDEO, &err), &err);
    assert_int_equal(w->people.by, CLUSTER_IDENTITY);
    assert_ok(sample_make(&w->frames, w->d.model[0].score, w->d.model[0].video, w->d.model[0].n,
                          w->label, w->people.of, w->people.n, NULL, &err),
              &err);
    ready = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sample_release(&world.frames);
    clusters_release(&world.people);
    clusters_release(&world.videos);
    dataset_release(&world.d);
    problems_release(&world.problems);
    free(world.label);
    free(world.use);
    near_leave(world.dir);
    return 0;
}

static void need(void)
{
    if (!ready) {
        print_message("skipped: python3-numpy and python3-scipy are not installed\n");
        skip();
    }
}

static void counts(void **state)
{
    (void)state;
    need();
    assert_int_equal(world.frames.n, 100000);
    assert_int_equal(world.frames.n_pos, 80192);
    assert_int_equal(world.d.n_videos, 3125);
    assert_int_equal(world.people.n, 954);
}

static void ranking(void **state)
{
    const struct sample *s = &world.frames;
    struct curve c;
    struct err err = {0};

    (void)state;
    need();
    assert_near(auc_value(s), .7355141610181001, 1e-14, 0);
    assert_near(curve_average_precision(s), .9106400528847165, 1e-13, 0);
    assert_ok(curve_make(&c, s, &err), &err);
    assert_near(curve_eer(&c, NULL), .32859886272944927, 1e-14, 0);
    assert_near(curve_tpr_at(&c, .1), .34988527533918595, 1e-14, 0);
    assert_near(curve_tpr_interpolated(&c, .1), .34988527533918595, 1e-14, 0);
    assert_near(curve_tpr_at(&c, .01), .07245111731843576, 1e-14, 0);
    assert_near(curve_tpr_at(&c, .001), .012918994413407821, 1e-14, 0);
    assert_near(curve_tpr_interpolated(&c, .001), .012929070231444533, 1e-14, 0);
    assert_near(curve_mcclish(curve_partial_area(&c, .1), .1), .5861888356044931, 1e-13, 0);
    assert_near(curve_mcclish(curve_partial_area(&c, .01), .01), .5188272001473908, 1e-13, 0);
    curve_release(&c);
}

static void calibration(void **state)
{
    const struct sample *s = &world.frames;
    struct calibration c;
    double brier = 0, loss = 0, hit = 0, width, mass;
    struct err err = {0};
    size_t i;

    (void)state;
    need();
    assert_ok(calibration_sums(&c, s, &err), &err);
    for (i = 0; i < s->n_clusters; i++) {
        brier += c.brier[i];
        loss += c.log[i];
    }
    assert_near(brier / (double)s->n, .21779851346802082, 1e-13, 0);
    assert_near(loss / (double)s->n, .6658778994300667, 1e-12, 0);
    for (i = 0; i < s->n; i++)
        hit += (s->item[i].score >= .5) == (s->label[s->item[i].unit] != 0);
    assert_near(hit / (double)s->n, .67973, 1e-12, 0);
    calibration_ece(s, &width, &mass);
    assert_near(width, .221002144, 1e-9, 0);
    assert_true(mass > 0 && mass < 2 * width);
    calibration_release(&c);
}

static void videos(void **state)
{
    static const struct {
        enum aggregate how;
        double auc;
    } golden[] = {{AGGREGATE_MEAN, .8121619583113613},
                  {AGGREGATE_MAX, .7890955084211463},
                  {AGGREGATE_MEDIAN, .8111314750898329},
                  {AGGREGATE_TOP8, .8113574271506059}};
    struct err err = {0};
    size_t i;

    (void)state;
    need();
    for (i = 0; i < 4; i++) {
        struct video_scores v;
        struct sample s;

        assert_ok(aggregate_videos(&v, &world.d.model[0], world.d.n_videos, world.use,
                                   golden[i].how, &err),
                  &err);
        assert_ok(sample_make(&s, v.score, v.video, v.n, world.label, world.people.of,
                              world.people.n, NULL, &err),
                  &err);
        assert_near(auc_value(&s), golden[i].auc, 1e-12, 0);
        sample_release(&s);
        aggregate_release(&v);
    }
}

static void variances(void **state)
{
    struct sample s = world.frames;
    struct err err = {0};
    struct auc a;

    (void)state;
    need();
    assert_ok(auc_measure(&s, &a, &err), &err);
    assert_near(a.var_iid, 3.8097200187952226e-06, 0, 1e-9);
    assert_near(a.var_cluster, 6.0036604003910166e-05, 0, 1e-9);
    assert_near(a.var_cluster / a.var_iid, 15.758796895236413, 0, 1e-9);
    auc_release(&a);
    s.cluster = world.videos.of;
    s.n_clusters = world.videos.n;
    assert_ok(auc_measure(&s, &a, &err), &err);
    assert_near(a.var_cluster, 5.769317902144732e-05, 0, 1e-9);
    assert_near(a.value - 1.96 * sqrt(a.var_cluster), .7206267799008991, 1e-12, 0);
    assert_near(a.value + 1.96 * sqrt(a.var_cluster), .7504015421353011, 1e-12, 0);
    auc_release(&a);
}

static void identity(void **state)
{
    const struct sample *s = &world.frames;
    double *value, explained;
    struct err err = {0};
    uint32_t *group;
    struct within w;
    struct anova a;
    size_t i;

    (void)state;
    need();
    assert_ok(probe_within(s, world.people.of, world.people.n, &w, &err), &err);
    assert_near(w.within, .7588259505467196, 1e-13, 0);
    assert_near(w.case_weighted, .7556640913582298, 1e-13, 0);
    assert_near(w.between, .7354914615427813, 1e-13, 0);
    assert_near(w.pair_share, .0009727864756248977, 1e-15, 0);
    assert_ok(probe_explained(s, world.people.of, world.people.n, &explained, &err), &err);
    assert_near(explained, .5733319058431661, 1e-12, 0);
    value = mem_array(s->n, sizeof(*value));
    group = mem_array(s->n, sizeof(*group));
    for (i = 0; i < s->n; i++) {
        value[i] = s->item[i].score;
        group[i] = world.people.of[s->item[i].unit];
    }
    assert_ok(probe_anova(value, group, s->n, world.people.n, &a, &err), &err);
    assert_int_equal(a.groups, 954);
    assert_near(a.icc, .2655008911780443, 1e-11, 0);
    assert_near(a.eta2, .2722464233995941, 1e-11, 0);
    assert_near(a.omega2, .2652421810329554, 1e-11, 0);
    assert_near(a.n0, 104.79263563483735, 1e-9, 0);
    assert_near(a.f, 38.87960777048356, 0, 1e-10);
    free(value);
    free(group);
}

static void identity_of_videos(void **state)
{
    static const struct {
        double icc, p;
    } golden[2] = {{.4148882887148807, 5.727572716052819e-07},
                   {.37739467152452383, 1.8351985630746104e-65}};
    struct video_scores v;
    struct err err = {0};
    size_t i, n;
    int y;

    (void)state;
    need();
    assert_ok(
        aggregate_videos(&v, &world.d.model[0], world.d.n_videos, world.use, AGGREGATE_MEAN, &err),
        &err);
    for (y = 0; y < 2; y++) {
        double *value = mem_array(v.n, sizeof(*value));
        uint32_t *group = mem_array(v.n, sizeof(*group));
        struct anova a;

        for (i = n = 0; i < v.n; i++)
            if (world.label[v.video[i]] == y) {
                value[n] = v.score[i];
                group[n++] = world.people.of[v.video[i]];
            }
        assert_ok(probe_anova(value, group, n, world.people.n, &a, &err), &err);
        assert_near(a.icc, golden[y].icc, 1e-11, 0);
        assert_near(a.p, golden[y].p, 0, 1e-6);
        free(value);
        free(group);
    }
    aggregate_release(&v);
}

static void paired(void **state)
{
    const struct model *m = world.d.model;
    struct pair_result p = {0}, q = {0};
    struct err err = {0};
    uint8_t *label;
    uint32_t *cluster, *each;
    size_t i;

    (void)state;
    need();
    assert_int_equal(m[1].n, m[0].n);
    label = mem_array(m->n, 1);
    cluster = mem_array(m->n, sizeof(*cluster));
    each = mem_array(m->n, sizeof(*each));
    for (i = 0; i < m->n; i++) {
        assert_int_equal(m[0].key[i], m[1].key[i]);
        label[i] = world.label[m->video[i]];
        cluster[i] = world.people.of[m->video[i]];
        each[i] = (uint32_t)i;
    }
    assert_ok(pairs_test(&(struct pair_items){m[0].score, m[1].score, label, cluster, m->n,
                                              world.people.n, NULL},
                         &(struct pair_options){.seed = 1, .jobs = 1}, &p, &err),
              &err);
    assert_near(p.auc_b, .7643782588009493, 1e-13, 0);
    assert_near(p.z, -13.09913083354069, 0, 1e-9);
    assert_ok(
        pairs_test(&(struct pair_items){m[0].score, m[1].score, label, each, m->n, m->n, NULL},
                   &(struct pair_options){.seed = 1, .jobs = 1}, &q, &err),
        &err);
    assert_near(q.z, -14.39555016713317, 0, 1e-9);
    free(label);
    free(cluster);
    free(each);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(ranking),
        cmocka_unit_test(calibration),
        cmocka_unit_test(videos),
        cmocka_unit_test(variances),
        cmocka_unit_test(identity),
        cmocka_unit_test(identity_of_videos),
        cmocka_unit_test(paired),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
