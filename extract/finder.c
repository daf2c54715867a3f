#include "extract/finder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define NEAR_SPAN    1.5  /* side of the searched square, in faces */
#define NEAR_SHARE   0.83 /* faces from this share of the last one's size on are looked for */
#define NEAR_LEAST   0.9  /* size of a face, in last ones, that is well within those looked for */
#define NEAR_MOST    1.12
#define AGAIN_SPAN   2.0
#define AGAIN_SHARE  0.6
#define WIDE_SHARE   0.75
#define LARGE_SHARE  0.4 /* of the frame's shorter side: faces looked for first */
#define GRID         16  /* cells a side of the grid by which cuts are noticed */
#define CUT_GREY     24  /* mean difference of the cells that makes a cut, grey levels */
#define CHANGE_GREY  10  /* difference of a cell that counts as a change, grey levels */
#define CHANGE_SHARE 0.3 /* area of changes, in faces, that makes a search worthwhile */

struct finder {
    enum schedule schedule;
    int min_face_px;
    struct detector *detector;
    struct face found[DETECT_MAX_FACES], faces[DETECT_MAX_FACES];
    struct face last[DETECT_MAX_FACES]; /* of the last frame */
    int n_last;
    int view;                  /* that saw the face found last */
    int since_wide;            /* frames */
    long n_whole;              /* looks at a whole frame */
    double searched_px;        /* faces from this size on are not in this frame */
    int grid[GRID * GRID];     /* mean greens of the last frame */
    int searched[GRID * GRID]; /* of the frame that was searched as a whole last */
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
    free(f);
}

const char *finder_detector(const struct finder *f)
{
    return detector_word(f->detector);
}

long finder_whole_searches(const struct finder *f)
{
    return f->n_whole;
}

