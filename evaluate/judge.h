/* From scores to the numbers of one model: levels, groups, densities. */
#ifndef LP_JUDGE_H
#define LP_JUDGE_H

#include "evaluate/result.h"

/* The video score of a video that has none. */
enum missing {
    MISSING_DROP,
    MISSING_SCORE, /* missing_score, as if the detector could not tell */
    MISSING_WORST  /* the model's lowest score for a fake, its highest for a real */
};

struct judge_options {
    enum missing missing;
    double missing_score;
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
