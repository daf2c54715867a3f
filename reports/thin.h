/* Curves with a million corners, drawn with a few hundred. */
#ifndef LP_THIN_H
#define LP_THIN_H

#include <stddef.h>

#include "lib/err.h"

struct curve_point {
    double x, y;
};

/*
 * Keeps at most `max` (>= 2) points of a polyline, in place, and returns how many: the first, the
 * last, and those that a Douglas-Peucker split (Cartographica 10(2), 1973) takes first, largest
 * deviation first, until the deviation is at most `tolerance` or `max` is reached. Distances are
 * perpendicular, in units of the axes, which the caller scales to the drawing. Work is O(n log n)
 * for the curves at hand; ties go to the earlier point, so the result is a function of the input.
 * Returns a negative code when memory runs out.
 */
long long thin_curve(struct curve_point *p, size_t n, size_t max, double tolerance,
                     struct err *err) LP_MUST_CHECK;

#endif
