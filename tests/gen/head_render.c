#include "tests/gen/head_render.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rng.h"
#include "tests/gen/head_paint.h"

#define PI    3.14159265358979323846
#define SUPER 2 /* samples a pixel, each way */

struct vertex {
    float x, y, z;    /* sample grid; z towards the camera */
    float u, v, a;    /* place on its surface */
    struct vec3 at;   /* camera axes, for the normals */
    float nx, ny, nz; /* unit normal, camera axes */
};

enum material { HEAD, EAR, NECK, SHIRT, LOCKS };

/* A grid of vertices, rows x cols, two triangles a cell. */
static const struct sheet {
    enum material material;
    int rows, cols;
    int two_sided;
} sheets[] = {
    {HEAD, 112, 145, 0}, {EAR, 15, 21, 0},   {EAR, 15, 21, 0},
    {NECK, 14, 41, 0},   {SHIRT, 31, 61, 0}, {LOCKS, 30, 49, 1},
};

#define N_SHEETS (int)(sizeof(sheets) / sizeof(*sheets))

struct sample {
    float z;
    int cell;     /* -1 = background; else vertex index of the cell's corner, * 2 + half */
    float b1, b2; /* barycentric weights of the second and third corner */
};

struct head_renderer {
    struct vertex *vertices;
    int first[N_SHEETS + 1];
    struct sample *samples;
    size_t capacity;
    float tile[PAINT_TILE * PAINT_TILE];
    unsigned tile_number; /* whose tile it is, + 1 */
    uint64_t tile_seed;
};

int head_renderer_new(struct head_renderer **out, struct err *err)
{
    struct head_renderer *r = mem_array(1, sizeof(*r));
    int i;

    if (!r)
        return err_nomem(err);
    for (i = 0; i < N_SHEETS; i++)
        r->first[i + 1] = r->first[i] + sheets[i].rows * sheets[i].cols;
    r->vertices = mem_array((size_t)r->first[N_SHEETS], sizeof(*r->vertices));
    if (!r->vertices) {
        free(r);
        return err_nomem(err);
    }
    *out = r;
    return 0;
}

void head_renderer_free(struct head_renderer *r)
{
    if (!r)
        return;
    free(r->vertices);
    free(r->samples);
    free(r);
}

/* ---- mesh ------------------------------------------------------------------------------------*/
/* The joint of the neck follows the head's turn by `part`. */
static struct vec3 turn_partly(const struct head_face *f, struct vec3 p, double part)
{
    struct vec3 t = head_turn(f, p), s = {p.x, p.y - 0.45, p.z + 0.5};

    return (struct vec3){s.x + (t.x - s.x) * part, s.y + (t.y - s.y) * part,
                         s.z + (t.z - s.z) * part};
}

static struct vec3 place_head(const struct head_renderer *r, const struct head_face *f, double s,
                              double a, double *u, double *v)
{
    struct vec3 p = head_surface(f, s * (HEAD_PROFILE - 1), a, u, v);
    const struct head_identity *id = f->id;
    double depth = paint_hair_depth(id, *v, a);

    if (depth > 0) { /* hair has volume */
        double k = depth < 0.25 ? depth / 0.25 : 1, x = p.x, y = p.y + 0.2, z = p.z + 0.5, n;

        k = k * (2 - k) * id->hair_thickness * (1 + 0.35 * paint_noise(r->tile, a * 4, *v * 4));
        n = sqrt(x * x + y * y + z * z) + 1e-9;
        p.x += k * x / n;
        p.y += k * y / n;
        p.z += k * z / n;
    }
    return head_turn(f, p);
}

