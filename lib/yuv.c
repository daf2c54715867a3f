#include "lib/yuv.h"

#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"

#define YUV_NAME(x) x##_c
#include "lib/yuv_body.h"

void yuv_ops_init_x86(struct yuv_ops *ops, unsigned cpu_mask);

void yuv_ops_init(struct yuv_ops *ops, unsigned cpu_mask)
{
    *ops = (struct yuv_ops){blend_c, widen_c, colour_c};
#if defined(__x86_64__)
    yuv_ops_init_x86(ops, cpu_mask);
#else
    (void)cpu_mask;
#endif
}

static int16_t fixed(double v, double one)
{
    return (int16_t)lrint(v * one);
}

static struct yuv_matrix matrix_of(const struct yuv_planes *p)
{
    double kg = 1 - p->kr - p->kb, luma = p->full ? 1 : 255.0 / 219;
    double chroma = p->full ? 1 : 255.0 / 224, one = (1 << 17) / 16.0;

    return (struct yuv_matrix){
        .y = fixed(luma, 1 << 14),
        .r_v = fixed(2 * (1 - p->kr) * chroma, one),
        .b_u = fixed(2 * (1 - p->kb) * chroma, one),
        .g_u = fixed(-2 * (1 - p->kb) * p->kb / kg * chroma, one),
        .g_v = fixed(-2 * (1 - p->kr) * p->kr / kg * chroma, one),
        .black = p->full ? 0 : 16,
    };
}

/* One chroma row at full width, for luma row y; `wide` has room for n + 1 numbers. */
static void chroma_row(const struct yuv_ops *ops, const struct yuv_planes *p, int plane, int y,
                       int16_t *narrow, int16_t *wide)
{
    int n = p->half_x ? (p->width + 1) / 2 : p->width, rows, k, other, i;
    const uint8_t *near, *far;

    rows = p->half_y ? (p->height + 1) / 2 : p->height;
    k = p->half_y ? y / 2 : y;
    other = !p->half_y ? k : y % 2 ? k + 1 : k - 1;
    other = other < 0 ? 0 : other >= rows ? rows - 1 : other;
    near = p->data[plane] + k * p->stride[plane];
    far = p->data[plane] + other * p->stride[plane];
    if (p->half_x) {
        ops->blend(narrow, near, far, n);
        narrow[-1] = narrow[0];
        narrow[n] = narrow[n - 1];
        ops->widen(wide, narrow, n);
    } else {
        ops->blend(wide, near, far, n);
        for (i = 0; i < n; i++)
            wide[i] = (int16_t)(4 * wide[i] - 2048);
    }
}

int yuv_to_rgb(const struct yuv_ops *ops, struct yuv_scratch *s, const struct yuv_planes *p,
               struct image *dst, struct err *err)
{
    size_t row = ((size_t)p->width + 127) / 64 * 64;
    struct yuv_matrix m = matrix_of(p);
    int16_t *narrow, *u, *v;
    int r, y;

    r = image_shape(dst, p->width, p->height, 3, err);
    if (r)
        return r;
    if (s->capacity < 3 * row) {
        yuv_scratch_release(s);
        s->rows = mem_aligned(3 * row, sizeof(*s->rows));
        if (!s->rows)
            return err_nomem(err);
        s->capacity = 3 * row;
    }
    narrow = s->rows + 16; /* one number before it is used */
    u = s->rows + row;
    v = u + row;
    for (y = 0; y < p->height; y++) {
        chroma_row(ops, p, 1, y, narrow, u);
        chroma_row(ops, p, 2, y, narrow, v);
        ops->colour(image_row(dst, y), p->data[0] + y * p->stride[0], u, v, p->width, &m);
    }
    return 0;
}

void yuv_scratch_release(struct yuv_scratch *s)
{
    free(s->rows);
    *s = (struct yuv_scratch){0};
}
