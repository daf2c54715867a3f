#include "swap/sbi.h"

#include <math.h>

#include "swap/elastic.h"
#include "swap/overlay.h"
#include "swap/place.h"
#include "swap/weights.h"

/* Ranges and probabilities of the published code. */
#define PLAIN_HULL_P 0.25
#define SOURCE_P     0.5
#define MOVE_X       0.03
#define MOVE_Y       0.015
#define SCALE        0.95 /* and its inverse */
#define SIDE_FROM    192  /* the mask is blurred at a side of 192 .. 256 pixels */
#define SIDE_TO      256
#define KERNELS      11 /* 5, 7, .. 25 */
/* Published: amplitude 50 at sigma 7 pixels, which displaces by 50 / (sqrt(12 pi) 7) = 1.16 pixels;
 * as fractions of a face taken to be 140 pixels wide. */
#define ELASTIC_SIGMA 0.05
#define ELASTIC_RMS   0.0083
#define OUTLINE_STEP  2.0

static const double ratios[] = {0.25, 0.5, 0.75, 1, 1, 1};

void sbi_mask_draw(unsigned allowed, struct sbi_mask *m, struct rng *rng)
{
    m->region = region_draw(allowed, rng);
    m->plain_hull = rng_uniform(rng) < PLAIN_HULL_P;
    m->dx = rng_range(rng, -MOVE_X, MOVE_X);
    m->dy = rng_range(rng, -MOVE_Y, MOVE_Y);
    m->scale = rng_range(rng, SCALE, 1 / SCALE);
    m->elastic_rms = ELASTIC_RMS;
    m->side_px = SIDE_FROM + (int)rng_below(rng, SIDE_TO - SIDE_FROM + 1);
    m->erode_px = 5 + 2 * (int)rng_below(rng, KERNELS);
    m->blur_px = 5 + 2 * (int)rng_below(rng, KERNELS);
    m->blur_sigma_px = 5 + (int)rng_below(rng, 41);
}

void sbi_draw(unsigned allowed, uint64_t seed, uint32_t epoch, const char *id, struct sbi_draws *d)
{
    struct rng rng;

    rng_init(&rng, seed, epoch, id, "sbi");
    d->on_source = rng_uniform(&rng) < SOURCE_P;
    copy_change_draw(&d->change, &rng);
    sbi_mask_draw(allowed, &d->mask, &rng);
    d->ratio = ratios[rng_below(&rng, sizeof ratios / sizeof *ratios)];
    d->ring = false;
}

/* Blur, keep what is still whole (an erosion), blur again: the weights of the pasted copy. */
static void soften_weights(struct weights *w, const struct sbi_mask *m)
{
    double unit = m->side_px ? (double)SAMPLE_PX / m->side_px : 1;
    double sigma = 0.3 * ((m->erode_px - 1) * 0.5 - 1) + 0.8;

    if (!m->erode_px)
        return;
    weights_blur(w, (int)lround((m->erode_px / 2) * unit), sigma * unit);
    weights_normalise(w);
    weights_cut(w, 0.9999f);
    weights_blur(w, (int)lround((m->blur_px / 2) * unit), m->blur_sigma_px * unit);
    weights_normalise(w);
}

int sbi_make_mask(const struct swap_settings *set, const struct swap_input *in,
                  const struct sbi_mask *m, struct swap_scratch *s, struct swap_sample *out,
                  struct mat3 *move, struct err *err)
{
    const double mid = (SAMPLE_PX - 1) / 2.0;
    struct region region;
    struct rng rng;
    int r;

    *move = (struct mat3){{m->scale, 0, mid * (1 - m->scale) + m->dx * SAMPLE_PX, 0, m->scale,
                           mid * (1 - m->scale) + m->dy * SAMPLE_PX, 0, 0, 1}};
    if ((r = weights_new(&s->weights, err)))
        return r;
    region_of_face(&in->landmarks, m->region, m->plain_hull ? HULL_PLAIN : set->hull,
                   set->hull_lift, &region, &out->hull);
    region_transform(&region, &out->frame_to_sample);
    region_transform(&region, move);
    region_refine(&region, OUTLINE_STEP);
    rng_init(&rng, set->seed, in->epoch, in->id, "elastic");
    out->elastic_rms_px =
        elastic_deform_parts(region.part, region.parts, rect_width(region_bounds(&region)),
                             ELASTIC_SIGMA, m->elastic_rms, &rng);
    image_fill(&out->mask, 0);
    region_fill(&out->mask, &region, 255);
    weights_set(s->weights, &out->mask);
    soften_weights(s->weights, m);
    return 0;
}

int sbi_genuine(const struct swap_settings *set, const struct swap_input *in,
                const struct sbi_draws *d, struct swap_scratch *s, struct swap_sample *out,
                struct err *err)
{
    int r;

    if ((r = sample_genuine(set, in, s, out, err)) || d->on_source)
        return r;
    return copy_change(&d->change, &out->image, &s->still_b, err);
}

int sbi_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct sbi_draws *d, struct swap_scratch *s, struct swap_sample *out,
              struct err *err)
{
    struct mat3 move;
    int r;

    if ((r = sample_genuine(set, in, s, out, err)) || (r = image_copy(&s->bg, &out->image, err)) ||
        (r = image_copy(&s->still_a, &out->image, err)) ||
        (r = copy_change(&d->change, d->on_source ? &s->still_a : &s->bg, &s->still_b, err)) ||
        (r = image_shape(&s->fg, SAMPLE_PX, SAMPLE_PX, 3, err)) ||
        (r = sbi_make_mask(set, in, &d->mask, s, out, &move, err)) ||
        (r = sample_move(set, s, &s->fg, &s->still_a, &move, err)))
        return r;
    weights_get(s->weights, d->ratio, d->ring, &out->mask);
    out->ring = d->ring;
    return overlay(set, s, &s->fg, &s->bg, SWAP_SELF, out, err);
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct sbi_draws d;

    sbi_draw(set->regions, set->seed, in->epoch, swap_key(in), &d);
    if (!in->is_fake)
        return sbi_genuine(set, in, &d, s, out, err);
    return sbi_blend(set, in, &d, s, out, err);
}

const struct swap_method swap_sbi = {
    .name = "sbi",
    .help = "self-blended images",
    .real_only = true,
    .make = make,
};
