#include "lib/geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rectangles ----------------------------------------------------------------------------- */

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static bool rect_empty(struct rect r)
{
    return r.x1 <= r.x0 || r.y1 <= r.y0;
}

struct rect rect_intersect(struct rect a, struct rect b)
{
    struct rect r = {max_int(a.x0, b.x0), max_int(a.y0, b.y0), min_int(a.x1, b.x1),
                     min_int(a.y1, b.y1)};

    return rect_empty(r) ? (struct rect){0, 0, 0, 0} : r;
}

struct rect rect_union(struct rect a, struct rect b)
{
    if (rect_empty(a))
        return rect_empty(b) ? (struct rect){0, 0, 0, 0} : b;
    if (rect_empty(b))
        return a;
    return (struct rect){min_int(a.x0, b.x0), min_int(a.y0, b.y0), max_int(a.x1, b.x1),
                         max_int(a.y1, b.y1)};
}

static double rect_area(struct rect r)
{
    return (double)rect_width(r) * rect_height(r);
}

double rect_iou(struct rect a, struct rect b)
{
    double common = rect_area(rect_intersect(a, b));
    double all = rect_area(a) + rect_area(b) - common;

    return all > 0 ? common / all : 0;
}

static int limit(double v)
{
    if (v < -IMAGE_MAX_SIDE)
        return -IMAGE_MAX_SIDE;
    return v > IMAGE_MAX_SIDE ? IMAGE_MAX_SIDE : (int)v;
}

struct rect rect_of_points(const struct point *p, int n)
{
    double x0, y0, x1, y1;
    int i;

    if (n < 1)
        return (struct rect){0, 0, 0, 0};
    x0 = x1 = p[0].x;
    y0 = y1 = p[0].y;
    for (i = 1; i < n; i++) {
        x0 = fmin(x0, p[i].x);
        y0 = fmin(y0, p[i].y);
        x1 = fmax(x1, p[i].x);
        y1 = fmax(y1, p[i].y);
    }
    return (struct rect){limit(floor(x0)), limit(floor(y0)), limit(floor(x1) + 1),
                         limit(floor(y1) + 1)};
}

/* ---- homographies --------------------------------------------------------------------------- */

struct mat3 mat3_identity(void)
{
    return (struct mat3){{1, 0, 0, 0, 1, 0, 0, 0, 1}};
}

struct mat3 mat3_multiply(const struct mat3 *a, const struct mat3 *b)
{
    struct mat3 r;
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            r.m[3 * i + j] = a->m[3 * i] * b->m[j] + a->m[3 * i + 1] * b->m[3 + j] +
                             a->m[3 * i + 2] * b->m[6 + j];
    return r;
}

bool mat3_invert(const struct mat3 *a, struct mat3 *out)
{
    const double *m = a->m;
    double c[9], det, bound = 1;
    int i;

    c[0] = m[4] * m[8] - m[5] * m[7];
    c[1] = m[2] * m[7] - m[1] * m[8];
    c[2] = m[1] * m[5] - m[2] * m[4];
    c[3] = m[5] * m[6] - m[3] * m[8];
    c[4] = m[0] * m[8] - m[2] * m[6];
    c[5] = m[2] * m[3] - m[0] * m[5];
    c[6] = m[3] * m[7] - m[4] * m[6];
    c[7] = m[1] * m[6] - m[0] * m[7];
    c[8] = m[0] * m[4] - m[1] * m[3];
    det = m[0] * c[0] + m[1] * c[3] + m[2] * c[6];
    /* Hadamard's bound: the largest determinant that rows of these lengths can have. */
    for (i = 0; i < 3; i++)
        bound *=
            sqrt(m[3 * i] * m[3 * i] + m[3 * i + 1] * m[3 * i + 1] + m[3 * i + 2] * m[3 * i + 2]);
    if (!isfinite(det) || !isfinite(1 / det) || fabs(det) <= 1e-16 * bound)
        return false;
    for (i = 0; i < 9; i++)
        out->m[i] = c[i] / det;
    return true;
}

