#include "extract/head_angles.h"

#include <math.h>
#include <string.h>

#define DEGREES 57.295779513082320877
#define N_PARTS 6 /* yaw, pitch, roll, logarithm of the scale, shift in x and y */

enum { LEFT_EYE = -1, RIGHT_EYE = -2 }; /* the middles of points 36-41 and 42-47 */

/* The head, x to the right of the picture, y down, z to the camera, centimetres. From MediaPipe's
 * canonical_face_model.obj (Apache-2.0), rounded to 0.1 mm: the vertices that lie where the
 * landmarks do, on the ridge between two of them, at the heights of dlib's mean shape (which, taken
 * for a face, gets a pitch of 0.8 degrees). */
static const struct spot {
    int landmark;
    double x, y, z, weight;
} head[] = {
    {LEFT_EYE, -3.18, -2.64, 3.66, 4},
    {RIGHT_EYE, 3.18, -2.64, 3.66, 4},
    {27, 0, -2.79, 5.57, 1},
    {28, 0, -1.54, 6.44, 1},
    {29, 0, -0.37, 7.24, 1},
    {30, 0, 0.95, 7.50, 1},
    {31, -1.41, 1.71, 5.24, 1},
    {32, -0.60, 2.01, 5.87, 1},
    {33, 0, 2.09, 6.06, 1},
    {34, 0.60, 2.01, 5.87, 1},
    {35, 1.41, 1.71, 5.24, 1},
    {48, -2.46, 4.34, 4.28, 1},
    {54, 2.46, 4.34, 4.28, 1},
};

#define N_SPOTS (int)(sizeof(head) / sizeof(*head))
#define STEPS   30

/* What the head turns about and the camera looks at: the middle of the points above. */
static const double origin[3] = {0, -0.8, 4.6};

/* Where spot `s` is seen by a pose. */
static struct point see(const struct spot *s, const double p[N_PARTS])
{
    double x = s->x - origin[0], y = s->y - origin[1], z = s->z - origin[2], t, k;
    double cy = cos(p[0]), sy = sin(p[0]), cx = cos(p[1]), sx = sin(p[1]);
    double cz = cos(p[2]), sz = sin(p[2]);

    t = cx * y + sx * z; /* Rx; y points down, so that a positive pitch nods */
    z = cx * z - sx * y;
    y = t;
    t = cy * x + sy * z; /* Ry */
    z = cy * z - sy * x;
    x = t;
    t = cz * x - sz * y; /* Rz */
    y = sz * x + cz * y;
    x = t;
    k = exp(p[3]) * HEAD_ANGLES_CAMERA_CM / (HEAD_ANGLES_CAMERA_CM - z);
    return (struct point){p[4] + k * x, p[5] + k * y};
}

