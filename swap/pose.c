#include "swap/pose.h"

#include <math.h>

/* CADDM lib/data_preprocess/utils/cropface.py: mean face, and the pupil distance in it. */
static const struct point mean_face[5] = {
    {-0.17607, -0.172844}, {0.1736, -0.17356}, {-0.00182, 0.0357164},
    {-0.14617, 0.20185},   {0.14496, 0.19943},
};
#define MEAN_PUPILS   0.34967
#define FACE_WIDTH_PX 80.0
#define EYES_FROM_TOP 2.42 /* the canvas is this many times as high as the eyes are low */

void pose_template(double scale, struct point to[5])
{
    double r = FACE_WIDTH_PX / (SAMPLE_PX * MEAN_PUPILS) * scale;
    double stretch = (mean_face[0].y * r + 0.5) * EYES_FROM_TOP;
    int i;

    for (i = 0; i < 5; i++) {
        to[i].x = (mean_face[i].x * r + 0.5) * SAMPLE_PX;
        to[i].y = (mean_face[i].y * r + 0.5) * SAMPLE_PX / stretch;
    }
}

void pose_points(const struct landmarks *l, struct point from[5])
{
    from[0] = landmarks_eye_left(l);
    from[1] = landmarks_eye_right(l);
    from[2] = l->p[30];
    from[3] = l->p[48];
    from[4] = l->p[54];
}

int pose_still(const struct landmarks *l, double scale, struct mat3 *m, struct err *err)
{
    struct point from[5], to[5];

    pose_points(l, from);
    pose_template(scale, to);
    if (!similarity_fit(from, to, 5, m))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    return 0;
}

/* Moves a and b away from (or to) their middle, so that their distance is times s. */
static void stretch(struct point *a, struct point *b, double s)
{
    struct point mid = {(a->x + b->x) / 2, (a->y + b->y) / 2};

    *a = (struct point){mid.x + s * (a->x - mid.x), mid.y + s * (a->y - mid.y)};
    *b = (struct point){mid.x + s * (b->x - mid.x), mid.y + s * (b->y - mid.y)};
}

int pose_jittered(const struct landmarks *l, const struct pose_jitter *j, struct mat3 *m,
                  struct err *err)
{
    struct point t[5], from[4], to[4];
    struct mat3 similarity, rotation, warp, part;
    double a = j->rotate_deg * M_PI / 180.0, c = cos(a), s = sin(a), mid = SAMPLE_PX / 2.0;
    int i, r;

    if ((r = pose_still(l, j->scale, &similarity, err)))
        return r;
    rotation =
        (struct mat3){{c, s, mid - c * mid - s * mid, -s, c, mid + s * mid - c * mid, 0, 0, 1}};
    part = mat3_multiply(&rotation, &similarity);

    pose_template(j->scale, t);
    for (i = 0; i < 4; i++)
        from[i] = to[i] = t[i < 2 ? i : i + 1];
    stretch(&to[0], &to[1], j->stretch_x);
    stretch(&to[2], &to[3], 1.0 / j->stretch_x);
    stretch(&to[0], &to[2], j->stretch_y);
    stretch(&to[1], &to[3], 1.0 / j->stretch_y);
    for (i = 0; i < 4; i++) {
        to[i].x += j->dx_px;
        to[i].y += j->dy_px;
        if (j->mirror)
            to[i].x = SAMPLE_PX - 1 - to[i].x;
    }
    if (!homography_from_quad(from, to, &warp))
        return err_set(err, ERR_DATA, "the jitter cannot be inverted");
    *m = mat3_multiply(&warp, &part);
    return 0;
}
