/* The published noise chain (augmentor.py, utils/image_process.py): its parts, for their tests. The
 * draws are those of augment.h, so that a corrected step changes the same samples. */
#ifndef LP_SWAP_PUBLISHED_AUGMENT_H
#define LP_SWAP_PUBLISHED_AUGMENT_H

#include "swap/augment.h"

/* trunc(clip(255^(1 - 1/g) (x + 1e-15)^(1/g))): one level too dark at most values. */
uint8_t published_gamma_value(double g, int x);

#define MOTION_SIDE_MAX 22

/* The one-sided line of `length` (1..10) pixels: kernel[side][side], its points have `weight` each.
 * Returns the side, 2 length max(|cos|, |sin|) cut off; 0 when it comes to nothing. */
int published_motion_kernel(double angle_deg, int length,
                            uint8_t kernel[MOTION_SIDE_MAX][MOTION_SIDE_MAX], double *weight);

/* trunc((1 - share) x + share colour). */
uint8_t published_tone_value(double share, double colour, int x);

#endif
