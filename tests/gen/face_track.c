#include "tests/gen/face_track.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "extract/detect.h"
#include "extract/shape_predictor.h"
#include "lib/mem.h"

#define MODEL "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"
#define EVERY 4 /* frames between two searches */

#define SMALLEST_PX 80 /* side of the smallest face looked for */

struct face_tracker {
    struct detector *detector;
    const struct shape_predictor *model;
};

int face_model_load(struct shape_predictor **model, struct err *err)
{
    int r = shape_predictor_load(model, MODEL, err);

    if (!r && shape_predictor_points(*model) != 68)
        r = err_set(err, ERR_DATA, "'%s' has %d points, not 68", MODEL,
                    shape_predictor_points(*model));
    return r;
}

int face_tracker_new(struct face_tracker **out, const struct shape_predictor *model,
                     struct err *err)
{
    struct face_tracker *t = mem_array(1, sizeof(*t));
    int r;

    if (!t)
        return err_nomem(err);
    t->model = model;
    r = detector_open(&t->detector, DETECTOR_HOG, NULL, err);
    if (r)
        face_tracker_free(t);
    else
        *out = t;
    return r;
}

void face_tracker_free(struct face_tracker *t)
{
    if (!t)
        return;
    detector_close(t->detector);
    free(t);
}

/* The largest face, 1; 0 = none; negative = error. */
static int largest(struct face_tracker *t, const struct image *img, struct rect *box,
                   struct err *err)
{
    struct face faces[DETECT_MAX_FACES];
    const struct detect_query whole = {
        .area = {0, 0, img->width, img->height}, .smallest_px = SMALLEST_PX, .mode = DETECT_ALL};
    int n = detector_find(t->detector, img, &whole, faces, err), i, best = 0;

    if (n <= 0)
        return n;
    for (i = 1; i < n; i++)
        if (rect_width(faces[i].box) > rect_width(faces[best].box))
            best = i;
    *box = faces[best].box;
    return 1;
}

static void fit(const struct face_tracker *t, const struct image *img, struct rect box,
                struct landmarks *points)
{
    struct point p[SHAPE_MAX_POINTS];
    int i;

    shape_predictor_fit(t->model, img, box, p);
    points->n = 68;
    for (i = 0; i < 68; i++)
        points->p[i] = p[i];
}

int face_track_still(struct face_tracker *t, const struct image *img, const char *name,
                     struct landmarks *points, struct err *err)
{
    struct rect box;
    int r = largest(t, img, &box, err);

    if (r < 0)
        return r;
    if (r == 0)
        return err_set(err, ERR_DATA, "'%s' shows no face", name);
    fit(t, img, box, points);
    return 0;
}

static int between(int a, int b, int i, int n)
{
    return (int)lround(a + (double)(b - a) * i / n);
}

static void fill_boxes(struct rect *box, const bool *found, int n)
{
    int last = -1, i, k;

    for (i = 0; i < n; i++) {
        if (!found[i])
            continue;
        for (k = last + 1; k < i; k++) {
            int a = last < 0 ? i : last, gap = i - a, at = gap ? k - a : 0;

            if (!gap) {
                box[k] = box[i];
                continue;
            }
            box[k] = (struct rect){
                between(box[a].x0, box[i].x0, at, gap), between(box[a].y0, box[i].y0, at, gap),
                between(box[a].x1, box[i].x1, at, gap), between(box[a].y1, box[i].y1, at, gap)};
        }
        last = i;
    }
    for (k = last + 1; k < n; k++)
        box[k] = box[last];
}

/* A quarter of each neighbour: the points of a still mouth do not tremble. */
static void smooth(struct landmarks *points, int n)
{
    struct landmarks before, now;
    int i, k;

    for (i = 0; i < n; i++) {
        const struct landmarks *after = &points[i + 1 < n ? i + 1 : i];

        now = points[i];
        if (i == 0)
            before = now;
        for (k = 0; k < 68; k++) {
            points[i].p[k].x = 0.25 * before.p[k].x + 0.5 * now.p[k].x + 0.25 * after->p[k].x;
            points[i].p[k].y = 0.25 * before.p[k].y + 0.5 * now.p[k].y + 0.25 * after->p[k].y;
        }
        before = now;
    }
}

int face_track_clip(struct face_tracker *t, const struct image *frames, int n, const char *name,
                    struct landmarks *points, struct err *err)
{
    struct rect *box = mem_array((size_t)n, sizeof(*box));
    bool *found = mem_array((size_t)n, sizeof(*found));
    int i, r = 0, any = 0;

    if (!box || !found) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < n; i++) {
        if (i % EVERY && i != n - 1)
            continue;
        if ((r = largest(t, &frames[i], &box[i], err)) < 0)
            goto out;
        found[i] = r > 0;
        any += r;
    }
    r = 0;
    if (!any) {
        r = err_set(err, ERR_DATA, "'%s' shows no face", name);
        goto out;
    }
    fill_boxes(box, found, n);
    for (i = 0; i < n; i++)
        fit(t, &frames[i], box[i], &points[i]);
    smooth(points, n);
out:
    free(box);
    free(found);
    return r;
}
