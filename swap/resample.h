/*
 * Resampling of a picture to another size by the interpolations that augmentations draw from. Pixel
 * centres keep their place: new pixel i lies at (i + 1/2) old / new - 1/2 of the old picture, and
 * what lies beyond its edge is its edge. Weights sum to one, so flat pictures stay flat.
 */
#ifndef LP_SWAP_RESAMPLE_H
#define LP_SWAP_RESAMPLE_H

#include <stddef.h>

#include "lib/err.h"
#include "lib/image.h"

enum resample_kind {
    RESAMPLE_NEAREST,
    RESAMPLE_LINEAR,  /* of the two next pixels, however far it shrinks */
    RESAMPLE_CUBIC,   /* Keys' convolution (1981) of four, with a = -3/4 as OpenCV has it */
    RESAMPLE_AREA,    /* mean of what a new pixel covers, also when growing */
    RESAMPLE_LANCZOS, /* sinc(d) sinc(d / 4) of eight, normalised */
    RESAMPLE_KINDS,   /* those above are OpenCV's, of which the paper's chain draws */
    RESAMPLE_TRIANGLE = RESAMPLE_KINDS /* linear, as wide as a new pixel when shrinking: Pillow's */
};

#define RESAMPLE_TAPS 16 /* enough to shrink to a sixth */

struct resample_taps {
    int at[RESAMPLE_TAPS];
    float weight[RESAMPLE_TAPS];
    int n;
};

/* What new pixel i of `to` is made of, `from` pixels being there; to >= from / 6. */
void resample_taps(enum resample_kind kind, int from, int to, int i, struct resample_taps *t);

/* Zero-initialise, reuse, resample_release(). */
struct resample {
    struct resample_taps *across;
    float *row;
    size_t across_cap, row_cap;
};

/* dst (already shaped; 3 channels, like src) = src, rounded. ERR_NOMEM. */
int resample(struct resample *s, struct image *dst, const struct image *src,
             enum resample_kind kind, struct err *err) LP_MUST_CHECK;
void resample_release(struct resample *s);

#endif
