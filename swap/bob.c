/*
 * Boundary-only self-blending, as DeepfakeBench's sbi_api does it: a self-blended image whose
 * weights m become 4 m (1 - m), times the drawn ratio, so that the face and its surroundings stay
 * as they are and only the seam between them is mixed.
 */
#include "swap/sbi.h"

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct sbi_draws d;

    sbi_draw(set->regions, set->seed, in->epoch, swap_key(in), &d);
    if (!in->is_fake)
        return sbi_genuine(set, in, &d, s, out, err);
    d.ring = true;
    return sbi_blend(set, in, &d, s, out, err);
}

const struct swap_method swap_bob = {
    .name = "bob",
    .help = "boundary-only self-blending",
    .real_only = true,
    .make = make,
};
