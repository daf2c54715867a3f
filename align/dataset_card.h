/* The card of a data set, beside its exports: exports/card.md for people, exports/card.json for
 * programs. How many videos, faces and people there are of each kind, what was left out and why,
 * and the hashes and settings that lead back to where it came from. */
#ifndef LP_DATASET_CARD_H
#define LP_DATASET_CARD_H

#include "align/export.h"

/* `done`: the n exports that were written. */
int card_write(const struct export_input *in, const struct export_done *done, size_t n,
               struct err *err) LP_MUST_CHECK;

#endif
