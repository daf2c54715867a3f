/*
 * Where the face goes in a sample: the 224 x 224 pixel crop of Dong et al. (CVPR 2023; CADDM's
 * align_5p), with its training jitter.
 *
 * Five landmarks (the eye centres, nose tip, mouth corners) are taken to a template by a
 * least-squares similarity; the template is "caddm" of lib/face_template.h.
 */
#ifndef LP_SWAP_POSE_H
#define LP_SWAP_POSE_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/face_jitter.h"
#include "lib/geometry.h"
#include "lib/landmarks.h"

#define SAMPLE_PX 224 /* side of a sample, pixels; window sizes and anchors are in these pixels */

/* No jitter. */
#define POSE_STILL                                                                                 \
    {                                                                                              \
        .scale = 0.9, .stretch_x = 1.0, .stretch_y = 1.0                                           \
    }

/* The five template points at a scale: left eye, right eye, nose, left and right mouth corner. */
void pose_template(double scale, struct point to[FACE_POINTS]);

/* The five points of a face in the template's order: means of the six points of each eye (not
 * truncated, unlike the reference), and points 30, 48 and 54. */
void pose_points(const struct landmarks *l, struct point from[FACE_POINTS]);

/* Landmark pixels -> sample pixels without jitter, template scale `scale`.
 * ERR_DATA if the points coincide. */
int pose_still(const struct landmarks *l, double scale, struct mat3 *m,
               struct err *err) LP_MUST_CHECK;

/* Landmark pixels -> sample pixels: mirror * (stretch and move) * rotation * similarity. */
int pose_jittered(const struct landmarks *l, const struct face_jitter *j, struct mat3 *m,
                  struct err *err) LP_MUST_CHECK;

#endif
