#include "swap/published_swap.h"

#include <math.h>

#include "swap/elastic.h"

#define OUTLINE_STEP_PX 2.0 /* between two points of a corrected, deformed outline */

/* A mask on its way: the published code keeps some as bytes and some as doubles. */
struct mask {
    bool doubles;
    struct rect area;  /* holds all pixels that are not 0 */
    struct rect hull;  /* of the landmarks, whole pixels; x1, y1 are the largest coordinates */
    struct rect found; /* partial: the window in the crop of the search */
};

void published_outline(const struct swap_settings *set, const struct landmarks *l,
                       struct polygon *outline, enum hull_kind *used)
{
    if (corrected(set->corrections, FIX_HULL)) {
        hull_of_face(l, set->hull, set->hull_lift, outline, used);
        return;
    }
    outline->n = convex_hull(l->p, l->n, outline->p);
    *used = l->n == LANDMARKS_MAX ? HULL_MEASURED : HULL_PLAIN;
}

/* Fills `hull` with the face; without FIX_LANDMARKS from whole pixels, as fillPoly does. */
static int fill_hull(const struct swap_settings *set, const struct polygon *outline,
                     struct image *mask, struct rect *area, struct err *err)
{
    struct landmarks whole = {.n = 0};
    struct point hull[LANDMARKS_MAX];
    int i, n;

    image_fill(mask, 0);
    if (corrected(set->corrections, FIX_LANDMARKS)) {
        *area = polygon_fill(mask, outline, 0, 0, 255);
    } else {
        for (i = 0; i < outline->n && i < LANDMARKS_MAX; i++)
            whole.p[whole.n++] =
                (struct point){floor(outline->p[i].x + 0.5), floor(outline->p[i].y + 0.5)};
        *area = published_hull(mask, &whole, hull, &n);
    }
    if (!rect_width(*area) || !rect_height(*area))
        return err_set(err, ERR_DATA, "nothing of the face is in the picture");
    return 0;
}

/* The outline in whole pixels, its largest coordinates included. */
static struct rect whole_bounds(const struct polygon *outline)
{
    struct rect r = {IMAGE_MAX_SIDE, IMAGE_MAX_SIDE, -IMAGE_MAX_SIDE, -IMAGE_MAX_SIDE};
    int i;

    for (i = 0; i < outline->n; i++) {
        int x = (int)floor(outline->p[i].x + 0.5), y = (int)floor(outline->p[i].y + 0.5);

        r.x0 = x < r.x0 ? x : r.x0;
        r.y0 = y < r.y0 ? y : r.y0;
        r.x1 = x > r.x1 ? x : r.x1;
        r.y1 = y > r.y1 ? y : r.y1;
    }
    return r;
}

static int deform(const struct swap_settings *set, const struct swap_draws *d,
                  struct published_pair *pair, struct published_scratch *p, struct polygon *outline,
                  struct mask *m, struct published_result *out, struct err *err)
{
    struct mat3 back;
    double width, px;

    m->doubles = true;
    if (!corrected(set->corrections, FIX_ELASTIC))
        return published_elastic(&p->elastic, &p->hard, &m->area, pair->alpha, pair->sigma, NULL,
                                 &pair->noise, &out->elastic_rms, err);
    if (!mat3_invert(&pair->still, &back))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    polygon_transform(outline, &pair->still);
    width = rect_width(polygon_bounds(outline));
    polygon_refine(outline, OUTLINE_STEP_PX);
    px = elastic_deform(outline, width, set->elastic_sigma, d->elastic_rms, &pair->rng);
    polygon_transform(outline, &back);
    out->elastic_rms = px * hypot(back.m[0], back.m[3]);
    image_fill(&p->hard, 0);
    m->area = polygon_fill(&p->hard, outline, 0, 0, 255);
    return 0;
}

/* The window of the largest dissimilarity, in pixels of the crop that is searched. */
static int search(const struct swap_settings *set, const struct swap_draws *d,
                  const struct published_pair *pair, struct published_scratch *p, struct rect crop,
                  struct rect *found, struct err *err)
{
    int w = rect_width(crop), h = rect_height(crop), x, y, r;
    struct image fg = image_view(pair->fg, crop.x0, crop.y0, w, h);
    struct image bg = image_view(pair->bg, crop.x0, crop.y0, w, h);
    int win_w = d->window.w * w / SAMPLE_PX, win_h = d->window.h * h / SAMPLE_PX;

