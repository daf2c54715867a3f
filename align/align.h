/*
 * The stage: extract.tsv in, align.tsv with aligned faces beside it out, then the exports.
 *
 * For each row: a least-squares similarity takes five landmarks to the template
 * (lib/face_template.h), and the crop is warped with it, bilinearly as the published pre-processing
 * does. The homography in the row is from full-frame pixels to aligned pixels.
 *
 * A row that is not ok is carried through with its reason. A crop that cannot be read, or landmarks
 * without extent, are a row with status=fail.
 */
#ifndef LP_ALIGN_H
#define LP_ALIGN_H

#include "lib/tool.h"

int align_run(const struct tool_args *args, struct err *err) LP_MUST_CHECK;

/* What is left when args->output is whole: the exports that the settings name, and the sets
 * (align/variants.h) with theirs. Also what --merge ends with. */
int align_finish(const struct tool_args *args, struct err *err) LP_MUST_CHECK;

#endif
