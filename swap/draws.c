#include "swap/draws.h"

#include "lib/rng.h"

static void draw_mode(const struct swap_settings *set, double u, struct swap_draws *d)
{
    const struct {
        double weight;
        enum swap_mode mode;
        enum swap_role background;
    } choice[] = {
        {set->real_on_fake, SWAP_GLOBAL, SWAP_SELF},
        {set->fake_on_real, SWAP_GLOBAL, SWAP_PRISTINE},
        {set->partial, SWAP_PARTIAL, SWAP_PRISTINE},
        {set->untouched, SWAP_UNTOUCHED, SWAP_SELF},
    };
    size_t i, last = 0;

    u *= set->real_on_fake + set->fake_on_real + set->untouched + set->partial;
    for (i = 0; i < sizeof choice / sizeof *choice; i++) {
        if (!(choice[i].weight > 0))
            continue;
        last = i;
        if (u < choice[i].weight)
            break;
        u -= choice[i].weight;
    }
    d->mode = choice[last].mode;
    d->background = choice[last].background;
}

void swap_draw(const struct swap_settings *set, uint32_t epoch, const char *id,
               struct swap_draws *d)
{
    struct rng rng;

    rng_init(&rng, set->seed, epoch, id, "swap");
    draw_mode(set, rng_uniform(&rng), d);
    d->blend = rng_uniform(&rng) < set->poisson ? SWAP_POISSON : SWAP_ALPHA;
    d->elastic = rng_uniform(&rng) < set->elastic;
    d->elastic_rms = rng_range(&rng, set->elastic_min, set->elastic_max);
    d->window = set->window[rng_below(&rng, (uint32_t)set->windows)];
    swap_draw_pose(set, epoch, id, d);
}

void swap_draw_pose(const struct swap_settings *set, uint32_t epoch, const char *key,
                    struct swap_draws *d)
{
    const struct face_jitter_spread spread = {
        .scale = set->scale,
        .scale_sd = set->scale_sd,
        .translate_px = set->translate_px,
        .rotate_deg = set->rotate_deg,
        .stretch = set->stretch,
        .stretch_p = set->stretch_p,
    };
    struct rng rng;

    rng_init(&rng, set->seed, epoch, key, "pose");
    d->halve = rng_uniform(&rng) < set->halve;
    face_jitter_draw(&rng, &spread, &d->jitter);
    d->jitter.mirror = rng_uniform(&rng) < set->mirror;
}
