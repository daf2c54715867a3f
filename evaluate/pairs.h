/* Two models on the same items: is the difference of their AUC more than chance? */
#ifndef LP_PAIRS_H
#define LP_PAIRS_H

#include "evaluate/result.h"

/* Fills res->pair with every pair of models, at the frame and the video level, over the items that
 * both scored: clustered DeLong for the difference (residuals of one model minus those of the
 * other, Obuchowski's variance, Student's t), the clustered bootstrap with the same draws for both,
 * and, to show what it hides, DeLong 1988 with frames as independent. Holm's and Benjamini and
 * Hochberg's corrections over the pairs of a level. */
int pairs_compare(struct result *res, unsigned jobs, struct err *err) LP_MUST_CHECK;

/* Corrects n p-values (NaN stays and does not count). */
void pairs_holm(const double *p, size_t n, double *out);
void pairs_benjamini_hochberg(const double *p, size_t n, double *out);

/* The test itself on n items: two scores, a label and a cluster each. */
int pairs_test(const double *a, const double *b, const uint8_t *label, const uint32_t *cluster,
               size_t n, size_t n_clusters, uint64_t seed, size_t replicates, unsigned jobs,
               struct pair_result *out, struct err *err) LP_MUST_CHECK;

#endif
