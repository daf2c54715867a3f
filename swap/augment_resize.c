/* Augmentations that take resolution away: a smaller picture, and back. */
#include "swap/augment.h"

#include <math.h>

static int there_and_back(struct augment_scratch *s, struct image *img, int width, int height,
                          enum resample_kind down, enum resample_kind up, struct err *err)
{
    int r;

    if ((r = image_shape(&s->small, width, height, 3, err)) ||
        (r = resample(&s->resample, &s->small, img, down, err)))
        return r;
    return resample(&s->resample, img, &s->small, up, err);
}

void augment_draw_resize(struct rng *rng, struct augment_resize_draws *d)
{
    d->ratio = 1 + rng_uniform(rng);
    d->down = (enum resample_kind)rng_below(rng, RESAMPLE_KINDS);
    d->up = (enum resample_kind)rng_below(rng, RESAMPLE_KINDS);
}

static int resize(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct augment_resize_draws d;

    augment_draw_resize(rng, &d);
    return there_and_back(s, img, (int)fmax(1, img->width / d.ratio),
                          (int)fmax(1, img->height / d.ratio), d.down, d.up, err);
}

const struct augmentation augment_resize = {
    .name = "resize",
    .help = "smaller by 1 to 2 and back, each by one of five interpolations",
    .probability = 0.25,
    .apply = resize,
};

#define WHOLE_PX 317 /* side of Face X-ray's pictures */

double augment_draw_share(struct rng *rng, int least)
{
    return (least + (double)rng_below(rng, (uint32_t)(WHOLE_PX - least + 1))) / WHOLE_PX;
}

static int shrink(struct augment_scratch *s, struct image *img, double share,
                  enum resample_kind down, enum resample_kind up, struct err *err)
{
    return there_and_back(s, img, (int)fmax(1, img->width * share + 0.5),
                          (int)fmax(1, img->height * share + 0.5), down, up, err);
}

static int rescale(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    double share = augment_draw_share(rng, 64);
    bool nearest = rng_uniform(rng) < 0.5;

    return shrink(s, img, share, nearest ? RESAMPLE_NEAREST : RESAMPLE_TRIANGLE, RESAMPLE_TRIANGLE,
                  err);
}

const struct augmentation augment_rescale = {
    .name = "rescale",
    .help = "smaller by 1 to 5, bilinear or nearest, and back, bilinear",
    .probability = 0.5,
    .apply = rescale,
};

static int coarse(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    return shrink(s, img, augment_draw_share(rng, 128), RESAMPLE_TRIANGLE, RESAMPLE_TRIANGLE, err);
}

const struct augmentation augment_coarse = {
    .name = "coarse",
    .help = "smaller by 1 to 2.5 and back, bilinear",
    .probability = 1,
    .apply = coarse,
};
