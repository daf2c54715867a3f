/*
 * Which faces are of use: the settings extract.min_size_px, ..., max_roll_deg. A table of limits on
 * the numbers of a face; the first one that it breaks is the reason why its row is skipped.
 */
#ifndef LP_FACE_FILTER_H
#define LP_FACE_FILTER_H

#include "extract/face_quality.h"
#include "lib/conf.h"

#define FACE_FILTERS 8

struct face_filter {
    double limit[FACE_FILTERS];
};

void face_filter_from(struct face_filter *f, const struct conf *c);

/* Index of the first limit that the face breaks, or -1. A number that is not known (NaN) breaks a
 * limit that excludes anything. */
int face_filter_check(const struct face_filter *f, struct rect face, const struct face_quality *q);

/* Reasons for rows: of the face itself, and of a fake whose pristine face broke the limit. */
const char *face_filter_reason(int index);
const char *face_filter_pair_reason(int index);

#endif
