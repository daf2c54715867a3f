#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/linalg.h"
#include "evaluate/probe_methods.h"
#include "lib/mem.h"

#define MEMORY 10            /* pairs that L-BFGS keeps */
#define PIECE  ((size_t)256) /* rows predicted at once */

/* A minimisation over w (K rows of dim weights and a bias). */
struct fit {
    const float *x; /* standardised training rows (n, dim + 1); the last column is 1 */
    const uint32_t *y;
    size_t n, dim, K, size; /* dim counts the bias */
    double lambda;
    float *w32, *z, *g32; /* parameters, logits then residuals, gradient */
};

/* Loss and gradient at w. */
static double loss(struct fit *f, const double *w, double *g)
{
    double sum = 0, penalty = 0;
    size_t i, k;

    for (i = 0; i < f->size; i++)
        f->w32[i] = (float)w[i];
    linalg_multiply(false, true, f->n, f->K, f->dim, f->x, f->dim, f->w32, f->dim, f->z);
    for (i = 0; i < f->n; i++) {
        float *z = f->z + i * f->K, most = z[0], total = 0, own;

        for (k = 1; k < f->K; k++)
            most = z[k] > most ? z[k] : most;
        own = z[f->y[i]] - most;
        for (k = 0; k < f->K; k++) {
            z[k] = expf(z[k] - most);
            total += z[k];
        }
        sum += log((double)total) - own;
        for (k = 0; k < f->K; k++)
            z[k] /= total;
        z[f->y[i]] -= 1;
    }
    linalg_multiply(true, false, f->K, f->dim, f->n, f->z, f->K, f->x, f->dim, f->g32);
    for (i = 0; i < f->size; i++) {
        bool bias = i % f->dim == f->dim - 1;

        g[i] = (double)f->g32[i] / (double)f->n + (bias ? 0 : f->lambda * w[i]);
        penalty += bias ? 0 : w[i] * w[i];
    }
    return sum / (double)f->n + f->lambda / 2 * penalty;
}

