/* Identity probes: formulas by enumeration, planted leaks found, none found where there is none. */
#include "tests/near.h"

#include "evaluate/probe_methods.h"
#include "evaluate/probe_regression.h"
#include "evaluate/probe_scores.h"
#include "tests/unit/score_fixture.h"

static void within_and_between_by_counting(void **state)
{
    static struct fixture f;
    uint64_t seed;

    (void)state;
    for (seed = 1; seed <= 20; seed++) {
        double u[2] = {0}, pairs[2] = {0}, cases = 0, sum = 0;
        struct err err = {0};
        struct sample s;
        struct within w;
        size_t i, j;

        fixture_make(&f, seed, 120, 9, seed % 2 ? 12 : 1000);
        fixture_sort(&f, &s);
        assert_ok(probe_within(&s, f.cluster, f.n_clusters, &w, &err), &err);
        for (i = 0; i < f.n; i++) {
            double own = 0, n = 0;

            for (j = 0; j < f.n; j++)
                if (f.label[i] && !f.label[j]) {
                    bool same = f.cluster[i] == f.cluster[j];

                    u[same] += psi(f.score[i], f.score[j]);
                    pairs[same]++;
                    if (same) {
                        own += psi(f.score[i], f.score[j]);
                        n++;
                    }
                }
            if (n > 0) {
                sum += own / n;
                cases++;
            }
        }
        assert_near(w.within, u[1] / pairs[1], 1e-13, 0);
        assert_near(w.between, u[0] / pairs[0], 1e-13, 0);
        assert_near(w.case_weighted, sum / cases, 1e-13, 0);
        assert_near(w.pair_share, pairs[1] / (pairs[0] + pairs[1]), 1e-15, 0);
        sample_release(&s);
    }
}

/* Groups of three items of which k are fake: the mean AUC over all relabellings, by enumeration of
 * the 3^4 choices of the one odd item. The formula counts pairs within a group with replacement, so
 * it is compared on pairs between groups by making groups many. */
static void explained_is_the_mean_over_relabellings(void **state)
{
    enum { G = 6, N = 3 * G };
    static struct fixture f = {.n = N, .n_clusters = G};
    double total = 0, explained;
    struct err err = {0};
    struct sample s;
    struct rng g;
    int way, ways = 1, k;
    size_t i;

    (void)state;
    rng_init(&g, 5, 0, "explained", "test");
    for (i = 0; i < N; i++) {
        f.cluster[i] = (uint32_t)(i / 3);
        f.unit[i] = (uint32_t)i;
        /* Groups of mostly fakes score higher: knowing the group helps. */
        f.score[i] = rng_uniform(&g) + (i / 3 % 2 ? 0.4 : 0);
    }
    for (k = 0; k < G; k++)
        ways *= 3;
    for (way = 0; way < ways; way++) {
        int rest = way;

        for (k = 0; k < G; k++, rest /= 3)
            for (i = 0; i < 3; i++)
                f.label[3 * k + (int)i] = ((int)i == rest % 3) ^ (k % 2);
        total += fixture_auc(&f, NULL);
    }
    fixture_sort(&f, &s);
    assert_ok(probe_explained(&s, f.cluster, G, &explained, &err), &err);
    /* Within a group a pair is its own mirror image: its mean is 1/2 either way; what differs is
     * the weight of such pairs, 6 of 81 against 6 * 2 of 81. */
    assert_near(explained, total / ways, .02, 0);
    assert_true(explained > .55);
    sample_release(&s);
    for (i = 0; i < N; i++)
        f.label[i] = i % 3 == 0; /* the same share everywhere: nothing to know */
    fixture_sort(&f, &s);
    assert_ok(probe_explained(&s, f.cluster, G, &explained, &err), &err);
    assert_near(explained, .5, 1e-14, 0);
    sample_release(&s);
}

