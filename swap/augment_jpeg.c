/* Augmentations that go through JPEG: 4:2:0, slow integer DCT, whatever the samples' own files are
 * (swap.jpg_chroma). */
#include "swap/augment.h"

int augment_draw_quality(struct rng *rng, int least, int most)
{
    return least + (int)rng_below(rng, (uint32_t)(most - least + 1));
}

static int through(struct augment_scratch *s, struct image *img, int quality, struct err *err)
{
    const uint8_t *bytes;
    size_t size;
    int r;

    if ((r = media_encode_picture(s->codec, img, MEDIA_JPEG, quality, &bytes, &size, err)))
        return r;
    str_clear(&s->bytes); /* the codec's own bytes end with its next call */
    str_add_n(&s->bytes, (const char *)bytes, size);
    if (str_failed(&s->bytes))
        return err_nomem(err);
    return media_decode_picture(s->codec, s->bytes.s, size, "augment/jpeg", img, err);
}

static int jpeg(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    return through(s, img, augment_draw_quality(rng, 15, 79), err);
}

const struct augmentation augment_jpeg = {
    .name = "jpeg",
    .help = "JPEG of quality 15 to 79",
    .probability = 0.3,
    .apply = jpeg,
};

static int jpeg_40(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    return through(s, img, augment_draw_quality(rng, 40, 100), err);
}

const struct augmentation augment_jpeg_40 = {
    .name = "jpeg-40",
    .help = "JPEG of quality 40 to 100",
    .probability = 0.5,
    .apply = jpeg_40,
};

static int jpeg_60(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    return through(s, img, augment_draw_quality(rng, 60, 100), err);
}

const struct augmentation augment_jpeg_60 = {
    .name = "jpeg-60",
    .help = "JPEG of quality 60 to 100",
    .probability = 0.5,
    .apply = jpeg_60,
};
