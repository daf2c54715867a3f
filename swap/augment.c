#include "swap/augment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct augmentation *const augmentations[AUGMENTATIONS + 1] = {
    &augment_jpeg,
    &augment_normalise,
    &augment_quantise,
    &augment_hsv,
    &augment_gamma,
    &augment_motion,
    &augment_blur,
    &augment_noise,
    &augment_tone,
    &augment_resize,
    NULL,
};

static int add_step(struct augment_chain *chain, const struct augmentation *a, struct err *err)
{
    int i;

    for (i = 0; i < chain->n; i++) {
        if (chain->step[i] == a)
            return err_set(err, ERR_CONFIG, "swap.augment: '%s' comes twice", a->name);
    }
    chain->step[chain->n++] = a;
    return 0;
}

int augment_chain_read(struct augment_chain *chain, const char *const *names, size_t n,
                       struct err *err)
{
    size_t i, k;
    int r;

    chain->n = 0;
    for (i = 0; i < n; i++) {
        bool all = !strcmp(names[i], "paper"), found = all;

        for (k = 0; k < AUGMENTATIONS; k++) {
            if (!all && strcmp(names[i], augmentations[k]->name))
                continue;
            found = true;
            if ((r = add_step(chain, augmentations[k], err)))
                return r;
        }
        if (!found)
            return err_set(err, ERR_CONFIG, "swap.augment: '%s' is unknown", names[i]);
    }
    return 0;
}

bool augment_drawn(const struct augmentation *a, uint64_t seed, uint32_t epoch, const char *id,
                   struct rng *rng)
{
    char purpose[32];

    snprintf(purpose, sizeof purpose, "augment/%s", a->name);
    rng_init(rng, seed, epoch, id, purpose);
    return rng_uniform(rng) < a->probability;
}

int augment(const struct augment_chain *chain, uint64_t seed, uint32_t epoch, const char *id,
            struct augment_scratch *s, struct image *img, unsigned *applied, struct err *err)
{
    struct rng rng;
    int i, r;

    *applied = 0;
    for (i = 0; i < chain->n; i++) {
        if (!augment_drawn(chain->step[i], seed, epoch, id, &rng))
            continue;
        if ((r = chain->step[i]->apply(s, img, &rng, err)))
            return r;
        *applied |= 1u << i;
    }
    return 0;
}

void augment_scratch_release(struct augment_scratch *s)
{
    str_release(&s->bytes);
    image_release(&s->padded);
    image_release(&s->small);
    free(s->row);
    free(s->table);
    *s = (struct augment_scratch){0};
}

/* ---- jpeg -----------------------------------------------------------------------------------*/
#define JPEG_WORST     15
#define JPEG_QUALITIES 65 /* 15..79 */

static int jpeg(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    int quality = JPEG_WORST + (int)rng_below(rng, JPEG_QUALITIES), r;
    const uint8_t *bytes;
    size_t size;

    if ((r = media_encode_picture(s->codec, img, MEDIA_JPEG, quality, &bytes, &size, err)))
        return r;
    str_clear(&s->bytes); /* the codec's own bytes end with its next call */
    str_add_n(&s->bytes, (const char *)bytes, size);
    if (str_failed(&s->bytes))
        return err_nomem(err);
    return media_decode_picture(s->codec, s->bytes.s, size, "augment/jpeg", img, err);
}

const struct augmentation augment_jpeg = {
    .name = "jpeg",
    .help = "JPEG of quality 15 to 79",
    .probability = 0.3,
    .apply = jpeg,
};
