#include "align/forehead.h"

#include <math.h>
#include <string.h>

const int forehead_order[13] = {77, 75, 76, 68, 69, 70, 71, 80, 72, 73, 79, 74, 78};

/* Eye distances; x to the right, y down, z towards the camera; the eyes' middle is the origin. */
struct place {
    int index;
    double x, y, z;
};

/* What holds still or nearly so: no jaw, whose points slide along the outline when a head turns,
 * and of the mouth only what opens least. */
static const struct place fitted[] = {
    {17, -0.928, -0.170, -0.28}, {18, -0.806, -0.331, -0.06}, {19, -0.604, -0.392, 0.10},
    {20, -0.392, -0.371, 0.17},  {21, -0.193, -0.289, 0.20},  {22, 0.193, -0.289, 0.20},
    {23, 0.392, -0.371, 0.17},   {24, 0.604, -0.392, 0.10},   {25, 0.806, -0.331, -0.06},
    {26, 0.928, -0.170, -0.28},  {27, 0.000, -0.058, 0.14},   {28, 0.000, 0.123, 0.27},
    {29, 0.000, 0.303, 0.42},    {30, 0.000, 0.489, 0.55},    {31, -0.220, 0.643, 0.20},
    {32, -0.113, 0.676, 0.30},   {33, 0.000, 0.708, 0.35},    {34, 0.113, 0.676, 0.30},
    {35, 0.220, 0.643, 0.20},    {36, -0.690, 0.012, -0.14},  {37, -0.572, -0.063, 0.00},
    {38, -0.430, -0.066, 0.06},  {39, -0.299, 0.019, 0.02},   {40, -0.434, 0.047, 0.04},
    {41, -0.575, 0.051, -0.02},  {42, 0.299, 0.019, 0.02},    {43, 0.430, -0.066, 0.06},
    {44, 0.572, -0.063, 0.00},   {45, 0.690, 0.012, -0.14},   {46, 0.575, 0.051, -0.02},
    {47, 0.434, 0.047, 0.04},    {48, -0.441, 1.036, 0.12},   {51, 0.000, 0.935, 0.38},
    {54, 0.441, 1.036, 0.12},
};
#define N_FITTED (int)(sizeof(fitted) / sizeof(*fitted))
#define N_BROWS  10 /* the first of them */

static const struct place hairline[13] = {
    {77, -1.10, -0.17, -0.95}, {75, -1.08, -0.42, -0.80}, {76, -1.02, -0.63, -0.60},
    {68, -0.88, -0.81, -0.35}, {69, -0.66, -0.94, -0.12}, {70, -0.35, -1.02, 0.02},
    {71, 0.00, -1.05, 0.06},   {80, 0.35, -1.02, 0.02},   {72, 0.66, -0.94, -0.12},
    {73, 0.88, -0.81, -0.35},  {79, 1.02, -0.63, -0.60},  {74, 1.08, -0.42, -0.80},
    {78, 1.10, -0.17, -0.95},
};

/* Solves a * x = b (4 x 4, two right sides) by elimination with pivots; b becomes x. */
static bool solve(double a[4][4], double b[4][2])
{
    int i, j, k;

    for (i = 0; i < 4; i++) {
        int pivot = i;

        for (j = i + 1; j < 4; j++)
            if (fabs(a[j][i]) > fabs(a[pivot][i]))
                pivot = j;
        if (!(fabs(a[pivot][i]) > 1e-12))
            return false;
        for (k = 0; k < 4; k++) {
            double t = a[i][k];

            a[i][k] = a[pivot][k];
            a[pivot][k] = t;
        }
        for (k = 0; k < 2; k++) {
            double t = b[i][k];

            b[i][k] = b[pivot][k];
            b[pivot][k] = t;
        }
        for (j = 0; j < 4; j++) {
            double f = j == i ? 0 : a[j][i] / a[i][i];

            for (k = 0; k < 4; k++)
                a[j][k] -= f * a[i][k];
            for (k = 0; k < 2; k++)
                b[j][k] -= f * b[i][k];
        }
    }
    for (i = 0; i < 4; i++)
        for (k = 0; k < 2; k++)
            b[i][k] /= a[i][i];
    return true;
}

static struct point see(const double camera[4][2], const struct place *p)
{
    return (struct point){
        camera[0][0] * p->x + camera[1][0] * p->y + camera[2][0] * p->z + camera[3][0],
        camera[0][1] * p->x + camera[1][1] * p->y + camera[2][1] * p->z + camera[3][1]};
}

static bool find_camera(const struct landmarks *l, double camera[4][2])
{
    double a[4][4] = {{0}};
    int i, j, k;

    memset(camera, 0, sizeof(double[4][2]));
    for (i = 0; i < N_FITTED; i++) {
        const struct place *p = &fitted[i];
        double v[4] = {p->x, p->y, p->z, 1};

        for (j = 0; j < 4; j++) {
            for (k = 0; k < 4; k++)
                a[j][k] += v[j] * v[k];
            camera[j][0] += v[j] * l->p[p->index].x;
            camera[j][1] += v[j] * l->p[p->index].y;
        }
    }
    return solve(a, camera);
}

bool forehead_complete(const struct landmarks *l, struct landmarks *out)
{
    struct point side[2] = {{0, 0}, {0, 0}}; /* by how much the brows are off: left, right */
    double camera[4][2];
    int i;

    *out = *l;
    if (l->n == LANDMARKS_MAX)
        return true;
    if (!(landmarks_eye_distance(l) > 0) || !find_camera(l, camera))
        return false;
    for (i = 0; i < N_BROWS; i++) {
        struct point p = see(camera, &fitted[i]), q = l->p[fitted[i].index];
        struct point *s = &side[i >= N_BROWS / 2];

        s->x += (q.x - p.x) / (N_BROWS / 2);
        s->y += (q.y - p.y) / (N_BROWS / 2);
    }
    for (i = 0; i < 13; i++) {
        struct point p = see(camera, &hairline[i]);
        /* 0 at the left brow's middle, 1 at the right one's */
        double t = fmin(fmax((hairline[i].x + 0.6) / 1.2, 0), 1);

        out->p[hairline[i].index] = (struct point){p.x + side[0].x + t * (side[1].x - side[0].x),
                                                   p.y + side[0].y + t * (side[1].y - side[0].y)};
    }
    out->n = LANDMARKS_MAX;
    return true;
}
