#include "lib/warp_area.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void warp_area_init(struct warp_area *a, unsigned cpu_mask)
{
    memset(a, 0, sizeof(*a));
    warp_ops_init(&a->ops, cpu_mask);
    resizer_init(&a->resizer, cpu_mask);
}

void warp_area_release(struct warp_area *a)
{
    if (!a)
        return;
    resizer_release(&a->resizer);
    image_release(&a->small);
    image_release(&a->twice);
}

static double determinant(const double *m)
{
    return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
           m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/* Source pixels a new pixel in the middle of dst: the Jacobian of (x, y) -> (u/w, v/w) is det /
 * w^3.
 */
static double shrinking(const struct mat3 *inverse, const struct image *dst)
{
    const double *m = inverse->m;
    double x = 0.5 * (dst->width - 1), y = 0.5 * (dst->height - 1);
    double w = m[6] * x + m[7] * y + m[8];

    return sqrt(fabs(determinant(m) / (w * w * w)));
}

/* The part of src that dst is made of, with what the edge pixels average over. False if a corner
 * lies on or beyond the horizon. */
static bool source_part(const struct mat3 *inverse, const struct image *dst,
                        const struct image *src, double scale, struct rect *part)
{
    const double *m = inverse->m;
    struct point corner[4];
    double middle = m[6] * 0.5 * dst->width + m[7] * 0.5 * dst->height + m[8];
    int i, reach = (int)fmin(ceil(2 * scale), IMAGE_MAX_SIDE);

    for (i = 0; i < 4; i++) {
        struct point p = {i % 2 ? dst->width - 1 : 0, i / 2 ? dst->height - 1 : 0};

        if (!((m[6] * p.x + m[7] * p.y + m[8]) * middle > 0))
            return false;
        corner[i] = mat3_apply(inverse, p);
        if (!isfinite(corner[i].x) || !isfinite(corner[i].y))
            return false;
    }
    *part = rect_of_points(corner, 4);
    *part = (struct rect){part->x0 - reach, part->y0 - reach, part->x1 + reach, part->y1 + reach};
    *part = rect_intersect(*part, (struct rect){0, 0, src->width, src->height});
    return rect_width(*part) && rect_height(*part);
}

static int reduced(int side, double scale)
{
    return (int)fmax(1, floor(side / scale + 0.5));
}

/* a->small = the part of src, 1/scale as large; *from_small = from its pixel centres to src's. */
static int reduce(struct warp_area *a, const struct image *src, struct rect part, double scale,
                  struct mat3 *from_small, struct err *err)
{
    struct image view = image_view(src, part.x0, part.y0, rect_width(part), rect_height(part));
    double *m = from_small->m;
    int r = image_shape(&a->small, reduced(view.width, scale), reduced(view.height, scale),
                        src->channels, err);

    if (r)
        return r;
    m[0] = (double)view.width / a->small.width;
    m[4] = (double)view.height / a->small.height;
    m[2] = part.x0 + 0.5 * m[0] - 0.5;
    m[5] = part.y0 + 0.5 * m[4] - 0.5;
    return resize_image(&a->resizer, &a->small, &view, err);
}

/* dst = the means of 2 x 2 pixels; halves go to the even number, or pictures would get brighter by
 * an eighth of a grey level. */
static void halve(struct image *dst, const struct image *twice)
{
    int x, y, i, c = dst->channels;

    for (y = 0; y < dst->height; y++) {
        const uint8_t *p = image_row(twice, 2 * y), *q = image_row(twice, 2 * y + 1);
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < dst->width; x++, p += 2 * c, q += 2 * c)
            for (i = 0; i < c; i++) {
                int sum = p[i] + p[c + i] + q[i] + q[c + i];

                *out++ = (uint8_t)((sum + 1 + (sum >> 2 & 1)) >> 2);
            }
    }
}

int warp_perspective_area(struct warp_area *a, struct image *dst, const struct image *src,
                          const struct mat3 *m, struct err *err)
{
    struct mat3 inverse, from_small = mat3_identity(), whole;
    struct mat3 twice = {{2, 0, 0.5, 0, 2, 0.5, 0, 0, 1}};
    const struct image *from = src;
    struct rect part;
    double scale;
    int r;

    if (!mat3_invert(m, &inverse))
        return err_set(err, ERR_DATA, "the transform cannot be inverted");
    scale = shrinking(&inverse, dst);
    if (!(scale >= WARP_AREA_FROM) || !source_part(&inverse, dst, src, scale, &part))
        return warp_perspective(&a->ops, dst, src, m, err);
    if (scale >= 2 * WARP_AREA_FROM) {
        r = reduce(a, src, part, scale / 2, &from_small, err);
        if (r)
            return r;
        from = &a->small;
    }
    whole = mat3_multiply(m, &from_small);
    whole = mat3_multiply(&twice, &whole);
    if ((r = image_shape(&a->twice, 2 * dst->width, 2 * dst->height, dst->channels, err)) ||
        (r = warp_perspective(&a->ops, &a->twice, from, &whole, err)))
        return r;
    halve(dst, &a->twice);
    return 0;
}
