#include "extract/finder.h"

#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "lib/warp.h"

#define NEAR_SPAN     2.0   /* side of the searched square, in faces */
#define NEAR_FACE_PX  100.0 /* side of the face in the scaled square */
#define AGAIN_FACE_PX 160.0
#define WIDE_SHARE    0.75
#define WIDE_EVERY    8  /* frames */
#define GRID          16 /* cells a side of the grid by which cuts are noticed */
#define CUT_GREY      24 /* mean difference of the cells that makes a cut, grey levels */

struct finder {
    enum schedule schedule;
    int min_face_px;
    struct detector *detector;
    struct image scaled;
    struct face found[DETECT_MAX_FACES];
    struct face last;
    bool has_last;
    int since_wide; /* frames */
    int grid[GRID * GRID];
    bool has_grid;
};

int finder_open(struct finder **out, const struct detector *detector, enum schedule schedule,
                int min_face_px, struct err *err)
{
    struct finder *f = mem_array(1, sizeof(*f));
    int r;

    *out = NULL;
    if (!f)
        return err_nomem(err);
    f->schedule = schedule;
    f->min_face_px = min_face_px;
    r = detector_copy(&f->detector, detector, err);
    if (r)
        finder_close(f);
    else
        *out = f;
    return r;
}

void finder_close(struct finder *f)
{
    if (!f)
        return;
    detector_close(f->detector);
    image_release(&f->scaled);
    free(f);
}

void finder_start(struct finder *f)
{
    f->has_last = false;
    f->has_grid = false;
    f->since_wide = 0;
}

/* ---- choosing among the faces ----------------------------------------------------------------*/

static double box_area(struct rect r)
{
    return (double)rect_width(r) * rect_height(r);
}

/* The face that counts, or NULL. Ties go to the surer one, which comes first. */
static const struct face *choose(const struct face *found, int n, const struct rect *hint)
{
    const struct face *best = NULL;
    double best_value = 0;
    int i;

    for (i = 0; i < n; i++) {
        double value = hint ? rect_iou(found[i].box, *hint) : box_area(found[i].box);

        if (hint && value < FINDER_SAME_IOU)
            continue;
        if (!best || value > best_value) {
            best = &found[i];
            best_value = value;
        }
    }
    return best;
}

/* ---- looks -----------------------------------------------------------------------------------*/

static int scaled_side(int side, double scale)
{
    double s = floor(side * scale + 0.5);

    return s < 1 ? 1 : (int)s;
}

static int back(double at, double ratio, int offset)
{
    return (int)floor(at * ratio + 0.5) + offset;
}

/* Searches the part `area` of img, scaled by `scale`; boxes come out in pixels of img. */
static int look(struct finder *f, const struct image *img, struct rect area, double scale,
                enum detect_mode mode, struct err *err)
{
    struct image part = image_view(img, area.x0, area.y0, rect_width(area), rect_height(area));
    const struct image *searched = &part;
    double rx, ry;
    int n, i, r;

    if (fabs(scale - 1) > 1e-3) {
        r = image_shape(&f->scaled, scaled_side(part.width, scale), scaled_side(part.height, scale),
                        3, err);
        if (r)
            return r;
        r = warp_resize(&f->scaled, &part, err);
        if (r)
            return r;
        searched = &f->scaled;
    }
    n = detector_find(f->detector, searched, mode, f->found, err);
    rx = (double)part.width / searched->width;
    ry = (double)part.height / searched->height;
    for (i = 0; i < n; i++) {
        struct rect *b = &f->found[i].box;

        *b = (struct rect){back(b->x0, rx, area.x0), back(b->y0, ry, area.y0),
                           back(b->x1, rx, area.x0), back(b->y1, ry, area.y0)};
    }
    return n;
}

static int look_near(struct finder *f, const struct image *img, struct rect face, double face_px,
                     enum detect_mode mode, struct err *err)
{
    double side = fmax(rect_width(face), rect_height(face)), half = side * NEAR_SPAN / 2;
    double x = ((double)face.x0 + face.x1) / 2, y = ((double)face.y0 + face.y1) / 2;
    struct rect area = {(int)(x - half), (int)(y - half), (int)(x + half), (int)(y + half)};

