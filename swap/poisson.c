#include "swap/poisson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define MAX_CYCLES    20
#define COARSE_SWEEPS 8
#define PLANES        6
#define MARGIN        16 /* floats before and after each plane, so that neighbours can be read */

static int make_levels(struct poisson *p, int w, int h, struct err *err)
{
    size_t need = 0, plane;
    float *at;
    int i, k;

    p->levels = 0;
    for (i = 0; i < POISSON_LEVELS; i++) {
        struct poisson_level *l = &p->level[i];

        l->w = w;
        l->h = h;
        l->stride = (w + 2 + 7) / 8 * 8;
        need += PLANES * ((size_t)l->stride * ((size_t)h + 2) + 2 * MARGIN);
        p->levels++;
        if (w <= 5 || h <= 5)
            break;
        w = w / 2 + 1;
        h = h / 2 + 1;
    }
    plane = (size_t)p->level[0].stride * ((size_t)p->level[0].h + 2) + 2 * MARGIN;
    need += 2 * plane + (size_t)p->level[0].stride;
    if (mem_grow(&p->memory, &p->capacity, need, sizeof *p->memory))
        return err_nomem(err);
    memset(p->memory, 0, need * sizeof *p->memory);
    at = p->memory;
    for (i = 0; i < p->levels; i++) {
        struct poisson_level *l = &p->level[i];
        float **planes[PLANES] = {&l->v, &l->f, &l->r, &l->diagonal, &l->red, &l->black};

        for (k = 0; k < PLANES; k++) {
            *planes[k] = at + MARGIN;
            at += (size_t)l->stride * ((size_t)l->h + 2) + 2 * MARGIN;
        }
    }
    p->x = at + MARGIN;
    p->step = p->x + plane;
    p->zero = p->step + plane - MARGIN;
    return 0;
}

static bool is_free(const struct poisson_level *l, int x, int y)
{
    return x < l->w && y < l->h && l->diagonal[(ptrdiff_t)y * l->stride + x] != 0.0f;
}

/* The stencil's weight towards the neighbour (dx, dy) of the free point (x, y) of level i. A fixed
 * neighbour counts with where the mask really ends, at a part of the grid's spacing. */
static float arm(const struct poisson *p, int i, int x, int y, int dx, int dy)
{
    int spacing = 1 << i, n;

    if (i == 0 || is_free(&p->level[i], x + dx, y + dy))
        return 1.0f;
    for (n = 1; n < spacing; n++) {
        if (!is_free(&p->level[0], x * spacing + n * dx, y * spacing + n * dy))
            break;
    }
    return (float)spacing / (float)n;
}

/* The stencils of all levels. A coarse point is free if the fine point it sits on is. */
static void make_stencils(struct poisson *p, const struct image *mask, int x0, int y0)
{
    int i, x, y;

    for (i = 0; i < p->levels; i++) {
        struct poisson_level *l = &p->level[i];

        for (y = 1; y < l->h - 1; y++) {
            float *d = l->diagonal + (ptrdiff_t)y * l->stride;

            for (x = 1; x < l->w - 1; x++) {
                bool set = i ? is_free(l - 1, 2 * x, 2 * y) : image_row(mask, y0 + y)[x0 + x] != 0;

                d[x] = set ? 4.0f : 0.0f;
            }
        }
        for (y = 1; y < l->h - 1; y++) {
            ptrdiff_t o = (ptrdiff_t)y * l->stride;
            float *d = l->diagonal + o;

            for (x = 1; x < l->w - 1; x++) {
                if (d[x] == 0.0f)
                    continue;
                if (i)
                    d[x] = arm(p, i, x, y, -1, 0) + arm(p, i, x, y, 1, 0) + arm(p, i, x, y, 0, -1) +
                           arm(p, i, x, y, 0, 1);
                ((x + y) & 1 ? l->black : l->red)[o + x] = 1.0f / d[x];
            }
        }
    }
}

static void relax_line(const struct swap_ops *ops, struct poisson_level *l, bool red, int y)
{
    const float *w = red ? l->red : l->black;
    ptrdiff_t o = (ptrdiff_t)y * l->stride + 1;

    if (y >= 1 && y < l->h - 1)
        ops->relax_row(l->v + o, l->v + o - l->stride, l->v + o + l->stride, l->f + o, w + o,
                       l->w - 2);
}

static void relax(const struct swap_ops *ops, struct poisson_level *l, bool red)
{
    int y;

    for (y = 1; y < l->h - 1; y++)
        relax_line(ops, l, red, y);
}

