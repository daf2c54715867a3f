/*
 * One swap as published: from two pictures of one size and the landmarks to the blended picture, in
 * the pictures' own pixels, before the alignment (mfs.py, partial_swap_mask.py), with whatever
 * corrections are on. Private to mfs-published.
 */
#ifndef LP_SWAP_PUBLISHED_SWAP_H
#define LP_SWAP_PUBLISHED_SWAP_H

#include "swap/draws.h"
#include "swap/published.h"
#include "swap/published_clone.h"
#include "swap/published_mask.h"
#include "swap/published_patch.h"

struct published_scratch {
    struct published_patch patch;
    struct published_clone clone;
    struct published_elastic elastic;
    struct image self_half, pristine, pristine_half; /* the pictures */
    struct image hard, hull, soft;                   /* masks, 0..255 */
    struct plane hard_plane, soft_plane;             /* of masks of doubles */
    struct image blended, moved_fg, moved_mask;
    struct image aligned_bg, beyond, inside, scratch;
};

/* What is swapped. `landmarks` are in the pictures' pixels: whole numbers unless FIX_LANDMARKS. */
struct published_pair {
    const struct image *fg, *bg; /* one size, 3 channels */
    struct landmarks landmarks;
    struct mat3 still;     /* picture -> sample pixels, without jitter */
    double alpha;          /* of the published deformation */
    double sigma;          /* its Gaussian, pixels */
    struct rng noise, rng; /* its fields; the corrected deformation */
};

struct published_result {
    enum swap_blend blend;      /* what was done */
    const char *fallback;       /* or NULL */
    struct image *image, *mask; /* in the scratch: the picture, and where the foreground went */
    struct rect patch;          /* partial swaps: the window, before it is cut to the hull */
    double elastic_rms;         /* picture pixels; 0 = not deformed */
    enum hull_kind hull;
};

/* ERR_DATA, with the reason, when the pair gives no swap. */
int published_blend(const struct swap_settings *set, const struct swap_draws *d,
                    struct published_pair *pair, struct swap_scratch *s,
                    struct published_scratch *p, struct published_result *out,
                    struct err *err) LP_MUST_CHECK;

/* The outline of the face in the pixels of the landmarks. */
void published_outline(const struct swap_settings *set, const struct landmarks *l,
                       struct polygon *outline, enum hull_kind *used);

#endif
