#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/probe_methods.h"
#include "evaluate/probe_parts.h"
#include "evaluate/subspace.h"
#include "lib/mem.h"
#include "lib/npy.h"

#define CONTROLS 5

static double number(const struct npy *a, size_t i)
{
    return a->type == NPY_F32 ? ((const float *)a->data)[i] : ((const double *)a->data)[i];
}

/* (D), (D + 1) with the bias last, or one or two rows of such; of two, "fake" minus "real". */
static int read_layer(const char *path, size_t dim, float *w, struct err *err)
{
    struct npy a = {0};
    size_t rows, columns, j;
    int r = npy_read(path, &a, err);

    if (r)
        return r;
    rows = a.dims == 2 ? a.shape[0] : 1;
    columns = a.dims ? a.shape[a.dims - 1] : 0;
    if ((a.type != NPY_F32 && a.type != NPY_F64) || (a.dims != 1 && a.dims != 2) || rows < 1 ||
        rows > 2 || (columns != dim && columns != dim + 1))
        r = err_set(err, ERR_DATA,
                    "'%s': not the floats of a last layer on %zu features: (%zu), (%zu) with the "
                    "bias, or two rows of such, real and fake",
                    path, dim, dim, dim + 1);
    for (j = 0; !r && j < dim; j++) {
        w[j] = (float)(rows == 2 ? number(&a, columns + j) - number(&a, j) : number(&a, j));
        if (!isfinite(w[j]))
            r = err_set(err, ERR_DATA, "'%s': weight %zu is not finite", path, j);
    }
    npy_release(&a);
    return r;
}

/* w x of every row of x. */
static void project(const struct feature_table *t, const float *x, const float *w, double *score)
{
    size_t dim = t->f->dim, i, j;

    for (i = 0; i < t->n; i++) {
        score[i] = 0;
        for (j = 0; j < dim; j++)
            score[i] += (double)w[j] * x[i * dim + j];
    }
}

/* Variance of a part over that of the whole, over the test rows. */
static double share(const struct feature_table *t, const double *part, const double *whole)
{
    double n = 0, mean[2] = {0}, v[2] = {0};
    size_t i;

    for (i = 0; i < t->n; i++)
        if (t->part[i] == 1) {
            n++;
            mean[0] += part[i];
            mean[1] += whole[i];
        }
    for (i = 0; i < t->n; i++)
        if (t->part[i] == 1) {
            v[0] += pow(part[i] - mean[0] / n, 2);
            v[1] += pow(whole[i] - mean[1] / n, 2);
        }
    return v[1] > 0 ? v[0] / v[1] : NAN;
}

static int auc_of(const struct feature_table *t, const double *score, struct measure *m,
                  struct err *err)
{
    const struct clusters *c = &t->res->clusters;
    uint32_t *unit = mem_array(t->n, sizeof(*unit)), *cluster = mem_array(t->n, sizeof(*cluster));
    uint8_t *label = mem_array(t->n, 1);
    double *v = mem_array(t->n, sizeof(*v));
    struct sample s = {0};
    struct auc a = {0};
    size_t i, n = 0;
    int r = unit && cluster && label && v ? 0 : err_nomem(err);

    *m = measure_undefined("the probe's test half has one class only");
    for (i = 0; !r && i < t->n; i++)
        if (t->part[i] == 1) {
            unit[n] = (uint32_t)n;
            cluster[n] = c->of[t->whole[t->video[i]]];
            label[n] = t->label[i];
            v[n++] = score[i];
        }
    if (!r && !(r = sample_make(&s, v, unit, n, label, cluster, c->n, NULL, err)) &&
        !(r = auc_measure(&s, &a, err)) && clusters_ways(c))
        r = auc_two_way(&a, &c->ways, err);
    if (!r)
        measure_auc(m, &a);
    m->n = n;
    auc_release(&a);
    sample_release(&s);
    free(unit);
    free(cluster);
    free(label);
    free(v);
    return r;
}

/* Correlation of the layer's and the detector's video scores. */
static int agree(const struct feature_table *t, const double *score, double *agreement,
                 struct err *err)
{
    double *sum = mem_array(t->n_videos, sizeof(*sum)), *n = mem_array(t->n_videos, sizeof(*n));
    struct video_scores v = {0};
    double xy = 0, xx = 0, yy = 0, mx = 0, my = 0, k = 0;
    size_t i, j;
    int pass, r = sum && n ? 0 : err_nomem(err);

    if (!r)
        r = aggregate_videos(&v, &t->res->data.model[0], t->res->data.n_videos, t->res->use,
                             AGGREGATE_MEAN, err);
    for (i = 0; !r && i < t->n; i++) {
        sum[t->video[i]] += score[i];
        n[t->video[i]]++;
    }
    /* Dense videos ascend in the data set's order, as v.video does. */
    for (pass = 0; !r && pass < 2; pass++)
        for (i = j = 0; i < t->n_videos && j < v.n;) {
            double x, y;

            if (t->whole[i] != v.video[j]) {
                *(t->whole[i] < v.video[j] ? &i : &j) += 1;
                continue;
            }
            x = sum[i] / n[i];
            y = v.score[j];
            if (!pass) {
                mx += x;
                my += y;
                k++;
            } else {
                xy += (x - mx / k) * (y - my / k);
                xx += (x - mx / k) * (x - mx / k);
                yy += (y - my / k) * (y - my / k);
            }
            i++;
            j++;
        }
    *agreement = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
    aggregate_release(&v);
    free(sum);
    free(n);
    return r;
}