/* r = f - (the stencil applied to v), on the free points; f NULL = 0. */
static void residual(const struct poisson *p, const struct swap_ops *ops,
                     const struct poisson_level *l, const float *f, const float *v, float *r)
{
    int y;

    for (y = 1; y < l->h - 1; y++) {
        ptrdiff_t o = (ptrdiff_t)y * l->stride + 1;

        ops->residual_row(r + o, v + o, v + o - l->stride, v + o + l->stride, f ? f + o : p->zero,
                          l->diagonal + o, l->w - 2);
    }
}

/* The way down: both colours, the residual, and coarse->f = four times its full weighting (the
 * stencil is not divided by the square of the spacing). The steps follow each other by one row,
 * so that the rows are still in the cache. Also clears coarse->v. */
static void descend(const struct swap_ops *ops, struct poisson_level *fine,
                    struct poisson_level *coarse, float *line)
{
    int x, y;

    memset(coarse->v, 0, (size_t)coarse->stride * coarse->h * sizeof *coarse->v);
    for (y = 1; y < fine->h + 2; y++) {
        ptrdiff_t o = (ptrdiff_t)(y - 2) * fine->stride;
        int at = (y - 3) / 2; /* the coarse row whose last fine row, 2 at + 1, is y - 2 */

        relax_line(ops, fine, true, y);
        relax_line(ops, fine, false, y - 1);
        if (y - 2 >= 1 && y - 2 < fine->h - 1)
            ops->residual_row(fine->r + o + 1, fine->v + o + 1, fine->v + o + 1 - fine->stride,
                              fine->v + o + 1 + fine->stride, fine->f + o + 1,
                              fine->diagonal + o + 1, fine->w - 2);
        if (y >= 5 && y % 2 == 1 && at < coarse->h - 1) {
            const float *up = fine->r + o - 2 * fine->stride, *r = up + fine->stride;
            const float *down = fine->r + o;

            for (x = 0; x < fine->w + 1; x++)
                line[x] = up[x] + 2.0f * r[x] + down[x];
            ops->gather_row(coarse->f + (ptrdiff_t)at * coarse->stride + 1, line + 2,
                            coarse->w - 2);
        }
    }
}

/* fine->v = keep * fine->v + bilinear interpolation of coarse->v, on the free points; then, a row
 * behind, both colours in the other order. */
static void prolong(const struct swap_ops *ops, struct poisson_level *fine,
                    const struct poisson_level *coarse, float keep, bool then_relax, float *line)
{
    int y;

    for (y = 1; y < fine->h - 1; y++) {
        const float *a = coarse->v + (ptrdiff_t)(y / 2) * coarse->stride;
        const float *b = y & 1 ? a + coarse->stride : a;
        ptrdiff_t o = (ptrdiff_t)y * fine->stride + 1;

        ops->spread_row(line, a, b, coarse->w);
        ops->add_masked(fine->v + o, keep, line + 1, fine->diagonal + o, fine->w - 2);
        if (then_relax) {
            relax_line(ops, fine, false, y - 1);
            relax_line(ops, fine, true, y - 2);
        }
    }
    if (then_relax) {
        relax_line(ops, fine, false, y - 1);
        relax_line(ops, fine, true, y - 2);
        relax_line(ops, fine, true, y - 1);
    }
}

/* One V(1,1) cycle on level i; what level i holds in f stays. From v = 0 it is a symmetric operator
 * on f, as a preconditioner of conjugate gradients must be. */
static void cycle(struct poisson *p, const struct swap_ops *ops, int i, float *line)
{
    struct poisson_level *l = &p->level[i];
    int k;

    if (i == p->levels - 1) {
        for (k = 0; k < COARSE_SWEEPS; k++) {
            relax(ops, l, k < COARSE_SWEEPS / 2);
            relax(ops, l, k >= COARSE_SWEEPS / 2);
        }
        return;
    }
    descend(ops, l, l + 1, line);
    cycle(p, ops, i + 1, line);
    prolong(ops, l, l + 1, 1.0f, true, line);
}

/* Level 0 holds bg - fg everywhere; afterwards its free points hold a first guess, from solving
 * on every coarser grid with the values that bg - fg has there. */
static void guess(struct poisson *p, const struct swap_ops *ops, float *line)
{
    int i, x, y;

    for (i = 1; i < p->levels; i++) {
        struct poisson_level *l = &p->level[i], *fine = l - 1;

        for (y = 0; y < l->h; y++) {
            int fy = 2 * y < fine->h ? 2 * y : fine->h - 1;

            for (x = 0; x < l->w; x++) {
                int fx = 2 * x < fine->w ? 2 * x : fine->w - 1;

                l->v[(ptrdiff_t)y * l->stride + x] = fine->v[(ptrdiff_t)fy * fine->stride + fx];
            }
        }
        memset(l->f, 0, (size_t)l->stride * l->h * sizeof *l->f);
    }
    for (i = p->levels - 1; i >= 1; i--) {
        cycle(p, ops, i, line);
        prolong(ops, &p->level[i - 1], &p->level[i], 0.0f, false, line);
    }
}

