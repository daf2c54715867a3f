#include "swap/hull.h"

#define POINTS 68
#define BROWS  10

static struct point mean(const struct point *p, int n)
{
    struct point m = {0, 0};
    int i;

    for (i = 0; i < n; i++) {
        m.x += p[i].x;
        m.y += p[i].y;
    }
    return (struct point){m.x / n, m.y / n};
}

void hull_of_face(const struct landmarks *l, enum hull_kind kind, double lift, struct polygon *hull,
                  enum hull_kind *used)
{
    struct point points[LANDMARKS_MAX + BROWS];
    int n = l->n < POINTS ? l->n : POINTS, i;

    if (kind == HULL_MEASURED)
        kind = l->n == LANDMARKS_MAX ? HULL_MEASURED : HULL_EXTENDED;
    if (kind == HULL_MEASURED)
        n = LANDMARKS_MAX;
    for (i = 0; i < n; i++)
        points[i] = l->p[i];
    if (kind == HULL_EXTENDED) {
        struct point brows = mean(l->p + 17, BROWS), eyes = mean(l->p + 36, 12);

        for (i = 0; i < BROWS; i++) {
            points[n].x = l->p[17 + i].x + lift * (brows.x - eyes.x);
            points[n++].y = l->p[17 + i].y + lift * (brows.y - eyes.y);
        }
    }
    hull->n = convex_hull(points, n, hull->p);
    *used = kind;
}

const char *hull_name(enum hull_kind kind)
{
    static const char *const names[] = {"measured", "extended", "plain"};

    return names[kind];
}
