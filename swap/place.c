#include "swap/place.h"

#include <math.h>

#include "swap/draws.h"

#define LEAST_INSIDE 0.8 /* of the landmarks must lie in the crop */

static struct mat3 translation(double x, double y)
{
    return (struct mat3){{1, 0, x, 0, 1, y, 0, 0, 1}};
}

/* Crop pixels a sample pixel, in length, at the sample's middle. */
static double shrinking(const struct mat3 *frame_to_sample)
{
    const double mid = (SAMPLE_PX - 1) / 2.0;
    struct mat3 back;
    struct point o, x, y;

    if (!mat3_invert(frame_to_sample, &back))
        return 1;
    o = mat3_apply(&back, (struct point){mid, mid});
    x = mat3_apply(&back, (struct point){mid + 1, mid});
    y = mat3_apply(&back, (struct point){mid, mid + 1});
    return sqrt(fabs((x.x - o.x) * (y.y - o.y) - (x.y - o.y) * (y.x - o.x)));
}

/* out = the picture at w x h pixels; pixels are areas, so that centres move by a part of one. */
static int shrink(struct swap_scratch *s, struct image *room, int w, int h, struct source *out,
                  struct err *err)
{
    double fx = (double)out->image->width / w, fy = (double)out->image->height / h;
    struct mat3 m = {{fx, 0, (fx - 1) / 2, 0, fy, (fy - 1) / 2, 0, 0, 1}};
    int r;

    if ((r = image_shape(room, w, h, 3, err)) ||
        (r = resize_image(&s->resizer, room, out->image, err)))
        return r;
    out->image = room;
    out->to_frame = mat3_multiply(&out->to_frame, &m);
    return 0;
}

int source_prepare(const struct swap_settings *set, struct swap_scratch *s,
                   const struct swap_crop *crop, const struct mat3 *frame_to_sample, bool halve,
                   struct image *room, struct source *out, struct err *err)
{
    int w = crop->image->width, h = crop->image->height, y, r;
    double f = shrinking(frame_to_sample);

    out->image = crop->image;
    out->to_frame = translation(crop->x, crop->y);
    out->border = set->border;
    halve = halve && w >= 2 && h >= 2;
    if (halve && f < 2 * SOURCE_SHRINKS) {
        if ((r = image_shape(room, w / 2, h / 2, 3, err)))
            return r;
        for (y = 0; y < room->height; y++)
            s->ops->halve_row(image_row(room, y), image_row(crop->image, 2 * y),
                              image_row(crop->image, 2 * y + 1), room->width, 3);
        out->image = room;
        out->to_frame = (struct mat3){{2, 0, crop->x + 0.5, 0, 2, crop->y + 0.5, 0, 0, 1}};
        return 0;
    }
    if (!(f >= SOURCE_SHRINKS))
        return 0;
    w = (int)fmax(1, floor(w / f + 0.5));
    h = (int)fmax(1, floor(h / f + 0.5));
    return shrink(s, room, w, h, out, err);
}

/* ---- beyond the edge ------------------------------------------------------------------------ */

/* Coordinate v brought back into 0 .. last. */
static double inward(double v, double last, enum swap_border border)
{
    if (!(fabs(v) < 1e6) || last <= 0 || border == SWAP_REPLICATE)
        return fmin(fmax(v, 0), last);
    v = fmod(fabs(v), 2 * last);
    return v > last ? 2 * last - v : v;
}

static void border_pixel(uint8_t *dst, const struct image *src, double u, double v)
{
    int x = (int)u, y = (int)v, c;
    int right = x + 1 < src->width ? 3 : 0;
    const uint8_t *p = image_row(src, y) + (ptrdiff_t)3 * x;
    const uint8_t *q = y + 1 < src->height ? p + src->stride : p;
    int fx = (int)((u - x) * 64), fy = (int)((v - y) * 64);

    for (c = 0; c < 3; c++) {
        int above = p[c] * (64 - fx) + p[c + right] * fx;
        int below = q[c] * (64 - fx) + q[c + right] * fx;

        dst[c] = (uint8_t)((above * (64 - fy) + below * fy + 2048) >> 12);
    }
}

/* Narrows lo .. hi to where a x + b >= 0. */
static void narrow(double a, double b, double *lo, double *hi)
{
    if (a > 0)
        *lo = fmax(*lo, -b / a);
    else if (a < 0)
        *hi = fmin(*hi, -b / a);
    else if (b < 0)
        *hi = *lo - 1;
}

static bool inside(const struct mat3 *inv, double x, double y, const struct image *src)
{
    double w = inv->m[6] * x + inv->m[7] * y + inv->m[8];
    struct point p = mat3_apply(inv, (struct point){x, y});

    return w > 0 && p.x >= 0 && p.y >= 0 && p.x <= src->width - 1 && p.y <= src->height - 1;
}

