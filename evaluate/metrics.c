#include "evaluate/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bootstrap.h"
#include "evaluate/calibration.h"
#include "evaluate/dist.h"
#include "lib/mem.h"

#define ALPHA            0.05
#define FRAMES_TO_DRAW   1000000 /* above, design effects by bootstrap are not worth their time */
#define FRAME_REPLICATES 200     /* a variance to a tenth */
#define LINEAR           101     /* FPR 0, 0.01, ..., 1 of the band */
#define GRID             107     /* and a few below 0.01, for figures with a logarithmic axis */

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
                            .two_way_lo = NAN,
                            .two_way_hi = NAN,
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

/* `iid_var`: of the same number with independent frames; NaN = not known. */
static void take_boot(struct measure *m, const struct boot *b, int row, double iid_var)
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
    if (isnan(m->design_effect) && iid_var > 0 && !isnan(m->lo))
        m->design_effect = m->se * m->se / iid_var;
}

/* The raw partial areas of the replicates, scaled as the value is. */
static void scale_mcclish(struct boot *b, int row, double q)
{
    double *v = b->value + (size_t)row * b->replicates;
    size_t i;

    for (i = 0; i < b->replicates; i++)
        v[i] = curve_mcclish(v[i], q);
}

enum ratio { RATIO_HIT, RATIO_BRIER, RATIO_LOG, RATIO_TPR, RATIO_TNR, RATIO_F1, N_RATIOS };

/* What happens at the threshold: per cluster, by label, and what F1 is a ratio of. */
struct decided {
    double *right[2], *all[2];
    double *f1_num, *f1_den;
    double *items, *hit; /* of either label */
};

static double total(const double *v, size_t n)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

/* Variances of the shares and means, were frames independent. */
static void independent_shares(const struct level *l, const struct sample *s,
                               const struct calibration *c, const struct decided *d,
                               double var[N_RATIOS])
{
    size_t k = s->n_clusters;
    double n = (double)s->n, M = (double)s->n_pos, N = (double)s->n_neg;
    double hit = total(d->hit, k) / n, tp = total(d->right[1], k), tn = total(d->right[0], k);
    double f = l->m[METRIC_F1].value, den = total(d->f1_den, k), errors = M - tp + N - tn;
    double tpr = tp / M, tnr = tn / N, brier = l->m[METRIC_BRIER].value;
    double log_loss = l->m[METRIC_LOG_LOSS].value;

    var[RATIO_HIT] = hit * (1 - hit) / n;
    var[RATIO_BRIER] = (c->brier2 / n - brier * brier) / n;
    var[RATIO_LOG] = (c->log2 / n - log_loss * log_loss) / n;
    var[RATIO_TPR] = (tpr * (1 - tpr) / M + tnr * (1 - tnr) / N) / 4; /* their mean's */
    var[RATIO_TNR] = NAN;
    var[RATIO_F1] = (tp * (2 - 2 * f) * (2 - 2 * f) + errors * f * f) / (den * den);
}

/* Variances of what is read off the curve, from replicates that draw frames. */
static int independent_frames(const struct sample *s, const struct boot_request *clustered,
                              unsigned jobs, double *var, int n_stats, struct err *err)
{
    struct boot_request q = *clustered;
    struct boot b = {0};
    int k, r;

    for (k = 0; k < n_stats; k++)
        var[k] = NAN;
    if (s->n > FRAMES_TO_DRAW)
        return 0;
    q.independent = true;
    q.n_grid = 0;
    q.n_ratio = 0;
    q.replicates = q.replicates < FRAME_REPLICATES ? q.replicates : FRAME_REPLICATES;
    if ((r = boot_run(s, &q, jobs, &b, err)))
        return r;
    for (k = 0; b.value && k < n_stats; k++) {
        double se = spread(b.value + (size_t)k * b.replicates, b.replicates);

        var[k] = se * se;
    }
    boot_release(&b);
    return 0;
}

/* Pointwise limits; and simultaneous ones: the curve plus and minus c standard deviations, c the
 * 95 % quantile over replicates of the largest studentised deviation on the grid. */
