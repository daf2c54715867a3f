/*
 * The seven perturbations of robustness protocols, at five levels: those of DeeperForensics-1.0
 * (Jiang et al., CVPR 2020), whose levels are in its public code, applied to the aligned face.
 *
 * What differs from that code, and why: blocks are placed on faces smaller than 256 pixels too,
 * where it would place none; "pixelate" is what it calls JPEG (a bilinear resize down and up);
 * "video" goes through H.264 at the rate factor with the faces of a video as its frames, which are
 * as far apart as they were sampled.
 */
#ifndef LP_PERTURB_H
#define LP_PERTURB_H

#include "lib/image.h"
#include "lib/rng.h"

#define PERTURB_LEVELS 5

/* Zero-initialise, keep, release; one thread. */
struct perturb_scratch {
    uint16_t *row;
    uint32_t *sum;
    size_t row_cap, sum_cap;
    struct image small;
};
void perturb_scratch_release(struct perturb_scratch *s);

struct perturbation {
    const char *name;
    const char *help;
    double levels[PERTURB_LEVELS];
    /* dst, shaped here, = src at that level. NULL for `video`, whose levels are rate factors. src
     * has 3 channels. */
    int (*apply)(struct image *dst, const struct image *src, double level, struct rng *rng,
                 struct perturb_scratch *s, struct err *err);
};

/* NULL-terminated, in the order of the configuration's enum align.perturb. */
extern const struct perturbation *const perturbations[];

const struct perturbation *perturbation_find(const char *name); /* NULL if there is none */

#endif
