/*
 * faces_beside_dlib [-n FRAMES] PICTURE-OR-CLIP ...
 *
 * Runs our finder and landmark engine and dlib (dlib_oracle) on the same pictures and on FRAMES
 * evenly spaced frames of each clip, prints what differs as TSV lines `name value unit`, and exits
 * 1 when a promise is broken: landmarks within 1 px of dlib's and 0.1 px on average (after dlib's
 * rounding), the reference schedule's boxes equal to dlib's, and the fast schedule on the same face
 * (IoU >= 0.5) in 99 % of the frames of clips where dlib finds one.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract/finder.h"
#include "extract/sample.h"
#include "extract/shape_predictor.h"
#include "lib/fs.h"
#include "lib/landmarks.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/str.h"

#define MODEL "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"
#define N     68

struct totals {
    long pictures, dlib, boxes_same, clip_dlib, clip_same, clip_found, points;
    double worst_px, sum_px, worst_exact_px;
    double *
        fast_percent; /* the fast schedule's landmarks off the reference's, % of the eye distance */
    size_t n_fast, fast_cap;
};

static char scratch[] = "/tmp/lp-faces-XXXXXX";

/* ---- pictures as PPM -------------------------------------------------------------------------*/

static int write_ppm(FILE *list, long number, bool starts, const struct image *img, struct err *err)
{
    char path[64];
    FILE *fp;
    int y;

    snprintf(path, sizeof(path), "%s/%06ld%s.ppm", scratch, number, starts ? "-first" : "");
    fp = fopen(path, "wb");
    if (!fp)
        return err_set(err, ERR_CREATE, "cannot create '%s'", path);
    fprintf(fp, "P6\n%d %d\n255\n", img->width, img->height);
    for (y = 0; y < img->height; y++)
        fwrite(image_row(img, y), 3, (size_t)img->width, fp);
    if (fclose(fp))
        return err_set(err, ERR_IO, "cannot write '%s'", path);
    fprintf(list, "%s\n", path);
    return 0;
}

static bool read_ppm(const char *path, struct image *img, struct err *err)
{
    FILE *fp = fopen(path, "rb");
    int w, h, y;
    bool ok = fp && fscanf(fp, "P6 %d %d 255", &w, &h) == 2 && fgetc(fp) != EOF &&
              !image_shape(img, w, h, 3, err);

    for (y = 0; ok && y < h; y++)
        ok = fread(image_row(img, y), 3, (size_t)w, fp) == (size_t)w;
    if (fp)
        fclose(fp);
    return ok;
}

static int copy_picture(const char *path, FILE *list, long *number, struct err *err)
{
    struct media_codec *codec = NULL;
    struct image img = IMAGE_INIT;
    int r = media_codec_new(&codec, err);

    if (!r)
        r = media_read_picture(codec, path, &img, err);
    if (!r)
        r = write_ppm(list, (*number)++, true, &img, err);
    media_codec_free(codec);
    image_release(&img);
    return r;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && strcmp(s + n - k, end) == 0;
}

/* The sampled frames of a clip, or a picture. */
static int unroll(const char *path, long long n_wanted, FILE *list, long *number, struct err *err)
{
    const struct sampling spread = {.rule = SAMPLE_SPREAD, .frames = n_wanted};
    struct media_reader *reader = NULL;
    struct media_info info;
    struct image img = IMAGE_INIT;
    long long n, *frames = NULL, at = -1;
    size_t cap = 0, count = 0, i;
    double time_ms;
    int r;

    if (ends_with(path, ".jpg") || ends_with(path, ".png"))
        return copy_picture(path, list, number, err);
    if ((r = media_count_frames(path, &n, err)) ||
        (r = sample_frames(&spread, n, 25, &frames, &cap, &count, err)) ||
        (r = media_open(&reader, path, &info, err)))
        goto out;
    for (i = 0; i < count && !r; i++) {
        media_skip_to(reader, frames[i]);
        while (at < frames[i] && (r = media_next(reader, &at, &time_ms, err)) > 0)
            ;
        if (r <= 0)
            break;
        r = media_picture(reader, &img, err);
        if (!r)
            r = write_ppm(list, (*number)++, i == 0, &img, err);
    }
out:
    media_close(reader);
    image_release(&img);
    free(frames);
    return r < 0 ? r : 0;
}

