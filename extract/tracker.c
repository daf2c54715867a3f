#include "extract/tracker.h"

#include <math.h>
#include <stdlib.h>

#define LANDMARKS 68

void tracker_start(struct tracker *t)
{
    t->n = 0;
    t->next = 0;
}

void tracker_cut(struct tracker *t)
{
    t->n = 0;
}

/* ---- looks -----------------------------------------------------------------------------------*/

static int limited(double v, int hi)
{
    return v < 0 ? 0 : v > hi ? hi : (int)v;
}

/* Mean colour of a cell: of 16 pixels spread over it, those beyond the frame taken at its edge. */
static void cell_mean(const struct image *img, double x0, double y0, double side, uint8_t *out)
{
    int sum[3] = {0}, i, j, c;

    for (j = 0; j < 4; j++) {
        const uint8_t *row = image_row(img, limited(y0 + side * (2 * j + 1) / 8, img->height - 1));

        for (i = 0; i < 4; i++) {
            const uint8_t *p = row + 3 * limited(x0 + side * (2 * i + 1) / 8, img->width - 1);

            for (c = 0; c < 3; c++)
                sum[c] += p[c];
        }
    }
    for (c = 0; c < 3; c++)
        out[c] = (uint8_t)((sum[c] + 8) / 16);
}

void track_see(struct track_sight *s, const struct image *img, struct rect box,
               const struct point *p)
{
    double x = 0, y = 0, square = 0, side;
    int i, j;

    s->box = box;
    for (i = 0; i < LANDMARKS; i++) {
        x += p[i].x / LANDMARKS;
        y += p[i].y / LANDMARKS;
    }
    for (i = 0; i < LANDMARKS; i++)
        square += ((p[i].x - x) * (p[i].x - x) + (p[i].y - y) * (p[i].y - y)) / LANDMARKS;
    side = 2 * TRACK_SPAN * sqrt(square);
    for (j = 0; j < TRACK_CELLS; j++)
        for (i = 0; i < TRACK_CELLS; i++)
            cell_mean(img, x + side * ((double)i / TRACK_CELLS - 0.5),
                      y + side * ((double)j / TRACK_CELLS - 0.5), side / TRACK_CELLS,
                      s->looks.cell[j][i]);
}

/* Mean difference, the means of the three channels evened out (light changes, people do not). */
static double looks_apart(const struct track_looks *a, const struct track_looks *b)
{
    const int n = TRACK_CELLS * TRACK_CELLS;
    const uint8_t *p = &a->cell[0][0][0], *q = &b->cell[0][0][0];
    int sum[3] = {0}, i, total = 0;

    for (i = 0; i < 3 * n; i++)
        sum[i % 3] += p[i] - q[i];
    for (i = 0; i < 3 * n; i++)
        total += abs(p[i] - q[i] - sum[i % 3] / n);
    return (double)total / (3 * n);
}

/* ---- joining ---------------------------------------------------------------------------------*/

/* How far apart, in sides; negative if they cannot be one person. */
static double distance(const struct track *t, const struct track_sight *s)
{
    struct rect box = s->box;
    double a = fmax(rect_width(t->box), 1), b = fmax(rect_width(box), 1), side = sqrt(a * b);
    double dx = (t->box.x0 + t->box.x1 - box.x0 - box.x1) / 2.0;
    double dy = (t->box.y0 + t->box.y1 - box.y0 - box.y1) / 2.0;
    double d = hypot(dx, dy) / side;

    if (d > TRACK_REACH * (1 + 0.25 * t->missed) || fmax(a, b) > TRACK_ZOOM * fmin(a, b) ||
        looks_apart(&t->looks, &s->looks) > TRACK_LOOKS)
        return -1;
    return d;
}

static void drop_ended(struct tracker *t)
{
    int i, kept = 0;

    for (i = 0; i < t->n; i++)
        if (t->track[i].missed < TRACK_PATIENCE)
            t->track[kept++] = t->track[i];
    t->n = kept;
}

static void begin(struct tracker *t, const struct track_sight *s, int *number)
{
    int i, at = t->n;

    if (at == DETECT_MAX_FACES) { /* full of tracks: the one missed longest makes place */
        at = 0;
        for (i = 1; i < t->n; i++)
            if (t->track[i].missed > t->track[at].missed)
                at = i;
    } else {
        t->n++;
    }
    *number = t->next++;
    t->track[at] = (struct track){.number = *number, .box = s->box, .looks = s->looks};
}

void tracker_step(struct tracker *t, const struct track_sight *seen, int n, int *numbers)
{
    double apart[DETECT_MAX_FACES][DETECT_MAX_FACES]; /* track, face */
    int i, k;

    for (i = 0; i < n; i++) {
        numbers[i] = -1;
        for (k = 0; k < t->n; k++)
            apart[k][i] = distance(&t->track[k], &seen[i]);
    }
    for (k = 0; k < t->n; k++)
        t->track[k].missed++;
    for (;;) { /* the nearest pair that is still free */
        int best_k = -1, best_i = -1;

        for (k = 0; k < t->n; k++)
            for (i = 0; i < n; i++)
                if (numbers[i] < 0 && t->track[k].missed && apart[k][i] >= 0 &&
                    (best_k < 0 || apart[k][i] < apart[best_k][best_i])) {
                    best_k = k;
                    best_i = i;
                }
        if (best_k < 0)
            break;
        numbers[best_i] = t->track[best_k].number;
        t->track[best_k] = (struct track){
            .number = numbers[best_i], .box = seen[best_i].box, .looks = seen[best_i].looks};
    }
    drop_ended(t);
    for (i = 0; i < n; i++)
        if (numbers[i] < 0)
            begin(t, &seen[i], &numbers[i]);
}