static struct vec3 place(const struct head_renderer *r, const struct head_face *f, int sheet,
                         double s, double t, struct vertex *v)
{
    const struct head_identity *id = f->id;
    double a = (2 * t - 1) * PI, u = 0, w = 0, k;
    struct vec3 p = {0, 0, 0};

    switch (sheets[sheet].material) {
    case HEAD:
        a -= 0.62 * sin(a); /* finer in front */
        p = place_head(r, f, s, a, &u, &w);
        break;
    case EAR: {
        double side = sheet == 1 ? -1 : 1, phi = (s - 0.5) * PI;
        double width = 1.165 * id->face_width;

        p.x = side * (width + 0.02) + 0.13 * cos(phi) * sin(a) - side * 0.02;
        p.y = 0.27 + 0.36 * sin(phi);
        p.z = -0.62 + 0.17 * cos(phi) * cos(a);
        u = p.x;
        w = p.y;
        p = head_turn(f, p);
        break;
    }
    case NECK:
        w = 1.15 + 2.2 * s;
        k = 0.79 * (0.5 + 0.5 * id->jaw_width) + 0.40 * s * s * s;
        p = (struct vec3){k * sin(a), w, -0.42 + 0.72 * k * cos(a)};
        u = p.x;
        p = turn_partly(f, p, 0.45 * (1 - s));
        break;
    case SHIRT: {
        double phi = (s - 0.5) * PI, c = pow(cos(phi), 0.55);

        p = (struct vec3){2.45 * c * sin(a), 3.90 + 1.62 * sin(phi), -0.55 + 0.85 * c * cos(a)};
        u = p.x;
        w = p.y;
        p = turn_partly(f, p, 0);
        break;
    }
    case LOCKS:
        /* from temple to temple round the back */
        w = -1.5 + 4.3 * s;
        a = PI + (2 * t - 1) * (PI - 1.30);
        k = 1.20 + 0.16 * sin(fmin(s * 2.2, 1.57)) + 0.06 * sin(5 * s + 9 * t);
        k *= id->face_width * (s < 0.25 ? 0.80 + 0.8 * s : 1);
        p = (struct vec3){k * sin(a), w, -0.55 + 1.15 * k * cos(a) * (1 - 0.25 * s)};
        p = turn_partly(f, p, 1 - 0.45 * s);
        break;
    }
    v->u = (float)u;
    v->v = (float)w;
    v->a = (float)a;
    return p;
}

static void make_normals(struct vertex *v, int rows, int cols)
{
    int i, j;

    for (i = 0; i < rows; i++)
        for (j = 0; j < cols; j++) {
            int last = cols - 1;
            const struct vertex *up = &v[(i ? i - 1 : 0) * cols + j];
            const struct vertex *down = &v[(i + 1 < rows ? i + 1 : i) * cols + j];
            /* closed round: the first and last column are one */
            const struct vertex *left = &v[i * cols + (j ? j - 1 : last - 1)];
            const struct vertex *right = &v[i * cols + (j < last ? j + 1 : 1)];
            struct vec3 d = {down->at.x - up->at.x, down->at.y - up->at.y, down->at.z - up->at.z};
            struct vec3 e = {right->at.x - left->at.x, right->at.y - left->at.y,
                             right->at.z - left->at.z};
            double x = e.y * d.z - e.z * d.y, y = e.z * d.x - e.x * d.z, z = e.x * d.y - e.y * d.x;
            double n = sqrt(x * x + y * y + z * z);

            n = n > 1e-12 ? 1 / n : 0;
            v[i * cols + j].nx = (float)(x * n);
            v[i * cols + j].ny = (float)(y * n);
            v[i * cols + j].nz = (float)(z * n);
        }
}

static void make_sheet(struct head_renderer *r, const struct head_face *f, int sheet)
{
    const struct sheet *sh = &sheets[sheet];
    struct vertex *v = r->vertices + r->first[sheet];
    int i, j;

    for (i = 0; i < sh->rows; i++)
        for (j = 0; j < sh->cols; j++) {
            struct vertex *p = &v[i * sh->cols + j];
            struct point seen;

            p->at = place(r, f, sheet, (double)i / (sh->rows - 1), (double)j / (sh->cols - 1), p);
            seen = head_project(f, p->at);
            p->x = (float)((seen.x + 0.5) * SUPER - 0.5);
            p->y = (float)((seen.y + 0.5) * SUPER - 0.5);
            p->z = (float)p->at.z;
        }
    make_normals(v, sh->rows, sh->cols);
}

