/*
 * Face detectors behind one interface; which one is the setting extract.detector.
 *
 * A detector searches a part of a picture for faces of a size and larger, and scales by itself.
 * Whatever the kind, a box is what the landmark model expects: the convention of dlib's frontal
 * detector (about from above the brows to below the lower lip, square).
 *
 * A detector belongs to one thread at a time; open one, and copy it for each worker.
 */
#ifndef LP_DETECT_H
#define LP_DETECT_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"

#define DETECT_MAX_FACES 64

struct face {
    struct rect box; /* pixels of the picture given; half-open; may reach beyond the picture */
    double score;    /* how sure, in the unit of its kind (see there); higher is surer */
    int view;        /* which of the kind's views of a head saw it (hog: 0..4; else 0) */
};

/* How thoroughly it is searched. */
enum detect_mode {
    DETECT_ALL,     /* faces from smallest_px on */
    DETECT_DOUBLED, /* as the published pre-processing: dlib on the doubled picture, which sees
                       faces from 40 px on; smallest_px does not count */
    DETECT_NARROW,  /* faces from smallest_px to about 1.6 times that, as `view` sees them, are
                       enough; others may be missed */
};

struct detect_query {
    struct rect area;   /* of the picture; must lie inside and not be empty */
    double smallest_px; /* side of the smallest face wanted; > 0 */
    enum detect_mode mode;
    int view; /* DETECT_NARROW: of the face that is looked for again */
};

/* The kinds, in the order of the words of extract.detector. */
enum detector_name { DETECTOR_HOG, DETECTOR_CNN, DETECTOR_N };

struct detector;

/* Opening may take a fifth of a second; copying an open detector does not. model: the weights of
 * cnn, an ONNX file; NULL or "" for the one that `make models` fetched. ERR_MISSING if it is not
 * there or the build has no inference library, ERR_DATA if it is something else, ERR_FAULT,
 * -ENOMEM. */
int detector_open(struct detector **d, enum detector_name name, const char *model,
                  struct err *err) LP_MUST_CHECK;
int detector_copy(struct detector **d, const struct detector *from, struct err *err) LP_MUST_CHECK;
void detector_close(struct detector *d); /* NULL is fine */

/* "hog", ...: the value of the manifest's column detector. */
const char *detector_word(const struct detector *d);

/* Does DETECT_NARROW leave out what DETECT_ALL sees in the same area? */
bool detector_narrows(const struct detector *d);

/* Finds faces in the part q->area of img (3 channels, RGB): at most DETECT_MAX_FACES, surest first,
 * boxes in pixels of img. Returns their number, or a negative code (-ENOMEM, ERR_FAULT). */
int detector_find(struct detector *d, const struct image *img, const struct detect_query *q,
                  struct face faces[DETECT_MAX_FACES], struct err *err) LP_MUST_CHECK;

#endif
