#include "swap/poisson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define MAX_CYCLES    30
#define COARSE_SWEEPS 8
#define MARGIN        16 /* floats before and after the planes, so that neighbours can be read */
#define LINE_MAX      4096

/*
 * Storage. Points (x, y) with x + y even are red, the others black, as on a chessboard; each colour
 * has rows of its own without gaps, so that all arithmetic runs on whole vectors. Entry i of row y
 * of colour c is the point x = 2 i + ((y + c) & 1). Of its four neighbours, all of the other
 * colour, three are entry i: one beside it, one above, one below; the fourth is entry i - 1 or i +
 * 1 of its own row, see beside().
 */
enum colour { RED, BLACK };

static ptrdiff_t at_row(const struct poisson_level *l, enum colour c, int y)
{
    return ((ptrdiff_t)c * l->h + y) * l->stride;
}

static int beside(enum colour c, int y)
{
    return ((y + (int)c) & 1) ? 1 : -1;
}

static size_t plane_size(const struct poisson_level *l)
{
    return 2 * (size_t)l->h * (size_t)l->stride;
}

static float *take(float **at, size_t n)
{
    float *p = *at + MARGIN;

    *at += n + 2 * MARGIN;
    return p;
}

static int make_levels(struct poisson *p, int w, int h, struct err *err)
{
    size_t need = 0, rows = 0;
    struct poisson_span *span;
    float *at;
    int i;

    for (p->levels = 0; p->levels < POISSON_LEVELS;) {
        struct poisson_level *l = &p->level[p->levels++];

        l->w = w;
        l->h = h;
        l->stride = (w / 2 + 1 + 7) / 8 * 8;
        need += 5 * (plane_size(l) + 2 * MARGIN);
        rows += (size_t)h;
        if (w <= 5 || h <= 5)
            break;
        w = w / 2 + 1;
        h = h / 2 + 1;
    }
    need += 2 * (plane_size(&p->level[0]) + 2 * MARGIN);
    if (mem_grow(&p->memory, &p->capacity, need, sizeof *p->memory) ||
        mem_grow(&p->spans, &p->spans_cap, rows, sizeof *p->spans))
        return err_nomem(err);
    memset(p->memory, 0, need * sizeof *p->memory);
    at = p->memory;
    span = p->spans;
    for (i = 0; i < p->levels; i++) {
        struct poisson_level *l = &p->level[i];
        size_t n = plane_size(l);

        l->v = take(&at, n);
        l->f = take(&at, n);
        l->r = take(&at, n);
        l->diagonal = take(&at, n);
        l->inverse = take(&at, n);
        l->span = span;
        span += l->h;
    }
    p->x = take(&at, plane_size(&p->level[0]));
    p->step = take(&at, plane_size(&p->level[0]));
    return 0;
}

static float *point(const struct poisson_level *l, float *plane, int x, int y)
{
    return plane + at_row(l, (enum colour)((x + y) & 1), y) + x / 2;
}

static bool is_free(const struct poisson_level *l, int x, int y)
{
    return x < l->w && y < l->h && *point(l, l->diagonal, x, y) != 0.0f;
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

        for (y = 0; y < l->h; y++) {
            int from = l->w, to = 0;

            for (x = 1; x < l->w - 1 && y >= 1 && y < l->h - 1; x++) {
                if (!(i ? is_free(l - 1, 2 * x, 2 * y) : image_row(mask, y0 + y)[x0 + x] != 0))
                    continue;
                *point(l, l->diagonal, x, y) = 4.0f;
                *point(l, l->inverse, x, y) = 0.25f;
                from = x < from ? x : from;
                to = x + 1;
            }
            l->span[y].from = from < to ? from / 16 * 8 : 0;
            l->span[y].n = from < to ? (to / 2 + 8) / 8 * 8 - l->span[y].from : 0;
        }
        for (y = 1; y < l->h - 1 && i; y++) {
            for (x = 1; x < l->w - 1; x++) {
                float *d = point(l, l->diagonal, x, y);

                if (*d == 0.0f)
                    continue;
                *d = arm(p, i, x, y, -1, 0) + arm(p, i, x, y, 1, 0) + arm(p, i, x, y, 0, -1) +
                     arm(p, i, x, y, 0, 1);
                *point(l, l->inverse, x, y) = 1.0f / *d;
            }
        }
    }
}