/* ---- comparing -------------------------------------------------------------------------------*/

struct side {
    struct finder *fast, *reference;
    struct shape_predictor *model;
};

static void compare_landmarks(struct totals *t, const struct point *ours, char *numbers)
{
    double rounded[2 * N], exact[2 * N];
    int i;

    for (i = 0; i < 2 * N; i++)
        rounded[i] = strtod(numbers, &numbers);
    for (i = 0; i < 2 * N; i++)
        exact[i] = strtod(numbers, &numbers);
    for (i = 0; i < N; i++) {
        double off = hypot(floor(ours[i].x + 0.5) - rounded[2 * i],
                           floor(ours[i].y + 0.5) - rounded[2 * i + 1]);

        t->worst_px = fmax(t->worst_px, off);
        t->sum_px += off;
        t->points++;
        off = hypot(ours[i].x - exact[2 * i], ours[i].y - exact[2 * i + 1]);
        t->worst_exact_px = fmax(t->worst_exact_px, off);
    }
}

static int compare_fast(struct totals *t, const struct side *s, const struct image *img,
                        const struct landmarks *reference, const struct face *fast, struct err *err)
{
    struct point p[SHAPE_MAX_POINTS];
    double sum = 0;
    int i;

    if (mem_grow(&t->fast_percent, &t->fast_cap, t->n_fast + 1, sizeof(*t->fast_percent)))
        return err_nomem(err);
    shape_predictor_fit(s->model, img, fast->box, p);
    for (i = 0; i < N; i++)
        sum += hypot(p[i].x - reference->p[i].x, p[i].y - reference->p[i].y);
    t->fast_percent[t->n_fast++] = 100 * sum / N / landmarks_eye_distance(reference);
    return 0;
}

/* `answer` is dlib_oracle's line for the picture at `path`. */
static int compare(struct totals *t, const struct side *s, const char *path, char *answer,
                   bool clip, struct image *img, struct err *err)
{
    struct landmarks l = {.n = N};
    struct point p[SHAPE_MAX_POINTS];
    struct face fast, reference;
    struct rect box;
    double score, detect_ms, landmarks_ms;
    int n, used, found, r, i;

    if (!read_ppm(path, img, err))
        return err_set(err, ERR_DATA, "cannot read '%s'", path);
    if (strstr(path, "-first"))
        finder_start(s->fast);
    found = finder_find(s->fast, img, NULL, &fast, err);
    r = found < 0 ? found : finder_find(s->reference, img, NULL, &reference, err);
    if (r < 0)
        return r;
    t->pictures++;
    t->clip_found += clip && found;
    if (sscanf(answer, "%d %d %d %d %lf %lf %lf %d%n", &box.x0, &box.y0, &box.x1, &box.y1, &score,
               &detect_ms, &landmarks_ms, &n, &used) != 8 ||
        n != N) {
        t->boxes_same += r == 0; /* neither finds a face */
        return 0;
    }
    t->dlib++;
    t->boxes_same += r == 1 && memcmp(&box, &reference.box, sizeof(box)) == 0;
    shape_predictor_fit(s->model, img, box, p);
    compare_landmarks(t, p, answer + used);
    if (!clip)
        return 0;
    t->clip_dlib++;
    if (!found || rect_iou(fast.box, box) < 0.5) {
        printf("missed\t%s\t%s\n", path, found ? "another face" : "no face");
        return 0;
    }
    t->clip_same++;
    for (i = 0; i < N; i++)
        l.p[i] = p[i];
    return compare_fast(t, s, img, &l, &fast, err);
}

