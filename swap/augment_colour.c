/* Augmentations of each pixel on its own. */
#include "swap/augment_pixels.h"

#include <math.h>

static uint8_t clip(double v)
{
    return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)(v + 0.5);
}

/* (v - min) / (max - min + 1) * 255 over all channels. */
static int normalise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    uint8_t lut[256] = {0};
    int x, least, most;

    (void)s, (void)rng, (void)err;
    pixels_range(img, &least, &most);
    for (x = least; x <= most; x++)
        lut[x] = clip((x - least) * 255.0 / (most - least + 1));
    pixels_look_up(img, lut);
    return 0;
}

const struct augmentation augment_normalise = {
    .name = "normalise",
    .help = "stretch the contrast to the whole range",
    .probability = 0.5,
    .apply = normalise,
};

void augment_draw_hsv(struct rng *rng, double *saturation, double *value)
{
    bool change = rng_uniform(rng) < 0.5, less = rng_uniform(rng) < 0.5, more;
    double u = rng_uniform(rng);

    *saturation = !change ? 1 : less ? 1 - 0.5 * u : 1 + 0.15 * u;
    change = rng_uniform(rng) < 0.5;
    more = rng_uniform(rng) < 0.5;
    u = rng_uniform(rng);
    *value = !change ? 1 : more ? 1 + u : 1 - 0.5 * u;
}

/*
 * With V the largest channel, a channel c lies V - c below it, and S is the largest such distance
 * over V. So a change of S scales the distances and a change of V all three, and the hue, which
 * stays, need not be known (nor be kept in 8 bits, as the reference does).
 */
static int hsv(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    double saturation, value;
    int x, y, c;

    (void)s, (void)err;
    augment_draw_hsv(rng, &saturation, &value);
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < img->width; x++, p += 3) {
            int most = p[0] > p[1] ? p[0] : p[1], least = p[0] < p[1] ? p[0] : p[1];
            double spread = saturation, up;

            most = p[2] > most ? p[2] : most;
            least = p[2] < least ? p[2] : least;
            if (spread * (most - least) > most) /* S is at most 1 */
                spread = (double)most / (most - least);
            up = most * value > 255 ? 255.0 / most : value;
            for (c = 0; c < 3; c++)
                p[c] = clip(up * (most - spread * (most - p[c])));
        }
    }
    return 0;
}

const struct augmentation augment_hsv = {
    .name = "hsv",
    .help = "saturation times 0.5 to 1.15, value times 0.5 to 2, each half of the time",
    .probability = 0.25,
    .apply = hsv,
};

double augment_gamma_value(double g, int x)
{
    return 255.0 * pow(x / 255.0, 1 / g);
}

static int gamma_curve(struct augment_scratch *s, struct image *img, struct rng *rng,
                       struct err *err)
{
    double g = 0.6 + 0.8 * rng_uniform(rng);
    uint8_t lut[256];
    int i;

    (void)s, (void)err;
    for (i = 0; i < 256; i++)
        lut[i] = clip(augment_gamma_value(g, i));
    pixels_look_up(img, lut);
    return 0;
}

const struct augmentation augment_gamma = {
    .name = "gamma",
    .help = "brightness to the power 1 / 0.6 to 1 / 1.4",
    .probability = 1,
    .apply = gamma_curve,
};

static int tone(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    uint8_t lut[3][256];
    double colour[3], share;
    int x, y, c;

    (void)s, (void)err;
    for (c = 0; c < 3; c++)
        colour[c] = 60 + 195 * rng_uniform(rng);
    share = 0.3 * rng_uniform(rng);
    for (c = 0; c < 3; c++) {
        for (x = 0; x < 256; x++)
            lut[c][x] = clip((1 - share) * x + share * colour[c]);
    }
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < img->width; x++, p += 3) {
            for (c = 0; c < 3; c++)
                p[c] = lut[c][p[c]];
        }
    }
    return 0;
}

const struct augmentation augment_tone = {
    .name = "tone",
    .help = "mix in up to 0.3 of one colour",
    .probability = 0.3,
    .apply = tone,
};
