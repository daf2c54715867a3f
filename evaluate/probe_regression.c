#include "evaluate/probe_regression.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate/dist.h"
#include "lib/mem.h"

#define FEWEST_FAKES    10
#define FEWEST_CLUSTERS 5

/* Inverse of a symmetric positive definite 3 x 3 matrix by cofactors. */
static bool invert(double a[3][3], double out[3][3])
{
    double det, scale = a[0][0] * a[1][1] * a[2][2];
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) {
            int i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3, j2 = (j + 2) % 3;

            out[j][i] = a[i1][j1] * a[i2][j2] - a[i1][j2] * a[i2][j1];
        }
    det = a[0][0] * out[0][0] + a[0][1] * out[1][0] + a[0][2] * out[2][0];
    if (!(det > 1e-10 * scale))
        return false;
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            out[i][j] /= det;
    return true;
}

bool regression_fit(const double (*row)[3], const uint32_t *cluster, size_t n, size_t n_clusters,
                    struct regression *out)
{
    double xx[3][3] = {{0}}, inv[3][3], xy[3] = {0}, meat[3][3] = {{0}}, c1 = 0, c2 = 0, G, scale;
    double(*u)[4] = mem_array(n_clusters, sizeof(*u));
    size_t i;
    int j, k, a, b;
    bool ok = false;

    *out = (struct regression){.clusters = 0};
    if (!u || n < 4)
        goto out;
    /* Centred regressors keep the matrix well conditioned; the intercept is put right below. */
    for (i = 0; i < n; i++) {
        c1 += row[i][1] / (double)n;
        c2 += row[i][2] / (double)n;
    }
    for (i = 0; i < n; i++) {
        double x[3] = {1, row[i][1] - c1, row[i][2] - c2};

        for (j = 0; j < 3; j++) {
            xy[j] += x[j] * row[i][0];
            for (k = 0; k < 3; k++)
                xx[j][k] += x[j] * x[k];
        }
    }
    if (!invert(xx, inv))
        goto out;
    for (j = 0; j < 3; j++)
        for (k = 0; k < 3; k++)
            out->b[j] += inv[j][k] * xy[k];
    for (i = 0; i < n; i++) {
        double x[3] = {1, row[i][1] - c1, row[i][2] - c2};
        double e = row[i][0] - out->b[0] - out->b[1] * x[1] - out->b[2] * x[2];

        out->clusters += u[cluster[i]][3]++ == 0;
        for (j = 0; j < 3; j++)
            u[cluster[i]][j] += x[j] * e;
    }
    if (out->clusters < 2)
        goto out;
    for (i = 0; i < n_clusters; i++)
        for (j = 0; j < 3; j++)
            for (k = 0; k < 3; k++)
                meat[j][k] += u[i][j] * u[i][k];
    G = (double)out->clusters;
    scale = G / (G - 1) * ((double)n - 1) / ((double)n - 3);
    for (j = 0; j < 3; j++) {
        double v = 0;

        for (a = 0; a < 3; a++)
            for (b = 0; b < 3; b++)
                v += inv[j][a] * meat[a][b] * inv[b][j];
        out->se[j] = sqrt(scale * v);
    }
    out->b[0] -= out->b[1] * c1 + out->b[2] * c2;
    out->se[0] = NAN; /* that of the centred intercept, which nobody asks for */
    ok = true;
out:
    free(u);
    return ok;
}

/* Standard errors over targets and donors that cross. */
static int cross(const double (*row)[3], const uint32_t *cell, size_t n, const struct ways *ways,
                 struct regression *fit, struct err *err)
{
    uint32_t *number = mem_array(n, sizeof(*number));
    struct regression way[N_WAYS];
    size_t i;
    int j, k;

    if (!number)
        return err_nomem(err);
    for (k = 0; k < N_WAYS; k++) {
        for (i = 0; i < n; i++)
            number[i] = ways->of[k][cell[i]];
        if (!regression_fit(row, number, n, ways->n[k], &way[k]))
            way[k] = *fit;
    }
    for (j = 1; j < 3; j++)
        fit->se[j] = sqrt(ways_combine(way[0].se[j] * way[0].se[j], way[1].se[j] * way[1].se[j],
                                       fit->se[j] * fit->se[j]));
    fit->clusters = way[0].clusters < way[1].clusters ? way[0].clusters : way[1].clusters;
    free(number);
    return 0;
}

