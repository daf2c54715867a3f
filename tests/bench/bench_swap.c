/*
 * bench_swap [SECONDS]: training samples a second on one core, beside a peer in the same run.
 *
 * TSV lines `name value unit`. In memory: by kind of sample and by side of the crop (a face of half
 * that width), CPU time of this process. With files: lp-swap as a whole, reading PNG or JPEG crops
 * and writing JPEG samples, with 1 and 2 threads. Peer: tests/bench/swap_peer.py, the published
 * recipe on OpenCV and NumPy, if those are there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/cpu.h"
#include "lib/fs.h"
#include "lib/media.h"
#include "lib/manifest.h"
#include "lib/npy.h"
#include "lib/str.h"
#include "tests/bench/timing.h"
#include "tests/unit/swap_fixture.h"

#define RUNS  3 /* of each number of threads: the best counts */
#define PAIRS 8 /* in turn, so that the caches do not hold one pair */

static double budget = 1.0; /* seconds a line */

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void line(const char *name, double value, const char *unit)
{
    printf("%s\t%.6g\t%s\n", name, value, unit);
    fflush(stdout);
}

static _Noreturn void stop(const struct err *err)
{
    fprintf(stderr, "bench_swap: %s\n", err->text);
    exit(70);
}

static void memory_line(const char *name, const struct swap_method *method,
                        const struct swap_settings *set, int side, int genuine, unsigned cpu_mask)
{
    static struct image fake[PAIRS], real[PAIRS];
    struct swap_scratch scratch = {0};
    struct swap_sample sample = {0};
    struct swap_input in = {.is_fake = true};
    struct err err = {0};
    double start, spent;
    long n = 0, made = 0;
    int i;

    for (i = 0; i < PAIRS; i++) {
        char id[16];

        snprintf(id, sizeof id, "fake%d", i);
        fixture_texture(&fake[i], side, side, id);
        snprintf(id, sizeof id, "real%d", i);
        fixture_texture(&real[i], side, side, id);
    }
    swap_scratch_init(&scratch, cpu_mask);
    in.landmarks = in.donor_landmarks = fixture_face(side / 2.0, side * .45, side / 2.0);
    start = cpu_s();
    do {
        char id[24];

        snprintf(id, sizeof id, "%ld", n);
        in.id = id;
        in.is_fake = !(genuine && n % genuine == 0);
        in.self = (struct swap_crop){&fake[n % PAIRS], 0, 0};
        in.pristine = in.donor = (struct swap_crop){&real[n % PAIRS], 0, 0};
        if (method->make(set, &in, &scratch, &sample, &err) == 0)
            made++;
        else if (err.code != ERR_DATA)
            stop(&err);
        err_clear(&err);
        n++;
        spent = cpu_s() - start;
    } while (spent < budget);
    line(name, (double)made / spent, "samples/s");
    swap_scratch_release(&scratch);
    swap_sample_release(&sample);
}

static void in_memory(void)
{
    static const int sides[] = {224, 400, 800};
    static const struct {
        const char *name;
        double real_on_fake, untouched, partial, poisson;
    } kinds[] = {
        {"untouched", 0, 1, 0, 0},       {"global-alpha", 1, 0, 0, 0},
        {"global-poisson", 1, 0, 0, 1},  {"partial-alpha", 0, 0, 1, 0},
        {"partial-poisson", 0, 0, 1, 1},
    };
    struct swap_settings set;
    char name[64];
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        set = fixture_settings();
        set.real_on_fake = kinds[i].real_on_fake;
        set.fake_on_real = 0;
        set.untouched = kinds[i].untouched;
        set.partial = kinds[i].partial;
        set.poisson = kinds[i].poisson;
        snprintf(name, sizeof name, "memory.400px.%s", kinds[i].name);
        memory_line(name, &swap_mfs, &set, 400, 0, cpu_flags());
    }
    set = fixture_settings();
    for (i = 0; i < sizeof sides / sizeof *sides; i++) {
        snprintf(name, sizeof name, "memory.%dpx.default-mix", sides[i]);
        memory_line(name, &swap_mfs, &set, sides[i], 6, cpu_flags());
    }
    /* A genuine sample and a fake in turn. */
    for (i = 0; swap_methods[i]; i++) {
        if (!swap_methods[i]->real_only)
            continue;
        snprintf(name, sizeof name, "memory.224px.%s", swap_methods[i]->name);
        memory_line(name, swap_methods[i], &set, 224, 2, cpu_flags());
        snprintf(name, sizeof name, "memory.400px.%s", swap_methods[i]->name);
        memory_line(name, swap_methods[i], &set, 400, 2, cpu_flags());
    }
    memory_line("memory.400px.default-mix.no-simd", &swap_mfs, &set, 400, 6, 0);
}

