/*
 * What a face picture is worth: sharpness, light, pose.
 *
 * The pixels that are looked at are those of the face box that lie in the frame, brought to the
 * scale at which the whole box is FACE_QUALITY_PX wide (area average when shrinking, bilinear when
 * growing) and turned grey (luma, BT.601 weights). So a number means the same at every face size:
 * the face as a detector sees it that is fed crops of twice the box at 224 px. A small face, grown,
 * has no fine detail and counts as blurred, rightly.
 */
#ifndef LP_FACE_QUALITY_H
#define LP_FACE_QUALITY_H

#include "extract/head_angles.h"
#include "lib/geometry.h"
#include "lib/image.h"
#include "lib/resize.h"

#define FACE_QUALITY_PX 112

struct face_quality {
    double blur;     /* variance of the Laplacian (0 1 0, 1 -4 1, 0 1 0) over all pixels that have
                        four neighbours, grey levels squared: low = blurred. About 50 to 500 for
                        sharp video */
    double exposure; /* mean grey level, 0..255 */
    struct head_angles angles;
    bool has_angles;
};

/* Scratch of one thread. */
struct face_quality_scratch {
    struct image small, grey;
    struct resizer resizer;
};

void face_quality_init(struct face_quality_scratch *s);
void face_quality_release(struct face_quality_scratch *s); /* also of a zeroed one */

/* Measures the face in `box` of img (3 channels, RGB). blur and exposure are NaN if less than 3 x 3
 * pixels of the scaled box lie in the frame. points: its 68 or more landmarks. Blur is rounded to
 * 4 significant digits, exposure to 0.1, angles to 0.1 degree. */
int face_quality_measure(struct face_quality_scratch *s, const struct image *img, struct rect box,
                         const struct point *points, struct face_quality *q,
                         struct err *err) LP_MUST_CHECK;

#endif
