#include "swap/polygon.h"

#include <math.h>
#include <string.h>

#define BLOCK     32 /* rows whose crossings are held at a time */
#define CROSSINGS 32 /* edges a row may meet; an outline of ours meets 2, seldom 4 */

struct crossing {
    double x;
    int winding;
};

static int limit(double v)
{
    if (!(v > -IMAGE_MAX_SIDE))
        return -IMAGE_MAX_SIDE;
    return v > IMAGE_MAX_SIDE ? IMAGE_MAX_SIDE : (int)v;
}

static void fill_row(struct image *mask, int y, const struct crossing *at, int n, uint8_t value,
                     struct rect *set)
{
    int i, winding = 0;

    for (i = 0; i + 1 < n; i++) {
        int x0, x1;

        winding += at[i].winding;
        if (!winding)
            continue;
        x0 = limit(ceil(at[i].x));
        x1 = limit(ceil(at[i + 1].x)); /* exclusive */
        x0 = x0 < 0 ? 0 : x0;
        x1 = x1 > mask->width ? mask->width : x1;
        if (x0 >= x1)
            continue;
        memset(image_row(mask, y) + x0, value, (size_t)(x1 - x0));
        *set = rect_union(*set, (struct rect){x0, y, x1, y + 1});
    }
}

struct rect polygon_fill(struct image *mask, const struct polygon *polygon, double shift_x,
                         double shift_y, uint8_t value)
{
    struct rect set = {0, 0, 0, 0}, bounds = polygon_bounds(polygon);
    int y, y0, y1, i;

    y0 = limit(bounds.y0 + floor(shift_y));
    y1 = limit(bounds.y1 + ceil(shift_y));
    y0 = y0 < 0 ? 0 : y0;
    y1 = y1 > mask->height ? mask->height : y1;
    for (y = y0; y < y1; y += BLOCK) {
        struct crossing at[BLOCK][CROSSINGS];
        int n[BLOCK] = {0}, last = (y + BLOCK < y1 ? y + BLOCK : y1) - 1, row;

        for (i = 0; i < polygon->n; i++) {
            struct point a = polygon->p[i], b = polygon->p[(i + 1) % polygon->n];
            double ya = a.y + shift_y, yb = b.y + shift_y, low = fmin(ya, yb), high = fmax(ya, yb);
            int from, to;

            /* The rows with low <= row < high. */
            if (!(high > y) || !(low <= last))
                continue;
            from = low <= y ? y : (int)ceil(low);
            to = high > last ? last : (int)ceil(high) - 1;
            for (row = from; row <= to; row++) {
                struct crossing *c = at[row - y];
                int k = n[row - y];
                double x = a.x + shift_x + (row - ya) / (yb - ya) * (b.x - a.x);

                if (k == CROSSINGS)
                    continue;
                for (n[row - y]++; k > 0 && c[k - 1].x > x; k--)
                    c[k] = c[k - 1];
                c[k] = (struct crossing){x, ya <= row ? 1 : -1};
            }
        }
        for (row = y; row <= last; row++)
            fill_row(mask, row, at[row - y], n[row - y], value, &set);
    }
    return set;
}

static double side(struct point a, struct point b, struct point p)
{
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

void polygon_clip(struct polygon *subject, const struct polygon *window)
{
    double sign = polygon_area(window->p, window->n) < 0 ? -1.0 : 1.0;
    struct polygon out;
    int e, i;

    for (e = 0; e < window->n; e++) {
        struct point a = window->p[e], b = window->p[(e + 1) % window->n];

        out.n = 0;
        for (i = 0; i < subject->n; i++) {
            struct point p = subject->p[i], q = subject->p[(i + 1) % subject->n];
            double sp = sign * side(a, b, p), sq = sign * side(a, b, q);

            if (sp >= 0 && out.n < POLYGON_MAX)
                out.p[out.n++] = p;
            if ((sp > 0 && sq < 0) || (sp < 0 && sq > 0)) {
                double t = sp / (sp - sq);

                if (out.n < POLYGON_MAX)
                    out.p[out.n++] = (struct point){p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
            }
        }
        *subject = out;
    }
}

void polygon_transform(struct polygon *polygon, const struct mat3 *m)
{
    int i;

    for (i = 0; i < polygon->n; i++)
        polygon->p[i] = mat3_apply(m, polygon->p[i]);
}

void polygon_refine(struct polygon *polygon, double step)
{
    struct polygon out = {0};
    int i, k;

    for (i = 0; i < polygon->n; i++) {
        struct point a = polygon->p[i], b = polygon->p[(i + 1) % polygon->n];
        double parts = ceil(hypot(b.x - a.x, b.y - a.y) / step);
        int room = POLYGON_MAX - out.n - (polygon->n - i - 1);
        int n = parts < 1 ? 1 : parts > room ? room : (int)parts;

        for (k = 0; k < n; k++)
            out.p[out.n++] = (struct point){a.x + (b.x - a.x) * k / n, a.y + (b.y - a.y) * k / n};
    }
    *polygon = out;
}

struct polygon polygon_of_rect(struct rect r)
{
    double x0 = r.x0 - 0.5, y0 = r.y0 - 0.5, x1 = r.x1 - 0.5, y1 = r.y1 - 0.5;

    return (struct polygon){4, {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}};
}

struct rect polygon_bounds(const struct polygon *polygon)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    int i;

    for (i = 0; i < polygon->n; i++) {
        x0 = fmin(x0, polygon->p[i].x);
        y0 = fmin(y0, polygon->p[i].y);
        x1 = fmax(x1, polygon->p[i].x);
        y1 = fmax(y1, polygon->p[i].y);
    }
    if (!(x0 <= x1))
        return (struct rect){0, 0, 0, 0};
    return (struct rect){limit(ceil(x0)), limit(ceil(y0)), limit(ceil(x1)), limit(ceil(y1))};
}
