#include "swap/published_pose.h"

#include <math.h>

void published_points(const struct landmarks *l, struct point from[FACE_POINTS])
{
    int i;

    pose_points(l, from);
    for (i = 0; i < 2; i++)
        from[i] = (struct point){trunc(from[i].x), trunc(from[i].y)};
}

/* The reference keeps corners as 32-bit floats, and rounds at each step of the stretch. */
struct corner {
    float x, y;
};

static void stretch_axis(float *a, float *b, float s)
{
    float mid = (*a + *b) / 2, half = (*b - *a) / 2 * s;

    *a = mid - half;
    *b = mid + half;
}

static void stretch(struct corner *a, struct corner *b, double s)
{
    stretch_axis(&a->x, &b->x, (float)s);
    stretch_axis(&a->y, &b->y, (float)s);
}

/*
 * cv::getPerspectiveTransform: eight equations with m8 = 1, solved by elimination with pivoting.
 * Its products of coordinates are 32-bit floats, which moves the sample by up to 2e-4 pixels.
 */
static bool perspective(const struct corner from[4], const struct corner to[4], struct mat3 *m)
{
    double a[8][9] = {{0}};
    int i, j, k;

    for (i = 0; i < 4; i++) {
        float x = from[i].x, y = from[i].y, u = to[i].x, v = to[i].y;

        a[i][0] = a[i + 4][3] = (double)x;
        a[i][1] = a[i + 4][4] = (double)y;
        a[i][2] = a[i + 4][5] = 1;
        a[i][6] = (double)(-x * u);
        a[i][7] = (double)(-y * u);
        a[i + 4][6] = (double)(-x * v);
        a[i + 4][7] = (double)(-y * v);
        a[i][8] = (double)u;
        a[i + 4][8] = (double)v;
    }
    for (i = 0; i < 8; i++) {
        for (k = i, j = i + 1; j < 8; j++)
            k = fabs(a[j][i]) > fabs(a[k][i]) ? j : k;
        if (!(fabs(a[k][i]) > 1e-12))
            return false;
        for (j = i; j < 9; j++) {
            double t = a[i][j];

            a[i][j] = a[k][j];
            a[k][j] = t;
        }
        for (k = i + 1; k < 8; k++) {
            double f = a[k][i] / a[i][i];

            for (j = i; j < 9; j++)
                a[k][j] -= f * a[i][j];
        }
    }
    for (i = 7; i >= 0; i--) {
        m->m[i] = a[i][8];
        for (j = i + 1; j < 8; j++)
            m->m[i] -= a[i][j] * m->m[j];
        m->m[i] /= a[i][i];
    }
    m->m[8] = 1;
    return true;
}

int published_pose(const struct landmarks *l, const struct face_jitter *j, struct mat3 *m,
                   struct err *err)
{
    struct point t[FACE_POINTS], face[FACE_POINTS];
    struct corner from[4], to[4];
    struct mat3 similarity, rotation, warp, part;
    double a = j->rotate_deg * M_PI / 180.0, c = cos(a), s = sin(a), mid = SAMPLE_PX / 2.0;
    int i;

    published_points(l, face);
    pose_template(j->scale, t);
    if (!similarity_fit(face, t, FACE_POINTS, &similarity))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    rotation =
        (struct mat3){{c, s, mid - c * mid - s * mid, -s, c, mid + s * mid - c * mid, 0, 0, 1}};
    part = mat3_multiply(&rotation, &similarity);

    for (i = 0; i < 4; i++)
        from[i] = to[i] =
            (struct corner){(float)t[i < 2 ? i : i + 1].x, (float)t[i < 2 ? i : i + 1].y};
    stretch(&to[0], &to[1], j->stretch_x);
    stretch(&to[2], &to[3], 1.0 / j->stretch_x);
    stretch(&to[0], &to[2], j->stretch_y);
    stretch(&to[1], &to[3], 1.0 / j->stretch_y);
    for (i = 0; i < 4; i++) {
        to[i].x += (float)j->dx_px;
        to[i].y += (float)j->dy_px;
        if (j->mirror)
            to[i].x = SAMPLE_PX - 1 - to[i].x;
    }
    if (!perspective(from, to, &warp))
        return err_set(err, ERR_DATA, "the jitter cannot be inverted");
    *m = mat3_multiply(&warp, &part);
    return 0;
}

struct point published_no_divide(const struct mat3 *m, struct point p)
{
    return (struct point){m->m[0] * p.x + m->m[1] * p.y + m->m[2],
                          m->m[3] * p.x + m->m[4] * p.y + m->m[5]};
}