/* Solves the symmetric, positive definite a x = b in place; false if it is not. */
static bool solve(double a[N_PARTS][N_PARTS], double b[N_PARTS])
{
    int i, j, k;

    for (j = 0; j < N_PARTS; j++) { /* Cholesky */
        for (i = j; i < N_PARTS; i++) {
            double s = a[i][j];

            for (k = 0; k < j; k++)
                s -= a[i][k] * a[j][k];
            if (i == j && !(s > 0))
                return false;
            a[i][j] = i == j ? sqrt(s) : s / a[j][j];
        }
    }
    for (i = 0; i < N_PARTS; i++) {
        for (k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (i = N_PARTS - 1; i >= 0; i--) {
        for (k = i + 1; k < N_PARTS; k++)
            b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
    return true;
}

static double misfit(const struct point *at, const double p[N_PARTS])
{
    double sum = 0;
    int i;

    for (i = 0; i < N_SPOTS; i++) {
        struct point q = see(&head[i], p);
        double dx = q.x - at[i].x, dy = q.y - at[i].y;

        sum += head[i].weight * (dx * dx + dy * dy);
    }
    return sum;
}

/* Normal equations at p, by differences of the smooth see(). */
static void normal(const struct point *at, const double p[N_PARTS], double a[N_PARTS][N_PARTS],
                   double b[N_PARTS])
{
    static const double h = 1e-5;
    int i, j, k;

    memset(a, 0, N_PARTS * sizeof(*a));
    memset(b, 0, N_PARTS * sizeof(*b));
    for (i = 0; i < N_SPOTS; i++) {
        struct point q = see(&head[i], p), d[N_PARTS];

        for (j = 0; j < N_PARTS; j++) {
            double moved[N_PARTS];
            struct point r;

            memcpy(moved, p, sizeof(moved));
            moved[j] += h;
            r = see(&head[i], moved);
            d[j] = (struct point){(r.x - q.x) / h, (r.y - q.y) / h};
        }
        for (j = 0; j < N_PARTS; j++) {
            for (k = 0; k <= j; k++)
                a[j][k] += head[i].weight * (d[j].x * d[k].x + d[j].y * d[k].y);
            b[j] += head[i].weight * (d[j].x * (at[i].x - q.x) + d[j].y * (at[i].y - q.y));
        }
    }
}

/* Angles into their ranges: a yaw beyond 90 degrees is a fit that went through the mirror. */
static double wrap(double a)
{
    return atan2(sin(a), cos(a));
}

static struct point middle_of(const struct point *p, int n)
{
    struct point m = {0, 0};
    int i;

    for (i = 0; i < n; i++) {
        m.x += p[i].x / n;
        m.y += p[i].y / n;
    }
    return m;
}

bool head_angles_of(const struct point *points, struct head_angles *angles)
{
    struct point at[N_SPOTS], left, right, middle = {0, 0};
    double p[N_PARTS] = {0}, best, damping = 1e-3, eyes;
    int i, step;

    *angles = (struct head_angles){0};
    left = middle_of(points + 36, 6);
    right = middle_of(points + 42, 6);
    for (i = 0; i < N_SPOTS; i++) {
        int k = head[i].landmark;

        at[i] = k == LEFT_EYE ? left : k == RIGHT_EYE ? right : points[k];
        if (!isfinite(at[i].x) || !isfinite(at[i].y))
            return false;
        middle.x += at[i].x / N_SPOTS;
        middle.y += at[i].y / N_SPOTS;
    }
    eyes = hypot(right.x - left.x, right.y - left.y);
    if (!(eyes > 1e-3))
        return false;
    /* Work in units of the eye distance, so that steps and damping mean the same for all. */
    for (i = 0; i < N_SPOTS; i++)
        at[i] = (struct point){(at[i].x - middle.x) / eyes, (at[i].y - middle.y) / eyes};
    p[2] = atan2(right.y - left.y, right.x - left.x);
    p[3] = log(1 / 6.36); /* the eyes are 6.36 cm apart */
    best = misfit(at, p);
    for (step = 0; step < STEPS; step++) {
        double a[N_PARTS][N_PARTS], b[N_PARTS], moved[N_PARTS], now;

        normal(at, p, a, b);
        for (i = 0; i < N_PARTS; i++)
            a[i][i] *= 1 + damping;
        if (!solve(a, b))
            break;
        for (i = 0; i < N_PARTS; i++)
            moved[i] = p[i] + b[i];
        now = misfit(at, moved);
        if (now < best) {
            bool done = best - now < 1e-10 * best;

            memcpy(p, moved, sizeof(p));
            best = now;
            damping = fmax(damping / 10, 1e-9);
            if (done)
                break;
        } else {
            damping *= 10;
            if (damping > 1e6)
                break;
        }
    }
    angles->yaw_deg = DEGREES * wrap(p[0]);
    angles->pitch_deg = DEGREES * wrap(p[1]);
    angles->roll_deg = DEGREES * wrap(p[2]);
    return true;
}
