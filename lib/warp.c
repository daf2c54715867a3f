#include "lib/warp.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/warp_internal.h"

/* ---- under a homography --------------------------------------------------------------------- */

/* Samples one pixel; taps outside of src are black. u and v are positions in 1/WARP_ONE pixels. */
void warp_pixel_c(uint8_t *dst, const struct image *src, int u, int v)
{
    int x = u >> WARP_BITS, y = v >> WARP_BITS, c = src->channels, i;
    int fx = u & (WARP_ONE - 1), fy = v & (WARP_ONE - 1);
    const uint8_t *p = src->data + (ptrdiff_t)y * src->stride + (ptrdiff_t)x * c;
    bool left = x >= 0 && x < src->width, right = x + 1 >= 0 && x + 1 < src->width;
    bool top = y >= 0 && y < src->height, bottom = y + 1 >= 0 && y + 1 < src->height;

    for (i = 0; i < c; i++) {
        int a = left && top ? p[i] : 0, b = right && top ? p[i + c] : 0;
        int d = left && bottom ? p[src->stride + i] : 0;
        int e = right && bottom ? p[src->stride + i + c] : 0;
        int above = a * (WARP_ONE - fx) + b * fx, below = d * (WARP_ONE - fx) + e * fx;

        dst[i] = (uint8_t)((above * (WARP_ONE - fy) + below * fy + WARP_HALF) >> (2 * WARP_BITS));
    }
}

static void row_c(uint8_t *dst, int n, int y, const struct image *src, const struct mat3 *inv)
{
    const double *m = inv->m;
    double ax = m[1] * y + m[2], ay = m[4] * y + m[5], aw = m[7] * y + m[8];
    double far_x = src->width + 1, far_y = src->height + 1;
    int x, c = src->channels;

    for (x = 0; x < n; x++) {
        double scale = 1 / (m[6] * x + aw);
        double u = (m[0] * x + ax) * scale, v = (m[3] * x + ay) * scale;

        /* In this order, so that what is no number lands outside, as in the vector code. */
        u = u > -2 ? u : -2;
        v = v > -2 ? v : -2;
        u = u < far_x ? u : far_x;
        v = v < far_y ? v : far_y;
        warp_pixel_c(dst + x * c, src, (int)(u * WARP_ONE + WARP_BIAS) - (int)WARP_BIAS,
                     (int)(v * WARP_ONE + WARP_BIAS) - (int)WARP_BIAS);
    }
}

void warp_ops_init(struct warp_ops *ops, unsigned cpu_mask)
{
    ops->row = row_c;
#if defined(__x86_64__)
    warp_ops_init_x86(ops, cpu_mask);
#else
    (void)cpu_mask;
#endif
}

int warp_perspective(const struct warp_ops *ops, struct image *dst, const struct image *src,
                     const struct mat3 *m, struct err *err)
{
    struct mat3 inverse;
    int y;

    if (dst->channels != src->channels)
        return err_set(err, ERR_FAULT, "warp of %d channels into %d", src->channels, dst->channels);
    if (!mat3_invert(m, &inverse))
        return err_set(err, ERR_DATA, "the transform cannot be inverted");
    for (y = 0; y < dst->height; y++)
        ops->row(image_row(dst, y), dst->width, y, src, &inverse);
    return 0;
}

/* ---- resizing ------------------------------------------------------------------------------- */

/* For each place on the new axis: the first old place that it takes from, and the weights, which
 * are in 1/16384 and sum to one exactly. */
#define AXIS_BITS 14
struct axis {
    int *first, *count;
    uint16_t *weight; /* `taps` for each place */
    int taps;
};

static void axis_release(struct axis *a)
{
    free(a->first);
    free(a->count);
    free(a->weight);
}

static void area_weights(struct axis *a, int i, int from, int to)
{
    double scale = (double)from / to, lo = i * scale, hi = (i + 1) * scale;
    int k, end = (int)ceil(hi - 1e-9), before = 0;

    end = end < from ? end : from;
    a->first[i] = (int)(lo + 1e-9);
    a->count[i] = end - a->first[i];
    for (k = 0; k < a->count[i]; k++) {
        double upto = fmin((a->first[i] + k + 1 - lo) / scale, 1);
        int now = k + 1 == a->count[i] ? 1 << AXIS_BITS : (int)(upto * (1 << AXIS_BITS) + 0.5);

        a->weight[(size_t)i * (size_t)a->taps + (size_t)k] = (uint16_t)(now - before);
        before = now;
    }
}

