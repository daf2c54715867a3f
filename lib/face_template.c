#include "lib/face_template.h"

#include <math.h>
#include <string.h>

static void pick_eye_centres(const struct landmarks *l, struct point from[FACE_POINTS])
{
    from[0] = landmarks_eye_left(l);
    from[1] = landmarks_eye_right(l);
    from[2] = l->p[30];
    from[3] = l->p[48];
    from[4] = l->p[54];
}

/* ---- caddm -----------------------------------------------------------------------------------
 * align_5p of CADDM (Dong et al., CVPR 2023, lib/data_preprocess/utils/cropface.py): a mean face
 * whose pupils are 80 pixels apart at scale 1 in a canvas of 224, stretched vertically so that the
 * left eye lies at 224 / 2.42. The reference truncates the eye centres to whole pixels first; here
 * they are exact. */
#define CADDM_PUPILS   0.34967 /* distance of the eyes in the mean face */
#define CADDM_WIDTH_PX 80.0
#define CADDM_CANVAS   224.0
#define CADDM_EYES     2.42

static void caddm_points(double scale, double size, struct point to[FACE_POINTS])
{
    static const struct point mean[FACE_POINTS] = {{-0.17607, -0.172844},
                                                   {0.1736, -0.17356},
                                                   {-0.00182, 0.0357164},
                                                   {-0.14617, 0.20185},
                                                   {0.14496, 0.19943}};
    double r = CADDM_WIDTH_PX / (CADDM_CANVAS * CADDM_PUPILS) * scale;
    double stretch = (mean[0].y * r + 0.5) * CADDM_EYES;
    int i;

    for (i = 0; i < FACE_POINTS; i++) {
        to[i].x = (mean[i].x * r + 0.5) * size;
        to[i].y = (mean[i].y * r + 0.5) * size / stretch;
    }
}

static const struct face_template caddm = {
    .name = "caddm",
    .source = "CADDM align_5p (CVPR 2023)",
    .size_px = 224,
    .scale = 0.9,
    .points = caddm_points,
    .pick = pick_eye_centres,
};

/* ---- arcface ---------------------------------------------------------------------------------
 * The 112-pixel template of ArcFace (Deng et al., CVPR 2019), as face recognisers take it. */
static const struct point arcface_112[FACE_POINTS] = {{38.2946, 51.6963},
                                                      {73.5318, 51.5014},
                                                      {56.0252, 71.7366},
                                                      {41.5493, 92.3655},
                                                      {70.7299, 92.2041}};

static void arcface_points(double scale, double size, struct point to[FACE_POINTS])
{
    int i;

    for (i = 0; i < FACE_POINTS; i++) {
        to[i].x = ((arcface_112[i].x / 112 - 0.5) * scale + 0.5) * size;
        to[i].y = ((arcface_112[i].y / 112 - 0.5) * scale + 0.5) * size;
    }
}

static const struct face_template arcface = {
    .name = "arcface",
    .source = "ArcFace 112 (CVPR 2019)",
    .size_px = 112,
    .scale = 1.0,
    .points = arcface_points,
    .pick = pick_eye_centres,
};

/* ---- deepfakebench ---------------------------------------------------------------------------
 * DeepfakeBench's preprocessing (Yan et al., NeurIPS 2023): ArcFace's points in a picture of 256
 * with a margin of 0.3, from single landmarks instead of eye centres. `scale` is 1 + margin. */
static void deepfakebench_points(double scale, double size, struct point to[FACE_POINTS])
{
    double margin = size * (scale - 1) / 2;
    int i;

    for (i = 0; i < FACE_POINTS; i++) {
        to[i].x = (arcface_112[i].x * size / 112 + margin) / scale;
        to[i].y = (arcface_112[i].y * size / 112 + margin) / scale;
    }
}

static void deepfakebench_pick(const struct landmarks *l, struct point from[FACE_POINTS])
{
    static const int index[FACE_POINTS] = {37, 44, 30, 49, 55};
    int i;

    for (i = 0; i < FACE_POINTS; i++)
        from[i] = l->p[index[i]];
}

