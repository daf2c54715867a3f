#include "swap/published_clone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "swap/published_mask.h"

#define ERODE_PX 3

/* ---- sine transform along a row --------------------------------------------------------------
 * X_k = sum over i of x_i sin(pi (i+1)(k+1) / (n+1)). Frequencies of even k see the row folded
 * about its middle, those of odd k the row folded with its sign changed: half of the work. */
static int make_sines(struct published_clone *s, int n, struct err *err)
{
    int half = (n + 1) / 2, evens = (n + 1) / 2, odds = n / 2, i, k;

    if (s->sine_n == n)
        return 0;
    s->sine_n = 0;
    if (mem_grow(&s->sine_even, &s->sine_even_cap, (size_t)half * (size_t)evens,
                 sizeof *s->sine_even) ||
        mem_grow(&s->sine_odd, &s->sine_odd_cap, (size_t)half * (size_t)odds + 1,
                 sizeof *s->sine_odd) ||
        mem_grow(&s->fold, &s->fold_cap, 2 * (size_t)n + 2, sizeof *s->fold))
        return err_nomem(err);
    for (i = 0; i < half; i++) {
        for (k = 0; k < n; k++) {
            /* The angle modulo a whole turn, so that it is exact. */
            long long turns = (long long)(i + 1) * (k + 1) % (2 * (n + 1));
            double v = sin(M_PI * (double)turns / (n + 1));

            if (k % 2)
                s->sine_odd[(ptrdiff_t)i * odds + k / 2] = v;
            else
                s->sine_even[(ptrdiff_t)i * evens + k / 2] = v;
        }
    }
    s->sine_n = n;
    return 0;
}

static void transform_row(const struct published_clone *s, double *out, const double *in, int n)
{
    int half = (n + 1) / 2, evens = (n + 1) / 2, odds = n / 2, i, k;
    double *restrict even = s->fold, *restrict odd = s->fold + evens;

    for (k = 0; k < n; k++)
        s->fold[k] = 0;
    for (i = 0; i < half; i++) {
        bool middle = i == n - 1 - i;
        double a = middle ? in[i] : in[i] + in[n - 1 - i], b = middle ? 0 : in[i] - in[n - 1 - i];
        const double *restrict e = s->sine_even + (ptrdiff_t)i * evens;
        const double *restrict o = s->sine_odd + (ptrdiff_t)i * odds;

        for (k = 0; k < evens; k++)
            even[k] += a * e[k];
        for (k = 0; k < odds; k++)
            odd[k] += b * o[k];
    }
    for (k = 0; k < n; k++)
        out[k] = k % 2 ? odd[k / 2] : even[k / 2];
}

/*
 * Solves (the 5-point Laplacian of u) = rhs on w x h points with u = 0 all around, in place: sine
 * transform along the rows, a tridiagonal system down each column, transform back. The Thomas
 * algorithm is stable here: the diagonal dominates.
 */
static int solve(struct published_clone *s, int w, int h, struct err *err)
{
    double *v = s->rhs, *c, *diagonal;
    int x, y, r;

    if ((r = make_sines(s, w, err)))
        return r;
    if (mem_grow(&s->spectrum, &s->spectrum_cap, (size_t)w * ((size_t)h + 1), sizeof *s->spectrum))
        return err_nomem(err);
    diagonal = s->spectrum + (ptrdiff_t)w * h;
    for (x = 0; x < w; x++)
        diagonal[x] = 2 * cos(M_PI * (x + 1) / (w + 1)) - 4;
    for (y = 0; y < h; y++)
        transform_row(s, v + (ptrdiff_t)y * w, v + (ptrdiff_t)y * w, w);
    /* Row y of spectrum: the upper diagonal after elimination. */
    for (y = 0; y < h; y++) {
        double *row = v + (ptrdiff_t)y * w;

        c = s->spectrum + (ptrdiff_t)y * w;
        for (x = 0; x < w; x++) {
            double m = y ? diagonal[x] - c[x - w] : diagonal[x];

            c[x] = 1 / m;
            row[x] = (y ? row[x] - row[x - w] : row[x]) / m;
        }
    }
    for (y = h - 2; y >= 0; y--) {
        double *row = v + (ptrdiff_t)y * w;

        c = s->spectrum + (ptrdiff_t)y * w;
        for (x = 0; x < w; x++)
            row[x] -= c[x] * row[x + w];
    }
    for (y = 0; y < h; y++) {
        double *row = v + (ptrdiff_t)y * w;

        transform_row(s, row, row, w);
        for (x = 0; x < w; x++)
            row[x] *= 2.0 / (w + 1);
    }
    return 0;
}

/* ---- cloning ---------------------------------------------------------------------------------*/

/* erode(3 x 3, three times). OpenCV looks at what lies around the rectangle in the mask, whose
 * outermost ring it has cleared. */
static int erode(struct published_clone *s, const struct image *mask, struct rect area,
                 struct err *err)
{
    int w = rect_width(area), h = rect_height(area), x, y, k;

