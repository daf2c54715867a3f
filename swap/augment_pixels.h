/* What more than one augmentation does to pixels. */
#ifndef LP_SWAP_AUGMENT_PIXELS_H
#define LP_SWAP_AUGMENT_PIXELS_H

#include "swap/augment.h"

/* Each value of each channel through one table. */
void pixels_look_up(struct image *img, const uint8_t lut[256]);

/* The least and the largest value of all channels. */
void pixels_range(const struct image *img, int *least, int *most);

/* Normal numbers of a deviation of 2 levels on a grid of 56 x 56 nodes over the picture, bilinear
 * between them: for a sample, noise of four pixels' size. */
struct coarse_noise {
    const float *nodes; /* of the scratch */
    double *row;        /* of the scratch: the last row made */
    double step_x, step_y;
    int width;
};

/* Draws the nodes. ERR_NOMEM. */
int coarse_noise_draw(struct coarse_noise *n, struct augment_scratch *s, const struct image *img,
                      struct rng *rng, struct err *err) LP_MUST_CHECK;

/* n->row[x] = what row y gets, in levels, x = 0 .. width-1. */
void coarse_noise_row(const struct coarse_noise *n, int y);

#endif
