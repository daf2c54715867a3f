#include "swap/published.h"

#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "swap/place.h"
#include "swap/published_pose.h"
#include "swap/published_swap.h"

#define LEAST_MASK_PX  64   /* as in mfs */
#define SEEN           1e-3 /* a value of D' above this counts ... */
#define LEAST_SEEN     4800 /* ... and a partial swap needs more than so many: 40 x 40 x 3 */
#define ELASTIC_LEAST  300  /* alpha is randint(300, 500) */
#define ELASTIC_MOST   500  /* mfs.py:72 */
#define ELASTIC_SIGMA  0.08 /* of the picture's rows */
#define SCALE_SD_LIMIT 3.0  /* FIX_SCALE off: drawn without it */

static const struct rect whole_sample = {0, 0, SAMPLE_PX, SAMPLE_PX};

static struct published_scratch *scratch_of(struct swap_scratch *s)
{
    if (!s->published)
        s->published = mem_array(1, sizeof *s->published);
    return s->published;
}

void published_scratch_free(struct published_scratch *s)
{
    if (!s)
        return;
    published_patch_release(&s->patch);
    published_clone_release(&s->clone);
    published_elastic_release(&s->elastic);
    image_release(&s->self_half);
    image_release(&s->pristine);
    image_release(&s->pristine_half);
    image_release(&s->hard);
    image_release(&s->hull);
    image_release(&s->soft);
    plane_release(&s->hard_plane);
    plane_release(&s->soft_plane);
    image_release(&s->blended);
    image_release(&s->moved_fg);
    image_release(&s->moved_mask);
    image_release(&s->aligned_bg);
    image_release(&s->scratch);
    image_release(&s->beyond);
    image_release(&s->inside);
    free(s);
}

/* ---- draws -----------------------------------------------------------------------------------*/

/* What mfs draws, then what is drawn differently as published; each from a stream of its own. */
static void draw(const struct swap_settings *set, const struct swap_input *in, struct swap_draws *d,
                 double *alpha)
{
    static const struct swap_window windows[] = {{40, 80}, {80, 120}, {120, 160}, {224, 224}};
    struct rng rng;

    swap_draw(set, in->epoch, in->id, d);
    rng_init(&rng, set->seed, in->epoch, in->id, "published");
    *alpha = ELASTIC_LEAST + (double)rng_below(&rng, ELASTIC_MOST - ELASTIC_LEAST + 1);
    if (!corrected(set->corrections, FIX_WINDOWS))
        d->window = windows[rng_below(&rng, sizeof windows / sizeof *windows)];
    if (!corrected(set->corrections, FIX_MIRROR))
        d->jitter.mirror = false;
    if (!corrected(set->corrections, FIX_SCALE)) {
        rng_init(&rng, set->seed, in->epoch, in->id, "pose");
        (void)rng_uniform(&rng); /* whether to halve */
        d->jitter.scale = set->scale + set->scale_sd * rng_normal(&rng);
    }
}

/* ---- pictures --------------------------------------------------------------------------------*/

/* Half of the size as published: by OpenCV, and cut off where a side is odd. */
static int halve(struct source *p, struct image *half, struct err *err)
{
    const struct image *from = p->image;
    double fx, fy;
    struct mat3 m;
    int r;

    if (from->width < 2 || from->height < 2)
        return 0;
    if ((r = image_shape(half, from->width / 2, from->height / 2, 3, err)) ||
        (r = cv_resize_linear(half, from, err)))
        return r;
    fx = (double)from->width / half->width;
    fy = (double)from->height / half->height;
    m = (struct mat3){{fx, 0, (fx - 1) / 2, 0, fy, (fy - 1) / 2, 0, 0, 1}};
    p->image = half;
    p->to_frame = mat3_multiply(&p->to_frame, &m);
    return 0;
}

static int prepare(const struct swap_settings *set, struct swap_scratch *s,
                   const struct swap_crop *crop, const struct mat3 *frame_to_sample, bool half,
                   struct image *room, struct source *out, struct err *err)
{
    int r;

