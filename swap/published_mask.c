#include "swap/published_mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* ---- hull ------------------------------------------------------------------------------------*/
#define FIXED_BITS 16 /* of fillPoly's scan lines */

/* The scan lines between the edges of a convex polygon. */
static void fill_inside(struct image *mask, const struct point *p, int n)
{
    int top = (int)p[0].y, bottom = top, y, i;

    for (i = 1; i < n; i++) {
        top = p[i].y < top ? (int)p[i].y : top;
        bottom = p[i].y > bottom ? (int)p[i].y : bottom;
    }
    if (top < 0)
        top = 0;
    if (bottom > mask->height)
        bottom = mask->height;
    for (y = top; y < bottom; y++) {
        int64_t left = INT64_MAX, right = INT64_MIN, x;

        for (i = 0; i < n; i++) {
            struct point a = p[i], b = p[(i + 1) % n];
            int64_t slope;

            if (a.y > b.y) {
                struct point t = a;

                a = b;
                b = t;
            }
            if (y < a.y || y >= b.y)
                continue;
            slope = ((int64_t)(b.x - a.x) * (1 << FIXED_BITS)) / (int64_t)(b.y - a.y);
            x = (int64_t)a.x * (1 << FIXED_BITS) + slope * (int64_t)(y - a.y);
            left = x < left ? x : left;
            right = x > right ? x : right;
        }
        if (left > right)
            continue;
        left = (left + (1 << FIXED_BITS) - 1) >> FIXED_BITS;
        right >>= FIXED_BITS;
        left = left < 0 ? 0 : left;
        right = right < mask->width ? right : mask->width - 1;
        if (left <= right)
            memset(image_row(mask, y) + left, 255, (size_t)(right - left + 1));
    }
}

struct rect published_hull(struct image *mask, const struct landmarks *l, struct point *hull,
                           int *n_hull)
{
    struct rect bounds;
    int i, n = convex_hull(l->p, l->n, hull);

    for (i = 0; i < n / 2; i++) { /* clockwise */
        struct point t = hull[i];

        hull[i] = hull[n - 1 - i];
        hull[n - 1 - i] = t;
    }
    fill_inside(mask, hull, n);
    for (i = 0; i < n; i++)
        cv_line(mask->data, mask->stride, mask->width, mask->height, (int)hull[i].x, (int)hull[i].y,
                (int)hull[(i + 1) % n].x, (int)hull[(i + 1) % n].y, 255);
    *n_hull = n;
    bounds = rect_of_points(hull, n);
    return rect_intersect(bounds, (struct rect){0, 0, mask->width, mask->height});
}

struct rect published_bounds(const struct image *mask)
{
    struct rect b = {mask->width, mask->height, 0, 0};
    int x, y;

    for (y = 0; y < mask->height; y++) {
        const uint8_t *m = image_row(mask, y);

        for (x = 0; x < mask->width && !m[x]; x++)
            ;
        if (x == mask->width)
            continue;
        b.x0 = x < b.x0 ? x : b.x0;
        b.y0 = y < b.y0 ? y : b.y0;
        b.y1 = y + 1;
        for (x = mask->width; !m[x - 1]; x--)
            ;
        b.x1 = x > b.x1 ? x : b.x1;
    }
    return b.x1 > b.x0 ? b : (struct rect){0, 0, 0, 0};
}

/* ---- elastic ---------------------------------------------------------------------------------*/
#define TRUNCATE   4.0 /* standard deviations: where scipy cuts a Gaussian off */
#define MARGIN_SDS 6.0 /* displacements beyond so many deviations do not happen */

/* scipy's "reflect": the outermost pixel is doubled. */
static int reflect(int i, int n)
{
    while (i < 0 || i >= n)
        i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
}

/* Standard deviation of uniform noise after the filter, from the sums of its squared weights. */
static double field_sd(const double *tap, int reach, double alpha)
{
    double squares = tap[0] * tap[0];
    int k;

    for (k = 1; k <= reach; k++)
        squares += 2 * tap[k] * tap[k];
    return alpha * squares / sqrt(3.0);
}

/* field = alpha x (noise filtered along both axes), on `area` only. */
static int smooth(struct published_elastic *s, double *field, const double *noise, int w, int h,
                  struct rect area, int reach, double alpha, struct err *err)
{
    int aw = rect_width(area), x, y, k;
    double *part;

