#include "evaluate/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bootstrap.h"
#include "evaluate/calibration.h"
#include "evaluate/dist.h"
#include "lib/mem.h"

#define ALPHA  0.05
#define LINEAR 101 /* FPR 0, 0.01, ..., 1 of the band */
#define GRID   107 /* and a few below 0.01, for figures with a logarithmic axis */

const struct metric_row metric_rows[N_METRICS] = {
    [METRIC_AUC] = {"auc", "AUC", "area under the ROC curve, ties half", true},
    [METRIC_AP] = {"ap", "AP", "average precision, fake is positive", true},
    [METRIC_EER] = {"eer", "EER", "equal error rate, interpolated on the ROC curve", false},
    [METRIC_EER_HULL] = {"eer_hull", "EER (hull)", "equal error rate on the ROC convex hull",
                         false},
    [METRIC_TPR_10] = {"tpr_at_fpr_0.1", "TPR@FPR 10%", "largest TPR with FPR <= 0.1", true},
    [METRIC_TPR_1] = {"tpr_at_fpr_0.01", "TPR@FPR 1%", "largest TPR with FPR <= 0.01", true},
    [METRIC_TPR_01] = {"tpr_at_fpr_0.001", "TPR@FPR 0.1%", "largest TPR with FPR <= 0.001", true},
    [METRIC_PAUC_10] = {"pauc_0.1", "pAUC(10%)", "partial AUC, FPR <= 0.1, McClish 1989", true},
    [METRIC_PAUC_1] = {"pauc_0.01", "pAUC(1%)", "partial AUC, FPR <= 0.01, McClish 1989", true},
    [METRIC_ACCURACY] = {"accuracy", "accuracy", "share right at the threshold", true},
    [METRIC_BALANCED] = {"balanced_accuracy", "balanced acc.",
                         "mean of TPR and TNR at the threshold", true},
    [METRIC_BRIER] = {"brier", "Brier", "mean squared error of the score as a probability", false},
    [METRIC_LOG_LOSS] = {"log_loss", "log loss", "mean negative log probability, nats", false},
    [METRIC_ECE_WIDTH] = {"ece_width", "ECE (width)", "calibration error, 15 equal bins", false},
    [METRIC_ECE_MASS] = {"ece_mass", "ECE (mass)", "calibration error, bins of equal mass", false},
};

static const double rates[] = {0.1, 0.01, 0.001};

static void grid_fill(double grid[GRID])
{
    static const double low[GRID - LINEAR] = {1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3};
    int i;

    grid[0] = 0;
    for (i = 0; i < GRID - LINEAR; i++)
        grid[1 + i] = low[i];
    for (i = 1; i < LINEAR; i++)
        grid[GRID - LINEAR + i] = (double)i / (LINEAR - 1);
}

struct measure measure_undefined(const char *why)
{
    return (struct measure){.value = NAN,
                            .undefined = why,
                            .lo = NAN,
                            .hi = NAN,
                            .se = NAN,
                            .design_effect = NAN,
                            .boot_lo = NAN,
                            .boot_hi = NAN,
                            .bca_lo = NAN,
                            .bca_hi = NAN,
                            .iid_lo = NAN,
                            .iid_hi = NAN};
}

static const char *missing_class(const struct sample *s)
{
    return s->n == 0       ? "no scores"
           : s->n_pos == 0 ? "one class only: no fake"
           : s->n_neg == 0 ? "one class only: no real"
                           : NULL;
}

static void logit_limits(double a, double se, double quantile, double *lo, double *hi)
{
    double l = log(a / (1 - a)), h = quantile * se / (a * (1 - a));

    *lo = 1 / (1 + exp(h - l));
    *hi = 1 / (1 + exp(-h - l));
}

void measure_auc(struct measure *m, const struct auc *a)
{
    size_t k = a->clusters_pos < a->clusters_neg ? a->clusters_pos : a->clusters_neg;

    m->value = a->value;
    if (isnan(a->value))
        return;
    m->clusters = a->clusters;
    if (a->value == 0 || a->value == 1) {
        /* k fakes and k reals of different clusters are k independent pairs, all in one order. */
        double lo, hi;

        dist_clopper_pearson(a->value == 1 ? (double)k : 0, (double)k, ALPHA, &lo, &hi);
        m->lo = lo;
        m->hi = hi;
        m->method = "no variance at a perfect AUC: Clopper-Pearson over independent cluster pairs";
        return;
    }
    if (a->var_iid > 0)
        logit_limits(a->value, sqrt(a->var_iid), dist_normal_quantile(1 - ALPHA / 2), &m->iid_lo,
                     &m->iid_hi);
    if (k < 2) {
        m->method = "no interval: fewer than 2 clusters of a class";
        return;
    }
    if (!(a->var_cluster > 0)) {
        m->method = "no interval: the clustered variance is degenerate";
        return;
    }
    m->se = sqrt(a->var_cluster);
    if (a->var_iid > 0)
        m->design_effect = a->var_cluster / a->var_iid;
    logit_limits(a->value, m->se, dist_t_quantile(1 - ALPHA / 2, (double)(a->clusters - 1)), &m->lo,
                 &m->hi);
    m->method = "clustered DeLong (Obuchowski 1997), logit scale, Student t";
}

