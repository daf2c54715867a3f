#include "swap/bi.h"

#include <math.h>

#include "swap/colour.h"
#include "swap/draws.h"
#include "swap/overlay.h"
#include "swap/place.h"
#include "swap/weights.h"

#define GRID_FROM    0.01
#define GRID_TO      0.15
#define ERODE_KINDS  10 /* 3, 5, .. 21 */
#define DILATE_KINDS 2  /* 3, 5 */
#define FEATHER      0.2
#define OUTLINE_STEP 2.0

void bi_draw(unsigned allowed, uint64_t seed, uint32_t epoch, const char *id, struct bi_draws *d)
{
    struct rng rng;
    bool erode;

    rng_init(&rng, seed, epoch, id, "bi");
    d->region = region_draw(allowed, &rng);
    d->grid_sd = rng_range(&rng, GRID_FROM, GRID_TO);
    erode = rng_uniform(&rng) < 0.5;
    d->erode_px = 3 + 2 * (int)rng_below(&rng, ERODE_KINDS);
    d->dilate_px = 3 + 2 * (int)rng_below(&rng, DILATE_KINDS);
    if (erode)
        d->dilate_px = 0;
    else
        d->erode_px = 0;
    d->feather = FEATHER;
}

int donor_place(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct err *err)
{
    const struct rect frame = {0, 0, SAMPLE_PX, SAMPLE_PX};
    struct swap_draws d;
    struct source donor;
    struct mat3 m;
    int r;

    swap_draw_pose(set, in->epoch, swap_key(in), &d);
    if ((r = place_check(&in->donor_landmarks, &in->donor, err)) ||
        (r = pose_jittered(&in->donor_landmarks, &d.jitter, &m, err)) ||
        (r = source_prepare(set, s, &in->donor, &m, d.halve, &s->pristine_half, &donor, err)) ||
        (r = image_shape(&s->fg, SAMPLE_PX, SAMPLE_PX, 3, err)))
        return r;
    return source_resample(s, &s->fg, &donor, &m, frame, err);
}

int bi_blend(const struct swap_settings *set, const struct swap_input *in, const struct bi_draws *d,
             struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct region region;
    struct rect bounds;
    struct rng rng;
    double face_px;
    int r;

    if ((r = sample_genuine(set, in, s, out, err)) || (r = donor_place(set, in, s, err)) ||
        (r = image_copy(&s->bg, &out->image, err)) || (r = weights_new(&s->weights, err)))
        return r;
    region_of_face(&in->landmarks, d->region, set->hull, set->hull_lift, &region, &out->hull);
    region_transform(&region, &out->frame_to_sample);
    region_refine(&region, OUTLINE_STEP);
    bounds = region_bounds(&region);
    face_px = fmax(rect_width(bounds), rect_height(bounds));
    rng_init(&rng, set->seed, in->epoch, in->id, "grid");
    region_deform(&region, SAMPLE_PX, d->grid_sd * SAMPLE_PX, &rng);
    image_fill(&out->mask, 0);
    region_fill(&out->mask, &region, 255);
    if (d->erode_px && (r = mask_erode(&out->mask, &s->hard, d->erode_px, err)))
        return r;
    if (d->dilate_px && (r = mask_dilate(&out->mask, &s->hard, d->dilate_px, err)))
        return r;
    colour_match(&s->fg, &s->bg, &out->mask, false);
    weights_set(s->weights, &out->mask);
    if (d->feather > 0)
        weights_feather(s->weights, d->feather * face_px);
    weights_get(s->weights, 1, false, &out->mask);
    return overlay(set, s, &s->fg, &s->bg, SWAP_DONOR, out, err);
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct bi_draws d;

    if (!in->is_fake)
        return sample_genuine(set, in, s, out, err);
    bi_draw(set->regions, set->seed, in->epoch, in->id, &d);
    return bi_blend(set, in, &d, s, out, err);
}

const struct swap_method swap_bi = {
    .name = "bi",
    .help = "blended images of Face X-ray",
    .real_only = true,
    .donor = true,
    .make = make,
};
