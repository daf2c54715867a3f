#include "lib/resize.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/mem.h"
#include "lib/resize_internal.h"

static void area_weights(struct resize_axis *a, int i, int from, int to)
{
    double scale = (double)from / to, lo = i * scale, hi = (i + 1) * scale;
    int k, end = (int)ceil(hi - 1e-9), before = 0;

    end = end < from ? end : from;
    a->first[i] = (int)(lo + 1e-9);
    a->count[i] = end - a->first[i];
    for (k = 0; k < a->count[i]; k++) {
        double upto = fmin((a->first[i] + k + 1 - lo) / scale, 1);
        int now = k + 1 == a->count[i] ? 1 << RESIZE_BITS : (int)(upto * (1 << RESIZE_BITS) + 0.5);

        a->weight[(size_t)i * (size_t)a->taps + (size_t)k] = (uint16_t)(now - before);
        before = now;
    }
}

static void linear_weights(struct resize_axis *a, int i, int from, int to)
{
    double at = fmin(fmax((i + 0.5) * from / to - 0.5, 0), from - 1);
    uint16_t *w = a->weight + (size_t)i * (size_t)a->taps;

    a->first[i] = (int)at;
    w[1] = (uint16_t)((at - a->first[i]) * (1 << RESIZE_BITS) + 0.5);
    w[0] = (uint16_t)((1 << RESIZE_BITS) - w[1]);
    a->count[i] = w[1] ? 2 : 1;
}

static bool axis_plan(struct resize_axis *a, int from, int to)
{
    int i;

    a->taps = to < from ? (int)((double)from / to) + 3 : 2;
    if (mem_grow(&a->first, &a->first_cap, (size_t)to, sizeof(*a->first)) ||
        mem_grow(&a->count, &a->count_cap, (size_t)to, sizeof(*a->count)) ||
        mem_grow(&a->weight, &a->weight_cap, (size_t)to * (size_t)a->taps, sizeof(*a->weight)))
        return false;
    for (i = 0; i < to; i++)
        if (to < from)
            area_weights(a, i, from, to);
        else
            linear_weights(a, i, from, to);
    return true;
}

static void axis_release(struct resize_axis *a)
{
    free(a->first);
    free(a->count);
    free(a->weight);
}

static void blend_rows_c(uint16_t *out, const uint8_t *const *rows, const uint16_t *weight,
                         int count, int n)
{
    int x, k;

    for (x = 0; x < n; x++) {
        uint32_t sum = 1u << (RESIZE_CUT - 1);

        for (k = 0; k < count; k++)
            sum += (uint32_t)weight[k] * rows[k][x];
        out[x] = (uint16_t)(sum >> RESIZE_CUT);
    }
}

static void blend_columns(uint8_t *out, const uint16_t *in, const struct resize_axis *a, int width,
                          int c)
{
    int x, k, i;

    for (x = 0; x < width; x++) {
        const uint16_t *w = a->weight + (size_t)x * (size_t)a->taps;
        const uint16_t *p = in + (size_t)a->first[x] * (size_t)c;
        uint32_t half = 1u << (RESIZE_BITS + 7), sum[3] = {half, half, half};

        if (c == 3)
            for (k = 0; k < a->count[x]; k++, p += 3) {
                sum[0] += (uint32_t)w[k] * p[0];
                sum[1] += (uint32_t)w[k] * p[1];
                sum[2] += (uint32_t)w[k] * p[2];
            }
        else
            for (k = 0; k < a->count[x]; k++)
                sum[0] += (uint32_t)w[k] * *p++;
        for (i = 0; i < c; i++)
            *out++ = (uint8_t)(sum[i] >> (RESIZE_BITS + 8));
    }
}

void resize_ops_init(struct resize_ops *ops, unsigned cpu_mask)
{
    ops->blend_rows = blend_rows_c;
#if defined(__x86_64__)
    resize_ops_init_x86(ops, cpu_mask);
#else
    (void)cpu_mask;
#endif
}

void resizer_init(struct resizer *r, unsigned cpu_mask)
{
    memset(r, 0, sizeof(*r));
    resize_ops_init(&r->ops, cpu_mask);
}

void resizer_release(struct resizer *r)
{
    if (!r)
        return;
    axis_release(&r->across);
    axis_release(&r->down);
    free(r->rows);
    free(r->row);
}

int resize_image(struct resizer *r, struct image *dst, const struct image *src, struct err *err)
{
    int n = src->width * src->channels, y, k;

    if (dst->channels != src->channels)
        return err_set(err, ERR_FAULT, "resize of %d channels into %d", src->channels,
                       dst->channels);
    if (!axis_plan(&r->across, src->width, dst->width) ||
        !axis_plan(&r->down, src->height, dst->height) ||
        mem_grow(&r->row, &r->row_cap, (size_t)n, sizeof(*r->row)) ||
        mem_grow(&r->rows, &r->rows_cap, (size_t)r->down.taps, sizeof(*r->rows)))
        return err_nomem(err);
    for (y = 0; y < dst->height; y++) {
        for (k = 0; k < r->down.count[y]; k++)
            r->rows[k] = image_row(src, r->down.first[y] + k);
        r->ops.blend_rows(r->row, r->rows, r->down.weight + (size_t)y * (size_t)r->down.taps,
                          r->down.count[y], n);
        blend_columns(image_row(dst, y), r->row, &r->across, dst->width, dst->channels);
    }
    return 0;
}

int resize_once(struct image *dst, const struct image *src, struct err *err)
{
    struct resizer once;
    int r;

    resizer_init(&once, cpu_mask());
    r = resize_image(&once, dst, src, err);
    resizer_release(&once);
    return r;
}
