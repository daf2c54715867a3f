/*
 * How much of who is seen a detector's features hold: probes on a feature file (N, D).
 * Linear algebra through evaluate/linalg.h, one thread, so that a result can be repeated.
 */
#ifndef LP_PROBE_FEATURES_H
#define LP_PROBE_FEATURES_H

#include "evaluate/probe_scores.h"

struct features {
    float *x; /* row-major (n, dim); owned */
    size_t n, dim;
    uint32_t *video; /* of each row; owned */
    uint64_t *key;   /* of each row: names its id, across files; owned */
    char *path;      /* owned */
    size_t skipped;  /* rows whose id is not known or not of the judged split */
};

/* Reads the NPY (float32 or float64, two dimensions, finite) and its ids (a TSV or CSV with a
 * column id, N rows in order, or a plain list of ids), keeps the rows of judged videos. Every fault
 * is ERR_DATA with file and line. */
int features_read(struct features *f, struct result *res, const char *path, const char *ids,
                  struct err *err) LP_MUST_CHECK;
void features_release(struct features *f);

/* What is apart between the half that a probe is fitted on and the half it is judged on. */
enum feature_split { SPLIT_BY_VIDEO, SPLIT_BY_COMPONENT, SPLIT_BY_FRAME };

struct feature_options {
    uint64_t seed;
    size_t permutations;
    size_t max_identities; /* largest K of the linear probe */
    double lambda;         /* L2 penalty of the linear probe; below 0 = by validation */
    int iterations;
    bool erase;      /* LEACE, INLP and their controls */
    int inlp_rounds; /* 0 = no INLP */
    enum feature_split split;
    const char *last_layer; /* NPY of the layer behind the features, or NULL */
};

/* Appends the feature probes to `out`; `other`, for CKA, may be NULL. *agreement: see
 * probe_last_layer(); NaN without a last layer. */
int probe_features(const struct result *res, const struct features *f, const struct features *other,
                   const struct feature_options *o, struct probes *out, double *agreement,
                   struct err *err) LP_MUST_CHECK;

#endif
