#include "evaluate/pairs.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate/bootstrap.h"
#include "evaluate/bulk.h"
#include "evaluate/dist.h"
#include "evaluate/exchange.h"
#include "lib/mem.h"

/* Items that two models share. */
struct common {
    double *a, *b;
    uint8_t *label;
    uint32_t *cluster;
    size_t n;
};

static int common_init(struct common *c, size_t n, struct err *err)
{
    c->a = bulk_array(n, sizeof(*c->a));
    c->b = c->a ? bulk_array(n, sizeof(*c->b)) : NULL;
    c->label = c->b ? bulk_array(n, 1) : NULL;
    c->cluster = c->label ? bulk_array(n, sizeof(*c->cluster)) : NULL;
    return c->cluster ? 0 : bulk_failed(err);
}

static void common_release(struct common *c)
{
    bulk_free(c->a);
    bulk_free(c->b);
    bulk_free(c->label);
    bulk_free(c->cluster);
    *c = (struct common){0};
}

static void common_add(struct common *c, const struct result *res, uint32_t video, double a,
                       double b)
{
    c->a[c->n] = a;
    c->b[c->n] = b;
    c->label[c->n] = res->data.video[video].label;
    c->cluster[c->n++] = res->clusters.of[video];
}

/* ---- matching --------------------------------------------------------------------------------*/

struct keyed {
    uint64_t key;
    uint32_t at;
};

static int by_key(const void *x, const void *y)
{
    const struct keyed *a = x, *b = y;

    return a->key != b->key ? (a->key < b->key ? -1 : 1) : a->at < b->at ? -1 : a->at > b->at;
}

static struct keyed *keys_of(const struct result *res, const struct model *m, size_t *n)
{
    struct keyed *k = bulk_array(m->n, sizeof(*k));
    size_t i;

    *n = 0;
    for (i = 0; k && m->key && i < m->n; i++)
        if (res->use[m->video[i]] && m->key[i])
            k[(*n)++] = (struct keyed){m->key[i], (uint32_t)i};
    if (k)
        qsort(k, *n, sizeof(*k), by_key);
    return k;
}

static int match_frames(const struct result *res, const struct model *a, const struct model *b,
                        struct common *c, struct err *err)
{
    size_t na, nb, i = 0, j = 0;
    struct keyed *ka = keys_of(res, a, &na), *kb = keys_of(res, b, &nb);
    int r = ka && kb ? common_init(c, na < nb ? na : nb, err) : err_nomem(err);

    while (!r && i < na && j < nb) {
        if (ka[i].key < kb[j].key) {
            i++;
        } else if (ka[i].key > kb[j].key) {
            j++;
        } else {
            common_add(c, res, a->video[ka[i].at], a->score[ka[i].at], b->score[kb[j].at]);
            i++;
            j++;
        }
    }
    bulk_free(ka);
    bulk_free(kb);
    return r;
}

static int match_videos(const struct result *res, const struct model *a, const struct model *b,
                        struct common *c, struct err *err)
{
    struct video_scores va = {0}, vb = {0};
    size_t i = 0, j = 0;
    int r;

    if ((r = aggregate_videos(&va, a, res->data.n_videos, res->use, AGGREGATE_MEAN, err)) ||
        (r = aggregate_videos(&vb, b, res->data.n_videos, res->use, AGGREGATE_MEAN, err)))
        goto out;
    r = common_init(c, va.n < vb.n ? va.n : vb.n, err);
    while (!r && i < va.n && j < vb.n) {
        if (va.video[i] < vb.video[j]) {
            i++;
        } else if (va.video[i] > vb.video[j]) {
            j++;
        } else {
            common_add(c, res, va.video[i], va.score[i], vb.score[j]);
            i++;
            j++;
        }
    }
out:
    aggregate_release(&va);
    aggregate_release(&vb);
    return r;
}

/* ---- the test --------------------------------------------------------------------------------*/

