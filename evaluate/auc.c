#include "evaluate/auc.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate/bulk.h"
#include "lib/mem.h"

/* The end of the run of equal scores that starts at i, and how many of it are fake. */
static inline size_t tie_end(const struct sample *s, size_t i, size_t *pos)
{
    double x = s->item[i].score;
    size_t a = 0;

    do
        a += s->label[s->item[i].unit];
    while (++i < s->n && s->item[i].score == x);
    *pos = a;
    return i;
}

double auc_value(const struct sample *s)
{
    uint64_t twice = 0, below = 0;
    size_t i, j, a;

    if (!s->n_pos || !s->n_neg)
        return NAN;
    for (i = 0; i < s->n; i = j) {
        j = tie_end(s, i, &a);
        twice += a * (2 * below + (j - i - a));
        below += j - i - a;
    }
    return (double)twice / (2.0 * (double)s->n_pos * (double)s->n_neg);
}

static void obuchowski(struct auc *a)
{
    double s10 = 0, s01 = 0, s11 = 0, M = (double)a->n_pos, N = (double)a->n_neg;
    double I, I1, I0;
    size_t c;

    for (c = 0; c < a->n_clusters; c++) {
        a->clusters += a->m[c] > 0 || a->n[c] > 0;
        a->clusters_pos += a->m[c] > 0;
        a->clusters_neg += a->n[c] > 0;
        s10 += a->r10[c] * a->r10[c];
        s01 += a->r01[c] * a->r01[c];
        s11 += a->r10[c] * a->r01[c];
    }
    if (a->clusters_pos < 2 || a->clusters_neg < 2)
        return;
    I = (double)a->clusters;
    I1 = (double)a->clusters_pos;
    I0 = (double)a->clusters_neg;
    a->var_cluster = I1 / (I1 - 1) * s10 / (M * M) + I0 / (I0 - 1) * s01 / (N * N) +
                     2 * I / (I - 1) * s11 / (M * N);
    /* The cross term can outweigh the rest when nearly every cluster has its own perfect pairs. */
    if (a->var_cluster < 0)
        a->var_cluster = 0;
}

/* Clusters can be as many as items. */
static int make_sums(struct auc *a, size_t n, struct err *err)
{
    double **const sum[] = {&a->r10, &a->r01, &a->m, &a->n};
    size_t i;

    for (i = 0; i < sizeof(sum) / sizeof(*sum); i++)
        if (!(*sum[i] = bulk_array(n, sizeof(double))))
            return bulk_failed(err);
    return 0;
}

int auc_two_way(struct auc *a, const struct ways *w, struct err *err)
{
    struct auc way[N_WAYS] = {{0}};
    double both = a->var_cluster;
    int k, r = 0;

    for (k = 0; !r && k < N_WAYS; k++) {
        struct auc *b = &way[k];

        *b = (struct auc){.value = a->value,
                          .n_pos = a->n_pos,
                          .n_neg = a->n_neg,
                          .var_cluster = NAN,
                          .n_clusters = w->n[k]};
        if ((r = make_sums(b, w->n[k], err)))
            break;
        ways_gather(w, (enum way)k, a->r10, b->r10);
        ways_gather(w, (enum way)k, a->r01, b->r01);
        ways_gather(w, (enum way)k, a->m, b->m);
        ways_gather(w, (enum way)k, a->n, b->n);
        obuchowski(b);
    }
    if (!r) {
        const struct auc *t = &way[WAY_TARGET], *d = &way[WAY_DONOR];
        const struct auc *few = t->clusters < d->clusters ? t : d;

        a->var_cluster = a->n_pos && a->n_neg
                             ? ways_combine(t->var_cluster, d->var_cluster, isnan(both) ? 0 : both)
                             : NAN;
        a->clusters = few->clusters;
        a->clusters_pos = t->clusters_pos < d->clusters_pos ? t->clusters_pos : d->clusters_pos;
        a->clusters_neg = t->clusters_neg < d->clusters_neg ? t->clusters_neg : d->clusters_neg;
    }
    for (k = 0; k < N_WAYS; k++)
        auc_release(&way[k]);
    return r;
}

