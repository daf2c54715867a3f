/*
 * What a kind of detector provides, for detect.c and the kinds themselves.
 *
 * hog: dlib's frontal HOG detector. Felzenszwalb HOG features on a pyramid that shrinks by 5/6,
 * five linear filters (frontal, turned left and right, tilted left and right) of 80 x 80 pixels,
 * greedy non-maximum suppression: dlib's get_frontal_face_detector(), on the colour picture, as the
 * published pre-processing runs it. Its score is the distance from its threshold, > 0; ties in the
 * order of dlib.
 */
#ifndef LP_DETECT_KIND_H
#define LP_DETECT_KIND_H

#ifdef __cplusplus
extern "C" { /* the headers too: they are C */
#endif

#include <stdbool.h>

#include "extract/detect.h"

#define HOG_WINDOW_PX     80 /* side of the smallest face its filters see */
#define HOG_NARROW_LEVELS 3  /* of the pyramid, with DETECT_NARROW: up to about 1.6 windows */
#define HOG_VIEWS         5  /* filters: front, left, right, tilted left, tilted right */

struct detector_kind {
    const char *word;
    bool narrows; /* DETECT_NARROW leaves out sizes and views */
    int (*open)(void **state, const char *model, struct err *err); /* model: of cnn; may be NULL */
    int (*copy)(void **state, const void *from, struct err *err);
    void (*close)(void *state); /* never NULL */
    int (*find)(void *state, const struct image *img, const struct detect_query *q,
                struct face faces[DETECT_MAX_FACES], struct err *err);
};

extern const struct detector_kind detect_hog, detect_cnn;

#ifdef __cplusplus
}
#endif
#endif