/* ---- depth buffer ----------------------------------------------------------------------------*/
static void draw_triangle(struct head_renderer *r, int w, int h, const struct vertex *a,
                          const struct vertex *b, const struct vertex *c, int cell)
{
    double area = ((double)b->x - a->x) * ((double)c->y - a->y) -
                  ((double)b->y - a->y) * ((double)c->x - a->x);
    double inv;
    int x0, x1, y0, y1, x, y;

    if (fabs(area) < 1e-9)
        return;
    inv = 1 / area;
    x0 = (int)fmax(ceil(fmin(a->x, fmin(b->x, c->x))), 0);
    x1 = (int)fmin(floor(fmax(a->x, fmax(b->x, c->x))), w - 1);
    y0 = (int)fmax(ceil(fmin(a->y, fmin(b->y, c->y))), 0);
    y1 = (int)fmin(floor(fmax(a->y, fmax(b->y, c->y))), h - 1);
    for (y = y0; y <= y1; y++)
        for (x = x0; x <= x1; x++) {
            double b1 =
                ((x - a->x) * ((double)c->y - a->y) - (y - a->y) * ((double)c->x - a->x)) * inv;
            double b2 =
                (((double)b->x - a->x) * (y - a->y) - ((double)b->y - a->y) * (x - a->x)) * inv;
            struct sample *s = &r->samples[(size_t)y * (size_t)w + (size_t)x];
            float z;

            if (b1 < -1e-6 || b2 < -1e-6 || b1 + b2 > 1 + 1e-6)
                continue;
            z = (float)(a->z + b1 * ((double)b->z - a->z) + b2 * ((double)c->z - a->z));
            if (z > s->z)
                *s = (struct sample){z, cell, (float)b1, (float)b2};
        }
}

static void draw_sheet(struct head_renderer *r, int sheet, int w, int h)
{
    const struct sheet *sh = &sheets[sheet];
    const struct vertex *v = r->vertices;
    int i, j;

    for (i = 0; i + 1 < sh->rows; i++)
        for (j = 0; j + 1 < sh->cols; j++) {
            int at = r->first[sheet] + i * sh->cols + j;
            const struct vertex *p = &v[at], *q = &v[at + 1], *s = &v[at + sh->cols],
                                *t = &v[at + sh->cols + 1];

            if (!sh->two_sided && p->nz < -0.25 && q->nz < -0.25 && s->nz < -0.25 && t->nz < -0.25)
                continue;
            draw_triangle(r, w, h, p, q, s, 2 * at);
            draw_triangle(r, w, h, t, s, q, 2 * at + 1);
        }
}

/* ---- light -----------------------------------------------------------------------------------*/
struct fragment {
    double u, v, a, nx, ny, nz;
};

static int sheet_of(const struct head_renderer *r, int cell)
{
    int i = 0;

    while (cell / 2 >= r->first[i + 1])
        i++;
    return i;
}

static void interpolate(const struct head_renderer *r, const struct sample *s, int cols,
                        struct fragment *f)
{
    const struct vertex *at = r->vertices + s->cell / 2;
    const struct vertex *a = s->cell & 1 ? at + cols + 1 : at;
    const struct vertex *b = s->cell & 1 ? at + cols : at + 1;
    const struct vertex *c = s->cell & 1 ? at + 1 : at + cols;
    double b0 = 1 - (double)s->b1 - s->b2;

    f->u += b0 * a->u + s->b1 * b->u + s->b2 * c->u;
    f->v += b0 * a->v + s->b1 * b->v + s->b2 * c->v;
    f->a += b0 * a->a + s->b1 * b->a + s->b2 * c->a;
    f->nx += b0 * a->nx + s->b1 * b->nx + s->b2 * c->nx;
    f->ny += b0 * a->ny + s->b1 * b->ny + s->b2 * c->ny;
    f->nz += b0 * a->nz + s->b1 * b->nz + s->b2 * c->nz;
}

