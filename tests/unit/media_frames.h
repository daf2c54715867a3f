/* For tests of reading videos: clips from the ffmpeg program, and all their frames. */
#ifndef LP_MEDIA_FRAMES_H
#define LP_MEDIA_FRAMES_H

#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "lib/media.h"
#include "tests/near.h"

/* A source of 50 frames of 162 x 122 pixels, for the command line. */
#define SOURCE(more) "-f lavfi -i testsrc2=size=162x122:rate=25:duration=2" more " "
#define LAVFI        SOURCE("") "-pix_fmt yuv420p "

/* A shell command; its exit code. */
static inline int run(const char *fmt, ...) LP_PRINTF(1, 2);

static inline int run(const char *fmt, ...)
{
    char command[2048];
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    assert_in_range(r, 1, sizeof(command) - 1);
    r = system(command);
    return WIFEXITED(r) ? WEXITSTATUS(r) : -1;
}

#define FFMPEG "ffmpeg -nostdin -y -v error -threads 1 "

/* All frames of a video, each with its number; for small clips. */
struct frames {
    struct image *picture;
    long long *number;
    double *time_ms;
    int n;
    int end; /* what the last media_next returned */
    struct err err;
    struct media_info info;
};

/* step > 0: asks for frames step-1, 2*step-1, ... only, with hints. *given counts what came out. */
static inline struct frames read_frames_by(const char *path, int step, bool list, int *given)
{
    struct frames f = {.picture = calloc(200, sizeof(*f.picture)),
                       .number = calloc(200, sizeof(*f.number)),
                       .time_ms = calloc(200, sizeof(*f.time_ms))};
    struct media_reader *r;
    long long index, want = step - 1, wanted[200];
    double time_ms;
    int i;

    assert_ok(media_open(&r, path, &f.info, &f.err), &f.err);
    *given = 0;
    for (i = 0; i < 200; i++)
        wanted[i] = (long long)step * (i + 1) - 1;
    if (list)
        media_want(r, wanted, 200);
    for (;;) {
        if (step && !list)
            media_skip_to(r, want);
        f.end = media_next(r, &index, &time_ms, &f.err);
        if (f.end != 1)
            break;
        ++*given;
        if (step && index < want)
            continue;
        assert_true(f.n < 200);
        f.number[f.n] = index;
        f.time_ms[f.n] = time_ms;
        assert_ok(media_picture(r, &f.picture[f.n++], &f.err), &f.err);
        want += step;
    }
    media_close(r);
    return f;
}

static inline struct frames read_frames(const char *path, int step, int *given)
{
    return read_frames_by(path, step, false, given);
}

static inline void release_frames(struct frames *f)
{
    int i;

    for (i = 0; i < f->n; i++)
        image_release(&f->picture[i]);
    free(f->picture);
    free(f->number);
    free(f->time_ms);
}

#endif
