#include "extract/sample.h"

#include "lib/mem.h"

#define USUAL_FPS 25.0

/* The k-th wanted frame, or -1 after the last. */
static long long wanted(const struct sampling *s, long long n, double step, long long k)
{
    double at;

    switch (s->rule) {
    case SAMPLE_SPREAD:
        if (k >= s->frames)
            return -1;
        /* NumPy's linspace: k * step, and the end exactly. */
        return k > 0 && k == s->frames - 1 ? n - 1 : (long long)((double)k * step);
    case SAMPLE_EVERY:
        return k <= (n - 1) / s->every ? k * s->every : -1;
    case SAMPLE_FPS:
        at = (double)k * step;
        return at < (double)n ? (long long)at : -1;
    }
    return -1;
}

int sample_frames(const struct sampling *s, long long n, double video_fps, long long **frames,
                  size_t *cap, size_t *count, struct err *err)
{
    double step = 1;
    long long k, at, last = -1;

    *count = 0;
    if (n <= 0)
        return 0;
    if (s->rule == SAMPLE_SPREAD && s->frames > 1)
        step = (double)(n - 1) / (double)(s->frames - 1);
    else if (s->rule == SAMPLE_FPS)
        step = (video_fps > 0 ? video_fps : USUAL_FPS) / s->fps;
    for (k = 0; last < n - 1 && (at = wanted(s, n, step, k)) >= 0; k++) {
        if (at <= last)
            continue;
        if (mem_grow(frames, cap, *count + 1, sizeof(**frames)))
            return err_nomem(err);
        (*frames)[(*count)++] = last = at;
    }
    return 0;
}
