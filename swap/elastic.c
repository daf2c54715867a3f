#include "swap/elastic.h"

#include <math.h>

#define SPLINE_SIGMA 0.57735026918962573 /* of the cubic B-spline, in grid spacings: sqrt(1/3) */
#define GRID_MAX     64                  /* nodes on a side; a finer field wraps around */

static void spline_weights(double t, double w[4])
{
    double s = 1 - t;

    w[0] = s * s * s / 6;
    w[1] = (4 - 6 * t * t + 3 * t * t * t) / 6;
    w[2] = (4 - 6 * s * s + 3 * s * s * s) / 6;
    w[3] = t * t * t / 6;
}

double elastic_deform(struct polygon *outline, double width_px, double sigma, double rms,
                      struct rng *rng)
{
    struct rect bounds = polygon_bounds(outline);
    double spacing = sigma * width_px / SPLINE_SIGMA, sum = 0, scale;
    double extent = fmax(rect_width(bounds), rect_height(bounds)) + 2;
    struct point grid[GRID_MAX][GRID_MAX], move[POLYGON_MAX];
    int nodes, i, j, k;

    if (outline->n < 3 || !(rms > 0) || !(spacing > 0))
        return 0;
    nodes = (int)fmin(GRID_MAX, ceil(extent / spacing) + 4);
    for (i = 0; i < nodes; i++) {
        for (j = 0; j < nodes; j++) {
            grid[i][j].x = rng_normal(rng);
            grid[i][j].y = rng_normal(rng);
        }
    }
    for (k = 0; k < outline->n; k++) {
        double gx = (outline->p[k].x - bounds.x0 + 1) / spacing;
        double gy = (outline->p[k].y - bounds.y0 + 1) / spacing;
        double wx[4], wy[4];
        int x = (int)floor(gx), y = (int)floor(gy);

        spline_weights(gx - x, wx);
        spline_weights(gy - y, wy);
        move[k] = (struct point){0, 0};
        for (i = 0; i < 4; i++) {
            for (j = 0; j < 4; j++) {
                const struct point *g = &grid[(y + i) % nodes][(x + j) % nodes];

                move[k].x += wy[i] * wx[j] * g->x;
                move[k].y += wy[i] * wx[j] * g->y;
            }
        }
        sum += move[k].x * move[k].x + move[k].y * move[k].y;
    }
    if (!(sum > 0))
        return 0;
    scale = rms * width_px / sqrt(sum / outline->n);
    for (sum = 0, k = 0; k < outline->n; k++) {
        move[k].x *= scale;
        move[k].y *= scale;
        sum += move[k].x * move[k].x + move[k].y * move[k].y;
        outline->p[k].x += move[k].x;
        outline->p[k].y += move[k].y;
    }
    return sqrt(sum / outline->n);
}