/* ---- with files ----------------------------------------------------------------------------- */

/* A run of `frames` moments, a pristine crop and five fakes each. */
static void make_run(const char *folder, const char *suffix, enum media_format format, int frames,
                     int side, struct err *err)
{
    struct media_codec *codec = NULL;
    struct landmarks l = fixture_face(side / 2.0, side * .45, side / 2.0);
    const size_t shape[3] = {1, 68, 2};
    struct image img = IMAGE_INIT;
    float points[136];
    char path[512], name[64], id[64], video[32];
    FILE *fp;
    int i, v;

    if (media_codec_new(&codec, err))
        stop(err);
    for (i = 0; i < 136; i++)
        points[i] = (float)(i % 2 ? l.p[i / 2].y : l.p[i / 2].x);
    snprintf(path, sizeof path, "%s/l.npy", folder);
    if (npy_write(path, NPY_F32, 3, shape, points, err))
        stop(err);
    snprintf(path, sizeof path, "%s/extract.tsv", folder);
    fp = fopen(path, "w");
    if (!fp) {
        err_set(err, ERR_CREATE, "cannot create '%s'", path);
        stop(err);
    }
    fprintf(fp,
            "#lp-manifest\tversion=1\tstage=extract\ttool=0.1.0\tsettings=sha256:0\t"
            "input=sha256:0\nid\tvideo\tpair\tlabel\tsplit\tface_id\tcontext_id\tcomponent\t"
            "frame\tcrop_x_px\tcrop_y_px\tcrop_w_px\tcrop_h_px\timage\tlandmarks\tlandmark_row\t"
            "status\treason\n");
    for (v = 0; v < 6; v++) {
        snprintf(video, sizeof video, "b/%c/c/0", v < 5 ? 'A' + v : 'o');
        for (i = 0; i < frames; i++) {
            snprintf(id, sizeof id, "%s/%06d", video, i);
            snprintf(name, sizeof name, "%d-%d.%s", v, i, suffix);
            fprintf(fp, "%s\t%s\t%s\t%s\ttrain\tf\tc\tk\t%d\t0\t0\t%d\t%d\t%s\tl.npy\t0\tok\t.\n",
                    id, video, v < 5 ? "b/o/c/0" : ".", v < 5 ? "fake" : "real", i, side, side,
                    name);
            fixture_texture(&img, side, side, name);
            snprintf(path, sizeof path, "%s/%s", folder, name);
            if (media_write_picture(codec, path, &img, format, format == MEDIA_PNG ? 1 : 95, err))
                stop(err);
        }
    }
    fclose(fp);
    image_release(&img);
    media_codec_free(codec);
}

