/*
 * How much a detector's scores depend on who is seen (facts: probes S1-S8 of the design).
 * All of it on video scores, since the frames of a video are not independent.
 */
#ifndef LP_PROBE_SCORES_H
#define LP_PROBE_SCORES_H

#include "evaluate/result.h"

struct probe_options {
    uint64_t seed;
    size_t replicates, permutations;
    unsigned jobs;
};

/* Appends the score probes of model i to res->model[i].probes, and fills its identity means. */
int probe_scores(struct result *res, size_t i, const struct probe_options *o,
                 struct err *err) LP_MUST_CHECK;

/* ---- the formulas, on any sample -------------------------------------------------------------*/

/* Splits the area by whether the pair is of one group: M N A = pairs_within A_within + the rest
 * A_between. case_weighted: mean over the fakes that have a real of their group (2AFC; Janes & Pepe
 * 2009). NaN where there are no such pairs. */
struct within {
    double within, between, case_weighted, pair_share;
    size_t groups; /* with both labels */
};
int probe_within(const struct sample *s, const uint32_t *group, size_t n_groups, struct within *out,
                 struct err *err) LP_MUST_CHECK;

/* The AUC that permuting labels within groups leaves on average (Chaibub Neto et al. 2019): an item
 * counts as fake with its group's share of fakes. 0.5 when all groups have the same share. */
int probe_explained(const struct sample *s, const uint32_t *group, size_t n_groups, double *auc,
                    struct err *err) LP_MUST_CHECK;

/* One-way random effects of n values in groups; groups of one value count as well. */
struct anova {
    size_t n, groups;
    double n0, f, icc, eta2, omega2; /* ICC(1); NaN when undefined */
    double p;                        /* of F, normal theory */
    double lo, hi;                   /* of ICC: exact if balanced (Searle 1971) */
};
int probe_anova(const double *value, const uint32_t *group, size_t n, size_t n_groups,
                struct anova *out, struct err *err) LP_MUST_CHECK;

#endif
