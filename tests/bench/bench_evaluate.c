/*
 * What lp-evaluate costs, as TSV: one line a measurement.
 *
 * usage: bench_evaluate [ROWS [MOST]]      (default 1e7 and 0 = not; needs 28 bytes a row in /tmp,
 * and for MOST 80 more in TMPDIR or /var/tmp)
 *
 *   frames     the tool on ROWS frames, 32 a video: frame and video AUC, no bootstrap
 *   bootstrap  2000 clustered replicates at 1e5 frames, clusters = 1000 people
 *   linear, neighbours, erasure   20000 x 512 features, 100 identities
 *   sizes      the first at 1e5 and 1e6 rows too: the cost a row and doubling of rows
 *   most       the first at MOST rows with evaluate.memory_mib=1024: most arrays lie in files
 *   peer       pandas + scikit-learn on the same data, if they are installed (evaluate_peer.py)
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "evaluate/bootstrap.h"
#include "evaluate/probe_methods.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/npy.h"
#include "lib/rng.h"
#include "tests/bench/timing.h"

#define RUNS   3 /* the best counts, for us and for peers */
#define FRAMES 32
#define PEOPLE 1000

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void line(const char *what, double n, double wall, double cpu, double mib)
{
    printf("%s, rate\t%.4g\t/s\n%s, wall\t%.3f\ts\n%s, cpu\t%.3f\ts\n", what, n / wall, what, wall,
           what, cpu);
    if (mib > 0)
        printf("%s, peak memory\t%.0f\tMiB\n", what, mib);
    fflush(stdout);
}

/* label,score,video,identity as a detector might write them. */
static void generate(const char *path, size_t rows)
{
    static double person[PEOPLE];
    FILE *fp = fopen(path, "w");
    double video = 0;
    size_t i;
    struct rng g;
    unsigned p = 0, fake = 0;

    if (!fp) {
        perror(path);
        exit(1);
    }
    rng_init(&g, 12345, 0, "scores", "bench");
    for (i = 0; i < PEOPLE; i++)
        person[i] = 0.1 * rng_normal(&g);
    fputs("label,score,video,identity\n", fp);
    for (i = 0; i < rows; i++) {
        double score;

        if (i % FRAMES == 0) {
            p = rng_below(&g, PEOPLE);
            fake = rng_below(&g, 5) > 0;
            video = 0.4 + 0.2 * fake + person[p] + 0.1 * rng_normal(&g);
        }
        score = video + 0.3 * (rng_uniform(&g) - 0.5);
        score = score < 0 ? 0 : score > 0.999999 ? 0.999999 : score;
        fprintf(fp, "%u,%.6f,v%06zu,id%04u\n", fake, score, i / FRAMES, p);
    }
    fclose(fp);
}

/* Runs a program with its output thrown away, RUNS times unless that takes long: memory that a
 * virtual machine has not had before costs more than the work. False if it fails. */
static bool run(const char *what, double n, const char *const argv[])
{
    struct cost c = {0}, once;
    int i;

    for (i = 0; i < (n > 2e7 ? 1 : RUNS); i++) {
        if (!cost_of_program(argv, true, &once))
            return false;
        cost_keep_least(&c, &once);
    }
    line(what, n, c.wall_s, c.cpu_s, (double)c.peak_kib / 1024);
    printf("%s, cpu a row and doubling of rows\t%.3f\tns\n", what, 1e9 * c.cpu_s / n / log2(n));
    return true;
}

static bool run_frames(const char *tool, const char *path, size_t n, const char *memory)
{
    char title[128];

    snprintf(title, sizeof(title), "lp-evaluate, %.0e frames%s%s: frame and video AUC, all metrics",
             (double)n, memory ? ", " : "", memory ? memory : "");
    return run(title, (double)n,
               (const char *[]){tool, "-q", "-j", "1", "-s", "evaluate.bootstrap=0", "-s",
                                "evaluate.aggregates=mean", "-s", "evaluate.groups=false", "-s",
                                "evaluate.probes=false", "-s",
                                memory ? memory : "evaluate.memory_mib=4096", path, NULL});
}