struct point mat3_apply(const struct mat3 *a, struct point p)
{
    const double *m = a->m;
    double w = m[6] * p.x + m[7] * p.y + m[8];

    return (struct point){(m[0] * p.x + m[1] * p.y + m[2]) / w,
                          (m[3] * p.x + m[4] * p.y + m[5]) / w};
}

bool similarity_fit(const struct point *from, const struct point *to, int n, struct mat3 *out)
{
    struct point f = {0, 0}, t = {0, 0};
    double a = 0, b = 0, spread = 0;
    int i;

    if (n < 2)
        return false;
    for (i = 0; i < n; i++) {
        f.x += from[i].x / n;
        f.y += from[i].y / n;
        t.x += to[i].x / n;
        t.y += to[i].y / n;
    }
    for (i = 0; i < n; i++) {
        double dx = from[i].x - f.x, dy = from[i].y - f.y;
        double ux = to[i].x - t.x, uy = to[i].y - t.y;

        a += ux * dx + uy * dy;
        b += ux * dy - uy * dx;
        spread += dx * dx + dy * dy;
    }
    a /= spread;
    b /= spread;
    /* Also false for an infinity or a NaN among the points. */
    if (!(spread > 0) || !(hypot(a, b) > 1e-12) || !isfinite(a) || !isfinite(b))
        return false;
    *out = (struct mat3){{a, b, t.x - a * f.x - b * f.y, -b, a, t.y + b * f.x - a * f.y, 0, 0, 1}};
    return true;
}

