/*
 * Finds the faces of a frame, by one of two schedules.
 *
 * reference: what the published pre-processing does. The whole frame, doubled once, every frame; of
 * the faces found the one with the largest box.
 *
 * fast: the same face at a fraction of the work. Looks, in this order, until one finds a face:
 *   near     around the last face (or the hint), a square of 1.5 times its side, for a face of 0.83
 *            to 1.3 times its size, as seen by the view of the detector that saw the last one;
 *            and once more around what was found, if its size is at the edge of these
 *   again    a square of twice its side, for faces from 0.6 of its size on, by all views
 *   wide     the whole frame, for faces from 0.75 of its size on
 *   largest  the whole frame, for large faces first, then at twice the scale and so on until
 *            min_face_px: where there is a face, no smaller one is looked for
 * What a look before has seen already is left out (for cnn, `again` in the same square).
 * After a cut (the frames differ much on a coarse grid) or without a last face only the last look
 * counts; and the whole frame is searched for somebody else whose face is larger than the one that
 * is followed: in the FINDER_WHOLE_LEAST-th frame after the last such search, and from the
 * FINDER_WHOLE_EVERY-th on already if a coarse grid shows that something has changed beside the
 * head since.
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
#define FINDER_WHOLE_EVERY 8  /* frames */
#define FINDER_WHOLE_LEAST 32 /* frames */

struct finder;

/* One a worker, with a copy of `detector` of its own. ERR_FAULT, -ENOMEM. */
int finder_open(struct finder **f, const struct detector *detector, enum schedule schedule,
                int min_face_px, struct err *err) LP_MUST_CHECK;
void finder_close(struct finder *f); /* NULL is fine */

/* "hog", ...: what found the faces. */
const char *finder_detector(const struct finder *f);

/* How often a whole frame has been searched, once a scale it began at, since finder_open(). */
long finder_whole_searches(const struct finder *f);

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
