/*
 * bench_extract [-m] [CLIP ...]: face extraction beside its peers, in the same run.
 *
 * For each clip (default: synthetic heads of 12 s at 480, 720 and 1080 rows, H.264 crf 23 with a
 * keyframe every 250 and every 12 frames) TSV lines `name value unit`:
 *   decode      ffmpeg -threads 1 -i CLIP -f null -         the goal's yardstick
 *   extract     lp-extract -j1, 32 frames, fast schedule: a clip more in a run of several
 *   one_core    wall time of both, each kept on one core
 *   startup     what a run of it costs before its first clip
 *   cnn         the same as extract with detector=cnn (SKIP without its model)
 *   reference   the same with schedule=reference
 *   recipe      the published pre-processing: decode and dlib on 32 doubled frames (dlib_oracle)
 *   landmarks   one face, ours and dlib's, on the same boxes
 *   share       of the CPU time of a run of several clips by library, from 1 % on: libavcodec
 *               decodes, libisal packs crops, lp-extract itself is detector, landmarks and
 *               conversion (SKIP without perf)
 * -m leaves the slow ones (reference, recipe) out. Needs BUILD_DIR or runs beside its build folder.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extract/sample.h"
#include "extract/shape_predictor.h"
#include "lib/fs.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/str.h"
#include "tests/bench/timing.h"

#define MODEL  "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"
#define FRAMES 32
#define RUNS   5 /* the best counts: other work on the machine only adds */
#define COPIES 5 /* of a clip, more than one, in a run */

/* Each run writes where nothing was, and all goes at the end: removing files takes time, and ext4
 * takes longer to make new ones for a while. About 5 GB of /tmp. */
#define NEW_FOLDER "\"$(mktemp -d %s/out-XXXXXX)\""

static const char *build;
static char scratch[] = "/tmp/lp-bench-XXXXXX";

static void line(const char *clip, const char *name, double value, const char *unit)
{
    printf("%s.%s\t%.6g\t%s\n", clip, name, value, unit);
    fflush(stdout);
}

static void report(const char *clip, const char *name, const struct cost *c, double yard_s)
{
    char key[64];

    snprintf(key, sizeof(key), "%s_wall", name);
    line(clip, key, c->wall_s, "s");
    snprintf(key, sizeof(key), "%s_cpu", name);
    line(clip, key, c->cpu_s, "s");
    snprintf(key, sizeof(key), "%s_peak", name);
    line(clip, key, (double)c->peak_kib / 1024, "MiB");
    if (yard_s > 0) {
        snprintf(key, sizeof(key), "%s_cpu_to_decode", name);
        line(clip, key, c->cpu_s / yard_s, "ratio");
    }
}

/* One row a copy of the clip. */
static bool write_fetch(const char *path, const char *clip, int copies)
{
    FILE *fp = fopen(path, "w");
    char *full = realpath(clip, NULL);
    int i;

    if (!fp || !full)
        return false;
    fprintf(fp, "#lp-manifest\tversion=1\tstage=fetch\ttool=0\tsettings=sha256:0\tinput=sha256:0\n"
                "id\tpath\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tpair\tstatus\treason\n");
    for (i = 0; i < copies; i++)
        fprintf(fp, "b/-/-/clip%d\t%s\treal\t-\t.\t.\t.\t.\tok\t.\n", i, full);
    free(full);
    return fclose(fp) == 0;
}

static bool write_ppm(const char *path, const struct image *img)
{
    FILE *fp = fopen(path, "wb");
    int y;

    if (!fp)
        return false;
    fprintf(fp, "P6\n%d %d\n255\n", img->width, img->height);
    for (y = 0; y < img->height; y++)
        fwrite(image_row(img, y), 3, (size_t)img->width, fp);
    return fclose(fp) == 0;
}

