#include "swap/dssim.h"

#include <stdlib.h>

#include "lib/mem.h"

#define REACH 5 /* pixels the window extends to each side */

static int reflect(int i, int n)
{
    if (i < 0)
        i = -i;
    return i >= n ? 2 * (n - 1) - i : i;
}

/* One row of `img`, columns x0 - 5 .. x1 + 4 reflected, as floats relative to 128. */
static void load_row(float *out, const struct image *img, int y, int x0, int x1)
{
    const uint8_t *row = image_row(img, y);
    int x, c;

    for (x = x0 - REACH; x < x0 || x < x1 + REACH; x++) {
        const uint8_t *p;

        if (x >= 0 && x < img->width) {
            int end = x1 + REACH < img->width ? x1 + REACH : img->width;
            int i, n = 3 * (end - x);

            p = row + 3 * x;
            for (i = 0; i < n; i++)
                *out++ = (float)p[i] - 128.0f;
            x = end - 1;
            continue;
        }
        p = row + 3 * reflect(x, img->width);
        for (c = 0; c < 3; c++)
            *out++ = (float)p[c] - 128.0f;
    }
}

int dssim_map(struct dssim *d, const struct swap_ops *ops, const struct image *a,
              const struct image *b, struct rect area, struct err *err)
{
    int w = rect_width(area), h = rect_height(area);
    size_t n = 3 * (size_t)w, padded = n + 6 * REACH;
    float *ra, *rb, *squares, *products, *ring, *dissimilar;
    int y, x, next;

    if (a->width != b->width || a->height != b->height || a->channels != 3 || b->channels != 3)
        return err_set(err, ERR_DATA, "the two pictures differ in shape");
    if (a->width <= REACH || a->height <= REACH)
        return err_set(err, ERR_DATA, "picture of %dx%d pixels is smaller than the SSIM window",
                       a->width, a->height);
    d->area = area;
    if (mem_grow(&d->map, &d->map_cap, (size_t)w * h + 1, sizeof *d->map) ||
        mem_grow(&d->rows, &d->rows_cap, 4 * padded + (DSSIM_TAPS * DSSIM_SUMS + 1) * n + 1,
                 sizeof *d->rows))
        return err_nomem(err);
    ra = d->rows;
    rb = ra + padded;
    squares = rb + padded;
    products = squares + padded;
    dissimilar = products + padded;
    ring = dissimilar + n;

    next = area.y0 - REACH;
    for (y = area.y0; y < area.y1; y++) {
        const float *window[DSSIM_TAPS][DSSIM_SUMS];
        float *out = d->map + (size_t)(y - area.y0) * w;
        int k, q;

        for (; next <= y + REACH; next++) {
            float *sums[DSSIM_SUMS];
            int slot = (next - area.y0 + REACH) % DSSIM_TAPS;

            for (q = 0; q < DSSIM_SUMS; q++)
                sums[q] = ring + ((size_t)slot * DSSIM_SUMS + q) * n;
            load_row(ra, a, reflect(next, a->height), area.x0, area.x1);
            load_row(rb, b, reflect(next, a->height), area.x0, area.x1);
            ops->dssim_across(sums, ra + 3 * REACH, rb + 3 * REACH, squares + 3 * REACH,
                              products + 3 * REACH, (int)n, 3);
        }
        for (k = 0; k < DSSIM_TAPS; k++)
            for (q = 0; q < DSSIM_SUMS; q++)
                window[k][q] =
                    ring + ((size_t)((y - area.y0 + k) % DSSIM_TAPS) * DSSIM_SUMS + q) * n;
        ops->dssim_down(dissimilar, window, (int)n);
        for (x = 0; x < w; x++)
            out[x] = dissimilar[3 * x] + dissimilar[3 * x + 1] + dissimilar[3 * x + 2];
    }
    return 0;
}

/* Where a window of `size` may start on one axis. */
static void range(int area0, int area1, int frame0, int frame1, int size, int *lo, int *hi)
{
    if (size >= area1 - area0) {
        *lo = area0 + (area1 - area0 - size) / 2;
        if (*lo + size > frame1)
            *lo = frame1 - size;
        if (*lo < frame0)
            *lo = frame0;
        *hi = *lo;
        return;
    }
    *lo = area0;
    *hi = area1 - size;
}

static double window_sum(const struct dssim *d, int x, int y, int w, int h)
{
    int aw = rect_width(d->area), ah = rect_height(d->area);
    int x0 = x - d->area.x0, y0 = y - d->area.y0, x1 = x0 + w, y1 = y0 + h;
    size_t s = (size_t)aw + 1;

    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > aw ? aw : x1;
    y1 = y1 > ah ? ah : y1;
    return d->sums[y1 * s + x1] - d->sums[y0 * s + x1] - d->sums[y1 * s + x0] +
           d->sums[y0 * s + x0];
}

int dssim_best_window(struct dssim *d, const struct image *mask, struct rect frame, int w, int h,
                      struct rect *best, double *sum, struct err *err)
{
    int aw = rect_width(d->area), ah = rect_height(d->area);
    size_t s = (size_t)aw + 1;
    int x, y, xlo, xhi, ylo, yhi;
    double most = -1.0;

    if (mem_grow(&d->sums, &d->sums_cap, s * ((size_t)ah + 1), sizeof *d->sums))
        return err_nomem(err);
    for (x = 0; x <= aw; x++)
        d->sums[x] = 0;
    for (y = 0; y < ah; y++) {
        const uint8_t *m = image_row(mask, d->area.y0 + y) + d->area.x0;
        const float *in = d->map + (size_t)y * aw;
        double *above = d->sums + y * s, *here = above + s, run = 0;

        here[0] = 0;
        for (x = 0; x < aw; x++) {
            run += m[x] ? in[x] : 0.0f;
            here[x + 1] = above[x + 1] + run;
        }
    }
    range(d->area.x0, d->area.x1, frame.x0, frame.x1, w, &xlo, &xhi);
    range(d->area.y0, d->area.y1, frame.y0, frame.y1, h, &ylo, &yhi);
    *best = (struct rect){xlo, ylo, xlo + w, ylo + h};
    for (y = ylo; y <= yhi; y++) {
        for (x = xlo; x <= xhi; x++) {
            double v = window_sum(d, x, y, w, h);

            if (v > most) {
                most = v;
                *best = (struct rect){x, y, x + w, y + h};
            }
        }
    }
    *sum = most > 0 ? most : 0;
    return 0;
}

void dssim_release(struct dssim *d)
{
    free(d->map);
    free(d->sums);
    free(d->rows);
    *d = (struct dssim){0};
}
