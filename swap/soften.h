/*
 * Softening a 0/255 mask inwards. The mask is eroded by half the kernel and then blurred with it,
 * so the soft mask is 0 wherever the hard one is: what a sample's box and mask claim is what has
 * changed. (The reference code blurs without eroding, so that its change reaches 2 pixels out of
 * its own mask.) The Gaussian has the reference's proportions: 5 x 5 pixels, sigma 3.
 */
#ifndef LP_SWAP_SOFTEN_H
#define LP_SWAP_SOFTEN_H

#include "lib/err.h"
#include "lib/image.h"
#include "lib/geometry.h"
#include "swap/kernels.h"

#define SOFTEN_MAX 31 /* largest kernel */

/* Scratch; zero-initialise, reuse, soften_release(). */
struct soften {
    struct image thin, eroded;
    uint16_t *across;
    uint8_t *room;
    size_t across_cap, room_cap;
};

/*
 * soft (reshaped) = mask softened with a `kernel` x `kernel` window (odd, 1..SOFTEN_MAX; 1 = copy).
 * `area` holds all non-zero pixels of the mask; pixels beyond the picture count as the nearest one
 * in it, so a mask that leaves the picture is not softened along the picture's edge.
 */
int soften(struct soften *s, const struct swap_ops *ops, struct image *soft,
           const struct image *mask, struct rect area, int kernel, struct err *err) LP_MUST_CHECK;

void soften_release(struct soften *s);

#endif
