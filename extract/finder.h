/*
 * Finds the faces of a frame, by one of two schedules.
 *
 * reference: what the published pre-processing does. The whole frame, doubled once, every frame; of
 * the faces found the one with the largest box.
 *
 * fast: the same face at a fraction of the work. Looks, in this order, until one finds a face:
 *   near   around the last face (or the hint), a square of NEAR_SPAN times its side, for a face of
 * NEAR_SHARE to 1.5 times its size; again  the same for faces from AGAIN_SHARE of it, which catches
 * faces near the threshold; wide   the whole frame at the scale at which faces from WIDE_SHARE of
 * the last one's size are seen; whole  the whole frame at the scale at which faces from min_face_px
 * are seen. Every WIDE_EVERY-th frame the wide look comes first, and after a cut (the frames differ
 * much on a coarse grid) or without a last face only the whole look counts, so that a larger face
 * or another person is noticed.
 */
#ifndef LP_FINDER_H
#define LP_FINDER_H

#include <stdbool.h>

#include "extract/detect.h"

enum schedule { SCHEDULE_FAST, SCHEDULE_REFERENCE };

enum face_choice {
    FACES_LARGEST, /* the largest face of each frame */
    FACES_ALL,     /* every face of each frame: each frame is searched as a whole */
    FACES_TRACK,   /* every person: fast looks near the last faces, and at the whole frame every
                      FINDER_WHOLE_EVERY-th time, after a cut and when somebody was lost */
};
#define FINDER_WHOLE_EVERY 8 /* frames */

struct finder;

/* One a worker, with a copy of `detector` of its own. ERR_FAULT, -ENOMEM. */
int finder_open(struct finder **f, const struct detector *detector, enum schedule schedule,
                int min_face_px, struct err *err) LP_MUST_CHECK;
void finder_close(struct finder *f); /* NULL is fine */

/* "hog", ...: what found the faces. */
const char *finder_detector(const struct finder *f);

/* Forgets all faces: a new video begins. */
void finder_start(struct finder *f);

/*
 * Finds the faces of img (RGB), the next sampled frame of a video; the largest is first, then from
 * left to right. Returns how many there are (FACES_LARGEST: 0 or 1), boxes in pixels of img, or a
 * negative code. *cut: whether a shot begins here, as far as the frame tells; may be NULL.
 */
int finder_find_faces(struct finder *f, const struct image *img, enum face_choice choice,
                      struct face faces[DETECT_MAX_FACES], bool *cut,
                      struct err *err) LP_MUST_CHECK;

/*
 * One face of img. Without a hint the largest one, as finder_find_faces(). `hint`, if not NULL, is
 * where it must be (the box of the pristine video's face in the same frame): of the faces found,
 * only one that overlaps it with an IoU of at least FINDER_SAME_IOU counts, the most overlapping
 * one; such frames may come in any order. Returns 1 with *face in pixels of img, 0 if there is
 * none, or a negative code.
 */
#define FINDER_SAME_IOU 0.3
int finder_find(struct finder *f, const struct image *img, const struct rect *hint,
                struct face *face, struct err *err) LP_MUST_CHECK;

#endif