static const struct face_template deepfakebench = {
    .name = "deepfakebench",
    .source = "DeepfakeBench preprocessing (NeurIPS 2023)",
    .size_px = 256,
    .scale = 1.3,
    .shrinks = true,
    .points = deepfakebench_points,
    .pick = deepfakebench_pick,
};

/* ---- ffhq ------------------------------------------------------------------------------------
 * The oriented square of FFHQ and CelebA-HQ (Karras et al., "A Style-Based Generator Architecture",
 * CVPR 2019, and their dataset tool): its x axis is the sum of the eyes' vector and the turned
 * vector from the eyes to the mouth, half a side is the larger of 2.0 times the first and 1.8 times
 * the second, its middle is a tenth of the way from the eyes to the mouth. Its corners are those of
 * the picture, which lie half a pixel outside of the centres of the outermost pixels. `scale` is of
 * the side; what lies outside of the frame is black here, and there a blurred mirror image. */
static bool ffhq_place(double scale, double size, const struct landmarks *l, struct mat3 *m)
{
    struct point a = landmarks_eye_left(l), b = landmarks_eye_right(l), middle, corner;
    double mouth_x = (l->p[48].x + l->p[54].x) / 2, mouth_y = (l->p[48].y + l->p[54].y) / 2;
    double ex = b.x - a.x, ey = b.y - a.y, dx, dy, x, y, norm, half, k;

    middle = (struct point){(a.x + b.x) / 2, (a.y + b.y) / 2};
    dx = mouth_x - middle.x;
    dy = mouth_y - middle.y;
    x = ex + dy;
    y = ey - dx;
    norm = hypot(x, y);
    half = scale * fmax(2.0 * hypot(ex, ey), 1.8 * hypot(dx, dy));
    if (!(norm > 0) || !(half > 0) || !isfinite(norm) || !isfinite(half))
        return false;
    x *= half / norm;
    y *= half / norm;
    middle.x += 0.1 * dx;
    middle.y += 0.1 * dy;
    /* The square goes along (x, y) and (-y, x), each twice. */
    corner = (struct point){middle.x - x + y, middle.y - y - x};
    k = size / (2 * half * half);
    *m = (struct mat3){{k * x, k * y, -k * (x * corner.x + y * corner.y), -k * y, k * x,
                        k * (y * corner.x - x * corner.y), 0, 0, 1}};
    m->m[2] -= 0.5;
    m->m[5] -= 0.5;
    return true;
}

static const struct face_template ffhq = {
    .name = "ffhq",
    .source = "FFHQ's dataset tool (CVPR 2019)",
    .size_px = 256,
    .scale = 1.0,
    .shrinks = true,
    .pick = pick_eye_centres,
    .place = ffhq_place,
};

const struct face_template *const face_templates[] = {&caddm, &deepfakebench, &arcface, &ffhq,
                                                      NULL};

struct face_template face_template_own(const struct point points[FACE_POINTS], int size_px)
{
    struct face_template t = {
        .name = "custom",
        .source = "the configuration",
        .size_px = size_px,
        .scale = 1.0,
        .pick = pick_eye_centres,
    };

    memcpy(t.own, points, sizeof(t.own));
    return t;
}

const struct face_template *face_template_find(const char *name)
{
    int i;

    for (i = 0; face_templates[i]; i++)
        if (strcmp(face_templates[i]->name, name) == 0)
            return face_templates[i];
    return NULL;
}

int face_template_fit(const struct face_template *t, double scale, double size,
                      const struct landmarks *l, struct mat3 *m, struct err *err)
{
    struct point from[FACE_POINTS], to[FACE_POINTS];
    int i;

    t->pick(l, from);
    if (t->points)
        t->points(scale, size, to);
    else
        for (i = 0; i < FACE_POINTS; i++) {
            to[i].x = ((t->own[i].x - 0.5) * scale + 0.5) * size;
            to[i].y = ((t->own[i].y - 0.5) * scale + 0.5) * size;
        }
    if (t->place ? !t->place(scale, size, l, m) : !similarity_fit(from, to, FACE_POINTS, m))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    return 0;
}
