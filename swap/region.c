#include "swap/region.h"

#include <math.h>

const char *const region_names[REGION_KINDS + 1] = {
    "dfl", "extended", "components", "full", "inner", NULL,
};

/* Which landmarks, from .. to inclusive; a part is the hull of some spans. */
struct span {
    signed char from, to; /* from < 0 = end */
};

#define END                                                                                        \
    {                                                                                              \
        -1, -1                                                                                     \
    }

static const struct span dfl[][6] = {
    {{0, 16}, {48, 67}, END},
    {{27, 30}, {33, 33}, END},
    {{17, 26}, {0, 0}, {27, 27}, {16, 16}, {33, 33}, END},
};

static const struct span components[][6] = {
    {{0, 8}, {17, 17}, END},                     /* jaw, left in the image */
    {{8, 16}, {26, 26}, END},                    /* jaw, right */
    {{17, 19}, {8, 8}, END},                     /* cheek, left */
    {{24, 26}, {8, 8}, END},                     /* cheek, right */
    {{19, 24}, {8, 8}, END},                     /* nose ridge */
    {{17, 21}, {27, 27}, {31, 35}, {8, 8}, END}, /* eye, left */
    {{22, 26}, {27, 27}, {31, 35}, {8, 8}, END}, /* eye, right */
    {{27, 35}, END},                             /* nose */
};

static const struct span inner[][6] = {{{17, 67}, END}};

enum region_kind region_draw(unsigned allowed, struct rng *rng)
{
    int kinds[REGION_KINDS], n = 0, k;

    for (k = 0; k < REGION_KINDS; k++) {
        if (allowed & 1u << k)
            kinds[n++] = k;
    }
    k = (int)rng_below(rng, n ? (uint32_t)n : 1);
    return n ? (enum region_kind)kinds[k] : REGION_FULL;
}

static void add_parts(struct region *region, const struct point *p, const struct span (*spans)[6],
                      int n)
{
    int i, j, k;

    region->parts = n;
    for (i = 0; i < n; i++) {
        struct point points[LANDMARKS_MAX];
        int m = 0;

        for (j = 0; spans[i][j].from >= 0; j++) {
            for (k = spans[i][j].from; k <= spans[i][j].to; k++)
                points[m++] = p[k];
        }
        region->part[i].n = convex_hull(points, m, region->part[i].p);
    }
}

static struct point between(struct point a, struct point b, double t)
{
    return (struct point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

/* Each brow point goes away from a point of the eye below it by half of their distance; beside the
 * eye that is a quarter of the way from its corner to the jaw. */
static void lift_brows(struct point *p)
{
    struct point below[10];
    int i;

    below[0] = between(p[36], p[0], 0.25);
    below[9] = between(p[45], p[16], 0.25);
    for (i = 0; i < 4; i++) {
        below[1 + i] = p[36 + i];
        below[5 + i] = p[42 + i];
    }
    for (i = 0; i < 10; i++)
        p[17 + i] = between(below[i], p[17 + i], 1.5);
}

void region_of_face(const struct landmarks *l, enum region_kind kind, enum hull_kind hull,
                    double lift, struct region *region, enum hull_kind *used)
{
    struct landmarks lifted = *l;

    *used = HULL_PLAIN;
    switch (kind) {
    case REGION_DFL:
        add_parts(region, l->p, dfl, 3);
        break;
    case REGION_EXTENDED:
        lift_brows(lifted.p);
        add_parts(region, lifted.p, components, 8);
        break;
    case REGION_COMPONENTS:
        add_parts(region, l->p, components, 8);
        break;
    case REGION_INNER:
        add_parts(region, l->p, inner, 1);
        break;
    default:
        region->parts = 1;
        hull_of_face(l, hull, lift, &region->part[0], used);
    }
}

void region_transform(struct region *region, const struct mat3 *m)
{
    int i;

    for (i = 0; i < region->parts; i++)
        polygon_transform(&region->part[i], m);
}

void region_refine(struct region *region, double step)
{
    int i;

    for (i = 0; i < region->parts; i++)
        polygon_refine(&region->part[i], step);
}

void region_clip(struct region *region, const struct polygon *window)
{
    int i;

    for (i = 0; i < region->parts; i++)
        polygon_clip(&region->part[i], window);
}

struct rect region_bounds(const struct region *region)
{
    struct rect b = {0, 0, 0, 0};
    int i;

    for (i = 0; i < region->parts; i++)
        b = rect_union(b, polygon_bounds(&region->part[i]));
    return b;
}

struct rect region_fill(struct image *mask, const struct region *region, uint8_t value)
{
    struct rect b = {0, 0, 0, 0};
    int i;

    for (i = 0; i < region->parts; i++)
        b = rect_union(b, polygon_fill(mask, &region->part[i], 0, 0, value));
    return b;
}

void region_deform(struct region *region, double side, double sd_px, struct rng *rng)
{
    struct point move[REGION_NODES][REGION_NODES];
    int i, j, k;

    for (i = 0; i < REGION_NODES; i++) {
        for (j = 0; j < REGION_NODES; j++) {
            move[i][j].x = sd_px * rng_normal(rng);
            move[i][j].y = sd_px * rng_normal(rng);
        }
    }
    for (k = 0; k < region->parts; k++) {
        for (i = 0; i < region->part[k].n; i++) {
            struct point *p = &region->part[k].p[i], a, b, c;
            double u = fmin(fmax(p->x / side, 0), 1) * (REGION_NODES - 1);
            double v = fmin(fmax(p->y / side, 0), 1) * (REGION_NODES - 1);
            int x = u < REGION_NODES - 2 ? (int)u : REGION_NODES - 2;
            int y = v < REGION_NODES - 2 ? (int)v : REGION_NODES - 2;

            u -= x;
            v -= y;
            /* The triangle above or below the cell's diagonal: corner a and the edges from it. */
            if (u + v <= 1) {
                a = move[y][x], b = move[y][x + 1], c = move[y + 1][x];
            } else {
                a = move[y + 1][x + 1], b = move[y + 1][x], c = move[y][x + 1];
                u = 1 - u;
                v = 1 - v;
            }
            p->x += a.x + u * (b.x - a.x) + v * (c.x - a.x);
            p->y += a.y + u * (b.y - a.y) + v * (c.y - a.y);
        }
    }
}
