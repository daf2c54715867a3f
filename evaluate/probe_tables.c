#include "evaluate/probe_tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/auc.h"
#include "evaluate/dist.h"
#include "lib/mem.h"
#include "lib/rng.h"

/* ---- the formulas ----------------------------------------------------------------------------*/

static int by_value(const void *a, const void *b, void *ctx)
{
    const double *v = ctx;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;

    return v[i] != v[j] ? (v[i] < v[j] ? -1 : 1) : (i > j) - (i < j);
}

size_t probe_bins(const double *value, size_t n, uint32_t *bin, size_t *order)
{
    size_t want = (size_t)(cbrt((double)n) + 0.5), bins = 0, last = 0, i, j;

    want = want < 2 ? 2 : want > 8 ? 8 : want;
    for (i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof(*order), by_value, (void *)(uintptr_t)value);
    for (i = 0; i < n; i = j) {
        size_t at;

        for (j = i; j < n && value[order[j]] == value[order[i]]; j++)
            ;
        at = (i + j) * want / (2 * n); /* by the middle of a run of equal values */
        bins += !bins || at != last;
        last = at;
        for (; i < j; i++)
            bin[order[i]] = (uint32_t)bins - 1;
    }
    return bins;
}

double probe_information(const uint32_t *bin, size_t n_bins, const uint32_t *group, size_t n_groups,
                         size_t n, uint32_t *cells)
{
    double sum = 0, N = (double)n, k_bins = 0, k_groups = 0, k_cells = 0;
    size_t b, g, i;

    memset(cells, 0, n_bins * n_groups * sizeof(*cells));
    for (i = 0; i < n; i++)
        cells[group[i] * n_bins + bin[i]]++;
    /* I = H(bin) + H(group) - H(both), H = ln N - sum c ln c / N. */
    for (g = 0; g < n_groups; g++) {
        double all = 0;

        for (b = 0; b < n_bins; b++) {
            double c = cells[g * n_bins + b];

            all += c;
            k_cells += c > 0;
            sum += c > 0 ? c * log(c) : 0;
        }
        k_groups += all > 0;
        sum -= all > 0 ? all * log(all) : 0;
    }
    for (b = 0; b < n_bins; b++) {
        double all = 0;

        for (g = 0; g < n_groups; g++)
            all += cells[g * n_bins + b];
        k_bins += all > 0;
        sum -= all > 0 ? all * log(all) : 0;
    }
    return n ? sum / N + log(N) + (k_bins + k_groups - k_cells - 1) / (2 * N) : NAN;
}

/* The lowest share of videos that are right, over the groups with two or more. */
static double worst(const uint8_t *right, const uint32_t *group, size_t n, size_t n_groups,
                    uint32_t *cells)
{
    double least = NAN;
    size_t i;

    memset(cells, 0, 2 * n_groups * sizeof(*cells));
    for (i = 0; i < n; i++) {
        cells[2 * group[i]]++;
        cells[2 * group[i] + 1] += right[i];
    }
    for (i = 0; i < n_groups; i++)
        if (cells[2 * i] >= 2) {
            double share = (double)cells[2 * i + 1] / cells[2 * i];

            least = share < least || isnan(least) ? share : least;
        }
    return least;
}

/* The standard deviation of the share that is wrong, over the groups with two or more. */
static double rate_spread(const uint8_t *right, const uint32_t *group, size_t n, size_t n_groups,
                          uint32_t *cells)
{
    double sum = 0, squares = 0, k = 0;
    size_t i;

    memset(cells, 0, 2 * n_groups * sizeof(*cells));
    for (i = 0; i < n; i++) {
        cells[2 * group[i]]++;
        cells[2 * group[i] + 1] += !right[i];
    }
    for (i = 0; i < n_groups; i++)
        if (cells[2 * i] >= 2) {
            double share = (double)cells[2 * i + 1] / cells[2 * i];

            sum += share;
            squares += share * share;
            k++;
        }
    return k > 1 ? sqrt(fmax(0, (squares - sum * sum / k) / (k - 1))) : NAN;
}

/* ---- permutations ----------------------------------------------------------------------------*/

/* The chosen videos, sorted by stratum, and room for what is counted. */
struct cells_work {
    const struct probe_cells *c;
    size_t *order, n;
    double *value;
    uint32_t *group, *stratum, *bin, *cells;
    uint8_t *right;
};

static int by_stratum(const void *a, const void *b, void *ctx)
{
    const uint32_t *s = ctx;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;

    return s[i] != s[j] ? (s[i] < s[j] ? -1 : 1) : (i > j) - (i < j);
}

