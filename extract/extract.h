/*
 * The stage: fetch.tsv in, extract.tsv with crops and landmarks beside it out.
 *
 * A pair group (extract/group.h) is one unit of work: its videos are counted, sampled at the frame
 * numbers that all of them have, and decoded one after another, the pristine one first, whose face
 * boxes fix the crops of all. Only boxes are kept from video to video, so memory does not grow with
 * the group.
 *
 * Rows: one a sampled frame, `<video>/<frame %06d>`. status
 *   ok    a crop was written;
 *   skip  no face found in this frame, or in the pristine frame it belongs to; or the row of
 * fetch.tsv was not ok (then one row for the video, without a frame); fail  the frame could not be
 * decoded; or the whole video failed: cannot be read, its pristine video is missing or failed, its
 * size differs from the pristine one's (then one row for the video).
 */
#ifndef LP_EXTRACT_H
#define LP_EXTRACT_H

#include "lib/tool.h"

int extract_run(const struct tool_args *args, struct err *err) LP_MUST_CHECK;

#endif