static void light(const struct painter *p, enum material material, const struct fragment *f,
                  double out[3])
{
    const struct head_pose *pose = &p->face->pose;
    struct paint paint;
    double n = sqrt(f->nx * f->nx + f->ny * f->ny + f->nz * f->nz) + 1e-12;
    double nx = f->nx / n, ny = f->ny / n, nz = f->nz / n, d, h, spec, amb;
    int i;

    switch (material) {
    case HEAD:
        paint_head(p, f->u, f->v, f->a, &paint);
        break;
    case EAR:
        paint_skin(p, f->u, f->v, &paint);
        paint.shade = 0.62;
        break;
    case NECK:
        paint_neck(p, f->u, f->v, &paint);
        break;
    case SHIRT:
        paint_shirt(p, f->u, f->v, &paint);
        break;
    default:
        paint_hair(p, f->v, f->a, &paint);
        paint.shade = nz < 0 ? 0.35 : 0.8;
        paint.gloss *= nz > 0;
    }
    if (material == LOCKS && nz < 0) {
        nx = -nx;
        ny = -ny;
        nz = -nz;
    }
    d = nx * pose->light.x + ny * pose->light.y + nz * pose->light.z;
    d = fmax((d + 0.18) / 1.18, 0);
    amb = pose->ambient * (0.62 - 0.38 * ny) * (0.55 + 0.45 * fmax(nz, 0));
    h = sqrt(2 + 2 * pose->light.z); /* halfway to the viewer on the z axis */
    spec = (nx * pose->light.x + ny * pose->light.y + nz * (pose->light.z + 1)) / h;
    spec = spec > 0 ? paint.gloss * pow(spec, 22) * pose->key : 0;
    for (i = 0; i < 3; i++)
        out[i] +=
            (paint.albedo[i] * (pose->key * d * pose->light_color[i] + amb) + spec) * paint.shade +
            paint.glow;
}

static uint8_t to_byte(double linear)
{
    double v = sqrt(fmax(linear, 0)) * 255 + 0.5;

    return v >= 255 ? 255 : (uint8_t)v;
}

static void resolve_pixel(const struct head_renderer *r, const struct painter *p, int w, int x,
                          int y, const uint8_t *back, uint8_t *out)
{
    const struct sample *s[SUPER * SUPER];
    double sum[3] = {0, 0, 0}, b;
    int i, c, covered = 0, sheet, same = 1, one;

    for (i = 0; i < SUPER * SUPER; i++) {
        s[i] = &r->samples[(size_t)(y * SUPER + i / SUPER) * (size_t)w +
                           (size_t)(x * SUPER + i % SUPER)];
        covered += s[i]->cell >= 0;
    }
    if (!covered) {
        memcpy(out, back, 3);
        return;
    }
    one = sheet_of(r, s[0]->cell >= 0 ? s[0]->cell : 0);
    for (i = 0; i < SUPER * SUPER && same; i++)
        same =
            s[i]->cell >= 0 && sheet_of(r, s[i]->cell) == one && fabsf(s[i]->z - s[0]->z) < 0.10f;
    if (same) {
        struct fragment f = {0};

        for (i = 0; i < SUPER * SUPER; i++)
            interpolate(r, s[i], sheets[one].cols, &f);
        f.u /= SUPER * SUPER;
        f.v /= SUPER * SUPER;
        f.a /= SUPER * SUPER;
        light(p, sheets[one].material, &f, sum);
    } else {
        for (i = 0; i < SUPER * SUPER; i++) {
            struct fragment f = {0};

            if (s[i]->cell < 0) {
                for (c = 0; c < 3; c++) {
                    b = back[c] / 255.0;
                    sum[c] += b * b;
                }
                continue;
            }
            sheet = sheet_of(r, s[i]->cell);
            interpolate(r, s[i], sheets[sheet].cols, &f);
            light(p, sheets[sheet].material, &f, sum);
        }
        for (c = 0; c < 3; c++)
            sum[c] /= SUPER * SUPER;
    }
    for (c = 0; c < 3; c++)
        out[c] = to_byte(sum[c]);
}

