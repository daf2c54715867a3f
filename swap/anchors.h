/*
 * SSD anchors and their targets for the multi-scale detection head of Dong et al. (CVPR 2023;
 * CADDM backbones/prior_box.py, box_utils.py), with boxes x first (the reference transposes them).
 */
#ifndef LP_SWAP_ANCHORS_H
#define LP_SWAP_ANCHORS_H

#include "lib/geometry.h"

#define ANCHORS       168
#define ANCHOR_VALUES 5 /* class (0 background, 1 swapped), then the four offsets */

struct anchor {
    double cx, cy, w, h; /* fractions of the sample's side */
};

/* Levels of 7, 5, 3 and 1 cells a side, in raster order, two anchors a cell: the tall one (min
 * wide, max high), then the wide one. Anchors 166 and 167 are both the whole picture. */
void anchors_make(struct anchor a[ANCHORS]);

/*
 * An anchor is positive when its best IoU with a box is at least 0.5, or when it is the best anchor
 * of a box (the first one on ties). Offsets of a positive anchor to its box:
 * (tcx - cx) / (0.1 w), (tcy - cy) / (0.1 h), ln(tw / w) / 0.2, ln(th / h) / 0.2. All else is 0.
 * Boxes are in sample pixels, not empty.
 */
void anchors_match(const struct anchor a[ANCHORS], const struct rect *box, int boxes,
                   float target[ANCHORS][ANCHOR_VALUES]);

#endif