/* The four neighbours of entry `from` of a row. */
static struct swap_cross cross(const struct poisson_level *l, const float *v, enum colour c, int y)
{
    const float *row = v + at_row(l, c == RED ? BLACK : RED, y) + l->span[y].from;

    return (struct swap_cross){row, row + beside(c, y), row - l->stride, row + l->stride};
}

/* One row of Gauss-Seidel: v = (neighbours + f) / diagonal on the free points. What is not free
 * becomes 0, or stays with `keep`. */
static void relax(const struct swap_ops *ops, struct poisson_level *l, enum colour c, int y,
                  bool keep)
{
    struct swap_cross near;
    ptrdiff_t o;

    if (y < 1 || y >= l->h - 1 || !l->span[y].n)
        return;
    near = cross(l, l->v, c, y);
    o = at_row(l, c, y) + l->span[y].from;
    (keep ? ops->relax_keep : ops->relax)(l->v + o, &near, l->f + o, l->inverse + o, l->span[y].n);
}

/* Half of a relaxation from v = 0. */
static void start(const struct swap_ops *ops, struct poisson_level *l, int y)
{
    ptrdiff_t o = at_row(l, RED, y) + l->span[y].from;

    if (y >= 1 && y < l->h - 1 && l->span[y].n)
        ops->multiply(l->v + o, l->f + o, l->inverse + o, l->span[y].n);
}

/*
 * The way down: both colours, then the residual, and coarse->f = four times its full weighting (the
 * stencil is not divided by the square of the spacing). Behind the black points the residual is 0
 * on them, so that of the nine points of the weighting only the middle and the corners count, which
 * are red. The steps follow each other by one row, so that the rows are still in the cache.
 */
static void descend(const struct swap_ops *ops, struct poisson_level *fine,
                    struct poisson_level *coarse, bool zero, float *line)
{
    int y;

    for (y = 1; y < fine->h + 2; y++) {
        int behind = y - 2, at = (y - 3) / 2; /* the coarse row whose last fine row is y - 2 */

        if (zero)
            start(ops, fine, y);
        else
            relax(ops, fine, RED, y, true);
        relax(ops, fine, BLACK, y - 1, !zero);
        if (behind >= 1 && behind < fine->h - 1 && fine->span[behind].n) {
            struct swap_cross near = cross(fine, fine->v, RED, behind);
            ptrdiff_t o = at_row(fine, RED, behind) + fine->span[behind].from;

            ops->residual(fine->r + o, fine->v + o, &near, fine->f + o, fine->diagonal + o,
                          fine->span[behind].n);
        }
        if (y >= 5 && y % 2 == 1 && at < coarse->h - 1 && coarse->span[at].n) {
            const struct poisson_span *s = &coarse->span[at];
            const float *r = fine->r + at_row(fine, RED, 2 * at) + 2 * s->from;

            ops->gather(line, r, r - fine->stride, r + fine->stride, 2 * s->n);
            ops->split(coarse->f + at_row(coarse, at & 1 ? BLACK : RED, at) + s->from,
                       coarse->f + at_row(coarse, at & 1 ? RED : BLACK, at) + s->from, line, s->n);
        }
    }
}

/* Row y of the coarse points in their natural order. */
static const float *natural(const struct swap_ops *ops, const struct poisson_level *l, int y,
                            float *line)
{
    ops->join(line, l->v + at_row(l, y & 1 ? BLACK : RED, y),
              l->v + at_row(l, y & 1 ? RED : BLACK, y), l->stride);
    return line;
}

/*
 * v = keep v + bilinear interpolation of coarse->v on the free red points; then, a row behind,
 * black and red, or black only. What the black points hold does not matter: relaxing them looks at
 * red ones alone.
 */
