/*
 * Multi-scale facial swap (Dong et al., "Implicit Identity Leakage", CVPR 2023; code CADDM), with
 * the intent of the paper and without the faults of its published code.
 *
 * A fake frame gives, by the weights in the configuration: the pristine face pasted on the fake
 * frame, the fake face pasted on the pristine frame, the fake frame as it is, or one window of the
 * fake face on the pristine frame (partial). A pristine frame is taken as it is.
 *
 * Both pictures are resampled once, to the sample's 224 x 224 pixels, and blended there: a seam
 * has the same width at every face size, and the reference's constants (window sizes, softening)
 * are in these pixels. A Poisson sample is blended on a larger canvas where the face leaves the
 * sample, so that the picture's edge is not taken for the mask's.
 */
#include "swap/method.h"

#include <math.h>

#include "lib/rng.h"
#include "swap/draws.h"
#include "swap/elastic.h"
#include "swap/place.h"

#define OUTLINE_STEP_PX 2.0 /* between two points of an outline */
#define CANVAS_EXTRA_PX 112 /* a canvas reaches at most this far out of the sample */
#define PROBE_STEP      4   /* see untouched() */
#define LEAST_MASK_PX   64  /* fewer changed pixels are no sample */

/* Is the mean |a - b| over the pixels of `area` where the mask is set at least `least` grey levels?
 * Counts those pixels, and then looks at as many as it takes to know. */
static bool differs(const struct image *a, const struct image *b, const struct image *mask,
                    struct rect area, double least, long *count)
{
    double wanted;
    long sum = 0;
    int x, y, c;

    *count = 0;
    for (y = area.y0; y < area.y1; y++) {
        const uint8_t *m = image_row(mask, y);
        int n = 0;

        for (x = area.x0; x < area.x1; x++)
            n += m[x] != 0;
        *count += n;
    }
    wanted = least * 3.0 * (double)*count;
    for (y = area.y0; y < area.y1 && (double)sum < wanted; y++) {
        const uint8_t *p = image_row(a, y), *q = image_row(b, y), *m = image_row(mask, y);

        for (x = area.x0; x < area.x1; x++) {
            for (c = 3 * x; c < 3 * x + 3 && m[x]; c++)
                sum += p[c] < q[c] ? q[c] - p[c] : p[c] - q[c];
        }
    }
    return *count ? (double)sum >= wanted : !(least > 0);
}

/*
 * The outline of a partial swap, in the space without jitter: that part of the hull which lies in
 * the window of the largest DSSIM. Only what the jitter leaves in the sample counts.
 */
static int choose_window(const struct swap_settings *set, struct swap_scratch *s,
                         const struct source *self, const struct source *pristine,
                         const struct mat3 *still, const struct mat3 *jitter,
                         struct swap_window window, struct polygon *outline, struct polygon *placed,
                         struct err *err)
{
    const struct rect frame = {0, 0, SAMPLE_PX, SAMPLE_PX};
    struct polygon seen = polygon_of_rect(frame), visible = *outline;
    struct mat3 back;
    struct rect area, around, best;
    struct image a, b;
    double sum;
    int r;

    if (!mat3_invert(jitter, &back))
        return err_set(err, ERR_DATA, "the jitter cannot be inverted");
    polygon_transform(&seen, &back);
    polygon_clip(&visible, &seen);
    if ((r = image_shape(&s->still_mask, SAMPLE_PX, SAMPLE_PX, 1, err)) ||
        (r = image_shape(&s->still_a, SAMPLE_PX, SAMPLE_PX, 3, err)) ||
        (r = image_shape(&s->still_b, SAMPLE_PX, SAMPLE_PX, 3, err)))
        return r;
    image_fill(&s->still_mask, 0);
    area = polygon_fill(&s->still_mask, &visible, 0, 0, 255);
    if (!rect_width(area) || !rect_height(area))
        return err_set(err, ERR_DATA, "nothing of the face is in the sample");

