#include "swap/soften.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* Integer weights that sum to 256, so that an even area keeps its value exactly. */
static void weights(int kernel, int w[SOFTEN_MAX])
{
    int half = kernel / 2, k, sum = 0;
    double sigma = 0.6 * kernel, total = 0;

    for (k = -half; k <= half; k++)
        total += exp(-0.5 * k * k / (sigma * sigma));
    for (k = -half; k <= half; k++) {
        w[k + half] = (int)floor(256.0 * exp(-0.5 * k * k / (sigma * sigma)) / total + 0.5);
        sum += w[k + half];
    }
    w[half] += 256 - sum;
}

static int clamp(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* dst[x] = min of src[x - half .. x + half] with the row's ends repeated. */
static void erode_row(uint8_t *dst, const uint8_t *src, int width, int x0, int x1, int half)
{
    int x, k;

    for (x = x0; x < x1; x++) {
        uint8_t least = src[x];

        for (k = -half; k <= half; k++) {
            uint8_t v = src[clamp(x + k, 0, width - 1)];

            least = v < least ? v : least;
        }
        dst[x] = least;
    }
}

int soften(struct soften *s, const struct swap_ops *ops, struct image *soft,
           const struct image *mask, struct rect area, int kernel, struct err *err)
{
    int w = mask->width, h = mask->height, half = kernel / 2, weight[SOFTEN_MAX];
    int x, y, k, r, aw;

    if ((r = image_shape(soft, w, h, 1, err)))
        return r;
    image_fill(soft, 0);
    area = rect_intersect(area, (struct rect){0, 0, w, h});
    aw = rect_width(area);
    if (!aw || !rect_height(area))
        return 0;
    if (half == 0) {
        for (y = area.y0; y < area.y1; y++)
            memcpy(image_row(soft, y) + area.x0, image_row(mask, y) + area.x0, (size_t)aw);
        return 0;
    }
    if ((r = image_shape(&s->thin, w, h, 1, err)) || (r = image_shape(&s->eroded, w, h, 1, err)))
        return r;
    if (mem_grow(&s->across, &s->across_cap, (size_t)h * w, sizeof *s->across))
        return err_nomem(err);
    weights(kernel, weight);

    /* Outside of the area the eroded mask is 0; the passes below look no further. */
    for (y = area.y0; y < area.y1; y++)
        erode_row(image_row(&s->thin, y), image_row(mask, y), w, area.x0, area.x1, half);
    for (y = area.y0; y < area.y1; y++) {
        const uint8_t *rows[SOFTEN_MAX];
        bool gone = false;

        for (k = -half; k <= half; k++) {
            int from = clamp(y + k, 0, h - 1);

            gone = gone || from < area.y0 || from >= area.y1;
            rows[k + half] = image_row(&s->thin, clamp(from, area.y0, area.y1 - 1)) + area.x0;
        }
        if (gone)
            memset(image_row(&s->eroded, y) + area.x0, 0, (size_t)aw);
        else
            ops->min_rows(image_row(&s->eroded, y) + area.x0, rows, kernel, aw);
    }
    for (y = area.y0; y < area.y1; y++) {
        const uint8_t *in = image_row(&s->eroded, y);
        uint16_t *out = s->across + (size_t)y * w;

        memset(out + area.x0, 0, (size_t)aw * sizeof *out);
        for (k = -half; k <= half; k++) {
            uint16_t c = (uint16_t)weight[k + half];

            /* The bulk without bounds checks, then what a repeated end adds. */
            int lo = clamp(area.x0, area.x0 - k, area.x1),
                hi = clamp(area.x1, area.x0, area.x1 - k);

            for (x = lo; x < hi; x++)
                out[x] = (uint16_t)(out[x] + c * in[x + k]);
            for (x = area.x0; area.x0 == 0 && x < area.x1 && x + k < 0; x++)
                out[x] = (uint16_t)(out[x] + c * in[0]);
            for (x = area.x1 - 1; area.x1 == w && x >= area.x0 && x + k > w - 1; x--)
                out[x] = (uint16_t)(out[x] + c * in[w - 1]);
        }
    }
    for (y = area.y0; y < area.y1; y++) {
        uint8_t *out = image_row(soft, y);
        const uint16_t *in[SOFTEN_MAX];
        int n = 0, c[SOFTEN_MAX];

        for (k = -half; k <= half; k++) {
            int from = clamp(y + k, 0, h - 1);

            if (from < area.y0 || from >= area.y1)
                continue;
            in[n] = s->across + (size_t)from * w;
            c[n++] = weight[k + half];
        }
        for (x = area.x0; x < area.x1; x++) {
            uint32_t sum = 32768;

            for (k = 0; k < n; k++)
                sum += (uint32_t)c[k] * in[k][x];
            out[x] = (uint8_t)(sum >> 16);
        }
    }
    return 0;
}

void soften_release(struct soften *s)
{
    image_release(&s->thin);
    image_release(&s->eroded);
    free(s->across);
    *s = (struct soften){0};
}
