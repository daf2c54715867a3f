/*
 * Resizing along both axes: the average of the area that a new pixel covers when shrinking,
 * bilinear between pixel centres when growing. Weights are 1/16384 and sum to one, so flat pictures
 * stay flat. A plain C reference; faster variants stand behind the same table and give the same
 * bytes.
 */
#ifndef LP_RESIZE_H
#define LP_RESIZE_H

#include "lib/image.h"

#define RESIZE_BITS 14 /* a weight of one is 1 << RESIZE_BITS */

struct resize_ops {
    /* out[x] = the rows' sum under their weights, with 8 bits after the point, x = 0 .. n-1.
     * count >= 1; the weights sum to one. */
    void (*blend_rows)(uint16_t *out, const uint8_t *const *rows, const uint16_t *weight, int count,
                       int n);
};

/* Fills the table with the best variant that `cpu_mask` (lib/cpu.h; ~0u = all) allows. */
void resize_ops_init(struct resize_ops *ops, unsigned cpu_mask);

struct resize_axis {
    int *first, *count; /* of the old places that a new one takes from */
    uint16_t *weight;   /* `taps` for each new place */
    size_t first_cap, count_cap, weight_cap;
    int taps;
};

/* What a worker keeps between calls, so that a loop allocates nothing in the steady state. One
 * thread at a time. */
struct resizer {
    struct resize_ops ops;
    struct resize_axis across, down;
    const uint8_t **rows;
    uint16_t *row;
    size_t rows_cap, row_cap;
};

void resizer_init(struct resizer *r, unsigned cpu_mask);
void resizer_release(struct resizer *r); /* NULL is fine */

/* dst (already shaped; same channels as src) = src resized. ERR_FAULT if the channels differ. */
int resize_image(struct resizer *r, struct image *dst, const struct image *src,
                 struct err *err) LP_MUST_CHECK;

/* The same for the odd picture, with a resizer of its own. */
int resize_once(struct image *dst, const struct image *src, struct err *err) LP_MUST_CHECK;

#endif
