/* Numbers of the published code (CADDM, run under NumPy 1.24 and OpenCV), against which more than
 * one test compares. */
#ifndef LP_PUBLISHED_VECTORS_H
#define LP_PUBLISHED_VECTORS_H

#include "lib/face_jitter.h"

/* align_5p with augmentation of the test face (caddm_vectors.json, align_aug): one draw, its matrix
 * (whose quads went through float32), and where landmark 30 goes with the perspective divide, which
 * the published code leaves out. */
static const struct face_jitter published_jitter = {.scale = 0.95,
                                                    .dx_px = 7.25,
                                                    .dy_px = -3.5,
                                                    .rotate_deg = 12.5,
                                                    .stretch_x = 1.02,
                                                    .stretch_y = 0.98};
static const double published_jittered[9] = {
    0.8460212703754365,     0.23069114388519288,   -372.9178651300212,
    -0.2834016396674211,    0.9541268109998705,    -24.936511927625105,
    -0.0006153569522904162, 0.0002436158710264218, 1.2164681063830792};
static const struct point published_jittered_nose = {124.76631604265923, 136.81328636839027};

#endif
