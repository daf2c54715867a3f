#include "tests/gen/head_paint.h"

#include <math.h>

#include "lib/rng.h"

static double clamp(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static double smooth(double lo, double hi, double x)
{
    double t = clamp((x - lo) / (hi - lo), 0, 1);

    return t * t * (3 - 2 * t);
}

static double bell(double q)
{
    return q > 16 ? 0 : exp(-q / 2);
}

/* 1 inside (d > 0), 0 outside, soft over a pixel. */
static double inside(const struct painter *p, double d)
{
    return clamp(d / (2 * p->soft) + 0.5, 0, 1);
}

static void blend(double c[3], const double with[3], double part)
{
    int i;

    for (i = 0; i < 3; i++)
        c[i] += (with[i] - c[i]) * part;
}

static void scale(double c[3], double r, double g, double b)
{
    c[0] *= r;
    c[1] *= g;
    c[2] *= b;
}

void paint_make_tile(float *tile, uint64_t seed, const char *name)
{
    struct rng r;
    int i;

    rng_init(&r, seed, 0, name, "tile");
    for (i = 0; i < PAINT_TILE * PAINT_TILE; i++)
        tile[i] = (float)rng_range(&r, -1, 1);
}

double paint_noise(const float *tile, double x, double y)
{
    double fx = floor(x), fy = floor(y), tx = x - fx, ty = y - fy;
    int x0 = (int)fx & (PAINT_TILE - 1), y0 = (int)fy & (PAINT_TILE - 1);
    int x1 = (x0 + 1) & (PAINT_TILE - 1), y1 = (y0 + 1) & (PAINT_TILE - 1);
    double a, b;

    tx = tx * tx * (3 - 2 * tx);
    ty = ty * ty * (3 - 2 * ty);
    a = tile[y0 * PAINT_TILE + x0] * (1 - tx) + tile[y0 * PAINT_TILE + x1] * tx;
    b = tile[y1 * PAINT_TILE + x0] * (1 - tx) + tile[y1 * PAINT_TILE + x1] * tx;
    return a * (1 - ty) + b * ty;
}

double paint_hair_depth(const struct head_identity *id, double v, double a)
{
    double b = fabs(a), side = id->long_hair ? 0.6 : id->hair_side, line;

    line = id->hairline + (id->parted ? 0.10 * sin(2.2 * a + 0.6) : 0.05 * cos(3 * a));
    line += (-0.35 - line) * smooth(0.72, 1.18, b);
    line += (side + 0.35) * smooth(1.16, 1.36, b);
    line += (1.15 - side) * smooth(1.7, 2.3, b);
    return line - v;
}

void paint_hair(const struct painter *p, double v, double a, struct paint *out)
{
    const struct head_identity *id = p->face->id;
    double strand = paint_noise(p->tile, a * 26, v * 2.5) * 0.6 +
                    paint_noise(p->tile, a * 60 + 31, v * 5 + 7) * 0.4;
    double k = 1 + 0.55 * strand;
    int i;

    for (i = 0; i < 3; i++)
        out->albedo[i] = id->hair[i] * k;
    out->shade = 0.9;
    out->gloss = 0.10 + 0.12 * fmax(strand, 0);
    out->glow = 0;
}

void paint_skin(const struct painter *p, double u, double v, struct paint *out)
{
    const struct head_identity *id = p->face->id;
    double n = paint_noise(p->tile, u * 9, v * 9) * 0.5 +
               paint_noise(p->tile, u * 31 + 5, v * 31 + 3) * 0.5;
    int i;

    for (i = 0; i < 3; i++)
        out->albedo[i] = id->skin[i] * (1 + 0.055 * n);
    out->shade = 1;
    out->gloss = 0.05;
    out->glow = 0;
}

void paint_neck(const struct painter *p, double u, double v, struct paint *out)
{
    paint_skin(p, u, v, out);
    out->shade = 0.22 + 0.55 * smooth(1.75, 2.9, v - 0.5 * p->face->jaw_drop);
    scale(out->albedo, 0.92, 0.86, 0.84);
    out->gloss = 0.02;
}

void paint_shirt(const struct painter *p, double u, double v, struct paint *out)
{
    const struct head_identity *id = p->face->id;
    double weave = paint_noise(p->tile, u * 40, v * 40),
           fold = paint_noise(p->tile, u * 3, v * 1.5);
    double stripes = id->number % 3 == 0 ? 0.25 * (sin(v * 26) > 0.6) : 0;
    int i;

    /* an open collar */
    if (fabs(u) < 0.66 - 0.66 * (v - 2.2) && v < 3.2 && id->number % 2) {
        paint_skin(p, u, v, out);
        out->shade = 0.75;
        return;
    }
    for (i = 0; i < 3; i++)
        out->albedo[i] = id->shirt[i] * (1 + 0.12 * weave + 0.22 * fold + stripes);
    out->shade = 0.85;
    out->gloss = 0.01;
    out->glow = 0;
}

/* ---- the parts of the face -------------------------------------------------------------------*/
static void paint_complexion(const struct painter *p, double u, double v, struct paint *out)
{
    const struct head_face *f = p->face;
    const struct head_identity *id = f->id;
    double au = fabs(u), k, d, bottom;

    paint_skin(p, u, v, out);
    k = 0.22 * id->cheek_red *
        bell((au - 0.66) * (au - 0.66) / 0.05 + (v - 0.58) * (v - 0.58) / 0.05);
    k += 0.14 * bell(u * u / 0.03 + (v - id->nose_tip_y) * (v - id->nose_tip_y) / 0.02);
    scale(out->albedo, 1 + 0.05 * k, 1 - 0.75 * k, 1 - 0.6 * k);
    /* beard shadow */
    if (id->stubble > 0) {
        bottom = f->mouth_y + f->open + f->lip_lower;
        k = smooth(f->mouth_y - 0.33, f->mouth_y - 0.20, v) *
            smooth(1.05, 0.75, au - 0.3 * (v - 1));
        k = fmax(
            k * (1 - 0.8 * bell((au - 0.62) * (au - 0.62) / 0.03 + (v - 0.9) * (v - 0.9) / 0.05)),
            smooth(0.80, 1.0, au) * smooth(0.45, 0.9, v));
        k *= id->stubble * (1 + 0.35 * paint_noise(p->tile, u * 55, v * 55));
        k *= 1 - 0.5 * bell(u * u / 0.12 + (v - bottom - 0.06) * (v - bottom - 0.06) / 0.004);
        blend(out->albedo, id->brow, clamp(k * 0.75, 0, 0.9));
    }
    /* hollows: eye sockets, beside and under the nose, under the lip */
    d = au - id->eye_x + 0.04;
    out->shade *= 1 - 0.34 * bell(d * d / 0.055 + (v + 0.02) * (v + 0.02) / 0.016);
    d = au - 0.22;
    out->shade *= 1 - 0.30 * bell(d * d / 0.006 + (v + 0.06) * (v + 0.06) / 0.014);
    d = v - (id->nose_tip_y + 0.235);
    out->shade *= 1 - 0.36 * bell(u * u / 0.035 + d * d / 0.0028);
    d = v - (f->mouth_y + f->open + f->lip_lower + 0.075);
    out->shade *= 1 - 0.28 * bell(u * u / 0.045 + d * d / 0.0035);
    /* bags under the eyes, folds from the nose to the mouth, lines of the forehead */
    d = v - (f->lid_lower + 0.085);
    out->shade *= 1 - 0.13 * (0.4 + id->lines) *
                          bell((au - id->eye_x) * (au - id->eye_x) / 0.02 + d * d / 0.0012);
    d = au - (id->nose_half_width + 0.04 + 0.42 * (v - id->nose_tip_y - 0.05));
    out->shade *= 1 - (0.09 + 0.16 * id->lines) * bell(d * d / 0.0011) *
                          smooth(id->nose_tip_y, id->nose_tip_y + 0.1, v) *
                          (1 - smooth(f->mouth_y - 0.12, f->mouth_y + 0.1, v));
    d = sin((v + 0.05 * cos(2.2 * u)) * 38);
    out->shade *= 1 - 0.10 * id->lines * fmax(d, 0) * bell(u * u / 0.20) *
                          bell((v + 0.75) * (v + 0.75) / 0.02);
    /* temples and the edge of the jaw take less light */
    out->shade *= 1 - 0.25 * smooth(0.90, 1.2, au);
}

static void paint_nose(const struct painter *p, double u, double v, struct paint *out)
{
    static const double dark[3] = {0.035, 0.014, 0.010};
    const struct head_face *f = p->face;
    const struct head_identity *id = f->id;
    double au = fabs(u), x, y, d, light = f->pose.light.x;

    /* nostrils */
    x = (au - id->nose_half_width * 0.50) / (id->nose_half_width * 0.26);
    y = (v - (id->nose_tip_y + 0.150) - 0.10 * (au - 0.1)) / 0.033;
    d = 1 - (x * x + y * y);
    if (d > -1.5)
        blend(out->albedo, dark, 0.92 * smooth(-0.7, 0.45, d));
    /* creases around the wings */
    x = (au - id->nose_half_width * 0.70) / (id->nose_half_width * 0.36);
    y = (v - (id->nose_tip_y + 0.085)) / 0.115;
    d = sqrt(x * x + y * y) - 1;
    if (au > id->nose_half_width * 0.72 || v > id->nose_tip_y + 0.17)
        out->shade *= 1 - 0.38 * bell(d * d / 0.022);
    /* the shadow it throws to the side away from the key light */
    x = -u * (light > 0 ? 1 : -1);
    d = 0.10 + 0.22 * fabs(light);
    out->shade *= 1 - 0.42 * fmin(fabs(light) * 1.5, 1) * smooth(0.06, 0.12, x) *
                          (1 - smooth(d, d + 0.10, x)) * smooth(0.05, 0.35, v) *
                          (1 - smooth(id->nose_tip_y + 0.10, id->nose_tip_y + 0.28, v));
}

static void paint_lips(const struct painter *p, double u, double v, struct paint *out)
{
    static const double deep[3] = {0.030, 0.008, 0.007}, teeth[3] = {0.58, 0.54, 0.46},
                        tongue[3] = {0.26, 0.07, 0.06};
    const struct head_face *f = p->face;
    double t = u / f->mouth_half_width, at = fabs(t), top, bottom, in_top, in_bottom, m, d;

    if (at > 1.12 || v < f->mouth_y - 0.35 || v > f->mouth_y + f->open + 0.4)
        return;
    top = head_lip_top(f, t);
    bottom = head_lip_bottom(f, t);
    in_top = head_mouth_top(f, t);
    in_bottom = head_mouth_bottom(f, t);
    m = inside(p, v - top + 0.004) * inside(p, bottom - v + 0.004) * (1 - smooth(0.97, 1.03, at));
    if (m > 0) {
        double c[3], n = 1 + 0.10 * paint_noise(p->tile, u * 48, v * 7);
        int i;

        for (i = 0; i < 3; i++)
            c[i] = f->id->lip[i] * n * (v < in_top ? 0.80 : 1.06);
        blend(out->albedo, c, 0.9 * m);
        out->gloss += 0.10 * m * (v > in_bottom);
        out->shade = out->shade * (1 - 0.5 * m) + 0.5 * m * (v < in_top ? 0.80 : 1);
    }
    /* the line between the lips, darker in the corners */
    d = (v - 0.5 * (in_top + in_bottom)) / 0.020;
    if (at < 1.06)
        blend(out->albedo, deep,
              (f->open < 0.02 ? 0.85 : 0.55) * bell(d * d) * (1 - smooth(0.98, 1.06, at)));
    d = (at - 1) * f->mouth_half_width / 0.035;
    blend(out->albedo, deep, 0.5 * bell(d * d + (v - in_top) * (v - in_top) / 0.0007));
    /* the opening: teeth above, tongue below */
    m = inside(p, v - in_top) * inside(p, in_bottom - v) * (f->open > 0.004);
    if (m > 0) {
        double depth = v - in_top, c[3] = {deep[0], deep[1], deep[2]};
        double row = 0.045 + 0.02 * (f->smile > 0.03);

        d = smooth(0.055, 0.02, in_bottom - v) * smooth(0.10, 0.16, f->open);
        blend(c, tongue, 0.7 * d);
        d = smooth(row + 0.012, row - 0.012, depth) * smooth(0.72, 0.50, at);
        blend(c, teeth, d * (0.80 + 0.2 * fabs(sin(t * 16))) * smooth(0.02, 0.06, f->open));
        blend(out->albedo, c, m);
        out->shade = out->shade * (1 - m) + m * (0.55 + 0.25 * smooth(0, 0.03, depth));
        out->gloss *= 1 - m;
    }
}

static void paint_eye(const struct painter *p, double u, double v, int side, struct paint *out)
{
    static const double white[3] = {0.62, 0.58, 0.55}, lash[3] = {0.010, 0.007, 0.006},
                        pink[3] = {0.42, 0.18, 0.15};
    const struct head_face *f = p->face;
    const struct head_identity *id = f->id;
    double w = id->eye_half_width, t = (u - side * id->eye_x) / w, at = fabs(t);
    double up, low, m, d, c[3], open = 1 - f->pose.blink;

    if (at > 1.5 || v < -0.35 || v > 0.3)
        return;
    up = head_lid_upper(f, side, clamp(t, -1, 1));
    low = head_lid_lower(f, side, clamp(t, -1, 1));
    /* crease of the upper lid, and the lid's own shade */
    d = (v - (up - 0.055 - 0.03 * (1 - at * at) * (1 - 0.6 * f->pose.blink))) / 0.017;
    if (at < 1.2)
        out->shade *= 1 - 0.42 * bell(d * d) * (1 - smooth(0.85, 1.2, at));
    d = (v - low - 0.018) / 0.02;
    out->shade *= 1 - 0.22 * bell(d * d) * (1 - smooth(0.8, 1.15, at));
    m = at < 1 ? inside(p, v - up) * inside(p, low - v) : 0;
    if (m > 0) {
        double gx = side * id->eye_x + 0.075 * f->pose.gaze_x;
        double gy = -0.012 + 0.03 * f->pose.gaze_y;
        double r = sqrt((u - gx) * (u - gx) + (v - gy) * (v - gy)), rr = 0.098, q;
        static const double black[3] = {0.004, 0.004, 0.004};
        double iris[3];
        int i;

        for (i = 0; i < 3; i++)
            c[i] = white[i] * (1 - 0.18 * at * at);
        d = (t + side) * w; /* the pink of the inner corner */
        blend(c, pink, 0.7 * bell(d * d / 0.0012));
        q = 0.75 + 0.4 * paint_noise(p->tile, 20 * atan2(v - gy, u - gx), r * 20);
        for (i = 0; i < 3; i++)
            iris[i] = id->iris[i] * q * (1 - 0.75 * smooth(0.70, 1.0, r / rr));
        blend(c, iris, inside(p, rr - r));
        blend(c, black, inside(p, 0.043 - r));
        blend(out->albedo, c, m);
        d = v - up; /* the lid's shadow on the ball */
        out->shade = out->shade * (1 - m) + m * (0.45 + 0.55 * smooth(0, 0.07, d)) * 0.95;
        out->gloss *= 1 - m;
        d = (u - gx - 0.035 * (f->pose.light.x > 0 ? 1 : -1)) *
                (u - gx - 0.035 * (f->pose.light.x > 0 ? 1 : -1)) +
            (v - gy + 0.038) * (v - gy + 0.038);
        out->glow += 0.55 * m * bell(d / 0.00022) * open;
    }
    /* lashes: a dark line on the upper lid, thicker outside; a faint one below */
    if (at < 1.08) {
        double thick = 0.020 + 0.010 * clamp(side * t, -0.5, 1);

        d = (v - up + 0.006) / thick;
        blend(out->albedo, lash, 0.92 * bell(d * d * 1.6) * (1 - smooth(0.98, 1.08, at)));
        d = (v - low) / 0.013;
        blend(out->albedo, lash, 0.38 * bell(d * d) * (1 - smooth(0.9, 1.08, at)));
    }
}

static void paint_brow(const struct painter *p, double u, double v, int side, struct paint *out)
{
    const struct head_face *f = p->face;
    const struct head_identity *id = f->id;
    struct point in = head_brow(f, side, 0), end = head_brow(f, side, 1), on;
    double t = (u - in.x) / (end.x - in.x), thick, d, hairs;

    if (t < -0.15 || t > 1.15 || v < f->brow_y - 0.4 || v > f->brow_y + 0.2)
        return;
    on = head_brow(f, side, clamp(t, 0, 1));
    thick = id->brow_thickness * (1.05 - 0.65 * smooth(0.45, 1.05, t));
    d = (v - on.y - 0.45 * thick) / thick;
    hairs = 0.82 + 0.30 * paint_noise(p->tile, u * 34 - v * 20 * side, v * 16 + u * 6 * side);
    blend(out->albedo, id->brow,
          clamp(id->brow_density * hairs * smooth(1.35, 0.55, fabs(d)), 0, 1) *
              smooth(-0.10, 0.06, t) * (1 - smooth(0.94, 1.12, t)));
    out->gloss *= 0.4;
}

void paint_head(const struct painter *p, double u, double v, double a, struct paint *out)
{
    const struct head_identity *id = p->face->id;
    double edge = paint_hair_depth(id, v, a) + 0.05 * paint_noise(p->tile, a * 22 + 40, v * 1.5);
    double cover = smooth(-0.02, 0.07, edge);
    struct paint hair;
    int i;

    if (cover >= 1) {
        paint_hair(p, v, a, out);
        return;
    }
    paint_complexion(p, u, v, out);
    if (fabs(a) < 1.5 && v > -0.8) {
        int side = u < 0 ? -1 : 1;

        if (fabs(u) < 0.6 && v > 0 && v < 1.05)
            paint_nose(p, u, v, out);
        paint_eye(p, u, v, side, out);
        paint_brow(p, u, v, side, out);
        paint_lips(p, u, v, out);
    }
    /* the hair's shadow on the forehead */
    out->shade *= 1 - 0.35 * smooth(-0.22, 0, edge);
    if (cover > 0) {
        paint_hair(p, v, a, &hair);
        for (i = 0; i < 3; i++)
            out->albedo[i] += (hair.albedo[i] - out->albedo[i]) * cover;
        out->gloss += (hair.gloss - out->gloss) * cover;
    }
}
