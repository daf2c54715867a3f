/* Augmentations that add random numbers. */
#include "swap/augment_pixels.h"

#include <math.h>

#include "lib/mem.h"

static uint8_t clip(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

/* Noise of about four pixels' size, the same in all channels: like the blocks of a coarse
 * quantisation. */
static int quantise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct coarse_noise noise;
    int x, y, c, r = coarse_noise_draw(&noise, s, img, rng, err);

    for (y = 0; !r && y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        coarse_noise_row(&noise, y);
        for (x = 0; x < img->width; x++, p += 3) {
            int whole = (int)floor(noise.row[x] + 0.5);

            for (c = 0; c < 3; c++)
                p[c] = clip(p[c] + whole);
        }
    }
    return r;
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
