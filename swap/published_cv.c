#include "swap/published_cv.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

int plane_shape(struct plane *p, int width, int height, struct err *err)
{
    if (width < 1 || height < 1)
        return err_set(err, ERR_DATA, "a plane of %dx%d", width, height);
    if (mem_grow(&p->v, &p->capacity, (size_t)width * (size_t)height, sizeof *p->v))
        return err_nomem(err);
    p->width = width;
    p->height = height;
    return 0;
}

void plane_release(struct plane *p)
{
    free(p->v);
    *p = (struct plane){0};
}

int cv_reflect_101(int i, int n)
{
    if (n == 1)
        return 0;
    while (i < 0 || i >= n)
        i = i < 0 ? -i : 2 * (n - 1) - i;
    return i;
}

int cv_round(double v)
{
    return v >= INT_MAX ? INT_MAX : v <= INT_MIN ? INT_MIN : (int)rint(v);
}

static int clamp(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* ---- resize ----------------------------------------------------------------------------------*/
#define RESIZE_ONE 2048

/* Where destination index i reads on an axis of n source pixels, and the two weights. */
static int resize_at(int i, int n, double scale, int weight[2])
{
    float f = (float)((i + 0.5) * scale - 0.5);
    int at = (int)floorf(f);

    f -= (float)at;
    if (at < 0) {
        at = 0;
        f = 0;
    }
    if (at >= n - 1) {
        at = n - 1;
        f = 0;
    }
    weight[0] = cv_round((1.0f - f) * RESIZE_ONE);
    weight[1] = cv_round(f * RESIZE_ONE);
    return at;
}

static void halve(struct image *dst, const struct image *src)
{
    int c = src->channels, x, y;

    for (y = 0; y < dst->height; y++) {
        const uint8_t *p = image_row(src, 2 * y), *q = image_row(src, 2 * y + 1);
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < dst->width * c; x++) {
            int at = x / c * 2 * c + x % c;

            out[x] = (uint8_t)((p[at] + p[at + c] + q[at] + q[at + c] + 2) >> 2);
        }
    }
}

int cv_resize_linear(struct image *dst, const struct image *src, struct err *err)
{
    double sx = (double)src->width / dst->width, sy = (double)src->height / dst->height;
    int c = src->channels, x, y, k;
    struct {
        int at, next, weight[2];
    } * column;

    if (src->width == dst->width && src->height == dst->height)
        return image_copy(dst, src, err);
    if (src->width == 2 * dst->width && src->height == 2 * dst->height) {
        halve(dst, src);
        return 0;
    }
    column = mem_array((size_t)dst->width, sizeof *column);
    if (!column)
        return err_nomem(err);
    for (x = 0; x < dst->width; x++) {
        int at = resize_at(x, src->width, sx, column[x].weight);

        column[x].at = at * c;
        column[x].next = at + 1 < src->width ? c : 0;
    }
    for (y = 0; y < dst->height; y++) {
        int weight[2], at = resize_at(y, src->height, sy, weight);
        const uint8_t *p = image_row(src, at);
        const uint8_t *q = image_row(src, clamp(at + 1, 0, src->height - 1));
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < dst->width; x++) {
            int a = column[x].at, b = a + column[x].next;

            for (k = 0; k < c; k++) {
                int up = p[a + k] * column[x].weight[0] + p[b + k] * column[x].weight[1];
                int low = q[a + k] * column[x].weight[0] + q[b + k] * column[x].weight[1];
                int v = ((weight[0] * (up >> 4)) >> 16) + ((weight[1] * (low >> 4)) >> 16);

                *out++ = (uint8_t)clamp((v + 2) >> 2, 0, 255);
            }
        }
    }
    free(column);
    return 0;
}

/* ---- warp ------------------------------------------------------------------------------------*/
#define WARP_BITS  5  /* source coordinates are in 32nds */
#define WARP_BLOCK 64 /* columns whose coordinates are computed from the same first one */