/* Writes the sampled frames as PPM and their list; returns their number. */
static int write_frames(const char *clip)
{
    const struct sampling spread = {.rule = SAMPLE_SPREAD, .frames = FRAMES};
    struct media_reader *reader = NULL;
    struct media_info info;
    struct image img = IMAGE_INIT;
    struct err err = {0};
    struct str path = STR_INIT;
    long long n, *frames = NULL, at = -1;
    size_t cap = 0, count = 0, i;
    double time_ms;
    FILE *list;

    str_addf(&path, "%s/list", scratch);
    list = fopen(path.s, "w");
    if (!list || media_count_frames(clip, &n, &err) ||
        sample_frames(&spread, n, 25, &frames, &cap, &count, &err) ||
        media_open(&reader, clip, &info, &err))
        goto out;
    for (i = 0; i < count; i++) {
        while (at < frames[i])
            if (media_next(reader, &at, &time_ms, &err) <= 0)
                goto out;
        str_clear(&path);
        str_addf(&path, "%s/%03zu.ppm", scratch, i);
        if (media_picture(reader, &img, &err) || !write_ppm(path.s, &img))
            goto out;
        fprintf(list, "%s\n", path.s);
    }
out:
    if (err.code)
        fprintf(stderr, "bench_extract: %s\n", err.text);
    if (list)
        fclose(list);
    media_close(reader);
    image_release(&img);
    str_release(&path);
    free(frames);
    return err.code ? -1 : (int)count;
}

static bool read_ppm(const char *path, struct image *img)
{
    FILE *fp = fopen(path, "rb");
    struct err err = {0};
    int w, h, y;
    bool ok = fp && fscanf(fp, "P6 %d %d 255", &w, &h) == 2 && fgetc(fp) != EOF &&
              !image_shape(img, w, h, 3, &err);

    for (y = 0; ok && y < h; y++)
        ok = fread(image_row(img, y), 3, (size_t)w, fp) == (size_t)w;
    if (fp)
        fclose(fp);
    return ok;
}

/* Ours and dlib's landmarks on the boxes that dlib_oracle found (its answers), each face new.
 * Returns the seconds that dlib took for detection and landmarks of all frames. */
static double landmarks(const char *clip, const char *answers)
{
    struct shape_predictor *model = NULL;
    struct err err = {0};
    struct image img = IMAGE_INIT;
    FILE *fp = fopen(answers, "r");
    char *text = NULL, path[128];
    size_t cap = 0;
    double ours_s[2] = {INFINITY, INFINITY}, dlib_ms = 0, recipe_ms = 0, worst = 0;
    double start = msg_now_s();
    int i, k, pass, faces = 0;

    if (!fp || shape_predictor_load(&model, MODEL, &err))
        goto out;
    line(clip, "model_load", 1e3 * (msg_now_s() - start), "ms");
    for (pass = 0; pass < 2 * RUNS; pass++) {
        double seconds = 0;

        /* Plain C and what this processor can do, in turns. */
        shape_predictor_limit(model, pass % 2 ? ~0u : 0);
        rewind(fp);
        dlib_ms = recipe_ms = worst = faces = 0;
        for (i = 0; getline(&text, &cap, fp) > 0; i++) {
            struct point p[SHAPE_MAX_POINTS];
            struct rect box;
            double score, detect_ms, ms;
            char *at;
            int n, used;

            snprintf(path, sizeof(path), "%s/%03d.ppm", scratch, i);
            if (sscanf(text, "none %lf", &detect_ms) == 1)
                recipe_ms += detect_ms;
            if (sscanf(text, "%d %d %d %d %lf %lf %lf %d%n", &box.x0, &box.y0, &box.x1, &box.y1,
                       &score, &detect_ms, &ms, &n, &used) != 8 ||
                !read_ppm(path, &img))
                continue;
            start = msg_now_s();
            shape_predictor_fit(model, &img, box, p);
            seconds += msg_now_s() - start;
            dlib_ms += ms;
            recipe_ms += detect_ms + ms;
            faces++;
            at = text + used;
            for (k = 0; k < 2 * n; k++)
                (void)strtod(at, &at);
            for (k = 0; k < n; k++) {
                double dx = p[k].x - strtod(at, &at), dy = p[k].y - strtod(at, &at);

                worst = fmax(worst, hypot(dx, dy));
            }
        }
        ours_s[pass % 2] = fmin(ours_s[pass % 2], seconds);
    }
    if (faces) {
        line(clip, "landmarks", 1e3 * ours_s[1] / faces, "ms/face");
        line(clip, "landmarks_plain", 1e3 * ours_s[0] / faces, "ms/face");
        line(clip, "landmarks_dlib", dlib_ms / faces, "ms/face");
        line(clip, "landmarks_difference", worst, "px");
    }
out:
    if (err.code)
        fprintf(stderr, "bench_extract: %s\n", err.text);
    shape_predictor_free(model);
    image_release(&img);
    free(text);
    if (fp)
        fclose(fp);
    return recipe_ms / 1e3;
}