static int add(struct probes *t, const char *name, const char *about, const struct regression *fit,
               int k, size_t n, const char *why, struct err *err)
{
    struct probe *p = probe_add(t, name, "", "fake", "videos");
    double half;

    if (!p)
        return err_nomem(err);
    p->n = n;
    p->chance = 0;
    probe_about(p, "%s", about);
    if (why) {
        probe_undefined(p, "%s", why);
        return 0;
    }
    half = dist_t_quantile(0.975, (double)(fit->clusters - 1)) * fit->se[k];
    p->identities = fit->clusters;
    p->value = fit->b[k];
    p->lo = fit->b[k] - half;
    p->hi = fit->b[k] + half;
    if (fit->se[k] > 0)
        p->p = dist_t_two_sided(fit->b[k] / fit->se[k], (double)(fit->clusters - 1));
    return 0;
}

int probe_regression(const struct result *res, struct probes *out, const uint32_t *video,
                     const double *score, size_t n, struct err *err)
{
    const struct dataset *d = &res->data;
    double *sum = mem_array(d->names.n, sizeof(*sum)),
           *count = mem_array(d->names.n, sizeof(*count));
    double(*row)[3] = mem_array(n, sizeof(*row));
    uint32_t *cluster = mem_array(n, sizeof(*cluster));
    struct regression fit = {.clusters = 0};
    const char *why = NULL;
    size_t i, k = 0, crossed = 0, n_clusters = res->clusters.n;
    bool logit = true;
    int r;

    if (!sum || !count || !row || !cluster) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < n; i++)
        logit &= score[i] > 0 && score[i] < 1;
    for (i = 0; i < n; i++) {
        const struct video *v = &d->video[video[i]];

        if (v->label || v->context_id == NAME_NONE)
            continue;
        sum[v->context_id] += logit ? log(score[i] / (1 - score[i])) : score[i];
        count[v->context_id]++;
    }
    for (i = 0; i < n; i++) {
        const struct video *v = &d->video[video[i]];
        uint32_t f = v->face_id, c = v->context_id;

        if (!v->label || f == NAME_NONE || c == NAME_NONE || f == c)
            continue;
        crossed++;
        if (count[f] == 0 || count[c] == 0)
            continue;
        row[k][0] = logit ? log(score[i] / (1 - score[i])) : score[i];
        row[k][1] = sum[c] / count[c];
        row[k][2] = sum[f] / count[f];
        cluster[k++] = res->clusters.of[video[i]];
    }
    if (!crossed) { /* no face swap with known donors: nothing to ask, nothing to say */
        r = 0;
        goto out;
    }
    if (k < FEWEST_FAKES)
        why = "fewer than 10 fakes with real videos of donor and target";
    else if (!regression_fit((const double(*)[3])row, cluster, k, n_clusters, &fit))
        why = "the real scores of donors and targets do not vary on their own";
    else if (clusters_ways(&res->clusters) &&
             (r = cross((const double(*)[3])row, cluster, k, &res->clusters.ways, &fit, err)))
        goto out;
    else if (fit.clusters < FEWEST_CLUSTERS)
        why = "fewer than 5 clusters";
    r = add(out, "donor_carry_over",
            logit ? "slope of a swap's score on the score of its donor's real videos, logit scale, "
                    "target held fixed (S5): the face alone came over"
                  : "slope of a swap's score on the score of its donor's real videos, target held "
                    "fixed (S5): the face alone came over",
            &fit, 2, k, why, err);
    if (!r)
        r = add(
            out, "context_carry_over",
            "slope of a swap's score on the score of its target's real videos, donor held fixed "
            "(S5): scene, codec, hair, camera",
            &fit, 1, k, why, err);
out:
    free(sum);
    free(count);
    free(row);
    free(cluster);
    return r;
}
