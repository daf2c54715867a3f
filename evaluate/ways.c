#include "evaluate/ways.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

void ways_release(struct ways *w)
{
    free(w->of[WAY_TARGET]);
    free(w->of[WAY_DONOR]);
    *w = (struct ways){0};
}

void ways_gather(const struct ways *w, enum way way, const double *x, double *out)
{
    size_t i;

    memset(out, 0, w->n[way] * sizeof(*out));
    for (i = 0; i < w->cells; i++)
        out[w->of[way][i]] += x[i];
}

double ways_combine(double target, double donor, double both)
{
    return fmax(fmax(target + donor - both, both), fmax(target, donor));
}

static double one_way(const double *x, const double *present, size_t n, double *clusters)
{
    double sum = 0;
    size_t i;

    *clusters = 0;
    for (i = 0; i < n; i++) {
        sum += x[i] * x[i];
        *clusters += present[i] > 0;
    }
    return *clusters > 1 ? sum * *clusters / (*clusters - 1) : NAN;
}

int ways_variance(const struct ways *w, const double *x, const double *present, size_t n,
                  double *variance, double *clusters, struct err *err)
{
    double v[N_WAYS], G[N_WAYS], cells;
    int k;

    *variance = one_way(x, present, n, clusters);
    if (!w)
        return 0;
    for (k = 0; k < N_WAYS; k++) {
        double *sum = mem_array(w->n[k], sizeof(*sum)), *there = mem_array(w->n[k], sizeof(*there));

        if (!sum || !there) {
            free(sum);
            free(there);
            return err_nomem(err);
        }
        ways_gather(w, (enum way)k, x, sum);
        ways_gather(w, (enum way)k, present, there);
        v[k] = one_way(sum, there, w->n[k], &G[k]);
        free(sum);
        free(there);
    }
    cells = *variance;
    *variance = ways_combine(v[WAY_TARGET], v[WAY_DONOR], isnan(cells) ? 0 : cells);
    *clusters = fmin(G[WAY_TARGET], G[WAY_DONOR]);
    return 0;
}