/* Snedecor's layout, checked by hand: groups 1 2 3 | 4 5 6 | 8 9 10: MSB 37, MSW 1, ICC 12/13. */
static void variance_components_by_hand(void **state)
{
    static const double value[] = {1, 2, 3, 4, 5, 6, 8, 9, 10};
    static const uint32_t group[] = {0, 0, 0, 1, 1, 1, 2, 2, 2};
    struct err err = {0};
    struct anova a;

    (void)state;
    assert_ok(probe_anova(value, group, 9, 3, &a, &err), &err);
    assert_near(a.f, 37, 1e-12, 0);
    assert_near(a.n0, 3, 1e-12, 0);
    assert_near(a.icc, 36. / 39, 1e-12, 0);
    assert_near(a.eta2, 74. / 80, 1e-12, 0);
    assert_near(a.omega2, 72. / 81, 1e-12, 0);
    assert_true(a.lo < a.icc && a.icc < a.hi && a.hi < 1);
    assert_ok(probe_anova(value, group, 3, 3, &a, &err), &err);
    assert_true(isnan(a.icc)); /* one group */
}

static void slopes_are_recovered(void **state)
{
    enum { N = 400, G = 50 };
    static double row[N][3];
    static uint32_t cluster[N];
    struct regression fit;
    struct rng g;
    int i;

    (void)state;
    rng_init(&g, 6, 0, "slopes", "test");
    for (i = 0; i < N; i++) {
        cluster[i] = (uint32_t)(i % G);
        row[i][1] = 5 + rng_normal(&g);
        row[i][2] = -3 + 2 * rng_normal(&g);
        row[i][0] = 7 + 0.5 * row[i][1] - 0.25 * row[i][2];
    }
    assert_true(regression_fit((const double(*)[3])row, cluster, N, G, &fit));
    assert_near(fit.b[0], 7, 1e-9, 0);
    assert_near(fit.b[1], .5, 1e-10, 0);
    assert_near(fit.b[2], -.25, 1e-10, 0);
    assert_near(fit.se[2], 0, 1e-9, 0);
    for (i = 0; i < N; i++)
        row[i][0] += rng_normal(&g);
    assert_true(regression_fit((const double(*)[3])row, cluster, N, G, &fit));
    assert_int_equal(fit.clusters, G);
    assert_near(fit.b[2], -.25, 4 * .025, 0); /* theory: se = 1 / (2 sqrt 400) */
    assert_near(fit.se[2], .025, .008, 0);
    for (i = 0; i < N; i++)
        row[i][2] = 2 * row[i][1];
    assert_false(regression_fit((const double(*)[3])row, cluster, N, G, &fit));
}

/* ---- a planted world -------------------------------------------------------------------------*/

/* 40 pairs of people; every person has a real video and is the target of two swaps (methods x, y)
 * with the partner's face. `person` is the size of a person's offset, `donor` how much of the
 * donor's offset comes along with the face. */
static void plant(const char *path, uint64_t seed, double person, double donor)
{
    FILE *fp = fopen(path, "w");
    double offset[80];
    struct rng g;
    int p, k, t;

    assert_non_null(fp);
    rng_init(&g, seed, 0, "planted", "test");
    fprintf(fp, "score,label,video,dataset,method,face_id,context_id,component,frame\n");
    for (p = 0; p < 80; p++)
        offset[p] = person * rng_normal(&g);
    for (p = 0; p < 80; p++)
        for (k = 0; k < 3; k++) {
            int other = p ^ 1;
            double base = 0.15 * rng_normal(&g) + offset[p] + (k ? 0.5 + donor * offset[other] : 0);

            for (t = 0; t < 3; t++)
                fprintf(fp, "%.6f,%d,%03d%s%03d,toy,%s,%03d,%03d,c%d,%d\n",
                        base + 0.1 * rng_normal(&g), k > 0, p, k ? "_" : "-", k ? other : p,
                        k == 0   ? "real"
                        : k == 1 ? "x"
                                 : "y",
                        k ? other : p, p, p / 2, t);
        }
    fclose(fp);
}

static void probe_planted(uint64_t seed, double person, double donor, struct result *res)
{
    struct dataset_policy policy = {0};
    struct probe_options o = {.seed = 1, .replicates = 400, .permutations = 400, .jobs = 1};
    struct err err = {0};
    size_t i;

    memset(res, 0, sizeof(*res));
    plant("planted.csv", seed, person, donor);
    assert_ok(dataset_scores(&res->data, "planted.csv", &policy, false, &res->problems, &err),
              &err);
    res->use = mem_array(res->data.n_videos, 1);
    for (i = 0; i < res->data.n_videos; i++)
        res->use[i] = 1;
    assert_ok(clusters_make(&res->clusters, &res->data, res->use, CLUSTER_AUTO, &err), &err);
    assert_int_equal(res->clusters.by, CLUSTER_COMPONENT);
    assert_int_equal(res->clusters.n, 40);
    res->model = mem_array(1, sizeof(*res->model));
    assert_ok(probe_scores(res, 0, &o, &err), &err);
}

