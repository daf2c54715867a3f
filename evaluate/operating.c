#include "evaluate/operating.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate/dist.h"
#include "lib/mem.h"

static const struct {
    const char *name, *about;
} criteria[N_CRITERIA] = {
    [CRITERION_EER] = {"eer", "equal error rate"},
    [CRITERION_BALANCED] = {"balanced_accuracy", "highest balanced accuracy (Youden)"},
    [CRITERION_ACCURACY] = {"accuracy", "highest accuracy"},
    [CRITERION_F1] = {"f1", "highest F1"},
    [CRITERION_FPR_10] = {"fpr_0.1", "highest TPR with FPR <= 0.1"},
    [CRITERION_FPR_1] = {"fpr_0.01", "highest TPR with FPR <= 0.01"},
};

static const char *const decisions[N_DECISIONS] = {
    "accuracy", "balanced_accuracy", "f1", "precision", "tpr", "fpr"};

const char *criterion_name(enum criterion c)
{
    return criteria[c].name;
}

const char *criterion_about(enum criterion c)
{
    return criteria[c].about;
}

const char *decision_name(enum decision d)
{
    return decisions[d];
}

/* ---- choosing --------------------------------------------------------------------------------*/

/* How good a point of the curve is; the criteria by rate are read off by their order instead. */
static double worth(enum criterion c, const struct curve *k, const struct curve_point *p)
{
    double tp = p->pos, fp = p->neg, M = k->n_pos, N = k->n_neg;

    switch (c) {
    case CRITERION_BALANCED:
        return tp / M - fp / N;
    case CRITERION_ACCURACY:
        return tp - fp;
    case CRITERION_F1:
        return 2 * tp / (M + tp + fp);
    case CRITERION_FPR_10:
        return fp <= 0.1 * N ? tp : -1;
    case CRITERION_FPR_1:
        return fp <= 0.01 * N ? tp : -1;
    case CRITERION_EER:
    case N_CRITERIA:
        break;
    }
    return 0;
}

int operating_choose(const struct sample *s, double threshold[N_CRITERIA], struct err *err)
{
    struct curve k = {0};
    size_t i;
    int c, r = curve_make(&k, s, err);

    for (c = 0; !r && c < N_CRITERIA; c++) {
        double best = -INFINITY;

        if (c == CRITERION_EER) {
            curve_eer(&k, &threshold[c]);
            continue;
        }
        for (i = 0; i < k.n; i++) {
            double w = worth((enum criterion)c, &k, &k.p[i]);

            if (w > best) {
                best = w;
                threshold[c] = k.p[i].threshold;
            }
        }
    }
    curve_release(&k);
    return r;
}

/* ---- applying --------------------------------------------------------------------------------*/

/* The judged items at the threshold, a row a cluster. */
struct counts {
    double tp, fp, fn, tn;
};

/* A share as num / den of counts; balanced accuracy is the mean of two. */
static double numerator(enum decision d, const struct counts *c)
{
    switch (d) {
    case DECISION_ACCURACY:
        return c->tp + c->tn;
    case DECISION_F1:
        return 2 * c->tp;
    case DECISION_PRECISION:
    case DECISION_TPR:
        return c->tp;
    case DECISION_FPR:
        return c->fp;
    case DECISION_BALANCED:
    case N_DECISIONS:
        break;
    }
    return 0;
}

static double denominator(enum decision d, const struct counts *c)
{
    switch (d) {
    case DECISION_ACCURACY:
        return c->tp + c->fp + c->fn + c->tn;
    case DECISION_F1:
        return 2 * c->tp + c->fp + c->fn;
    case DECISION_PRECISION:
        return c->tp + c->fp;
    case DECISION_TPR:
        return c->tp + c->fn;
    case DECISION_FPR:
        return c->fp + c->tn;
    case DECISION_BALANCED:
    case N_DECISIONS:
        break;
    }
    return 0;
}

/* What a cluster adds to the estimate: the linear part of the ratio. */
static double influence(enum decision d, const struct counts *all, double value,
                        const struct counts *c)
{
    if (d == DECISION_BALANCED)
        return influence(DECISION_TPR, all, all->tp / (all->tp + all->fn), c) / 2 -
               influence(DECISION_FPR, all, all->fp / (all->fp + all->tn), c) / 2;
    return (numerator(d, c) - value * denominator(d, c)) / denominator(d, all);
}

static int tell(struct measure *m, enum decision d, const struct counts *all,
                const struct counts *cluster, size_t n_clusters, const struct ways *ways,
                double *work, struct err *err)
{
    double items = 0, variance, used, half, *x = work, *present = work + n_clusters;
    struct counts one[4] = {{.tp = 1}, {.fp = 1}, {.fn = 1}, {.tn = 1}};
    double times[4] = {all->tp, all->fp, all->fn, all->tn};
    size_t i;
    int r;

    m->value = d == DECISION_BALANCED
                   ? (all->tp / (all->tp + all->fn) + all->tn / (all->fp + all->tn)) / 2
                   : numerator(d, all) / denominator(d, all);
    if (isnan(m->value)) {
        *m = measure_undefined(d == DECISION_PRECISION ? "nothing is called fake"
                                                       : "one class only");
        return 0;
    }
    m->undefined = NULL;
    for (i = 0; i < n_clusters; i++) {
        const struct counts *c = &cluster[i];

        x[i] = influence(d, all, m->value, c);
        present[i] = c->tp + c->fp + c->fn + c->tn;
    }
    if ((r = ways_variance(ways, x, present, n_clusters, &variance, &used, err)))
        return r;
    m->clusters = (size_t)used;
    for (i = 0; i < 4; i++) {
        double e = influence(d, all, m->value, &one[i]);

        items += times[i] * e * e;
    }
    if (used < 2) {
        m->method = "no interval: fewer than 2 clusters";
        return 0;
    }
    if (!(variance > 0)) {
        m->method = "no interval: all clusters agree";
        return 0;
    }
    m->se = sqrt(variance);
    half = dist_t_quantile(0.975, used - 1) * m->se;
    m->lo = fmax(0, m->value - half);
    m->hi = fmin(1, m->value + half);
    m->method = "clustered, linearised, Student t";
    if (items > 0)
        m->design_effect = m->se * m->se / items;
    return 0;
}

int operating_apply(struct operating_point *p, const struct sample *s, const struct ways *ways,
                    struct err *err)
{
    struct counts *cluster = mem_array(s->n_clusters, sizeof(*cluster)), all = {0};
    double *work = mem_array(2 * s->n_clusters, sizeof(*work));
    size_t i;
    int d, r = 0;

    if (!cluster || !work) {
        free(cluster);
        free(work);
        return err_nomem(err);
    }
    for (i = 0; i < s->n; i++) {
        uint32_t unit = s->item[i].unit;
        struct counts *c = &cluster[s->cluster[unit]];
        bool fake = s->item[i].score >= p->threshold;

        *(s->label[unit] ? (fake ? &c->tp : &c->fn) : (fake ? &c->fp : &c->tn)) += 1;
    }
    for (i = 0; i < s->n_clusters; i++) {
        all.tp += cluster[i].tp;
        all.fp += cluster[i].fp;
        all.fn += cluster[i].fn;
        all.tn += cluster[i].tn;
    }
    for (d = 0; !r && d < N_DECISIONS; d++) {
        p->m[d] = measure_undefined("no scores");
        if (s->n)
            r = tell(&p->m[d], (enum decision)d, &all, cluster, s->n_clusters, ways, work, err);
        p->m[d].n = s->n;
        p->m[d].n_positive = s->n_pos;
    }
    free(cluster);
    free(work);
    return r;
}
