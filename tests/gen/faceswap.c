#include "tests/gen/faceswap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/resize.h"
#include "lib/mem.h"
#include "lib/warp.h"
#include "tests/gen/delaunay.h"
#include "tests/gen/head_model.h"

const struct faceswap_style faceswap_styles[] = {
    {.method = "Deepfakes", .feather = 0.36, .inset = 0.06, .color = 1.0, .shrink = 1.6},
    {.method = "FaceSwap",
     .feather = 0.10,
     .inset = 0.09,
     .color = 0.75,
     .shrink = 1.25,
     .shortest = 1},
};
const int faceswap_n_styles = (int)(sizeof(faceswap_styles) / sizeof(*faceswap_styles));

#define MARGIN 4 /* pixels round the landmarks, so that resampling sees its surroundings */

/* The mesh is of the 68 points and, above each of the ten of the brows, one that is lifted, so that
 * the brows lie inside and not on the edge. */
#define MESH_POINTS 78
#define LIFT        0.26 /* eye distances */

static void make_mesh(const struct landmarks *l, struct point p[MESH_POINTS])
{
    struct point left = landmarks_eye_left(l), right = landmarks_eye_right(l);
    /* up, at right angles to the line between the eyes, as long as that line */
    double ux = right.y - left.y, uy = left.x - right.x;
    int i;

    memcpy(p, l->p, HEAD_LANDMARKS * sizeof(*p));
    for (i = 0; i < MESH_POINTS - HEAD_LANDMARKS; i++) {
        /* less at the temples, where the hair begins */
        double k = LIFT * (i == 0 || i == 9 ? 0.35 : i == 1 || i == 8 ? 0.75 : 1);

        p[HEAD_LANDMARKS + i] = (struct point){l->p[17 + i].x + k * ux, l->p[17 + i].y + k * uy};
    }
}

/* The triangles are those of the average head with its mouth a little open: the same for all. */
static void make_triangles(struct faceswap *s)
{
    int t[DELAUNAY_MAX_TRIANGLES][3], i;
    struct point p[MESH_POINTS];
    struct landmarks average = {.n = HEAD_LANDMARKS};

    if (s->n_triangles)
        return;
    head_average(average.p);
    make_mesh(&average, p);
    s->n_triangles = delaunay(p, MESH_POINTS, t);
    for (i = 0; i < s->n_triangles; i++)
        memcpy(s->triangles[i], t[i], sizeof(t[i]));
}