static const struct probe *of(const struct result *res, const char *name, const char *map,
                              const char *label)
{
    const struct probes *t = &res->model[0].probes;
    size_t i;

    for (i = 0; i < t->n; i++)
        if (!strcmp(t->p[i].name, name) && !strcmp(t->p[i].map, map) &&
            !strcmp(t->p[i].label, label))
            return &t->p[i];
    fail_msg("no probe %s %s %s", name, map, label);
    return NULL;
}

static void a_planted_leak_is_found(void **state)
{
    char *dir = near_enter();
    const struct probe *p;
    struct result res;

    (void)state;
    probe_planted(21, 0.5, 0.6, &res);
    p = of(&res, "auc_gap", "context", "");
    assert_true(p->value > .05 && p->lo > 0); /* offsets hurt the pooled threshold */
    p = of(&res, "icc", "context", "fake");
    /* Both swaps of a target share its offset and its donor's: .5^2 (1 + .6^2) of .34 + .15^2. */
    assert_near(p->value, .34 / (.34 + .0225 + .01 / 3), .05, 0);
    assert_true(p->p < .01);
    p = of(&res, "donor_carry_over", "", "fake");
    assert_int_equal(p->n, 160);
    /* Noise in the real scores pulls the slope down by .5^2 / (.5^2 + .15^2 + .1^2 / 3). */
    assert_true(p->lo < .6 * .907 && .6 * .907 < p->hi && p->hi - p->lo < .3 && p->p < 1e-6);
    p = of(&res, "context_carry_over", "", "fake");
    assert_near(p->value, .907, .15, 0);
    p = of(&res, "icc", "context", "real");
    assert_true(isnan(p->value));
    assert_non_null(strstr(p->undefined, "one real video"));
    assert_int_equal(res.model[0].n_means, 160);
    result_release(&res);
    near_leave(dir);
}

static void no_leak_no_finding(void **state)
{
    char *dir = near_enter();
    int false_donor = 0, false_icc = 0, false_gap = 0;
    uint64_t seed;

    (void)state;
    for (seed = 100; seed < 140; seed++) {
        const struct probe *p;
        struct result res;

        probe_planted(seed, 0, 0, &res);
        p = of(&res, "donor_carry_over", "", "fake");
        false_donor += p->p < .05;
        p = of(&res, "icc", "context", "fake");
        false_icc += p->p < .05;
        p = of(&res, "auc_gap", "context", "");
        false_gap += p->lo > 0 || p->hi < 0;
        assert_near(of(&res, "auc_identity_explained", "context", "")->value, .5, 1e-12, 0);
        assert_true(of(&res, "detection_given_identity", "context", "")->p < .01);
        result_release(&res);
    }
    /* 40 tests at 5 %: more than 7 have probability 0.001. */
    assert_true(false_donor <= 7 && false_icc <= 7 && false_gap <= 7);
    near_leave(dir);
}

/* ---- features --------------------------------------------------------------------------------*/

enum { PEOPLE = 6, VIDEOS = 8, FRAMES = 5, DIM = 24, ROWS = PEOPLE * VIDEOS * FRAMES };

struct cloud {
    float x[ROWS * DIM];
    uint32_t person[ROWS], video[ROWS];
    uint8_t label[ROWS], part[ROWS];
};

/* Every person has a direction of its own of length `identity`, every video one of length 1; fakes
 * are 2 further along the last axis. */
