/*
 * Face warping artifacts (Li and Lyu, "Exposing DeepFake Videos By Detecting Face Warping
 * Artifacts", CVPR Workshops 2019): a real face is brought to the square of a face generator, loses
 * resolution there, and is warped back: the traces of a swap without a swap.
 *
 * Parameters of the public code: a square of 256 pixels; scaled by one of 0.2, 0.3, .. 0.8, blurred
 * 5 x 5 and scaled back; one of five regions, nine in ten deformed by a 4 x 4 grid of standard
 * deviation 20 pixels of the square and nine in ten with a smoothed outline; a hard edge. The
 * square is that of swap/pose.h without jitter.
 */
#ifndef LP_SWAP_FWA_H
#define LP_SWAP_FWA_H

#include "swap/method.h"
#include "swap/region.h"

/* All zero but scale 1: nothing changes but by resampling. */
struct fwa_draws {
    double scale; /* of the square's resolution, up to 1 */
    bool blur;    /* 5 x 5, at that resolution */
    enum region_kind region;
    double grid_sd_px; /* of the deformation, pixels of the square; 0 = none */
    int smooth_px;     /* the outline is smoothed by a Gaussian with this reach; 0 = not */
};

/* A pure function of its arguments. */
void fwa_draw(unsigned allowed, uint64_t seed, uint32_t epoch, const char *id, struct fwa_draws *d);

/* As the method's make(), with given draws, of a real frame. */
int fwa_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct fwa_draws *d, struct swap_scratch *s, struct swap_sample *out,
              struct err *err) LP_MUST_CHECK;

#endif
