#include "swap/published_patch.h"

#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"

#define REACH    5 /* of the SSIM window to each side */
#define TAPS     (2 * REACH + 1)
#define SIGMA_PX 1.5
#define SUMS     5 /* a, b, a a, b b, a b */
#define GROW     1.2
#define PAD      (6 * REACH) /* doubles beside a row of sums */

static void add_row(double *const s[SUMS], const uint8_t *a, const uint8_t *b, double tap, int n)
{
    double *restrict s0 = s[0], *restrict s1 = s[1], *restrict s2 = s[2];
    double *restrict s3 = s[3], *restrict s4 = s[4];
    int x;

    for (x = 0; x < n; x++) {
        double u = a[x], v = b[x];

        s0[x] += tap * u;
        s1[x] += tap * v;
        s2[x] += tap * (u * u);
        s3[x] += tap * (v * v);
        s4[x] += tap * (u * v);
    }
}

int published_dssim(struct published_patch *p, const struct image *a, const struct image *b,
                    struct err *err)
{
    const double c1 = (0.01 * 255) * (0.01 * 255), c2 = (0.03 * 255) * (0.03 * 255);
    int w = a->width, h = a->height, n = 3 * w, x, y, k, q;
    double tap[TAPS], sum = 0;

    if (w != b->width || h != b->height || a->channels != 3 || b->channels != 3)
        return err_set(err, ERR_DATA, "the two pictures differ in shape");
    if (w < 2 || h < 2)
        return err_set(err, ERR_DATA, "an area of %dx%d pixels is too small for SSIM", w, h);
    if (mem_grow(&p->map, &p->map_cap, (size_t)n * (size_t)h, sizeof *p->map) ||
        mem_grow(&p->rows, &p->rows_cap, ((size_t)n * 2 + PAD) * SUMS, sizeof *p->rows))
        return err_nomem(err);
    for (k = 0; k < TAPS; k++)
        sum += tap[k] = exp(-0.5 * (k - REACH) * (k - REACH) / (SIGMA_PX * SIGMA_PX));
    for (k = 0; k < TAPS; k++)
        tap[k] /= sum;

    for (y = 0; y < h; y++) {
        double *out = p->map + (size_t)y * (size_t)n, *s[SUMS], *f[SUMS];

        /* s: sums down the columns, with REACH pixels more at both ends; f: of these along the row.
         */
        for (q = 0; q < SUMS; q++) {
            s[q] = p->rows + (ptrdiff_t)q * (n + PAD) + PAD / 2;
            f[q] = p->rows + (ptrdiff_t)SUMS * (n + PAD) + (ptrdiff_t)q * n;
            for (x = 0; x < n; x++)
                s[q][x] = f[q][x] = 0;
        }
        for (k = 0; k < TAPS; k++) {
            int from = cv_reflect_101(y + k - REACH, h);

            add_row(s, image_row(a, from), image_row(b, from), tap[k], n);
        }
        for (q = 0; q < SUMS; q++) {
            for (k = 1; k <= REACH; k++) {
                for (x = 0; x < 3; x++) {
                    s[q][x - 3 * k] = s[q][3 * cv_reflect_101(-k, w) + x];
                    s[q][n + 3 * (k - 1) + x] = s[q][3 * cv_reflect_101(w - 1 + k, w) + x];
                }
            }
            for (k = 0; k < TAPS; k++) {
                const double *in = s[q] + 3 * (k - REACH);
                double *restrict to = f[q];

                for (x = 0; x < n; x++)
                    to[x] += tap[k] * in[x];
            }
        }
        for (x = 0; x < n; x++) {
            double mm = f[0][x] * f[1][x], aa = f[0][x] * f[0][x], bb = f[1][x] * f[1][x];
            double saa = f[2][x] - aa, sbb = f[3][x] - bb, sab = f[4][x] - mm;

            out[x] =
                fabs(1 - (2 * mm + c1) * (2 * sab + c2) / ((aa + bb + c1) * (saa + sbb + c2))) / 2;
        }
    }
    return 0;
}

static double window_sum(const double *map, int w, struct rect r)
{
    double sum = 0;
    int x, y;

    for (y = r.y0; y < r.y1; y++) {
        const double *row = map + 3 * (ptrdiff_t)w * y;

        for (x = 3 * r.x0; x < 3 * r.x1; x++)
            sum += row[x];
    }
    return sum;
}

struct rect published_search(const double *map, int w, int h, int win_w, int win_h, int step_x,
                             int step_y)
{
    struct rect best = {0, 0, 0, 0};
    double most = 0;
    int x, y;

    step_x = step_x < 1 ? 1 : step_x;
    step_y = step_y < 1 ? 1 : step_y;
    for (y = 0; y + win_h <= h; y += step_y) {
        for (x = 0; x + win_w <= w; x += step_x) {
            struct rect r = {x, y, x + win_w, y + win_h};
            double sum = window_sum(map, w, r);

            if (sum > most) {
                most = sum;
                best = r;
            }
        }
    }
    return best;
}

int published_search_every(struct published_patch *p, int w, int h, int win_w, int win_h,
                           struct rect *best, struct err *err)
{
    ptrdiff_t line = w + 1;
    double most = 0;
    int x, y;

    if (mem_grow(&p->sums, &p->sums_cap, (size_t)line * ((size_t)h + 1), sizeof *p->sums))
        return err_nomem(err);
    for (x = 0; x <= w; x++)
        p->sums[x] = 0;
    for (y = 0; y < h; y++) {
        const double *in = p->map + 3 * (ptrdiff_t)w * y;
        double *above = p->sums + y * line, *here = above + line, run = 0;

        here[0] = 0;
        for (x = 0; x < w; x++) {
            run += in[3 * x] + in[3 * x + 1] + in[3 * x + 2];
            here[x + 1] = above[x + 1] + run;
        }
    }
    *best = (struct rect){0, 0, 0, 0};
    for (y = 0; y + win_h <= h; y++) {
        const double *top = p->sums + y * line, *low = top + win_h * line;

        for (x = 0; x + win_w <= w; x++) {
            double sum = low[x + win_w] - low[x] - top[x + win_w] + top[x];

            if (sum > most) {
                most = sum;
                *best = (struct rect){x, y, x + win_w, y + win_h};
            }
        }
    }
    return 0;
}

struct rect published_crop(struct rect hull)
{
    int w = hull.x1 - hull.x0, h = hull.y1 - hull.y0;
    int x0 = hull.x0 - (int)floor(w * (GROW - 1) / 2),
        y0 = hull.y0 - (int)floor(h * (GROW - 1) / 2);

    return (struct rect){x0, y0, x0 + (int)(GROW * w), y0 + (int)(GROW * h)};
}

void published_patch_release(struct published_patch *p)
{
    free(p->map);
    free(p->rows);
    free(p->sums);
    *p = (struct published_patch){0};
}
