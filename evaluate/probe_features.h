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
    char *path;      /* owned */
    size_t skipped;  /* rows whose id is not known or not of the judged split */
};

/* Reads the NPY (float32 or float64, two dimensions, finite) and its ids (a TSV or CSV with a
 * column id, N rows in order, or a plain list of ids), keeps the rows of judged videos. Every fault
 * is ERR_DATA with file and line. */
int features_read(struct features *f, struct result *res, const char *path, const char *ids,
                  struct err *err) LP_MUST_CHECK;
void features_release(struct features *f);

struct feature_options {
    uint64_t seed;
    size_t permutations;
    size_t max_identities; /* largest K of the linear probe */
    double lambda;         /* L2 penalty of the linear probe */
    int iterations;
    bool erase; /* LEACE and its control */
};

/* Appends the feature probes to `out`. */
int probe_features(const struct result *res, const struct features *f,
                   const struct feature_options *o, struct probes *out,
                   struct err *err) LP_MUST_CHECK;

#endif
