/*
 * The reference scorer: a detector that needs no GPU and no framework, so that the whole chain runs
 * on any machine. Spectrum of each aligned face (evaluate/spectrum.h), logistic regression
 * (evaluate/logit.h) fitted on the frames of the run's train split, scores of its test split.
 *
 *   NAME.tsv      a row a test frame: id, score (probability of fake) and what align.tsv knows
 *   NAME.npy      the spectra of those with a score, float32 (N, bins)
 *   NAME.ids.tsv  their ids, in the same order
 */
#ifndef LP_SCORE_H
#define LP_SCORE_H

#include "lib/tool.h"

/* ERR_DATA when there is no test split, or no real or no fake frame to train on. A picture that
 * cannot be read is a row with status=fail. */
int score_run(const struct tool_args *args, struct err *err) LP_MUST_CHECK;

#endif
