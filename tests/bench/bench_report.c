/*
 * bench_report [ROWS]: a page of a large run, beside gnuplot alone on the same figures.
 *
 * A made-up run: ROWS aligned faces (default 200000; the pictures of 40 exist), two models with
 * ROC curves of 100,000 corners each, 500 identities. TSV lines `name value unit`:
 *   report        lp-report -j1, all of it
 *   gnuplot       the peer: gnuplot on the scripts that lp-report left, one process each
 *   thin          points of a ROC of a million corners reduced a second, in memory
 * Needs BUILD_DIR, or runs beside its build folder.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/image.h"
#include "lib/media.h"
#include "lib/msg.h"
#include "lib/str.h"
#include "reports/thin.h"
#include "tests/bench/timing.h"

#define RUNS    3 /* the best counts: other work on the machine only adds */
#define CORNERS 100000
#define PEOPLE  500
#define MODELS  2

static void line(const char *name, double value, const char *unit)
{
    printf("report.%s\t%.6g\t%s\n", name, value, unit);
}

static bool best_of(const char *name, const char *command, struct cost *best)
{
    char key[64];

    if (!cost_of_command(command, RUNS, best))
        return false;
    snprintf(key, sizeof(key), "%s_wall", name);
    line(key, best->wall_s, "s");
    snprintf(key, sizeof(key), "%s_cpu", name);
    line(key, best->cpu_s, "s");
    snprintf(key, sizeof(key), "%s_peak", name);
    line(key, (double)best->peak_kib / 1024, "MiB");
    return true;
}

static FILE *table(const char *path, const char *stage, const char *columns)
{
    FILE *fp = fopen(path, "w");

    if (fp)
        fprintf(fp,
                "#lp-manifest\tversion=1\tstage=%s\ttool=0.1.0\tsettings=sha256:0\tinput=sha256:0\n"
                "%s\n",
                stage, columns);
    return fp;
}

/* 100 faces a video; every scene is a real video and its fake. */
static bool write_align(long rows)
{
    FILE *fp = table("align.tsv", "align",
                     "id\tvideo\tpair\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tframe\timage\t"
                     "status\treason");
    long videos = rows / 100, v, f;

    if (!fp)
        return false;
    for (v = 0; v < videos; v++) {
        bool fake = v < videos / 2;
        long scene = fake ? v : v - videos / 2;
        char pair[64];

        snprintf(pair, sizeof(pair), "b/original/c23/%06ld", scene);
        for (f = 0; f < 100; f++)
            fprintf(fp,
                    "%c/%06ld/%03ld\tb/%s/c23/%06ld\t%s\t%s\ttest\tp%ld\tp%ld\tc%ld\t%ld\t"
                    "faces/%ld.jpg\tok\t.\n",
                    fake ? 'f' : 'r', scene, f, fake ? "Fake" : "original", scene,
                    fake ? pair : ".", fake ? "fake" : "real", scene, scene, scene / 2, f, f % 40);
    }
    return fclose(fp) == 0;
}

static bool write_pictures(void)
{
    struct image img = IMAGE_INIT;
    struct media_codec *codec = NULL;
    struct err err = {0};
    char path[64];
    int i, y, r = media_codec_new(&codec, &err);

    if (!r)
        r = image_shape(&img, 224, 224, 3, &err);
    for (i = 0; !r && i < 40; i++) {
        for (y = 0; y < 224; y++)
            memset(image_row(&img, y), (y * (i + 3)) & 255, 224 * 3);
        snprintf(path, sizeof(path), "faces/%d.jpg", i);
        r = media_write_picture(codec, path, &img, MEDIA_JPEG, 90, &err);
    }
    media_codec_free(codec);
    image_release(&img);
    if (r)
        fprintf(stderr, "bench_report: %s\n", err.text);
    return !r;
}

