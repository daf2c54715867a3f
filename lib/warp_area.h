/*
 * Warping without aliasing: where a homography shrinks the picture, the part that is needed is
 * first reduced to the new size by averaging areas (lib/resize.h), then warped bilinearly
 * (lib/warp.h). A face 800 pixels wide that becomes 224 would otherwise keep one pixel in twelve,
 * and its noise and edges would turn into patterns that a detector can learn.
 *
 * The shrinking is the square root of the inverse map's area ratio (its Jacobian) at the middle of
 * the result, the same along both axes: exact for similarities, the mean for other maps. Below
 * WARP_AREA_FROM, and for maps whose horizon crosses the result, this is warp_perspective() to the
 * byte.
 */
#ifndef LP_WARP_AREA_H
#define LP_WARP_AREA_H

#include "lib/resize.h"
#include "lib/warp.h"

/* Source pixels a new pixel, from which on averaging pays: on crops of real faces the error of
 * bilinear sampling to the mean over the area is 0.7 grey levels (RMS) at 1.1, 1.0 at 1.5, 1.5 at 2
 * and 2.1 at 2.4, where this stays at 0.4 to 0.5. */
#define WARP_AREA_FROM 1.5

/* What a worker keeps between calls. One thread at a time. */
struct warp_area {
    struct warp_ops ops;
    struct resizer resizer;
    struct image small, twice;
};

void warp_area_init(struct warp_area *a, unsigned cpu_mask);
void warp_area_release(struct warp_area *a); /* NULL is fine */

/* dst (already shaped; same channels as src) = src warped by m (source to destination), black
 * outside. ERR_DATA if m cannot be inverted. */
int warp_perspective_area(struct warp_area *a, struct image *dst, const struct image *src,
                          const struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