static int tell(struct feature_table *t, const char *name, const struct measure *m, double chance,
                const char *about, struct err *err)
{
    struct probe *p = feature_table_add(t, name, "frames", m->n);

    if (!p)
        return err_nomem(err);
    p->value = m->value;
    p->lo = m->lo;
    p->hi = m->hi;
    p->chance = chance;
    probe_about(p, "%s", about);
    if (isnan(m->value))
        probe_undefined(p, "%s", m->undefined ? m->undefined : "the layer's score does not vary");
    return 0;
}

/* Scores of the parts inside and outside a subspace. */
static int split_score(const struct feature_table *t, const struct subspace *s, const float *w,
                       const float *base, const double *whole, float *x, double *inside,
                       double *outside, struct err *err)
{
    size_t i;
    int r;

    memcpy(x, base, t->n * t->f->dim * sizeof(*x));
    r = subspace_remove(s, x, t->n, NULL, err);
    project(t, x, w, outside);
    for (i = 0; i < t->n; i++)
        inside[i] = whole[i] - outside[i];
    return r;
}

int probe_last_layer(struct feature_table *t, const float *weight, const char *path,
                     double *agreement, struct err *err)
{
    size_t dim = t->f->dim, i, j;
    float *w = mem_aligned(dim, sizeof(*w)), *x = mem_aligned(t->n * dim, sizeof(*x));
    float *base = mem_aligned(t->n * dim, sizeof(*base));
    float *slope = mem_aligned(t->n_groups * dim, sizeof(*slope));
    double *sd = mem_array(dim, sizeof(*sd)), *whole = mem_array(t->n, sizeof(*whole));
    double *inside = mem_array(t->n, sizeof(*inside)), *outside = mem_array(t->n, sizeof(*outside));
    struct measure all, in, out, part = measure_undefined(NULL);
    double random_share = 0, random_auc = 0;
    struct subspace s = {0};
    struct probe *p;
    char about[240];
    uint32_t k;
    int r = w && x && base && slope && sd && whole && inside && outside ? 0 : err_nomem(err);

    *agreement = NAN;
    if (r || (r = read_layer(path, dim, w, err)))
        goto out;
    if ((r = feature_table_standard(t, base, sd, err)))
        goto out;
    /* The same score, and the probe's slopes, by standardised features. */
    for (j = 0; j < dim; j++)
        w[j] = (float)(w[j] * sd[j]);
    for (i = 0; i < t->n_groups; i++)
        for (j = 0; j < dim; j++)
            slope[i * dim + j] = (float)(weight[i * dim + j] * sd[j]);
    project(t, base, w, whole);
    if ((r = agree(t, whole, agreement, err)) ||
        (r = subspace_add(&s, slope, t->n_groups, dim, dim, err)))
        goto out;
    if (s.rank == dim) {
        p = feature_table_add(t, "score_identity_share", "frames", 0);
        if (!p)
            r = err_nomem(err);
        else
            probe_undefined(p, "%zu identities in %zu dimensions: every direction is identity",
                            t->n_groups, dim);
        goto out;
    }
    if ((r = split_score(t, &s, w, base, whole, x, inside, outside, err)) ||
        (r = auc_of(t, whole, &all, err)) || (r = auc_of(t, inside, &in, err)) ||
        (r = auc_of(t, outside, &out, err)))
        goto out;
    part.value = share(t, inside, whole);
    part.n = all.n;
    for (k = 0; k < CONTROLS && !r; k++) {
        struct measure m = measure_undefined("");
        struct subspace random;

        r = subspace_random(&random, s.rank, dim, t->o->seed, k + 1000, err);
        if (!r)
            r = split_score(t, &random, w, base, whole, x, inside, outside, err);
        if (!r)
            r = auc_of(t, inside, &m, err);
        random_share += share(t, inside, whole) / CONTROLS;
        random_auc += m.value / CONTROLS;
        subspace_release(&random);
    }
    snprintf(about, sizeof(about),
             "variance of the part of the last layer's score that lies in the %zu directions of a "
             "linear probe of identity, over that of the score; chance: as many random directions",
             s.rank);
    if (!r)
        r = tell(t, "score_identity_share", &part, random_share, about, err);
    if (!r)
        r = tell(t, "score_identity_auc", &in, random_auc,
                 "real/fake AUC of the identity part of the last layer's score; chance: that of as "
                 "many random directions; far above 0.5 on known people and not on others is "
                 "implicit identity leakage",
                 err);
    snprintf(about, sizeof(about),
             "real/fake AUC of the last layer's score without its identity part; with it %.4f; "
             "the layer's video scores correlate %.3f with the detector's",
             all.value, *agreement);
    if (!r)
        r = tell(t, "score_residual_auc", &out, 0.5, about, err);
out:
    subspace_release(&s);
    free(w);
    free(x);
    free(base);
    free(slope);
    free(sd);
    free(whole);
    free(inside);
    free(outside);
    return r;
}
