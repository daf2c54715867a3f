/*
 * Two ways to hang together: fakes share targets and share donors, and neither alone makes
 * clusters. A cell is a pair of target and donor; each way numbers the cells' targets or donors.
 *
 * Variances after Cameron, Gelbach & Miller 2011 (J. Bus. Econ. Stat. 29:238): that over targets
 * plus that over donors minus that over cells, but no less than any of the three: with few targets
 * or donors the difference can come out far too small. Degrees of freedom: the fewer of the two,
 * minus 1. The bootstrap is Owen's pigeonhole (2007, Ann. Appl. Stat. 1:386): targets and donors
 * are drawn apart, a cell counts the product.
 */
#ifndef LP_WAYS_H
#define LP_WAYS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

enum way { WAY_TARGET, WAY_DONOR, N_WAYS };

struct ways {
    uint32_t *of[N_WAYS]; /* of each cell: 0 .. n[way] - 1; owned */
    size_t n[N_WAYS];
    size_t cells;
};

void ways_release(struct ways *w);

/* out[way number] = sum of x over its cells; out has n[way] entries. */
void ways_gather(const struct ways *w, enum way way, const double *x, double *out);

/* target + donor - both, and no less than any of the three. */
double ways_combine(double target, double donor, double both);

/* The variance of a sum of x over independent clusters, G/(G - 1) sum x^2, clusters being those
 * with `present` > 0; with ways, cells that hang together in both. *clusters: how many (the fewer
 * of the two). w NULL = x is by cluster. NaN with fewer than two. */
int ways_variance(const struct ways *w, const double *x, const double *present, size_t n,
                  double *variance, double *clusters, struct err *err) LP_MUST_CHECK;

#endif
