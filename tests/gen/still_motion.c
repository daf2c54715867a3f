#include "tests/gen/still_motion.h"

#include <math.h>

#include "lib/rng.h"

#define TWO_PI 6.28318530717958647693

/* What the clip shows: faces of this eye distance if the photograph allows it. */
#define WANTED_EYE_PX 58.0

static struct point middle(const struct landmarks *l, int from, int to)
{
    struct point p = {0, 0};
    int i;

    for (i = from; i <= to; i++) {
        p.x += l->p[i].x / (to - from + 1);
        p.y += l->p[i].y / (to - from + 1);
    }
    return p;
}

static void add_field(struct still_motion *m, struct point at, double rx, double ry, double dx,
                      double dy, double rate_hz, double phase)
{
    double e = m->eye_px;

    m->fields[m->n_fields++] =
        (struct still_field){at, rx * e, ry * e, {dx * e, dy * e}, rate_hz, phase};
}

void still_motion_make(struct still_motion *m, const struct image *photo,
                       const struct landmarks *points, int width, int height, uint64_t seed,
                       const char *name)
{
    struct rng r;
    double fit, side;
    struct point mouth = middle(points, 48, 67), chin = points->p[8], nose = points->p[30];
    int i;

    rng_init(&r, seed, 0, name, "still");
    m->width = width;
    m->height = height;
    m->photo = photo;
    m->points = *points;
    m->eye_px = landmarks_eye_distance(points);
    m->center = middle(points, 0, 67);
    /* the view, with room to move in, must fit into the photograph */
    fit = fmax((double)width / photo->width, (double)height / photo->height) * 1.10;
    m->scale = fmax(WANTED_EYE_PX / m->eye_px, fit);
    m->pan = rng_range(&r, 0.012, 0.022) * width;
    m->zoom = rng_range(&r, 0.015, 0.035);
    m->turn = rng_range(&r, 0.02, 0.05);
    for (i = 0; i < 4; i++) {
        m->rate_hz[i] = rng_range(&r, 0.12, 0.40);
        m->phase[i] = rng_range(&r, 0, TWO_PI);
    }
    m->n_fields = 0;
    /* the middle of the face moves over its outline: a slight turn, and a nod */
    add_field(m, nose, 0.75, 0.95, rng_range(&r, 0.05, 0.08), 0, rng_range(&r, 0.15, 0.4),
              rng_range(&r, 0, TWO_PI));
    add_field(m, nose, 0.80, 0.80, 0, rng_range(&r, 0.025, 0.05), rng_range(&r, 0.2, 0.5),
              rng_range(&r, 0, TWO_PI));
    /* talking: lower lip and chin */
    add_field(m, (struct point){mouth.x, 0.45 * mouth.y + 0.55 * chin.y}, 0.36, 0.26, 0,
              rng_range(&r, 0.045, 0.075), 0, rng_range(&r, 0, TWO_PI));
    /* corners of the mouth, brows */
    side = rng_range(&r, 0.02, 0.04);
    add_field(m, points->p[48], 0.16, 0.15, -side, -0.6 * side, 0.9, rng_range(&r, 0, TWO_PI));
    add_field(m, points->p[54], 0.16, 0.15, side, -0.6 * side, 0.9,
              m->fields[m->n_fields - 1].phase);
    side = rng_range(&r, 0.015, 0.04);
    add_field(m, points->p[19], 0.30, 0.14, 0, -side, 0.45, rng_range(&r, 0, TWO_PI));
    add_field(m, points->p[24], 0.30, 0.14, 0, -side, 0.45, m->fields[m->n_fields - 1].phase);
}

static double strength(const struct still_field *f, double t)
{
    double loud;

    if (f->rate_hz > 0)
        return sin(TWO_PI * f->rate_hz * t + f->phase);
    loud = 0.5 + 0.5 * sin(TWO_PI * 0.6 * t + f->phase);
    return loud * (0.5 - 0.5 * cos(TWO_PI * 2.7 * t + 2 * f->phase));
}

/* How far the photograph's content has moved at the place p of the moved photograph. */
static struct point moved(const struct still_motion *m, const double *power, struct point p)
{
    struct point d = {0, 0};
    int i;