    /* The SSIM window reaches 5 pixels out of the area. */
    around =
        rect_intersect((struct rect){area.x0 - 5, area.y0 - 5, area.x1 + 5, area.y1 + 5}, frame);
    a = image_view(&s->still_a, around.x0, around.y0, rect_width(around), rect_height(around));
    b = image_view(&s->still_b, around.x0, around.y0, rect_width(around), rect_height(around));
    if ((r = source_resample(s, &a, self, still, around, err)) ||
        (r = source_resample(s, &b, pristine, still, around, err)) ||
        (r = dssim_map(&s->dssim, s->ops, &s->still_a, &s->still_b, area, err)) ||
        (r = dssim_best_window(&s->dssim, &s->still_mask, frame, window.w, window.h, &best, &sum,
                               err)))
        return r;
    if (!(sum > 0))
        return err_set(err, ERR_DATA, "the pair does not differ inside the hull");
    *placed = polygon_of_rect(best);
    polygon_clip(outline, placed);
    (void)set;
    return 0;
}

/* Fills the hard mask on the canvas and blends. `canvas` is in sample pixels. */
static int blend(const struct swap_settings *set, struct swap_scratch *s, const struct source *fg,
                 const struct source *bg, const struct polygon *outline, struct swap_sample *out,
                 struct err *err)
{
    const struct rect frame = {0, 0, SAMPLE_PX, SAMPLE_PX};
    struct rect canvas = frame, area, near, seen;
    struct image fg_part, view, soft;
    long count;
    int w, h, y, r;

    if (out->blend == SWAP_POISSON) {
        struct rect b = polygon_bounds(outline);

        b = (struct rect){b.x0 - 2, b.y0 - 2, b.x1 + 2, b.y1 + 2};
        canvas =
            rect_union(canvas, rect_intersect(b, (struct rect){-CANVAS_EXTRA_PX, -CANVAS_EXTRA_PX,
                                                               SAMPLE_PX + CANVAS_EXTRA_PX,
                                                               SAMPLE_PX + CANVAS_EXTRA_PX}));
    }
    w = rect_width(canvas);
    h = rect_height(canvas);
    if ((r = image_shape(&s->hard, w, h, 1, err)) || (r = image_shape(&s->fg, w, h, 3, err)) ||
        (r = image_shape(&s->bg, w, h, 3, err)))
        return r;
    image_fill(&s->hard, 0);
    area = polygon_fill(&s->hard, outline, -canvas.x0, -canvas.y0, 255);
    seen = rect_intersect((struct rect){area.x0 + canvas.x0, area.y0 + canvas.y0,
                                        area.x1 + canvas.x0, area.y1 + canvas.y0},
                          frame);
    if (!rect_width(seen) || !rect_height(seen))
        return err_set(err, ERR_DATA, "nothing of the mask is in the sample");

    /* The Poisson equation also reads the foreground beside the mask. */
    near = rect_intersect((struct rect){area.x0 - 1, area.y0 - 1, area.x1 + 1, area.y1 + 1},
                          (struct rect){0, 0, w, h});
    fg_part = image_view(&s->fg, near.x0, near.y0, rect_width(near), rect_height(near));
    if ((r = source_resample(s, &s->bg, bg, &out->frame_to_sample, canvas, err)) ||
        (r = source_resample(s, &fg_part, fg, &out->frame_to_sample,
                             (struct rect){near.x0 + canvas.x0, near.y0 + canvas.y0,
                                           near.x1 + canvas.x0, near.y1 + canvas.y0},
                             err)))
        return r;
    if (!differs(&s->fg, &s->bg, &s->hard, area, set->min_difference, &count))
        return err_set(err, ERR_DATA, "the pair does not differ inside the mask");
    if (count < LEAST_MASK_PX)
        return err_set(err, ERR_DATA, "the mask has only %ld pixels", count);

