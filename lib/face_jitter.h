/*
 * The training jitter of Dong et al. (CVPR 2023; CADDM's align_5p) of an aligned face: scale of the
 * template, rotation about the middle of the picture, a stretch between eyes and mouth corners, a
 * shift, and a mirror.
 */
#ifndef LP_FACE_JITTER_H
#define LP_FACE_JITTER_H

#include <stdbool.h>

#include "lib/face_template.h"
#include "lib/rng.h"

/* One draw. */
struct face_jitter {
    double scale;        /* of the template: what it means is the template's */
    double dx_px, dy_px; /* aligned pixels, added last */
    double rotate_deg;   /* about the middle; positive = counter-clockwise on screen */
    double stretch_x;    /* of the pair of eyes (and 1 / of the mouth corners) */
    double stretch_y;    /* of the left pair eye-mouth (and 1 / of the right one) */
    bool mirror;         /* left-right, after all else */
};

/* What is drawn from. */
struct face_jitter_spread {
    double scale, scale_sd; /* normal, cut off at three deviations */
    double translate_px;    /* uniform, to both sides */
    double rotate_deg;      /* times the cube of U(-1, 1) */
    double stretch;         /* uniform, to both sides of 1 */
    double stretch_p;       /* how often, for each of the two */
};

/* All of *j but the mirror, which is left alone. */
void face_jitter_draw(struct rng *rng, const struct face_jitter_spread *s, struct face_jitter *j);

/*
 * Source pixels -> jittered pixels: mirror * (stretch and move) * rotation * similarity, where
 * `similarity` takes source pixels to the aligned picture of side_px, template at j->scale, and
 * `five` are the template's points in it. ERR_DATA if the points have no extent.
 */
int face_jitter_apply(const struct face_jitter *j, int side_px,
                      const struct point five[FACE_POINTS], const struct mat3 *similarity,
                      struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
