/*
 * labelled_faces [-vw] [-d DETECTOR] [-m MODEL] LABELS.tsv FOLDER ...: recall and precision of the
 * detectors on faces that were labelled by eye (tests/oracle/labels/README.md says how).
 *
 * Pictures and clips are looked for in the folders, in their order; what is missing, or does not
 * look as it did when it was labelled, is counted and left out. Each labelled picture is searched
 * from scratch (finder_start) for all its faces, by
 *   hog-reference  dlib's detector on the doubled picture
 *   hog-fast       dlib's detector, faces from 80 px on
 *   cnn-reference  BlazeFace, faces from 40 px on
 *   cnn-fast       BlazeFace, faces from 80 px on
 * as it is, and two harder versions of each picture with one face: `dark` (an eighth of the light)
 * and `small` (every fourth picture, shrunk
 * to a face of 60 px in a frame of 1920x1080 with a photograph behind). Of the set `held` the part
 * with faces and boxes of 80 px or more is counted as `held-80` too.
 *
 * A face counts as found when a box has an IoU of at least 0.5 with the label turned into dlib's
 * convention (expected_box()). Boxes are given out surest first, each to the label it overlaps
 * most; a box without one is false, unless most of it lies on a label of kind `unsure`.
 *
 * TSV on standard output: set, detector, faces, found, false boxes, recall, precision. -w prints
 * the labels instead, with the column `look` filled in. -d runs one
 * detector only. -v names what was found, what was missed and what is false.
 * Exit 0; 69 without pictures.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extract/finder.h"
#include "extract/shape_predictor.h"
#include "lib/fs.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/resize.h"
#include "lib/str.h"

#define POINTS     68
#define MODEL      "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"
#define MAX_LABELS 2048
#define LOOK_SIDE                                                                                  \
    8 /* the look is 64 bits: is a cell of a coarse grid brighter than its right one? */
#define LOOK_BITS   10                 /* that may differ */
#define SMALL_PX    60                 /* side of the face, as dlib has its box */
#define SMALL_EVERY 4                  /* labels */
#define LARGE_PX    80                 /* side of the face, as dlib has its box */
#define BEHIND      "home-decor-2.jpg" /* a room without people, at least 1920x1080 */

enum kind { KIND_FACE, KIND_UNSURE, KIND_NONE };

struct label {
    char set[16], source[128];
    long long frame;
    struct rect box;
    enum kind kind;
    uint64_t look;
    char line[512];
};

enum { HOG_REFERENCE, HOG_FAST, CNN_REFERENCE, CNN_FAST, N_DETECTORS };
static const struct {
    const char *name;
    enum detector_name detector;
    enum schedule schedule;
} sides[N_DETECTORS] = {{"hog-reference", DETECTOR_HOG, SCHEDULE_REFERENCE},
                        {"hog-fast", DETECTOR_HOG, SCHEDULE_FAST},
                        {"cnn-reference", DETECTOR_CNN, SCHEDULE_REFERENCE},
                        {"cnn-fast", DETECTOR_CNN, SCHEDULE_FAST}};

enum { SET_PHOTO, SET_CLIP, SET_MADE, SET_HELD, SET_HELD_80, SET_DARK, SET_SMALL, N_SETS };
static const char *const sets[N_SETS] = {"photo",   "clip", "made", "held",
                                         "held-80", "dark", "small"};

struct tally {
    long faces, found, wrong;
};

struct totals {
    struct tally by[N_SETS][N_DETECTORS];
    long pictures, missing, changed;
    struct shape_predictor *model; /* NULL = none */
    struct point first[SHAPE_MAX_POINTS];
    bool has_first;
    double *apart[N_DETECTORS]; /* landmarks from its boxes and from hog-reference's */
    size_t apart_cap[N_DETECTORS], n_apart[N_DETECTORS];
    double *fit[3]; /* where dlib's boxes lie on labels: x, y, side; see print_fit() */
    size_t cap[3], n_fit;
};

static bool verbose, rewrite;

/* ---- labels ----------------------------------------------------------------------------------*/