/* invert(DECOMP_LU) of a 3 x 3 matrix: cofactors times 1 / determinant. */
static bool invert(const struct mat3 *a, struct mat3 *out)
{
    const double *m = a->m;
    double d = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
               m[2] * (m[3] * m[7] - m[4] * m[6]);

    if (!(fabs(d) > 0) || !isfinite(d))
        return false;
    d = 1 / d;
    out->m[0] = (m[4] * m[8] - m[5] * m[7]) * d;
    out->m[1] = (m[2] * m[7] - m[1] * m[8]) * d;
    out->m[2] = (m[1] * m[5] - m[2] * m[4]) * d;
    out->m[3] = (m[5] * m[6] - m[3] * m[8]) * d;
    out->m[4] = (m[0] * m[8] - m[2] * m[6]) * d;
    out->m[5] = (m[2] * m[3] - m[0] * m[5]) * d;
    out->m[6] = (m[3] * m[7] - m[4] * m[6]) * d;
    out->m[7] = (m[1] * m[6] - m[0] * m[7]) * d;
    out->m[8] = (m[0] * m[4] - m[1] * m[3]) * d;
    return true;
}

static inline const uint8_t *pixel(const struct image *src, int x, int y)
{
    static const uint8_t black[3];

    if (x < 0 || y < 0 || x >= src->width || y >= src->height)
        return black;
    return image_row(src, y) + (ptrdiff_t)x * src->channels;
}

int cv_warp_perspective(struct image *dst, const struct image *src, const struct mat3 *m,
                        struct err *err)
{
    const int one = 1 << WARP_BITS;
    int c = src->channels, x, y, k;
    struct mat3 inv;
    const double *i = inv.m;

    if (!invert(m, &inv))
        return err_set(err, ERR_DATA, "the alignment cannot be inverted");
    for (y = 0; y < dst->height; y++) {
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < dst->width; x++, out += c) {
            int x0 = x / WARP_BLOCK * WARP_BLOCK, x1 = x - x0, fx, fy;
            double bx = i[0] * x0 + i[1] * y + i[2], by = i[3] * x0 + i[4] * y + i[5];
            double w = i[6] * x0 + i[7] * y + i[8] + i[6] * x1;
            const uint8_t *a, *b, *d, *e;

            w = w != 0 ? one / w : 0;
            bx = (bx + i[0] * x1) * w;
            by = (by + i[3] * x1) * w;
            fx = cv_round(bx);
            fy = cv_round(by);
            a = pixel(src, fx >> WARP_BITS, fy >> WARP_BITS);
            b = pixel(src, (fx >> WARP_BITS) + 1, fy >> WARP_BITS);
            d = pixel(src, fx >> WARP_BITS, (fy >> WARP_BITS) + 1);
            e = pixel(src, (fx >> WARP_BITS) + 1, (fy >> WARP_BITS) + 1);
            fx &= one - 1;
            fy &= one - 1;
            for (k = 0; k < c; k++)
                out[k] = (uint8_t)((((one - fx) * a[k] + fx * b[k]) * (one - fy) +
                                    ((one - fx) * d[k] + fx * e[k]) * fy + one * one / 2) >>
                                   (2 * WARP_BITS));
        }
    }
    return 0;
}

/* ---- blur ------------------------------------------------------------------------------------*/
#define TAPS (2 * CV_BLUR_REACH + 1)

static const int byte_taps[TAPS] = {46, 54, 56, 54, 46}; /* of 256 */

static void plane_taps(double w[TAPS])
{
    double sum = 0;
    int k;

    for (k = -CV_BLUR_REACH; k <= CV_BLUR_REACH; k++)
        sum += w[k + CV_BLUR_REACH] = exp(-0.5 * k * k / 9.0);
    for (k = 0; k < TAPS; k++)
        w[k] /= sum;
}

int cv_blur_bytes(struct image *dst, const struct image *src, struct rect area, struct err *err)
{
    int w = src->width, h = src->height, x, y, j, k, r;

    if ((r = image_shape(dst, w, h, 1, err)))
        return r;
    image_fill(dst, 0);
    area = rect_intersect(area, (struct rect){0, 0, w, h});
    for (y = area.y0; y < area.y1; y++) {
        const uint8_t *in[TAPS];
        uint8_t *out = image_row(dst, y);

        for (j = 0; j < TAPS; j++)
            in[j] = image_row(src, cv_reflect_101(y + j - CV_BLUR_REACH, h));
        for (x = area.x0; x < area.x1; x++) {
            int sum = 32768;

            for (k = 0; k < TAPS; k++) {
                int at = cv_reflect_101(x + k - CV_BLUR_REACH, w), column = 0;

                for (j = 0; j < TAPS; j++)
                    column += byte_taps[j] * in[j][at];
                sum += byte_taps[k] * column;
            }
            out[x] = (uint8_t)(sum >> 16);
        }
    }
    return 0;
}

