/* Outlines: filling any polygon, cutting one convex polygon by another. */
#ifndef LP_SWAP_POLYGON_H
#define LP_SWAP_POLYGON_H

#include "lib/geometry.h"

#define POLYGON_MAX 512 /* points */

struct polygon {
    int n;
    struct point p[POLYGON_MAX];
};

/*
 * Sets to `value` the pixels of a 1-channel image whose centre lies inside the polygon (non-zero
 * winding; left and top edges belong to it, right and bottom ones do not), clipped to the image.
 * `shift_x`, `shift_y` are added to the points. Returns the bounding rectangle of what was set.
 */
struct rect polygon_fill(struct image *mask, const struct polygon *polygon, double shift_x,
                         double shift_y, uint8_t value);

/* subject cut by the convex `window` (Sutherland and Hodgman 1974); either orientation. The part
 * of a subject that is not convex may be joined by edges of no width. Result may have 0 points. */
void polygon_clip(struct polygon *subject, const struct polygon *window);

void polygon_transform(struct polygon *polygon, const struct mat3 *m);

/* Adds points so that no edge is longer than `step`, as far as there is room. */
void polygon_refine(struct polygon *polygon, double step);

/* The corners of `r` as outline of its pixels: half a pixel out from the centres. */
struct polygon polygon_of_rect(struct rect r);

/* The rectangle of pixels whose centres polygon_fill() could set. */
struct rect polygon_bounds(const struct polygon *polygon);

#endif
