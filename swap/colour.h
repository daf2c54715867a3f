/*
 * Colours and sharpness of a copy of a face, before it is blended.
 */
#ifndef LP_SWAP_COLOUR_H
#define LP_SWAP_COLOUR_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/image.h"
#include "lib/rng.h"

/* What self-blended images do to one of the two copies. All zero: nothing. */
struct copy_change {
    double shift[3]; /* grey levels, a channel */
    double brightness, contrast;
    int shrink;            /* 2 or 4: resolution divided by it; else 0 */
    double sharpen, light; /* share and centre weight of the sharpening kernel; share 0 = none */
};

void copy_change_draw(struct copy_change *c, struct rng *rng);

/* Changes img (3 channels, sides a multiple of 4). `other` is scratch. */
int copy_change(const struct copy_change *c, struct image *img, struct image *other,
                struct err *err) LP_MUST_CHECK;

/* A shift of hue, saturation and value (Smith's hexcone, 1978). */
struct hsv_change {
    double hue_deg;           /* 60 or less either way */
    double saturation, value; /* of 255 */
};

/* Each even within 0.3 of what 8-bit HSV counts in: 2 degrees of hue, 1/255 of the others. So small
 * are the limits in the published code of self-blended images, which gives +-0.3 to a library that
 * takes them in those units. */
void hsv_change_draw(struct hsv_change *c, struct rng *rng);

/* Changes img (3 channels) in real numbers, rounded once at the end. */
void hsv_change(const struct hsv_change *c, struct image *img);

/*
 * Gives fg the colours of bg: per channel, the mean of fg where the mask is not 0 is shifted to
 * that of bg there, and with `spread` the standard deviation too (Reinhard et al. 2001, in RGB).
 * The whole of fg is changed, rounded and clipped. All of one shape; the mask has 1 channel.
 */
void colour_match(struct image *fg, const struct image *bg, const struct image *mask, bool spread);

#endif