static void band_limits(struct level *l, struct boot *b, double *v, double *most, double *sd)
{
    size_t R = b->replicates, i, g;
    double lo, hi, c;

    for (i = 0; i < R; i++)
        most[i] = isnan(b->band[i]) ? NAN : 0;
    for (g = 0; g < GRID; g++) {
        struct plot_point *p = &l->band.p[g];
        const float *at = b->band + g * R;

        for (i = 0; i < R; i++)
            v[i] = at[i];
        sd[g] = spread(v, R);
        for (i = 0; sd[g] > 0 && i < R; i++)
            most[i] = fmax(most[i], fabs(v[i] - p->y) / sd[g]); /* fmax passes NaN over */
        if (l->m[METRIC_AUC].clusters < 2 || !boot_percentile(v, R, ALPHA, &lo, &hi))
            lo = hi = NAN;
        p->lo = lo;
        p->hi = hi;
    }
    /* NaN replicates: fmax has made them numbers. */
    for (i = 0; i < R; i++)
        if (isnan(b->band[i]))
            most[i] = NAN;
    if (l->m[METRIC_AUC].clusters < 2 || !boot_percentile(most, R, 2 * ALPHA, &lo, &c))
        return;
    l->band_width = c;
    for (g = 0; g < GRID; g++) {
        l->simultaneous.p[g] = l->band.p[g];
        l->simultaneous.p[g].lo = fmax(0, l->band.p[g].y - c * sd[g]);
        l->simultaneous.p[g].hi = fmin(1, l->band.p[g].y + c * sd[g]);
    }
}

static void take_rates(struct level *l, struct boot *b, const double *var)
{
    int k;

    for (k = 0; k < 3; k++) {
        take_boot(&l->m[METRIC_TPR_10 + k], b, boot_q_row(k, BOOT_STEP),
                  var[boot_q_row(k, BOOT_STEP)]);
        take_boot(&l->m[METRIC_TPR_10_LINE + k], b, boot_q_row(k, BOOT_LINE),
                  var[boot_q_row(k, BOOT_LINE)]);
    }
    for (k = 0; k < 2; k++)
        take_boot(&l->m[METRIC_PAUC_10_RAW + k], b, boot_q_row(k, BOOT_AREA),
                  var[boot_q_row(k, BOOT_AREA)]);
    /* McClish's scale is a straight line: limits move with it, the design effect stays. */
    for (k = 0; k < 2; k++) {
        double slope = curve_mcclish(1, rates[k]) - curve_mcclish(0, rates[k]);
        int row = boot_q_row(k, BOOT_AREA);

        scale_mcclish(b, row, rates[k]);
        take_boot(&l->m[METRIC_PAUC_10 + k], b, row, var[row] * slope * slope);
    }
}

static int bootstrap(struct level *l, const struct sample *s, const struct level_options *o,
                     const struct calibration *c, const struct decided *d, const struct auc *auc,
                     struct err *err)
{
    struct boot_request q = {.seed = o->seed,
                             .replicates = o->replicates,
                             .ways = o->ways,
                             .n_q = 3,
                             .q = {rates[0], rates[1], rates[2]},
                             .n_ratio = N_RATIOS,
                             .num = {d->hit, c->brier, c->log, d->right[1], d->right[0], d->f1_num},
                             .den = {d->items, d->items, d->items, d->all[1], d->all[0], d->f1_den},
                             .n_grid = o->band ? GRID : 0};
    double *jack = NULL, *tpr, *tnr, grid[GRID], sd[GRID], share[N_RATIOS];
    double var[BOOT_FIRST_Q + 3 * BOOT_MAX_Q];
    struct measure *m = l->m;
    struct boot b;
    size_t i;
    int r;

