/*
 * Augmentations: changes to a finished sample's pixels that keep its geometry, so that its mask and
 * box stay true. A table; the configuration says which are run and in which order.
 *
 * The ten here are the training chain of Dong et al. (CVPR 2023; CADDM augmentor.py and
 * image_process.py), with its probabilities and ranges, and without three faults of that code:
 * values are rounded, not truncated (which darkens a little at each step); the motion kernel is
 * centred (the reference's one-sided line moves the face by half its length against the box);
 * and the change of resolution, whose result the reference throws away, is done.
 *
 * Each augmentation has a stream of its own, (seed, epoch, id, "augment/NAME"): what one draws does
 * not depend on which others are run, nor on their order.
 */
#ifndef LP_SWAP_AUGMENT_H
#define LP_SWAP_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/image.h"
#include "lib/media.h"
#include "lib/rng.h"
#include "lib/str.h"

#define AUGMENTATIONS 10

/* Zero-initialise, set codec, reuse, augment_scratch_release(). One a worker. */
struct augment_scratch {
    struct media_codec *codec; /* borrowed; only `jpeg` needs it */
    struct str bytes;
    struct image padded, small;
    float *row;
    int8_t *table;
    size_t row_cap, table_cap;
};

struct augmentation {
    const char *name;
    const char *help;
    double probability;
    /* Changes `img` (3 channels) in place, drawing from `rng`. ERR_NOMEM, or what the codec says.
     */
    int (*apply)(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err);
};

/* NULL-terminated, in the paper's order. */
extern const struct augmentation *const augmentations[AUGMENTATIONS + 1];

/* What is run, in order. */
struct augment_chain {
    const struct augmentation *step[AUGMENTATIONS];
    int n;
};

/* From names of the table; "paper" stands for all ten in the paper's order. ERR_CONFIG naming
 * swap.augment if a name is unknown or comes twice (it would draw the same again). */
int augment_chain_read(struct augment_chain *chain, const char *const *names, size_t n,
                       struct err *err) LP_MUST_CHECK;

/* Seeds the augmentation's stream and draws whether it is applied. */
bool augment_drawn(const struct augmentation *a, uint64_t seed, uint32_t epoch, const char *id,
                   struct rng *rng);

/* Runs the chain. Bit i of *applied says that step[i] was applied. */
int augment(const struct augment_chain *chain, uint64_t seed, uint32_t epoch, const char *id,
            struct augment_scratch *s, struct image *img, unsigned *applied,
            struct err *err) LP_MUST_CHECK;

void augment_scratch_release(struct augment_scratch *s);

/* ---- parts of the augmentations, for their tests
 * -----------------------------------------------*/

/* 255^(1 - 1/g) x^(1/g), 0..255, before rounding: the brightness curve of exponent 1/g. */
double augment_gamma_value(double g, int x);

/* Factors of saturation and value; 1 where none was drawn. */
void augment_draw_hsv(struct rng *rng, double *saturation, double *value);

/* Standard deviation of `noise`, grey levels: weak (0..4) or strong (15..21), half each. */
int augment_draw_sigma(struct rng *rng);

struct augment_tap {
    int dx, dy;
    float weight; /* they sum to 1 */
};
#define AUGMENT_TAPS_MAX 64

/*
 * A line of `length` pixels (1..10) through the middle, at `angle_deg` from the x axis towards y.
 * Its points are one pixel apart along the larger axis and as many as the reference draws,
 * round(length max(|cos|, |sin|)); each is spread over the pixels around it so that the centroid is
 * exactly the middle. Returns the number of taps.
 */
int augment_motion_taps(double angle_deg, int length, struct augment_tap tap[AUGMENT_TAPS_MAX]);

extern const struct augmentation augment_jpeg, augment_normalise, augment_quantise, augment_hsv,
    augment_gamma, augment_motion, augment_blur, augment_noise, augment_tone, augment_resize;

#endif
