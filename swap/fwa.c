#include "swap/fwa.h"

#include <math.h>

#include "swap/overlay.h"
#include "swap/place.h"
#include "swap/weights.h"

#define SQUARE_PX    256
#define SCALES       7 /* 0.2, 0.3, .. 0.8 */
#define DEFORM_P     0.9
#define DEFORM_SD_PX 20.0
#define SMOOTH_P     0.9
#define SMOOTH_PX    7
#define OUTLINE_STEP 2.0

void fwa_draw(unsigned allowed, uint64_t seed, uint32_t epoch, const char *id, struct fwa_draws *d)
{
    struct rng rng;

    rng_init(&rng, seed, epoch, id, "fwa");
    d->scale = 0.1 * (2 + (int)rng_below(&rng, SCALES));
    d->blur = true;
    d->region = region_draw(allowed | 1u << REGION_INNER, &rng);
    d->grid_sd_px = rng_uniform(&rng) < DEFORM_P ? DEFORM_SD_PX : 0;
    d->smooth_px = rng_uniform(&rng) < SMOOTH_P ? SMOOTH_PX : 0;
}

/* Binomial 1 4 6 4 1 across and down (5 x 5, standard deviation 1), in place; ends repeated. */
static void blur_rows(struct image *img, struct image *other, bool down)
{
    static const int weight[5] = {1, 4, 6, 4, 1};
    int x, y, k;

    for (y = 0; y < img->height; y++) {
        for (x = 0; x < 3 * img->width; x++) {
            int sum = 8;

            for (k = -2; k <= 2; k++) {
                int at = down ? y + k : x / 3 + k, last = (down ? img->height : img->width) - 1;

                at = at < 0 ? 0 : at > last ? last : at;
                sum += weight[k + 2] *
                       (down ? image_row(img, at)[x] : image_row(img, y)[3 * at + x % 3]);
            }
            image_row(other, y)[x] = (uint8_t)(sum >> 4);
        }
    }
}

static int blur(struct image *img, struct image *other, struct err *err)
{
    int r;

    if ((r = image_shape(other, img->width, img->height, 3, err)))
        return r;
    blur_rows(img, other, false);
    blur_rows(other, img, true);
    return 0;
}

/* s->fg = the sample seen through the square at less resolution. */
static int degrade(const struct swap_settings *set, const struct fwa_draws *d,
                   const struct mat3 *to_square, struct swap_scratch *s, struct err *err)
{
    int side = (int)lround(d->scale * SQUARE_PX), r;
    struct mat3 back;

    if (side >= SQUARE_PX && !d->blur)
        return image_copy(&s->fg, &s->bg, err);
    if (!mat3_invert(to_square, &back))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    if ((r = image_shape(&s->still_a, SQUARE_PX, SQUARE_PX, 3, err)) ||
        (r = sample_move(set, s, &s->still_a, &s->bg, to_square, err)) ||
        (r = image_shape(&s->still_b, side, side, 3, err)) ||
        (r = resize_image(&s->resizer, &s->still_b, &s->still_a, err)))
        return r;
    if (d->blur && (r = blur(&s->still_b, &s->soft, err)))
        return r;
    if ((r = resize_image(&s->resizer, &s->still_a, &s->still_b, err)) ||
        (r = image_shape(&s->fg, SAMPLE_PX, SAMPLE_PX, 3, err)))
        return r;
    return sample_move(set, s, &s->fg, &s->still_a, &back, err);
}

int fwa_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct fwa_draws *d, struct swap_scratch *s, struct swap_sample *out,
              struct err *err)
{
    const double g = (double)SQUARE_PX / SAMPLE_PX;
    /* Pixels are areas, so that centres move by a part of one. */
    struct mat3 grow = {{g, 0, (g - 1) / 2, 0, g, (g - 1) / 2, 0, 0, 1}};
    struct mat3 still, to_frame, to_square, back;
    struct region region;
    struct rng rng;
    int r;

    if ((r = sample_genuine(set, in, s, out, err)) || (r = image_copy(&s->bg, &out->image, err)) ||
        (r = weights_new(&s->weights, err)) ||
        (r = pose_still(&in->landmarks, set->scale, &still, err)))
        return r;
    still = mat3_multiply(&grow, &still);
    if (!mat3_invert(&out->frame_to_sample, &to_frame))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    to_square = mat3_multiply(&still, &to_frame);
    if ((r = degrade(set, d, &to_square, s, err)))
        return r;
    region_of_face(&in->landmarks, d->region, set->hull, set->hull_lift, &region, &out->hull);
    region_transform(&region, &still);
    region_refine(&region, OUTLINE_STEP);
    rng_init(&rng, set->seed, in->epoch, in->id, "grid");
    region_deform(&region, SQUARE_PX, d->grid_sd_px, &rng);
    if (!mat3_invert(&to_square, &back))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    region_transform(&region, &back);
    image_fill(&out->mask, 0);
    region_fill(&out->mask, &region, 255);
    weights_set(s->weights, &out->mask);
    if (d->smooth_px) {
        weights_blur(s->weights, d->smooth_px, 0);
        weights_cut(s->weights, 0.5f);
    }
    weights_get(s->weights, 1, false, &out->mask);
    return overlay(set, s, &s->fg, &s->bg, SWAP_SELF, out, err);
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct fwa_draws d;

    if (!in->is_fake)
        return sample_genuine(set, in, s, out, err);
    fwa_draw(set->regions, set->seed, in->epoch, in->id, &d);
    return fwa_blend(set, in, &d, s, out, err);
}

const struct swap_method swap_fwa = {
    .name = "fwa",
    .help = "face warping artifacts",
    .real_only = true,
    .make = make,
};
