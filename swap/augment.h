/*
 * Augmentations: changes to a finished sample's pixels that keep its geometry, so that its mask and
 * box stay true. A table; the configuration says which are run, in which order, and how often.
 *
 * The set `paper` is the training chain of Dong et al. (CVPR 2023; CADDM augmentor.py and
 * image_process.py), with its probabilities and ranges, and without three faults of that code:
 * values are rounded, not truncated (which darkens a little at each step); the motion kernel is
 * centred (the reference's one-sided line moves the face by half its length against the box);
 * and the change of resolution, whose result the reference throws away, is done.
 *
 * The set `sbi` is what the code of self-blended images (Shiohara and Yamasaki, CVPR 2022) does to
 * both pictures of a pair, `bi` what the public code of Face X-ray (Li et al., CVPR 2020) does to
 * all its samples. The other steps stand alone.
 *
 * Each augmentation has a stream of its own, (seed, epoch, key, "augment/NAME"), whose first number
 * decides whether it is applied: what one draws does not depend on which others are run, nor on
 * their order, nor on any probability. `key` is the sample's id, or that of the genuine sample
 * whose draws it shares (swap_input.pair).
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
#include "swap/resample.h"

#define AUGMENTATIONS 19 /* at most 32: bits say which were applied */

/* Zero-initialise, set codec, reuse, augment_scratch_release(). One a worker. */
struct augment_scratch {
    struct media_codec *codec; /* borrowed; only `jpeg` needs it */
    struct str bytes;
    struct image padded, small;
    struct resample resample;
    float *row;
    double *noise;
    int8_t *table;
    size_t row_cap, noise_cap, table_cap;
};

struct augmentation {
    const char *name;
    const char *help;
    double probability;
    /* Changes `img` (3 channels) in place, drawing from `rng`. ERR_NOMEM, or what the codec says.
     */
    int (*apply)(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err);
};

/* NULL-terminated; those of each set in its order. */
extern const struct augmentation *const augmentations[AUGMENTATIONS + 1];

/* A word that stands for several. */
struct augment_set {
    const char *name;
    const struct augmentation *const *step; /* NULL-terminated, in order */
};
extern const struct augment_set augment_sets[]; /* up to one without a name */

/* What is run, in order. */
struct augment_chain {
    const struct augmentation *step[AUGMENTATIONS];
    double probability[AUGMENTATIONS];
    int n;
};

/*
 * From words: NAME of a step or of a set adds it at the end; NAME=P gives a step the probability P,
 * where it is if a word before has brought it, else at the end; NAME=0 takes it out. ERR_CONFIG
 * naming swap.augment and the word if it is unknown, if a step comes twice (it would draw the same
 * again), or if P is no number from 0 to 1.
 */
int augment_chain_read(struct augment_chain *chain, const char *const *words, size_t n,
                       struct err *err) LP_MUST_CHECK;

/* Seeds the augmentation's stream and draws whether it is applied, with its own probability. */
bool augment_drawn(const struct augmentation *a, uint64_t seed, uint32_t epoch, const char *key,
                   struct rng *rng);

/* Runs the chain. Bit i of *applied says that step[i] was applied. */
int augment(const struct augment_chain *chain, uint64_t seed, uint32_t epoch, const char *key,
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

/* Of `resize`: down and up again. */
struct augment_resize_draws {
    double ratio; /* 1..2 */
    enum resample_kind down, up;
};
void augment_draw_resize(struct rng *rng, struct augment_resize_draws *d);

/* Of `rescale` and `coarse`: the side of the smaller picture as a share of the sample's, from
 * `least` of 317 pixels to all of them, the size of Face X-ray's pictures. */
double augment_draw_share(struct rng *rng, int least);

/* JPEG quality, least..most, all equally likely. */
int augment_draw_quality(struct rng *rng, int least, int most);

/* Amounts of `rgb-shift` and `brightness`: the rest of *c is zero. */
struct copy_change;
void augment_draw_rgb(struct rng *rng, struct copy_change *c);
void augment_draw_brightness(struct rng *rng, struct copy_change *c);

extern const struct augmentation augment_jpeg, augment_normalise, augment_quantise, augment_hsv,
    augment_gamma, augment_motion, augment_blur, augment_noise, augment_tone, augment_resize;
extern const struct augmentation augment_rgb_shift, augment_hsv_shift, augment_brightness,
    augment_jpeg_40;
extern const struct augmentation augment_rescale, augment_jpeg_60;
extern const struct augmentation augment_downscale, augment_sharpen, augment_coarse;

#endif