static void fill_border(struct image *dst, const struct image *src, const struct mat3 *inv,
                        enum swap_border border)
{
    const double *m = inv->m, last_x = src->width - 1, last_y = src->height - 1;
    int x, y, w = dst->width, h = dst->height;

    if (inside(inv, 0, 0, src) && inside(inv, w - 1, 0, src) && inside(inv, 0, h - 1, src) &&
        inside(inv, w - 1, h - 1, src))
        return;
    for (y = 0; y < h; y++) {
        double ax = m[1] * y + m[2], ay = m[4] * y + m[5], aw = m[7] * y + m[8];
        double lo = 0, hi = w - 1;
        int from, to;

        /* The pixels of this row that lie in the source: 0 <= u <= last_x, 0 <= v <= last_y. */
        narrow(m[0], ax, &lo, &hi);
        narrow(m[3], ay, &lo, &hi);
        narrow(last_x * m[6] - m[0], last_x * aw - ax, &lo, &hi);
        narrow(last_y * m[6] - m[3], last_y * aw - ay, &lo, &hi);
        from = lo <= hi ? (int)ceil(lo) : w;
        to = lo <= hi ? (int)floor(hi) : w;
        for (x = 0; x < w; x++) {
            double scale;

            if (x == from && from <= to)
                x = to + 1;
            if (x >= w)
                break;
            scale = 1 / (m[6] * x + aw);
            border_pixel(image_row(dst, y) + (ptrdiff_t)3 * x, src,
                         inward((m[0] * x + ax) * scale, last_x, border),
                         inward((m[3] * x + ay) * scale, last_y, border));
        }
    }
}

static int warp(const struct swap_scratch *s, struct image *dst, const struct image *src,
                const struct mat3 *m, enum swap_border border, struct err *err)
{
    struct mat3 inverse;
    int r;

    if ((r = warp_perspective(&s->warp, dst, src, m, err)))
        return r;
    if (border != SWAP_BLACK && mat3_invert(m, &inverse))
        fill_border(dst, src, &inverse, border);
    return 0;
}

int source_resample(const struct swap_scratch *s, struct image *dst, const struct source *src,
                    const struct mat3 *m, struct rect area, struct err *err)
{
    struct mat3 shift = translation(-area.x0, -area.y0), a = mat3_multiply(m, &src->to_frame);
    struct mat3 all = mat3_multiply(&shift, &a);

    return warp(s, dst, src->image, &all, src->border, err);
}

int sample_move(const struct swap_settings *set, const struct swap_scratch *s, struct image *dst,
                const struct image *src, const struct mat3 *m, struct err *err)
{
    return warp(s, dst, src, m, set->border, err);
}

/* ---- samples -------------------------------------------------------------------------------- */

int place_check(const struct landmarks *l, const struct swap_crop *crop, struct err *err)
{
    int i, n = 0;

    for (i = 0; i < l->n; i++)
        n += l->p[i].x >= crop->x && l->p[i].x <= crop->x + crop->image->width - 1 &&
             l->p[i].y >= crop->y && l->p[i].y <= crop->y + crop->image->height - 1;
    if (n < LEAST_INSIDE * l->n)
        return err_set(err, ERR_DATA, "only %d of %d landmarks lie in the crop", n, l->n);
    return 0;
}

void sample_reset(struct swap_sample *out)
{
    struct image image = out->image, mask = out->mask;

    *out = (struct swap_sample){
        .image = image, .mask = mask, .background = SWAP_SELF, .frame_to_sample = mat3_identity()};
}

int sample_genuine(const struct swap_settings *set, const struct swap_input *in,
                   struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    const struct rect frame = {0, 0, SAMPLE_PX, SAMPLE_PX};
    struct swap_draws d;
    struct source self;
    int r;

    swap_draw_pose(set, in->epoch, swap_key(in), &d);
    sample_reset(out);
    out->mirrored = d.jitter.mirror;
    out->halved = d.halve;
    if ((r = place_check(&in->landmarks, &in->self, err)) ||
        (r = pose_jittered(&in->landmarks, &d.jitter, &out->frame_to_sample, err)) ||
        (r = source_prepare(set, s, &in->self, &out->frame_to_sample, d.halve, &s->self_half, &self,
                            err)) ||
        (r = image_shape(&out->mask, SAMPLE_PX, SAMPLE_PX, 1, err)) ||
        (r = image_shape(&out->image, SAMPLE_PX, SAMPLE_PX, 3, err)))
        return r;
    image_fill(&out->mask, 0);
    hull_of_face(&in->landmarks, set->hull, set->hull_lift, &(struct polygon){0}, &out->hull);
    return source_resample(s, &out->image, &self, &out->frame_to_sample, frame, err);
}