    if (mem_grow(&s->eroded, &s->eroded_cap, (size_t)w * (size_t)h, 1) ||
        mem_grow(&s->across, &s->across_cap, (size_t)w * (size_t)(h + 2 * ERODE_PX), 1))
        return err_nomem(err);
    for (y = -ERODE_PX; y < h + ERODE_PX; y++) {
        uint8_t *out = s->across + (ptrdiff_t)(y + ERODE_PX) * w;

        if (area.y0 + y < 1 || area.y0 + y >= mask->height - 1) {
            memset(out, 0, (size_t)w);
            continue;
        }
        for (x = area.x0; x < area.x1; x++) {
            const uint8_t *m = image_row(mask, area.y0 + y);
            uint8_t least = 255;

            for (k = x - ERODE_PX; k <= x + ERODE_PX; k++) {
                uint8_t v = k < 1 || k >= mask->width - 1 ? 0 : m[k];

                least = v < least ? v : least;
            }
            *out++ = least;
        }
    }
    for (y = 0; y < h; y++) {
        for (x = 0; x < w; x++) {
            uint8_t least = 255;

            for (k = 0; k <= 2 * ERODE_PX; k++) {
                uint8_t v = s->across[(ptrdiff_t)(y + k) * w + x];

                least = v < least ? v : least;
            }
            s->eroded[(ptrdiff_t)y * w + x] = least;
        }
    }
    return 0;
}

struct pixels {
    const uint8_t *p; /* one channel of the rectangle's first pixel */
    ptrdiff_t stride;
};

static inline double at(struct pixels v, int x, int y)
{
    return v.p[y * v.stride + 3 * x];
}

/* The guidance from (x, y) to its right or lower neighbour. */
static inline double guide(const struct published_clone *s, struct pixels fg, struct pixels bg,
                           int w, int x, int y, int dx, int dy)
{
    struct pixels from = s->eroded[(ptrdiff_t)y * w + x] ? fg : bg;

    return at(from, x + dx, y + dy) - at(from, x, y);
}

static int clone_channel(struct published_clone *s, struct pixels fg, struct pixels bg,
                         uint8_t *out, ptrdiff_t stride, int w, int h, struct err *err)
{
    int x, y, r;

    for (y = 1; y < h - 1; y++) {
        double *row = s->rhs + (ptrdiff_t)(y - 1) * (w - 2);

        for (x = 1; x < w - 1; x++) {
            double v = guide(s, fg, bg, w, x, y, 1, 0) - guide(s, fg, bg, w, x - 1, y, 1, 0) +
                       guide(s, fg, bg, w, x, y, 0, 1) - guide(s, fg, bg, w, x, y - 1, 0, 1);

            v -= x == 1 ? at(bg, 0, y) : 0;
            v -= x == w - 2 ? at(bg, w - 1, y) : 0;
            v -= y == 1 ? at(bg, x, 0) : 0;
            v -= y == h - 2 ? at(bg, x, h - 1) : 0;
            row[x - 1] = v;
        }
    }
    if ((r = solve(s, w - 2, h - 2, err)))
        return r;
    for (y = 1; y < h - 1; y++) {
        const double *row = s->rhs + (ptrdiff_t)(y - 1) * (w - 2);

        for (x = 1; x < w - 1; x++) {
            float v = (float)row[x - 1];

            out[y * stride + 3 * x] = v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
        }
    }
    return 0;
}

int published_clone(struct published_clone *s, struct image *out, const struct image *fg,
                    const struct image *bg, const struct image *mask, int cx, int cy,
                    struct rect *pasted, struct err *err)
{
    struct image inner;
    struct rect from, to;
    int w, h, c, r;

    if (mask->width < 3 || mask->height < 3)
        return 1;
    inner = image_view(mask, 1, 1, mask->width - 2, mask->height - 2);
    from = published_bounds(&inner);
    w = rect_width(from);
    h = rect_height(from);
    from = (struct rect){from.x0 + 1, from.y0 + 1, from.x1 + 1, from.y1 + 1};

    to.x0 = cx - w / 2;
    to.y0 = cy - h / 2;
    to.x1 = to.x0 + w;
    to.y1 = to.y0 + h;
    if (w < 3 || h < 3 || to.x0 < 0 || to.y0 < 0 || to.x1 > bg->width || to.y1 > bg->height)
        return 1;
    if ((r = image_copy(out, bg, err)) || (r = erode(s, mask, from, err)))
        return r;
    if (mem_grow(&s->rhs, &s->rhs_cap, (size_t)(w - 2) * (size_t)(h - 2), sizeof *s->rhs))
        return err_nomem(err);
    for (c = 0; c < 3; c++) {
        struct pixels f = {image_row(fg, from.y0) + 3 * (ptrdiff_t)from.x0 + c, fg->stride};
        struct pixels b = {image_row(bg, to.y0) + 3 * (ptrdiff_t)to.x0 + c, bg->stride};

        if ((r = clone_channel(s, f, b, image_row(out, to.y0) + 3 * (ptrdiff_t)to.x0 + c,
                               out->stride, w, h, err)))
            return r;
    }
    *pasted = to;
    return 0;
}

void published_clone_release(struct published_clone *s)
{
    free(s->sine_even);
    free(s->sine_odd);
    free(s->rhs);
    free(s->spectrum);
    free(s->fold);
    free(s->eroded);
    free(s->across);
    *s = (struct published_clone){0};
}