/* Takes the videos of a label (2 = all). */
static void choose(struct cells_work *w, uint8_t label)
{
    const struct probe_cells *c = w->c;
    size_t i;

    for (i = 0, w->n = 0; i < c->n; i++)
        if (label == 2 || c->label[i] == label)
            w->order[w->n++] = i;
    qsort_r(w->order, w->n, sizeof(*w->order), by_stratum, (void *)(uintptr_t)c->stratum);
    for (i = 0; i < w->n; i++) {
        size_t k = w->order[i];

        w->group[i] = c->group[k];
        w->stratum[i] = c->stratum[k];
        w->value[i] = c->score[k];
        w->right[i] = (c->score[k] >= c->threshold) == (c->label[k] != 0);
    }
}

/* Exchanges the identities of the videos of each stratum. */
static void exchange(struct cells_work *w, size_t round, const char *purpose)
{
    struct rng g;
    size_t from, to, i;

    rng_init(&g, w->c->seed, (uint32_t)round, w->c->map, purpose);
    for (from = 0; from < w->n; from = to) {
        for (to = from; to < w->n && w->stratum[to] == w->stratum[from]; to++)
            ;
        for (i = to; i > from + 1; i--) {
            size_t j = from + rng_below(&g, (uint32_t)(i - from));
            uint32_t t = w->group[i - 1];

            w->group[i - 1] = w->group[j];
            w->group[j] = t;
        }
    }
}

/* How many groups have at least `least` of the chosen videos. */
static size_t groups_with(struct cells_work *w, uint32_t least)
{
    size_t i, n = 0;

    memset(w->cells, 0, w->c->n_groups * sizeof(*w->cells));
    for (i = 0; i < w->n; i++)
        n += ++w->cells[w->group[i]] == least;
    return n;
}

/* ---- the probes ------------------------------------------------------------------------------*/

static int information(struct probes *out, struct cells_work *w, uint8_t label, struct err *err)
{
    const struct probe_cells *c = w->c;
    const char *word = label ? "fake" : "real";
    struct probe *p = probe_add(out, "mutual_information", c->map, word, "videos");
    size_t bins, i, from, to, more = 0;
    double null = 0;

    if (!p)
        return err_nomem(err);
    choose(w, label);
    p->n = w->n;
    p->value_unit = "nats";
    p->identities = groups_with(w, 1);
    if (!w->n || groups_with(w, 2) == 0) {
        probe_undefined(p, w->n ? "every identity has one %s video only" : "no %s videos", word);
        return 0;
    }
    for (from = 0; from < w->n; from = to) {
        double mean = 0;

        for (to = from; to < w->n && w->stratum[to] == w->stratum[from]; to++)
            mean += w->value[to];
        for (i = from; i < to; i++)
            w->value[i] -= mean / (double)(to - from);
    }
    bins = probe_bins(w->value, w->n, w->bin, w->order);
    p->value = probe_information(w->bin, bins, w->group, c->n_groups, w->n, w->cells);
    for (i = 0; i < c->permutations; i++) {
        double v;

        exchange(w, i, label ? "information-fake" : "information-real");
        v = probe_information(w->bin, bins, w->group, c->n_groups, w->n, w->cells);
        null += v;
        more += v >= p->value - 1e-12;
    }
    if (c->permutations) {
        p->chance = null / (double)c->permutations;
        p->p = ((double)more + 1) / ((double)c->permutations + 1);
    }
    probe_about(p,
                "what a %s video's score, in %zu bins of equal mass with method means taken out, "
                "tells of who it is; Miller-Madow; chance = mean when identities are permuted "
                "within method (S6)",
                word, bins);
    return 0;
}

static int worst_identity(struct probes *out, struct cells_work *w, struct err *err)
{
    const struct probe_cells *c = w->c;
    struct probe *p = probe_add(out, "worst_identity_accuracy", c->map, "", "videos");
    double null = 0;
    size_t i, less = 0;

    if (!p)
        return err_nomem(err);
    choose(w, 2);
    p->n = w->n;
    p->identities = groups_with(w, 2);
    if (!p->identities) {
        probe_undefined(p, "no identity has two videos");
        return 0;
    }
    p->value = worst(w->right, w->group, w->n, c->n_groups, w->cells);
    for (i = 0; i < c->permutations; i++) {
        double v;

        exchange(w, i, "worst");
        v = worst(w->right, w->group, w->n, c->n_groups, w->cells);
        null += v;
        less += v <= p->value;
    }
    if (c->permutations) {
        p->chance = null / (double)c->permutations;
        p->p = ((double)less + 1) / ((double)c->permutations + 1);
    }
    probe_about(p, "the identity that fares worst at the threshold, of those with two or more "
                   "videos; chance = mean of the worst when identities are permuted within method "
                   "(S8)");
    return 0;
}