static double cross(struct point o, struct point a, struct point b)
{
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

/* Three of the corners on one line, or a coordinate that is no number. */
static bool quad_degenerate(const struct point q[4])
{
    double size = 0;
    int i;

    for (i = 1; i < 4; i++)
        size = fmax(size, hypot(q[i].x - q[0].x, q[i].y - q[0].y));
    for (i = 0; i < 4; i++)
        if (!(fabs(cross(q[i], q[(i + 1) % 4], q[(i + 2) % 4])) > 1e-12 * size * size))
            return true;
    return false;
}

/* The unit square (0,0) (1,0) (1,1) (0,1) onto q (Heckbert 1989, section 2.2.3). */
static struct mat3 square_to_quad(const struct point q[4])
{
    double dx1 = q[1].x - q[2].x, dx2 = q[3].x - q[2].x, sx = q[0].x - q[1].x + q[2].x - q[3].x;
    double dy1 = q[1].y - q[2].y, dy2 = q[3].y - q[2].y, sy = q[0].y - q[1].y + q[2].y - q[3].y;
    double d = dx1 * dy2 - dx2 * dy1;
    double g = (sx * dy2 - dx2 * sy) / d, h = (dx1 * sy - sx * dy1) / d;

    return (struct mat3){{q[1].x - q[0].x + g * q[1].x, q[3].x - q[0].x + h * q[3].x, q[0].x,
                          q[1].y - q[0].y + g * q[1].y, q[3].y - q[0].y + h * q[3].y, q[0].y, g, h,
                          1}};
}

bool homography_from_quad(const struct point from[4], const struct point to[4], struct mat3 *out)
{
    struct mat3 a, b, inverse;
    double largest = 0;
    int i;

    if (quad_degenerate(from) || quad_degenerate(to))
        return false;
    a = square_to_quad(from);
    b = square_to_quad(to);
    if (!mat3_invert(&a, &inverse))
        return false;
    *out = mat3_multiply(&b, &inverse);
    for (i = 0; i < 9; i++)
        largest = fmax(largest, fabs(out->m[i]));
    /* m8 = 1, as everybody writes it, unless the origin goes to infinity. */
    if (fabs(out->m[8]) > 1e-12 * largest) {
        double scale = out->m[8];

        for (i = 0; i < 9; i++)
            out->m[i] /= scale;
    }
    return true;
}

/* ---- hulls and polygons --------------------------------------------------------------------- */

static int before(struct point a, struct point b)
{
    if (a.x != b.x)
        return a.x < b.x ? -1 : 1;
    return (a.y > b.y) - (a.y < b.y);
}

/* Order along the outline: from the leftmost point to the rightmost by the chain below the line
 * between them, and back by the chain above it. `context` is that line. */
static int outline_order(const void *pa, const void *pb, void *context)
{
    const struct point *line = context, *a = pa, *b = pb;
    bool back_a = cross(line[0], line[1], *a) < 0, back_b = cross(line[0], line[1], *b) < 0;

    if (back_a != back_b)
        return back_a ? 1 : -1;
    return back_a ? before(*b, *a) : before(*a, *b);
}

int convex_hull(const struct point *points, int n, struct point *hull)
{
    struct point line[2];
    int i, size = 0;

    if (n < 1)
        return 0;
    line[0] = line[1] = points[0];
    for (i = 1; i < n; i++) {
        if (before(points[i], line[0]) < 0)
            line[0] = points[i];
        if (before(points[i], line[1]) > 0)
            line[1] = points[i];
    }
    memmove(hull, points, (size_t)n * sizeof(*hull));
    if (before(line[0], line[1]) == 0)
        return 1;
    qsort_r(hull, (size_t)n, sizeof(*hull), outline_order, line);
    /* Both of Andrew's chains in one pass, in place: the stack never outruns the reading. */
    for (i = 0; i < n; i++) {
        struct point p = hull[i];

        while (size > 1 && cross(hull[size - 2], hull[size - 1], p) >= 0)
            size--;
        hull[size++] = p;
    }
    while (size > 2 && cross(hull[size - 2], hull[size - 1], hull[0]) >= 0)
        size--;
    return size;
}

double polygon_area(const struct point *p, int n)
{
    double twice = 0;
    int i;

    for (i = 1; i + 1 < n; i++)
        twice += cross(p[0], p[i], p[i + 1]);
    return twice / 2;
}

/* Pixels this near to an edge count as on it, so that rounding in the crossings does not matter. */
#define ON_EDGE_PX 1e-9

/* The part of the polygon that the line `y` crosses; false if none. */
static bool crossing(const struct point *p, int n, double y, double *left, double *right)
{
    int i;

    *left = INFINITY;
    *right = -INFINITY;
    for (i = 0; i < n; i++) {
        struct point a = p[i], b = p[(i + 1) % n];
        double t, x;

        if (fmin(a.y, b.y) > y + ON_EDGE_PX || fmax(a.y, b.y) < y - ON_EDGE_PX)
            continue;
        if (fabs(b.y - a.y) <= 2 * ON_EDGE_PX) {
            *left = fmin(*left, fmin(a.x, b.x));
            *right = fmax(*right, fmax(a.x, b.x));
            continue;
        }
        t = fmin(fmax((y - a.y) / (b.y - a.y), 0), 1);
        x = a.x + t * (b.x - a.x);
        *left = fmin(*left, x);
        *right = fmax(*right, x);
    }
    return *left <= *right;
}

struct rect polygon_fill_convex(struct image *mask, const struct point *p, int n, uint8_t value)
{
    struct rect box = {0, 0, 0, 0};
    double top = INFINITY, bottom = -INFINITY, left, right;
    int i, y, y0, y1;

    for (i = 0; i < n; i++) {
        top = fmin(top, p[i].y);
        bottom = fmax(bottom, p[i].y);
    }
    if (!(top <= bottom))
        return box;
    y0 = limit(fmax(ceil(top - ON_EDGE_PX), 0));
    y1 = limit(fmin(floor(bottom + ON_EDGE_PX), mask->height - 1));
    for (y = y0; y <= y1; y++) {
        int x0, x1;

        if (!crossing(p, n, y, &left, &right))
            continue;
        x0 = limit(fmax(ceil(left - ON_EDGE_PX), 0));
        x1 = limit(fmin(floor(right + ON_EDGE_PX), mask->width - 1)) + 1;
        if (x1 <= x0)
            continue;
        memset(image_row(mask, y) + x0, value, (size_t)(x1 - x0));
        box = rect_union(box, (struct rect){x0, y, x1, y + 1});
    }
    return box;
}