    if (out->blend == SWAP_POISSON) {
        if ((r = poisson_blend(&s->poisson, s->ops, &s->bg, &s->fg, &s->bg, &s->hard, area, err)))
            return r;
        out->poisson_residual = s->poisson.residual;
        soft = s->hard;
    } else {
        if ((r = soften(&s->soften, s->ops, &s->soft, &s->hard, area, set->soften_px, err)))
            return r;
        for (y = area.y0; y < area.y1; y++) {
            uint8_t *o = image_row(&s->bg, y) + 3 * area.x0;
            const uint8_t *f = image_row(&s->fg, y) + 3 * area.x0;
            const uint8_t *m = image_row(&s->soft, y) + area.x0;
            uint8_t m3[3 * (SAMPLE_PX + 2 * CANVAS_EXTRA_PX)];
            int x, n = rect_width(area);

            for (x = 0; x < n; x++)
                m3[3 * x] = m3[3 * x + 1] = m3[3 * x + 2] = m[x];
            s->ops->alpha_row(o, f, o, m3, 3 * n);
        }
        soft = s->soft;
    }
    view = image_view(&s->bg, -canvas.x0, -canvas.y0, SAMPLE_PX, SAMPLE_PX);
    if ((r = image_copy(&out->image, &view, err)))
        return r;
    view = image_view(&soft, -canvas.x0, -canvas.y0, SAMPLE_PX, SAMPLE_PX);
    if ((r = image_copy(&out->mask, &view, err)))
        return r;
    out->box = seen;
    return 0;
}

/* Where a mask that was softened away leaves nothing, the box must not claim anything. */
static bool mask_bounds(const struct image *mask, struct rect *box)
{
    struct rect b = {0, 0, 0, 0};
    int x, y;

    for (y = box->y0; y < box->y1; y++) {
        const uint8_t *m = image_row(mask, y);

        for (x = box->x0; x < box->x1 && !m[x]; x++)
            ;
        if (x == box->x1)
            continue;
        b = rect_union(b, (struct rect){x, y, x + 1, y + 1});
        for (x = box->x1; x > b.x1 && !m[x - 1]; x--)
            ;
        b = rect_union(b, (struct rect){x - 1, y, x, y + 1});
    }
    *box = b;
    return rect_width(b) > 0;
}

/* The fake frame as it is. The mask is the face: what the manipulation may have changed. Whether it
 * has is looked at on every PROBE_STEP-th pixel. */
