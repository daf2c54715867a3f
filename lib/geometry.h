/*
 * Points, rectangles, 3x3 homographies, similarity fits, hulls and polygons.
 * Coordinates are pixels, x to the right, y down; pixel centres are at whole numbers.
 */
#ifndef LP_GEOMETRY_H
#define LP_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/image.h"

struct point {
    double x, y;
};

/* Half-open: covers x0 <= x < x1. Empty when x1 <= x0 or y1 <= y0. */
struct rect {
    int x0, y0, x1, y1;
};

static inline int rect_width(struct rect r)
{
    return r.x1 > r.x0 ? r.x1 - r.x0 : 0;
}

static inline int rect_height(struct rect r)
{
    return r.y1 > r.y0 ? r.y1 - r.y0 : 0;
}

struct rect rect_intersect(struct rect a, struct rect b);
struct rect rect_union(struct rect a,
                       struct rect b);         /* bounding box; an empty one does not count */
double rect_iou(struct rect a, struct rect b); /* 0 when both are empty */

/* Row-major homography: (x, y) -> ((m0 x + m1 y + m2) / w, (m3 x + m4 y + m5) / w),
 * w = m6 x + m7 y + m8. */
struct mat3 {
    double m[9];
};

struct mat3 mat3_identity(void);
struct mat3 mat3_multiply(const struct mat3 *a, const struct mat3 *b); /* first b, then a */
bool mat3_invert(const struct mat3 *a, struct mat3 *out);              /* false if singular */
struct point mat3_apply(const struct mat3 *a, struct point p);         /* with the divide */

/* Least-squares similarity that takes from[i] to to[i]: the closed form of Umeyama 1991, eq. 40-43,
 * for two dimensions and without reflection. n >= 2; false if the points of either set coincide or
 * one is not finite. */
bool similarity_fit(const struct point *from, const struct point *to, int n, struct mat3 *out);

/* The homography through four pairs of points, in any order, m8 = 1 (Heckbert 1989,
 * section 2.2.3). False if three corners of either are on a line. */
bool homography_from_quad(const struct point from[4], const struct point to[4], struct mat3 *out);

/* Convex hull (Andrew's monotone chain), counter-clockwise on screen from the leftmost point,
 * without points inside an edge; hull has room for n points and may be `points`. Returns the number
 * of hull points: 1 if all coincide, 2 if they are on a line. Points must be finite. */
int convex_hull(const struct point *points, int n, struct point *hull);

/* Signed area of a polygon (positive when clockwise on screen). */
double polygon_area(const struct point *p, int n);

/* Sets the pixels of a 1-channel image whose centre lies inside or on (within 1e-9 px) the convex
 * polygon to `value`, clipped to the image. Returns the bounding rectangle of what was set. Points
 * must be finite, in either order around. */
struct rect polygon_fill_convex(struct image *mask, const struct point *p, int n, uint8_t value);

/* Smallest rectangle with x0 <= x < x1 and y0 <= y < y1 for all points. Points must be finite;
 * results are limited to +-IMAGE_MAX_SIDE. Empty if n is 0. */
struct rect rect_of_points(const struct point *p, int n);

#endif
