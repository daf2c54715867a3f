/* The parts of probe_features(): each appends its answers. Splits are made before. */
#ifndef LP_PROBE_PARTS_H
#define LP_PROBE_PARTS_H

#include "evaluate/feature_table.h"

/* LEACE and INLP, each with its control: the real/fake AUC of a linear discriminant on the test
 * half before and after identity is erased, fitted on the train half; and what a new linear probe
 * still reads. `chance`: accuracy of naming the commonest identity. */
int probe_erasing(struct feature_table *t, double chance, struct err *err) LP_MUST_CHECK;

/* Retrieval among video means, at most RETRIEVAL_VIDEOS of them: mAP, and whether one of the same
 * identity is among the 5 and 10 nearest. */
#define RETRIEVAL_VIDEOS 4000
int probe_retrieval(struct feature_table *t, struct err *err) LP_MUST_CHECK;

/* Linear CKA (Kornblith et al. 2019) with a second feature file, over the frames of both; p by
 * permuting videos, on video means, at most CKA_VIDEOS of them. */
#define CKA_VIDEOS 1000
int probe_cka(const struct features *a, const struct features *b, const struct feature_options *o,
              struct probes *out, struct err *err) LP_MUST_CHECK;

/* The detector's last layer, split by a subspace of identity: score = b + w mu + w f_id + w f_res,
 * f_id the part of f - mu (in standard deviations of the train half) in the span of the linear
 * probe's slopes `weight` (n_groups, dim). Share of the score's variance, and AUC, of either part
 * on the test half, beside as many random directions. *agreement: correlation of the layer's video
 * scores with the detector's. */
int probe_last_layer(struct feature_table *t, const float *weight, const char *path,
                     double *agreement, struct err *err) LP_MUST_CHECK;

#endif
