/*
 * What reading a video costs: `bench_media VIDEO [FRAMES]` prints TSV (name, value, unit).
 *
 * The peer is `ffmpeg -threads 1 -i VIDEO -f null -`, run in turn with our passes, so that a noisy
 * machine hurts both; of three rounds the fastest counts. CPU seconds, not wall-clock.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/media.h"

#define ROUNDS 3

static double seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) * 1e-6;
}

/* What one process does. `wanted` frames evenly spaced are converted; all if 0. */
static int decode(const char *path, long long frames, int wanted, bool convert)
{
    struct image img = IMAGE_INIT;
    struct media_reader *r = NULL;
    struct err err = {0};
    long long *list = calloc((size_t)wanted + 1, sizeof(*list)), index;
    int e, k;

    for (k = 0; k < wanted; k++)
        list[k] = wanted > 1 ? k * (frames - 1) / (wanted - 1) : 0;
    k = 0;
    e = media_open(&r, path, NULL, &err);
    if (!e && wanted)
        media_want(r, list, (size_t)wanted);
    while (!e) {
        e = media_next(r, &index, NULL, &err);
        if (e != 1)
            break;
        e = 0;
        if (!wanted ? convert : index == list[k])
            e = media_picture(r, &img, &err);
        if (wanted && index == list[k] && ++k == wanted)
            break;
    }
    free(list);
    image_release(&img);
    media_close(r);
    if (e < 0)
        fprintf(stderr, "bench_media: %s\n", err.text);
    return e < 0;
}

static int count(const char *path)
{
    struct err err = {0};
    long long n;

    return media_count_frames(path, &n, &err) < 0;
}

static int peer(const char *path)
{
    int null = open("/dev/null", O_WRONLY);

    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execlp("ffmpeg", "ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", path, "-map",
           "0:v:0", "-f", "null", "-", (char *)NULL);
    return 127;
}

enum job { PEER, DECODE, CONVERT, SAMPLE, COUNT, JOBS };

static int work(enum job job, const char *path, long long frames, int wanted)
{
    switch (job) {
    case PEER:
        return peer(path);
    case DECODE:
        return decode(path, frames, 0, false);
    case CONVERT:
        return decode(path, frames, 0, true);
    case SAMPLE:
        return decode(path, frames, wanted, true);
    default:
        return count(path);
    }
}

/* Each in a process of its own, so that the peak of memory is its own. */
static int measure(enum job job, const char *path, long long frames, int wanted, double *cpu_s,
                   long *peak_kib)
{
    struct rusage u;
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(work(job, path, frames, wanted));
    if (pid < 0 || wait4(pid, &status, 0, &u) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
        return 1;
    if (seconds(&u) < *cpu_s)
        *cpu_s = seconds(&u);
    *peak_kib = u.ru_maxrss;
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const names[JOBS] = {"ffmpeg_null", "decode", "decode_convert", "sample",
                                            "count"};
    int wanted = argc > 2 ? atoi(argv[2]) : 32, round, j;
    double cpu_s[JOBS];
    long peak_kib[JOBS] = {0};
    struct err err = {0};
    long long frames;

    if (argc < 2 || wanted < 2) {
        fprintf(stderr, "usage: bench_media VIDEO [FRAMES]\n");
        return 64;
    }
    if (media_count_frames(argv[1], &frames, &err)) {
        fprintf(stderr, "bench_media: %s\n", err.text);
        return 65;
    }
    wanted = wanted > frames ? (int)frames : wanted;
    for (j = 0; j < JOBS; j++)
        cpu_s[j] = 1e9;
    for (round = 0; round < ROUNDS; round++)
        for (j = 0; j < JOBS; j++)
            if (measure((enum job)j, argv[1], frames, wanted, &cpu_s[j], &peak_kib[j])) {
                fprintf(stderr, "bench_media: %s failed\n", names[j]);
                return 70;
            }
    printf("name\tvalue\tunit\n");
    printf("frames\t%lld\tframes\n", frames);
    printf("sampled\t%d\tframes\n", wanted);
    for (j = 0; j < JOBS; j++) {
        printf("%s\t%.3f\tcpu_s\n", names[j], cpu_s[j]);
        printf("%s\t%.0f\tframes/s\n", names[j], (double)frames / cpu_s[j]);
        printf("%s\t%.2f\tof ffmpeg\n", names[j], cpu_s[j] / cpu_s[PEER]);
        printf("%s\t%.1f\tMiB\n", names[j], (double)peak_kib[j] / 1024);
    }
    return 0;
}
