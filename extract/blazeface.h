/*
 * What BlazeFace's numbers mean: anchors, decoding, and the blending of overlapping detections.
 *
 * Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019,
 * arXiv 1907.05047, sections 3.3 (anchors) and 3.4 (blending), with the constants of MediaPipe's
 * graphs face_detection_front and face_detection_back: anchor offset 0.5, fixed anchor size, two
 * anchors a cell of the 16 x 16 grid, six a cell of the 8 x 8 grid (strides 8, 16, 16, 16 of 128
 * pixels; 16, 32, 32, 32 of 256), boxes and key points in pixels of the input relative to the
 * anchor, raw scores limited to +-100 before the logistic function, blending above an IoU of 0.3.
 */
#ifndef LP_BLAZEFACE_H
#define LP_BLAZEFACE_H

#include "extract/net.h"

#define BLAZE_ANCHORS  896 /* 16 x 16 x 2 + 8 x 8 x 6 */
#define BLAZE_NUMBERS  16  /* of a box: centre x, y, width, height; six key points x, y */
#define BLAZE_KEYS     6
#define BLAZE_SAME_IOU 0.3f
#define BLAZE_CLIP     100.0f

/* Key points, as the person has them: the right eye is on the left side of the picture. */
enum blaze_key {
    BLAZE_RIGHT_EYE,
    BLAZE_LEFT_EYE,
    BLAZE_NOSE,
    BLAZE_MOUTH,
    BLAZE_RIGHT_EAR,
    BLAZE_LEFT_EAR
};

struct blaze_face {
    float x, y, width, height; /* centre and sides; of the input's side (0..1) after decoding */
    float key[BLAZE_KEYS][2];
    float score; /* 0..1 */
};

/* Which output is what. */
struct blaze_outputs {
    int scores[2], boxes[2]; /* numbers of outputs; [0] of the 16 x 16 grid, [1] of the 8 x 8 */
    int side;                /* of the input, pixels */
};

/* Finds the four outputs by their shapes. ERR_DATA if n is no BlazeFace of 896 anchors. */
int blaze_outputs_find(struct blaze_outputs *o, const struct net *n, const char *name,
                       struct err *err) LP_MUST_CHECK;

/* The centre of an anchor, in sides of the input. */
void blaze_anchor(int number, float *x, float *y);

/*
 * Decodes the anchors of one grid (0 or 1) whose score is at least `threshold` (0..1) and appends
 * them to faces[n..]; returns the new number, at most max.
 */
int blaze_decode(int grid, const float *scores, const float *boxes, int side, float threshold,
                 struct blaze_face *faces, int n, int max);

/*
 * Blends what overlaps (section 3.4; MediaPipe's weighted non-maximum suppression): from the surest
 * on, all that overlap it by more than BLAZE_SAME_IOU become one face, the mean weighted by their
 * scores, with the score of the surest. Returns the number left, surest first; ties keep their
 * order. Works in place, in any unit.
 */
int blaze_blend(struct blaze_face *faces, int n);

float blaze_iou(const struct blaze_face *a, const struct blaze_face *b);

#endif