/* lp-extract on one clip, and on COPIES more: what each costs, and what the run does before. In
 * turns with the yardstick's command, if there is one, so that both see the same machine. */
static bool extract(const char *clip, const char *detector, const char *yard_command,
                    struct cost *yard, struct cost *each, struct cost *startup)
{
    struct cost cost[2] = {{0}};
    char command[2][4096], path[2][256];
    int i, k;

    for (i = 0; i < 2; i++) {
        snprintf(path[i], sizeof(path[i]), "%s/%s.tsv", scratch, i ? "fetch" : "one");
        snprintf(command[i], sizeof(command[i]),
                 "'%s/bin/lp-extract' -q -j1 -i %s -o " NEW_FOLDER "/extract.tsv "
                 "--set extract.frames=%d --set extract.detector=%s",
                 build, path[i], scratch, FRAMES, detector);
        if (!write_fetch(path[i], clip, i ? 1 + COPIES : 1))
            return false;
    }
    if (yard)
        *yard = (struct cost){0};
    for (k = 0; k < RUNS; k++)
        if ((yard && !cost_once_more(yard_command, yard)) ||
            !cost_once_more(command[0], &cost[0]) || !cost_once_more(command[1], &cost[1]))
            return false;
    each->wall_s = (cost[1].wall_s - cost[0].wall_s) / COPIES;
    each->cpu_s = (cost[1].cpu_s - cost[0].cpu_s) / COPIES;
    each->peak_kib = cost[1].peak_kib;
    startup->wall_s = cost[0].wall_s - each->wall_s;
    startup->cpu_s = cost[0].cpu_s - each->cpu_s;
    startup->peak_kib = cost[0].peak_kib;
    return true;
}

/* Where the time of lp-extract goes, by perf; scratch/fetch.tsv lists the clips. */
static void shares(const char *clip)
{
    char command[2048], text[256], object[128];
    bool any = false;
    double percent;
    FILE *fp;

    snprintf(command, sizeof(command),
             "perf record -q -F 999 -o %s/perf '%s/bin/lp-extract' -q -j1 -i %s/fetch.tsv "
             "-o " NEW_FOLDER "/extract.tsv --set extract.frames=%d >/dev/null 2>&1; "
             "perf report -q -i %s/perf --sort dso 2>/dev/null",
             scratch, build, scratch, scratch, FRAMES, scratch);
    fp = popen(command, "r");
    while (fp && fgets(text, sizeof(text), fp))
        if (sscanf(text, "%lf%% %127s", &percent, object) == 2 && percent >= 1) {
            printf("%s.share_%s\t%.1f\t%%\n", clip, object, percent);
            any = true;
        }
    if (fp)
        pclose(fp);
    if (!any)
        printf("%s.share\tSKIP\tperf is missing or may not measure\n", clip);
}

/* dlib on every sampled frame: the published way, and an oracle for the landmarks. */
static bool recipe(const char *name, const char *clip, double decode_s, double extract_s)
{
    struct cost oracle, cost;
    char command[4096], path[256];
    double recipe_s;

    if (write_frames(clip) < 1)
        return false;
    snprintf(command, sizeof(command), "'%s/tests/oracle/dlib_oracle' %s -u < %s/list > %s/answers",
             build, MODEL, scratch, scratch);
    if (!cost_of_command(command, 1, &oracle))
        return false;
    snprintf(path, sizeof(path), "%s/answers", scratch);
    recipe_s = landmarks(name, path);
    line(name, "recipe_cpu", decode_s + recipe_s, "s"); /* it decodes every frame too */
    line(name, "recipe_to_extract", (decode_s + recipe_s) / extract_s, "ratio");
    snprintf(command, sizeof(command),
             "'%s/bin/lp-extract' -q -j1 -i %s/fetch.tsv -o " NEW_FOLDER "/extract.tsv --set "
             "extract.frames=%d --set extract.schedule=reference",
             build, scratch, scratch, FRAMES);
    snprintf(path, sizeof(path), "%s/fetch.tsv", scratch);
    if (!write_fetch(path, clip, 1) || !cost_of_command(command, 1, &cost))
        return false;
    report(name, "reference", &cost, decode_s);
    return true;
}

