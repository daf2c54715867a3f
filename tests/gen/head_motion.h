/* How a head moves while it talks: smooth, and a pure function of (seed, sequence, time). */
#ifndef LP_HEAD_MOTION_H
#define LP_HEAD_MOTION_H

#include "tests/gen/head_model.h"

#define MOTION_BLINKS 64

struct wave {
    double size, rate_hz, phase, size2, rate2_hz, phase2;
};

struct head_motion {
    int width, height; /* of the picture, pixels */
    struct wave yaw, pitch, roll, x, y, scale, light_turn, light_lift, wide, smile, brow, gaze;
    double syllable_hz, syllable_phase, loud_hz, loud_phase;
    double blink_s[MOTION_BLINKS]; /* middles of the blinks */
    double eye_px, x_px, y_px, light_turn0, light_lift0, smile0;
    double key, ambient, light_color[3];
};

void head_motion_make(struct head_motion *m, uint64_t seed, const char *name, int width,
                      int height);

/* The pose at `t` seconds. */
void head_motion_at(const struct head_motion *m, double t, struct head_pose *pose);

#endif