static void make_cloud(struct cloud *c, uint64_t seed, double identity)
{
    double person[PEOPLE][DIM], video[DIM];
    struct rng g;
    int p, v, t, j;
    size_t i = 0;

    rng_init(&g, seed, 0, "cloud", "test");
    for (p = 0; p < PEOPLE; p++)
        for (j = 0; j < DIM; j++)
            person[p][j] = identity * rng_normal(&g) / sqrt(DIM);
    for (p = 0; p < PEOPLE; p++)
        for (v = 0; v < VIDEOS; v++) {
            for (j = 0; j < DIM; j++)
                video[j] = rng_normal(&g) / sqrt(DIM);
            for (t = 0; t < FRAMES; t++, i++) {
                for (j = 0; j < DIM; j++)
                    c->x[i * DIM + (size_t)j] =
                        (float)(person[p][j] + video[j] + 0.3 * rng_normal(&g) / sqrt(DIM) +
                                (j == DIM - 1 && v % 2 ? 2 : 0));
                c->person[i] = (uint32_t)p;
                c->video[i] = (uint32_t)(p * VIDEOS + v);
                c->label[i] = v % 2;
                c->part[i] = v / 2 % 2;
            }
        }
}

static double accuracy(const struct cloud *c, double *train)
{
    struct linear_options o = {1e-3, 200};
    static uint32_t guess[ROWS];
    static float weight[PEOPLE * DIM];
    struct linear_result l = {.guess = guess, .weight = weight};
    struct err err = {0};
    double hits = 0, n = 0;
    size_t i, j, k;

    assert_ok(linear_probe(c->x, ROWS, DIM, c->person, PEOPLE, c->part, &o, &l, &err), &err);
    for (i = 0; i < ROWS; i++)
        if (c->part[i] == 1) {
            hits += guess[i] == c->person[i];
            n++;
        }
    assert_near(l.test_accuracy, hits / n, 1e-12, 0);
    assert_true(l.top5 >= l.test_accuracy && l.top5 <= 1);
    for (j = 0; j < DIM; j++) {
        double sum = 0;

        for (k = 0; k < PEOPLE; k++)
            sum += weight[k * DIM + j];
        assert_near(sum, 0, 1e-4, 0);
    }
    *train = l.train_accuracy;
    return hits / n;
}

static void a_linear_probe_reads_people(void **state)
{
    static struct cloud c;
    double train;

    (void)state;
    make_cloud(&c, 1, 4);
    assert_true(accuracy(&c, &train) > .9);
    assert_near(train, 1, .01, 0);
    make_cloud(&c, 1, 0);
    assert_true(accuracy(&c, &train) < .4); /* chance is 1/6 */
    assert_true(train > .9);                /* it memorises videos all the same */
}

/* Two classes on a line, by arithmetic: the penalised optimum has the gradient 0. */
static void the_optimum_is_reached(void **state)
{
    static const float x[] = {-1, 1, -1, 1};
    static const uint32_t y[] = {0, 1, 0, 1};
    static const uint8_t part[] = {0, 0, 1, 1};
    struct linear_options o = {.5, 500};
    uint32_t guess[4] = {0};
    struct linear_result l = {.guess = guess};
    double w = 1, z;
    struct err err = {0};
    int i;

    (void)state;
    assert_ok(linear_probe(x, 4, 1, y, 2, part, &o, &l, &err), &err);
    /* Weights +-w: softmax of margin 2w; stationary where lambda w = 1 / (2 (1 + e^(2w))) * ... by
     * Newton on d/dw [ln(1 + e^(-2w)) + lambda w^2]. */
    for (i = 0; i < 100; i++) {
        double e = 1 / (1 + exp(2 * w));

        w -= (-2 * e + 2 * o.lambda * w) / (4 * e * (1 - e) + 2 * o.lambda);
    }
    z = log1p(exp(-2 * w));
    assert_near(l.cross_entropy, z, 1e-4, 0);
    assert_int_equal(guess[2], 0);
    assert_int_equal(guess[3], 1);
}