/* Wall time where both have one core: ffmpeg, told to decode with one thread, has others beside. */
static bool one_core(const char *name, const char *clip, const char *decode_command)
{
    struct cost decode, each, startup;
    cpu_set_t all, one;
    bool ok;

    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (sched_getaffinity(0, sizeof(all), &all) || sched_setaffinity(0, sizeof(one), &one)) {
        printf("%s.one_core\tSKIP\tthreads cannot be kept on a core here\n", name);
        return true;
    }
    ok = extract(clip, "hog", decode_command, &decode, &each, &startup);
    (void)sched_setaffinity(0, sizeof(all), &all);
    if (ok) {
        line(name, "decode_one_core_wall", decode.wall_s, "s");
        line(name, "extract_one_core_wall", each.wall_s, "s");
        line(name, "extract_one_core_wall_to_decode", each.wall_s / decode.wall_s, "ratio");
    }
    return ok;
}

static bool bench(const char *clip, bool slow)
{
    const char *slash = strrchr(clip, '/'), *name = slash ? slash + 1 : clip;
    struct cost decode, each, startup, cnn;
    char command[4096];

    snprintf(command, sizeof(command), "ffmpeg -nostdin -v error -threads 1 -i '%s' -f null -",
             clip);
    if (!extract(clip, "hog", command, &decode, &each, &startup))
        return false;
    report(name, "decode", &decode, 0);
    report(name, "extract", &each, decode.cpu_s);
    line(name, "extract_wall_to_decode", each.wall_s / decode.wall_s, "ratio");
    line(name, "startup_cpu", startup.cpu_s, "s");
    if (!one_core(name, clip, command))
        return false;
    shares(name);
    if (extract(clip, "cnn", NULL, NULL, &cnn, &startup))
        report(name, "cnn", &cnn, decode.cpu_s);
    else
        printf("%s.cnn\tSKIP\tno model (make models), or built without XNNPACK\n", name);
    return !slow || recipe(name, clip, decode.cpu_s, each.cpu_s);
}

/* Synthetic heads, at `rows` rows and with a keyframe every `keyint` frames. */
static bool make_clip(int rows, int keyint, char *path, size_t size)
{
    char command[1024], base[256];
    struct cost c;

    snprintf(base, sizeof(base), "%s/base/original_sequences/youtube/c23/videos/000.mp4", scratch);
    if (!fs_exists(base)) {
        snprintf(command, sizeof(command),
                 "'%s/gen/gen-heads' -q -o %s/base --sequences 2 --frames 300 --width 1920 "
                 "--height 1080",
                 build, scratch);
        if (!cost_of_command(command, 1, &c))
            return false;
    }
    snprintf(path, size, "%s/heads-%d-g%d.mp4", scratch, rows, keyint);
    snprintf(command, sizeof(command),
             "ffmpeg -nostdin -v error -y -i %s -an -vf scale=-2:%d -c:v libx264 -crf 23 -g %d %s",
             base, rows, keyint, path);
    return cost_of_command(command, 1, &c);
}

int main(int argc, char **argv)
{
    bool slow = true, ok = true;
    struct err err = {0};
    static const int rows[] = {480, 720, 1080};
    char made[256];
    int i, k;

    build = getenv("BUILD_DIR");
    if (!build)
        build = "build/release";
    for (i = 1; i < argc && strcmp(argv[i], "-m") == 0; i++)
        slow = false;
    if (!mkdtemp(scratch))
        return 73;
    for (k = 0; i == argc && k < 6; k++)
        ok = make_clip(rows[k / 2], k % 2 ? 12 : 250, made, sizeof(made)) &&
             bench(made, slow && k % 2 == 0) && ok;
    for (; i < argc; i++)
        ok = bench(argv[i], slow) && ok;
    if (fs_remove_tree(scratch, &err))
        fprintf(stderr, "bench_extract: %s\n", err.text);
    return ok ? 0 : 70;
}
