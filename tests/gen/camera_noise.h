/* The noise of a camera's sensor, a pure function of (seed, name, frame). */
#ifndef LP_CAMERA_NOISE_H
#define LP_CAMERA_NOISE_H

#include <stdint.h>

#include "lib/image.h"

#define CAMERA_NOISE_N 65536

struct camera_noise {
    float tile[CAMERA_NOISE_N]; /* standard normal numbers */
};

void camera_noise_init(struct camera_noise *c);

/* Adds noise of standard deviation `sigma` levels to an RGB image, in place: mostly grey, a little
 * red against blue. */
void camera_noise_add(const struct camera_noise *c, struct image *img, uint64_t seed,
                      const char *name, int frame, double sigma);

#endif
