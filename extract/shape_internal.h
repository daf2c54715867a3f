/*
 * A landmark model in memory, and what the variants of the prediction share: private to
 * shape_predictor.c, shape_fit.c and shape_fit_avx2.c.
 *
 * Equal points by construction: the variants do the same operations on floats and doubles in the
 * same order, without fused multiply-adds; leaves are added in the order of the trees.
 */
#ifndef LP_SHAPE_INTERNAL_H
#define LP_SHAPE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "extract/shape_predictor.h"

#define SHAPE_LANES 16 /* floats; a leaf is padded to a multiple of it, a cache line */

/* Goes left when pool[a] - pool[b] > threshold. Pool pixels are whole numbers, so the file's real
 * threshold t is kept as floor(t): for whole d, d > t if and only if d > floor(t). */
struct shape_split {
    uint16_t a, b;
    int16_t threshold;
};

struct shape_level {
    size_t trees;
    size_t features;
    struct shape_split *splits; /* [trees][n_splits], each tree in heap order */
    float *leaves;              /* [trees][n_splits + 1][stride] */
    uint16_t *anchor;           /* [features] point of the mean shape */
    float *delta;               /* [features][2] in the unit square of the face box */
};

struct shape_box {
    double x, y, w, h; /* corner, and distance to the last pixel's centre: dlib's rectangle */
};

struct shape_ops {
    /* pool[i] = grey of the picture where the level's pixel i lies, 0 outside; [c -s; s c] turns
     * and scales the pixel's place. `pool` has room for SHAPE_MAX_FEATURES. */
    void (*read_pool)(uint8_t *pool, const struct shape_level *l, const struct image *img,
                      const struct shape_box *box, const float *shape, float c, float s);
    /* shape[0 .. stride-1] += leaf[0], leaf[1], ... in this order. */
    void (*add_leaves)(float *shape, size_t stride, const float *const *leaf, size_t n);
};

struct shape_predictor {
    struct shape_ops ops;
    int points;
    int depth;
    size_t n_splits; /* of a tree: 2^depth - 1 */
    size_t stride;   /* floats of a leaf: 2 * points, padded */
    size_t n_levels;
    size_t bytes;
    struct shape_level *level;
    float mean[2 * SHAPE_MAX_POINTS + SHAPE_LANES];
    double centre[2]; /* of the mean shape */
    double variance;  /* mean squared distance of its points from the centre */
};

/* The plain C reference. */
void shape_read_pool(uint8_t *pool, const struct shape_level *l, const struct image *img,
                     const struct shape_box *box, const float *shape, float c, float s);
void shape_add_leaves(float *shape, size_t stride, const float *const *leaf, size_t n);

/* The part from the level's pixel `first` on. */
void shape_read_pool_from(size_t first, uint8_t *pool, const struct shape_level *l,
                          const struct image *img, const struct shape_box *box, const float *shape,
                          float c, float s);

void shape_ops_init(struct shape_ops *ops, unsigned cpu_mask);
void shape_ops_init_x86(struct shape_ops *ops, unsigned cpu_mask);

#endif