int head_render(struct head_renderer *r, const struct head_face *f, const struct image *background,
                struct image *out, struct err *err)
{
    int w = background->width * SUPER, h = background->height * SUPER, i, x, y;
    struct painter painter = {f, r->tile, 0.5 / f->pose.eye_px};
    size_t n = (size_t)w * (size_t)h, k;
    char name[32];
    int e;

    if ((e = image_shape(out, background->width, background->height, 3, err)))
        return e;
    if (mem_grow(&r->samples, &r->capacity, n, sizeof(*r->samples)))
        return err_nomem(err);
    if (r->tile_number != f->id->number + 1 || r->tile_seed != f->id->seed) {
        snprintf(name, sizeof(name), "person %u", f->id->number);
        paint_make_tile(r->tile, f->id->seed, name);
        r->tile_number = f->id->number + 1;
        r->tile_seed = f->id->seed;
    }
    for (k = 0; k < n; k++)
        r->samples[k] = (struct sample){-1e9f, -1, 0, 0};
    for (i = 0; i < N_SHEETS; i++) {
        if (sheets[i].material == LOCKS && !f->id->long_hair)
            continue;
        make_sheet(r, f, i);
        draw_sheet(r, i, w, h);
    }
    for (y = 0; y < out->height; y++)
        for (x = 0; x < out->width; x++)
            resolve_pixel(r, &painter, w, x, y, image_row(background, y) + 3 * x,
                          image_row(out, y) + 3 * x);
    return 0;
}

/* ---- surroundings ----------------------------------------------------------------------------*/
int head_background(struct image *out, uint64_t seed, const char *name, struct err *err)
{
    struct box {
        double x0, y0, x1, y1, soft, c[3];
    } boxes[9];
    float *tile = mem_array(PAINT_TILE * PAINT_TILE, sizeof(*tile));
    double wall[3], low[3], gx, gy, k;
    struct rng r;
    int x, y, c, i, n;

    if (!tile)
        return err_nomem(err);
    rng_init(&r, seed, 0, name, "background");
    paint_make_tile(tile, seed, name);
    gx = rng_range(&r, 0.15, 0.55);
    for (c = 0; c < 3; c++) {
        wall[c] = gx * rng_range(&r, 0.75, 1.25);
        low[c] = wall[c] * rng_range(&r, 0.35, 0.8);
    }
    gx = rng_range(&r, -0.4, 0.4);
    n = 4 + (int)rng_below(&r, 5);
    for (i = 0; i < n; i++) {
        struct box *b = &boxes[i];

        b->x0 = rng_range(&r, -0.1, 0.95);
        b->x1 = b->x0 + rng_range(&r, 0.06, 0.35);
        b->y0 = rng_range(&r, -0.1, 0.9);
        b->y1 = b->y0 + rng_range(&r, 0.08, 0.6);
        b->soft = rng_range(&r, 0.004, 0.02);
        k = rng_range(&r, 0.04, 0.55);
        for (c = 0; c < 3; c++)
            b->c[c] = k * rng_range(&r, 0.7, 1.3);
    }
    for (y = 0; y < out->height; y++)
        for (x = 0; x < out->width; x++) {
            double px = (double)x / out->width, py = (double)y / out->height, v[3];
            double grain = 0.05 * paint_noise(tile, px * 12, py * 10) +
                           0.05 * paint_noise(tile, px * 70, py * 55) +
                           0.03 * paint_noise(tile, px * 190, py * 150);

            gy = 1 + gx * (px - 0.5);
            for (c = 0; c < 3; c++)
                v[c] = (wall[c] + (low[c] - wall[c]) * py * py) * gy;
            for (i = 0; i < n; i++) {
                const struct box *b = &boxes[i];
                double d = fmin(fmin(px - b->x0, b->x1 - px), fmin(py - b->y0, b->y1 - py));
                k = d / b->soft + 0.5;
                k = k < 0 ? 0 : k > 1 ? 1 : k;
                for (c = 0; c < 3; c++)
                    v[c] += (b->c[c] - v[c]) * k;
            }
            for (c = 0; c < 3; c++)
                image_row(out, y)[3 * x + c] = to_byte(v[c] * (1 + 2 * grain));
        }
    free(tile);
    return 0;
}
