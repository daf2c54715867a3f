/* The feature probes themselves, on plain arrays: rows x (n, dim), a group (identity) and a video
 * for each row. Groups and videos are dense numbers. */
#ifndef LP_PROBE_METHODS_H
#define LP_PROBE_METHODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/* Multinomial logistic regression, L2 on the weights, not on the bias, features standardised on the
 * training rows, L-BFGS. group[i] < n_groups is the class of row i; part[i] 0 = train, 1 = test,
 * other = not used. right[i] (for test rows) = 1 if the class with the largest logit is the row's.
 * cross_entropy: mean over the test rows, nats. */
struct linear_options {
    double lambda;
    int iterations;
};
int linear_probe(const float *x, size_t n, size_t dim, const uint32_t *group, size_t n_groups,
                 const uint8_t *part, const struct linear_options *o, uint8_t *right,
                 double *train_accuracy, double *cross_entropy, struct err *err) LP_MUST_CHECK;

/* Cosine nearest neighbour of every row among the rows of other videos: nearest[i], or UINT32_MAX
 * when there is none. Equal similarities: the lower row. Verification: AUC of the similarity of two
 * frames of different videos as a test of "same identity" (65,536 bins between -1 and 1, NaN when a
 * kind is missing). */
int neighbours(const float *x, size_t n, size_t dim, const uint32_t *video, const uint32_t *group,
               uint32_t *nearest, double *verification, double *genuine,
               struct err *err) LP_MUST_CHECK;

/* LEACE (Belrose et al. 2023) in closed form: erases from all rows, in place, what linearly tells
 * the groups apart within each label, fitted on rows with part 0:
 *   x - C (C' S^-1 C)^-1 C' S^-1 (x - mean),
 * S the within-label covariance with a ridge of 1e-4 of its mean diagonal, C the covariance of x
 * with the groups' indicators, label taken out of both. rank: how many directions went. */
int erase_groups(float *x, size_t n, size_t dim, const uint32_t *group, size_t n_groups,
                 const uint8_t *label, const uint8_t *part, size_t *rank,
                 struct err *err) LP_MUST_CHECK;

/* Fisher's linear discriminant of real and fake, fitted on part 0 (the same ridge), applied to all
 * rows: score[i]. */
int discriminant(const float *x, size_t n, size_t dim, const uint8_t *label, const uint8_t *part,
                 double *score, struct err *err) LP_MUST_CHECK;

#endif
