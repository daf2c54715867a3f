/* How much of an aligned face its crop does not reach. */
#ifndef LP_COVERAGE_H
#define LP_COVERAGE_H

#include "lib/geometry.h"

/* The share (0..1) of a square of `size` pixels whose source, under the similarity `m` from the
 * crop to the square, lies outside of the crop's `width` x `height` pixels. 0 if `m` is singular.
 */
double coverage_outside(const struct mat3 *m, int width, int height, int size);

#endif
