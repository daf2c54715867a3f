/*
 * Clustered bootstrap without sorting again.
 *
 * A replicate draws as many clusters as there are, with replacement; an item then counts as often
 * as its cluster was drawn. One sweep over the sorted items with these weights gives every ranking
 * metric of the replicate (facts: weighted Mann-Whitney). Four replicates go through one sweep.
 * Replicate r depends on (seed, r) only, so the result is the same at any number of threads, and
 * two models over the same clusters see the same draws.
 */
#ifndef LP_BOOTSTRAP_H
#define LP_BOOTSTRAP_H

#include <stdbool.h>

#include "evaluate/ranked.h"
#include "evaluate/ways.h"

#define BOOT_MAX_Q     8
#define BOOT_MAX_RATIO 16

/* The statistics, by row of the result. Ratios follow after the q's. */
enum boot_stat { BOOT_AUC, BOOT_AP, BOOT_EER, BOOT_FIRST_Q };

struct boot_request {
    uint64_t seed;
    size_t replicates;
    const struct ways
        *ways;        /* clusters are its cells: targets and donors are drawn; NULL = one way */
    bool independent; /* items are drawn, not clusters: no ratios, no two-way draws */
    int n_q;
    double q[BOOT_MAX_Q]; /* false-positive rates: rows BOOT_FIRST_Q + 3 i + enum boot_rate */
    int n_ratio;          /* rows after these: sum_c w_c num[c] / sum_c w_c den[c] */
    const double *num[BOOT_MAX_RATIO], *den[BOOT_MAX_RATIO]; /* per cluster of the sample */
    size_t n_grid; /* ROC band: TPR by interpolation at these rates; 0 = none */
    const double *grid;
};

struct boot {
    size_t replicates;
    int n_stats;
    double *value;    /* [stat][replicate]; NaN where the replicate misses a class; owned */
    float *band;      /* [grid][replicate], likewise; owned; NULL without a grid */
    size_t undefined; /* replicates that miss a class */
};

/* At a rate: TPR at FPR <= q, TPR interpolated, raw partial area up to it. */
enum boot_rate { BOOT_STEP, BOOT_LINE, BOOT_AREA };

static inline int boot_q_row(int i, enum boot_rate what)
{
    return BOOT_FIRST_Q + 3 * i + (int)what;
}

static inline int boot_ratio_row(const struct boot_request *q, int i)
{
    return BOOT_FIRST_Q + 3 * q->n_q + i;
}

int boot_run(const struct sample *s, const struct boot_request *q, unsigned jobs, struct boot *out,
             struct err *err) LP_MUST_CHECK;
void boot_release(struct boot *b);

/* Percentile limits of n values at confidence 1 - alpha, NaN left out; false with fewer than 20
 * values. Sorts `v`. */
bool boot_percentile(double *v, size_t n, double alpha, double *lo, double *hi);

/* BCa limits (Efron 1987) of n replicate values around `estimate`, with the leave-one-cluster-out
 * values jack[0 .. n_jack-1] (NaN left out). Sorts `v`. false when it cannot be had. */
bool boot_bca(double *v, size_t n, double estimate, const double *jack, size_t n_jack, double alpha,
              double *lo, double *hi);

/* How often each of n_clusters clusters is drawn in replicate r. */
void boot_draw(uint64_t seed, size_t r, size_t n_clusters, uint32_t *times);

#endif
