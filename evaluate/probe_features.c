#include "evaluate/probe_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/dist.h"
#include "evaluate/probe_methods.h"
#include "evaluate/probe_parts.h"
#include "lib/mem.h"

/* ---- linear probe ----------------------------------------------------------------------------*/

/* Mean over the test frames of a - b, with limits over videos (a ratio's linearised variance). */
static void over_videos(const struct feature_table *t, const uint8_t *a, const uint8_t *b,
                        struct probe *p)
{
    double *sum = mem_array(t->n_videos, sizeof(*sum)), *n = mem_array(t->n_videos, sizeof(*n));
    double total = 0, frames = 0, videos = 0, v2 = 0, half;
    size_t i;

    for (i = 0; sum && n && i < t->n; i++)
        if (t->part[i] == 1) {
            double d = (double)a[i] - (b ? b[i] : 0);

            sum[t->video[i]] += d;
            n[t->video[i]]++;
            total += d;
            frames++;
        }
    p->value = frames > 0 ? total / frames : NAN;
    p->n = (size_t)frames;
    for (i = 0; sum && n && i < t->n_videos; i++)
        if (n[i] > 0) {
            double e = sum[i] - n[i] * p->value;

            v2 += e * e;
            videos++;
        }
    if (videos >= 2) {
        half = dist_t_quantile(0.975, videos - 1) * sqrt(videos / (videos - 1) * v2) / frames;
        p->lo = fmax(b ? -1 : 0, p->value - half);
        p->hi = fmin(1, p->value + half);
    }
    free(sum);
    free(n);
}

/* Share of guesses that name whom group_of says. */
static double hits(const struct feature_table *t, const uint32_t *guess, const uint32_t *group_of)
{
    double n = 0, k = 0;
    size_t i;

    for (i = 0; i < t->n; i++)
        if (t->part[i] == 1) {
            n++;
            k += guess[i] == group_of[t->video[i]];
        }
    return k / n;
}

/* p of an accuracy when the identities of the videos are dealt anew and the guesses stay. */
static void permute_guesses(const struct feature_table *t, const uint32_t *guess,
                            uint32_t *group_of, struct probe *p)
{
    size_t b, more = 0;

    memcpy(group_of, t->group_of, t->n_videos * sizeof(*group_of));
    for (b = 0; b < t->o->permutations; b++) {
        feature_table_shuffle(t, group_of, (uint32_t)b, "guesses");
        more += hits(t, guess, group_of) >= p->value - 1e-12;
    }
    if (t->o->permutations)
        p->p = ((double)more + 1) / ((double)t->o->permutations + 1);
}

struct linear_work {
    uint8_t *right, *control;
    uint32_t *guess, *drawn, *label;
    double majority, entropy, tests;
};

static int describe_tests(const struct feature_table *t, struct linear_work *w, struct err *err)
{
    double *share = mem_array(t->n_groups, sizeof(*share));
    size_t i;

    if (!share)
        return err_nomem(err);
    w->majority = w->entropy = w->tests = 0;
    for (i = 0; i < t->n; i++)
        if (t->part[i] == 1) {
            share[t->group[i]]++;
            w->tests++;
        }
    for (i = 0; i < t->n_groups; i++) {
        double s = share[i] / w->tests;

        w->majority = fmax(w->majority, s);
        w->entropy -= s > 0 ? s * log(s) : 0;
    }
    free(share);
    return 0;
}

static const char *halves(const struct feature_table *t)
{
    return t->o->split == SPLIT_BY_FRAME ? "half of each video's frames train, half test"
                                         : "half of each identity's videos train, half test";
}

static int tell_linear(struct feature_table *t, const struct linear_work *w, uint32_t *scratch,
                       const struct linear_result *l, const struct linear_result *c, double penalty,
                       struct err *err)
{
    struct probe *p = feature_table_add(t, "linear_probe_accuracy", "frames", 0);

