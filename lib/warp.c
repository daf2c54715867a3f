#include "lib/warp.h"

#include <math.h>
#include <stdbool.h>

#include "lib/warp_internal.h"

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
        int above = (a * (WARP_ONE - fx) + b * fx + (1 << (WARP_CUT - 1))) >> WARP_CUT;
        int below = (d * (WARP_ONE - fx) + e * fx + (1 << (WARP_CUT - 1))) >> WARP_CUT;

        dst[i] =
            (uint8_t)((above * (WARP_ONE - fy) + below * fy + (1 << (WARP_LAST - 1))) >> WARP_LAST);
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
