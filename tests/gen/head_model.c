#include "tests/gen/head_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/rng.h"

#define PI 3.14159265358979323846

/* Outline of the average head, top to chin: height, half width, centre of the ring in depth, depth
 * to the front and to the back of it. */
static const struct knot {
    double y, w, zc, front, back;
} knots[] = {
    {-2.06, 0.00, -0.50, 0.00, 0.00}, {-2.00, 0.42, -0.50, 0.47, 0.50},
    {-1.84, 0.74, -0.50, 0.88, 0.95}, {-1.50, 1.03, -0.50, 1.22, 1.30},
    {-1.00, 1.18, -0.50, 1.42, 1.50}, {-0.50, 1.22, -0.50, 1.47, 1.55},
    {0.00, 1.19, -0.50, 1.45, 1.50},  {0.34, 1.16, -0.50, 1.45, 1.40},
    {0.65, 1.12, -0.50, 1.46, 1.25},  {0.96, 1.05, -0.46, 1.45, 1.05},
    {1.24, 0.93, -0.32, 1.29, 0.85},  {1.49, 0.75, -0.10, 1.05, 0.70},
    {1.70, 0.53, 0.13, 0.80, 0.58},   {1.84, 0.32, 0.32, 0.55, 0.45},
    {1.91, 0.15, 0.45, 0.30, 0.28},   {1.93, 0.00, 0.50, 0.00, 0.00},
};

#define N_KNOTS (int)(sizeof(knots) / sizeof(*knots))