/* Variance of the difference for one clustering, and the two areas. */
static int variance(const struct pair_items *it, const uint32_t *cluster, const uint32_t *unit,
                    size_t n_clusters, const struct ways *ways, double *auc_a, double *auc_b,
                    double *var, size_t *clusters, struct err *err)
{
    struct sample sa = {0}, sb = {0};
    struct auc ra = {0}, rb = {0};
    size_t c;
    int r;

    if ((r = sample_make(&sa, it->a, unit, it->n, it->label, cluster, n_clusters, NULL, err)) ||
        (r = sample_make(&sb, it->b, unit, it->n, it->label, cluster, n_clusters, NULL, err)) ||
        (r = auc_measure(&sa, &ra, err)) || (r = auc_measure(&sb, &rb, err)))
        goto out;
    *auc_a = ra.value;
    *auc_b = rb.value;
    for (c = 0; c < n_clusters; c++) {
        ra.r10[c] -= rb.r10[c];
        ra.r01[c] -= rb.r01[c];
    }
    ra.var_cluster = auc_covariance(&ra, &ra);
    if (ways)
        r = auc_two_way(&ra, ways, err);
    *var = ra.var_cluster;
    *clusters = ra.clusters;
out:
    auc_release(&ra);
    auc_release(&rb);
    sample_release(&sa);
    sample_release(&sb);
    return r;
}

static int bootstrap_p(const struct pair_items *it, const uint32_t *unit,
                       const struct pair_options *o, double *p, struct err *err)
{
    struct boot_request q = {.seed = o->seed, .replicates = o->replicates, .ways = it->ways};
    struct sample sa = {0}, sb = {0};
    struct boot ba = {0}, bb = {0};
    size_t i, below = 0, above = 0, used = 0;
    int r;

    *p = NAN;
    if ((r = sample_make(&sa, it->a, unit, it->n, it->label, it->cluster, it->n_clusters, NULL,
                         err)) ||
        (r = sample_make(&sb, it->b, unit, it->n, it->label, it->cluster, it->n_clusters, NULL,
                         err)) ||
        (r = boot_run(&sa, &q, o->jobs, &ba, err)) || (r = boot_run(&sb, &q, o->jobs, &bb, err)))
        goto out;
    for (i = 0; i < o->replicates; i++) {
        double d = ba.value[i] - bb.value[i]; /* BOOT_AUC is row 0 */

        if (isnan(d))
            continue;
        used++;
        below += d <= 0;
        above += d >= 0;
    }
    if (used)
        *p = fmin(1, 2.0 * ((double)(below < above ? below : above) + 1) / ((double)used + 1));
out:
    boot_release(&ba);
    boot_release(&bb);
    sample_release(&sa);
    sample_release(&sb);
    return r;
}

double pairs_power(double difference, double se, double clusters)
{
    double z = fabs(difference) / se, t = dist_t_quantile(0.975, clusters - 1);

    return dist_normal_cdf(z - t) + dist_normal_cdf(-z - t);
}

double pairs_detectable(double se, double clusters)
{
    return (dist_t_quantile(0.975, clusters - 1) + dist_normal_quantile(0.8)) * se;
}

/* More clusters of the same kind: the variance falls as their number grows. */
static void power(struct pair_result *out, double difference)
{
    double n = (double)out->clusters, z = dist_normal_quantile(0.975) + dist_normal_quantile(0.8);

    out->detectable = pairs_detectable(out->se, n);
    out->power_difference = difference;
    if (difference > 0) {
        out->power = pairs_power(difference, out->se, n);
        out->clusters_needed = ceil(n * pow(z * out->se / difference, 2));
    }
}

int pairs_test(const struct pair_items *it, const struct pair_options *o, struct pair_result *out,
               struct err *err)
{
    uint32_t *unit = bulk_array(it->n, sizeof(*unit));
    double var = NAN, var_iid = NAN, half, x, y;
    size_t i, pos = 0, ignored;
    int r;

    out->n = it->n;
    out->auc_a = out->auc_b = out->difference = out->lo = out->hi = NAN;
    out->se = out->z = out->p = out->p_iid = out->p_bootstrap = out->p_holm = out->p_bh = NAN;
    out->p_exchange = out->design_effect = out->power = out->detectable = NAN;
    out->clusters_needed = out->power_difference = NAN;
    if (!unit)
        return bulk_failed(err);
    for (i = 0; i < it->n; i++) {
        unit[i] = (uint32_t)i;
        pos += it->label[i];
    }
    if (pos == 0 || pos == it->n) {
        out->undefined = it->n ? "one class only" : "no item was scored by both";
        bulk_free(unit);
        return 0;
    }
    if ((r = variance(it, it->cluster, unit, it->n_clusters, it->ways, &out->auc_a, &out->auc_b,
                      &var, &out->clusters, err)) ||
        (r = variance(it, unit, unit, it->n, NULL, &x, &y, &var_iid, &ignored, err)))
        goto out;
    out->difference = out->auc_a - out->auc_b;
    if (var > 0) {
        out->se = sqrt(var);
        out->z = out->difference / out->se;
        out->p = dist_t_two_sided(out->z, (double)(out->clusters - 1));
        half = dist_t_quantile(0.975, (double)(out->clusters - 1)) * out->se;
        out->lo = fmax(-1, out->difference - half);
        out->hi = fmin(1, out->difference + half);
        power(out, o->power_difference);
        if (var_iid > 0)
            out->design_effect = var / var_iid;
    }
    if (var_iid > 0)
        out->p_iid = dist_normal_two_sided(out->difference / sqrt(var_iid));
    if (o->replicates && out->clusters > 1)
        r = bootstrap_p(it, unit, o, &out->p_bootstrap, err);
    if (!r && o->permutations && out->clusters > 1 && !it->ways &&
        (double)it->n * (double)o->permutations <= PAIRS_EXCHANGE_MOST)
        r = exchange_test(it->a, it->b, it->label, it->cluster, it->n, it->n_clusters, o->seed,
                          o->permutations, o->jobs, &out->p_exchange, err);
out:
    bulk_free(unit);
    return r;
}

