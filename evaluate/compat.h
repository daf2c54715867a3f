/* Other tools' numbers from the same scores, beside ours, and why they differ. */
#ifndef LP_COMPAT_H
#define LP_COMPAT_H

#include "evaluate/result.h"

enum compat_tool { COMPAT_NONE, COMPAT_DEEPFAKEBENCH, COMPAT_CADDM };

/* The tool of that name, or COMPAT_NONE. */
enum compat_tool compat_parse(const char *name);

/*
 * Fills res->model[i].compat: one set of numbers a data set and compression, since both tools judge
 * one at a time.
 *
 * deepfakebench (training/metrics/utils.py, 2023-24): a video is every frame whose last folder has
 * one name, so 000_003 of four methods is one video; the label of such a video is its mean label
 * rounded down; accuracy calls a score above 0.5 fake, EER is the FPR of the operating point where
 * |FNR - FPR| is least, on scikit-learn's curve without the points it finds collinear.
 * caddm (lib/util.py, test.py): a video is the whole folder, its score the mean, its label that of
 * its first frame: our video AUC, unless files of one video lie in several folders.
 */
int compat_measure(struct result *res, size_t i, enum compat_tool tool,
                   struct err *err) LP_MUST_CHECK;

/* The FPR where |FNR - FPR| is least on the curve that scikit-learn's roc_curve() leaves: of runs
 * of points at equal steps only the ends (drop_intermediate). NaN when a class is missing. */
int compat_nearest_eer(const struct sample *s, double *eer, struct err *err) LP_MUST_CHECK;

#endif
