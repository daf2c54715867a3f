/*
 * What video compression does to pictures: a sequence goes through an H.264 encoder (libx264) at a
 * constant rate factor and back through the decoder, in memory. A struct belongs to one thread.
 *
 * Pictures come out in the order they went in, some time later (the encoder looks ahead), so:
 *
 *     media_recode_start();
 *     for each picture: media_recode_put(picture); while (media_recode_get(&out) == 1) use(out);
 *     media_recode_put(NULL); while (media_recode_get(&out) == 1) use(out);
 *
 * 4:2:0, limited range, BT.601, libx264's default preset; sides that are odd are made even with
 * their last row or column and cut again. Same pictures, same result, on every processor, for one
 * version of libx264.
 */
#ifndef LP_MEDIA_RECODE_H
#define LP_MEDIA_RECODE_H

#include "lib/err.h"
#include "lib/image.h"

struct media_recode;

int media_recode_new(struct media_recode **m, struct err *err) LP_MUST_CHECK;
void media_recode_free(struct media_recode *m); /* NULL is fine */

/* Begins a sequence, and forgets what is left of the last. `crf`: 0..51, larger is worse; `fps`
 * only steers the encoder's rate of key frames. ERR_MISSING if FFmpeg lacks libx264. */
int media_recode_start(struct media_recode *m, int width, int height, int fps, int crf,
                       struct err *err) LP_MUST_CHECK;

/* RGB or grey pictures of the size that was said; NULL ends the sequence. */
int media_recode_put(struct media_recode *m, const struct image *rgb,
                     struct err *err) LP_MUST_CHECK;

/* 1 = the next picture, RGB, in *out; 0 = none now. */
int media_recode_get(struct media_recode *m, struct image *out, struct err *err) LP_MUST_CHECK;

/* Of this sequence, so far. */
size_t media_recode_bytes(const struct media_recode *m);

#endif
