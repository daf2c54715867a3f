#include "swap/augment_pixels.h"

#include <math.h>

#include "lib/mem.h"

#define GRID       56 /* nodes on a side */
#define GRID_SIGMA 2.0

void pixels_look_up(struct image *img, const uint8_t lut[256])
{
    int x, y;

    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < 3 * img->width; x++)
            p[x] = lut[p[x]];
    }
}

void pixels_range(const struct image *img, int *least, int *most)
{
    int x, y;

    *least = 255;
    *most = 0;
    for (y = 0; y < img->height; y++) {
        const uint8_t *p = image_row(img, y);

        for (x = 0; x < 3 * img->width; x++) {
            *least = p[x] < *least ? p[x] : *least;
            *most = p[x] > *most ? p[x] : *most;
        }
    }
}

int coarse_noise_draw(struct coarse_noise *n, struct augment_scratch *s, const struct image *img,
                      struct rng *rng, struct err *err)
{
    const size_t nodes = (size_t)GRID * GRID;
    size_t i;

    if (mem_grow(&s->row, &s->row_cap, nodes, sizeof *s->row) ||
        mem_grow(&s->noise, &s->noise_cap, (size_t)img->width, sizeof *s->noise))
        return err_nomem(err);
    for (i = 0; i < nodes; i++)
        s->row[i] = (float)(GRID_SIGMA * rng_normal(rng));
    *n = (struct coarse_noise){.nodes = s->row,
                               .row = s->noise,
                               .step_x = (double)GRID / img->width,
                               .step_y = (double)GRID / img->height,
                               .width = img->width};
    return 0;
}

void coarse_noise_row(const struct coarse_noise *n, int y)
{
    double v = fmin(fmax((y + 0.5) * n->step_y - 0.5, 0), GRID - 1);
    int v0 = (int)v, v1 = v0 + 1 < GRID ? v0 + 1 : v0, x;
    const float *a = n->nodes + (ptrdiff_t)v0 * GRID, *b = n->nodes + (ptrdiff_t)v1 * GRID;

    v -= v0;
    for (x = 0; x < n->width; x++) {
        double u = fmin(fmax((x + 0.5) * n->step_x - 0.5, 0), GRID - 1);
        int u0 = (int)u, u1 = u0 + 1 < GRID ? u0 + 1 : u0;

        u -= u0;
        n->row[x] = (1 - v) * ((1 - u) * (double)a[u0] + u * (double)a[u1]) +
                    v * ((1 - u) * (double)b[u0] + u * (double)b[u1]);
    }
}