/* Where the time of a run goes, as perf samples it: shares of libraries, then of our functions. */
static void profile(const char *build, const char *folder, const char *suffix, int side)
{
    static const char *const reports[] = {"--sort dso", "--sort sym --dsos lp-swap"};
    char command[2048], text[512], word[256];
    double share;
    bool any = false;
    FILE *fp;
    int k;

    snprintf(command, sizeof command,
             "perf record -q -o %s/perf.data %s/bin/lp-swap -q -i %s/extract.tsv -o %s/swap.tsv "
             "-s swap.epochs=3 -j 1 >/dev/null 2>&1",
             folder, build, folder, folder);
    for (k = 0; k < 2 && (k || system(command) == 0); k++) {
        snprintf(command, sizeof command,
                 "perf report -i %s/perf.data --no-children %s --percent-limit 1.5 2>/dev/null",
                 folder, reports[k]);
        fp = popen(command, "r");
        while (fp && fgets(text, sizeof text, fp))
            if (sscanf(text, k ? " %lf%% [%*c] %255s" : " %lf%% %255s", &share, word) == 2) {
                word[strcspn(word, "(<")] = '\0';
                printf("profile.%dpx-%s.%s\t%.1f\t%%\n", side, suffix, word, share);
                any = true;
            }
        if (fp)
            pclose(fp);
    }
    if (!any)
        printf("# skipped profile: perf is not installed, or may not look\n");
}

static void with_files(const char *build, const char *suffix, enum media_format format, int side)
{
    const int frames = 60, epochs = 8; /* a start and an end are not scaled */
    char folder[] = "/tmp/lp-bench-XXXXXX", command[1024], name[64];
    struct err err = {0};
    struct cost best[3] = {{0}};
    int i, jobs, samples = frames * 6 * epochs;

    if (!mkdtemp(folder))
        return;
    make_run(folder, suffix, format, frames, side, &err);
    for (i = 0; i < 2 * RUNS; i++) {
        struct cost c;

        jobs = 1 + i % 2; /* in turns: what else runs here hits both */
        snprintf(command, sizeof command,
                 "%s/bin/lp-swap -q -i %s/extract.tsv -o %s/swap.tsv -s swap.epochs=%d -j %d",
                 build, folder, folder, epochs, jobs);
        if (!cost_of_command(command, 1, &c)) {
            printf("# skipped: '%s' failed\n", command);
            break;
        }
        if (i < 2 || c.wall_s < best[jobs].wall_s)
            best[jobs].wall_s = c.wall_s;
        if (i < 2 || c.cpu_s < best[jobs].cpu_s)
            best[jobs].cpu_s = c.cpu_s;
        best[jobs].peak_kib = c.peak_kib;
    }
    for (jobs = 1; jobs <= 2; jobs++) {
        snprintf(name, sizeof name, "files.%dpx-%s.j%d", side, suffix, jobs);
        line(name, samples / best[jobs].wall_s, "samples/s");
        snprintf(name, sizeof name, "files.%dpx-%s.j%d.cpu", side, suffix, jobs);
        line(name, samples / best[jobs].cpu_s, "samples/cpu-s");
        snprintf(name, sizeof name, "files.%dpx-%s.j%d.peak-memory", side, suffix, jobs);
        line(name, (double)best[jobs].peak_kib / 1024, "MiB");
    }
    snprintf(name, sizeof name, "files.%dpx-%s.j2-over-j1", side, suffix);
    line(name, best[1].wall_s / best[2].wall_s, "times");
    if (side == 224)
        profile(build, folder, suffix, side);
    if (fs_remove_tree(folder, &err))
        stop(&err);
}

int main(int argc, char **argv)
{
    const char *build = getenv("BUILD_DIR");
    struct rusage u;

    if (argc > 1)
        budget = atof(argv[1]);
    in_memory();
    getrusage(RUSAGE_SELF, &u);
    line("memory.peak-memory", (double)u.ru_maxrss / 1024, "MiB");
    if (build) {
        with_files(build, "png", MEDIA_PNG, 224);
        with_files(build, "jpg", MEDIA_JPEG, 224);
        with_files(build, "png", MEDIA_PNG, 400);
        with_files(build, "jpg", MEDIA_JPEG, 400);
    } else {
        printf("# skipped files: BUILD_DIR is not set\n");
    }
    fflush(stdout);
    if (system("/usr/bin/python3 -c 'import cv2, numpy, scipy' 2>/dev/null") == 0)
        return system("/usr/bin/python3 tests/bench/swap_peer.py") == 0 ? 0 : 1;
    printf("# skipped peer: python3 has no cv2, numpy or scipy\n");
    return 0;
}
