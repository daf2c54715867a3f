/* Landmarks of the one face of a clip, frame by frame, by the project's own detector and engine. */
#ifndef LP_FACE_TRACK_H
#define LP_FACE_TRACK_H

#include "lib/image.h"
#include "lib/landmarks.h"

struct face_tracker; /* one a thread */
struct shape_predictor;

/* Debian's 68-point model: const, large, shared by all trackers. */
int face_model_load(struct shape_predictor **model, struct err *err) LP_MUST_CHECK;

/* The model stays the caller's and must outlive the tracker. */
int face_tracker_new(struct face_tracker **t, const struct shape_predictor *model,
                     struct err *err) LP_MUST_CHECK;
void face_tracker_free(struct face_tracker *t); /* NULL is fine */

/* The largest face of one picture. ERR_DATA naming `name` if there is none. */
int face_track_still(struct face_tracker *t, const struct image *img, const char *name,
                     struct landmarks *points, struct err *err) LP_MUST_CHECK;

/* Every frame: the face is searched in every fourth frame and its box interpolated between, and
 * the points are smoothed a little over time. ERR_DATA naming `name` if no frame has a face. */
int face_track_clip(struct face_tracker *t, const struct image *frames, int n, const char *name,
                    struct landmarks *points, struct err *err) LP_MUST_CHECK;

#endif