int auc_measure(const struct sample *s, struct auc *out, struct err *err)
{
    double M = (double)s->n_pos, N = (double)s->n_neg, sum1 = 0, sum0 = 0;
    size_t i, j, k, a, below = 0, above = s->n_pos;
    int r;

    *out = (struct auc){.value = auc_value(s),
                        .n_pos = s->n_pos,
                        .n_neg = s->n_neg,
                        .var_iid = NAN,
                        .var_cluster = NAN,
                        .n_clusters = s->n_clusters};
    if ((r = make_sums(out, s->n_clusters, err))) {
        auc_release(out);
        return r;
    }
    for (i = 0; i < s->n; i = j) {
        double r1, r0;

        j = tie_end(s, i, &a);
        above -= a;
        r1 = out->n_neg ? ((double)below + 0.5 * (double)(j - i - a)) / N - out->value : 0;
        r0 = out->n_pos ? ((double)above + 0.5 * (double)a) / M - out->value : 0;
        for (k = i; k < j; k++) {
            uint32_t unit = s->item[k].unit, c = s->cluster[unit];

            if (s->label[unit]) {
                out->r10[c] += r1;
                out->m[c]++;
            } else {
                out->r01[c] += r0;
                out->n[c]++;
            }
        }
        sum1 += (double)a * r1 * r1;
        sum0 += (double)(j - i - a) * r0 * r0;
        below += j - i - a;
    }
    if (!s->n_pos || !s->n_neg) {
        for (i = 0; i < s->n_clusters; i++) {
            out->clusters += out->m[i] > 0 || out->n[i] > 0;
            out->clusters_pos += out->m[i] > 0;
            out->clusters_neg += out->n[i] > 0;
            out->r10[i] = out->r01[i] = 0;
        }
        return 0;
    }
    if (s->n_pos > 1 && s->n_neg > 1)
        out->var_iid = sum1 / ((M - 1) * M) + sum0 / ((N - 1) * N);
    obuchowski(out);
    return 0;
}

void auc_release(struct auc *a)
{
    bulk_free(a->r10);
    bulk_free(a->r01);
    bulk_free(a->m);
    bulk_free(a->n);
    *a = (struct auc){0};
}

double auc_covariance(const struct auc *a, const struct auc *b)
{
    double s10 = 0, s01 = 0, s11 = 0, M = (double)a->n_pos, N = (double)a->n_neg;
    double I = (double)a->clusters, I1 = (double)a->clusters_pos, I0 = (double)a->clusters_neg;
    size_t c;

    if (a->clusters_pos < 2 || a->clusters_neg < 2 || a->n_clusters != b->n_clusters)
        return NAN;
    for (c = 0; c < a->n_clusters; c++) {
        s10 += a->r10[c] * b->r10[c];
        s01 += a->r01[c] * b->r01[c];
        s11 += a->r10[c] * b->r01[c] + b->r10[c] * a->r01[c];
    }
    return I1 / (I1 - 1) * s10 / (M * M) + I0 / (I0 - 1) * s01 / (N * N) +
           I / (I - 1) * s11 / (M * N);
}

int auc_within(const struct sample *s, const uint32_t *group, size_t n_groups, double *u2,
               double *m, double *n, struct err *err)
{
    double *ties_pos = mem_array(n_groups, sizeof(*ties_pos));
    double *ties_neg = mem_array(n_groups, sizeof(*ties_neg));
    size_t i, j, k;

    for (i = 0; i < n_groups; i++)
        u2[i] = m[i] = n[i] = 0;
    if (!ties_pos || !ties_neg) {
        free(ties_pos);
        free(ties_neg);
        return err_nomem(err);
    }
    for (i = 0; i < s->n; i = j) {
        for (j = i; j < s->n && s->item[j].score == s->item[i].score; j++) {
            uint32_t unit = s->item[j].unit, g = group[unit];

            if (g != UINT32_MAX)
                *(s->label[unit] ? &ties_pos[g] : &ties_neg[g]) += 1;
        }
        for (k = i; k < j; k++) {
            uint32_t g = group[s->item[k].unit];

            /* The first item of a group in the run settles the whole run for it. */
            if (g == UINT32_MAX || (ties_pos[g] == 0 && ties_neg[g] == 0))
                continue;
            u2[g] += ties_pos[g] * (2 * n[g] + ties_neg[g]);
            m[g] += ties_pos[g];
            n[g] += ties_neg[g];
            ties_pos[g] = ties_neg[g] = 0;
        }
    }
    free(ties_pos);
    free(ties_neg);
    return 0;
}

int auc_jackknife(const struct sample *s, const struct auc *a, double *jack, struct err *err)
{
    double *u2 = mem_array(a->n_clusters, sizeof(*u2)), *m = mem_array(a->n_clusters, sizeof(*m));
    double *n = mem_array(a->n_clusters, sizeof(*n)), M = (double)a->n_pos, N = (double)a->n_neg;
    double U = a->value * M * N;
    size_t c;
    int r;

    r = u2 && m && n ? auc_within(s, s->cluster, a->n_clusters, u2, m, n, err) : err_nomem(err);
    for (c = 0; !r && c < a->n_clusters; c++) {
        double v10 = a->r10[c] + m[c] * a->value, v01 = a->r01[c] + n[c] * a->value;
        double pairs = (M - m[c]) * (N - n[c]);

        jack[c] = pairs > 0 ? (U - N * v10 - M * v01 + 0.5 * u2[c]) / pairs : NAN;
    }
    free(u2);
    free(m);
    free(n);
    return r;
}
