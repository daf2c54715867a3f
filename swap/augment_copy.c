/* Augmentations of self-blended images: what swap/colour.h does to one copy of a face, of a whole
 * sample. */
#include "swap/augment.h"

#include "swap/colour.h"

#define SHIFT    20.0 /* grey levels */
#define CONTRAST 0.3

void augment_draw_rgb(struct rng *rng, struct copy_change *c)
{
    int i;

    *c = (struct copy_change){0};
    for (i = 0; i < 3; i++)
        c->shift[i] = rng_range(rng, -SHIFT, SHIFT);
}

static int rgb_shift(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct copy_change c;

    augment_draw_rgb(rng, &c);
    return copy_change(&c, img, &s->small, err);
}

const struct augmentation augment_rgb_shift = {
    .name = "rgb-shift",
    .help = "up to 20 levels more or less of each channel",
    .probability = 0.3,
    .apply = rgb_shift,
};

static int hsv_shift(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct hsv_change c;

    (void)s, (void)err;
    hsv_change_draw(&c, rng);
    hsv_change(&c, img);
    return 0;
}

const struct augmentation augment_hsv_shift = {
    .name = "hsv-shift",
    .help = "hue up to 0.6 degrees, saturation and value up to 0.3 of 255, more or less",
    .probability = 0.3,
    .apply = hsv_shift,
};

void augment_draw_brightness(struct rng *rng, struct copy_change *c)
{
    *c = (struct copy_change){0};
    c->brightness = rng_range(rng, -CONTRAST, CONTRAST);
    c->contrast = rng_range(rng, -CONTRAST, CONTRAST);
}

static int brightness(struct augment_scratch *s, struct image *img, struct rng *rng,
                      struct err *err)
{
    struct copy_change c;

    augment_draw_brightness(rng, &c);
    return copy_change(&c, img, &s->small, err);
}

const struct augmentation augment_brightness = {
    .name = "brightness",
    .help = "contrast times 0.7 to 1.3, brightness up to 0.3 of the range more or less",
    .probability = 0.3,
    .apply = brightness,
};

static int downscale(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct copy_change c = {.shrink = rng_below(rng, 2) ? 4 : 2};

    return copy_change(&c, img, &s->small, err);
}

const struct augmentation augment_downscale = {
    .name = "downscale",
    .help = "smaller by 2 or 4, nearest, and back, bilinear",
    .probability = 0.5,
    .apply = downscale,
};

static int sharpen(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct copy_change c = {.sharpen = rng_range(rng, 0.2, 0.5)};

    c.light = rng_range(rng, 0.5, 1);
    return copy_change(&c, img, &s->small, err);
}

const struct augmentation augment_sharpen = {
    .name = "sharpen",
    .help = "0.2 to 0.5 of a sharpened picture mixed in",
    .probability = 0.5,
    .apply = sharpen,
};