    if (!p)
        return err_nomem(err);
    over_videos(t, w->right, NULL, p);
    p->chance = w->majority;
    permute_guesses(t, w->guess, scratch, p);
    probe_about(p,
                "multinomial logistic on frozen features, L2 %g, %s; train %.3f, top 5 %.3f; "
                "chance is the majority, uniform 1/%zu; p: identities dealt to videos anew",
                penalty, halves(t), l->train_accuracy, l->top5, t->n_groups);
    if (!(p = feature_table_add(t, "linear_probe_control", "frames", 0)))
        return err_nomem(err);
    over_videos(t, w->control, NULL, p);
    p->chance = 1.0 / (double)t->n_groups;
    probe_about(p,
                "the same probe on identities dealt to the videos at random (Hewitt & Liang "
                "2019); train accuracy %.3f shows what it can memorise",
                c->train_accuracy);
    if (!(p = feature_table_add(t, "linear_probe_selectivity", "frames", 0)))
        return err_nomem(err);
    over_videos(t, w->right, w->control, p);
    p->chance = 0;
    probe_about(p, "accuracy minus control accuracy: what the features, not the probe, know");
    if (!(p = feature_table_add(t, "identity_information", "frames", (size_t)w->tests)))
        return err_nomem(err);
    p->value_unit = "nats";
    p->value = w->entropy - l->cross_entropy;
    p->chance = 0;
    probe_about(p,
                "entropy of identity in the test frames (%.3f nats) minus the probe's cross "
                "entropy: a lower bound of the information; negative = the bound is empty",
                w->entropy);
    return 0;
}

/* The penalty whose probe, fitted on the train half without the last video of each identity, loses
 * least on those. An identity with one video has none to spare. */
static int choose_penalty(const struct feature_table *t, struct linear_options *o, struct err *err)
{
    static const double tried[] = {1e-4, 1e-3, 1e-2, 1e-1, 1};
    uint8_t *part = mem_array(t->n, 1);
    uint32_t *seen = mem_array(t->n_groups, sizeof(*seen));
    uint32_t *last = mem_array(t->n_groups, sizeof(*last)); /* of each identity: its video */
    double best = INFINITY;
    size_t i;
    int r = part && seen && last ? 0 : err_nomem(err);

    for (i = 0; !r && i < t->n; i++) {
        uint32_t g = t->group[i], v = t->video[i] + 1;

        if (t->part[i] || last[g] == v)
            continue;
        seen[g] = last[g] ? 2 : 1; /* or more */
        last[g] = v > last[g] ? v : last[g];
    }
    for (i = 0; !r && i < t->n; i++)
        part[i] = t->part[i]                                                      ? 2
                  : seen[t->group[i]] > 1 && last[t->group[i]] == t->video[i] + 1 ? 1
                                                                                  : 0;
    o->lambda = tried[1];
    for (i = 0; !r && i < sizeof(tried) / sizeof(*tried); i++) {
        struct linear_options one = {tried[i], o->iterations};
        struct linear_result l = {0};

        r = linear_probe(t->x, t->n, t->f->dim, t->group, t->n_groups, part, &one, &l, err);
        if (!r && l.cross_entropy < best) {
            best = l.cross_entropy;
            o->lambda = tried[i];
        }
    }
    free(part);
    free(seen);
    free(last);
    return r;
}

