/* From scores to the numbers of one model: levels, groups, densities. */
#ifndef LP_JUDGE_H
#define LP_JUDGE_H

#include "evaluate/result.h"

struct judge_options {
    size_t replicates, curve_points;
    unsigned jobs;
    uint64_t seed;
    bool groups;
    bool aggregate[N_AGGREGATES];
    double threshold; /* NaN = EER on the val split if there is one, else 0.5 */
};

/* Fills res->model[i] but for its probes. */
int judge_model(struct result *res, size_t i, const struct judge_options *o,
                struct err *err) LP_MUST_CHECK;

#endif
