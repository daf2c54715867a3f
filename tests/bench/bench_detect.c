/*
 * bench_detect [CLIP ...]: what finding the face of a frame costs, both detectors in one run.
 *
 * TSV lines `name value unit`, CPU time of one thread, best of three, for each clip (default:
 * synthetic heads at 1280x720 and 1920x1080, made with gen-heads), over sixteen frames spread over
 * it, decoded before:
 *   hog.fast, cnn.fast            as lp-extract goes through a video: around the last face
 *   hog.whole, cnn.whole          each frame as if it were the first, faces from 80 px on
 *   hog.reference, cnn.reference  as in the published pre-processing, faces from 40 px on
 * Without XNNPACK or the weights (make models) the lines of cnn are one SKIP line.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "extract/finder.h"
#include "extract/sample.h"
#include "lib/fs.h"
#include "lib/media.h"

#define FRAMES 16
#define RUNS   3

static struct image frames[FRAMES];
static int n_frames;
static char scratch[] = "/tmp/lp-bench-XXXXXX";

static double cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int load(const char *clip, struct err *err)
{
    const struct sampling spread = {.rule = SAMPLE_SPREAD, .frames = FRAMES};
    struct media_reader *reader = NULL;
    long long n, *wanted = NULL, at = -1;
    size_t cap = 0, count = 0, i;
    int r;

    n_frames = 0;
    if ((r = media_count_frames(clip, &n, err)) ||
        (r = sample_frames(&spread, n, 25, &wanted, &cap, &count, err)) ||
        (r = media_open(&reader, clip, NULL, err)))
        goto out;
    for (i = 0; i < count && r >= 0; i++) {
        while (at < wanted[i] && (r = media_next(reader, &at, NULL, err)) > 0)
            ;
        if (r > 0)
            r = media_picture(reader, &frames[n_frames++], err);
    }
out:
    media_close(reader);
    free(wanted);
    return r < 0 ? r : 0;
}

/* Milliseconds a frame. `afresh`: forget the last face before each. */
static int go_through(struct finder *f, bool afresh, int runs, double *best_ms, int *found,
                      struct err *err)
{
    struct face face;
    int i, k, r;

    for (k = 0; k < runs; k++) {
        double start = cpu_ms(), ms;

        *found = 0;
        finder_start(f);
        for (i = 0; i < n_frames; i++) {
            if (afresh)
                finder_start(f);
            r = finder_find(f, &frames[i], NULL, &face, err);
            if (r < 0)
                return r;
            *found += r;
        }
        ms = (cpu_ms() - start) / n_frames;
        if (k == 0 || ms < *best_ms)
            *best_ms = ms;
    }
    return 0;
}

static int one(const char *clip, enum detector_name name, double fast_ms[DETECTOR_N],
               struct err *err)
{
    static const struct {
        const char *name;
        enum schedule schedule;
        bool afresh;
        int runs;
    } ways[] = {{"fast", SCHEDULE_FAST, false, RUNS},
                {"whole", SCHEDULE_FAST, true, RUNS},
                {"reference", SCHEDULE_REFERENCE, true, 1}};
    const char *slash = strrchr(clip, '/');
    struct detector *d = NULL;
    int i, r = detector_open(&d, name, NULL, err);

    for (i = 0; i < 3 && !r; i++) {
        struct finder *f = NULL;
        double ms = 0;
        int found = 0;

        r = finder_open(&f, d, ways[i].schedule, 80, err);
        if (!r)
            r = go_through(f, ways[i].afresh, ways[i].runs, &ms, &found, err);
        if (!r) {
            printf("%s.%d.%s.%s\t%.3g\tms/frame\t%d of %d\n", slash ? slash + 1 : clip,
                   frames[0].height, detector_word(d), ways[i].name, ms, found, n_frames);
            fflush(stdout);
        }
        if (i == 0)
            fast_ms[name] = ms;
        finder_close(f);
    }
    detector_close(d);
    return r;
}

static int bench(const char *clip, struct err *err)
{
    double fast_ms[DETECTOR_N] = {0};
    int r = load(clip, err);

    if (!r)
        r = one(clip, DETECTOR_HOG, fast_ms, err);
    if (!r)
        r = one(clip, DETECTOR_CNN, fast_ms, err);
    if (r == ERR_MISSING) {
        printf("SKIP cnn: %s\n", err->text);
        err_clear(err);
        return 0;
    }
    if (!r)
        printf("%d.cnn_to_hog_fast\t%.3g\tratio\n", frames[0].height,
               fast_ms[DETECTOR_CNN] / fast_ms[DETECTOR_HOG]);
    return r;
}

static int made_clip(int width, int height, struct err *err)
{
    const char *build = getenv("BUILD_DIR");
    char command[1024], clip[256];

    snprintf(command, sizeof(command),
             "'%s/gen/gen-heads' -q -o %s/%d --sequences 2 --frames 64 --width %d --height %d",
             build ? build : "build/release", scratch, height, width, height);
    snprintf(clip, sizeof(clip), "%s/%d/original_sequences/youtube/c23/videos/000.mp4", scratch,
             height);
    if (system(command) != 0)
        return err_set(err, ERR_FAULT, "cannot run gen-heads");
    return bench(clip, err);
}

int main(int argc, char **argv)
{
    struct err err = {0}, late = {0};
    int i, r = 0;

    if (!mkdtemp(scratch))
        return 73;
    for (i = 1; i < argc && !r; i++)
        r = bench(argv[i], &err);
    if (argc == 1 && !(r = made_clip(1280, 720, &err)))
        r = made_clip(1920, 1080, &err);
    if (r)
        fprintf(stderr, "bench_detect: %s\n", err.text);
    for (i = 0; i < FRAMES; i++)
        image_release(&frames[i]);
    if (fs_remove_tree(scratch, &late))
        fprintf(stderr, "bench_detect: %s\n", late.text);
    return r ? 70 : 0;
}