/* ---- many pairs ------------------------------------------------------------------------------*/

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    return a->p < b->p ? -1 : a->p > b->p ? 1 : a->at < b->at ? -1 : 1;
}

static struct ranked *rank_p(const double *p, size_t n, double *out, size_t *m)
{
    struct ranked *k = mem_array(n, sizeof(*k));
    size_t i;

    *m = 0;
    for (i = 0; i < n; i++) {
        out[i] = NAN;
        if (k && !isnan(p[i]))
            k[(*m)++] = (struct ranked){p[i], i};
    }
    if (k)
        qsort(k, *m, sizeof(*k), by_p);
    return k;
}

void pairs_holm(const double *p, size_t n, double *out)
{
    size_t m, i;
    struct ranked *k = rank_p(p, n, out, &m);
    double most = 0;

    for (i = 0; k && i < m; i++) {
        most = fmax(most, fmin(1, (double)(m - i) * k[i].p));
        out[k[i].at] = most;
    }
    free(k);
}

void pairs_benjamini_hochberg(const double *p, size_t n, double *out)
{
    size_t m, i;
    struct ranked *k = rank_p(p, n, out, &m);
    double least = 1;

    for (i = k ? m : 0; i-- > 0;) {
        least = fmin(least, (double)m * k[i].p / (double)(i + 1));
        out[k[i].at] = least;
    }
    free(k);
}

static int correct(struct result *res, size_t first, size_t step, struct err *err)
{
    size_t n = res->n_pairs / 2, i;
    double *p = mem_array(n, sizeof(*p)), *out = mem_array(n, sizeof(*out));

    if (p && out) {
        for (i = 0; i < n; i++)
            p[i] = res->pair[first + i * step].p;
        pairs_holm(p, n, out);
        for (i = 0; i < n; i++)
            res->pair[first + i * step].p_holm = out[i];
        pairs_benjamini_hochberg(p, n, out);
        for (i = 0; i < n; i++)
            res->pair[first + i * step].p_bh = out[i];
    }
    free(p);
    free(out);
    return p && out ? 0 : err_nomem(err);
}

int pairs_compare(struct result *res, const struct pair_options *o, struct err *err)
{
    size_t n = res->data.n_models, a, b, k;
    int r = 0;

    if (n < 2)
        return 0;
    res->pair = mem_array(n * (n - 1), sizeof(*res->pair));
    if (!res->pair)
        return err_nomem(err);
    for (a = 0; a < n; a++)
        for (b = a + 1; b < n; b++)
            for (k = 0; k < 2; k++) {
                struct pair_result *p = &res->pair[res->n_pairs];
                const struct model *ma = &res->data.model[a], *mb = &res->data.model[b];
                struct common c = {0};

                *p = (struct pair_result){.a = a, .b = b, .level = k ? "frame" : "video"};
                r = k ? match_frames(res, ma, mb, &c, err) : match_videos(res, ma, mb, &c, err);
                if (!r) {
                    struct pair_items items = {c.a,
                                               c.b,
                                               c.label,
                                               c.cluster,
                                               c.n,
                                               res->clusters.n,
                                               clusters_ways(&res->clusters)};

                    r = pairs_test(&items, o, p, err);
                }
                common_release(&c);
                if (r)
                    return r;
                res->n_pairs++;
            }
    r = correct(res, 0, 2, err);
    return r ? r : correct(res, 1, 2, err);
}
