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

/* The row from x0 - half to x1 + half: 0 outside of the area, but at the picture's edge the
 * outermost pixel is repeated. */
static const uint8_t *widen(uint8_t *room, const uint8_t *row, int x0, int x1, int width, int half)
{
    memset(room, x0 == 0 ? row[0] : 0, (size_t)half);
    memcpy(room + half, row + x0, (size_t)(x1 - x0));
    memset(room + half + (x1 - x0), x1 == width ? row[width - 1] : 0, (size_t)half);
    return room + half;
}

int soften(struct soften *s, const struct swap_ops *ops, struct image *soft,
           const struct image *mask, struct rect area, int kernel, struct err *err)
{
    int w = mask->width, h = mask->height, half = kernel / 2, weight[SOFTEN_MAX];
    int y, k, r, aw;

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
    if (mem_grow(&s->room, &s->room_cap, (size_t)w + 2 * SOFTEN_MAX, 1) ||
        mem_grow(&s->across, &s->across_cap, (size_t)h * w, sizeof *s->across))
        return err_nomem(err);
    weights(kernel, weight);

    /* Outside of the area the eroded mask is 0; the passes below look no further. */
    for (y = area.y0; y < area.y1; y++) {
        const uint8_t *in = widen(s->room, image_row(mask, y), area.x0, area.x1, w, half);
        const uint8_t *shifted[SOFTEN_MAX];

        for (k = -half; k <= half; k++)
            shifted[k + half] = in + k;
        ops->min_rows(image_row(&s->thin, y) + area.x0, shifted, kernel, aw);
    }
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
        const uint8_t *in = widen(s->room, image_row(&s->eroded, y), area.x0, area.x1, w, half);
        const uint8_t *shifted[SOFTEN_MAX];

        for (k = -half; k <= half; k++)
            shifted[k + half] = in + k;
        ops->weigh_across(s->across + (size_t)y * w + area.x0, shifted, weight, kernel, aw);
    }
    for (y = area.y0; y < area.y1; y++) {
        uint8_t *out = image_row(soft, y);
        const uint16_t *in[SOFTEN_MAX];
        int n = 0, c[SOFTEN_MAX];

        for (k = -half; k <= half; k++) {
            int from = clamp(y + k, 0, h - 1);

            if (from < area.y0 || from >= area.y1)
                continue;
            in[n] = s->across + (size_t)from * w + area.x0;
            c[n++] = weight[k + half];
        }
        ops->weigh_down(out + area.x0, in, c, n, aw);
    }
    return 0;
}

void soften_release(struct soften *s)
{
    image_release(&s->thin);
    image_release(&s->eroded);
    free(s->across);
    free(s->room);
    *s = (struct soften){0};
}