static int compare_all(struct totals *t, const struct side *s, const bool *is_clip, struct err *err)
{
    const char *build = getenv("BUILD_DIR");
    struct image img = IMAGE_INIT;
    char command[512], list_path[64], path[64], *line = NULL;
    size_t cap = 0;
    FILE *answers, *list;
    long k;
    int r = 0;

    snprintf(list_path, sizeof(list_path), "%s/list", scratch);
    snprintf(command, sizeof(command), "'%s/tests/oracle/dlib_oracle' %s -u < %s",
             build ? build : "build/release", MODEL, list_path);
    list = fopen(list_path, "r");
    answers = popen(command, "r");
    for (k = 0; list && answers && !r && fscanf(list, "%63s", path) == 1; k++) {
        if (getline(&line, &cap, answers) <= 0)
            r = err_set(err, ERR_DATA, "dlib_oracle ended early");
        else
            r = compare(t, s, path, line, is_clip[k], &img, err);
    }
    if (answers && pclose(answers) && !r)
        r = err_set(err, ERR_DATA, "dlib_oracle failed");
    if (list)
        fclose(list);
    free(line);
    image_release(&img);
    return r;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Prints the figures; true if the promises hold. */
static bool verdict(struct totals *t)
{
    double mean = t->points ? t->sum_px / (double)t->points : 0;
    double same = t->clip_dlib ? (double)t->clip_same / (double)t->clip_dlib : 1;

    printf("pictures\t%ld\t1\n", t->pictures);
    printf("dlib_faces\t%ld\t1\n", t->dlib);
    printf("reference_equal\t%ld\t1\n", t->boxes_same);
    printf("landmarks_max\t%.3g\tpx\n", t->worst_px);
    printf("landmarks_mean\t%.3g\tpx\n", mean);
    printf("landmarks_max_unrounded\t%.3g\tpx\n", t->worst_exact_px);
    printf("clip_frames_dlib\t%ld\t1\n", t->clip_dlib);
    printf("clip_frames_fast\t%ld\t1\n", t->clip_found);
    printf("fast_same_face\t%.4f\tratio\n", same);
    if (t->n_fast) {
        qsort(t->fast_percent, t->n_fast, sizeof(*t->fast_percent), by_value);
        printf("fast_landmarks_median\t%.2f\t%% eye distance\n", t->fast_percent[t->n_fast / 2]);
        printf("fast_landmarks_p90\t%.2f\t%% eye distance\n", t->fast_percent[t->n_fast * 9 / 10]);
        if (t->fast_percent[t->n_fast / 2] > 2)
            return false;
    }
    return t->dlib > 0 && t->worst_px <= 1 && mean <= 0.1 && same >= 0.99 &&
           t->boxes_same == t->pictures;
}

int main(int argc, char **argv)
{
    struct totals t = {0};
    struct side s = {0};
    struct detector *detector = NULL;
    struct err err = {0};
    char path[64];
    bool *is_clip = NULL, good = false;
    size_t cap = 0;
    long number = 0, before, wanted = 32;
    FILE *list = NULL;
    int i = 1, r = 0;

    if (argc > 3 && strcmp(argv[1], "-n") == 0) {
        wanted = atol(argv[2]);
        i = 3;
    }
    if (i >= argc || wanted < 1) {
        fprintf(stderr, "usage: faces_beside_dlib [-n FRAMES] PICTURE-OR-CLIP ...\n");
        return 64;
    }
    if (!mkdtemp(scratch))
        return 73;
    snprintf(path, sizeof(path), "%s/list", scratch);
    list = fopen(path, "w");
    for (; list && i < argc && !r; i++) {
        before = number;
        r = unroll(argv[i], wanted, list, &number, &err);
        if (!r && mem_grow(&is_clip, &cap, (size_t)number, sizeof(*is_clip)))
            r = err_nomem(&err);
        for (long k = before; !r && k < number; k++)
            is_clip[k] = number - before > 1;
    }
    if (list)
        fclose(list);
    if (!r && !(r = detector_open(&detector, DETECTOR_HOG, NULL, &err)) &&
        !(r = finder_open(&s.fast, detector, SCHEDULE_FAST, 80, &err)) &&
        !(r = finder_open(&s.reference, detector, SCHEDULE_REFERENCE, 80, &err)) &&
        !(r = shape_predictor_load(&s.model, MODEL, &err)) &&
        !(r = compare_all(&t, &s, is_clip, &err)))
        good = verdict(&t);
    if (r)
        fprintf(stderr, "faces_beside_dlib: %s\n", err.text);
    finder_close(s.fast);
    finder_close(s.reference);
    detector_close(detector);
    shape_predictor_free(s.model);
    free(is_clip);
    free(t.fast_percent);
    if (fs_remove_tree(scratch, &err))
        fprintf(stderr, "faces_beside_dlib: %s\n", err.text);
    return r ? 65 : good ? 0 : 1;
}