static bool write_curves(void)
{
    FILE *fp = table("evaluate/curves.tsv", "evaluate",
                     "id\tmodel\tlevel\tgroup\tkind\tlabel\tx\ty\ty_lo\ty_hi\tn\tname");
    int m, i;

    if (!fp)
        return false;
    for (m = 0; m < MODELS; m++) {
        for (i = 0; i < PEOPLE; i++)
            fprintf(fp,
                    "%d-identity-%06d\tm%d\tvideo\tall\tidentity\treal\t%d\t%.9g\t.\t.\t1\tp%d\n",
                    m, i, m, i, 0.3 + 0.1 * sin(i), i);
        for (i = 0; i <= CORNERS; i++) {
            double x = (double)i / CORNERS;

            fprintf(fp, "%d-roc-%06d\tm%d\tvideo\tall\troc\t.\t%.17g\t%.17g\t.\t.\t.\t.\n", m, i, m,
                    x, pow(x, 0.2 + 0.1 * m));
        }
    }
    return fclose(fp) == 0;
}

static bool write_metrics(void)
{
    FILE *fp = fopen("evaluate/metrics.json", "w");
    int m;

    if (!fp)
        return false;
    fputs("{\"version\": 1, \"models\": [", fp);
    for (m = 0; m < MODELS; m++)
        fprintf(fp,
                "%s{\"name\": \"m%d\", \"video\": {\"auc\": {\"value\": 0.8, \"ci95\": [0.7, 0.9], "
                "\"n\": 200000, \"n_positive\": 100000}}}",
                m ? "," : "", m);
    fputs("]}", fp);
    return fclose(fp) == 0;
}

static void bench_thin(void)
{
    enum { N = 1000000 };
    struct curve_point *p = malloc(N * sizeof(*p));
    struct err err = {0};
    double best = INFINITY;
    int i, k;

    for (k = 0; p && k < RUNS; k++) {
        double start;

        for (i = 0; i < N; i++)
            p[i] = (struct curve_point){(double)i / N, pow((double)i / N, 0.2)};
        start = msg_now_s();
        if (thin_curve(p, N, 500, 1e-3, &err) < 2)
            return;
        best = fmin(best, msg_now_s() - start);
    }
    line("thin", N / best, "points/s");
    free(p);
}

int main(int argc, char **argv)
{
    long rows = argc > 1 ? atol(argv[1]) : 200000;
    char folder[] = "/tmp/lp-bench-XXXXXX", tool[4096];
    const char *build = getenv("BUILD_DIR");
    struct err err = {0};
    struct cost report, peer;
    bool ok;

    if (build)
        snprintf(tool, sizeof(tool), "%s/bin/lp-report", build);
    else
        snprintf(tool, sizeof(tool), "%.*s/../../bin/lp-report",
                 (int)(strrchr(argv[0], '/') ? strrchr(argv[0], '/') - argv[0] : 0), argv[0]);
    if (!realpath(tool, NULL) || !mkdtemp(folder)) {
        fprintf(stderr, "bench_report: no lp-report; set BUILD_DIR\n");
        return 1;
    }
    build = realpath(tool, NULL);
    ok = chdir(folder) == 0 && fs_make_folders("evaluate", &err) == 0 && write_align(rows) &&
         write_pictures() && write_curves() && write_metrics();
    snprintf(tool, sizeof(tool), "exec %s -q -j1 -i . -o report", build);
    ok = ok && best_of("report", tool, &report) &&
         best_of("gnuplot",
                 "cd report/figures && for f in *.gp; do "
                 "LC_ALL=C.UTF-8 gnuplot -d -e \"target='svg'\" $f -e \"target='pdf'\" $f || exit "
                 "1; done",
                 &peer);
    if (ok) {
        line("report_to_gnuplot_wall", report.wall_s / peer.wall_s, "ratio");
        line("rows", (double)rows / report.wall_s, "faces/s");
        bench_thin();
    }
    if (chdir("/") || fs_remove_tree(folder, &err))
        fprintf(stderr, "bench_report: %s\n", err.text);
    return !ok;
}
