#include "swap/overlay.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_MASK_PX 64 /* fewer changed pixels are no sample */

/* Widens the box by what row y of a differs from b between x0 and x1. */
static void widen(struct rect *box, const uint8_t *a, const uint8_t *b, int y, int x0, int x1)
{
    int from = 3 * x0, to = 3 * x1;

    while (from < to && a[from] == b[from])
        from++;
    while (to > from && a[to - 1] == b[to - 1])
        to--;
    if (from < to)
        *box = rect_union(*box, (struct rect){from / 3, y, (to - 1) / 3 + 1, y + 1});
}

int overlay(const struct swap_settings *set, const struct swap_scratch *s, const struct image *fg,
            const struct image *bg, enum swap_role foreground, struct swap_sample *out,
            struct err *err)
{
    long long off = 0;
    long count = 0;
    int x, y, c, r;

    if ((r = image_copy(&out->image, bg, err)))
        return r;
    out->box = (struct rect){0, 0, 0, 0};
    for (y = 0; y < SAMPLE_PX; y++) {
        uint8_t *o = image_row(&out->image, y);
        const uint8_t *f = image_row(fg, y), *b = image_row(bg, y), *m = image_row(&out->mask, y);
        uint8_t m3[3 * SAMPLE_PX];
        int x0 = 0, x1 = SAMPLE_PX;

        while (x0 < x1 && !m[x0])
            x0++;
        while (x1 > x0 && !m[x1 - 1])
            x1--;
        for (x = x0; x < x1; x++) {
            m3[3 * x] = m3[3 * x + 1] = m3[3 * x + 2] = m[x];
            if (!m[x])
                continue;
            count++;
            for (c = 3 * x; c < 3 * x + 3; c++)
                off += abs(f[c] - b[c]);
        }
        if (x0 == x1)
            continue;
        s->ops->alpha_row(o + 3 * x0, f + 3 * x0, b + 3 * x0, m3 + 3 * x0, 3 * (x1 - x0));
        widen(&out->box, o, b, y, x0, x1);
    }
    if (count < LEAST_MASK_PX)
        return err_set(err, ERR_DATA, "the mask has only %ld pixels", count);
    if ((double)off / (3.0 * (double)count) < set->min_difference)
        return err_set(err, ERR_DATA, "the two copies do not differ inside the mask");
    if (!rect_width(out->box)) {
        /* Wanted where min_difference is 0: a box has to be somewhere. */
        if (set->min_difference > 0)
            return err_set(err, ERR_DATA, "blending changes nothing");
        out->box = (struct rect){0, 0, SAMPLE_PX, SAMPLE_PX};
    }
    out->mode = SWAP_GLOBAL;
    out->blend = SWAP_ALPHA;
    out->foreground = foreground;
    out->has_box = true;
    return 0;
}
