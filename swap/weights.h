/*
 * What becomes of a 0/255 mask before it weighs two pictures: blurs, erosion, dilation, feathering.
 * All of the sample's size. What lies beyond the picture counts as the nearest pixel in it.
 */
#ifndef LP_SWAP_WEIGHTS_H
#define LP_SWAP_WEIGHTS_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/image.h"
#include "swap/pose.h"

#define WEIGHTS_REACH 20 /* pixels: of the widest blur, to one side */
#define WEIGHTS_ROW   (SAMPLE_PX + 2 * WEIGHTS_REACH)

/* Scratch, about 0.4 MiB; weights_new(), weights_free(). */
struct weights {
    float v[SAMPLE_PX * SAMPLE_PX]; /* 0..1 */
    float other[SAMPLE_PX * SAMPLE_PX], row[WEIGHTS_ROW];
};

/* *w = the scratch, made if it is NULL. */
int weights_new(struct weights **w, struct err *err) LP_MUST_CHECK;
void weights_free(struct weights *w);

/* v = 1 where the mask (1 channel) is not 0, else 0. */
void weights_set(struct weights *w, const struct image *mask);

/* Separable Gaussian of standard deviation `sigma`, cut off `reach` pixels to each side
 * (at most WEIGHTS_REACH). sigma 0 = that of OpenCV for a kernel of this size. */
void weights_blur(struct weights *w, int reach, double sigma);

/* Divides by the largest value, if that is above 0. */
void weights_normalise(struct weights *w);

/* v = v < least ? 0 : 1 */
void weights_cut(struct weights *w, float least);

/* mask = round(255 ratio v), or of 4 v (1 - v) with `ring`. */
void weights_get(const struct weights *w, double ratio, bool ring, struct image *mask);

/* v *= min(distance to the nearest pixel where v is 0, in pixels, / margin, 1): exact Euclidean
 * distances (Felzenszwalb and Huttenlocher 2012). v must be 0 or 1. Leaving the picture is no
 * edge. */
void weights_feather(struct weights *w, double margin);

/* Least (dilate: largest) of the k x k pixels around each, k odd, in place. `other` is scratch. */
int mask_erode(struct image *mask, struct image *other, int k, struct err *err) LP_MUST_CHECK;
int mask_dilate(struct image *mask, struct image *other, int k, struct err *err) LP_MUST_CHECK;

#endif