static void ascend(const struct swap_ops *ops, struct poisson_level *fine,
                   const struct poisson_level *coarse, float keep, bool correct, float *line)
{
    float *spare = line + LINE_MAX, *swap;
    int y;

    natural(ops, coarse, 0, line);
    for (y = 1; y < fine->h + 1; y++) {
        if (y < fine->h - 1) {
            const struct poisson_span *s = &fine->span[y];
            ptrdiff_t o = at_row(fine, RED, y) + s->from;

            if (y & 1)
                natural(ops, coarse, y / 2 + 1, spare);
            if (y & 1 && s->n)
                ops->spread(fine->v + o, keep, line + s->from, spare + s->from, fine->inverse + o,
                            s->n);
            if (y & 1)
                swap = line, line = spare, spare = swap;
            else if (s->n)
                ops->add_where(fine->v + o, keep, line + s->from, fine->inverse + o, s->n);
        }
        relax(ops, fine, BLACK, y - 1, !correct);
        if (correct)
            relax(ops, fine, RED, y - 2, false);
    }
    if (correct)
        relax(ops, fine, RED, fine->h - 2, false);
}

/* One V(1,1) cycle on level i; what level i holds in f stays. From v = 0 it is a symmetric operator
 * on f, as a preconditioner of conjugate gradients must be. */
static void cycle(struct poisson *p, const struct swap_ops *ops, int i, bool zero, float *line)
{
    struct poisson_level *l = &p->level[i];
    int k, y;

    if (i == p->levels - 1) {
        if (zero)
            memset(l->v, 0, plane_size(l) * sizeof *l->v);
        for (k = 0; k < 2 * COARSE_SWEEPS; k++) {
            /* red, black, .. and in the second half black, red, .. */
            enum colour c = (k + (k >= COARSE_SWEEPS)) & 1 ? BLACK : RED;

            for (y = 1; y < l->h - 1; y++)
                relax(ops, l, c, y, true);
        }
        return;
    }
    descend(ops, l, l + 1, zero, line);
    cycle(p, ops, i + 1, true, line);
    ascend(ops, l, l + 1, 1.0f, true, line);
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

            for (x = 0; x < l->w; x++)
                *point(l, l->v, x, y) =
                    *point(fine, fine->v, 2 * x < fine->w ? 2 * x : fine->w - 1, fy);
        }
        memset(l->f, 0, plane_size(l) * sizeof *l->f);
    }
    for (i = p->levels - 1; i >= 1; i--) {
        struct poisson_level *l = &p->level[i];

        if (i == p->levels - 1)
            cycle(p, ops, i, false, line);
        else {
            descend(ops, l, l + 1, false, line);
            cycle(p, ops, i + 1, true, line);
            /* With the fixed points as they are: they are what the free ones follow from. */
            ascend(ops, l, l + 1, 1.0f, false, line);
        }
        ascend(ops, l - 1, l, 0.0f, false, line);
        memset(l->v, 0, plane_size(l) * sizeof *l->v); /* a correction is 0 where nothing is free */
    }
}

/* Sums and maxima in eight parts, whose order is the same on any processor. */
static double total(const float part[8])
{
    return ((double)part[0] + part[1]) + ((double)part[2] + part[3]) + ((double)part[4] + part[5]) +
           ((double)part[6] + part[7]);
}

static float most(const float part[8])
{
    float m = part[0];
    int i;

    for (i = 1; i < 8; i++)
        m = part[i] > m ? part[i] : m;
    return m;
}

#define EACH_ROW(l, c, y, o)                                                                       \
    for (c = RED; c <= BLACK; c++)                                                                 \
        for (y = 1; y < (l)->h - 1; y++)                                                           \
            if ((l)->span[y].n && (o = at_row(l, (enum colour)c, y) + (l)->span[y].from, true))

/* r = minus the stencil applied to x, on the free points; the largest of them. */
static float what_is_left(const struct swap_ops *ops, const struct poisson_level *l, const float *x,
                          float *r)
{
    float sum[8] = {0}, top[8] = {0};
    ptrdiff_t o;
    int c, y;

    EACH_ROW(l, c, y, o)
    {
        struct swap_cross near = cross(l, x, (enum colour)c, y);

        ops->apply(r + o, x + o, &near, l->diagonal + o, sum, l->span[y].n);
        ops->negate(r + o, top, l->span[y].n);
    }
    return most(top);
}

/* Conjugate gradients with a V cycle as preconditioner: the cycle alone is held up by the few
 * smooth errors that grids which do not fit the mask's edge get wrong. */