    out->image = crop->image;
    out->to_frame = (struct mat3){{1, 0, crop->x, 0, 1, crop->y, 0, 0, 1}};
    if (corrected(set->corrections, FIX_RESAMPLE))
        r = source_prepare(set, s, crop, frame_to_sample, half, room, out, err);
    else
        r = half ? halve(out, room, err) : 0;
    out->border = corrected(set->corrections, FIX_BORDER) ? set->border : SWAP_BLACK;
    return r;
}

/* The pristine crop in the place of this frame's: by where both lie in the frame, or (as published)
 * as it is, whatever its size. */
static int lay_on(const struct swap_settings *set, const struct swap_input *in,
                  struct published_scratch *p, struct swap_crop *pristine, struct err *err)
{
    const struct image *self = in->self.image, *other = in->pristine.image;
    int dx = (int)floor(in->self.x - in->pristine.x + 0.5);
    int dy = (int)floor(in->self.y - in->pristine.y + 0.5), r;

    *pristine = (struct swap_crop){other, in->self.x, in->self.y};
    if (!corrected(set->corrections, FIX_SIZES) ||
        (!dx && !dy && self->width == other->width && self->height == other->height))
        return 0;
    if ((r = image_crop(&p->pristine, other, dx, dy, self->width, self->height, err)))
        return r;
    pristine->image = &p->pristine;
    return 0;
}

/* Landmarks in whole pixels of the crop; at half size cut off. */
static void whole_landmarks(struct landmarks *l, const struct swap_crop *crop, bool halved)
{
    int i;

    for (i = 0; i < l->n; i++) {
        l->p[i].x = floor(l->p[i].x - crop->x + 0.5);
        l->p[i].y = floor(l->p[i].y - crop->y + 0.5);
        if (halved) {
            l->p[i].x = trunc(l->p[i].x / 2);
            l->p[i].y = trunc(l->p[i].y / 2);
        }
    }
}

/* The alignment, from whole landmarks as published or from what was measured. */
static int pose(const struct swap_settings *set, const struct swap_input *in,
                const struct swap_draws *d, struct mat3 *frame_to_sample, struct err *err)
{
    const struct image *crop = in->self.image;
    bool half = d->halve && crop->width >= 2 && crop->height >= 2;
    double fx = half ? (double)(crop->width / 2) / crop->width : 1;
    double fy = half ? (double)(crop->height / 2) / crop->height : 1;
    struct mat3 from_frame = {
        {fx, 0, (fx - 1) / 2 - fx * in->self.x, 0, fy, (fy - 1) / 2 - fy * in->self.y, 0, 0, 1}};
    struct landmarks whole = in->landmarks;
    struct mat3 m;
    int r;

    if (corrected(set->corrections, FIX_LANDMARKS))
        return pose_jittered(&in->landmarks, &d->jitter, frame_to_sample, err);
    whole_landmarks(&whole, &in->self, half);
    if ((r = published_pose(&whole, &d->jitter, &m, err)))
        return r;
    *frame_to_sample = mat3_multiply(&m, &from_frame);
    return 0;
}

/* The landmarks in the picture's pixels. */
static int place_landmarks(const struct swap_settings *set, const struct swap_input *in, bool half,
                           const struct source *self, struct landmarks *l, struct err *err)
{
    struct mat3 from_frame;
    int i;

    *l = in->landmarks;
    if (!corrected(set->corrections, FIX_LANDMARKS) && !corrected(set->corrections, FIX_RESAMPLE)) {
        whole_landmarks(l, &in->self, half && self->image != in->self.image);
        return 0;
    }
    if (!mat3_invert(&self->to_frame, &from_frame))
        return err_set(err, ERR_DATA, "the picture has no size");
    landmarks_transform(l, &from_frame);
    for (i = 0; i < l->n && !corrected(set->corrections, FIX_LANDMARKS); i++)
        l->p[i] = (struct point){floor(l->p[i].x + 0.5), floor(l->p[i].y + 0.5)};
    return 0;
}

/* How a picture in the pixels of `ground` is taken to the sample. */
struct alignment {
    const struct swap_settings *set;
    struct swap_scratch *s;
    struct published_scratch *p;
    const struct source *ground;
    struct mat3 frame_to_sample, m; /* m: picture -> sample */
};