static bool parse(const char *line, struct label *l)
{
    char kind[16], look[32] = "", box[4][16];
    int i, *to[4] = {&l->box.x0, &l->box.y0, &l->box.x1, &l->box.y1};

    *l = (struct label){.frame = 0};
    snprintf(l->line, sizeof(l->line), "%s", line);
    if (sscanf(line, "%15s %127s %lld %15s %15s %15s %15s %15s %31s", l->set, l->source, &l->frame,
               kind, box[0], box[1], box[2], box[3], look) < 8)
        return false;
    l->kind = strcmp(kind, "face") == 0   ? KIND_FACE
              : strcmp(kind, "none") == 0 ? KIND_NONE
                                          : KIND_UNSURE;
    for (i = 0; i < 4; i++)
        *to[i] = (int)strtol(box[i], NULL, 10);
    l->look = strtoull(look, NULL, 16);
    return true;
}

static int read_labels(const char *path, struct label *labels)
{
    FILE *fp = fopen(path, "r");
    char line[512];
    int n = 0;

    while (fp && n < MAX_LABELS && fgets(line, sizeof(line), fp)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == '#' || strncmp(line, "set\t", 4) == 0) {
            if (rewrite)
                puts(line);
        } else if (parse(line, &labels[n])) {
            n++;
        }
    }
    if (fp)
        fclose(fp);
    return n;
}

/*
 * The box that dlib's detector gives for a labelled face. A label goes from the top of the brows to
 * the chin and from cheek to cheek. On the 217 labels on which dlib finds the face (hog-reference),
 * its square has (medians; -v prints them) its middle 0.02 label widths right of and 0.10 label
 * heights above the label's, and a side of 1.12 times the geometric mean of the label's sides.
 */
static struct rect expected_box(struct rect label)
{
    double w = rect_width(label), h = rect_height(label), half = 1.12 * sqrt(w * h) / 2;
    double x = label.x0 + w / 2 + 0.02 * w, y = label.y0 + h / 2 - 0.1 * h;

    return (struct rect){(int)floor(x - half + 0.5), (int)floor(y - half + 0.5),
                         (int)floor(x + half + 0.5), (int)floor(y + half + 0.5)};
}