    grid_fill(grid);
    q.grid = grid;
    if ((r = boot_run(s, &q, o->jobs, &b, err)))
        return r;
    if (!b.value)
        return 0;
    if ((r = independent_frames(s, &q, o->jobs, var, boot_ratio_row(&q, 0), err)))
        goto out;
    independent_shares(l, s, c, d, share);
    tpr = b.value + (size_t)boot_ratio_row(&q, RATIO_TPR) * b.replicates;
    tnr = b.value + (size_t)boot_ratio_row(&q, RATIO_TNR) * b.replicates;
    for (i = 0; i < b.replicates; i++)
        tpr[i] = (tpr[i] + tnr[i]) / 2;
    take_boot(&m[METRIC_AUC], &b, BOOT_AUC, NAN);
    if (!m[METRIC_AUC].undefined && auc->clusters >= 3 && !o->ways) {
        jack = mem_array(s->n_clusters, sizeof(*jack));
        r = jack ? auc_jackknife(s, auc, jack, err) : err_nomem(err);
        if (!r)
            boot_bca(b.value, b.replicates, auc->value, jack, s->n_clusters, ALPHA,
                     &m[METRIC_AUC].bca_lo, &m[METRIC_AUC].bca_hi);
        free(jack);
    }
    take_boot(&m[METRIC_AP], &b, BOOT_AP, var[BOOT_AP]);
    take_boot(&m[METRIC_EER], &b, BOOT_EER, var[BOOT_EER]);
    take_rates(l, &b, var);
    take_boot(&m[METRIC_ACCURACY], &b, boot_ratio_row(&q, RATIO_HIT), share[RATIO_HIT]);
    take_boot(&m[METRIC_BALANCED], &b, boot_ratio_row(&q, RATIO_TPR), share[RATIO_TPR]);
    take_boot(&m[METRIC_F1], &b, boot_ratio_row(&q, RATIO_F1), share[RATIO_F1]);
    take_boot(&m[METRIC_BRIER], &b, boot_ratio_row(&q, RATIO_BRIER), share[RATIO_BRIER]);
    take_boot(&m[METRIC_LOG_LOSS], &b, boot_ratio_row(&q, RATIO_LOG), share[RATIO_LOG]);
    if (b.band)
        band_limits(l, &b, tpr, tnr, sd); /* rows that are done with */
out:
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
    l->simultaneous.p = mem_array(GRID, sizeof(*l->simultaneous.p));
    if (!l->band.p || !l->simultaneous.p)
        return err_nomem(err);
    l->band.n = l->simultaneous.n = GRID;
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
    if (l->simultaneous.n && isnan(l->band_width)) {
        free(l->simultaneous.p);
        l->simultaneous = (struct plot){0};
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
    double hull, best, n;
    int k, r;

    if ((r = curve_make(c, s, err)) || (r = curve_eer_hull(c, &hull, &best, err)))
        return r;
    n = c->n_pos + c->n_neg;
    set(l, METRIC_DISCRIMINATION, c->n_pos * c->n_neg / (n * n) - best);
    if (!isnan(l->m[METRIC_BRIER].value))
        set(l, METRIC_MISCALIBRATION, l->m[METRIC_BRIER].value - best);
    else
        l->m[METRIC_MISCALIBRATION] = l->m[METRIC_BRIER];
    set(l, METRIC_AP, c->average_precision);
    set(l, METRIC_EER, curve_eer(c, NULL));
    set(l, METRIC_EER_HULL, hull);
    for (k = 0; k < 3; k++) {
        set(l, METRIC_TPR_10 + k, curve_tpr_at(c, rates[k]));
        set(l, METRIC_TPR_10_LINE + k, curve_tpr_interpolated(c, rates[k]));
        if (rates[k] * c->n_neg < 1)
            l->m[METRIC_TPR_10 + k].unresolved = l->m[METRIC_TPR_10_LINE + k].unresolved =
                "the rate is below one real in all";
    }
    for (k = 0; k < 2; k++) {
        double area = curve_partial_area(c, rates[k]);

        set(l, METRIC_PAUC_10_RAW + k, area);
        set(l, METRIC_PAUC_10 + k, curve_mcclish(area, rates[k]));
    }
    return 0;
}

static void probabilities(struct level *l, const struct sample *s, const struct calibration *c,
                          const struct decided *d)
{
    static const char outside[] = "scores outside [0, 1] are no probabilities";
    double n = (double)s->n, width, mass;
    int k;

    set(l, METRIC_ACCURACY, total(d->hit, s->n_clusters) / n);
    if (!c->in_range) {
        for (k = METRIC_BRIER; k <= METRIC_ECE_MASS; k++)
            l->m[k] = measure_undefined(outside);
        return;
    }
    set(l, METRIC_BRIER, total(c->brier, s->n_clusters) / n);
    set(l, METRIC_LOG_LOSS, total(c->log, s->n_clusters) / n);
    calibration_ece(s, &width, &mass);
    set(l, METRIC_ECE_WIDTH, width);
    set(l, METRIC_ECE_MASS, mass);
}

static int decided_make(struct decided *d, size_t n, struct err *err)
{
    double **p[] = {&d->right[0], &d->right[1], &d->all[0], &d->all[1],
                    &d->f1_num,   &d->f1_den,   &d->items,  &d->hit};
    size_t k;

    for (k = 0; k < sizeof(p) / sizeof(*p); k++)
        if (!(*p[k] = mem_array(n, sizeof(double))))
            return err_nomem(err);
    return 0;
}

static void decided_release(struct decided *d)
{
    free(d->right[0]);
    free(d->right[1]);
    free(d->all[0]);
    free(d->all[1]);
    free(d->f1_num);
    free(d->f1_den);
    free(d->items);
    free(d->hit);
}

/* Per cluster: reals and fakes, and those of them that the threshold gets right. */
static void decide(const struct sample *s, const struct auc *auc, double threshold,
                   struct decided *d)
{
    size_t i;