    if ((r = published_dssim(&p->patch, &fg, &bg, err)))
        return r;
    for (y = 0; y < h; y++) {
        const uint8_t *hull = image_row(&p->hull, crop.y0 + y) + crop.x0;
        double *map = p->patch.map + 3 * (ptrdiff_t)w * y;

        for (x = 0; x < w; x++) {
            if (!hull[x])
                map[3 * x] = map[3 * x + 1] = map[3 * x + 2] = 0;
        }
    }
    if (corrected(set->corrections, FIX_SEARCH))
        return published_search_every(&p->patch, w, h, win_w, win_h, found, err);
    *found = published_search(p->patch.map, w, h, win_w, win_h, w / PATCH_STEPS, h / PATCH_STEPS);
    return 0;
}

static int make_patch(const struct swap_settings *set, const struct swap_draws *d,
                      const struct published_pair *pair, struct published_scratch *p,
                      struct mask *m, struct published_result *out, struct err *err)
{
    const struct rect picture = {0, 0, pair->bg->width, pair->bg->height};
    struct rect crop = rect_intersect(published_crop(m->hull), picture), place;
    int x, y, x0 = m->hull.x0, y0 = m->hull.y0, r;

    if (rect_width(crop) < 2 || rect_height(crop) < 2)
        return err_set(err, ERR_DATA, "nothing of the face is in the picture");
    if ((r = search(set, d, pair, p, crop, &m->found, err)))
        return r;
    if (!rect_width(m->found) || !rect_height(m->found))
        return err_set(err, ERR_DATA, "the pair does not differ inside the hull");
    if (corrected(set->corrections, FIX_PATCH_OFFSET)) {
        x0 = crop.x0;
        y0 = crop.y0;
    }
    place = (struct rect){x0 + m->found.x0, y0 + m->found.y0, x0 + m->found.x1, y0 + m->found.y1};
    out->patch = place;
    m->area = rect_intersect(place, picture);
    if (!rect_width(m->area) || !rect_height(m->area))
        return err_set(err, ERR_DATA, "the patch lies outside of the picture");
    image_fill(&p->hard, 0);
    for (y = m->area.y0; y < m->area.y1; y++) {
        const uint8_t *hull = image_row(&p->hull, y);
        uint8_t *hard = image_row(&p->hard, y);

        for (x = m->area.x0; x < m->area.x1; x++)
            hard[x] = corrected(set->corrections, FIX_PATCH_HULL) ? hull[x] : 255;
    }
    m->doubles = true;
    return 0;
}

/* ---- alpha -----------------------------------------------------------------------------------*/

/* One row of an alpha blend: float32 throughout, and cut off or rounded. `weight` is soft / 255. */
static void alpha_row(uint8_t *out, const uint8_t *fg, const uint8_t *bg, const float *weight,
                      int n, bool round)
{
    int x, c;

    for (x = 0; x < n; x++) {
        float m = weight[x], rest = 1.0f - m;

        for (c = 0; c < 3; c++) {
            float v = m * (float)fg[3 * x + c] + rest * (float)bg[3 * x + c];

            if (round)
                v += 0.5f;
            out[3 * x + c] = v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
        }
    }
}

static int alpha(const struct swap_settings *set, const struct published_pair *pair,
                 struct swap_scratch *s, struct published_scratch *p, struct mask *m,
                 struct err *err)
{
    int w = pair->bg->width, h = pair->bg->height, x, y, r;
    bool planes = m->doubles && !corrected(set->corrections, FIX_SOFTEN);
    struct rect area = {m->area.x0 - CV_BLUR_REACH, m->area.y0 - CV_BLUR_REACH,
                        m->area.x1 + CV_BLUR_REACH, m->area.y1 + CV_BLUR_REACH};
    float weight[512];

    area = rect_intersect(area, (struct rect){0, 0, w, h});
    if (corrected(set->corrections, FIX_SOFTEN)) {
        r = soften(&s->soften, s->ops, &p->soft, &p->hard, m->area, set->soften_px, err);
    } else if (planes) {
        if ((r = plane_shape(&p->hard_plane, w, h, err)))
            return r;
        for (y = 0; y < h; y++) {
            for (x = 0; x < w; x++)
                plane_row(&p->hard_plane, y)[x] = image_row(&p->hard, y)[x];
        }
        if (!(r = cv_blur_plane(&p->soft_plane, &p->hard_plane, area, err)))
            r = image_shape(&p->soft, w, h, 1, err);
        if (!r)
            image_fill(&p->soft, 0);
    } else {
        r = cv_blur_bytes(&p->soft, &p->hard, area, err);
    }
    if (r || (r = image_copy(&p->blended, pair->bg, err)))
        return r;
    for (y = area.y0; y < area.y1; y++) {
        uint8_t *soft = image_row(&p->soft, y);
        int n;

        for (x = area.x0; x < area.x1; x += n) {
            int k;

            n = area.x1 - x < (int)(sizeof weight / sizeof *weight)
                    ? area.x1 - x
                    : (int)(sizeof weight / sizeof *weight);
            for (k = 0; k < n; k++) {
                if (planes) {
                    weight[k] = (float)plane_row(&p->soft_plane, y)[x + k] / 255.0f;
                    soft[x + k] = (uint8_t)cv_round(plane_row(&p->soft_plane, y)[x + k]);
                } else {
                    weight[k] = (float)soft[x + k] / 255.0f;
                }
            }
            alpha_row(image_row(&p->blended, y) + 3 * (ptrdiff_t)x,
                      image_row(pair->fg, y) + 3 * (ptrdiff_t)x,
                      image_row(pair->bg, y) + 3 * (ptrdiff_t)x, weight, n,
                      corrected(set->corrections, FIX_ROUNDING));
        }
    }
    return 0;
}

