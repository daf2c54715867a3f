/*
 * Thresholds chosen on one split and applied on another.
 *
 * A threshold that is chosen on the split that is judged promises too much; here each criterion
 * picks its own on the val split, of its own level (frames or videos), and the numbers it leads to
 * are those of the judged split. "Fake" is a score at or above the threshold.
 */
#ifndef LP_OPERATING_H
#define LP_OPERATING_H

#include "evaluate/metrics.h"

enum criterion {
    CRITERION_EER,      /* FPR = FNR */
    CRITERION_BALANCED, /* highest mean of TPR and TNR (Youden 1950) */
    CRITERION_ACCURACY, /* highest accuracy */
    CRITERION_F1,       /* highest F1 of fakes */
    CRITERION_FPR_10,   /* highest TPR with FPR <= 0.1 */
    CRITERION_FPR_1,    /* highest TPR with FPR <= 0.01 */
    N_CRITERIA
};

/* What is told at a threshold. */
enum decision {
    DECISION_ACCURACY,
    DECISION_BALANCED,
    DECISION_F1,
    DECISION_PRECISION,
    DECISION_TPR,
    DECISION_FPR,
    N_DECISIONS
};

struct operating_point {
    enum criterion criterion;
    double threshold; /* may be +infinity: nothing is called fake */
    struct measure m[N_DECISIONS];
};

const char *criterion_name(enum criterion c);  /* "eer", "balanced_accuracy", ... */
const char *criterion_about(enum criterion c); /* in words */
const char *decision_name(enum decision d);

/* The thresholds that the criteria pick from a sample with both classes; of equally good ones the
 * highest. */
int operating_choose(const struct sample *s, double threshold[N_CRITERIA],
                     struct err *err) LP_MUST_CHECK;

/* Fills m of a point from the judged sample: shares with limits over clusters (linearised variance
 * of a ratio, Student's t). What lacks its class is undefined. ways: the sample's clusters are its
 * cells; NULL = one way. */
int operating_apply(struct operating_point *p, const struct sample *s, const struct ways *ways,
                    struct err *err) LP_MUST_CHECK;

#endif
