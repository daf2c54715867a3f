/* Two-class logistic regression with an L2 penalty, by Newton's method; plain loops in a fixed
 * order, so that the same rows give the same bits on every machine. */
#ifndef LP_LOGIT_H
#define LP_LOGIT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct logit {
    size_t dim;
    double *mean, *scale; /* of the training rows; scale 0 = the feature does not vary */
    double *weight;       /* dim weights of standardised features, then the bias */
    int iterations;       /* used */
};

/* Fits the n rows x (n, dim) with take[i] (NULL = all): mean negative log likelihood, each class
 * weighted to one half in all, plus penalty / 2 |w|^2 (no penalty on the bias). ERR_DATA when a
 * class has no rows. */
int logit_fit(struct logit *l, const float *x, size_t n, size_t dim, const uint8_t *label,
              const uint8_t *take, double penalty, struct err *err) LP_MUST_CHECK;

/* The probability of label 1 for one row. */
double logit_predict(const struct logit *l, const float *x);

void logit_release(struct logit *l);

#endif
