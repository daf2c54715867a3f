/*
 * The published choice of the patch of a partial swap: structural dissimilarity in double precision
 * and a coarse search for the window that holds most of it (CADDM partial_swap_mask.py).
 */
#ifndef LP_SWAP_PUBLISHED_PATCH_H
#define LP_SWAP_PUBLISHED_PATCH_H

#include "lib/geometry.h"
#include "swap/published_cv.h"

#define PATCH_STEPS 5 /* windows are tried at every fifth part of the area, on each axis */

/* Zero-initialise, reuse, published_patch_release(). One a worker. */
struct published_patch {
    double *map; /* of the last published_dssim(): rows x columns x 3 */
    double *rows, *sums;
    size_t map_cap, rows_cap, sums_cap;
};

/*
 * map = |1 - SSIM| / 2 of each channel, SSIM of Wang et al. 2004: 11 x 11 Gaussian of 1.5 pixels,
 * C1 = (0.01 * 255)^2, C2 = (0.03 * 255)^2, border reflect-101. Two pictures of one shape, 3
 * channels, sides of 2 or more (ERR_DATA).
 */
int published_dssim(struct published_patch *p, const struct image *a, const struct image *b,
                    struct err *err) LP_MUST_CHECK;

/*
 * The window of `win_w` x `win_h` with the largest sum of map (w x h x 3) among those at multiples
 * of step_x and step_y that lie inside; the first in raster order wins. Empty when no sum is above
 * 0.
 */
struct rect published_search(const double *map, int w, int h, int win_w, int win_h, int step_x,
                             int step_y);

/* The same of every position (step 1), from a summed-area table of p->map, which is w x h x 3: what
 * the correction "search" does. */
int published_search_every(struct published_patch *p, int w, int h, int win_w, int win_h,
                           struct rect *best, struct err *err) LP_MUST_CHECK;

/* The rectangle that the dissimilarity is looked at in: the hull's, 1.2 times as wide and high,
 * not yet clipped to the picture. `hull` is in whole pixels, x1 and y1 its largest coordinates. */
struct rect published_crop(struct rect hull);

void published_patch_release(struct published_patch *p);

#endif