static void linear_weights(struct axis *a, int i, int from, int to)
{
    double at = fmin(fmax((i + 0.5) * from / to - 0.5, 0), from - 1);
    uint16_t *w = a->weight + (size_t)i * (size_t)a->taps;

    a->first[i] = (int)at;
    w[1] = (uint16_t)((at - a->first[i]) * (1 << AXIS_BITS) + 0.5);
    w[0] = (uint16_t)((1 << AXIS_BITS) - w[1]);
    a->count[i] = w[1] ? 2 : 1;
}

static bool axis_init(struct axis *a, int from, int to)
{
    int i;

    a->taps = to < from ? (int)((double)from / to) + 3 : 2;
    a->first = mem_array((size_t)to, sizeof(*a->first));
    a->count = mem_array((size_t)to, sizeof(*a->count));
    a->weight = mem_array((size_t)to * (size_t)a->taps, sizeof(*a->weight));
    if (!a->first || !a->count || !a->weight)
        return false;
    for (i = 0; i < to; i++)
        if (to < from)
            area_weights(a, i, from, to);
        else
            linear_weights(a, i, from, to);
    return true;
}

/* One row between the rows of src, with 8 bits after the point. */
static void blend_rows(uint16_t *out, uint32_t *sum, const struct image *src, int first, int count,
                       const uint16_t *weight)
{
    int n = src->width * src->channels, x, k;

    memset(sum, 0, (size_t)n * sizeof(*sum));
    for (k = 0; k < count; k++) {
        const uint8_t *in = image_row(src, first + k);
        uint32_t w = weight[k];

        for (x = 0; x < n; x++)
            sum[x] += w * in[x];
    }
    for (x = 0; x < n; x++)
        out[x] = (uint16_t)((sum[x] + (1 << (AXIS_BITS - 9))) >> (AXIS_BITS - 8));
}

static void blend_columns(uint8_t *out, const uint16_t *in, const struct axis *a, int width, int c)
{
    int x, k, i;

    for (x = 0; x < width; x++) {
        const uint16_t *w = a->weight + (size_t)x * (size_t)a->taps;
        const uint16_t *p = in + (size_t)a->first[x] * (size_t)c;
        uint32_t sum[3] = {1u << (AXIS_BITS + 7), 1u << (AXIS_BITS + 7), 1u << (AXIS_BITS + 7)};

        for (k = 0; k < a->count[x]; k++)
            for (i = 0; i < c; i++)
                sum[i] += (uint32_t)w[k] * *p++;
        for (i = 0; i < c; i++)
            *out++ = (uint8_t)(sum[i] >> (AXIS_BITS + 8));
    }
}

int warp_resize(struct image *dst, const struct image *src, struct err *err)
{
    size_t n = (size_t)src->width * (size_t)src->channels;
    struct axis across = {0}, down = {0};
    uint16_t *row = NULL;
    uint32_t *sum = NULL;
    int y, r = 0;

    if (dst->channels != src->channels)
        return err_set(err, ERR_FAULT, "resize of %d channels into %d", src->channels,
                       dst->channels);
    row = mem_aligned(n, sizeof(*row));
    sum = mem_aligned(n, sizeof(*sum));
    if (!row || !sum || !axis_init(&across, src->width, dst->width) ||
        !axis_init(&down, src->height, dst->height)) {
        r = err_nomem(err);
        goto out;
    }
    for (y = 0; y < dst->height; y++) {
        blend_rows(row, sum, src, down.first[y], down.count[y],
                   down.weight + (size_t)y * (size_t)down.taps);
        blend_columns(image_row(dst, y), row, &across, dst->width, dst->channels);
    }
out:
    axis_release(&across);
    axis_release(&down);
    free(row);
    free(sum);
    return r;
}