static int align_mask(const struct alignment *a, struct image *dst, const struct image *src,
                      struct err *err)
{
    int r;

    if ((r = image_shape(dst, SAMPLE_PX, SAMPLE_PX, 1, err)))
        return r;
    if (corrected(a->set->corrections, FIX_RESAMPLE))
        return warp_perspective(&a->s->warp, dst, src, &a->m, err);
    return cv_warp_perspective(dst, src, &a->m, err);
}

/* Takes from `beyond` the pixels of dst that lie at or beyond the edge of the picture. */
static int add_border(const struct alignment *a, struct image *dst, const struct image *src,
                      const struct image *beyond, struct err *err)
{
    struct image *all = &a->p->moved_mask, *inside = &a->p->inside;
    int x, y, c, r;

    if ((r = image_shape(all, src->width, src->height, 1, err)))
        return r;
    image_fill(all, 255);
    if ((r = align_mask(a, inside, all, err)))
        return r;
    for (y = 0; y < SAMPLE_PX; y++) {
        for (x = 0; x < SAMPLE_PX; x++) {
            for (c = 3 * x; image_row(inside, y)[x] < 255 && c < 3 * x + 3; c++)
                image_row(dst, y)[c] = image_row(beyond, y)[c];
        }
    }
    return 0;
}

static int align(const struct alignment *a, struct image *dst, const struct image *src,
                 struct err *err)
{
    struct source from = {src, a->ground->to_frame, a->ground->border};
    struct image *room = &a->p->beyond;
    int r;

    if ((r = image_shape(dst, SAMPLE_PX, SAMPLE_PX, 3, err)))
        return r;
    if (corrected(a->set->corrections, FIX_RESAMPLE))
        return source_resample(a->s, dst, &from, &a->frame_to_sample, whole_sample, err);
    if ((r = cv_warp_perspective(dst, src, &a->m, err)) || from.border == SWAP_BLACK)
        return r;
    if ((r = image_shape(room, SAMPLE_PX, SAMPLE_PX, 3, err)) ||
        (r = source_resample(a->s, room, &from, &a->frame_to_sample, whole_sample, err)))
        return r;
    return add_border(a, dst, src, room, err);
}

/* ---- labels ----------------------------------------------------------------------------------*/

/* Mean |a - b| where the mask is set, and how many pixels that is. */
static double difference(const struct image *a, const struct image *b, const struct image *mask,
                         long *count)
{
    unsigned long long sum = 0;
    int x, y, c;

    *count = 0;
    for (y = 0; y < mask->height; y++) {
        const uint8_t *p = image_row(a, y), *q = image_row(b, y), *m = image_row(mask, y);

        for (x = 0; x < mask->width; x++) {
            if (!m[x])
                continue;
            ++*count;
            for (c = 0; c < 3; c++)
                sum += (unsigned)abs(p[3 * x + c] - q[3 * x + c]);
        }
    }
    return *count ? (double)sum / (3.0 * (double)*count) : 0;
}

static struct rect swapped_axes(struct rect b)
{
    return (struct rect){b.y0, b.x0, b.y1, b.x1};
}

/* The published box of a partial swap: the window searched again in what came out. */
static int searched_box(struct published_scratch *p, const struct swap_sample *out,
                        struct swap_window window, struct rect *box, struct err *err)
{
    long seen = 0;
    int i, r;

    if ((r = published_dssim(&p->patch, &out->image, &p->aligned_bg, err)))
        return r;
    for (i = 0; i < 3 * SAMPLE_PX * SAMPLE_PX; i++)
        seen += p->patch.map[i] > SEEN;
    if (seen <= LEAST_SEEN)
        return err_set(err, ERR_DATA, "partial swap err.: only %ld values differ", seen);
    *box = published_search(p->patch.map, SAMPLE_PX, SAMPLE_PX, window.w, window.h,
                            SAMPLE_PX / PATCH_STEPS, SAMPLE_PX / PATCH_STEPS);
    return 0;
}

