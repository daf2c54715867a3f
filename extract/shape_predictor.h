/*
 * Facial landmarks by an ensemble of regression trees: Kazemi & Sullivan, "One Millisecond Face
 * Alignment with an Ensemble of Regression Trees", CVPR 2014. Reads the serialisation format of
 * dlib's shape_predictor (version 1), so that dlib's 68-point file and the 81-point files that
 * face-forensics code uses work as they are.
 *
 * The prediction starts from the mean shape S in the unit square of the face box. Each of the T
 * levels of the cascade reads a pool of pixels whose places are stored relative to the nearest
 * point of the mean shape (anchor + delta, the delta turned and scaled by the similarity that takes
 * the mean shape to the current one, section 2.3.2), walks K trees whose splits compare the
 * difference of two pool pixels with a threshold (equation 7), and adds the K leaves to the shape.
 * The arithmetic (float shape, double similarity, nearest pixel, grey = (R + G + B) / 3 truncated,
 * 0 outside the picture) follows dlib, so the points are dlib's before it rounds them to whole
 * pixels.
 *
 * A model is const after loading: any number of threads may predict with it.
 */
#ifndef LP_SHAPE_PREDICTOR_H
#define LP_SHAPE_PREDICTOR_H

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"

struct shape_predictor;

/* Per-thread scratch; a plain struct, so that prediction allocates nothing. */
#define SHAPE_MAX_POINTS   128  /* landmarks of a model */
#define SHAPE_MAX_FEATURES 4096 /* pool pixels of a level */

/* Loads and checks a model. ERR_MISSING if the file is not there (`path` is named), ERR_NOINPUT if
 * it cannot be read, ERR_DATA if it is no such model: cut off, trailing bytes, wrong version, trees
 * of unequal depth, an index out of range, a value that is not finite, or sizes beyond the limits.
 */
int shape_predictor_load(struct shape_predictor **model, const char *path,
                         struct err *err) LP_MUST_CHECK;
void shape_predictor_free(struct shape_predictor *model); /* NULL is fine */

/* Number of points: 68, 81, ... */
int shape_predictor_points(const struct shape_predictor *model);

/* Bytes of memory the model holds. */
size_t shape_predictor_bytes(const struct shape_predictor *model);

/* Chooses among the variants of the prediction: the best that `cpu_mask` (lib/cpu.h) allows,
 * instead of the best that cpu_mask() allowed when the model was loaded. For tests and benches. */
void shape_predictor_limit(struct shape_predictor *model, unsigned cpu_mask);

/*
 * Fits the model to the face in `box` (pixels of img, half-open; it may reach beyond the picture;
 * at least 2 pixels wide and high) and writes the points, in pixels of img, not rounded and not
 * limited to the picture. img: 1 or 3 channels. Writes shape_predictor_points() entries.
 */
void shape_predictor_fit(const struct shape_predictor *model, const struct image *img,
                         struct rect box, struct point *points);

#endif
