#include "swap/pose.h"

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

int pose_jittered(const struct landmarks *l, const struct face_jitter *j, struct mat3 *m,
                  struct err *err)
{
    struct point five[FACE_POINTS];
    struct mat3 similarity;
    int r = pose_still(l, j->scale, &similarity, err);

    if (r)
        return r;
    pose_template(j->scale, five);
    return face_jitter_apply(j, SAMPLE_PX, five, &similarity, m, err);
}