/* Box and skips of a swap. `m` takes the picture to the sample. */
static int label_swap(const struct swap_settings *set, struct published_scratch *p,
                      const struct published_result *swap, const struct mat3 *m,
                      struct swap_sample *out, struct err *err)
{
    uint32_t fix = set->corrections;
    struct rect box = whole_sample, changed = published_bounds(&out->mask);
    int r;

    if (!rect_width(changed) && corrected(fix, FIX_SKIP))
        return err_set(err, ERR_DATA, "nothing of the mask is in the sample");
    if (out->mode == SWAP_PARTIAL &&
        (!corrected(fix, FIX_BOX_PATCH) || !corrected(fix, FIX_SKIP))) {
        r = searched_box(p, out, out->window, &box, err);
        if (r && !(r == ERR_DATA && corrected(fix, FIX_SKIP)))
            return r;
        if (r)
            err_clear(err);
    }
    if (out->mode == SWAP_PARTIAL && corrected(fix, FIX_BOX_PATCH)) {
        struct polygon patch = polygon_of_rect(swap->patch);

        polygon_transform(&patch, m);
        box = corrected(fix, FIX_PATCH_HULL) && !set->partial_box_window
                  ? changed
                  : rect_intersect(polygon_bounds(&patch), whole_sample);
    }
    if (out->mode == SWAP_GLOBAL && corrected(fix, FIX_BOX_FACE) && !set->global_box_image)
        box = changed;
    out->box = corrected(fix, FIX_BOX_AXES) ? box : swapped_axes(box);
    return 0;
}

/* FIX_SKIP: a pair that does not differ where it is swapped gives no sample. */
static int skip_equal(const struct swap_settings *set, const struct image *a, const struct image *b,
                      const struct image *mask, struct err *err)
{
    long count;

    if (difference(a, b, mask, &count) < set->min_difference)
        return err_set(err, ERR_DATA, "the pair does not differ inside the mask");
    if (count < LEAST_MASK_PX)
        return err_set(err, ERR_DATA, "the mask has only %ld pixels", count);
    return 0;
}

/* The fake as it is: the mask is the face. */
static int untouched(const struct alignment *a, const struct image *self,
                     const struct image *pristine, const struct landmarks *l,
                     struct swap_sample *out, struct err *err)
{
    const struct swap_settings *set = a->set;
    struct polygon outline;
    struct rect face;
    int r;

    if ((r = align(a, &out->image, self, err)) ||
        (corrected(set->corrections, FIX_SKIP) &&
         (r = align(a, &a->p->aligned_bg, pristine, err))) ||
        (r = image_shape(&out->mask, SAMPLE_PX, SAMPLE_PX, 1, err)))
        return r;
    published_outline(set, l, &outline, &out->hull);
    polygon_transform(&outline, &a->m);
    image_fill(&out->mask, 0);
    face = polygon_fill(&out->mask, &outline, 0, 0, 255);
    if (!rect_width(face) && corrected(set->corrections, FIX_SKIP))
        return err_set(err, ERR_DATA, "nothing of the face is in the sample");
    if (corrected(set->corrections, FIX_SKIP) &&
        (r = skip_equal(set, &out->image, &a->p->aligned_bg, &out->mask, err)))
        return r;
    out->box = whole_sample;
    if (corrected(set->corrections, FIX_BOX_FACE) && !set->global_box_image)
        out->box = corrected(set->corrections, FIX_BOX_AXES) ? face : swapped_axes(face);
    return 0;
}

/* ---- the method ------------------------------------------------------------------------------*/

static int swap(const struct alignment *a, const struct swap_draws *d, const struct swap_input *in,
                const struct image *self, const struct image *pristine, struct published_pair *pair,
                struct swap_sample *out, struct err *err)
{
    const struct swap_settings *set = a->set;
    struct published_scratch *p = a->p;
    bool self_below = d->background == SWAP_SELF;
    struct published_result done;
    int r;

