/* The files and the table that an evaluation leaves behind. */
#ifndef LP_OUTPUT_H
#define LP_OUTPUT_H

#include "evaluate/result.h"
#include "lib/hash.h"
#include "lib/str.h"

/* metrics.json, version 1: evaluate/metrics.schema.json describes it. */
int output_json(const struct result *r, struct str *out, struct err *err) LP_MUST_CHECK;

/* curves.tsv, probes.tsv, pairs.tsv in `folder`, as manifests of stage "evaluate". */
int output_curves(const struct result *r, const char *folder, const char *settings,
                  const char *input, struct err *err) LP_MUST_CHECK;
int output_probes(const struct result *r, const char *folder, const char *settings,
                  const char *input, struct err *err) LP_MUST_CHECK;
int output_pairs(const struct result *r, const char *folder, const char *settings,
                 const char *input, struct err *err) LP_MUST_CHECK;

/* swaps.tsv: a row a target and donor. */
int output_swaps(const struct result *r, const char *folder, const char *settings,
                 const char *input, struct err *err) LP_MUST_CHECK;

/* The table for people. */
void output_text(const struct result *r, struct str *out);

#endif
