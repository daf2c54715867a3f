/* Directions in feature space, and taking them out. Bases are (r, dim), rows orthonormal. */
#ifndef LP_SUBSPACE_H
#define LP_SUBSPACE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct subspace {
    float *q; /* owned */
    size_t rank, dim, cap;
};

void subspace_release(struct subspace *s);

/* Adds the directions of the k rows w (k, dim) that are not in it yet, by modified Gram-Schmidt
 * done twice; what is left below 1e-4 of its row counts as nothing. Stops at `most` directions. */
int subspace_add(struct subspace *s, const float *w, size_t k, size_t dim, size_t most,
                 struct err *err) LP_MUST_CHECK;

/* r directions drawn evenly (Gaussian rows), round `round` of the seed. */
int subspace_random(struct subspace *s, size_t r, size_t dim, uint64_t seed, uint32_t round,
                    struct err *err) LP_MUST_CHECK;

/* x = x - ((x - mean) q') q for n rows; mean NULL = 0. */
int subspace_remove(const struct subspace *s, float *x, size_t n, const double *mean,
                    struct err *err) LP_MUST_CHECK;

#endif