static void add_fit(struct totals *t, struct rect label, struct rect box)
{
    double w = rect_width(label), h = rect_height(label);
    const double v[3] = {((box.x0 + box.x1) - (label.x0 + label.x1)) / 2.0 / w,
                         ((box.y0 + box.y1) - (label.y0 + label.y1)) / 2.0 / h,
                         sqrt((double)rect_width(box) * rect_height(box) / (w * h))};
    int i;

    for (i = 0; i < 3; i++) {
        if (mem_grow(&t->fit[i], &t->cap[i], t->n_fit + 1, sizeof(double)))
            return;
        t->fit[i][t->n_fit] = v[i];
    }
    t->n_fit++;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_fit(struct totals *t)
{
    int i;

    for (i = 0; i < 3 && t->n_fit; i++) {
        qsort(t->fit[i], t->n_fit, sizeof(double), by_value);
        printf("# dlib's box on labels, %s: median %.3f, 10 %% %.3f, 90 %% %.3f (%zu faces)\n",
               (const char *[]){"x", "y", "side"}[i], t->fit[i][t->n_fit / 2],
               t->fit[i][t->n_fit / 10], t->fit[i][t->n_fit * 9 / 10], t->n_fit);
    }
}

/* ---- pictures --------------------------------------------------------------------------------*/

struct album {
    char *const *folders;
    int n;
    struct media_codec *codec;
    struct image picture, harder, behind, grey, tiny;
    struct resizer resizer;
};

static bool locate(const struct album *a, const char *name, struct str *path)
{
    int i;

    for (i = 0; i < a->n; i++) {
        fs_join(a->folders[i], name, path);
        if (!str_failed(path) && fs_exists(path->s))
            return true;
    }
    return false;
}

static int read_picture(struct album *a, const struct label *l, const char *path, struct err *err)
{
    struct media_reader *reader = NULL;
    long long at = -1;
    int r;

    if (strcmp(l->set, sets[SET_PHOTO]) == 0 || strcmp(l->set, sets[SET_HELD]) == 0)
        return media_read_picture(a->codec, path, &a->picture, err);
    r = media_open(&reader, path, NULL, err);
    if (r)
        return r;
    media_skip_to(reader, l->frame);
    do
        r = media_next(reader, &at, NULL, err);
    while (r > 0 && at < l->frame);
    if (r > 0)
        r = media_picture(reader, &a->picture, err);
    else if (r == 0)
        r = err_set(err, ERR_DATA, "'%s' has no frame %lld", path, l->frame);
    media_close(reader);
    return r;
}

/* A difference hash: the same for other encodings and sizes of the same picture. */
static int look_of(struct album *a, uint64_t *look, struct err *err)
{
    int x, y, r = image_to_grey(&a->grey, &a->picture, err);

    if (!r)
        r = image_shape(&a->tiny, LOOK_SIDE + 1, LOOK_SIDE, 1, err);
    if (!r)
        r = resize_image(&a->resizer, &a->tiny, &a->grey, err);
    *look = 0;
    for (y = 0; y < LOOK_SIDE && !r; y++)
        for (x = 0; x < LOOK_SIDE; x++)
            *look = *look << 1 | (image_row(&a->tiny, y)[x] > image_row(&a->tiny, y)[x + 1]);
    return r;
}

static int darken(struct album *a, struct err *err)
{
    int x, y, r = image_copy(&a->harder, &a->picture, err);

    for (y = 0; y < a->harder.height && !r; y++)
        for (x = 0; x < 3 * a->harder.width; x++)
            image_row(&a->harder, y)[x] = (uint8_t)((image_row(&a->harder, y)[x] + 4) / 8);
    return r;
}

/* Shrinks the picture so that the face is SMALL_PX, and puts it where its label's number says. */
static int shrink(struct album *a, struct rect *box, int number, struct err *err)
{
    double scale = SMALL_PX / (double)rect_width(expected_box(*box));
    int w = (int)(a->picture.width * scale), h = (int)(a->picture.height * scale), x, y, r;
    struct image view;

    r = image_crop(&a->harder, &a->behind, 0, 0, 1920, 1080, err);
    if (r)
        return r;
    if (w < 1 || h < 1 || w > 1920 || h > 1080)
        return err_set(err, ERR_DATA, "too large");
    x = (int)((unsigned)number * 7919u % (unsigned)(1920 - w + 1));
    y = (int)((unsigned)number * 104729u % (unsigned)(1080 - h + 1));
    view = image_view(&a->harder, x, y, w, h);
    r = resize_image(&a->resizer, &view, &a->picture, err);
    *box =
        (struct rect){x + (int)floor(box->x0 * scale + 0.5), y + (int)floor(box->y0 * scale + 0.5),
                      x + (int)floor(box->x1 * scale + 0.5), y + (int)floor(box->y1 * scale + 0.5)};
    return r;
}

/* ---- comparing -------------------------------------------------------------------------------*/

static double covered(struct rect box, struct rect by)
{
    struct rect both = rect_intersect(box, by);

    return (double)rect_width(both) * rect_height(both) /
           ((double)rect_width(box) * rect_height(box) + 1e-9);
}

static void name_it(const struct label *l, const char *set, const char *detector, const char *what,
                    const struct rect *b, double score)
{
    if (verbose)
        printf("# %s\t%s\t%s %lld\t%s\t%d,%d %dx%d\t%.2f\n", set, detector, l->source, l->frame,
               what, b->x0, b->y0, rect_width(*b), rect_height(*b), score);
}

/* Mean distance of the 68 landmarks from those of hog-reference's box, in % of the distance of the
 * eyes' outer corners. `first` keeps the latter's. */
static void compare_landmarks(struct totals *t, int side, const struct image *img, struct rect box,
                              struct point *first, bool *has_first)
{
    struct point p[SHAPE_MAX_POINTS];
    double sum = 0;
    int i;

    if (!t->model || (side != HOG_REFERENCE && !*has_first))
        return;
    shape_predictor_fit(t->model, img, box, p);
    if (side == HOG_REFERENCE) {
        memcpy(first, p, POINTS * sizeof(*p));
        *has_first = true;
        return;
    }
    for (i = 0; i < POINTS; i++)
        sum += hypot(p[i].x - first[i].x, p[i].y - first[i].y);
    sum *= 100 / hypot(first[45].x - first[36].x, first[45].y - first[36].y) / POINTS;
    if (!mem_grow(&t->apart[side], &t->apart_cap[side], t->n_apart[side] + 1, sizeof(double)))
        t->apart[side][t->n_apart[side]++] = sum;
}

static void print_apart(struct totals *t)
{
    int i;

    for (i = 0; i < N_DETECTORS; i++) {
        size_t n = t->n_apart[i];

        if (n == 0)
            continue;
        qsort(t->apart[i], n, sizeof(double), by_value);
        printf(
            "# landmarks of %s and hog-reference: median %.2f, 90 %% %.2f %% of the eye distance "
            "(%zu faces)\n",
            sides[i].name, t->apart[i][n / 2], t->apart[i][n * 9 / 10], n);
    }
}

/* `box` is the face or what was taken for one. */
static void count(struct totals *t, int set, int side, struct rect box, struct tally more)
{
    bool large = set == SET_HELD && rect_width(box) >= LARGE_PX;
    struct tally *to[] = {&t->by[set][side], large ? &t->by[SET_HELD_80][side] : NULL};
    int i;

    for (i = 0; i < 2 && to[i]; i++) {
        to[i]->faces += more.faces;
        to[i]->found += more.found;
        to[i]->wrong += more.wrong;
    }
}

/* labels[0 .. n-1] are those of this picture. */
static void compare(struct totals *t, int set, int side, const struct image *img,
                    const struct label *labels, int n, const struct face *faces, int n_faces)
{
    bool taken[MAX_LABELS] = {false};
    int i, j;

    for (i = 0; i < n_faces; i++) {
        int best = -1;
        double best_iou = 0;
        bool excused = false;

        for (j = 0; j < n; j++) {
            double iou = labels[j].kind == KIND_FACE
                             ? rect_iou(faces[i].box, expected_box(labels[j].box))
                             : 0;

            if (labels[j].kind == KIND_UNSURE && covered(faces[i].box, labels[j].box) > 0.5)
                excused = true;
            if (iou > best_iou && !taken[j]) {
                best = j;
                best_iou = iou;
            }
        }
        if (best >= 0 && best_iou >= 0.5) {
            taken[best] = true;
            count(t, set, side, expected_box(labels[best].box), (struct tally){.found = 1});
            name_it(&labels[best], sets[set], sides[side].name, "found", &faces[i].box,
                    faces[i].score);
            if (set < SET_DARK && n == 1)
                compare_landmarks(t, side, img, faces[i].box, t->first, &t->has_first);
            if (side == HOG_REFERENCE && set < SET_DARK)
                add_fit(t, labels[best].box, faces[i].box);
        } else if (!excused) {
            count(t, set, side, faces[i].box, (struct tally){.wrong = 1});
            name_it(labels, sets[set], sides[side].name, "false", &faces[i].box, faces[i].score);
        }
    }
    for (j = 0; j < n; j++) {
        if (labels[j].kind != KIND_FACE)
            continue;
        count(t, set, side, expected_box(labels[j].box), (struct tally){.faces = 1});
        if (!taken[j])
            name_it(&labels[j], sets[set], sides[side].name, "missed", &labels[j].box, 0);
    }
}

static int search_all(struct totals *t, struct finder **finders, int set, const struct image *img,
                      const struct label *labels, int n, struct err *err)
{
    struct face faces[DETECT_MAX_FACES];
    bool cut;
    int i;

    t->has_first = false;
    for (i = 0; i < N_DETECTORS; i++) {
        int found;

        if (!finders[i])
            continue;
        finder_start(finders[i]);
        found = finder_find_faces(finders[i], img, FACES_ALL, faces, &cut, err);
        if (found < 0)
            return found;
        compare(t, set, i, img, labels, n, faces, found);
    }
    return 0;
}

static int harder_versions(struct totals *t, struct album *a, struct finder **finders,
                           const struct label *l, int number, struct err *err)
{
    struct label moved = *l;
    int r = darken(a, err);

    if (!r)
        r = search_all(t, finders, SET_DARK, &a->harder, l, 1, err);
    if (!r && number % SMALL_EVERY == 0 && a->behind.width >= 1920 && a->behind.height >= 1080) {
        r = shrink(a, &moved.box, number, err);
        if (!r)
            r = search_all(t, finders, SET_SMALL, &a->harder, &moved, 1, err);
    }
    return r;
}

static int set_of(const char *name)
{
    int i;

    for (i = 0; i < SET_DARK && strcmp(sets[i], name) != 0; i++)
        ;
    return i;
}

/* One picture with its n labels. */
static int judge(struct totals *t, struct album *a, struct finder **finders,
                 const struct label *labels, int n, int number, struct err *err)
{
    struct str path = STR_INIT;
    uint64_t look = 0;
    int i, r = 0;

    if (!locate(a, labels->source, &path)) {
        t->missing++;
        if (verbose)
            printf("# missing: %s\n", labels->source);
    } else if (!(r = read_picture(a, labels, path.s, err)) && !(r = look_of(a, &look, err))) {
        if (rewrite) {
            for (i = 0; i < n; i++)
                printf("%s\t%016" PRIx64 "\n", labels[i].line, look);
        } else if (__builtin_popcountll(look ^ labels->look) > LOOK_BITS) {
            t->changed++;
            if (verbose)
                printf("# looks otherwise: %s %lld\n", labels->source, labels->frame);
        } else if (set_of(labels->set) < SET_DARK) {
            t->pictures++;
            r = search_all(t, finders, set_of(labels->set), &a->picture, labels, n, err);
            if (!r && n == 1 && labels->kind == KIND_FACE)
                r = harder_versions(t, a, finders, labels, number, err);
        }
    }
    str_release(&path);
    return r;
}

static void print(const struct totals *t, struct finder *const *finders)
{
    int s, i;

    printf("set\tdetector\tfaces\tfound\tfalse\trecall\tprecision\n");
    for (s = 0; s < N_SETS; s++)
        for (i = 0; i < N_DETECTORS; i++) {
            const struct tally *k = &t->by[s][i];

            if (finders[i] && k->faces)
                printf("%s\t%s\t%ld\t%ld\t%ld\t%.3f\t%.3f\n", sets[s], sides[i].name, k->faces,
                       k->found, k->wrong, (double)k->found / (double)k->faces,
                       k->found + k->wrong ? (double)k->found / (double)(k->found + k->wrong) : 1);
        }
    printf("# %ld pictures; left out: %ld missing, %ld that look otherwise\n", t->pictures,
           t->missing, t->changed);
}

static int open_finders(struct finder **finders, const char *model, const char *only,
                        struct err *err)
{
    int i, r = 0;

    for (i = 0; i < N_DETECTORS && !r; i++) {
        struct detector *d = NULL;

        if (only && strcmp(only, sides[i].name) != 0)
            continue;
        r = detector_open(&d, sides[i].detector, model, err);
        if (!r)
            r = finder_open(&finders[i], d, sides[i].schedule, 80, err);
        detector_close(d);
        if (r == ERR_MISSING && sides[i].detector == DETECTOR_CNN) {
            printf("# without %s: %s\n", sides[i].name, err->text);
            err_clear(err);
            r = 0;
        }
    }
    return r;
}

int main(int argc, char **argv)
{
    static struct label labels[MAX_LABELS];
    struct totals t = {.pictures = 0};
    struct album a = {.n = 0};
    struct finder *finders[N_DETECTORS] = {NULL};
    struct err err = {0};
    struct str path = STR_INIT;
    const char *model = NULL, *only = NULL;
    int c, i, n, r;

    while ((c = getopt(argc, argv, "vwd:m:")) != -1) {
        if (c == 'v')
            verbose = true;
        else if (c == 'w')
            rewrite = true;
        else if (c == 'd')
            only = optarg;
        else if (c == 'm')
            model = optarg;
        else
            return 64;
    }
    if (argc - optind < 2) {
        fprintf(stderr,
                "usage: labelled_faces [-vw] [-d DETECTOR] [-m MODEL] LABELS.tsv FOLDER ...\n");
        return 64;
    }
    n = read_labels(argv[optind], labels);
    a.folders = argv + optind + 1;
    a.n = argc - optind - 1;
    resizer_init(&a.resizer, ~0u);
    r = media_codec_new(&a.codec, &err);
    if (!r && !rewrite)
        r = open_finders(finders, model, only, &err);
    if (!r && fs_exists(MODEL))
        r = shape_predictor_load(&t.model, MODEL, &err);
    if (!r && locate(&a, BEHIND, &path))
        r = media_read_picture(a.codec, path.s, &a.behind, &err);
    for (i = 0; i < n && !r;) {
        int k = i + 1;

        while (k < n && labels[k].frame == labels[i].frame &&
               strcmp(labels[k].source, labels[i].source) == 0)
            k++;
        r = judge(&t, &a, finders, labels + i, k - i, i, &err);
        i = k;
    }
    if (!r && !rewrite) {
        if (verbose)
            print_fit(&t);
        print_apart(&t);
        print(&t, finders);
    }
    if (r)
        fprintf(stderr, "labelled_faces: %s\n", err.text);
    for (i = 0; i < N_DETECTORS; i++)
        finder_close(finders[i]);
    for (i = 0; i < 3; i++)
        free(t.fit[i]);
    for (i = 0; i < N_DETECTORS; i++)
        free(t.apart[i]);
    shape_predictor_free(t.model);
    media_codec_free(a.codec);
    image_release(&a.picture);
    image_release(&a.harder);
    image_release(&a.behind);
    image_release(&a.grey);
    image_release(&a.tiny);
    resizer_release(&a.resizer);
    str_release(&path);
    return r ? 65 : rewrite || t.pictures ? 0 : 69;
}
