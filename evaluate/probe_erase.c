#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/linalg.h"
#include "evaluate/probe_methods.h"
#include "lib/mem.h"

#define RIDGE 1e-4
#define BLOCK ((size_t)1024)

/* Means of the training rows: all, and by label. */
struct centre {
    double *mean[2]; /* by label */
    double *all;
    double n[2];
};

static void centre_release(struct centre *c)
{
    free(c->mean[0]);
    free(c->mean[1]);
    free(c->all);
}

static int centre_find(struct centre *c, const float *x, size_t n, size_t dim, const uint8_t *label,
                       const uint8_t *part, struct err *err)
{
    size_t i, j;
    int y;

    *c = (struct centre){0};
    for (y = 0; y < 2; y++)
        c->mean[y] = mem_array(dim, sizeof(double));
    c->all = mem_array(dim, sizeof(double));
    if (!c->mean[0] || !c->mean[1] || !c->all)
        return err_nomem(err);
    for (i = 0; i < n; i++)
        if (part[i] == 0) {
            c->n[label[i]]++;
            for (j = 0; j < dim; j++)
                c->mean[label[i]][j] += x[i * dim + j];
        }
    for (j = 0; j < dim; j++) {
        c->all[j] = (c->mean[0][j] + c->mean[1][j]) / (c->n[0] + c->n[1]);
        for (y = 0; y < 2; y++)
            if (c->n[y] > 0)
                c->mean[y][j] /= c->n[y];
    }
    return 0;
}

/* The training rows minus their label's mean, as doubles; *rows of them. */
static double *residuals(const float *x, size_t n, size_t dim, const uint8_t *label,
                         const uint8_t *part, const struct centre *c, size_t *rows)
{
    double *d;
    size_t i, j, k = 0;

    *rows = (size_t)(c->n[0] + c->n[1]);
    d = mem_aligned(*rows * dim, sizeof(*d));
    for (i = 0; d && i < n; i++)
        if (part[i] == 0) {
            for (j = 0; j < dim; j++)
                d[k * dim + j] = x[i * dim + j] - c->mean[label[i]][j];
            k++;
        }
    return d;
}

/* The covariance of residual rows, with the ridge, factored. */
static double *factor(const double *d, size_t rows, size_t dim, struct err *err, int *r)
{
    double *s = mem_aligned(dim * dim, sizeof(*s)), trace = 0;
    size_t i;

    if (!s) {
        *r = err_nomem(err);
        return NULL;
    }
    linalg_multiply_double(true, false, dim, dim, rows, d, dim, d, dim, s);
    for (i = 0; i < dim * dim; i++)
        s[i] /= (double)rows;
    for (i = 0; i < dim; i++)
        trace += s[i * dim + i];
    for (i = 0; i < dim; i++)
        s[i * dim + i] += RIDGE * trace / (double)dim + 1e-30;
    *r = linalg_cholesky(s, dim)
             ? 0
             : err_set(err, ERR_DATA, "the features' covariance is not positive definite");
    return s;
}

/* c (dim, K - 1): covariance of the residual rows with the indicators of all groups but the last.
 * The rows are centred within label, so the indicators need not be. Groups without training rows
 * give no column. Returns the number of columns. */
static size_t cross(const double *d, size_t dim, size_t n, const uint32_t *group, size_t n_groups,
                    const uint8_t *part, size_t rows, double *c, double *work)
{
    size_t i, j, k = 0, g, columns = 0, last = n_groups;

    memset(work, 0, n_groups * dim * sizeof(*work));
    for (i = 0; i < n; i++)
        if (part[i] == 0) {
            for (j = 0; j < dim; j++)
                work[group[i] * dim + j] += d[k * dim + j];
            last = group[i];
            k++;
        }
    for (g = 0; g < n_groups; g++) {
        bool any = false;

        for (j = 0; j < dim && !any; j++)
            any = work[g * dim + j] != 0;
        if (!any || g == last)
            continue; /* the columns sum to nothing: one is too many */
        for (j = 0; j < dim; j++)
            c[j * (n_groups - 1) + columns] = work[g * dim + j] / (double)rows;
        columns++;
    }
    for (j = 0; j < dim && columns; j++) /* pack */
        memmove(c + j * columns, c + j * (n_groups - 1), columns * sizeof(*c));
    return columns;
}

