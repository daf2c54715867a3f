/* How far scores are probabilities. All of it asks for scores in [0, 1]. */
#ifndef LP_CALIBRATION_H
#define LP_CALIBRATION_H

#include "evaluate/ranked.h"

/* Per cluster, for the bootstrap of ratios: sums over its items. Arrays of s->n_clusters. */
struct calibration {
    bool in_range;       /* every score in [0, 1]; else nothing is filled */
    double *brier;       /* (p - y)^2 */
    double *log;         /* -ln of the probability given to the truth, p kept 2^-52 from 0 and 1 */
    double brier2, log2; /* sums of squares over all items: variances of independent frames */
};

int calibration_sums(struct calibration *c, const struct sample *s, struct err *err) LP_MUST_CHECK;
void calibration_release(struct calibration *c);

/* Expected calibration error, probability-of-fake version: sum over bins n_b/n |mean score - share
 * of fakes|. 15 bins of equal width (Guo et al. 2017; the last bin holds 1); or bins of equal mass,
 * about n^(1/3) of them, never splitting equal scores (Nixon et al. 2019). */
void calibration_ece(const struct sample *s, double *width, double *mass);

#endif
