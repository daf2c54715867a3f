#include "tests/gen/head_motion.h"

#include <math.h>

#include "lib/rng.h"

#define TWO_PI 6.28318530717958647693

static struct wave make_wave(struct rng *r, double size, double lo_hz, double hi_hz)
{
    struct wave w;

    w.size = size * rng_range(r, 0.6, 1);
    w.rate_hz = rng_range(r, lo_hz, hi_hz);
    w.phase = rng_range(r, 0, TWO_PI);
    w.size2 = size * rng_range(r, 0.1, 0.35);
    w.rate2_hz = w.rate_hz * rng_range(r, 1.7, 2.9);
    w.phase2 = rng_range(r, 0, TWO_PI);
    return w;
}

static double wave_at(const struct wave *w, double t)
{
    return w->size * sin(TWO_PI * w->rate_hz * t + w->phase) +
           w->size2 * sin(TWO_PI * w->rate2_hz * t + w->phase2);
}

void head_motion_make(struct head_motion *m, uint64_t seed, const char *name, int width, int height)
{
    struct rng r;
    double t, warm;
    int i;

    rng_init(&r, seed, 0, name, "motion");
    m->width = width;
    m->height = height;
    m->eye_px = height * rng_range(&r, 0.178, 0.205);
    m->x_px = width * rng_range(&r, 0.44, 0.56);
    m->y_px = height * rng_range(&r, 0.50, 0.54);
    m->yaw = make_wave(&r, 0.23, 0.15, 0.40);
    m->pitch = make_wave(&r, 0.09, 0.20, 0.50);
    m->roll = make_wave(&r, 0.09, 0.12, 0.35);
    m->x = make_wave(&r, 0.16, 0.15, 0.40); /* x, y and scale in eye distances */
    m->y = make_wave(&r, 0.08, 0.15, 0.40);
    m->scale = make_wave(&r, 0.05, 0.10, 0.30);
    m->light_turn = make_wave(&r, 0.35, 0.10, 0.35);
    m->light_lift = make_wave(&r, 0.12, 0.10, 0.30);
    m->light_turn0 = rng_range(&r, -0.55, 0.55);
    m->light_lift0 = rng_range(&r, 0.30, 0.65);
    m->wide = make_wave(&r, 0.6, 1.2, 2.4);
    m->smile = make_wave(&r, 0.25, 0.15, 0.4);
    m->smile0 = rng_range(&r, -0.1, 0.6);
    m->brow = make_wave(&r, 0.022, 0.2, 0.7);
    m->gaze = make_wave(&r, 0.45, 0.2, 0.6);
    m->syllable_hz = rng_range(&r, 2.2, 3.8);
    m->syllable_phase = rng_range(&r, 0, TWO_PI);
    m->loud_hz = rng_range(&r, 0.35, 0.8);
    m->loud_phase = rng_range(&r, 0, TWO_PI);
    m->key = rng_range(&r, 0.80, 1.05);
    m->ambient = rng_range(&r, 0.36, 0.55);
    warm = rng_range(&r, -0.10, 0.12);
    m->light_color[0] = 1 + warm;
    m->light_color[1] = 1;
    m->light_color[2] = 1 - warm;
    t = rng_range(&r, 0.2, 1.0);
    for (i = 0; i < MOTION_BLINKS; i++) {
        m->blink_s[i] = t;
        t += rng_range(&r, 0.8, 2.2);
    }
}

void head_motion_at(const struct head_motion *m, double t, struct head_pose *pose)
{
    double turn, lift, loud;
    int i;

    pose->yaw = wave_at(&m->yaw, t);
    pose->pitch = wave_at(&m->pitch, t);
    pose->roll = wave_at(&m->roll, t);
    pose->eye_px = m->eye_px * (1 + wave_at(&m->scale, t));
    pose->x_px = m->x_px + wave_at(&m->x, t) * m->eye_px;
    pose->y_px = m->y_px + wave_at(&m->y, t) * m->eye_px;
    loud = 0.5 + 0.5 * sin(TWO_PI * m->loud_hz * t + m->loud_phase);
    pose->open = 0.16 * loud * (0.5 - 0.5 * cos(TWO_PI * m->syllable_hz * t + m->syllable_phase));
    pose->wide = wave_at(&m->wide, t) * (0.3 + 0.7 * loud);
    pose->smile = m->smile0 + wave_at(&m->smile, t);
    pose->brow_raise = wave_at(&m->brow, t);
    pose->gaze_x = wave_at(&m->gaze, t) - 0.8 * pose->yaw;
    pose->gaze_y = -0.8 * pose->pitch;
    pose->blink = 0;
    for (i = 0; i < MOTION_BLINKS; i++) {
        double d = fabs(t - m->blink_s[i]) / 0.11;

        if (d < 1)
            pose->blink = fmin(1.25 * (1 - d), 1);
    }
    turn = m->light_turn0 + wave_at(&m->light_turn, t);
    lift = m->light_lift0 + wave_at(&m->light_lift, t);
    pose->light = (struct vec3){sin(turn) * cos(lift), -sin(lift), cos(turn) * cos(lift)};
    pose->key = m->key;
    pose->ambient = m->ambient;
    for (i = 0; i < 3; i++)
        pose->light_color[i] = m->light_color[i];
}
