/* A pair of face crops made of noise and waves, with a drawn face's landmarks: for tests and
 * benches of the swaps, where only geometry and arithmetic matter. */
#ifndef LP_SWAP_FIXTURE_H
#define LP_SWAP_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rng.h"
#include "swap/method.h"

/* 68 landmarks of a face `width` pixels wide with its middle at (cx, cy). */
static inline struct landmarks fixture_face(double cx, double cy, double width)
{
    /* Half-widths and heights as fractions of the face's width; right half mirrors the left one. */
    static const double eye[6][2] = {{-.15, -.02}, {-.11, -.04}, {-.07, -.04},
                                     {-.03, -.02}, {-.07, -.01}, {-.11, -.01}};
    static const int mirrored[6] = {3, 2, 1, 0, 5, 4};
    struct landmarks l = {.n = 68};
    double s = width;
    int i;

    for (i = 0; i < 17; i++) {
        double a = M_PI * i / 16;

        l.p[i] = (struct point){cx - .5 * s * cos(a), cy + .02 * s + .6 * s * sin(a)};
    }
    for (i = 0; i < 10; i++)
        l.p[17 + i] = (struct point){cx + s * (-.38 + .76 * i / 9), cy - .16 * s};
    for (i = 0; i < 4; i++)
        l.p[27 + i] = (struct point){cx, cy + s * (-.02 + .08 * i)};
    for (i = 0; i < 5; i++)
        l.p[31 + i] = (struct point){cx + s * (-.1 + .05 * i), cy + .27 * s};
    for (i = 0; i < 6; i++) {
        l.p[36 + i] = (struct point){cx + s * (eye[i][0] - .12), cy + s * eye[i][1]};
        l.p[42 + i] =
            (struct point){cx - s * (eye[mirrored[i]][0] - .12), cy + s * eye[mirrored[i]][1]};
    }
    for (i = 0; i < 20; i++) {
        double a = M_PI + 2 * M_PI * (i < 12 ? i / 12.0 : (i - 12) / 8.0);
        double r = i < 12 ? 1 : .7;

        l.p[48 + i] = (struct point){cx + .19 * s * r * cos(a), cy + .4 * s + .06 * s * r * sin(a)};
    }
    return l;
}

/* Smooth waves and a little noise. `name` chooses the pattern. */
static inline void fixture_texture(struct image *img, int w, int h, const char *name)
{
    struct rng rng;
    double f[3], g[3];
    int x, y, c;

    rng_init(&rng, 1, 0, name, "texture");
    for (c = 0; c < 3; c++) {
        f[c] = rng_range(&rng, .02, .2);
        g[c] = rng_range(&rng, .02, .2);
    }
    if (image_shape(img, w, h, 3, NULL))
        abort();
    for (y = 0; y < h; y++) {
        for (x = 0; x < w; x++) {
            for (c = 0; c < 3; c++)
                image_row(img, y)[3 * x + c] =
                    (uint8_t)(120 + 70 * sin(f[c] * x + c) * cos(g[c] * y) +
                              30 * rng_uniform(&rng));
        }
    }
}

/* Of two pictures of one shape. */
static inline bool equal(const struct image *a, const struct image *b)
{
    int y;

    for (y = 0; y < a->height; y++)
        if (memcmp(image_row(a, y), image_row(b, y), (size_t)a->width * (size_t)a->channels))
            return false;
    return true;
}

/* Mean absolute difference. */
static inline double apart(const struct image *a, const struct image *b)
{
    double sum = 0;
    int x, y;

    for (y = 0; y < a->height; y++) {
        for (x = 0; x < a->width * a->channels; x++)
            sum += abs(image_row(a, y)[x] - image_row(b, y)[x]);
    }
    return sum / ((double)a->width * a->height * a->channels);
}

/* The defaults of configs/default.yaml. */
static inline struct swap_settings fixture_settings(void)
{
    return (struct swap_settings){
        .seed = 1,
        .regions = 0xf,
        .real_on_fake = .4,
        .fake_on_real = .2,
        .untouched = .2,
        .partial = .2,
        .poisson = .5,
        .elastic = .5,
        .elastic_sigma = .12,
        .elastic_min = .02,
        .elastic_max = .05,
        .hull = HULL_MEASURED,
        .hull_lift = 1,
        .soften_px = 5,
        .window = {{40, 80}, {80, 40}, {80, 120}, {120, 80}, {120, 160}, {160, 120}},
        .windows = 6,
        .scale = .9,
        .scale_sd = .1,
        .translate_px = 25,
        .rotate_deg = 30,
        .stretch = .03,
        .stretch_p = .2,
        .mirror = .5,
        .halve = .3,
        .min_difference = .5,
    };
}

#endif