/* ---- bootstrap limits ------------------------------------------------------------------------*/

static double spread(const double *v, size_t n)
{
    double mean = 0, s2 = 0;
    size_t i, k = 0;

    for (i = 0; i < n; i++)
        if (!isnan(v[i])) {
            mean += v[i];
            k++;
        }
    mean /= (double)k;
    for (i = 0; i < n; i++)
        if (!isnan(v[i]))
            s2 += (v[i] - mean) * (v[i] - mean);
    return k > 1 ? sqrt(s2 / (double)(k - 1)) : NAN;
}

static void take_boot(struct measure *m, const struct boot *b, int row)
{
    double *v = b->value + (size_t)row * b->replicates;

    if (m->undefined)
        return;
    if (m->clusters < 2) {
        if (!m->method)
            m->method = "no interval: fewer than 2 clusters";
        return;
    }
    if (isnan(m->se))
        m->se = spread(v, b->replicates);
    if (!boot_percentile(v, b->replicates, ALPHA, &m->boot_lo, &m->boot_hi)) {
        if (isnan(m->lo) && !m->method)
            m->method = "no interval: too few replicates have both classes";
        return;
    }
    if (m->boot_lo == m->boot_hi) {
        /* A perfect score bootstraps to a perfect score: that is no certainty. */
        m->boot_lo = m->boot_hi = NAN;
        if (isnan(m->lo) && !m->method)
            m->method = "no interval: all bootstrap replicates agree";
    } else if (isnan(m->lo) && !m->method) {
        m->lo = m->boot_lo;
        m->hi = m->boot_hi;
        m->method = "clustered bootstrap, percentile";
    }
}

/* The raw partial areas of the replicates, scaled as the value is. */
static void scale_mcclish(struct boot *b, int row, double q)
{
    double *v = b->value + (size_t)row * b->replicates;
    size_t i;

    for (i = 0; i < b->replicates; i++)
        v[i] = curve_mcclish(v[i], q);
}

enum ratio { RATIO_HIT, RATIO_BRIER, RATIO_LOG, RATIO_TPR, RATIO_TNR, N_RATIOS };

static int bootstrap(struct level *l, const struct sample *s, const struct level_options *o,
                     const struct calibration *c, double *const right[2], double *const all[2],
                     const struct auc *auc, struct err *err)
{
    struct boot_request q = {.seed = o->seed,
                             .replicates = o->replicates,
                             .n_q = 3,
                             .q = {rates[0], rates[1], rates[2]},
                             .n_ratio = N_RATIOS,
                             .num = {c->hit, c->brier, c->log, right[1], right[0]},
                             .den = {c->items, c->items, c->items, all[1], all[0]},
                             .n_grid = o->band ? GRID : 0};
    double *jack = NULL, *tpr, *tnr, grid[GRID];
    struct measure *m = l->m;
    struct boot b;
    size_t i, g;
    int k, r;

    grid_fill(grid);
    q.grid = grid;
    if ((r = boot_run(s, &q, o->jobs, &b, err)))
        return r;
    if (!b.value)
        return 0;
    for (k = 0; k < 2; k++)
        scale_mcclish(&b, boot_q_row(k, 1), rates[k]);
    tpr = b.value + (size_t)boot_ratio_row(&q, RATIO_TPR) * b.replicates;
    tnr = b.value + (size_t)boot_ratio_row(&q, RATIO_TNR) * b.replicates;
    for (i = 0; i < b.replicates; i++)
        tpr[i] = (tpr[i] + tnr[i]) / 2;
    take_boot(&m[METRIC_AUC], &b, BOOT_AUC);
    if (!m[METRIC_AUC].undefined && auc->clusters >= 3) {
        jack = mem_array(s->n_clusters, sizeof(*jack));
        r = jack ? auc_jackknife(s, auc, jack, err) : err_nomem(err);
        if (!r)
            boot_bca(b.value, b.replicates, auc->value, jack, s->n_clusters, ALPHA,
                     &m[METRIC_AUC].bca_lo, &m[METRIC_AUC].bca_hi);
        free(jack);
    }
    take_boot(&m[METRIC_AP], &b, BOOT_AP);
    take_boot(&m[METRIC_EER], &b, BOOT_EER);
    for (k = 0; k < 3; k++)
        take_boot(&m[METRIC_TPR_10 + k], &b, boot_q_row(k, 0));
    for (k = 0; k < 2; k++)
        take_boot(&m[METRIC_PAUC_10 + k], &b, boot_q_row(k, 1));
    take_boot(&m[METRIC_ACCURACY], &b, boot_ratio_row(&q, RATIO_HIT));
    take_boot(&m[METRIC_BALANCED], &b, boot_ratio_row(&q, RATIO_TPR));
    take_boot(&m[METRIC_BRIER], &b, boot_ratio_row(&q, RATIO_BRIER));
    take_boot(&m[METRIC_LOG_LOSS], &b, boot_ratio_row(&q, RATIO_LOG));
    for (g = 0; b.band && g < GRID; g++) {
        double *v = tpr, lo, hi; /* a row that is done with */

        for (i = 0; i < b.replicates; i++)
            v[i] = b.band[g * b.replicates + i];
        if (m[METRIC_AUC].clusters < 2 || !boot_percentile(v, b.replicates, ALPHA, &lo, &hi))
            lo = hi = NAN;
        l->band.p[g].lo = lo;
        l->band.p[g].hi = hi;
    }
    boot_release(&b);
    return r;
}

