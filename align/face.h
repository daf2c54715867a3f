/* One face: its landmarks, its crop, the warp to the aligned picture. A struct belongs to one
 * thread and keeps its memory, so a loop allocates nothing in the steady state. */
#ifndef LP_FACE_H
#define LP_FACE_H

#include "align/align_settings.h"
#include "lib/image.h"
#include "lib/landmarks.h"
#include "lib/npy.h"
#include "lib/str.h"
#include "lib/warp_area.h"

struct face {
    struct warp_area warp;
    struct media_codec *codec;
    struct image crop, aligned;
    struct npy landmarks;
    char *landmarks_name; /* the file that `landmarks` holds */
    struct str path;
    double outside; /* of the face warped last: the share that its crop does not reach */
};

int face_init(struct face *f, struct err *err) LP_MUST_CHECK;
void face_release(struct face *f);

/* Row `row` of folder/name. Rows of one video share a file, so the last one read is kept. */
int face_landmarks(struct face *f, const char *folder, const char *name, long long row,
                   struct landmarks *l, struct err *err) LP_MUST_CHECK;

/* folder/name -> f->crop. ERR_DATA if width or height is wanted (not 0) and it has another. */
int face_crop(struct face *f, const char *folder, const char *name, long long width,
              long long height, struct err *err) LP_MUST_CHECK;

/* `crop`, whose first pixel is (x, y) of the frame, under `m` from frame to aligned pixels ->
 * f->aligned, a square of the settings' size, sampled as they say. */
int face_warp(struct face *f, const struct image *crop, const struct mat3 *m, double x, double y,
              const struct align_settings *s, struct err *err) LP_MUST_CHECK;

/* `picture` as folder/name. */
int face_write(struct face *f, const struct image *picture, const char *folder, const char *name,
               const struct align_settings *s, struct err *err) LP_MUST_CHECK;

/* Is it the item that is bad, or the run that cannot go on? */
bool face_stops_the_run(int code);

#endif
