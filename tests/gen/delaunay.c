#include "tests/gen/delaunay.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static double cross(struct point a, struct point b, struct point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* Is d strictly inside the circle through a, b, c? The corners run so that cross > 0. */
static bool in_circle(struct point a, struct point b, struct point c, struct point d)
{
    double ax = a.x - d.x, ay = a.y - d.y, bx = b.x - d.x, by = b.y - d.y;
    double cx = c.x - d.x, cy = c.y - d.y;

    return (ax * ax + ay * ay) * (bx * cy - cx * by) - (bx * bx + by * by) * (ax * cy - cx * ay) +
               (cx * cx + cy * cy) * (ax * by - bx * ay) >
           1e-12;
}

int delaunay(const struct point *points, int n, int triangles[DELAUNAY_MAX_TRIANGLES][3])
{
    struct point p[DELAUNAY_MAX_POINTS + 3];
    int edges[3 * DELAUNAY_MAX_TRIANGLES][2];
    double x0 = points[0].x, x1 = x0, y0 = points[0].y, y1 = y0, side;
    int count = 0, n_edges, i, j, k, kept;

    assert(n >= 3 && n <= DELAUNAY_MAX_POINTS);
    memcpy(p, points, (size_t)n * sizeof(*p));
    for (i = 1; i < n; i++) {
        x0 = fmin(x0, p[i].x);
        x1 = fmax(x1, p[i].x);
        y0 = fmin(y0, p[i].y);
        y1 = fmax(y1, p[i].y);
    }
    /* one triangle round everything, so far out that the hull comes out convex */
    side = 1e4 * fmax(x1 - x0, y1 - y0);
    p[n] = (struct point){x0 - side, y0 - side};
    p[n + 1] = (struct point){x1 + 2 * side, y0 - side};
    p[n + 2] = (struct point){x0 - side, y1 + 2 * side};
    triangles[count][0] = n;
    triangles[count][1] = n + 1;
    triangles[count++][2] = n + 2;
    for (i = 0; i < n; i++) {
        /* take out the triangles whose circle holds the point ... */
        n_edges = 0;
        for (j = kept = 0; j < count; j++) {
            int *t = triangles[j];

            if (in_circle(p[t[0]], p[t[1]], p[t[2]], p[i])) {
                for (k = 0; k < 3; k++) {
                    edges[n_edges][0] = t[k];
                    edges[n_edges++][1] = t[(k + 1) % 3];
                }
            } else {
                memmove(triangles[kept++], t, sizeof(triangles[0]));
            }
        }
        count = kept;
        /* ... and fill the hole from the point: its rim is the edges that occur once */
        for (j = 0; j < n_edges; j++) {
            bool inner = false;

            for (k = 0; k < n_edges && !inner; k++)
                inner = edges[k][0] == edges[j][1] && edges[k][1] == edges[j][0];
            if (inner)
                continue;
            assert(count < DELAUNAY_MAX_TRIANGLES);
            triangles[count][0] = edges[j][0];
            triangles[count][1] = edges[j][1];
            triangles[count++][2] = i;
        }
    }
    for (j = kept = 0; j < count; j++) {
        int *t = triangles[j];

        if (t[0] < n && t[1] < n && t[2] < n && fabs(cross(p[t[0]], p[t[1]], p[t[2]])) > 1e-12)
            memmove(triangles[kept++], t, sizeof(triangles[0]));
    }
    return kept;
}