    out->foreground = self_below ? SWAP_PRISTINE : SWAP_SELF;
    pair->fg = self_below ? pristine : self;
    pair->bg = self_below ? self : pristine;
    if (pair->fg->width != pair->bg->width || pair->fg->height != pair->bg->height) {
        if ((r = image_shape(&p->scratch, pair->fg->width, pair->fg->height, 3, err)) ||
            (r = cv_resize_linear(&p->scratch, pair->bg, err)))
            return r;
        pair->bg = &p->scratch;
    }
    pair->sigma = ELASTIC_SIGMA * pair->fg->height;
    rng_init(&pair->noise, set->seed, in->epoch, in->id, "published-elastic");
    rng_init(&pair->rng, set->seed, in->epoch, in->id, "elastic");
    if ((r = published_blend(set, d, pair, a->s, p, &done, err)))
        return r;
    out->blend = done.blend;
    out->fallback = done.fallback;
    out->hull = done.hull;
    out->window = d->mode == SWAP_PARTIAL ? d->window : (struct swap_window){0, 0};
    out->elastic_rms_px = done.elastic_rms * hypot(pair->still.m[0], pair->still.m[3]);
    if (done.blend == SWAP_POISSON && corrected(set->corrections, FIX_POISSON_DOMAIN))
        out->poisson_residual = a->s->poisson.residual;
    if ((r = align_mask(a, &out->mask, done.mask, err)) ||
        ((d->mode == SWAP_PARTIAL || corrected(set->corrections, FIX_SKIP)) &&
         (r = align(a, &p->aligned_bg, pair->bg, err))))
        return r;
    if (corrected(set->corrections, FIX_SKIP) &&
        ((r = align(a, &out->image, pair->fg, err)) ||
         (r = skip_equal(set, &out->image, &p->aligned_bg, &out->mask, err))))
        return r;
    if ((r = align(a, &out->image, done.image, err)))
        return r;
    return label_swap(set, p, &done, &a->m, out, err);
}

static void begin(const struct swap_input *in, const struct swap_draws *d, struct swap_sample *out)
{
    sample_reset(out);
    out->mode = in->is_fake ? d->mode : SWAP_GENUINE;
    out->background = in->is_fake ? d->background : SWAP_SELF;
    out->has_box = in->is_fake;
    out->mirrored = d->jitter.mirror;
    out->halved = d->halve;
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct published_scratch *p = scratch_of(s);
    struct published_pair pair = {0};
    struct source self = {0}, pristine = {0};
    struct alignment a = {.set = set, .s = s, .p = p, .ground = &self};
    struct swap_crop below;
    struct polygon outline;
    struct swap_draws d;
    int r;

    if (corrected(set->corrections, FIX_SAMPLE_PIXELS))
        return swap_mfs.make(set, in, s, out, err);
    if (!p)
        return err_nomem(err);
    draw(set, in, &d, &pair.alpha);
    begin(in, &d, out);
    if ((r = place_check(&in->landmarks, &in->self, err)) ||
        (in->is_fake && ((r = place_check(&in->landmarks, &in->pristine, err)) ||
                         (r = lay_on(set, in, p, &below, err)))) ||
        (r = pose(set, in, &d, &out->frame_to_sample, err)) ||
        (r = prepare(set, s, &in->self, &out->frame_to_sample, d.halve, &p->self_half, &self,
                     err)) ||
        (in->is_fake && (r = prepare(set, s, &below, &out->frame_to_sample, d.halve,
                                     &p->pristine_half, &pristine, err))) ||
        (r = place_landmarks(set, in, d.halve, &self, &pair.landmarks, err)) ||
        (r = pose_still(&pair.landmarks, set->scale, &pair.still, err)))
        return r;
    a.frame_to_sample = out->frame_to_sample;
    a.m = mat3_multiply(&out->frame_to_sample, &self.to_frame);
    published_outline(set, &pair.landmarks, &outline, &out->hull);
    if (!in->is_fake) {
        if ((r = image_shape(&out->mask, SAMPLE_PX, SAMPLE_PX, 1, err)))
            return r;
        image_fill(&out->mask, 0);
        return align(&a, &out->image, self.image, err);
    }
    if (d.mode == SWAP_UNTOUCHED)
        return untouched(&a, self.image, pristine.image, &pair.landmarks, out, err);
    return swap(&a, &d, in, self.image, pristine.image, &pair, out, err);
}

const struct swap_method swap_published = {
    .name = "mfs-published",
    .help = "multi-scale facial swap as its published code does it, with chosen corrections",
    .make = make,
};
