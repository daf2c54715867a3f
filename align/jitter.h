/*
 * Frozen augmented sets: copies of each face with the training jitter of Dong et al. (CVPR 2023;
 * CADDM's align_5p): scale of the template, rotation about the middle of the picture, a stretch
 * between eyes and mouth corners, a shift.
 */
#ifndef LP_JITTER_H
#define LP_JITTER_H

#include "align/align_settings.h"
#include "lib/rng.h"

/* One draw. */
struct jitter {
    double enlarged;     /* times the settings' size of the face */
    double dx_px, dy_px; /* aligned pixels, added last */
    double rotate_deg;   /* positive = counter-clockwise on screen */
    double stretch_x;    /* of the pair of eyes (and 1 / of the mouth corners) */
    double stretch_y;    /* of the left pair eye-mouth (and 1 / of the right one) */
};

struct jitter_settings {
    uint64_t seed;
    double scale_sd;     /* of a scale of 0.9, cut off at three */
    double translate_px; /* of a picture of 224: uniform */
    double rotate_deg;   /* times the cube of U(-1, 1) */
    double stretch, stretch_p;
};

void jitter_settings_read(const struct conf *c, struct jitter_settings *s);

/* A pure function of its arguments; `copy` counts from 1. */
void jitter_draw(const struct jitter_settings *s, int size_px, unsigned copy, const char *id,
                 struct jitter *j);

/* Frame pixels -> aligned pixels. ERR_DATA if the landmarks have no extent. */
int jitter_fit(const struct align_settings *s, const struct jitter *j, const struct landmarks *l,
               struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
