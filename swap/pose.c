#include "swap/pose.h"

#include <math.h>

void pose_template(double scale, struct point to[FACE_POINTS])
{
    face_template_find("caddm")->points(scale, SAMPLE_PX, to);
}

void pose_points(const struct landmarks *l, struct point from[FACE_POINTS])
{
    face_template_find("caddm")->pick(l, from);
}

int pose_still(const struct landmarks *l, double scale, struct mat3 *m, struct err *err)
{
    return face_template_fit(face_template_find("caddm"), scale, SAMPLE_PX, l, m, err);
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
    struct point t[FACE_POINTS], from[4], to[4];
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