    area = rect_intersect(area, (struct rect){0, 0, img->width, img->height});
    if (rect_width(area) < 1 || rect_height(area) < 1)
        return 0;
    return look(f, img, area, face_px / side, mode, err);
}

static int look_whole(struct finder *f, const struct image *img, double smallest_px,
                      struct err *err)
{
    struct rect all = {0, 0, img->width, img->height};

    return look(f, img, all, DETECT_WINDOW_PX / smallest_px, DETECT_ALL, err);
}

/* ---- the schedules ---------------------------------------------------------------------------*/

/* Notes a coarse picture of the frame and says whether it differs much from the last one's. */
static bool is_cut(struct finder *f, const struct image *img)
{
    long long sum = 0;
    bool had = f->has_grid;
    int gx, gy;

    for (gy = 0; gy < GRID; gy++) {
        for (gx = 0; gx < GRID; gx++) {
            int x0 = img->width * gx / GRID, x1 = img->width * (gx + 1) / GRID;
            int y0 = img->height * gy / GRID, y1 = img->height * (gy + 1) / GRID;
            int *cell = &f->grid[gy * GRID + gx], before = *cell, total = 0, n = 0, x, y;

            for (y = y0; y < y1; y += 4) {
                const uint8_t *p = image_row(img, y);

                for (x = x0; x < x1; x += 4, n++)
                    total += p[3 * x + 1];
            }
            *cell = n ? total / n : 0;
            sum += abs(*cell - before);
        }
    }
    f->has_grid = true;
    return had && sum > (long long)CUT_GREY * GRID * GRID;
}

typedef int look_fn(struct finder *f, const struct image *img, const struct rect *at,
                    struct err *err);

static int near_last(struct finder *f, const struct image *img, const struct rect *at,
                     struct err *err)
{
    return at ? look_near(f, img, *at, NEAR_FACE_PX, DETECT_NARROW, err) : 0;
}

static int near_again(struct finder *f, const struct image *img, const struct rect *at,
                      struct err *err)
{
    return at ? look_near(f, img, *at, AGAIN_FACE_PX, DETECT_ALL, err) : 0;
}

static int wide(struct finder *f, const struct image *img, const struct rect *at, struct err *err)
{
    double smallest = at ? WIDE_SHARE * rect_width(*at) : 0;

    f->since_wide = 0;
    return look_whole(f, img, fmax(smallest, f->min_face_px), err);
}

static int whole(struct finder *f, const struct image *img, const struct rect *at, struct err *err)
{
    (void)at;
    f->since_wide = 0;
    return look_whole(f, img, f->min_face_px, err);
}

static int doubled(struct finder *f, const struct image *img, const struct rect *at,
                   struct err *err)
{
    (void)at;
    return detector_find(f->detector, img, DETECT_DOUBLED, f->found, err);
}

static look_fn *const reference_order[] = {doubled, NULL};
static look_fn *const near_first[] = {near_last, near_again, wide, whole, NULL};
static look_fn *const wide_first[] = {wide, near_last, near_again, whole, NULL};
static look_fn *const whole_only[] = {whole, NULL};

int finder_find(struct finder *f, const struct image *img, const struct rect *hint,
                struct face *face, struct err *err)
{
    look_fn *const *looks = reference_order;
    const struct rect *at = hint ? hint : f->has_last ? &f->last.box : NULL;
    int i;

    if (f->schedule == SCHEDULE_FAST) {
        bool cut = is_cut(f, img);

        if (hint)
            looks = near_first;
        else if (!at || cut)
            looks = whole_only;
        else
            looks = ++f->since_wide >= WIDE_EVERY ? wide_first : near_first;
    }
    for (i = 0; looks[i]; i++) {
        const struct face *chosen;
        int n = looks[i](f, img, at, err);

        if (n < 0)
            return n;
        chosen = choose(f->found, n, hint);
        if (chosen) {
            *face = f->last = *chosen;
            f->has_last = true;
            return 1;
        }
    }
    f->has_last = false;
    return 0;
}
