/*
 * S10: the scores of face swaps as a table of targets and donors.
 *
 * y = mean + target + donor + error over the fakes whose target and donor are known and differ, the
 * means of methods taken out, y the logit of the video score (the score itself if any lies outside
 * (0, 1)). The donor's part is what its face brings along, once whose video it is has been
 * accounted for: identity leakage proper. Variance components after Henderson 1953 (Biometrics
 * 9:226, method 3); p by exchanging donors among the fakes of one target (and targets among those
 * of one donor), which is exact if there is no such effect.
 */
#ifndef LP_PROBE_SWAPS_H
#define LP_PROBE_SWAPS_H

#include "evaluate/result.h"

/* Least-squares effects of two factors by alternating means, to convergence. */
struct two_factors {
    double *a, *b;            /* effects, owned; those of a hold the mean */
    double rss, rss_a, rss_b; /* residual sums of squares: of both, of one factor alone */
    size_t df, df_a, df_b;    /* of the residual; that a adds to b, and b to a */
};
int two_factors_fit(const double *y, const uint32_t *a, const uint32_t *b, size_t n, size_t n_a,
                    size_t n_b, struct two_factors *out, struct err *err) LP_MUST_CHECK;
void two_factors_release(struct two_factors *f);

/* Shares of a, b and error in the variance, none below 0; false when they cannot be told apart. */
bool two_factors_shares(const struct two_factors *f, const uint32_t *a, const uint32_t *b, size_t n,
                        size_t n_a, size_t n_b, double share[3], struct err *err);

/* Appends donor_variance and target_variance if there are swaps at all, and fills m->swap. */
int probe_swaps(const struct result *res, struct model_result *m, const uint32_t *video,
                const double *score, size_t n, uint64_t seed, size_t permutations,
                struct err *err) LP_MUST_CHECK;

#endif
