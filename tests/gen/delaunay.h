/* Delaunay triangulation of a few points (Bowyer 1981, Watson 1981), for meshes of landmarks. */
#ifndef LP_DELAUNAY_H
#define LP_DELAUNAY_H

#include "lib/geometry.h"

#define DELAUNAY_MAX_POINTS    100
#define DELAUNAY_MAX_TRIANGLES (2 * (DELAUNAY_MAX_POINTS + 3) + 2)

/* Fills triangles with the indices of the corners and returns how many there are; they cover the
 * convex hull of the points. n <= DELAUNAY_MAX_POINTS; the points must be finite and differ. */
int delaunay(const struct point *points, int n, int triangles[DELAUNAY_MAX_TRIANGLES][3]);

#endif
