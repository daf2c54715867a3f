/* Augmentations that add random numbers. */
#include "swap/augment.h"

#include <math.h>

#include "lib/mem.h"

static uint8_t clip(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

#define GRID       56 /* nodes on a side */
#define GRID_SIGMA 2.0

/* Noise of about four pixels' size, the same in all channels: like the blocks of a coarse
 * quantisation. */
static int quantise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    const size_t nodes = (size_t)GRID * GRID;
    double sx = (double)GRID / img->width, sy = (double)GRID / img->height;
    size_t i;
    int x, y;

    if (mem_grow(&s->row, &s->row_cap, nodes, sizeof *s->row))
        return err_nomem(err);
    for (i = 0; i < nodes; i++)
        s->row[i] = (float)(GRID_SIGMA * rng_normal(rng));
    for (y = 0; y < img->height; y++) {
        double v = fmin(fmax((y + 0.5) * sy - 0.5, 0), GRID - 1);
        int v0 = (int)v, v1 = v0 + 1 < GRID ? v0 + 1 : v0;
        uint8_t *p = image_row(img, y);

        v -= v0;
        for (x = 0; x < img->width; x++, p += 3) {
            double u = fmin(fmax((x + 0.5) * sx - 0.5, 0), GRID - 1), add;
            int u0 = (int)u, u1 = u0 + 1 < GRID ? u0 + 1 : u0, whole;
            const float *a = s->row + (ptrdiff_t)v0 * GRID, *b = s->row + (ptrdiff_t)v1 * GRID;

            u -= u0;
            add = (1 - v) * ((1 - u) * (double)a[u0] + u * (double)a[u1]) +
                  v * ((1 - u) * (double)b[u0] + u * (double)b[u1]);
            whole = (int)floor(add + 0.5);
            p[0] = clip(p[0] + whole);
            p[1] = clip(p[1] + whole);
            p[2] = clip(p[2] + whole);
        }
    }
    return 0;
}

const struct augmentation augment_quantise = {
    .name = "quantise",
    .help = "grey noise of 2 levels on a grid of 56 x 56",
    .probability = 0.5,
    .apply = quantise,
};

int augment_draw_sigma(struct rng *rng)
{
    bool strong = rng_uniform(rng) < 0.5;

    return strong ? 15 + (int)rng_below(rng, 7) : (int)rng_below(rng, 5);
}

#define TABLE (1 << 16)

/*
 * A pixel is a whole number, so rounding it with its noise is adding rounded noise, whose
 * distribution is that of a table: entry t is the smallest k with P(round(sigma N) <= k) above
 * (t + 1/2) / 65536. One random number then makes two values. Cut off at about 4.3 sigma.
 */
static void fill_table(int8_t *table, int sigma)
{
    int t = 0, k;

    for (k = -5 * sigma; k < 5 * sigma; k++) {
        double below = 0.5 * erfc(-(k + 0.5) / (sigma * M_SQRT2));

        for (; t < TABLE && t + 0.5 < below * TABLE; t++)
            table[t] = (int8_t)k;
    }
    for (; t < TABLE; t++)
        table[t] = (int8_t)(5 * sigma);
}

static int noise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    int sigma = augment_draw_sigma(rng), x, y;

    if (!sigma)
        return 0;
    if (mem_grow(&s->table, &s->table_cap, TABLE, sizeof *s->table))
        return err_nomem(err);
    fill_table(s->table, sigma);
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);
        uint32_t bits = 0;

        for (x = 0; x < 3 * img->width; x++) {
            bits = x % 2 ? bits >> 16 : rng_u32(rng);
            p[x] = clip(p[x] + s->table[bits & (TABLE - 1)]);
        }
    }
    return 0;
}

const struct augmentation augment_noise = {
    .name = "noise",
    .help = "Gaussian noise of 0 to 4 or 15 to 21 levels, each value on its own",
    .probability = 0.3,
    .apply = noise,
};