    memcpy(d->all[0], auc->n, s->n_clusters * sizeof(double));
    memcpy(d->all[1], auc->m, s->n_clusters * sizeof(double));
    for (i = 0; i < s->n; i++) {
        uint32_t unit = s->item[i].unit;
        uint8_t y = s->label[unit] != 0;

        if ((s->item[i].score >= threshold) == y)
            d->right[y][s->cluster[unit]]++;
    }
    for (i = 0; i < s->n_clusters; i++) {
        d->items[i] = d->all[0][i] + d->all[1][i];
        d->hit[i] = d->right[0][i] + d->right[1][i];
        d->f1_num[i] = 2 * d->right[1][i];
        d->f1_den[i] = d->all[1][i] + d->right[1][i] + d->all[0][i] - d->right[0][i];
    }
}

/* A second opinion: targets and donors as clusters that cross. */
static int two_way_limits(struct measure *m, const struct sample *s, const struct clusters *c,
                          struct err *err)
{
    struct measure other = measure_undefined("");
    struct sample cells = *s;
    struct auc a = {0};
    int r;

    cells.cluster = c->of;
    cells.n_clusters = c->n;
    r = auc_measure(&cells, &a, err);
    if (!r)
        r = auc_two_way(&a, &c->ways, err);
    if (!r && a.value > 0 && a.value < 1) {
        measure_auc(&other, &a);
        m->two_way_lo = other.lo;
        m->two_way_hi = other.hi;
    }
    auc_release(&a);
    return r;
}

int level_measure(struct level *out, const struct sample *s, const struct level_options *o,
                  struct err *err)
{
    static const enum metric not_carried[] = {METRIC_EER_HULL, METRIC_ECE_WIDTH, METRIC_ECE_MASS,
                                              METRIC_MISCALIBRATION, METRIC_DISCRIMINATION};
    const char *missing = missing_class(s);
    struct decided d = {0};
    struct calibration cal = {0};
    struct curve curve = {0};
    struct auc auc = {0};
    size_t k;
    int r;

    *out = (struct level){.n = s->n, .n_pos = s->n_pos, .n_neg = s->n_neg, .band_width = NAN};
    for (k = 0; k < N_METRICS; k++)
        out->m[k] = measure_undefined(missing ? missing : "not measured");
    r = decided_make(&d, s->n_clusters, err);
    if (!r)
        r = auc_measure(s, &auc, err);
    if (!r && o->ways)
        r = auc_two_way(&auc, o->ways, err);
    if (!r)
        r = calibration_sums(&cal, s, err);
    if (r)
        goto out;
    out->clusters = auc.clusters;
    decide(s, &auc, o->threshold, &d);
    if (s->n)
        probabilities(out, s, &cal, &d);
    if (!missing) {
        out->m[METRIC_AUC].undefined = NULL;
        measure_auc(&out->m[METRIC_AUC], &auc);
        if (o->ways && !isnan(out->m[METRIC_AUC].se))
            out->m[METRIC_AUC].method =
                "two-way clustered DeLong (Cameron et al. 2011), logit scale, Student t";
        if (o->crossed && (r = two_way_limits(&out->m[METRIC_AUC], s, o->crossed, err)))
            goto out;
        if ((r = ranking(out, s, &curve, err)))
            goto out;
        set(out, METRIC_BALANCED,
            (total(d.right[0], s->n_clusters) / (double)s->n_neg +
             total(d.right[1], s->n_clusters) / (double)s->n_pos) /
                2);
        set(out, METRIC_F1, total(d.f1_num, s->n_clusters) / total(d.f1_den, s->n_clusters));
    }
    for (k = 0; k < sizeof(not_carried) / sizeof(*not_carried); k++)
        out->m[not_carried[k]].method = "no interval: the bootstrap does not carry it";
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
        if ((r = bootstrap(out, s, &with, &cal, &d, &auc, err)))
            goto out;
        band_end(out);
    }
    if (o->curve_points && !missing && !(r = roc_plot(out, &curve, o, err)))
        r = pr_plot(out, &curve, err);
out:
    decided_release(&d);
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
    free(l->simultaneous.p);
    *l = (struct level){0};
}
