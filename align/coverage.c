#include "align/coverage.h"

#include <math.h>

#define MAX_POINTS 16 /* a square cut by four half-planes has at most 8 corners */

/* Keeps what of the polygon lies where sign * (x or y) <= limit (Sutherland and Hodgman 1974). */
static int cut(const struct point *in, int n, int axis, double sign, double limit,
               struct point *out)
{
    int i, count = 0;

    for (i = 0; i < n; i++) {
        struct point a = in[i], b = in[(i + 1) % n];
        double da = limit - sign * (axis ? a.y : a.x), db = limit - sign * (axis ? b.y : b.x);

        if (da >= 0)
            out[count++] = a;
        if ((da >= 0) != (db >= 0)) {
            double t = da / (da - db);

            out[count++] = (struct point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        }
    }
    return count;
}

double coverage_outside(const struct mat3 *m, int width, int height, int size)
{
    struct point a[MAX_POINTS], b[MAX_POINTS];
    struct mat3 inverse;
    double whole;
    int i, n = 4;

    if (!mat3_invert(m, &inverse))
        return 0;
    for (i = 0; i < 4; i++) {
        struct point corner = {i == 1 || i == 2 ? size - 1 : 0, i >= 2 ? size - 1 : 0};

        a[i] = mat3_apply(&inverse, corner);
    }
    whole = fabs(polygon_area(a, 4));
    n = cut(a, n, 0, 1, width - 1, b);
    n = cut(b, n, 0, -1, 0, a);
    n = cut(a, n, 1, 1, height - 1, b);
    n = cut(b, n, 1, -1, 0, a);
    return whole > 0 ? fmax(0, 1 - fabs(polygon_area(a, n)) / whole) : 0;
}
