/*
 * Planar 8-bit Y'CbCr to RGB: what most video is. Chroma is interpolated linearly in the directions
 * in which it has fewer samples, which are taken as centred between the luma samples; then the
 * matrix is applied in 32-bit integers and rounded once. Results are within 0.6 of the formula in
 * reals (ITU-T H.273, 8.3: Kr, Kb, ranges) and do not depend on the processor.
 */
#ifndef LP_YUV_H
#define LP_YUV_H

#include <stdbool.h>

#include "lib/image.h"

struct yuv_planes {
    const uint8_t *data[3]; /* Y', Cb, Cr */
    ptrdiff_t stride[3];    /* bytes; may be negative */
    int width, height;      /* of luma */
    bool half_x, half_y;    /* chroma has every second column, row (rounded up) */
    double kr, kb;          /* share of red and of blue in luma */
    bool full;              /* 0..255, else 16..235 and 16..240 */
};

/* Numbers of the matrix in 1/2^17; made by yuv_to_rgb. */
struct yuv_matrix {
    int16_t y;                  /* 2^14 for a step of 8 */
    int16_t r_v, g_u, g_v, b_u; /* for a step of 16 */
    int16_t black;              /* luma of black */
};

/* Variants of the inner loops. */
struct yuv_ops {
    /* out[i] = 3 near[i] + far[i] */
    void (*blend)(int16_t *out, const uint8_t *near, const uint8_t *far, int n);
    /* Twice as many, from v[-1] .. v[n]: (v[k-1] + 3 v[k], 3 v[k] + v[k+1]) - 2048. */
    void (*widen)(int16_t *out, const int16_t *v, int n);
    /* u and v are 16 times the sample, less 2048. */
    void (*colour)(uint8_t *rgb, const uint8_t *y, const int16_t *u, const int16_t *v, int n,
                   const struct yuv_matrix *m);
};
void yuv_ops_init(struct yuv_ops *ops, unsigned cpu_mask);

/* Rows in between; zero-initialise, keep, release. */
struct yuv_scratch {
    int16_t *rows;
    size_t capacity; /* numbers */
};

/* dst is shaped to the planes' size, 3 channels. */
int yuv_to_rgb(const struct yuv_ops *ops, struct yuv_scratch *s, const struct yuv_planes *p,
               struct image *dst, struct err *err) LP_MUST_CHECK;
void yuv_scratch_release(struct yuv_scratch *s);

#endif