/* *majority: the share of the commonest identity of the test half. weight: slopes, or NULL. */
static int probe_by_line(struct feature_table *t, float *weight, double *majority, struct err *err)
{
    struct linear_options o = {t->o->lambda, t->o->iterations};
    struct linear_work w = {mem_array(t->n, 1),
                            mem_array(t->n, 1),
                            mem_array(t->n, sizeof(uint32_t)),
                            mem_array(t->n_videos, sizeof(uint32_t)),
                            mem_array(t->n, sizeof(uint32_t)),
                            0,
                            0,
                            0};
    struct linear_result l = {.guess = w.guess, .weight = weight}, c = {0};
    double used;
    size_t i;
    int r = w.right && w.control && w.guess && w.drawn && w.label ? describe_tests(t, &w, err)
                                                                  : err_nomem(err);

    *majority = w.majority;
    if (!r && o.lambda < 0)
        r = choose_penalty(t, &o, err);
    used = o.lambda;
    if (!r)
        r = linear_probe(t->x, t->n, t->f->dim, t->group, t->n_groups, t->part, &o, &l, err);
    if (!r && t->o->split == SPLIT_BY_COMPONENT) {
        struct probe *p = feature_table_add(t, "linear_probe_accuracy", "frames", 0);

        if (p)
            probe_undefined(p, "split by component: nobody of the test half is known to the probe");
        r = p ? 0 : err_nomem(err);
        goto out;
    }
    for (i = 0; !r && i < t->n; i++)
        w.right[i] = t->part[i] == 1 && w.guess[i] == t->group[i];
    if (!r) {
        /* Hewitt & Liang 2019: the type is the video; each gets an identity of the same prior. */
        memcpy(w.drawn, t->group_of, t->n_videos * sizeof(*w.drawn));
        feature_table_shuffle(t, w.drawn, 0, "control");
        for (i = 0; i < t->n; i++)
            w.label[i] = w.drawn[t->video[i]];
        c.guess = mem_array(t->n, sizeof(uint32_t));
        r = c.guess
                ? linear_probe(t->x, t->n, t->f->dim, w.label, t->n_groups, t->part, &o, &c, err)
                : err_nomem(err);
        for (i = 0; !r && i < t->n; i++)
            w.control[i] = t->part[i] == 1 && c.guess[i] == w.label[i];
        free(c.guess);
    }
    if (!r)
        r = tell_linear(t, &w, w.drawn, &l, &c, used, err);
out:
    free(w.right);
    free(w.control);
    free(w.guess);
    free(w.drawn);
    free(w.label);
    return r;
}

/* ---- neighbours ------------------------------------------------------------------------------*/

/* Share of the queries (frames whose identity has another video) whose nearest is of it. */
static double rank1(const struct feature_table *t, const uint32_t *nearest,
                    const uint32_t *group_of, const uint32_t *videos_of_group)
{
    double found = 0, n = 0;
    size_t i;

    for (i = 0; i < t->n; i++) {
        uint32_t g = group_of[t->video[i]];

        if (nearest[i] == UINT32_MAX || videos_of_group[g] < 2)
            continue;
        n++;
        found += group_of[t->video[nearest[i]]] == g;
    }
    return n > 0 ? found / n : NAN;
}

static int tell_verification(struct feature_table *t, const struct verification *v, struct err *err)
{
    static const char *const names[] = {"verification_tar_far_0.001",
                                        "verification_tar_far_0.0001"};
    static const double far[] = {1e-3, 1e-4};
    struct probe *p = feature_table_add(t, "verification_auc", "frame pairs", (size_t)v->genuine);
    int k;

    if (!p)
        return err_nomem(err);
    p->value = v->auc;
    p->chance = 0.5;
    probe_about(p, "AUC of cosine similarity as a test of same identity, over pairs of frames "
                   "of different videos; n counts the genuine pairs");
    if (isnan(v->auc))
        probe_undefined(p, "no pairs of both kinds");
    for (k = 0; k < 2; k++) {
        if (!(p = feature_table_add(t, names[k], "frame pairs", (size_t)v->genuine)))
            return err_nomem(err);
        p->value = v->tar[k];
        p->chance = far[k];
        probe_about(p,
                    "share of the genuine pairs that are accepted where %g of the impostor pairs "
                    "are: identity that an attacker could use",
                    far[k]);
        if (isnan(v->auc) || v->impostor * far[k] < 1)
            probe_undefined(p, "%.0f impostor pairs do not resolve this rate", v->impostor);
    }
    return 0;
}