static bool has_room(const char *folder, double bytes)
{
    struct statvfs s;

    return statvfs(folder, &s) == 0 && (double)s.f_bavail * (double)s.f_frsize > bytes;
}

/* The peer at the same work: its seconds are its own. */
static void peer_at(const char *what, const char *folder, const char *title)
{
    char command[8192];
    double seconds = 0;
    FILE *fp;

    snprintf(command, sizeof(command),
             "OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 /usr/bin/python3 "
             "tests/bench/evaluate_peer.py %s %s 2>/dev/null",
             what, folder);
    fp = popen(command, "r");
    if (fp && fscanf(fp, "%lf", &seconds) == 1)
        printf("peer: %s, wall\t%.3f\ts\n", title, seconds);
    else
        printf("# SKIP peer %s: python3-sklearn is not installed\n", what);
    if (fp)
        pclose(fp);
    fflush(stdout);
}

static void save(const char *folder, const char *name, enum npy_type type, size_t n, size_t columns,
                 const void *data)
{
    char path[4200];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (npy_write(path, type, 2, (const size_t[]){n, columns}, data, NULL))
        exit(1);
}

static void bench_bootstrap(const char *folder)
{
    enum { N = 100000, R = 2000 };
    struct boot_request q = {.seed = 1, .replicates = R};
    double *score = mem_array(N, sizeof(*score)), wall, cpu;
    uint32_t *unit = mem_array(N, sizeof(*unit)), *cluster = mem_array(N, sizeof(*cluster));
    uint8_t *label = mem_array(N, 1);
    struct sample s;
    struct boot b;
    struct rng g;
    size_t i;

    rng_init(&g, 1, 0, "bootstrap", "bench");
    for (i = 0; i < N; i++) {
        unit[i] = (uint32_t)i;
        cluster[i] = (uint32_t)(i / FRAMES * 7919 % PEOPLE);
        label[i] = i / FRAMES % 5 > 0;
        score[i] = rng_uniform(&g) + 0.1 * label[i];
    }
    if (sample_make(&s, score, unit, N, label, cluster, PEOPLE, NULL, NULL))
        exit(1);
    wall = msg_now_s();
    cpu = cpu_s();
    if (boot_run(&s, &q, 1, &b, NULL))
        exit(1);
    line("bootstrap: 2000 x 1e5, AUC AP EER", R, msg_now_s() - wall, cpu_s() - cpu, 0);
    boot_release(&b);
    {
        double *all = mem_array(3 * N, sizeof(*all));

        for (i = 0; i < N; i++) {
            all[3 * i] = score[i];
            all[3 * i + 1] = label[i];
            all[3 * i + 2] = cluster[i];
        }
        save(folder, "scores.npy", NPY_F64, N, 3, all);
        free(all);
        peer_at("bootstrap", folder,
                "scikit-learn, clustered bootstrap, AUC alone, 20 of 2000 x 100");
    }
    sample_release(&s);
    free(score);
    free(unit);
    free(cluster);
    free(label);
}

