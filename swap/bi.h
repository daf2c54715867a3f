/*
 * Blended images of Face X-ray (Li et al., "Face X-ray for More General Face Forgery Detection",
 * CVPR 2020): the face of another person whose landmarks lie alike, given the colours of the face
 * below and pasted through a deformed region of it. The target is the blending boundary
 * B = 4 M (1 - M), the member .xray.png.
 *
 * Parameters of the public code: four regions, evenly; a piecewise-affine 4 x 4 grid, standard
 * deviation 0.01 to 0.15 of the side; half of the masks eroded by an odd kernel of 3 to 21 pixels,
 * the others dilated by 3 or 5; mean colour; edges feathered over 0.2 of the face's larger side.
 * Left out: its changes of resolution and JPEG, for which swap.augment has `bi` and `coarse`.
 */
#ifndef LP_SWAP_BI_H
#define LP_SWAP_BI_H

#include "swap/method.h"
#include "swap/region.h"

/* All zero: the plain region, a hard edge. */
struct bi_draws {
    enum region_kind region;
    double grid_sd;          /* of the deformation, fractions of the side */
    int erode_px, dilate_px; /* odd kernel or 0 */
    double feather;          /* fraction of the face's larger side; 0 = hard */
};

/* A pure function of its arguments. */
void bi_draw(unsigned allowed, uint64_t seed, uint32_t epoch, const char *id, struct bi_draws *d);

/* As the method's make(), with given draws, of a real frame and its donor. */
int bi_blend(const struct swap_settings *set, const struct swap_input *in, const struct bi_draws *d,
             struct swap_scratch *s, struct swap_sample *out, struct err *err) LP_MUST_CHECK;

/* After sample_genuine(): s->fg = the donor's face, by its own five points where those of the frame
 * lie, with the same jitter. */
int donor_place(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct err *err) LP_MUST_CHECK;

#endif