/* ---- Poisson ---------------------------------------------------------------------------------*/

/* dst = src moved by (dx, dy). */
static int move(struct image *dst, const struct image *src, int dx, int dy, struct err *err)
{
    return image_crop(dst, src, -dx, -dy, src->width, src->height, err);
}

/* Returns 1 with *fallback when the published code would catch an exception. */
static int poisson(const struct swap_settings *set, const struct swap_draws *d,
                   const struct published_pair *pair, struct swap_scratch *s,
                   struct published_scratch *p, const struct mask *m, const char **fallback,
                   struct err *err)
{
    const struct rect picture = {0, 0, pair->bg->width, pair->bg->height};
    struct rect b = published_bounds(&p->hard), to;
    int w = rect_width(b), h = rect_height(b), cx = b.x0 + w / 2, cy = b.y0 + h / 2, dx, dy, r;

    if (m->doubles && !corrected(set->corrections, FIX_MASK_TYPE)) {
        *fallback = "seamlessClone refuses a mask of doubles";
        return 1;
    }
    if (d->mode == SWAP_PARTIAL && !corrected(set->corrections, FIX_PATCH_CENTRE)) {
        cx = (m->found.x0 + m->found.x1) / 2;
        cy = (m->found.y0 + m->found.y1) / 2;
    } else if (d->mode == SWAP_GLOBAL && !corrected(set->corrections, FIX_POISSON_CENTRE)) {
        cx = (m->hull.y0 + m->hull.y1) / 2;
        cy = (m->hull.x0 + m->hull.x1) / 2;
    }
    dx = cx - (b.x0 + w / 2);
    dy = cy - (b.y0 + h / 2);
    *fallback = "the Poisson blend would leave the picture";
    if (!corrected(set->corrections, FIX_POISSON_DOMAIN)) {
        if ((r = published_clone(&p->clone, &p->blended, pair->fg, pair->bg, &p->hard, cx, cy, &to,
                                 err)))
            return r;
        return move(&p->soft, &p->hard, dx, dy, err);
    }
    to = (struct rect){b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy};
    if (to.x0 < 0 || to.y0 < 0 || to.x1 > picture.x1 || to.y1 > picture.y1)
        return 1;
    if ((r = move(&p->moved_fg, pair->fg, dx, dy, err)) ||
        (r = move(&p->soft, &p->hard, dx, dy, err)) ||
        (r = image_shape(&p->blended, picture.x1, picture.y1, 3, err)))
        return r;
    return poisson_blend(&s->poisson, s->ops, &p->blended, &p->moved_fg, pair->bg, &p->soft, to,
                         err);
}

int published_blend(const struct swap_settings *set, const struct swap_draws *d,
                    struct published_pair *pair, struct swap_scratch *s,
                    struct published_scratch *p, struct published_result *out, struct err *err)
{
    int w = pair->bg->width, h = pair->bg->height, r;
    struct mask m = {.doubles = false};
    struct polygon outline;

    *out = (struct published_result){.blend = d->blend, .image = &p->blended, .mask = &p->soft};
    if ((r = image_shape(&p->hull, w, h, 1, err)) || (r = image_shape(&p->hard, w, h, 1, err)))
        return r;
    published_outline(set, &pair->landmarks, &outline, &out->hull);
    m.hull = whole_bounds(&outline);
    if ((r = fill_hull(set, &outline, &p->hull, &m.area, err)))
        return r;
    if (d->mode == SWAP_PARTIAL) {
        r = make_patch(set, d, pair, p, &m, out, err);
    } else {
        r = image_copy(&p->hard, &p->hull, err);
        if (!r && d->elastic)
            r = deform(set, d, pair, p, &outline, &m, out, err);
    }
    if (r)
        return r;
    if (out->blend == SWAP_POISSON) {
        const char *why = NULL;

        if ((r = poisson(set, d, pair, s, p, &m, &why, err)) < 0 || r > 1)
            return r;
        if (!r)
            return 0;
        out->fallback = why;
        out->blend = SWAP_ALPHA;
    }
    return alpha(set, pair, s, p, &m, err);
}
