/*
 * mfs-published: multi-scale facial swap as the published code of Dong et al. (CVPR 2023; CADDM,
 * github.com/megvii-research/CADDM at b3f7619) does it, faults included, and its corrections, each
 * of which can be switched on by name. With none the published samples; with all of them the
 * samples of `mfs`, byte for byte.
 *
 * The parts, in the order of the reference's preprocess.py:
 *   published_cv     what OpenCV does to the last bit: resize, warp, small Gaussian
 *   published_pose   align_5p
 *   published_mask   hull, fillPoly, elastic deformation
 *   published_patch  DSSIM and the search for a window
 *   published_clone  seamlessClone
 *   published_swap   one swap in frame pixels, from mask to blended picture
 *   published_augment  the noise chain
 *   published        the method: draws, swap, alignment, label
 */
#ifndef LP_SWAP_PUBLISHED_H
#define LP_SWAP_PUBLISHED_H

#include "swap/augment.h"
#include "swap/method.h"

/* In the order of the man page's list. */
enum correction {
    FIX_MIRROR,
    FIX_BOX_AXES,
    FIX_POISSON_CENTRE,
    FIX_MASK_TYPE,
    FIX_PATCH_OFFSET,
    FIX_PATCH_CENTRE,
    FIX_PATCH_HULL,
    FIX_BOX_PATCH,
    FIX_WINDOWS,
    FIX_SIZES,
    FIX_RESIZE,
    FIX_LANDMARKS,
    FIX_ELASTIC,
    FIX_ROUNDING,
    FIX_BOX_FACE,
    FIX_MOTION,
    FIX_HULL,
    FIX_SEARCH,
    FIX_SOFTEN,
    FIX_POISSON_DOMAIN,
    FIX_SCALE,
    FIX_RESAMPLE,
    FIX_BORDER,
    FIX_SKIP,
    FIX_SAMPLE_PIXELS,
    CORRECTIONS
};

#define CORRECTIONS_ALL ((1u << CORRECTIONS) - 1)

static inline bool corrected(uint32_t corrections, enum correction c)
{
    return corrections >> c & 1;
}

struct correction_info {
    const char *name;
    const char *help;   /* what it changes; one sentence without a capital or a full stop */
    const char *source; /* FILE:LINE of the reference code that it corrects */
};

extern const struct correction_info published_corrections[CORRECTIONS];

/* From names of the table; "all" = all of them. ERR_CONFIG if a name is unknown, or if
 * sample-pixels is there without all others (it hands the work to mfs, which has them). */
int published_corrections_read(uint32_t *corrections, const char *const *names, size_t n,
                               struct err *err) LP_MUST_CHECK;

/* Puts the published form of each step in the place of the corrected one, where its correction is
 * off. */
void published_augment_chain(struct augment_chain *chain, uint32_t corrections);

/* Per-worker memory of the method, made at the first sample. NULL-safe. */
struct published_scratch;
void published_scratch_free(struct published_scratch *s);

#endif