    for (i = 0; i < m->n_fields; i++) {
        const struct still_field *f = &m->fields[i];
        double x = (p.x - f->at.x) / f->rx, y = (p.y - f->at.y) / f->ry, q = x * x + y * y, w;

        if (q > 18)
            continue;
        w = exp(-q / 2) * power[i];
        d.x += w * f->shift.x;
        d.y += w * f->shift.y;
    }
    return d;
}

static void sample(const struct image *img, double x, double y, uint8_t *out)
{
    int x0, y0, dx, c;
    ptrdiff_t dy;
    const uint8_t *a;

    x = fmin(fmax(x, 0), img->width - 1);
    y = fmin(fmax(y, 0), img->height - 1);
    x0 = (int)x;
    y0 = (int)y;
    x -= x0;
    y -= y0;
    dx = x0 + 1 < img->width ? 3 : 0;
    dy = y0 + 1 < img->height ? img->stride : 0;
    a = image_row(img, y0) + 3 * x0;
    for (c = 0; c < 3; c++)
        out[c] = (uint8_t)((a[c] * (1 - x) + a[dx + c] * x) * (1 - y) +
                           (a[dy + c] * (1 - x) + a[dy + dx + c] * x) * y + 0.5);
}

/* Photograph to clip at time t: a similarity. The view stays inside the photograph. */
static struct mat3 view(const struct still_motion *m, double t)
{
    double wave[4], k, c, s, mx, my;
    struct point at = m->center, to;
    struct mat3 v = mat3_identity();
    int i;

    for (i = 0; i < 4; i++)
        wave[i] = sin(TWO_PI * m->rate_hz[i] * t + m->phase[i]);
    k = m->scale * (1 + m->zoom * wave[2]);
    /* half of the view, plus what a turn needs */
    mx = (0.5 * m->width + m->turn * 0.5 * m->height + m->pan) / k;
    my = (0.5 * m->height + m->turn * 0.5 * m->width + m->pan) / k;
    at.x = fmin(fmax(at.x, mx), m->photo->width - 1 - mx);
    at.y = fmin(fmax(at.y, my), m->photo->height - 1 - my);
    if (m->photo->width - 1 < 2 * mx)
        at.x = 0.5 * (m->photo->width - 1);
    if (m->photo->height - 1 < 2 * my)
        at.y = 0.5 * (m->photo->height - 1);
    to = (struct point){0.5 * (m->width - 1) + m->pan * wave[0],
                        0.5 * (m->height - 1) + m->pan * wave[1]};
    c = k * cos(m->turn * wave[3]);
    s = k * sin(m->turn * wave[3]);
    v.m[0] = c;
    v.m[1] = -s;
    v.m[2] = to.x - c * at.x + s * at.y;
    v.m[3] = s;
    v.m[4] = c;
    v.m[5] = to.y - s * at.x - c * at.y;
    return v;
}

int still_motion_at(const struct still_motion *m, double t, struct image *out,
                    struct landmarks *points, struct err *err)
{
    struct mat3 v = view(m, t), back;
    double power[STILL_FIELDS];
    int r, i, k, x, y;

    for (i = 0; i < m->n_fields; i++)
        power[i] = strength(&m->fields[i], t);
    if ((r = image_shape(out, m->width, m->height, 3, err)))
        return r;
    if (!mat3_invert(&v, &back))
        return err_set(err, ERR_FAULT, "a view that cannot be turned back");
    for (y = 0; y < m->height; y++)
        for (x = 0; x < m->width; x++) {
            struct point p = mat3_apply(&back, (struct point){x, y});
            struct point d = moved(m, power, p);

            sample(m->photo, p.x - d.x, p.y - d.y, image_row(out, y) + 3 * x);
        }
    points->n = m->points.n;
    for (i = 0; i < m->points.n; i++) {
        struct point q = m->points.p[i], p = q;

        /* p - moved(p) = q; the fields are gentle, so this settles quickly */
        for (k = 0; k < 12; k++) {
            struct point d = moved(m, power, p);

            p = (struct point){q.x + d.x, q.y + d.y};
        }
        points->p[i] = mat3_apply(&v, p);
    }
    return 0;
}
