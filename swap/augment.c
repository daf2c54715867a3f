#include "swap/augment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAPER                                                                                      \
    &augment_jpeg, &augment_normalise, &augment_quantise, &augment_hsv, &augment_gamma,            \
        &augment_motion, &augment_blur, &augment_noise, &augment_tone, &augment_resize
#define SBI &augment_rgb_shift, &augment_hsv_shift, &augment_brightness, &augment_jpeg_40
#define BI  &augment_rescale, &augment_jpeg_60

const struct augmentation *const augmentations[AUGMENTATIONS + 1] = {
    PAPER, SBI, BI, &augment_downscale, &augment_sharpen, &augment_coarse, NULL,
};

const struct augment_set augment_sets[] = {
    {"paper", (const struct augmentation *const[]){PAPER, NULL}},
    {"sbi", (const struct augmentation *const[]){SBI, NULL}},
    {"bi", (const struct augmentation *const[]){BI, NULL}},
    {NULL, NULL},
};

static int place_of(const struct augment_chain *chain, const struct augmentation *a)
{
    int i;

    for (i = 0; i < chain->n && chain->step[i] != a; i++)
        ;
    return i;
}

static int add_step(struct augment_chain *chain, const struct augmentation *a, struct err *err)
{
    if (place_of(chain, a) < chain->n)
        return err_set(err, ERR_CONFIG, "swap.augment: '%s' comes twice", a->name);
    chain->step[chain->n] = a;
    chain->probability[chain->n++] = a->probability;
    return 0;
}

static void set_probability(struct augment_chain *chain, const struct augmentation *a, double p)
{
    int i = place_of(chain, a);

    if (p > 0) {
        chain->step[i] = a;
        chain->probability[i] = p;
        chain->n += i == chain->n;
        return;
    }
    for (; i < chain->n - 1; i++) {
        chain->step[i] = chain->step[i + 1];
        chain->probability[i] = chain->probability[i + 1];
    }
    chain->n = i;
}

static const struct augmentation *find_step(const char *name, size_t length)
{
    int k;

    for (k = 0; k < AUGMENTATIONS; k++) {
        if (strlen(augmentations[k]->name) == length &&
            !strncmp(augmentations[k]->name, name, length))
            return augmentations[k];
    }
    return NULL;
}

static const struct augment_set *find_set(const char *name)
{
    const struct augment_set *set;

    for (set = augment_sets; set->name; set++) {
        if (!strcmp(set->name, name))
            return set;
    }
    return NULL;
}

int augment_chain_read(struct augment_chain *chain, const char *const *words, size_t n,
                       struct err *err)
{
    size_t i;
    int k, r;

    chain->n = 0;
    for (i = 0; i < n; i++) {
        size_t length = strcspn(words[i], "=");
        const char *value = words[i][length] ? words[i] + length + 1 : NULL;
        const struct augmentation *a = find_step(words[i], length);
        const struct augment_set *set = find_set(words[i]);
        char *end;
        double p;

        if (a && value) {
            p = strtod(value, &end);
            if (end == value || *end || !(p >= 0 && p <= 1))
                return err_set(err, ERR_CONFIG,
                               "swap.augment: '%s': the probability is no number from 0 to 1",
                               words[i]);
            set_probability(chain, a, p);
        } else if (a) {
            if ((r = add_step(chain, a, err)))
                return r;
        } else if (set) {
            for (k = 0; set->step[k]; k++) {
                if ((r = add_step(chain, set->step[k], err)))
                    return r;
            }
        } else {
            return err_set(err, ERR_CONFIG, "swap.augment: '%s' is unknown; lp-swap(1) has a list",
                           words[i]);
        }
    }
    return 0;
}

static bool drawn(const char *name, double probability, uint64_t seed, uint32_t epoch,
                  const char *key, struct rng *rng)
{
    char purpose[32];

    snprintf(purpose, sizeof purpose, "augment/%s", name);
    rng_init(rng, seed, epoch, key, purpose);
    return rng_uniform(rng) < probability;
}

bool augment_drawn(const struct augmentation *a, uint64_t seed, uint32_t epoch, const char *key,
                   struct rng *rng)
{
    return drawn(a->name, a->probability, seed, epoch, key, rng);
}

int augment(const struct augment_chain *chain, uint64_t seed, uint32_t epoch, const char *key,
            struct augment_scratch *s, struct image *img, unsigned *applied, struct err *err)
{
    struct rng rng;
    int i, r;

    *applied = 0;
    for (i = 0; i < chain->n; i++) {
        if (!drawn(chain->step[i]->name, chain->probability[i], seed, epoch, key, &rng))
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
    resample_release(&s->resample);
    free(s->row);
    free(s->noise);
    free(s->table);
    *s = (struct augment_scratch){0};
}
