/*
 * Sets of the same faces that all went through something: one of the perturbations at one level
 * (align.perturb), or one draw of the training jitter (align.jitter). Each is a folder
 * sets/NAME/ beside align.tsv with an align.tsv of its own, whose rows have the same ids and say
 * NAME in the column `variant`, pictures, and the exports.
 *
 * A perturbation is applied to the aligned face before it is written; a jitter is another matrix,
 * with which the face is sampled from its crop once.
 */
#ifndef LP_VARIANTS_H
#define LP_VARIANTS_H

#include "lib/tool.h"

/* How many sets the settings ask for. */
size_t variants_count(const struct conf *c);

/* Makes them from the finished manifest args->output; `finish` is called with the path of each
 * align.tsv. A set that is whole already (of these settings and this manifest) is kept. *failed and
 * *total: faces of all sets. */
int variants_make(const struct tool_args *args,
                  int (*finish)(const struct tool_args *args, const char *table, struct err *err),
                  size_t *failed, size_t *total, struct err *err) LP_MUST_CHECK;

#endif
