#include "evaluate/logit.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define MOST_STEPS 50

struct newton {
    const float *x;
    const uint8_t *label, *take;
    size_t n, dim, size; /* size = dim + 1 */
    double weight_of[2], penalty;
    double *row, *gradient, *hessian, *step, *trial;
};

static bool taken(const struct newton *t, size_t i)
{
    return !t->take || t->take[i];
}

static void standardised(const struct logit *l, const float *x, double *row)
{
    size_t j;

    for (j = 0; j < l->dim; j++)
        row[j] = (x[j] - l->mean[j]) * l->scale[j];
    row[l->dim] = 1;
}

static double margin(const double *w, const double *row, size_t size)
{
    double z = 0;
    size_t j;

    for (j = 0; j < size; j++)
        z += w[j] * row[j];
    return z;
}

/* ln(1 + e^-z) without overflow. */
static double softplus(double z)
{
    return z > 0 ? log1p(exp(-z)) : -z + log1p(exp(z));
}

/* The loss at w and, if asked, gradient and (lower) Hessian. */
static double loss(const struct newton *t, const struct logit *l, const double *w, bool derive)
{
    double v = 0;
    size_t i, j, k, n = t->size;

    if (derive) {
        memset(t->gradient, 0, n * sizeof(double));
        memset(t->hessian, 0, n * n * sizeof(double));
    }
    for (i = 0; i < t->n; i++) {
        double z, p, a, c;

        if (!taken(t, i))
            continue;
        standardised(l, t->x + i * t->dim, t->row);
        z = margin(w, t->row, n);
        a = t->weight_of[t->label[i]];
        v += a * softplus(t->label[i] ? z : -z);
        if (!derive)
            continue;
        p = 1 / (1 + exp(-z));
        c = a * p * (1 - p);
        for (j = 0; j < n; j++) {
            double cj = c * t->row[j];

            t->gradient[j] += a * (p - t->label[i]) * t->row[j];
            for (k = 0; k <= j; k++)
                t->hessian[j * n + k] += cj * t->row[k];
        }
    }
    for (j = 0; j < t->dim; j++) {
        v += t->penalty / 2 * w[j] * w[j];
        if (derive) {
            t->gradient[j] += t->penalty * w[j];
            t->hessian[j * n + j] += t->penalty;
        }
    }
    return v;
}

/* step = -hessian^-1 gradient, by Cholesky in place; a tiny ridge where a feature is constant. */
static void solve(const struct newton *t)
{
    size_t n = t->size, i, j, k;
    double *h = t->hessian, *s = t->step;

    for (j = 0; j < n; j++) {
        for (k = 0; k < j; k++)
            h[j * n + j] -= h[j * n + k] * h[j * n + k];
        h[j * n + j] = sqrt(h[j * n + j] > 1e-12 ? h[j * n + j] : 1e-12);
        for (i = j + 1; i < n; i++) {
            for (k = 0; k < j; k++)
                h[i * n + j] -= h[i * n + k] * h[j * n + k];
            h[i * n + j] /= h[j * n + j];
        }
    }
    for (i = 0; i < n; i++) {
        s[i] = -t->gradient[i];
        for (k = 0; k < i; k++)
            s[i] -= h[i * n + k] * s[k];
        s[i] /= h[i * n + i];
    }
    for (i = n; i-- > 0;) {
        for (k = i + 1; k < n; k++)
            s[i] -= h[k * n + i] * s[k];
        s[i] /= h[i * n + i];
    }
}

static void descend(const struct newton *t, struct logit *l)
{
    double v = loss(t, l, l->weight, true), before;

    for (l->iterations = 0; l->iterations < MOST_STEPS; l->iterations++) {
        double step = 1, slope = 0, next = v;
        size_t j;
        int halved;

        solve(t);
        for (j = 0; j < t->size; j++)
            slope += t->step[j] * t->gradient[j];
        for (halved = 0; halved < 40; halved++, step /= 2) {
            for (j = 0; j < t->size; j++)
                t->trial[j] = l->weight[j] + step * t->step[j];
            next = loss(t, l, t->trial, false);
            if (next <= v + 1e-4 * step * slope)
                break;
        }
        if (halved == 40)
            return;
        memcpy(l->weight, t->trial, t->size * sizeof(double));
        before = v;
        v = loss(t, l, l->weight, true);
        if (before - v <= 1e-12 * (1 + fabs(v)))
            return;
    }
}

/* Mean and 1 / sd of the rows taken, and how many of each class. */
static void describe(struct logit *l, const struct newton *t, size_t count[2])
{
    size_t i, j;

    count[0] = count[1] = 0;
    for (i = 0; i < t->n; i++)
        if (taken(t, i)) {
            count[t->label[i]]++;
            for (j = 0; j < t->dim; j++)
                l->mean[j] += t->x[i * t->dim + j];
        }
    for (j = 0; j < t->dim; j++)
        l->mean[j] /= (double)(count[0] + count[1]);
    for (i = 0; i < t->n; i++)
        if (taken(t, i))
            for (j = 0; j < t->dim; j++) {
                double d = t->x[i * t->dim + j] - l->mean[j];

                l->scale[j] += d * d;
            }
    for (j = 0; j < t->dim; j++)
        l->scale[j] = l->scale[j] > 0 ? 1 / sqrt(l->scale[j] / (double)(count[0] + count[1])) : 0;
}

int logit_fit(struct logit *l, const float *x, size_t n, size_t dim, const uint8_t *label,
              const uint8_t *take, double penalty, struct err *err)
{
    struct newton t = {.x = x,
                       .label = label,
                       .take = take,
                       .n = n,
                       .dim = dim,
                       .size = dim + 1,
                       .penalty = penalty};
    size_t count[2];
    int r = 0;

    *l = (struct logit){.dim = dim};
    l->mean = mem_array(dim, sizeof(double));
    l->scale = mem_array(dim, sizeof(double));
    l->weight = mem_array(dim + 1, sizeof(double));
    t.row = mem_array(t.size, sizeof(double));
    t.gradient = mem_array(t.size, sizeof(double));
    t.step = mem_array(t.size, sizeof(double));
    t.trial = mem_array(t.size, sizeof(double));
    t.hessian = mem_array(t.size * t.size, sizeof(double));
    if (!l->mean || !l->scale || !l->weight || !t.row || !t.gradient || !t.step || !t.trial ||
        !t.hessian) {
        r = err_nomem(err);
        goto out;
    }
    describe(l, &t, count);
    if (!count[0] || !count[1]) {
        r = err_set(err, ERR_DATA, "nothing to learn: no %s to train on",
                    count[0] ? "fake" : "real");
        goto out;
    }
    t.weight_of[0] = 0.5 / (double)count[0];
    t.weight_of[1] = 0.5 / (double)count[1];
    descend(&t, l);
out:
    free(t.row);
    free(t.gradient);
    free(t.step);
    free(t.trial);
    free(t.hessian);
    if (r)
        logit_release(l);
    return r;
}

double logit_predict(const struct logit *l, const float *x)
{
    double z = l->weight[l->dim];
    size_t j;

    for (j = 0; j < l->dim; j++)
        z += l->weight[j] * ((x[j] - l->mean[j]) * l->scale[j]);
    return 1 / (1 + exp(-z));
}

void logit_release(struct logit *l)
{
    free(l->mean);
    free(l->scale);
    free(l->weight);
    *l = (struct logit){0};
}
