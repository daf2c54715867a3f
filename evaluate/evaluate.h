/*
 * Judges detectors: score files and a manifest in; metrics, curves, probes and comparisons out.
 *
 *   metrics.json  all numbers (metrics.schema.json describes it)
 *   curves.tsv    ROC, precision-recall, score densities, identity means
 *   probes.tsv    the identity probes, a row an answer
 *   swaps.tsv     scores of face swaps by target and donor
 *   pairs.tsv     two models on the same frames (with two or more score files)
 */
#ifndef LP_EVALUATE_H
#define LP_EVALUATE_H

#include "evaluate/result.h"
#include "lib/tool.h"

struct evaluate_request {
    const char *manifest;                   /* NULL = the score files say all */
    const char *score_ids;                  /* of NPY score files; NULL = beside each */
    const char *features;                   /* NPY (N, D), or NULL */
    const char *feature_ids;                /* TSV with a column id, N rows */
    const char *other_features, *other_ids; /* a second feature file, for CKA; or NULL */
    const char *last_layer;                 /* NPY, or NULL */
    const char *check;                      /* "auc.video >= 0.9", or NULL */
    const char *compat;                     /* "deepfakebench", "caddm", or NULL */
    const char *output;                     /* folder, or "-" = only the table for people */
};

/* Does all of it; prints the table on stdout. ERR_CHECK when --check says no, after everything is
 * written. */
int evaluate_run(const struct tool_args *args, const struct evaluate_request *q,
                 struct err *err) LP_MUST_CHECK;

#endif