/* ---- curves ----------------------------------------------------------------------------------*/

/* The band between the points of its grid. */
static void limits_at(const struct plot *band, double x, double *lo, double *hi)
{
    const struct plot_point *p = band->p;
    size_t i = 1;
    double t;

    *lo = *hi = NAN;
    if (!band->n)
        return;
    while (i + 1 < band->n && p[i].x < x)
        i++;
    t = (x - p[i - 1].x) / (p[i].x - p[i - 1].x);
    *lo = p[i - 1].lo + t * (p[i].lo - p[i - 1].lo);
    *hi = p[i - 1].hi + t * (p[i].hi - p[i - 1].hi);
}

static int band_start(struct level *l, const struct curve *c, struct err *err)
{
    double grid[GRID];
    size_t g;

    l->band.p = mem_array(GRID, sizeof(*l->band.p));
    if (!l->band.p)
        return err_nomem(err);
    l->band.n = GRID;
    grid_fill(grid);
    for (g = 0; g < GRID; g++)
        l->band.p[g] =
            (struct plot_point){grid[g], curve_tpr_interpolated(c, grid[g]), NAN, NAN, NAN};
    return 0;
}

/* A band without limits is none. */
static void band_end(struct level *l)
{
    if (l->band.n && isnan(l->band.p[0].lo)) {
        free(l->band.p);
        l->band = (struct plot){0};
    }
}

static int roc_plot(struct level *l, struct curve *c, const struct level_options *o,
                    struct err *err)
{
    struct plot_point *p;
    size_t i;

    curve_reduce(c, o->curve_points);
    p = mem_array(c->n, sizeof(*p));
    if (!p)
        return err_nomem(err);
    for (i = 0; i < c->n; i++) {
        p[i] = (struct plot_point){.x = c->p[i].neg / c->n_neg,
                                   .y = c->p[i].pos / c->n_pos,
                                   .threshold = c->p[i].threshold};
        limits_at(&l->band, p[i].x, &p[i].lo, &p[i].hi);
    }
    l->roc = (struct plot){p, c->n};
    return 0;
}

/* Recall against precision at the operating points of the reduced ROC: the same thresholds. */
static int pr_plot(struct level *l, const struct curve *c, struct err *err)
{
    struct plot_point *p = mem_array(c->n, sizeof(*p));
    size_t i, n = 0;

    if (!p)
        return err_nomem(err);
    for (i = 0; i < c->n; i++)
        if (c->p[i].pos > 0)
            p[n++] = (struct plot_point){c->p[i].pos / c->n_pos,
                                         c->p[i].pos / (c->p[i].pos + c->p[i].neg), NAN, NAN,
                                         c->p[i].threshold};
    l->pr = (struct plot){p, n};
    return 0;
}

/* ---- the level -------------------------------------------------------------------------------*/

static void set(struct level *l, enum metric k, double value)
{
    l->m[k].value = value;
    l->m[k].undefined = NULL;
}

static int ranking(struct level *l, const struct sample *s, struct curve *c, struct err *err)
{
    double hull;
    int k, r;

    if ((r = curve_make(c, s, err)) || (r = curve_eer_hull(c, &hull, err)))
        return r;
    set(l, METRIC_AP, curve_average_precision(s));
    set(l, METRIC_EER, curve_eer(c, NULL));
    set(l, METRIC_EER_HULL, hull);
    for (k = 0; k < 3; k++) {
        set(l, METRIC_TPR_10 + k, curve_tpr_at(c, rates[k]));
        if (rates[k] * c->n_neg < 1)
            l->m[METRIC_TPR_10 + k].unresolved = "the rate is below one real in all";
    }
    for (k = 0; k < 2; k++)
        set(l, METRIC_PAUC_10 + k, curve_mcclish(curve_partial_area(c, rates[k]), rates[k]));
    return 0;
}