int cv_blur_plane(struct plane *dst, const struct plane *src, struct rect area, struct err *err)
{
    int w = src->width, h = src->height, x, y, j, k, r;
    double tap[TAPS];

    if ((r = plane_shape(dst, w, h, err)))
        return r;
    memset(dst->v, 0, (size_t)w * (size_t)h * sizeof *dst->v);
    plane_taps(tap);
    area = rect_intersect(area, (struct rect){0, 0, w, h});
    for (y = area.y0; y < area.y1; y++) {
        const double *in[TAPS];
        double *out = plane_row(dst, y);

        for (j = 0; j < TAPS; j++)
            in[j] = plane_row(src, cv_reflect_101(y + j - CV_BLUR_REACH, h));
        for (x = area.x0; x < area.x1; x++) {
            double sum = 0;

            for (j = 0; j < TAPS; j++) {
                double row = 0;

                for (k = 0; k < TAPS; k++)
                    row += tap[k] * in[j][cv_reflect_101(x + k - CV_BLUR_REACH, w)];
                sum += tap[j] * row;
            }
            out[x] = sum;
        }
    }
    return 0;
}

/* ---- line ------------------------------------------------------------------------------------*/
enum { LEFT = 1, RIGHT = 2, ABOVE = 4, BELOW = 8 };

static int beside(int x, int w)
{
    return x < 0 ? LEFT : x >= w ? RIGHT : 0;
}

/* (x, y) moved along the line through (x1, y1) to the row or column `to`; cut off. */
static int slide(int y, int to, int x, int y1, int x1)
{
    return y + (int)((double)(to - x) * (y1 - y) / (x1 - x));
}

/* cv::clipLine: false if nothing of the line is inside. */
static bool clip_line(int w, int h, int x[2], int y[2])
{
    int out[2], i;

    for (i = 0; i < 2; i++)
        out[i] = beside(x[i], w) | beside(y[i], h) << 2;
    if (out[0] & out[1])
        return false;
    for (i = 0; i < 2; i++) {
        if (out[i] & (ABOVE | BELOW)) {
            int to = out[i] & BELOW ? h - 1 : 0;

            x[i] = slide(x[i], to, y[i], x[1 - i], y[1 - i]);
            y[i] = to;
            out[i] = beside(x[i], w);
        }
    }
    if (out[0] & out[1])
        return false;
    for (i = 0; i < 2; i++) {
        if (out[i]) {
            int to = out[i] & RIGHT ? w - 1 : 0;

            y[i] = slide(y[i], to, x[i], y[1 - i], x[1 - i]);
            x[i] = to;
        }
    }
    return true;
}

void cv_line(uint8_t *pixels, ptrdiff_t stride, int w, int h, int x0, int y0, int x1, int y1,
             uint8_t value)
{
    int x[2] = {x0, x1}, y[2] = {y0, y1}, first, dx, dy, step, n, error, i;
    bool steep;

    if (!clip_line(w, h, x, y))
        return;
    first = x[1] < x[0]; /* from left to right */
    dx = x[1 - first] - x[first];
    dy = y[1 - first] - y[first];
    step = dy < 0 ? -1 : 1;
    dy = abs(dy);
    steep = dy > dx;
    n = steep ? dy : dx;
    error = n - 2 * (steep ? dx : dy);
    x0 = x[first];
    y0 = y[first];
    for (i = 0; i <= n; i++) {
        bool both = error < 0;

        pixels[y0 * stride + x0] = value;
        error += (both ? 2 * n : 0) - 2 * (steep ? dx : dy);
        x0 += !steep || both;
        y0 += steep || both ? step : 0;
    }
}
