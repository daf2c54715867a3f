/* align_5p of the published code (cropface.py), with its whole-pixel eyes and its floats. */
#ifndef LP_SWAP_PUBLISHED_POSE_H
#define LP_SWAP_PUBLISHED_POSE_H

#include "swap/pose.h"

/* The five points as published: eye centres cut off to whole pixels. */
void published_points(const struct landmarks *l, struct point from[FACE_POINTS]);

/* Landmark pixels -> sample pixels as pose_jittered(), but from these five points, and with the
 * corners of the stretch kept as 32-bit floats. ERR_DATA if the points coincide. */
int published_pose(const struct landmarks *l, const struct face_jitter *j, struct mat3 *m,
                   struct err *err) LP_MUST_CHECK;

/* A landmark taken to the sample without the perspective divide, as align_5p returns its
 * (unused) landmarks: cropface.py:117-119. */
struct point published_no_divide(const struct mat3 *m, struct point p);

#endif