static void neighbours_by_counting(void **state)
{
    static struct cloud c;
    static uint32_t nearest[ROWS];
    struct verification v;
    double same = 0, wins = 0, all = 0, sim;
    struct err err = {0};
    static double s[ROWS][ROWS];
    size_t i, j, k, l;

    (void)state;
    make_cloud(&c, 2, 1.5);
    assert_ok(neighbours(c.x, ROWS, DIM, c.video, c.person, nearest, &v, &err), &err);
    for (i = 0; i < ROWS; i++) {
        double best = -2;
        size_t at = 0;

        for (j = 0; j < ROWS; j++) {
            double a = 0, b = 0;

            for (sim = 0, k = 0; k < DIM; k++) {
                sim += (double)c.x[i * DIM + k] * c.x[j * DIM + k];
                a += (double)c.x[i * DIM + k] * c.x[i * DIM + k];
                b += (double)c.x[j * DIM + k] * c.x[j * DIM + k];
            }
            s[i][j] = sim / sqrt(a * b);
            if (c.video[i] != c.video[j] && s[i][j] > best) {
                best = s[i][j];
                at = j;
            }
        }
        assert_int_equal(nearest[i], at);
    }
    for (i = 0; i < ROWS; i += 3) /* a third of the pairs is enough to tell */
        for (j = i + 1; j < ROWS; j++)
            if (c.video[i] != c.video[j] && c.person[i] == c.person[j]) {
                same++;
                for (k = 0; k < ROWS; k += 7)
                    for (l = k + 1; l < ROWS; l += 5)
                        if (c.person[k] != c.person[l]) {
                            wins += s[i][j] > s[k][l];
                            all++;
                        }
            }
    assert_near(v.auc, wins / all, .02, 0);
    assert_int_equal((int)v.genuine, PEOPLE * (VIDEOS * (VIDEOS - 1) / 2) * FRAMES * FRAMES);
    assert_true(same > 0);
}

static double auc_of(const double *score, const uint8_t *label)
{
    double u = 0, n = 0;
    size_t i, j;

    for (i = 0; i < ROWS; i++)
        for (j = 0; j < ROWS; j++)
            if (label[i] && !label[j]) {
                u += psi(score[i], score[j]);
                n++;
            }
    return u / n;
}

static void erasure_takes_people_and_leaves_fakes(void **state)
{
    static struct cloud c, erased;
    static double score[ROWS];
    double before, after, train, gap = 0, was = 0;
    struct err err = {0};
    size_t rank, j, i;
    int p;

    (void)state;
    make_cloud(&c, 3, 4);
    memset(c.part, 0, sizeof(c.part)); /* fitted on everything: the means must coincide */
    erased = c;
    assert_ok(erase_groups(erased.x, ROWS, DIM, c.person, PEOPLE, c.label, c.part, &rank, &err),
              &err);
    assert_int_equal(rank, PEOPLE - 1);
    for (p = 1; p < PEOPLE; p++)
        for (j = 0; j < DIM; j++) {
            double a = 0, b = 0;

            for (i = 0; i < ROWS; i++) {
                a += erased.x[i * DIM + j] * ((c.person[i] == (uint32_t)p) - (c.person[i] == 0)) /
                     (VIDEOS * FRAMES);
                b += c.x[i * DIM + j] * ((c.person[i] == (uint32_t)p) - (c.person[i] == 0)) /
                     (VIDEOS * FRAMES);
            }
            gap = fmax(gap, fabs(a));
            was = fmax(was, fabs(b));
        }
    assert_true(was > 1 && gap < 1e-4);
    assert_ok(discriminant(c.x, ROWS, DIM, c.label, c.part, score, &err), &err);
    before = auc_of(score, c.label);
    assert_ok(discriminant(erased.x, ROWS, DIM, c.label, c.part, score, &err), &err);
    after = auc_of(score, c.label);
    assert_true(before > .99 && after > .99);
    make_cloud(&c, 3, 4);
    erased = c;
    assert_ok(erase_groups(erased.x, ROWS, DIM, c.person, PEOPLE, c.label, c.part, &rank, &err),
              &err);
    assert_true(accuracy(&c, &train) > .9);
    assert_true(accuracy(&erased, &train) < .5); /* on people's other videos as well */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(within_and_between_by_counting),
        cmocka_unit_test(explained_is_the_mean_over_relabellings),
        cmocka_unit_test(variance_components_by_hand),
        cmocka_unit_test(slopes_are_recovered),
        cmocka_unit_test(a_planted_leak_is_found),
        cmocka_unit_test(no_leak_no_finding),
        cmocka_unit_test(a_linear_probe_reads_people),
        cmocka_unit_test(the_optimum_is_reached),
        cmocka_unit_test(neighbours_by_counting),
        cmocka_unit_test(erasure_takes_people_and_leaves_fakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
