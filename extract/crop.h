/* The part of a frame that is kept around a face. */
#ifndef LP_CROP_H
#define LP_CROP_H

#include "lib/geometry.h"

/*
 * The face box grown `grow` times about its centre, in whole pixels, clipped to a frame of width x
 * height pixels: so never larger than the frame, and smaller than grow x the box where the face is
 * near the edge. Empty if the box lies outside of the frame.
 */
struct rect crop_box(struct rect face, double grow, int width, int height);

#endif
