#include "swap/anchors.h"

#include <math.h>
#include <string.h>

#include "swap/pose.h"

#define POSITIVE_IOU 0.5
#define VARIANCE_XY  0.1
#define VARIANCE_WH  0.2

static const struct {
    int cells, step_px, min_px, max_px;
} levels[] = {{7, 32, 40, 80}, {5, 45, 80, 120}, {3, 75, 120, 160}, {1, 224, 224, 224}};

static double clip(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

void anchors_make(struct anchor a[ANCHORS])
{
    size_t l;
    int i, j, k;

    for (l = 0; l < sizeof levels / sizeof *levels; l++) {
        double least = (double)levels[l].min_px / SAMPLE_PX;
        double most = (double)levels[l].max_px / SAMPLE_PX;

        for (i = 0; i < levels[l].cells; i++) {
            for (j = 0; j < levels[l].cells; j++) {
                for (k = 0; k < 2; k++) {
                    a->cx = clip((j + 0.5) * levels[l].step_px / SAMPLE_PX);
                    a->cy = clip((i + 0.5) * levels[l].step_px / SAMPLE_PX);
                    a->w = clip(k ? most : least);
                    a->h = clip(k ? least : most);
                    a++;
                }
            }
        }
    }
}

static double overlap(double a0, double a1, double b0, double b1)
{
    double o = fmin(a1, b1) - fmax(a0, b0);

    return o > 0 ? o : 0;
}

void anchors_match(const struct anchor a[ANCHORS], const struct rect *box, int boxes,
                   float target[ANCHORS][ANCHOR_VALUES])
{
    double best_iou[ANCHORS] = {0};
    int best_box[ANCHORS], b, i;

    for (i = 0; i < ANCHORS; i++)
        best_box[i] = -1;
    for (b = 0; b < boxes; b++) {
        double x0 = (double)box[b].x0 / SAMPLE_PX, x1 = (double)box[b].x1 / SAMPLE_PX;
        double y0 = (double)box[b].y0 / SAMPLE_PX, y1 = (double)box[b].y1 / SAMPLE_PX;
        double most = -1;
        int own = 0;

        for (i = 0; i < ANCHORS; i++) {
            double o = overlap(a[i].cx - a[i].w / 2, a[i].cx + a[i].w / 2, x0, x1) *
                       overlap(a[i].cy - a[i].h / 2, a[i].cy + a[i].h / 2, y0, y1);
            double iou = o / (a[i].w * a[i].h + (x1 - x0) * (y1 - y0) - o);

            if (iou > most) {
                most = iou;
                own = i;
            }
            if (iou > best_iou[i]) {
                best_iou[i] = iou;
                best_box[i] = b;
            }
        }
        best_iou[own] = 2; /* no other box takes it */
        best_box[own] = b;
    }
    memset(target, 0, sizeof(float) * ANCHORS * ANCHOR_VALUES);
    for (i = 0; i < ANCHORS; i++) {
        const struct rect *t;

        if (best_iou[i] < POSITIVE_IOU)
            continue;
        t = &box[best_box[i]];
        target[i][0] = 1;
        target[i][1] =
            (float)(((t->x0 + t->x1) / 2.0 / SAMPLE_PX - a[i].cx) / (VARIANCE_XY * a[i].w));
        target[i][2] =
            (float)(((t->y0 + t->y1) / 2.0 / SAMPLE_PX - a[i].cy) / (VARIANCE_XY * a[i].h));
        target[i][3] = (float)(log((double)rect_width(*t) / SAMPLE_PX / a[i].w) / VARIANCE_WH);
        target[i][4] = (float)(log((double)rect_height(*t) / SAMPLE_PX / a[i].h) / VARIANCE_WH);
    }
}