static void solve(struct poisson *p, const struct swap_ops *ops, float *line)
{
    struct poisson_level *l = &p->level[0];
    size_t n = plane_size(l);
    double rz = 0, before;
    float left;
    ptrdiff_t o;
    int k, c, y;

    guess(p, ops, line);
    memcpy(p->x, l->v, n * sizeof *p->x);
    memset(l->v, 0, n * sizeof *l->v);
    memset(p->step, 0, n * sizeof *p->step);
    left = what_is_left(ops, l, p->x, l->f);
    for (k = 0; k < MAX_CYCLES && !(left < 0.8f * (float)POISSON_RESIDUAL); k++) {
        float sum[8] = {0}, slope[8] = {0}, top[8] = {0}, a;

        cycle(p, ops, 0, true, line);
        before = rz;
        EACH_ROW(l, c, y, o)
        ops->dot(l->f + o, l->v + o, sum, l->span[y].n);
        rz = total(sum);
        EACH_ROW(l, c, y, o)
        ops->follow(p->step + o, k ? (float)(rz / before) : 0.0f, l->v + o, l->span[y].n);
        EACH_ROW(l, c, y, o)
        {
            struct swap_cross near = cross(l, p->step, (enum colour)c, y);

            ops->apply(l->r + o, p->step + o, &near, l->diagonal + o, slope, l->span[y].n);
        }
        if (!(total(slope) > 0))
            break;
        a = (float)(rz / total(slope));
        EACH_ROW(l, c, y, o)
        ops->advance(p->x + o, l->f + o, p->step + o, l->r + o, a, top, l->span[y].n);
        left = most(top);
    }
    p->cycles = k > p->cycles ? k : p->cycles;
    /* What was really reached, without the drift of the recurrence. */
    left = what_is_left(ops, l, p->x, l->r);
    p->residual = left > p->residual ? left : p->residual;
}

/* Where nothing is free, x is bg - fg and this gives bg back. */
static void write_out(const struct poisson *p, struct image *out, const struct image *fg,
                      struct rect area, int c)
{
    const struct poisson_level *l = &p->level[0];
    int i, y, k;

    for (y = 1; y < l->h - 1; y++) {
        const struct poisson_span *s = &l->span[y];

        for (k = RED; k <= BLACK; k++) {
            ptrdiff_t o = at_row(l, (enum colour)k, y) + s->from, x = 2 * s->from + ((y + k) & 1);
            const uint8_t *f = image_row(fg, area.y0 + y) + 3 * (area.x0 + x) + c;
            uint8_t *q = image_row(out, area.y0 + y) + 3 * (area.x0 + x) + c;
            int n = (l->w - 1 - (int)x + 1) / 2;

            n = n < s->n ? n : s->n;
            for (i = 0; i < n; i++) {
                float u = (float)f[6 * i] + p->x[o + i];

                u = u < 0 ? 0 : u > 255 ? 255 : u;
                q[6 * i] = (uint8_t)(int)(u + 0.5f);
            }
        }
    }
}

int poisson_blend(struct poisson *p, const struct swap_ops *ops, struct image *out,
                  const struct image *fg, const struct image *bg, const struct image *mask,
                  struct rect area, struct err *err)
{
    struct poisson_level *l = &p->level[0];
    float line[2 * LINE_MAX];
    int c, i, k, y, w, h, r;

    p->residual = 0;
    p->cycles = 0;
    /* The ring of fixed points around the area. */
    area = rect_intersect((struct rect){area.x0 - 1, area.y0 - 1, area.x1 + 1, area.y1 + 1},
                          (struct rect){0, 0, bg->width, bg->height});
    w = rect_width(area);
    h = rect_height(area);
    if (w + 64 > LINE_MAX)
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
            for (k = RED; k <= BLACK; k++) {
                int x = (y + k) & 1;
                const uint8_t *f = image_row(fg, area.y0 + y) + 3 * (area.x0 + x) + c;
                const uint8_t *b = image_row(bg, area.y0 + y) + 3 * (area.x0 + x) + c;
                float *v = l->v + at_row(l, (enum colour)k, y);

                for (i = 0; i < (w - x + 1) / 2; i++)
                    v[i] = (float)(b[6 * i] - f[6 * i]);
            }
        }
        solve(p, ops, line);
        write_out(p, out, fg, area, c);
    }
    return 0;
}

void poisson_release(struct poisson *p)
{
    free(p->memory);
    free(p->spans);
    *p = (struct poisson){0};
}