static double cross(struct point a, struct point b, struct point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* Bilinear sample with the edge repeated. */
static void sample(const struct image *img, double x, double y, uint8_t *out)
{
    double tx, ty;
    const uint8_t *a, *b;
    int x0, y0, dx, c;
    ptrdiff_t dy;

    x = fmin(fmax(x, 0), img->width - 1);
    y = fmin(fmax(y, 0), img->height - 1);
    x0 = (int)x;
    y0 = (int)y;
    tx = x - x0;
    ty = y - y0;
    dx = x0 + 1 < img->width ? 3 : 0;
    dy = y0 + 1 < img->height ? img->stride : 0;
    a = image_row(img, y0) + 3 * x0;
    b = a + dy;
    for (c = 0; c < 3; c++)
        out[c] = (uint8_t)((a[c] * (1 - tx) + a[dx + c] * tx) * (1 - ty) +
                           (b[c] * (1 - tx) + b[dx + c] * tx) * ty + 0.5);
}

static void warp_triangle(struct faceswap *s, const struct image *donor, const struct point *d,
                          const struct point *t, const int corner[3], struct rect box)
{
    struct point a = t[corner[0]], b = t[corner[1]], c = t[corner[2]];
    struct point da = d[corner[0]], db = d[corner[1]], dc = d[corner[2]];
    double area = cross(a, b, c);
    struct rect r = rect_intersect(box, (struct rect){(int)floor(fmin(a.x, fmin(b.x, c.x))),
                                                      (int)floor(fmin(a.y, fmin(b.y, c.y))),
                                                      (int)ceil(fmax(a.x, fmax(b.x, c.x))) + 1,
                                                      (int)ceil(fmax(a.y, fmax(b.y, c.y))) + 1});
    int x, y, w = rect_width(box);

    if (fabs(area) < 1e-6)
        return;
    for (y = r.y0; y < r.y1; y++)
        for (x = r.x0; x < r.x1; x++) {
            struct point p = {x, y};
            double u = cross(a, p, c) / area, v = cross(a, b, p) / area;

            /* a hair's breadth over, so that no seam stays open */
            if (u < -1e-7 || v < -1e-7 || u + v > 1 + 1e-7)
                continue;
            sample(donor, da.x + u * (db.x - da.x) + v * (dc.x - da.x),
                   da.y + u * (db.y - da.y) + v * (dc.y - da.y),
                   image_row(&s->warped, y - box.y0) + 3 * (x - box.x0));
            s->mask[(size_t)(y - box.y0) * (size_t)w + (size_t)(x - box.x0)] = 1;
        }
}

static double inner_mouth(const struct point *p)
{
    return fabs(polygon_area(p + 60, 8));
}

static bool in_mouth(const int corner[3])
{
    int i;

    for (i = 0; i < 3; i++)
        if (corner[i] < 60 || corner[i] >= HEAD_LANDMARKS)
            return false;
    return true;
}

static int warp_face(struct faceswap *s, const struct image *donor, const struct point *d,
                     const struct image *target, const struct point *t, struct rect box,
                     struct err *err)
{
    /* A closed mouth has nothing to fill an open one with: then the target keeps its own. */
    bool keep_mouth = inner_mouth(d) < 0.2 * inner_mouth(t);
    int w = rect_width(box), h = rect_height(box), i, r;

    if ((r = image_crop(&s->warped, target, box.x0, box.y0, w, h, err)))
        return r;
    memset(s->mask, 0, (size_t)w * (size_t)h * sizeof(*s->mask));
    for (i = 0; i < s->n_triangles; i++)
        if (!keep_mouth || !in_mouth(s->triangles[i]))
            warp_triangle(s, donor, d, t, s->triangles[i], box);
    return 0;
}

/* Down and up again: what a network with a small output, or any resampling, does to detail. */
static int shrink_and_grow(struct faceswap *s, double factor, struct err *err)
{
    int w = s->warped.width, h = s->warped.height, r;

    if (factor <= 1)
        return 0;
    if ((r = image_shape(&s->small, (int)fmax(w / factor + 0.5, 2), (int)fmax(h / factor + 0.5, 2),
                         3, err)) ||
        (r = image_shape(&s->big, w, h, 3, err)) || (r = resize_once(&s->small, &s->warped, err)) ||
        (r = resize_once(&s->big, &s->small, err)))
        return r;
    return image_copy(&s->warped, &s->big, err);
}

/* Moves mean and spread of the warped face, channel by channel, towards those of the target. */
static void match_colors(struct faceswap *s, const struct image *target, struct rect box,
                         double strength)
{
    int w = rect_width(box), h = rect_height(box), x, y, c;
    double n = 0, sum[2][3] = {{0}}, square[2][3] = {{0}}, gain[3], shift[3];
    uint8_t map[3][256];

    for (y = 0; y < h; y++)
        for (x = 0; x < w; x++) {
            const uint8_t *p = image_row(&s->warped, y) + 3 * x;
            const uint8_t *q = image_row(target, y + box.y0) + 3 * (x + box.x0);

            if (s->mask[(size_t)y * (size_t)w + (size_t)x] == 0)
                continue;
            n++;
            for (c = 0; c < 3; c++) {
                sum[0][c] += p[c];
                sum[1][c] += q[c];
                square[0][c] += p[c] * p[c];
                square[1][c] += q[c] * q[c];
            }
        }
    if (n < 2)
        return;
    for (c = 0; c < 3; c++) {
        double m0 = sum[0][c] / n, m1 = sum[1][c] / n, v;
        double s0 = sqrt(fmax(square[0][c] / n - m0 * m0, 1));
        double s1 = sqrt(fmax(square[1][c] / n - m1 * m1, 1));
        int i;

        gain[c] = 1 + (fmin(fmax(s1 / s0, 0.5), 2) - 1) * strength;
        shift[c] = m0 + (m1 - m0) * strength;
        for (i = 0; i < 256; i++) {
            v = (i - m0) * gain[c] + shift[c] + 0.5;
            map[c][i] = v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
        }
    }
    for (y = 0; y < h; y++)
        for (x = 0; x < w; x++)
            for (c = 0; c < 3; c++) {
                uint8_t *p = image_row(&s->warped, y) + 3 * x + c;

                *p = map[c][*p];
            }
}

/* One pass of a box filter of radius r along a line of n values `step` apart; outside is 0. */
static void box_line(float *v, float *line, int n, size_t step, int r)
{
    double sum = 0;
    int i;

    for (i = 0; i < n; i++)
        line[i] = v[(size_t)i * step];
    for (i = 0; i < r && i < n; i++)
        sum += line[i];
    for (i = 0; i < n; i++) {
        if (i + r < n)
            sum += line[i + r];
        if (i - r - 1 >= 0)
            sum -= line[i - r - 1];
        v[(size_t)i * step] = (float)(sum / (2 * r + 1));
    }
}

static void blur(struct faceswap *s, int w, int h, int r)
{
    int i, pass;

    for (pass = 0; pass < 2 && r > 0; pass++) {
        for (i = 0; i < h; i++)
            box_line(s->mask + (size_t)i * (size_t)w, s->sum, w, 1, r);
        for (i = 0; i < w; i++)
            box_line(s->mask + i, s->sum, h, (size_t)w, r);
    }
}

/* Takes a rim of `inset` pixels off the mask: beyond the donor's jaw lies the donor's room. */
static void shave(struct faceswap *s, struct rect box, int inset)
{
    int w = rect_width(box), h = rect_height(box);
    size_t i, n = (size_t)w * (size_t)h;

    if (inset <= 0)
        return;
    blur(s, w, h, inset);
    for (i = 0; i < n; i++)
        s->mask[i] = s->mask[i] > 0.97F;
}

/* The mask becomes the share of the new face: 0 from its edge outwards, rising inside. */
static void soften(struct faceswap *s, struct rect box, int radius)
{
    int w = rect_width(box), h = rect_height(box);
    size_t i, n = (size_t)w * (size_t)h;

    blur(s, w, h, radius < 1 ? 1 : radius);
    for (i = 0; i < n; i++)
        s->mask[i] = s->mask[i] > 0.5F ? fminf((s->mask[i] - 0.5F) * 2.05F, 1) : 0;
}

static void blend(struct faceswap *s, struct image *out, struct image *alpha, struct rect box,
                  struct rect *changed)
{
    int w = rect_width(box), h = rect_height(box), x, y, c;
    struct rect seen = {out->width, out->height, 0, 0};

    for (y = 0; y < h; y++)
        for (x = 0; x < w; x++) {
            int a = (int)(s->mask[(size_t)y * (size_t)w + (size_t)x] * 255 + 0.5F);
            const uint8_t *p = image_row(&s->warped, y) + 3 * x;
            uint8_t *q = image_row(out, y + box.y0) + 3 * (x + box.x0);

            if (alpha)
                image_row(alpha, y + box.y0)[x + box.x0] = (uint8_t)a;
            if (!a)
                continue;
            for (c = 0; c < 3; c++)
                q[c] = (uint8_t)((q[c] * (255 - a) + p[c] * a + 127) / 255);
            seen = rect_union(
                seen, (struct rect){x + box.x0, y + box.y0, x + box.x0 + 1, y + box.y0 + 1});
        }
    if (changed)
        *changed = rect_width(seen) ? seen : (struct rect){0, 0, 0, 0};
}

int faceswap(struct faceswap *s, const struct faceswap_style *style, const struct image *donor,
             const struct landmarks *donor_points, const struct image *target,
             const struct landmarks *target_points, struct image *out, struct image *alpha,
             struct rect *changed, struct err *err)
{
    struct rect all = {0, 0, target->width, target->height}, box;
    struct point from[MESH_POINTS], to[MESH_POINTS];
    double eye_px;
    size_t n, line;
    int r;

    if (donor_points->n != HEAD_LANDMARKS || target_points->n != HEAD_LANDMARKS)
        return err_set(err, ERR_FAULT, "a face swap needs 68 landmarks");
    if ((r = image_copy(out, target, err)))
        return r;
    if (alpha) {
        if ((r = image_shape(alpha, target->width, target->height, 1, err)))
            return r;
        image_fill(alpha, 0);
    }
    if (changed)
        *changed = (struct rect){0, 0, 0, 0};
    make_triangles(s);
    make_mesh(donor_points, from);
    make_mesh(target_points, to);
    eye_px = landmarks_eye_distance(target_points);
    box = rect_of_points(to, MESH_POINTS);
    box = rect_intersect(
        all, (struct rect){box.x0 - MARGIN, box.y0 - MARGIN, box.x1 + MARGIN, box.y1 + MARGIN});
    n = (size_t)rect_width(box) * (size_t)rect_height(box);
    line = (size_t)(rect_width(box) + rect_height(box));
    if (!n)
        return 0;
    if (mem_grow(&s->mask, &s->mask_cap, n, sizeof(*s->mask)) ||
        mem_grow(&s->sum, &s->sum_cap, line, sizeof(*s->sum)))
        return err_nomem(err);
    if ((r = warp_face(s, donor, from, target, to, box, err)) ||
        (r = shrink_and_grow(s, style->shrink, err)))
        return r;
    shave(s, box, (int)(style->inset * eye_px / 1.5 + 0.5));
    match_colors(s, target, box, style->color);
    soften(s, box, (int)(style->feather * eye_px / 2 + 0.5));
    blend(s, out, alpha, box, changed);
    return 0;
}

void faceswap_release(struct faceswap *s)
{
    image_release(&s->warped);
    image_release(&s->small);
    image_release(&s->big);
    free(s->mask);
    free(s->sum);
    memset(s, 0, sizeof(*s));
}
