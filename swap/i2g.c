#include "swap/i2g.h"

#include "swap/bi.h"
#include "swap/overlay.h"
#include "swap/place.h"
#include "swap/weights.h"

int i2g_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct sbi_mask *m, struct swap_scratch *s, struct swap_sample *out,
              struct err *err)
{
    struct mat3 move;
    int r;

    if ((r = sample_genuine(set, in, s, out, err)) || (r = donor_place(set, in, s, err)) ||
        (r = image_copy(&s->bg, &out->image, err)) || (r = image_copy(&s->still_a, &s->fg, err)) ||
        (r = sbi_make_mask(set, in, m, s, out, &move, err)) ||
        (r = sample_move(set, s, &s->fg, &s->still_a, &move, err)))
        return r;
    colour_match(&s->fg, &s->bg, &out->mask, true);
    weights_get(s->weights, 1, false, &out->mask);
    return overlay(set, s, &s->fg, &s->bg, SWAP_DONOR, out, err);
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct sbi_mask m;
    struct rng rng;

    if (!in->is_fake)
        return sample_genuine(set, in, s, out, err);
    rng_init(&rng, set->seed, in->epoch, in->id, "i2g");
    sbi_mask_draw(set->regions, &m, &rng);
    return i2g_blend(set, in, &m, s, out, err);
}

const struct swap_method swap_i2g = {
    .name = "i2g",
    .help = "inconsistency images",
    .real_only = true,
    .donor = true,
    .make = make,
};