/* Conjugate gradients with a V cycle as preconditioner: the cycle alone is held up by the few
 * smooth errors that grids which do not fit the mask's edge get wrong. */
static void solve(struct poisson *p, const struct swap_ops *ops, float *line)
{
    struct poisson_level *l = &p->level[0];
    size_t n = (size_t)l->stride * l->h;
    double rz = 0, before;
    int k;

    memset(l->r, 0, n * sizeof *l->r);
    memset(l->f, 0, n * sizeof *l->f);
    guess(p, ops, line);
    memcpy(p->x, l->v, n * sizeof *p->x);
    residual(p, ops, l, NULL, p->x, l->f);
    memset(p->step, 0, n * sizeof *p->step);
    for (k = 0; k < MAX_CYCLES; k++) {
        double slope, a;

        if (ops->largest(l->f, n) < 0.8 * POISSON_RESIDUAL)
            break;
        memset(l->v, 0, n * sizeof *l->v);
        cycle(p, ops, 0, line);
        before = rz;
        rz = -ops->dot(l->f, l->v, n); /* the stencil is negative definite */
        ops->combine(p->step, k ? (float)(rz / before) : 0.0f, l->v, 1.0f, n);
        residual(p, ops, l, NULL, p->step, l->r);
        slope = ops->dot(p->step, l->r, n);
        if (!(slope > 0))
            break;
        a = rz / slope;
        ops->combine(p->x, 1.0f, p->step, (float)a, n);
        ops->combine(l->f, 1.0f, l->r, (float)a, n);
    }
    p->cycles = k > p->cycles ? k : p->cycles;
    /* What was really reached, without the drift of the recurrence. */
    residual(p, ops, l, NULL, p->x, l->r);
    rz = ops->largest(l->r, n);
    p->residual = rz > p->residual ? rz : p->residual;
}

int poisson_blend(struct poisson *p, const struct swap_ops *ops, struct image *out,
                  const struct image *fg, const struct image *bg, const struct image *mask,
                  struct rect area, struct err *err)
{
    struct poisson_level *l = &p->level[0];
    float line[IMAGE_MAX_SIDE / 8];
    int c, x, y, w, h, r;

    p->residual = 0;
    p->cycles = 0;
    /* The ring of fixed points around the area. */
    area = rect_intersect((struct rect){area.x0 - 1, area.y0 - 1, area.x1 + 1, area.y1 + 1},
                          (struct rect){0, 0, bg->width, bg->height});
    w = rect_width(area);
    h = rect_height(area);
    if (w + 16 > (int)(sizeof line / sizeof *line))
        return err_set(err, ERR_DATA, "area of %d pixels is too wide to clone", w);
    if (out != bg && (r = image_copy(out, bg, err)))
        return r;
    if (w < 3 || h < 3)
        return 0;
    if ((r = make_levels(p, w, h, err)))
        return r;
    make_stencils(p, mask, area.x0, area.y0);
    memset(line, 0, sizeof line);

    for (c = 0; c < 3; c++) {
        for (y = 0; y < h; y++) {
            const uint8_t *f = image_row(fg, area.y0 + y) + 3 * area.x0 + c;
            const uint8_t *b = image_row(bg, area.y0 + y) + 3 * area.x0 + c;
            float *v = l->v + (ptrdiff_t)y * l->stride;

            for (x = 0; x < w; x++)
                v[x] = (float)(b[3 * x] - f[3 * x]);
        }
        solve(p, ops, line);
        for (y = 1; y < h - 1; y++) {
            const uint8_t *f = image_row(fg, area.y0 + y) + 3 * area.x0 + c;
            const float *v = p->x + (ptrdiff_t)y * l->stride;
            uint8_t *o = image_row(out, area.y0 + y) + 3 * area.x0 + c;

            /* Where nothing is free, v is bg - fg and this gives bg back. */
            for (x = 1; x < w - 1; x++) {
                float u = (float)f[3 * x] + v[x];

                u = u < 0 ? 0 : u > 255 ? 255 : u;
                o[3 * x] = (uint8_t)(int)(u + 0.5f);
            }
        }
    }
    return 0;
}

void poisson_release(struct poisson *p)
{
    free(p->memory);
    *p = (struct poisson){0};
}
