/*
 * Structural dissimilarity of two pictures and the window where it is largest.
 *
 * D = |1 - SSIM| / 2 per channel, SSIM of Wang et al. 2004 with an 11 x 11 Gaussian window of
 * sigma 1.5 pixels, C1 = (0.01 * 255)^2, C2 = (0.03 * 255)^2, border reflected about the outermost
 * pixel (reflect-101): what the MFS of Dong et al. 2023 scores windows with. Computed in 32-bit
 * floats relative to mid-grey; within 2e-5 of a computation in doubles.
 */
#ifndef LP_SWAP_DSSIM_H
#define LP_SWAP_DSSIM_H

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"
#include "swap/kernels.h"

/* Scratch and result; zero-initialise, reuse, dssim_release(). One a worker. */
struct dssim {
    struct rect area; /* of the last map */
    float *map;       /* area height x area width: D summed over the channels */
    double *sums;     /* (height + 1) x (width + 1) summed-area table of what the mask allows */
    float *rows;      /* scratch */
    size_t map_cap, sums_cap, rows_cap;
};

/* d->map over `area`, which must lie inside the two equally shaped 3-channel pictures, each at
 * least 6 pixels on a side (ERR_DATA). */
int dssim_map(struct dssim *d, const struct swap_ops *ops, const struct image *a,
              const struct image *b, struct rect area, struct err *err) LP_MUST_CHECK;

/*
 * The w x h window that holds the most dissimilarity, counting only pixels where `mask` (1 channel,
 * shape of the pictures) is not 0. Every position inside `frame` is tried (step 1); the first in
 * raster order wins. A window larger than `area` on an axis is centred on it there. *sum is the
 * winner's total, 0 when nothing differs inside the mask.
 */
int dssim_best_window(struct dssim *d, const struct image *mask, struct rect frame, int w, int h,
                      struct rect *best, double *sum, struct err *err) LP_MUST_CHECK;

void dssim_release(struct dssim *d);

#endif
