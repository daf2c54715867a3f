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

struct field {
    struct rect bounds;
    double spacing;
    int nodes;
    struct point grid[GRID_MAX][GRID_MAX];
};

static struct point field_at(const struct field *f, struct point p)
{
    double gx = (p.x - f->bounds.x0 + 1) / f->spacing, gy = (p.y - f->bounds.y0 + 1) / f->spacing;
    int x = (int)floor(gx), y = (int)floor(gy), i, j;
    struct point move = {0, 0};
    double wx[4], wy[4];

    spline_weights(gx - x, wx);
    spline_weights(gy - y, wy);
    for (i = 0; i < 4; i++) {
        for (j = 0; j < 4; j++) {
            const struct point *g = &f->grid[(y + i) % f->nodes][(x + j) % f->nodes];

            move.x += wy[i] * wx[j] * g->x;
            move.y += wy[i] * wx[j] * g->y;
        }
    }
    return move;
}

double elastic_deform_parts(struct polygon *part, int parts, double width_px, double sigma,
                            double rms, struct rng *rng)
{
    double sum = 0, scale, extent;
    struct field f = {.spacing = sigma * width_px / SPLINE_SIGMA};
    int i, j, k, n = 0;

    for (k = 0; k < parts; k++) {
        f.bounds = rect_union(f.bounds, polygon_bounds(&part[k]));
        n += part[k].n;
    }
    if (n < 3 || !(rms > 0) || !(f.spacing > 0))
        return 0;
    extent = fmax(rect_width(f.bounds), rect_height(f.bounds)) + 2;
    f.nodes = (int)fmin(GRID_MAX, ceil(extent / f.spacing) + 4);
    for (i = 0; i < f.nodes; i++) {
        for (j = 0; j < f.nodes; j++) {
            f.grid[i][j].x = rng_normal(rng);
            f.grid[i][j].y = rng_normal(rng);
        }
    }
    for (k = 0; k < parts; k++) {
        for (i = 0; i < part[k].n; i++) {
            struct point move = field_at(&f, part[k].p[i]);

            sum += move.x * move.x + move.y * move.y;
        }
    }
    if (!(sum > 0))
        return 0;
    scale = rms * width_px / sqrt(sum / n);
    for (k = 0; k < parts; k++) {
        for (i = 0; i < part[k].n; i++) {
            struct point move = field_at(&f, part[k].p[i]);

            part[k].p[i].x += scale * move.x;
            part[k].p[i].y += scale * move.y;
        }
    }
    return scale * sqrt(sum / n);
}

double elastic_deform(struct polygon *outline, double width_px, double sigma, double rms,
                      struct rng *rng)
{
    return elastic_deform_parts(outline, 1, width_px, sigma, rms, rng);
}
