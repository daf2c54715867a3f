/*
 * A permutation test between two models on the same items: if neither is better, the two scores of
 * an item could be exchanged, and those of a cluster together.
 *
 * Scores are first made ranks within their model, so that two scales can be exchanged (Venkatraman
 * & Begg 1996, Biometrika 83:835; Bandos, Rockette & Gur 2005, Stat. Med. 24:2873 for the area). A
 * round flips each cluster with chance one half and counts both areas in one sweep: nothing is
 * sorted again. Round b depends on (seed, b) only.
 */
#ifndef LP_EXCHANGE_H
#define LP_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/* n items with two scores, a label and a cluster each. *p = (1 + rounds with at least as large a
 * difference) / (1 + rounds), two-sided; NaN without rounds or with one class. */
int exchange_test(const double *a, const double *b, const uint8_t *label, const uint32_t *cluster,
                  size_t n, size_t n_clusters, uint64_t seed, size_t rounds, unsigned jobs,
                  double *p, struct err *err) LP_MUST_CHECK;

#endif