static double clamp(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static double smooth(double lo, double hi, double x)
{
    double t = clamp((x - lo) / (hi - lo), 0, 1);

    return t * t * (3 - 2 * t);
}

/* exp(-q / 2), and nothing where it would not be seen. */
static double bell(double q)
{
    return q > 16 ? 0 : exp(-q / 2);
}

/* ---- people ----------------------------------------------------------------------------------*/
static const double skins[][3] = {
    {0.62, 0.38, 0.28},   {0.55, 0.32, 0.22}, {0.70, 0.46, 0.36}, {0.45, 0.25, 0.16},
    {0.30, 0.155, 0.095}, {0.20, 0.10, 0.06}, {0.60, 0.40, 0.26}, {0.66, 0.41, 0.31},
};
static const double hairs[][3] = {
    {0.020, 0.014, 0.011}, {0.055, 0.030, 0.017}, {0.11, 0.060, 0.030},  {0.28, 0.17, 0.075},
    {0.20, 0.065, 0.022},  {0.30, 0.29, 0.28},    {0.030, 0.020, 0.014},
};
static const double irises[][3] = {
    {0.060, 0.030, 0.015}, {0.12, 0.065, 0.025}, {0.10, 0.20, 0.34},
    {0.12, 0.22, 0.12},    {0.20, 0.23, 0.25},
};
static const double shirts[][3] = {
    {0.05, 0.09, 0.22},  {0.28, 0.04, 0.05}, {0.05, 0.17, 0.10}, {0.40, 0.38, 0.34},
    {0.03, 0.03, 0.035}, {0.35, 0.24, 0.06}, {0.20, 0.10, 0.24},
};

#define PICK(table, rng) table[rng_below(rng, sizeof(table) / sizeof(*table))]

void head_identity_make(struct head_identity *id, uint64_t seed, unsigned number)
{
    struct rng r;
    char name[32];
    const double *skin;
    double g;
    int i;

    snprintf(name, sizeof(name), "person %u", number);
    rng_init(&r, seed, 0, name, "identity");
    memset(id, 0, sizeof(*id));
    id->number = number;
    id->seed = seed;
    id->face_width = rng_range(&r, 0.94, 1.06);
    id->jaw_width = rng_range(&r, 0.92, 1.09);
    id->chin_width = rng_range(&r, 0.85, 1.25);
    id->length = rng_range(&r, 0.95, 1.06);
    id->forehead = rng_range(&r, 0.94, 1.06);
    id->eye_x = rng_range(&r, 0.455, 0.505);
    id->eye_half_width = rng_range(&r, 0.182, 0.212);
    id->lid_upper = rng_range(&r, 0.078, 0.108);
    id->lid_lower = rng_range(&r, 0.050, 0.065);
    id->eye_tilt = rng_range(&r, -0.005, 0.030);
    id->brow_y = rng_range(&r, -0.275, -0.215);
    id->brow_arch = rng_range(&r, 0.085, 0.145);
    id->brow_tilt = rng_range(&r, -0.03, 0.03);
    id->brow_thickness = rng_range(&r, 0.032, 0.060);
    id->brow_density = rng_range(&r, 0.75, 0.98);
    id->nose_tip_y = rng_range(&r, 0.55, 0.65);
    id->nose_half_width = rng_range(&r, 0.19, 0.25);
    id->nose_height = rng_range(&r, 0.29, 0.40);
    id->nose_bridge = rng_range(&r, 0.10, 0.20);
    id->mouth_y = rng_range(&r, 1.05, 1.14);
    id->mouth_half_width = rng_range(&r, 0.39, 0.46);
    id->lip_upper = rng_range(&r, 0.085, 0.135);
    id->lip_lower = rng_range(&r, 0.125, 0.185);
    id->cupid = rng_range(&r, 0.12, 0.28);
    id->hairline = rng_range(&r, -1.25, -0.92);
    id->hair_thickness = rng_range(&r, 0.08, 0.20);
    id->hair_side = rng_range(&r, 0.05, 0.45);
    id->long_hair = rng_uniform(&r) < 0.42;
    id->parted = rng_uniform(&r) < 0.5;
    id->stubble = id->long_hair ? 0 : rng_range(&r, 0, 0.40);
    id->lines = rng_range(&r, 0.05, 0.6);
    id->cheek_red = rng_range(&r, 0.2, 1);
    /* Skins go round, so that neighbours in the cast differ; the rest is free. */
    skin = skins[number * 3 % (sizeof(skins) / sizeof(*skins))];
    memcpy(id->hair, PICK(hairs, &r), sizeof(id->hair));
    memcpy(id->iris, PICK(irises, &r), sizeof(id->iris));
    memcpy(id->shirt, PICK(shirts, &r), sizeof(id->shirt));
    if (skin[0] < 0.35) /* dark skin goes with dark hair and eyes here */
        for (i = 0; i < 3; i++) {
            id->hair[i] = hairs[0][i];
            id->iris[i] = irises[0][i];
        }
    g = rng_range(&r, 0.9, 1.1);
    for (i = 0; i < 3; i++) {
        id->skin[i] = skin[i] * g * rng_range(&r, 0.96, 1.04);
        id->brow[i] = id->hair[i] * 0.55 + 0.006;
        id->lip[i] = skin[i] * (i == 0 ? 0.72 : i == 1 ? 0.42 : 0.50);
    }
    g = rng_range(&r, 0, 1) * id->long_hair; /* lipstick */
    id->lip[0] += 0.10 * g;
    id->lip[1] *= 1 - 0.45 * g;
    id->lip[2] *= 1 - 0.30 * g;
}

/* ---- this moment -----------------------------------------------------------------------------*/
/* Catmull-Rom through four values. */
static double spline(double a, double b, double c, double d, double t)
{
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

static double jaw_weight(double y)
{
    return smooth(1.08, 1.50, y);
}

static void make_profile(struct head_face *f)
{
    const struct head_identity *id = f->id;
    int i;

    for (i = 0; i < HEAD_PROFILE; i++) {
        double p = (double)i / (HEAD_PROFILE - 1) * (N_KNOTS - 1);
        int k = p >= N_KNOTS - 1 ? N_KNOTS - 2 : (int)p;
        const struct knot *b = &knots[k], *c = &knots[k + 1];
        const struct knot *a = &knots[k ? k - 1 : 0], *d = &knots[k + 2 < N_KNOTS ? k + 2 : k + 1];
        double t = p - k, y, w;

        y = spline(a->y, b->y, c->y, d->y, t);
        w = spline(a->w, b->w, c->w, d->w, t);
        w *= id->face_width;
        w *= 1 + (id->jaw_width - 1) * smooth(0.5, 1.3, y);
        w *= 1 + (id->chin_width - 1) * smooth(1.45, 1.8, y);
        f->w[i] = w < 0 ? 0 : w;
        f->zc[i] = spline(a->zc, b->zc, c->zc, d->zc, t);
        f->front[i] = fmax(spline(a->front, b->front, c->front, d->front, t), 0);
        f->back[i] = fmax(spline(a->back, b->back, c->back, d->back, t), 0);
        f->y[i] = y > 0.9 ? 0.9 + (y - 0.9) * (1 + (id->length - 1) * 1.9) : y;
        if (y < 0)
            f->y[i] = y * id->forehead;
        f->y[i] += f->jaw_drop * jaw_weight(f->y[i]);
        if (i && f->y[i] < f->y[i - 1] + 1e-6)
            f->y[i] = f->y[i - 1] + 1e-6;
    }
}

static void make_rotation(double m[9], double yaw, double pitch, double roll)
{
    double cy = cos(yaw), sy = sin(yaw), cx = cos(pitch), sx = sin(pitch);
    double cz = cos(roll), sz = sin(roll);
    /* Rz * Ry * Rx; y points down, so that a positive pitch nods. */
    double x[9] = {1, 0, 0, 0, cx, sx, 0, -sx, cx};
    double y[9] = {cy, 0, sy, 0, 1, 0, -sy, 0, cy};
    double z[9] = {cz, -sz, 0, sz, cz, 0, 0, 0, 1};
    double t[9];
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            t[3 * i + j] = y[3 * i] * x[j] + y[3 * i + 1] * x[3 + j] + y[3 * i + 2] * x[6 + j];
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            m[3 * i + j] = z[3 * i] * t[j] + z[3 * i + 1] * t[3 + j] + z[3 * i + 2] * t[6 + j];
}

void head_face_at(struct head_face *f, const struct head_identity *id, const struct head_pose *pose)
{
    f->id = id;
    f->pose = *pose;
    f->open = pose->open;
    f->jaw_drop = 0.75 * pose->open;
    f->mouth_y = id->mouth_y;
    f->mouth_half_width = id->mouth_half_width * (1 + 0.14 * pose->wide + 0.10 * pose->smile);
    f->lip_upper = id->lip_upper * (1 - 0.12 * pose->smile);
    f->lip_lower = id->lip_lower * (1 - 0.15 * pose->smile);
    f->smile = 0.10 * pose->smile - 0.25 * pose->open;
    f->brow_y = id->brow_y - pose->brow_raise;
    f->lid_upper = id->lid_upper * (1 + 0.8 * pose->brow_raise);
    f->lid_lower = id->lid_lower * (1 - 0.25 * fmax(pose->smile, 0));
    make_profile(f);
    make_rotation(f->rotation, pose->yaw, pose->pitch, pose->roll);
}

/* ---- surface ---------------------------------------------------------------------------------*/
/* How far the front stands out, beyond the ring, at (x, y). */
static double relief(const struct head_face *f, double x, double y)
{
    const struct head_identity *id = f->id;
    double ax = fabs(x), z = 0, h, w, d;

    if (y > -0.35 && y < 1.0) { /* nose: ridge, tip, wings */
        d = id->nose_tip_y;
        h = id->nose_bridge + (id->nose_height - id->nose_bridge) * smooth(-0.1, d, y);
        h *= smooth(-0.35, 0.05, y) * (1 - smooth(d + 0.06, d + 0.26, y));
        w = 0.085 + 0.055 * smooth(0, d, y);
        z += h * bell(x * x / (w * w));
        w = ax - id->nose_half_width * 0.74;
        h = y - (d + 0.085);
        z += 0.13 * bell(w * w / 0.0036 + h * h / 0.0049);
    }
    d = ax - id->eye_x;
    z -= 0.15 * bell(d * d / 0.045 + (y + 0.02) * (y + 0.02) / 0.020);
    z += 0.085 * bell(d * d / 0.014 + y * y / 0.008);
    h = y - (f->brow_y - 0.07);
    z += 0.075 * bell((ax - 0.42) * (ax - 0.42) / 0.09 + h * h / 0.0085);
    z += 0.06 * bell((ax - 0.62) * (ax - 0.62) / 0.055 + (y - 0.45) * (y - 0.45) / 0.06);
    if (y > 0.75) { /* lips, the fold below them, chin */
        double q = x * x / (f->mouth_half_width * f->mouth_half_width * 0.55);

        h = (y - (f->mouth_y - 0.5 * f->lip_upper)) / 0.060;
        z += 0.075 * bell(q + h * h);
        h = (y - (f->mouth_y + f->open + 0.5 * f->lip_lower)) / 0.075;
        z += 0.080 * bell(q + h * h);
        h = (y - (f->mouth_y + f->open + f->lip_lower + 0.10)) / 0.07;
        z -= 0.055 * bell(x * x / 0.08 + h * h);
        h = (y - (1.70 + f->jaw_drop)) / 0.14;
        z += 0.09 * bell(x * x / (0.045 * id->chin_width) + h * h);
    }
    return z;
}

static double ring(const double *column, double s)
{
    int i = s <= 0 ? 0 : s >= HEAD_PROFILE - 1 ? HEAD_PROFILE - 2 : (int)s;
    double t = s - i;

    return column[i] + (column[i + 1] - column[i]) * t;
}

struct vec3 head_surface(const struct head_face *f, double s, double a, double *u, double *v)
{
    double c = cos(a), y = ring(f->y, s), w = ring(f->w, s);
    struct vec3 p;

    p.x = w * sin(a);
    p.y = y;
    p.z = ring(f->zc, s) + c * (c > 0 ? ring(f->front, s) : ring(f->back, s));
    if (c > 0.05)
        p.z += relief(f, p.x, y) * smooth(0.05, 0.40, c) * smooth(0, 0.3, w);
    *u = p.x;
    *v = y;
    return p;
}

void head_locate(const struct head_face *f, double x, double y, double *s, double *a)
{
    int lo = 0, hi = HEAD_PROFILE - 1;
    double w;

    while (hi - lo > 1) {
        int mid = (lo + hi) / 2;

        if (f->y[mid] <= y)
            lo = mid;
        else
            hi = mid;
    }
    *s = lo + clamp((y - f->y[lo]) / (f->y[hi] - f->y[lo]), 0, 1);
    w = ring(f->w, *s);
    *a = w > 1e-9 ? asin(clamp(x / w, -1, 1)) : 0;
}

struct vec3 head_turn(const struct head_face *f, struct vec3 p)
{
    const double *m = f->rotation;
    double x = p.x, y = p.y - 0.45, z = p.z + 0.5; /* the neck's joint is about there */

    return (struct vec3){m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z,
                         m[6] * x + m[7] * y + m[8] * z};
}

struct point head_project(const struct head_face *f, struct vec3 p)
{
    /* pose.eye_px is the scale of the plane of the eyes, which is 1.3 in front of the joint. */
    double k = f->pose.eye_px * (HEAD_CAMERA - 1.3) / (HEAD_CAMERA - p.z);

    return (struct point){f->pose.x_px + k * p.x, f->pose.y_px + k * p.y};
}

struct point head_see(const struct head_face *f, double x, double y)
{
    double s, a, u, v;

    head_locate(f, x, y, &s, &a);
    return head_project(f, head_turn(f, head_surface(f, s, a, &u, &v)));
}

/* ---- features --------------------------------------------------------------------------------*/
double head_lid_lower(const struct head_face *f, int side, double t)
{
    return -f->id->eye_tilt * side * t + f->lid_lower * (1 - t * t);
}

double head_lid_upper(const struct head_face *f, int side, double t)
{
    double arc = pow(fmax(1 - t * t, 0), 0.75);
    double open = -f->id->eye_tilt * side * t - f->lid_upper * arc * (1 - 0.12 * side * t);

    return open + (head_lid_lower(f, side, t) - 0.006 - open) * f->pose.blink;
}

struct point head_brow(const struct head_face *f, int side, double t)
{
    double q = (t - 0.58) / 0.58;
    double inner = 0.19 + 0.8 * (f->id->eye_x - 0.48), outer = 0.865;

    return (struct point){side * (inner + (outer - inner) * t), f->brow_y -
                                                                    f->id->brow_arch * (1 - q * q) -
                                                                    f->id->brow_tilt * (t - 0.5)};
}

/* The line between the lips: corners go up with a smile. */
static double mouth_line(const struct head_face *f, double t)
{
    return f->mouth_y - f->smile * t * t;
}

double head_lip_top(const struct head_face *f, double t)
{
    double arc = pow(fmax(1 - t * t, 0), 0.80);

    return mouth_line(f, t) - f->lip_upper * arc * (1 - f->id->cupid * bell(t * t / 0.0128));
}

double head_lip_bottom(const struct head_face *f, double t)
{
    return mouth_line(f, t) + (f->lip_lower + f->open) * pow(fmax(1 - t * t, 0), 0.75);
}

double head_mouth_top(const struct head_face *f, double t)
{
    double q = t / HEAD_MOUTH_INNER;

    return mouth_line(f, t) - 0.10 * f->open * fmax(1 - q * q, 0);
}

double head_mouth_bottom(const struct head_face *f, double t)
{
    double q = t / HEAD_MOUTH_INNER;

    return mouth_line(f, t) + f->open * fmax(1 - q * q, 0);
}

/* ---- landmarks -------------------------------------------------------------------------------*/
/* A point of the jaw's outline: its ring, at the angle where the surface turns away from the
 * camera if that comes before `a`. */
static struct point see_outline(const struct head_face *f, double y, double a_end, int side)
{
    double s, a, u, v, best = -1e9;
    struct point p = {0, 0};

    head_locate(f, 0, y, &s, &a);
    for (a = 0.55; a <= a_end + 1e-9; a += 0.005) {
        struct point q = head_project(f, head_turn(f, head_surface(f, s, side * a, &u, &v)));
        /* outwards along the head's own horizontal */
        double out = side * (q.x * cos(f->pose.roll) + q.y * sin(f->pose.roll));

        if (out <= best)
            break;
        best = out;
        p = q;
    }
    return p;
}

void head_landmarks(const struct head_face *f, struct point p[HEAD_LANDMARKS])
{
    static const double jaw_y[8] = {-0.09, 0.24, 0.58, 0.91, 1.21, 1.46, 1.68, 1.87};
    static const double brow_t[5] = {1, 0.78, 0.51, 0.25, 0};
    static const double top_t[7] = {-1, -0.61, -0.25, 0, 0.25, 0.61, 1};
    static const double bottom_t[5] = {0.68, 0.32, 0, -0.32, -0.68};
    const struct head_identity *id = f->id;
    double stretch = 1 + (id->length - 1) * 1.9, w = id->eye_half_width;
    int i, side;

    for (i = 0; i < 8; i++) {
        double y = jaw_y[i] > 0.9 ? 0.9 + (jaw_y[i] - 0.9) * stretch : jaw_y[i];

        y += f->jaw_drop * jaw_weight(y);
        p[i] = see_outline(f, y, 1.45, -1);
        p[16 - i] = see_outline(f, y, 1.45, 1);
    }
    p[8] = head_see(f, 0, f->y[HEAD_PROFILE - 1] - 0.01);
    for (i = 0; i < 5; i++) {
        struct point l = head_brow(f, -1, brow_t[i]), r = head_brow(f, 1, brow_t[4 - i]);

        p[17 + i] = head_see(f, l.x, l.y);
        p[22 + i] = head_see(f, r.x, r.y);
    }
    for (i = 0; i < 4; i++)
        p[27 + i] = head_see(f, 0, 0.00 + (id->nose_tip_y + 0.01) * i / 3);
    p[31] = head_see(f, -id->nose_half_width * 0.88, id->nose_tip_y + 0.15);
    p[32] = head_see(f, -id->nose_half_width * 0.50, id->nose_tip_y + 0.195);
    p[33] = head_see(f, 0, id->nose_tip_y + 0.225);
    p[34] = head_see(f, id->nose_half_width * 0.50, id->nose_tip_y + 0.195);
    p[35] = head_see(f, id->nose_half_width * 0.88, id->nose_tip_y + 0.15);
    for (side = -1; side <= 1; side += 2) {
        struct point *e = p + (side < 0 ? 36 : 42);
        double x = side * id->eye_x;

        e[0] = head_see(f, x - w, head_lid_lower(f, side, -1));
        e[1] = head_see(f, x - 0.38 * w, head_lid_upper(f, side, -0.38));
        e[2] = head_see(f, x + 0.38 * w, head_lid_upper(f, side, 0.38));
        e[3] = head_see(f, x + w, head_lid_lower(f, side, 1));
        e[4] = head_see(f, x + 0.38 * w, head_lid_lower(f, side, 0.38));
        e[5] = head_see(f, x - 0.38 * w, head_lid_lower(f, side, -0.38));
    }
    w = f->mouth_half_width;
    for (i = 0; i < 7; i++)
        p[48 + i] = head_see(f, top_t[i] * w, head_lip_top(f, top_t[i]));
    for (i = 0; i < 5; i++)
        p[55 + i] = head_see(f, bottom_t[i] * w, head_lip_bottom(f, bottom_t[i]));
    p[60] = head_see(f, -HEAD_MOUTH_INNER * w, head_mouth_top(f, -HEAD_MOUTH_INNER));
    p[64] = head_see(f, HEAD_MOUTH_INNER * w, head_mouth_top(f, HEAD_MOUTH_INNER));
    for (i = -1; i <= 1; i++) {
        p[62 + i] = head_see(f, i * 0.28 * w, head_mouth_top(f, i * 0.28));
        p[66 - i] = head_see(f, i * 0.28 * w, head_mouth_bottom(f, i * 0.28));
    }
}

void head_average(struct point p[HEAD_LANDMARKS])
{
    static const struct head_identity average = {
        .face_width = 1,
        .jaw_width = 1,
        .chin_width = 1,
        .length = 1,
        .forehead = 1,
        .eye_x = 0.48,
        .eye_half_width = 0.197,
        .lid_upper = 0.093,
        .lid_lower = 0.058,
        .brow_y = -0.245,
        .brow_arch = 0.115,
        .nose_tip_y = 0.60,
        .nose_half_width = 0.22,
        .nose_height = 0.35,
        .nose_bridge = 0.15,
        .mouth_y = 1.10,
        .mouth_half_width = 0.425,
        .lip_upper = 0.11,
        .lip_lower = 0.155,
        .cupid = 0.2,
    };
    struct head_pose pose = {.eye_px = 100, .open = 0.06};
    struct head_face f;

    head_face_at(&f, &average, &pose);
    head_landmarks(&f, p);
}