    if (mem_grow(&s->part, &s->part_cap, (size_t)w * 2, sizeof *s->part))
        return err_nomem(err);
    part = s->part;
    for (y = area.y0; y < area.y1; y++) {
        double *out = field + (size_t)(y - area.y0) * (size_t)aw;

        for (x = 0; x < w; x++)
            part[x] = noise[(size_t)y * (size_t)w + (size_t)x] * s->tap[0];
        for (k = 1; k <= reach; k++) {
            const double *up = noise + (size_t)reflect(y - k, h) * (size_t)w;
            const double *low = noise + (size_t)reflect(y + k, h) * (size_t)w;
            double tap = s->tap[k];

            for (x = 0; x < w; x++)
                part[x] += (up[x] + low[x]) * tap;
        }
        for (x = area.x0; x < area.x1; x++) {
            double sum = part[x] * s->tap[0];

            if (x >= reach && x + reach < w) {
                for (k = 1; k <= reach; k++)
                    sum += (part[x - k] + part[x + k]) * s->tap[k];
            } else {
                for (k = 1; k <= reach; k++)
                    sum += (part[reflect(x - k, w)] + part[reflect(x + k, w)]) * s->tap[k];
            }
            out[x - area.x0] = alpha * sum;
        }
    }
    return 0;
}

/* map_coordinates(order=1, mode="constant"): 0 where the point lies outside. */
static uint8_t sample(const struct image *m, double x, double y)
{
    int x0 = (int)floor(x), y0 = (int)floor(y), x1, y1;
    const uint8_t *p, *q;
    double v;

    if (x < 0 || y < 0 || x > m->width - 1 || y > m->height - 1)
        return 0;
    x1 = x0 + 1 < m->width ? x0 + 1 : x0;
    y1 = y0 + 1 < m->height ? y0 + 1 : y0;
    x -= x0;
    y -= y0;
    p = image_row(m, y0);
    q = image_row(m, y1);
    v = (1 - y) * ((1 - x) * p[x0] + x * p[x1]) + y * ((1 - x) * q[x0] + x * q[x1]);
    return (uint8_t)(v + 0.5);
}

/* A random number for every pixel of both fields, whichever are used. */
static int draw(struct published_elastic *s, size_t n, struct rng *rng, struct elastic_noise *out,
                struct err *err)
{
    size_t i;

    if (mem_grow(&s->noise, &s->noise_cap, 2 * n, sizeof *s->noise))
        return err_nomem(err);
    for (i = 0; i < 2 * n; i++)
        s->noise[i] = 2 * rng_uniform(rng) - 1;
    *out = (struct elastic_noise){s->noise, s->noise + n};
    return 0;
}

int published_elastic(struct published_elastic *s, struct image *mask, struct rect *area,
                      double alpha, double sigma, const struct elastic_noise *noise,
                      struct rng *rng, double *rms, struct err *err)
{
    int w = mask->width, h = mask->height, reach = (int)(TRUNCATE * sigma + 0.5), margin, x, y, r;
    size_t n = (size_t)w * (size_t)h, inside;
    struct elastic_noise own;
    double sum = 1, *dx, *dy;
    struct rect near;
    int k;

    if (mem_grow(&s->tap, &s->tap_cap, (size_t)reach + 1, sizeof *s->tap))
        return err_nomem(err);
    for (s->tap[0] = 1, k = 1; k <= reach; k++)
        sum += 2 * (s->tap[k] = exp(-0.5 * k * k / (sigma * sigma)));
    for (k = 0; k <= reach; k++)
        s->tap[k] /= sum;
    margin = 2 + (int)ceil(MARGIN_SDS * field_sd(s->tap, reach, alpha));
    near = rect_intersect(
        (struct rect){area->x0 - margin, area->y0 - margin, area->x1 + margin, area->y1 + margin},
        (struct rect){0, 0, w, h});
    inside = (size_t)rect_width(near) * (size_t)rect_height(near);
    if (!noise) {
        if ((r = draw(s, n, rng, &own, err)))
            return r;
        noise = &own;
    }
    if (mem_grow(&s->field, &s->field_cap, 2 * inside + 1, sizeof *s->field))
        return err_nomem(err);
    dx = s->field;
    dy = dx + inside;
    if ((r = smooth(s, dx, noise->dx, w, h, near, reach, alpha, err)) ||
        (r = smooth(s, dy, noise->dy, w, h, near, reach, alpha, err)) ||
        (r = image_copy(&s->from, mask, err)))
        return r;
    for (sum = 0, y = near.y0; y < near.y1; y++) {
        for (x = near.x0; x < near.x1; x++, dx++, dy++) {
            image_row(mask, y)[x] = sample(&s->from, x + *dx, y + *dy);
            sum += *dx * *dx + *dy * *dy;
        }
    }
    if (rms)
        *rms = inside ? sqrt(sum / (double)inside) : 0;
    *area = published_bounds(mask);
    return 0;
}

void published_elastic_release(struct published_elastic *s)
{
    free(s->noise);
    free(s->part);
    free(s->field);
    free(s->tap);
    image_release(&s->from);
    *s = (struct published_elastic){0};
}
