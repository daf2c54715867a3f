/*
 * The face detector: dlib's frontal HOG detector behind a C interface (its one door).
 *
 * Felzenszwalb HOG features on a pyramid that shrinks by 5/6, five linear filters (frontal, turned
 * left and right, tilted left and right) of 80 x 80 pixels, greedy non-maximum suppression: dlib's
 * get_frontal_face_detector(), on the colour picture, as the published pre-processing runs it.
 *
 * A detector belongs to one thread at a time; open one a worker.
 */
#ifndef LP_DETECT_H
#define LP_DETECT_H

#ifdef __cplusplus
extern "C" { /* lib's headers too: they are C */
#endif

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"

#define DETECT_WINDOW_PX 80 /* side of the smallest face the detector sees, without upsampling */
#define DETECT_MAX_FACES 64

struct face {
    struct rect box; /* pixels of the picture given; half-open; may reach beyond the picture */
    double score;    /* distance from the detector's threshold; higher is surer; > 0 */
};

/* How thoroughly a picture is searched. */
enum detect_mode {
    DETECT_ALL,     /* faces of DETECT_WINDOW_PX and larger */
    DETECT_DOUBLED, /* the picture doubled first: half as large, at four times the cost */
    DETECT_NARROW,  /* the first DETECT_NARROW_LEVELS levels of the pyramid only: faces of
                       DETECT_WINDOW_PX to about 1.9 times that */
};
#define DETECT_NARROW_LEVELS 4

struct detector;

/* Opening unpacks the filters, which takes a fifth of a second; copying an open detector does not.
 */
int detector_open(struct detector **d, struct err *err) LP_MUST_CHECK;
int detector_copy(struct detector **d, const struct detector *from, struct err *err) LP_MUST_CHECK;
void detector_close(struct detector *d); /* NULL is fine */

/* Finds faces in img (3 channels, RGB): at most DETECT_MAX_FACES, surest first, ties in the order
 * of dlib. Returns their number, or a negative code (-ENOMEM, ERR_FAULT). */
int detector_find(struct detector *d, const struct image *img, enum detect_mode mode,
                  struct face faces[DETECT_MAX_FACES], struct err *err) LP_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
