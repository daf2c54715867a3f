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
 * other = not used. */
struct linear_options {
    double lambda;
    int iterations;
};
struct linear_result {
    uint32_t *guess; /* the caller's, n: of test rows, the class with the largest logit; or NULL */
    float *weight;   /* the caller's, (n_groups, dim): slopes of the logits by the features as they
                        are, the mean over classes taken out; or NULL */
    double train_accuracy;
    double test_accuracy, top5, cross_entropy; /* over the test rows; the last in nats */
};
int linear_probe(const float *x, size_t n, size_t dim, const uint32_t *group, size_t n_groups,
                 const uint8_t *part, const struct linear_options *o, struct linear_result *out,
                 struct err *err) LP_MUST_CHECK;

/* Cosine nearest neighbour of every row among the rows of other videos: nearest[i], or UINT32_MAX
 * when there is none. Equal similarities: the lower row. Verification: AUC of the similarity of two
 * frames of different videos as a test of "same identity" (65,536 bins between -1 and 1, NaN when a
 * kind is missing), and the share of genuine pairs accepted where one impostor pair in 1,000 and
 * in 10,000 is. */
struct verification {
    double auc, tar[2];       /* at FAR 1e-3 and 1e-4 */
    double genuine, impostor; /* pairs */
};
int neighbours(const float *x, size_t n, size_t dim, const uint32_t *video, const uint32_t *group,
               uint32_t *nearest, struct verification *v, struct err *err) LP_MUST_CHECK;

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
