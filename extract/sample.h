/* Which frames of a video are looked at. Frames are numbers from 0 in presentation order, over the
 * frames that can be decoded; a fake and its pristine video share them. */
#ifndef LP_SAMPLE_H
#define LP_SAMPLE_H

#include <stddef.h>

#include "lib/err.h"

enum sample_rule { SAMPLE_SPREAD, SAMPLE_EVERY, SAMPLE_FPS };

struct sampling {
    enum sample_rule rule;
    long long
        frames;      /* SAMPLE_SPREAD: this many, trunc(linspace(0, n - 1, frames)) as the published
                        pre-processing of CADDM and DeepfakeBench does; each frame once */
    long long every; /* SAMPLE_EVERY: 0, every, 2 every, ... */
    double fps;      /* SAMPLE_FPS: trunc(k * video_fps / fps) for k = 0, 1, ...; each frame once */
};

/*
 * Writes the rising frame numbers for a video of n frames to *frames (grown with mem_grow, capacity
 * *cap) and their count to *count; none for n <= 0. video_fps is used by SAMPLE_FPS only; where it
 * is unknown (0) 25 is taken. -ENOMEM.
 */
int sample_frames(const struct sampling *s, long long n, double video_fps, long long **frames,
                  size_t *cap, size_t *count, struct err *err) LP_MUST_CHECK;

#endif
