#include "swap/resample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/mem.h"

/* Weights at distance d of a new pixel's centre, in old pixels; `width` of a new pixel, too. */

static double cubic(double d, double width)
{
    const double a = -0.75;

    (void)width;
    d = fabs(d);
    return d < 1   ? ((a + 2) * d - (a + 3)) * d * d + 1
           : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
                   : 0;
}

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x);
}

static double lanczos(double d, double width)
{
    (void)width;
    return fabs(d) < 4 ? sinc(d) * sinc(d / 4) : 0;
}

static double linear(double d, double width)
{
    (void)width;
    return fmax(0, 1 - fabs(d));
}

static double triangle(double d, double width)
{
    return fmax(0, 1 - fabs(d) / fmax(width, 1));
}

/* What lies in the new pixel of an old one. */
static double area(double d, double width)
{
    return fmax(0, fmin(d + 0.5, width / 2) - fmax(d - 0.5, -width / 2));
}

static const struct kernel {
    double (*weight)(double d, double width);
    double reach, reach_a_width; /* old pixels: the sum of it and of width times the other */
    bool inside;                 /* ends at the picture's edge, instead of repeating it */
} kernels[] = {
    [RESAMPLE_LINEAR] = {linear, 1, 0, false},    [RESAMPLE_CUBIC] = {cubic, 2, 0, false},
    [RESAMPLE_AREA] = {area, 0.5, 0.5, true},     [RESAMPLE_LANCZOS] = {lanczos, 4, 0, false},
    [RESAMPLE_TRIANGLE] = {triangle, 1, 1, true},
};

void resample_taps(enum resample_kind kind, int from, int to, int i, struct resample_taps *t)
{
    double width = (double)from / to, u = (i + 0.5) * width - 0.5, sum = 0, reach;
    double weight[RESAMPLE_TAPS];
    int at, last, k;

    t->n = 0;
    if (kind == RESAMPLE_NEAREST) {
        t->at[0] = (int)fmin(floor(u + 0.5), from - 1);
        t->weight[t->n++] = 1;
        return;
    }
    reach = kernels[kind].reach + kernels[kind].reach_a_width * width;
    last = (int)floor(u + reach);
    for (at = (int)ceil(u - reach); at <= last && t->n < RESAMPLE_TAPS; at++) {
        double w = kernels[kind].weight(at - u, width);

        if (fabs(w) < 1e-9 || (kernels[kind].inside && (at < 0 || at >= from)))
            continue;
        weight[t->n] = w;
        t->at[t->n++] = at < 0 ? 0 : at >= from ? from - 1 : at;
        sum += w;
    }
    for (k = 0; k < t->n; k++)
        t->weight[k] = (float)(weight[k] / sum);
}

int resample(struct resample *s, struct image *dst, const struct image *src,
             enum resample_kind kind, struct err *err)
{
    int n = 3 * src->width, x, y, k, c;

    if (mem_grow(&s->across, &s->across_cap, (size_t)dst->width, sizeof *s->across) ||
        mem_grow(&s->row, &s->row_cap, (size_t)n, sizeof *s->row))
        return err_nomem(err);
    for (x = 0; x < dst->width; x++)
        resample_taps(kind, src->width, dst->width, x, &s->across[x]);
    for (y = 0; y < dst->height; y++) {
        float *restrict row = s->row;
        uint8_t *out = image_row(dst, y);
        struct resample_taps down;

        resample_taps(kind, src->height, dst->height, y, &down);
        for (x = 0; x < n; x++)
            row[x] = 0;
        for (k = 0; k < down.n; k++) {
            const uint8_t *restrict p = image_row(src, down.at[k]);
            float w = down.weight[k];

            for (x = 0; x < n; x++)
                row[x] += w * (float)p[x];
        }
        for (x = 0; x < dst->width; x++, out += 3) {
            const struct resample_taps *t = &s->across[x];

            for (c = 0; c < 3; c++) {
                float v = 0.5f;

                for (k = 0; k < t->n; k++)
                    v += t->weight[k] * row[3 * t->at[k] + c];
                out[c] = v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
            }
        }
    }
    return 0;
}

void resample_release(struct resample *s)
{
    free(s->across);
    free(s->row);
    *s = (struct resample){0};
}