static double total(const double *v, size_t n)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

static void probabilities(struct level *l, const struct sample *s, const struct calibration *c)
{
    static const char outside[] = "scores outside [0, 1] are no probabilities";
    double n = (double)s->n;
    int k;

    set(l, METRIC_ACCURACY, total(c->hit, s->n_clusters) / n);
    if (!c->in_range) {
        for (k = METRIC_BRIER; k <= METRIC_ECE_MASS; k++)
            l->m[k] = measure_undefined(outside);
        return;
    }
    set(l, METRIC_BRIER, total(c->brier, s->n_clusters) / n);
    set(l, METRIC_LOG_LOSS, total(c->log, s->n_clusters) / n);
    set(l, METRIC_ECE_WIDTH, calibration_ece_width(s));
    set(l, METRIC_ECE_MASS, calibration_ece_mass(s));
}

/* Per cluster: reals and fakes, and those of them that the threshold gets right. */
static void right_by_class(const struct sample *s, double threshold, double *const right[2],
                           double *const all[2])
{
    size_t i;

    for (i = 0; i < s->n; i++) {
        uint32_t unit = s->item[i].unit, c = s->cluster[unit];
        uint8_t y = s->label[unit] != 0;

        all[y][c]++;
        right[y][c] += (s->item[i].score >= threshold) == y;
    }
}

int level_measure(struct level *out, const struct sample *s, const struct level_options *o,
                  struct err *err)
{
    const char *missing = missing_class(s);
    double *right[2] = {NULL, NULL}, *all[2] = {NULL, NULL};
    struct calibration cal = {0};
    struct curve curve = {0};
    struct auc auc = {0};
    size_t k;
    int r;

    *out = (struct level){.n = s->n, .n_pos = s->n_pos, .n_neg = s->n_neg};
    for (k = 0; k < N_METRICS; k++)
        out->m[k] = measure_undefined(missing ? missing : "not measured");
    for (k = 0; k < 2; k++) {
        right[k] = mem_array(s->n_clusters, sizeof(double));
        all[k] = mem_array(s->n_clusters, sizeof(double));
    }
    r = right[0] && right[1] && all[0] && all[1] ? 0 : err_nomem(err);
    if (!r)
        r = auc_measure(s, &auc, err);
    if (!r)
        r = calibration_sums(&cal, s, o->threshold, err);
    if (r)
        goto out;
    out->clusters = auc.clusters;
    if (s->n)
        probabilities(out, s, &cal);
    if (!missing) {
        out->m[METRIC_AUC].undefined = NULL;
        measure_auc(&out->m[METRIC_AUC], &auc);
        if ((r = ranking(out, s, &curve, err)))
            goto out;
        right_by_class(s, o->threshold, right, all);
        set(out, METRIC_BALANCED,
            (total(right[0], s->n_clusters) / (double)s->n_neg +
             total(right[1], s->n_clusters) / (double)s->n_pos) /
                2);
    }
    out->m[METRIC_EER_HULL].method = out->m[METRIC_ECE_WIDTH].method =
        out->m[METRIC_ECE_MASS].method = "no interval: the bootstrap does not carry it";
    for (k = 0; k < N_METRICS; k++) {
        out->m[k].n = s->n;
        out->m[k].n_positive = s->n_pos;
        out->m[k].clusters = auc.clusters;
        if (!o->replicates && !out->m[k].undefined && !out->m[k].method)
            out->m[k].method = "no interval: the bootstrap is off";
    }
    if (o->band && o->curve_points && o->replicates && !missing &&
        (r = band_start(out, &curve, err)))
        goto out;
    if (o->replicates && !missing) {
        struct level_options with = *o;

        with.band = out->band.p != NULL;
        if ((r = bootstrap(out, s, &with, &cal, right, all, &auc, err)))
            goto out;
        band_end(out);
    }
    if (o->curve_points && !missing && !(r = roc_plot(out, &curve, o, err)))
        r = pr_plot(out, &curve, err);
out:
    for (k = 0; k < 2; k++) {
        free(right[k]);
        free(all[k]);
    }
    curve_release(&curve);
    auc_release(&auc);
    calibration_release(&cal);
    if (r)
        level_release(out);
    return r;
}

void level_release(struct level *l)
{
    free(l->roc.p);
    free(l->pr.p);
    free(l->band.p);
    *l = (struct level){0};
}