static int untouched(const struct swap_settings *set, struct swap_scratch *s,
                     const struct source *self, const struct source *pristine,
                     const struct polygon *outline, struct swap_sample *out, struct err *err)
{
    const struct rect probe = {0, 0, SAMPLE_PX / PROBE_STEP, SAMPLE_PX / PROBE_STEP};
    struct mat3 shrink = {{1.0 / PROBE_STEP, 0, 0, 0, 1.0 / PROBE_STEP, 0, 0, 0, 1}}, m;
    struct polygon small = *outline;
    struct rect area;
    long count;
    int r;

    if ((r = image_shape(&out->image, SAMPLE_PX, SAMPLE_PX, 3, err)) ||
        (r = image_shape(&out->mask, SAMPLE_PX, SAMPLE_PX, 1, err)) ||
        (r = source_resample(s, &out->image, self, &out->frame_to_sample,
                             (struct rect){0, 0, SAMPLE_PX, SAMPLE_PX}, err)))
        return r;
    image_fill(&out->mask, 0);
    out->box = polygon_fill(&out->mask, outline, 0, 0, 255);
    if (!rect_width(out->box))
        return err_set(err, ERR_DATA, "nothing of the face is in the sample");

    polygon_transform(&small, &shrink);
    m = mat3_multiply(&shrink, &out->frame_to_sample);
    if ((r = image_shape(&s->hard, probe.x1, probe.y1, 1, err)) ||
        (r = image_shape(&s->fg, probe.x1, probe.y1, 3, err)) ||
        (r = image_shape(&s->bg, probe.x1, probe.y1, 3, err)) ||
        (r = source_resample(s, &s->fg, self, &m, probe, err)) ||
        (r = source_resample(s, &s->bg, pristine, &m, probe, err)))
        return r;
    image_fill(&s->hard, 0);
    area = polygon_fill(&s->hard, &small, 0, 0, 255);
    if (!differs(&s->fg, &s->bg, &s->hard, area, set->min_difference, &count))
        return err_set(err, ERR_DATA, "the pair does not differ inside the mask");
    if (set->global_box_image)
        out->box = (struct rect){0, 0, SAMPLE_PX, SAMPLE_PX};
    return 0;
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct swap_draws d;
    struct source self, pristine;
    struct polygon hull, outline, placed = {0};
    struct mat3 still, back, jitter;
    double width;
    struct rng rng;
    int r;

    if (!in->is_fake)
        return sample_genuine(set, in, s, out, err);
    swap_draw(set, in->epoch, in->id, &d);
    sample_reset(out);
    out->mirrored = d.jitter.mirror;
    out->halved = d.halve;
    if ((r = place_check(&in->landmarks, &in->self, err)) ||
        (r = place_check(&in->landmarks, &in->pristine, err)) ||
        (r = pose_still(&in->landmarks, set->scale, &still, err)) ||
        (r = pose_jittered(&in->landmarks, &d.jitter, &out->frame_to_sample, err)) ||
        (r = source_prepare(set, s, &in->self, &out->frame_to_sample, d.halve, &s->self_half, &self,
                            err)) ||
        (r = source_prepare(set, s, &in->pristine, &out->frame_to_sample, d.halve,
                            &s->pristine_half, &pristine, err)))
        return r;
    hull_of_face(&in->landmarks, set->hull, set->hull_lift, &hull, &out->hull);
    if (!mat3_invert(&still, &back))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    jitter = mat3_multiply(&out->frame_to_sample, &back);
    outline = hull;
    polygon_transform(&outline, &still);
    width = rect_width(polygon_bounds(&outline));
    out->mode = d.mode;
    out->background = d.background;
    out->has_box = true;

    if (out->mode == SWAP_UNTOUCHED) {
        polygon_transform(&outline, &jitter);
        return untouched(set, s, &self, &pristine, &outline, out, err);
    }

    out->blend = d.blend;
    out->foreground = out->background == SWAP_SELF ? SWAP_PRISTINE : SWAP_SELF;
    if (out->mode == SWAP_PARTIAL) {
        out->window = d.window;
        if ((r = choose_window(set, s, &self, &pristine, &still, &jitter, d.window, &outline,
                               &placed, err)))
            return r;
    }
    polygon_refine(&outline, OUTLINE_STEP_PX);
    if (out->mode == SWAP_GLOBAL && d.elastic) {
        rng_init(&rng, set->seed, in->epoch, in->id, "elastic");
        out->elastic_rms_px =
            elastic_deform(&outline, width, set->elastic_sigma, d.elastic_rms, &rng);
    }
    polygon_transform(&outline, &jitter);
    if ((r = out->foreground == SWAP_SELF ? blend(set, s, &self, &pristine, &outline, out, err)
                                          : blend(set, s, &pristine, &self, &outline, out, err)))
        return r;
    if (!mask_bounds(&out->mask, &out->box))
        return err_set(err, ERR_DATA, "the mask is thinner than its softening");
    if (out->mode == SWAP_GLOBAL && set->global_box_image)
        out->box = (struct rect){0, 0, SAMPLE_PX, SAMPLE_PX};
    if (out->mode == SWAP_PARTIAL && set->partial_box_window) {
        polygon_transform(&placed, &jitter);
        out->box =
            rect_intersect(polygon_bounds(&placed), (struct rect){0, 0, SAMPLE_PX, SAMPLE_PX});
    }
    return 0;
}

const struct swap_method swap_mfs = {
    .name = "mfs",
    .help = "multi-scale facial swap, corrected",
    .make = make,
};
