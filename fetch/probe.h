/* What a video file itself says: its hash, and what a decoder finds in it. */
#ifndef LP_PROBE_H
#define LP_PROBE_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/hash.h"

enum probe_depth { PROBE_FULL, PROBE_HEADER, PROBE_NONE }; /* as in fetch.probe */

struct probe {
    char sha256[HASH_HEX]; /* "" = not asked for, or not readable */
    long long frames;      /* counted; -1 = not counted */
    int width, height;     /* pixels; 0 = not known */
    double fps;            /* 0 = not known */
    char codec[32];        /* "" = not known */
};

/* Reads `path`. A file that is no video, is cut off or cannot be read is an error with its words;
 * *out then holds what was found until there. Any thread. */
int probe_file(const char *path, bool sha256, enum probe_depth depth, struct probe *out,
               struct err *err) LP_MUST_CHECK;

#endif