/* S8: how unevenly false alarms fall on people. */
static int alarm_spread(struct probes *out, struct cells_work *w, struct err *err)
{
    const struct probe_cells *c = w->c;
    struct probe *p = probe_add(out, "false_alarm_spread", c->map, "real", "videos");
    double null = 0;
    size_t i, more = 0;

    if (!p)
        return err_nomem(err);
    choose(w, 0);
    p->n = w->n;
    p->identities = groups_with(w, 2);
    if (p->identities < 2) {
        probe_undefined(p, "fewer than two identities have two real videos");
        return 0;
    }
    p->value = rate_spread(w->right, w->group, w->n, c->n_groups, w->cells);
    for (i = 0; i < c->permutations; i++) {
        double v;

        exchange(w, i, "alarms");
        v = rate_spread(w->right, w->group, w->n, c->n_groups, w->cells);
        null += v;
        more += v >= p->value - 1e-12;
    }
    if (c->permutations) {
        p->chance = null / (double)c->permutations;
        p->p = ((double)more + 1) / ((double)c->permutations + 1);
    }
    probe_about(p, "standard deviation, over identities with two or more real videos, of the share "
                   "called fake at the threshold; chance = mean when identities are permuted "
                   "(S8)");
    return 0;
}

/* One sample of the videos whose identity is seen or is not. */
static int auc_of_seen(const struct probe_cells *c, uint32_t *unit, uint8_t *use, uint8_t seen,
                       struct auc *auc, struct err *err)
{
    struct sample s;
    size_t i;
    int r;

    for (i = 0; i < c->n; i++) {
        unit[i] = (uint32_t)i;
        use[i] = c->seen[c->group[i]] == seen;
    }
    r = sample_make(&s, c->score, unit, c->n, c->label, c->cluster, c->n_clusters, use, err);
    if (!r)
        r = auc_measure(&s, auc, err);
    sample_release(&s);
    return r;
}

static int seen_unseen(struct probes *out, struct cells_work *w, struct err *err)
{
    const struct probe_cells *c = w->c;
    struct probe *p = probe_add(out, "auc_seen_minus_unseen", c->map, "", "videos");
    struct auc a = {0}, b = {0};
    bool shared = false;
    double v, half;
    size_t i;
    int r = p ? 0 : err_nomem(err);

    if (r || (r = auc_of_seen(c, w->group, w->right, 1, &a, err)) ||
        (r = auc_of_seen(c, w->group, w->right, 0, &b, err)))
        goto out;
    p->n = c->n;
    p->chance = 0;
    choose(w, 2);
    p->identities = groups_with(w, 1);
    for (i = 0; i < c->n_clusters; i++)
        shared |= a.m[i] + a.n[i] > 0 && b.m[i] + b.n[i] > 0;
    p->value = a.value - b.value;
    probe_about(p,
                "AUC among identities of the train split (%zu videos) minus AUC among the others "
                "(S7)%s",
                a.n_pos + a.n_neg,
                shared ? "; no interval: a cluster has both" : "; normal, clustered variances");
    if (isnan(p->value)) {
        probe_undefined(p, "no real or no fake among the identities that are %s",
                        isnan(a.value) ? "seen in training" : "not seen in training");
        goto out;
    }
    v = a.var_cluster + b.var_cluster;
    if (!shared && v > 0) {
        half = dist_normal_quantile(0.975) * sqrt(v);
        p->lo = p->value - half;
        p->hi = p->value + half;
        p->p = 2 * dist_normal_cdf(-fabs(p->value) / sqrt(v));
    }
out:
    auc_release(&a);
    auc_release(&b);
    return r;
}

int probe_tables(struct probes *out, const struct probe_cells *c, struct err *err)
{
    struct cells_work w = {.c = c};
    int r = 0;

    w.order = mem_array(c->n + 1, sizeof(*w.order));
    w.value = mem_array(c->n + 1, sizeof(*w.value));
    w.group = mem_array(c->n + 1, sizeof(*w.group));
    w.stratum = mem_array(c->n + 1, sizeof(*w.stratum));
    w.bin = mem_array(c->n + 1, sizeof(*w.bin));
    w.right = mem_array(c->n + 1, 1);
    w.cells = mem_array(8 * c->n_groups + 1, sizeof(*w.cells));
    if (!w.order || !w.value || !w.group || !w.stratum || !w.bin || !w.right || !w.cells)
        r = err_nomem(err);
    if (!r && !(r = information(out, &w, 0, err)) && !(r = information(out, &w, 1, err)) &&
        !(r = worst_identity(out, &w, err)) && !(r = alarm_spread(out, &w, err)) && c->seen)
        r = seen_unseen(out, &w, err);
    free(w.order);
    free(w.value);
    free(w.group);
    free(w.stratum);
    free(w.bin);
    free(w.right);
    free(w.cells);
    return r;
}