static void bench_features(const char *folder)
{
    enum { N = 20000, D = 512, K = 100, PER_VIDEO = 20 };
    float *x = mem_aligned((size_t)N * D, sizeof(*x)), *mean = mem_array(K * D, sizeof(*mean));
    uint32_t *group = mem_array(N, sizeof(*group)), *video = mem_array(N, sizeof(*video));
    uint32_t *nearest = mem_array(N, sizeof(*nearest));
    uint8_t *part = mem_array(N, 1), *label = mem_array(N, 1);
    struct linear_options o = {1e-3, 100};
    struct linear_result l = {0};
    struct verification v;
    double wall, cpu;
    size_t i, rank;
    struct rng g;

    rng_init(&g, 777, 0, "features", "bench");
    for (i = 0; i < K * D; i++)
        mean[i] = (float)(0.12 * rng_normal(&g));
    for (i = 0; i < N; i++) {
        size_t j;

        video[i] = (uint32_t)(i / PER_VIDEO);
        group[i] = video[i] % K;
        part[i] = video[i] / K % 2;
        label[i] = video[i] / K % 4 > 1;
        for (j = 0; j < D; j++)
            x[i * D + j] = mean[group[i] * D + j] + (float)rng_normal(&g);
    }
    {
        double *rows = mem_array(3 * N, sizeof(*rows));

        for (i = 0; i < N; i++) {
            rows[3 * i] = group[i];
            rows[3 * i + 1] = video[i];
            rows[3 * i + 2] = part[i];
        }
        save(folder, "rows.npy", NPY_F64, N, 3, rows);
        save(folder, "features.npy", NPY_F32, N, D, x);
        free(rows);
    }
    wall = msg_now_s();
    cpu = cpu_s();
    if (linear_probe(x, N, D, group, K, part, &o, &l, NULL))
        exit(1);
    line("linear probe: fit 10000 x 512, K = 100, <= 100 steps", N, msg_now_s() - wall,
         cpu_s() - cpu, 0);
    fprintf(stderr, "linear probe: train accuracy %.3f, test accuracy %.3f\n", l.train_accuracy,
            l.test_accuracy);
    peer_at("linear", folder, "scikit-learn, LogisticRegression, <= 100 steps");
    wall = msg_now_s();
    cpu = cpu_s();
    if (neighbours(x, N, D, video, group, nearest, &v, NULL))
        exit(1);
    line("neighbours: 20000 x 20000 cosine", N, msg_now_s() - wall, cpu_s() - cpu, 0);
    peer_at("neighbours", folder, "scikit-learn, NearestNeighbors 21, brute, cosine");
    wall = msg_now_s();
    cpu = cpu_s();
    if (erase_groups(x, N, D, group, K, label, part, &rank, NULL))
        exit(1);
    line("erasure: LEACE fit 10000, apply 20000", N, msg_now_s() - wall, cpu_s() - cpu, 0);
    peer_at("erasure", folder, "NumPy, LEACE by eigenvectors");
    free(x);
    free(mean);
    free(group);
    free(video);
    free(nearest);
    free(part);
    free(label);
}

static const char peer[] =
    "import sys, pandas as pd\n"
    "from sklearn.metrics import roc_auc_score\n"
    "d = pd.read_csv(sys.argv[1], usecols=['label', 'score', 'video'])\n"
    "print(roc_auc_score(d.label, d.score))\n"
    "v = d.groupby('video').agg(label=('label', 'first'), score=('score', 'mean'))\n"
    "print(roc_auc_score(v.label, v.score))\n";

int main(int argc, char **argv)
{
    char folder[] = "/tmp/lp-bench-XXXXXX", path[64], tool[4096];
    size_t rows = argc > 1 ? (size_t)strtod(argv[1], NULL) : 10000000;
    size_t most = argc > 2 ? (size_t)strtod(argv[2], NULL) : 0;
    const char *scratch = getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp";
    const char *build = getenv("BUILD_DIR");
    bool ok = true;
    size_t n;

    if (!build || !rows) {
        fprintf(stderr, "usage: BUILD_DIR=... bench_evaluate [ROWS [MOST]]\n");
        return 64;
    }
    snprintf(tool, sizeof(tool), "%s/bin/lp-evaluate", build);
    if (!mkdtemp(folder))
        return 73;
    snprintf(path, sizeof(path), "%s/scores.csv", folder);
    for (n = 100000; ok; n = n * 10 < rows ? n * 10 : rows) {
        generate(path, n);
        ok = run_frames(tool, path, n, NULL);
        if (n >= rows)
            break;
    }
    if (!run("peer: pandas + scikit-learn, frame and video AUC alone", (double)rows,
             (const char *[]){"/usr/bin/python3", "-c", peer, path, NULL}))
        puts("# SKIP peer: python3-pandas and python3-sklearn are not installed");
    bench_bootstrap(folder);
    bench_features(folder);
    if (most && (!has_room(folder, 40.0 * (double)most) || !has_room(scratch, 80.0 * (double)most)))
        printf("# SKIP %.0e frames: less than 40 bytes a row in /tmp or 80 in %s\n", (double)most,
               scratch);
    else if (most) {
        generate(path, most);
        ok = run_frames(tool, path, most, "evaluate.memory_mib=1024") && ok;
    }
    if (fs_remove_tree(folder, NULL))
        perror(folder);
    return ok ? 0 : 1;
}