void finder_start(struct finder *f)
{
    f->n_last = 0;
    f->view = 0;
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

static int look(struct finder *f, const struct image *img, struct rect area, double smallest_px,
                enum detect_mode mode, struct err *err)
{
    struct detect_query q = {
        .area = area, .smallest_px = smallest_px, .mode = mode, .view = f->view};

    if (rect_width(area) < 1 || rect_height(area) < 1)
        return 0;
    f->n_whole += rect_width(area) == img->width && rect_height(area) == img->height;
    return detector_find(f->detector, img, &q, f->found, err);
}

static struct rect all_of(const struct image *img)
{
    return (struct rect){0, 0, img->width, img->height};
}

/* A square of `span` faces around one, as far as it lies in the frame. */
static struct rect square_at(const struct image *img, struct rect face, double span)
{
    double half = fmax(rect_width(face), rect_height(face)) * span / 2;
    double x = ((double)face.x0 + face.x1) / 2, y = ((double)face.y0 + face.y1) / 2;
    struct rect area = {(int)(x - half), (int)(y - half), (int)(x + half), (int)(y + half)};

    return rect_intersect(area, all_of(img));
}

static int look_near(struct finder *f, const struct image *img, struct rect face, double span,
                     double share, enum detect_mode mode, struct err *err)
{
    double side = fmax(rect_width(face), rect_height(face));

    return look(f, img, square_at(img, face, span), share * side, mode, err);
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

/* The whole frame, whose coarse picture is noted, is searched now. */
static void note_search(struct finder *f)
{
    f->since_wide = 0;
    memcpy(f->searched, f->grid, sizeof(f->searched));
}

typedef int look_fn(struct finder *f, const struct image *img, const struct rect *at,
                    struct err *err);

/* At the edge of the sizes looked for the best size may lie beyond: one more look, around what was
 * found. */
static int near_last(struct finder *f, const struct image *img, const struct rect *at,
                     struct err *err)
{
    int n = at ? look_near(f, img, *at, NEAR_SPAN, NEAR_SHARE, DETECT_NARROW, err) : 0;
    double size = n > 0 ? (double)rect_width(f->found[0].box) / rect_width(*at) : 1;
    struct face first = f->found[0];

    if ((size > NEAR_LEAST && size < NEAR_MOST) || !detector_narrows(f->detector))
        return n;
    n = look_near(f, img, first.box, NEAR_SPAN, NEAR_SHARE, DETECT_NARROW, err);
    if (n)
        return n;
    f->found[0] = first;
    return 1;
}

static int near_again(struct finder *f, const struct image *img, const struct rect *at,
                      struct err *err)
{
    struct rect area = at ? square_at(img, *at, AGAIN_SPAN) : (struct rect){0};
    struct rect seen = at ? square_at(img, *at, NEAR_SPAN) : area;

    if (!at || (!detector_narrows(f->detector) && memcmp(&seen, &area, sizeof(area)) == 0))
        return 0; /* nothing that near_last() did not see */
    return look_near(f, img, *at, AGAIN_SPAN, AGAIN_SHARE, DETECT_ALL, err);
}

static int wide(struct finder *f, const struct image *img, const struct rect *at, struct err *err)
{
    double smallest = fmax(at ? WIDE_SHARE * rect_width(*at) : 0, f->min_face_px);
    int n = look(f, img, all_of(img), smallest, DETECT_ALL, err);

    if (n == 0)
        f->searched_px = smallest;
    return n;
}

/* Large faces first, which costs little: where there is one, it is the largest. */
static int largest(struct finder *f, const struct image *img, const struct rect *at,
                   struct err *err)
{
    double smallest = fmin(img->width, img->height) * LARGE_SHARE;
    int n = 0;

    (void)at;
    note_search(f);
    for (; smallest > 1.5 * f->min_face_px && n == 0; smallest /= 2)
        if (smallest < f->searched_px)
            n = look(f, img, all_of(img), smallest, DETECT_ALL, err);
    return n || f->min_face_px >= f->searched_px
               ? n
               : look(f, img, all_of(img), f->min_face_px, DETECT_ALL, err);
}

static int whole(struct finder *f, const struct image *img, const struct rect *at, struct err *err)
{
    (void)at;
    note_search(f);
    return look(f, img, all_of(img), f->min_face_px, DETECT_ALL, err);
}

static int doubled(struct finder *f, const struct image *img, const struct rect *at,
                   struct err *err)
{
    (void)at;
    return look(f, img, all_of(img), f->min_face_px, DETECT_DOUBLED, err);
}

static look_fn *const reference_order[] = {doubled, NULL};
static look_fn *const near_first[] = {near_last, near_again, wide, largest, NULL};
static look_fn *const largest_only[] = {largest, NULL};

/* One face, the largest or the one at `hint`: 1 with *face, 0 or a negative code. */
static int find_one(struct finder *f, const struct image *img, look_fn *const *looks,
                    const struct rect *at, const struct rect *hint, struct face *face,
                    struct err *err)
{
    int i;

    f->searched_px = HUGE_VAL;
    for (i = 0; looks[i]; i++) {
        const struct face *chosen;
        int n = looks[i](f, img, at, err);

        if (n < 0)
            return n;
        chosen = choose(f->found, n, hint);
        if (chosen) {
            *face = *chosen;
            f->view = chosen->view;
            return 1;
        }
    }
    return 0;
}

/* Has enough changed beside the head that is followed, since the whole frame was searched last,
 * that somebody with a larger face may have come? His face alone would be more than asked for. */
static bool changed_beside(const struct finder *f, const struct image *img, struct rect face)
{
    int w = rect_width(face) / 2, h = rect_height(face) / 2, gx, gy;
    struct rect around = {face.x0 - w, face.y0 - h, face.x1 + w, face.y1 + h};
    double area = 0;

    for (gy = 0; gy < GRID; gy++)
        for (gx = 0; gx < GRID; gx++) {
            struct rect cell = {img->width * gx / GRID, img->height * gy / GRID,
                                img->width * (gx + 1) / GRID, img->height * (gy + 1) / GRID};
            struct rect both = rect_intersect(cell, around);

            if (abs(f->grid[gy * GRID + gx] - f->searched[gy * GRID + gx]) > CHANGE_GREY)
                area += box_area(cell) - box_area(both);
        }
    return area > CHANGE_SHARE * box_area(face);
}

/* Is there somebody else whose face is larger than `face`, the one that is followed? */
static int find_larger(struct finder *f, const struct image *img, struct face *face,
                       struct err *err)
{
    struct rect followed = face->box;
    int i, n;

    if (++f->since_wide < FINDER_WHOLE_EVERY)
        return 1;
    if (f->since_wide < FINDER_WHOLE_LEAST && !changed_beside(f, img, followed))
        return 1;
    n = look(f, img, all_of(img), fmax(rect_width(followed), f->min_face_px), DETECT_ALL, err);
    note_search(f);
    for (i = 0; i < n; i++)
        if (rect_iou(f->found[i].box, followed) < FINDER_SAME_IOU &&
            box_area(f->found[i].box) > box_area(face->box)) {
            *face = f->found[i];
            f->view = face->view;
        }
    return n < 0 ? n : 1;
}

static int find_largest(struct finder *f, const struct image *img, bool cut, struct face *face,
                        struct err *err)
{
    const struct rect *at = f->n_last ? &f->last[0].box : NULL;
    look_fn *const *looks = reference_order;
    int r;

    if (f->schedule == SCHEDULE_FAST)
        looks = !at || cut ? largest_only : near_first;
    r = find_one(f, img, looks, at, NULL, face, err);
    if (r == 1 && looks == near_first)
        r = find_larger(f, img, face, err);
    return r;
}

/* Adds a face that none of the n overlaps. Returns the new number. */
static int add_face(struct face *faces, int n, const struct face *face)
{
    int i;

    for (i = 0; i < n; i++)
        if (rect_iou(faces[i].box, face->box) >= FINDER_SAME_IOU)
            return n;
    if (n < DETECT_MAX_FACES)
        faces[n++] = *face;
    return n;
}

/* The last faces that are not among the n yet, each looked for where it was. *lost: how many of
 * them are not there. */
static int add_last(struct finder *f, const struct image *img, struct face *faces, int n, int *lost,
                    struct err *err)
{
    static look_fn *const near_only[] = {near_last, near_again, NULL};
    int i, k, r;

    *lost = 0;
    for (i = 0; i < f->n_last; i++) {
        const struct rect *at = &f->last[i].box;
        struct face face;

        for (k = 0; k < n && rect_iou(faces[k].box, *at) < FINDER_SAME_IOU; k++)
            ;
        if (k < n)
            continue;
        f->view = f->last[i].view;
        r = find_one(f, img, near_only, at, at, &face, err);
        if (r < 0)
            return r;
        *lost += r == 0;
        n = r ? add_face(faces, n, &face) : n;
    }
    return n;
}

static int find_all(struct finder *f, const struct image *img, bool cut, bool always,
                    struct face *faces, struct err *err)
{
    bool looked = true;
    int n = 0, i, k, lost = 0;

    if (f->schedule == SCHEDULE_REFERENCE)
        n = doubled(f, img, NULL, err);
    else if (always || cut || !f->n_last || ++f->since_wide >= FINDER_WHOLE_EVERY)
        n = whole(f, img, NULL, err);
    else
        looked = false;
    if (n > 0)
        memcpy(faces, f->found, (size_t)n * sizeof(*faces));
    if (n >= 0 && f->schedule == SCHEDULE_FAST && !cut)
        n = add_last(f, img, faces, n, &lost, err);
    if (n < 0 || looked || !lost)
        return n;
    k = whole(f, img, NULL, err);
    for (i = 0; i < k; i++)
        n = add_face(faces, n, &f->found[i]);
    return k < 0 ? k : n;
}

/* The largest first, the others from left to right. */
static int by_place(const void *a, const void *b)
{
    const struct face *x = a, *y = b;

    if (x->box.x0 != y->box.x0)
        return x->box.x0 < y->box.x0 ? -1 : 1;
    return (x->box.y0 > y->box.y0) - (x->box.y0 < y->box.y0);
}

static void put_in_order(struct face *faces, int n)
{
    int i, largest = 0;
    struct face f;

    for (i = 1; i < n; i++)
        if (box_area(faces[i].box) > box_area(faces[largest].box))
            largest = i;
    if (n < 2)
        return;
    f = faces[0];
    faces[0] = faces[largest];
    faces[largest] = f;
    qsort(faces + 1, (size_t)n - 1, sizeof(*faces), by_place);
}

int finder_find_faces(struct finder *f, const struct image *img, enum face_choice choice,
                      struct face faces[DETECT_MAX_FACES], bool *is_new_shot, struct err *err)
{
    bool cut = is_cut(f, img);
    int n;

    if (is_new_shot)
        *is_new_shot = cut;
    if (choice == FACES_LARGEST)
        n = find_largest(f, img, cut, faces, err);
    else
        n = find_all(f, img, cut, choice == FACES_ALL, faces, err);
    if (n < 0)
        return n;
    put_in_order(faces, n);
    memcpy(f->last, faces, (size_t)n * sizeof(*faces));
    f->n_last = n;
    return n;
}

int finder_find(struct finder *f, const struct image *img, const struct rect *hint,
                struct face *face, struct err *err)
{
    int n;

    if (hint)
        return find_one(f, img, f->schedule == SCHEDULE_FAST ? near_first : reference_order, hint,
                        hint, face, err);
    n = finder_find_faces(f, img, FACES_LARGEST, f->faces, NULL, err);
    if (n > 0)
        *face = f->faces[0];
    return n;
}