static double dot(const double *a, const double *b, size_t n)
{
    double s = 0;
    size_t i;

    for (i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

/* The two-loop recursion (Nocedal 1980): d = -H g. */
static void direction(const double *g, double *d, double *const *s, double *const *y,
                      const double *rho, int have, int newest, size_t size)
{
    double a[MEMORY], b, scale = 1;
    size_t i;
    int j, k;

    for (i = 0; i < size; i++)
        d[i] = -g[i];
    for (j = 0; j < have; j++) {
        k = (newest - j + MEMORY) % MEMORY;
        a[k] = rho[k] * dot(s[k], d, size);
        for (i = 0; i < size; i++)
            d[i] -= a[k] * y[k][i];
    }
    if (have)
        scale = 1 / (rho[newest] * dot(y[newest], y[newest], size));
    for (i = 0; i < size; i++)
        d[i] *= scale;
    for (j = have - 1; j >= 0; j--) {
        k = (newest - j + MEMORY) % MEMORY;
        b = rho[k] * dot(y[k], d, size);
        for (i = 0; i < size; i++)
            d[i] += (a[k] - b) * s[k][i];
    }
}

/* L-BFGS with backtracking (Armijo), which is enough on a convex loss. w starts at 0. */
static int minimise(struct fit *f, double *w, int iterations, struct err *err)
{
    double *block = mem_array((2 * MEMORY + 4) * f->size, sizeof(*block)), rho[MEMORY];
    double *s[MEMORY], *y[MEMORY], *g, *d, *w1, *g1, v, v1;
    int it, k, have = 0, newest = -1;
    size_t i;

    if (!block)
        return err_nomem(err);
    for (k = 0; k < MEMORY; k++) {
        s[k] = block + (size_t)(2 * k) * f->size;
        y[k] = s[k] + f->size;
    }
    g = block + (size_t)(2 * MEMORY) * f->size;
    d = g + f->size;
    w1 = d + f->size;
    g1 = w1 + f->size;
    v = loss(f, w, g);
    for (it = 0; it < iterations; it++) {
        double slope, step = 1, sy, gg = dot(g, g, f->size);

        if (gg < 1e-12)
            break;
        direction(g, d, s, y, rho, have, newest, f->size);
        slope = dot(g, d, f->size);
        if (!have)
            step = fmin(1, 1 / sqrt(gg));
        if (slope >= 0)
            break;
        for (k = 0; k < 30; k++, step /= 2) {
            for (i = 0; i < f->size; i++)
                w1[i] = w[i] + step * d[i];
            v1 = loss(f, w1, g1);
            if (v1 <= v + 1e-4 * step * slope)
                break;
        }
        if (k == 30)
            break;
        newest = (newest + 1) % MEMORY;
        for (i = 0; i < f->size; i++) {
            s[newest][i] = w1[i] - w[i];
            y[newest][i] = g1[i] - g[i];
        }
        sy = dot(s[newest], y[newest], f->size);
        if (sy <= 0) {
            have = 0; /* float32 noise: forget and start over */
        } else {
            rho[newest] = 1 / sy;
            have = have < MEMORY ? have + 1 : MEMORY;
        }
        memcpy(w, w1, f->size * sizeof(*w));
        memcpy(g, g1, f->size * sizeof(*g));
        if (v - v1 < 1e-9 * (1 + fabs(v)))
            break;
        v = v1;
    }
    free(block);
    return 0;
}

/* Mean and 1/sd of the training rows; 0 for a feature that does not vary. */
static void standard(const float *x, size_t n, size_t dim, const uint8_t *part, double *mean,
                     double *scale)
{
    size_t i, j, k = 0;

    memset(mean, 0, dim * sizeof(*mean));
    memset(scale, 0, dim * sizeof(*scale));
    for (i = 0; i < n; i++)
        if (part[i] == 0) {
            k++;
            for (j = 0; j < dim; j++)
                mean[j] += x[i * dim + j];
        }
    for (j = 0; j < dim; j++)
        mean[j] /= (double)k;
    for (i = 0; i < n; i++)
        if (part[i] == 0)
            for (j = 0; j < dim; j++) {
                double d = x[i * dim + j] - mean[j];

                scale[j] += d * d;
            }
    for (j = 0; j < dim; j++)
        scale[j] = scale[j] > 0 ? 1 / sqrt(scale[j] / (double)k) : 0;
}

static void standardise(float *to, const float *from, size_t dim, const double *mean,
                        const double *scale)
{
    size_t j;

    for (j = 0; j < dim; j++)
        to[j] = (float)((from[j] - mean[j]) * scale[j]);
    to[dim] = 1;
}

struct tally {
    double rows, hits, top5, ce;
};

/* How a row's logits place its own class. */
static uint32_t place(const float *z, size_t K, uint32_t own, struct tally *t)
{
    size_t best = 0, above = 0, k;
    double total = 0;

    for (k = 1; k < K; k++)
        if (z[k] > z[best])
            best = k;
    for (k = 0; k < K; k++) {
        total += exp((double)z[k] - z[best]);
        above += z[k] > z[own] || (z[k] == z[own] && k < own);
    }
    t->rows++;
    t->hits += above == 0;
    t->top5 += above < 5;
    t->ce += log(total) - ((double)z[own] - z[best]);
    return (uint32_t)best;
}

/* Logits of the rows of one part, PIECE rows at a time. `rows` holds PIECE standardised rows, `z`
 * their logits. */
static struct tally predict(const struct fit *f, const float *x, size_t n, size_t dim,
                            const uint32_t *group, const uint8_t *part, uint8_t which,
                            const double *mean, const double *scale, float *rows, float *z,
                            uint32_t *guess)
{
    struct tally t = {0};
    size_t at[PIECE], i = 0, have, k;

    while (i < n) {
        for (have = 0; i < n && have < PIECE; i++)
            if (part[i] == which) {
                standardise(rows + have * f->dim, x + i * dim, dim, mean, scale);
                at[have++] = i;
            }
        if (!have)
            break;
        linalg_multiply(false, true, have, f->K, f->dim, rows, f->dim, f->w32, f->dim, z);
        for (k = 0; k < have; k++) {
            uint32_t best = place(z + k * f->K, f->K, group[at[k]], &t);

            if (guess)
                guess[at[k]] = best;
        }
    }
    return t;
}

/* Slopes by the features as they came, centred over the classes. */
static void slopes(const struct fit *f, const double *w, const double *scale, float *weight)
{
    size_t dim = f->dim - 1, j, k;

    for (j = 0; j < dim; j++) {
        double mean = 0;

        for (k = 0; k < f->K; k++)
            mean += w[k * f->dim + j] / (double)f->K;
        for (k = 0; k < f->K; k++)
            weight[k * dim + j] = (float)((w[k * f->dim + j] - mean) * scale[j]);
    }
}

int linear_probe(const float *x, size_t n, size_t dim, const uint32_t *group, size_t n_groups,
                 const uint8_t *part, const struct linear_options *o, struct linear_result *out,
                 struct err *err)
{
    struct fit f = {.dim = dim + 1, .K = n_groups, .lambda = o->lambda};
    double *mean = mem_array(dim, sizeof(*mean)), *scale = mem_array(dim, sizeof(*scale));
    double *w = NULL;
    uint32_t *y = mem_array(n, sizeof(*y));
    float *rows = NULL, *piece = mem_aligned(PIECE * (dim + 1), sizeof(*piece));
    struct tally t;
    size_t i;
    int r = 0;

    for (i = 0; i < n; i++)
        f.n += part[i] == 0;
    f.size = f.K * f.dim;
    rows = mem_aligned((f.n ? f.n : 1) * f.dim, sizeof(*rows));
    f.w32 = mem_aligned(f.size, sizeof(float));
    f.g32 = mem_aligned(f.size, sizeof(float));
    f.z = mem_aligned((f.n > PIECE ? f.n : PIECE) * f.K, sizeof(float));
    w = mem_array(f.size, sizeof(*w));
    if (!mean || !scale || !y || !piece || !rows || !f.w32 || !f.g32 || !f.z || !w) {
        r = err_nomem(err);
        goto out;
    }
    standard(x, n, dim, part, mean, scale);
    for (i = 0, f.n = 0; i < n; i++)
        if (part[i] == 0) {
            standardise(rows + f.n * f.dim, x + i * dim, dim, mean, scale);
            y[f.n++] = group[i];
        }
    f.x = rows;
    f.y = y;
    if ((r = minimise(&f, w, o->iterations, err)))
        goto out;
    for (i = 0; i < f.size; i++)
        f.w32[i] = (float)w[i];
    if (out->weight)
        slopes(&f, w, scale, out->weight);
    t = predict(&f, x, n, dim, group, part, 0, mean, scale, piece, f.z, NULL);
    out->train_accuracy = t.rows > 0 ? t.hits / t.rows : NAN;
    t = predict(&f, x, n, dim, group, part, 1, mean, scale, piece, f.z, out->guess);
    out->test_accuracy = t.rows > 0 ? t.hits / t.rows : NAN;
    out->top5 = t.rows > 0 ? t.top5 / t.rows : NAN;
    out->cross_entropy = t.rows > 0 ? t.ce / t.rows : NAN;
out:
    free(mean);
    free(scale);
    free(y);
    free(piece);
    free(rows);
    free(f.w32);
    free(f.g32);
    free(f.z);
    free(w);
    return r;
}