static int probe_by_neighbour(struct feature_table *t, struct err *err)
{
    uint32_t *nearest = mem_array(t->n, sizeof(*nearest));
    uint32_t *group_of = mem_array(t->n_videos, sizeof(*group_of));
    uint32_t *videos_of = mem_array(t->n_groups, sizeof(*videos_of));
    double *of_video = mem_array(t->n_videos, sizeof(double));
    double *of_group = mem_array(t->n_groups, sizeof(double));
    struct verification v;
    double chance = 0, value;
    size_t i, b, more = 0;
    struct probe *p;
    int r = nearest && group_of && videos_of && of_video && of_group ? 0 : err_nomem(err);

    if (!r)
        r = neighbours(t->x, t->n, t->f->dim, t->video, t->group, nearest, &v, err);
    for (i = 0; !r && i < t->n; i++) {
        of_video[t->video[i]]++;
        of_group[t->group[i]]++;
    }
    for (i = 0; !r && i < t->n; i++)
        chance += (of_group[t->group[i]] - of_video[t->video[i]]) /
                  ((double)t->n - of_video[t->video[i]]) / (double)t->n;
    for (i = 0; !r && i < t->n_videos; i++)
        videos_of[t->group_of[i]]++;
    if (!r) {
        value = rank1(t, nearest, t->group_of, videos_of);
        memcpy(group_of, t->group_of, t->n_videos * sizeof(*group_of));
        for (b = 0; b < t->o->permutations; b++) {
            feature_table_shuffle(t, group_of, (uint32_t)b, "neighbours");
            more += rank1(t, nearest, group_of, videos_of) >= value;
        }
        p = feature_table_add(t, "retrieval_rank1", "frames", t->n);
        if (p) {
            p->value = value;
            p->chance = chance;
            if (t->o->permutations)
                p->p = ((double)more + 1) / ((double)t->o->permutations + 1);
            probe_about(p, "share of frames whose cosine nearest neighbour, own video left out, is "
                           "of the same identity; no training; p by dealing identities to videos");
        } else {
            r = err_nomem(err);
        }
    }
    if (!r)
        r = tell_verification(t, &v, err);
    free(nearest);
    free(group_of);
    free(videos_of);
    free(of_video);
    free(of_group);
    return r;
}

/* ---- all of them -----------------------------------------------------------------------------*/

static int too_few(struct feature_table *t, struct err *err)
{
    static const char *const names[] = {"linear_probe_accuracy", "retrieval_rank1",
                                        "erasure_auc_change"};
    size_t i;

    for (i = 0; i < 3; i++) {
        struct probe *p = feature_table_add(t, names[i], "frames", t->f->n);

        if (!p)
            return err_nomem(err);
        probe_undefined(p, "fewer than 2 identities have 2 or more videos with features");
    }
    return 0;
}

int probe_features(const struct result *res, const struct features *f, const struct features *other,
                   const struct feature_options *o, struct probes *out, double *agreement,
                   struct err *err)
{
    struct feature_table t;
    float *weight = NULL;
    double majority;
    int r = feature_table_make(&t, res, f, o, out, err);

    *agreement = NAN;
    if (r)
        return r;
    if (t.n_groups < 2) {
        r = too_few(&t, err);
    } else {
        weight = o->last_layer ? mem_aligned(t.n_groups * f->dim, sizeof(*weight)) : NULL;
        r = o->last_layer && !weight ? err_nomem(err) : feature_table_split(&t, o->split, err);
        if (!r)
            r = probe_by_line(&t, weight, &majority, err);
        if (!r)
            r = probe_by_neighbour(&t, err);
        if (!r)
            r = probe_retrieval(&t, err);
        if (!r && o->erase)
            r = probe_erasing(&t, majority, err);
        if (!r && o->last_layer)
            r = probe_last_layer(&t, weight, o->last_layer, agreement, err);
    }
    if (!r && other)
        r = probe_cka(f, other, o, out, err);
    free(weight);
    feature_table_release(&t);
    return r;
}