int erase_groups(float *x, size_t n, size_t dim, const uint32_t *group, size_t n_groups,
                 const uint8_t *label, const uint8_t *part, size_t *rank, struct err *err)
{
    double *d = NULL, *s = NULL, *c = NULL, *sc = NULL, *m = NULL, *work = NULL;
    double *t = NULL, *u = NULL;
    struct centre at;
    size_t rows = 0, k, i, j, l;
    int r = centre_find(&at, x, n, dim, label, part, err);

    *rank = 0;
    if (r || n_groups < 2)
        goto out;
    d = residuals(x, n, dim, label, part, &at, &rows);
    c = mem_array(dim * n_groups, sizeof(*c));
    sc = mem_array(dim * n_groups, sizeof(*sc));
    m = mem_array(n_groups * n_groups, sizeof(*m));
    t = mem_array(BLOCK * dim, sizeof(*t));
    u = mem_array(BLOCK * n_groups, sizeof(*u));
    work = mem_array(n_groups * dim, sizeof(*work));
    if (!d || !c || !sc || !m || !t || !u || !work) {
        r = err_nomem(err);
        goto out;
    }
    s = factor(d, rows, dim, err, &r);
    if (r)
        goto out;
    k = cross(d, dim, n, group, n_groups, part, rows, c, work);
    if (!k || k >= dim)
        goto out; /* nothing to erase, or everything would go */
    memcpy(sc, c, dim * k * sizeof(*sc));
    linalg_cholesky_solve(s, dim, sc, k);
    linalg_multiply_double(true, false, k, k, dim, c, k, sc, k, m);
    {
        double trace = 0;

        for (i = 0; i < k; i++)
            trace += m[i * k + i];
        for (i = 0; i < k; i++)
            m[i * k + i] += 1e-9 * trace / (double)k; /* groups whose means coincide */
    }
    if (!linalg_cholesky(m, k))
        goto out;
    *rank = k;
    /* (C' S^-1 C)^-1 C' S^-1, with its rows along the directions. */
    for (i = 0; i < dim; i++)
        for (j = 0; j < k; j++)
            work[j * dim + i] = sc[i * k + j];
    linalg_cholesky_solve(m, k, work, dim);
    for (i = 0; i < n; i += BLOCK) {
        size_t b = n - i < BLOCK ? n - i : BLOCK;

        for (l = 0; l < b; l++)
            for (j = 0; j < dim; j++)
                t[l * dim + j] = x[(i + l) * dim + j] - at.all[j];
        linalg_multiply_double(false, true, b, k, dim, t, dim, work, dim, u);
        linalg_multiply_double(false, true, b, dim, k, u, k, c, k, t);
        for (l = 0; l < b * dim; l++)
            x[i * dim + l] = (float)(x[i * dim + l] - t[l]);
    }
out:
    centre_release(&at);
    free(d);
    free(s);
    free(c);
    free(sc);
    free(m);
    free(t);
    free(u);
    free(work);
    return r;
}

int discriminant(const float *x, size_t n, size_t dim, const uint8_t *label, const uint8_t *part,
                 double *score, struct err *err)
{
    double *d = NULL, *s = NULL, *w = mem_array(dim, sizeof(*w));
    struct centre at;
    size_t rows, i, j;
    int r = centre_find(&at, x, n, dim, label, part, err);

    if (!r && !w)
        r = err_nomem(err);
    if (!r && !(d = residuals(x, n, dim, label, part, &at, &rows)))
        r = err_nomem(err);
    if (!r)
        s = factor(d, rows, dim, err, &r);
    if (!r) {
        for (j = 0; j < dim; j++)
            w[j] = at.mean[1][j] - at.mean[0][j];
        linalg_cholesky_solve(s, dim, w, 1);
        for (i = 0; i < n; i++) {
            score[i] = 0;
            for (j = 0; j < dim; j++)
                score[i] += w[j] * (x[i * dim + j] - at.all[j]);
        }
    }
    centre_release(&at);
    free(d);
    free(s);
    free(w);
    return r;
}
