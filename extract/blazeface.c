#include "extract/blazeface.h"

#include <math.h>
#include <string.h>

static const struct {
    int cells, anchors, first; /* cells a side, anchors a cell, number of the first anchor */
} grids[2] = {{16, 2, 0}, {8, 6, 16 * 16 * 2}};

int blaze_outputs_find(struct blaze_outputs *o, const struct net *n, const char *name,
                       struct err *err)
{
    const struct net_value *in = &n->values[n->input];
    int g, k;

    *o = (struct blaze_outputs){.scores = {-1, -1}, .boxes = {-1, -1}, .side = in->width};
    for (k = 0; k < n->n_outputs; k++) {
        const struct net_value *v = &n->values[n->outputs[k]];

        for (g = 0; g < 2; g++) {
            if (v->height != grids[g].cells || v->width != grids[g].cells)
                continue;
            if (v->channels == grids[g].anchors)
                o->scores[g] = k;
            else if (v->channels == grids[g].anchors * BLAZE_NUMBERS)
                o->boxes[g] = k;
        }
    }
    if (in->width != in->height || o->scores[0] < 0 || o->scores[1] < 0 || o->boxes[0] < 0 ||
        o->boxes[1] < 0)
        return err_set(err, ERR_DATA, "'%s' is no BlazeFace with %d anchors", name, BLAZE_ANCHORS);
    return 0;
}

void blaze_anchor(int number, float *x, float *y)
{
    int g = number >= grids[1].first;
    int cell = (number - grids[g].first) / grids[g].anchors;

    *x = ((float)(cell % grids[g].cells) + 0.5f) / (float)grids[g].cells;
    *y = ((float)(cell / grids[g].cells) + 0.5f) / (float)grids[g].cells;
}

static float probability(float raw)
{
    if (raw < -BLAZE_CLIP)
        raw = -BLAZE_CLIP;
    if (raw > BLAZE_CLIP)
        raw = BLAZE_CLIP;
    return 1 / (1 + expf(-raw));
}

int blaze_decode(int grid, const float *scores, const float *boxes, int side, float threshold,
                 struct blaze_face *faces, int n, int max)
{
    int count = grids[grid].cells * grids[grid].cells * grids[grid].anchors, i, k;
    float unit = 1 / (float)side;

    for (i = 0; i < count && n < max; i++) {
        const float *b = boxes + (ptrdiff_t)i * BLAZE_NUMBERS;
        struct blaze_face *f = &faces[n];
        float ax, ay, p = probability(scores[i]);

        if (!(p >= threshold)) /* NaN too */
            continue;
        blaze_anchor(grids[grid].first + i, &ax, &ay);
        f->x = ax + b[0] * unit;
        f->y = ay + b[1] * unit;
        f->width = b[2] * unit;
        f->height = b[3] * unit;
        for (k = 0; k < BLAZE_KEYS; k++) {
            f->key[k][0] = ax + b[4 + 2 * k] * unit;
            f->key[k][1] = ay + b[5 + 2 * k] * unit;
        }
        f->score = p;
        n += f->width > 0 && f->height > 0 && isfinite(f->x + f->y + f->width + f->height);
    }
    return n;
}

float blaze_iou(const struct blaze_face *a, const struct blaze_face *b)
{
    float x0 = fmaxf(a->x - a->width / 2, b->x - b->width / 2);
    float x1 = fminf(a->x + a->width / 2, b->x + b->width / 2);
    float y0 = fmaxf(a->y - a->height / 2, b->y - b->height / 2);
    float y1 = fminf(a->y + a->height / 2, b->y + b->height / 2);
    float both = x1 > x0 && y1 > y0 ? (x1 - x0) * (y1 - y0) : 0;
    float either = a->width * a->height + b->width * b->height - both;

    return either > 0 ? both / either : 0;
}

/* Surest first. Insertion, because it is stable and there are a few dozen at most. */
static void sort(struct blaze_face *faces, int n)
{
    int i, k;

    for (i = 1; i < n; i++) {
        struct blaze_face f = faces[i];

        for (k = i; k > 0 && faces[k - 1].score < f.score; k--)
            faces[k] = faces[k - 1];
        faces[k] = f;
    }
}

static void add_weighted(struct blaze_face *sum, const struct blaze_face *f)
{
    int k;

    sum->x += f->x * f->score;
    sum->y += f->y * f->score;
    sum->width += f->width * f->score;
    sum->height += f->height * f->score;
    for (k = 0; k < BLAZE_KEYS; k++) {
        sum->key[k][0] += f->key[k][0] * f->score;
        sum->key[k][1] += f->key[k][1] * f->score;
    }
    sum->score += f->score;
}

static void divide(struct blaze_face *sum)
{
    float share = 1 / sum->score;
    int k;

    sum->x *= share;
    sum->y *= share;
    sum->width *= share;
    sum->height *= share;
    for (k = 0; k < BLAZE_KEYS; k++) {
        sum->key[k][0] *= share;
        sum->key[k][1] *= share;
    }
}

int blaze_blend(struct blaze_face *faces, int n)
{
    int done = 0, i;

    sort(faces, n);
    while (done < n) {
        const struct blaze_face best = faces[done];
        struct blaze_face sum = {0};
        int left = done + 1;

        add_weighted(&sum, &best);
        for (i = done + 1; i < n; i++) {
            if (blaze_iou(&best, &faces[i]) > BLAZE_SAME_IOU)
                add_weighted(&sum, &faces[i]);
            else
                faces[left++] = faces[i];
        }
        divide(&sum);
        sum.score = best.score;
        faces[done++] = sum;
        n = left;
    }
    return n;
}
