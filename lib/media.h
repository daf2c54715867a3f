/*
 * Video and picture files: the one door to FFmpeg.
 * All pictures that come out are RGB24, full range (struct image, 3 channels), with the colour
 * matrix and range of the stream honoured; all that go in are RGB24 or grey.
 * Functions are re-entrant; one struct belongs to one thread at a time. FFmpeg's log is silenced;
 * its words end up in err.
 */
#ifndef LP_MEDIA_H
#define LP_MEDIA_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/image.h"

/* ---- decoding --------------------------------------------------------------------------------*/
struct media_info {
    int width, height;        /* pixels as shown, after rotation metadata */
    double fps;               /* average; 0 = unknown */
    char codec[32];           /* FFmpeg's codec name: "h264" */
    long long frames_claimed; /* what the container says; 0 = unknown; containers lie */
    double duration_s;        /* container; 0 = unknown */
};

struct media_reader;

/* Opens the first (best) video stream, one decoder thread. ERR_NOINPUT if the file cannot be
 * opened, ERR_DATA if it is empty, holds no video stream or nothing decodable. */
int media_open(struct media_reader **r, const char *path, struct media_info *info,
               struct err *err) LP_MUST_CHECK;

/* Decodes the next frame in presentation order. Returns 1 with *index (0-based count of decoded
 * frames) and *time_ms (presentation time since the first frame), 0 at the end, negative on error.
 * The picture itself is converted only by media_picture(). A stream that breaks off in the middle
 * is ERR_DATA; frames before the break have been delivered. */
int media_next(struct media_reader *r, long long *index, double *time_ms,
               struct err *err) LP_MUST_CHECK;

/* Converts the current frame into out (reshaped; memory reused). */
int media_picture(struct media_reader *r, struct image *out, struct err *err) LP_MUST_CHECK;

/* Tells the decoder that frames up to (not including) `index` will not be looked at, so that those
 * which no other frame needs may be dropped undecoded. They are still counted. */
void media_skip_to(struct media_reader *r, long long index);

void media_close(struct media_reader *r); /* NULL is fine */

/* Counts frames by reading packets and, where a packet is not a frame, decoding. */
int media_count_frames(const char *path, long long *frames, struct err *err) LP_MUST_CHECK;

/* ---- encoding (generators and tests) ---------------------------------------------------------*/
struct media_writer;
struct media_encode {
    int width, height; /* even */
    int fps_num, fps_den;
    const char *codec;        /* FFmpeg encoder name, "libx264" */
    const char *options;      /* "crf=18:preset=veryfast", may be NULL */
    const char *pixel_format; /* "yuv420p"; "rgb24" for libx264rgb */
};
/* Writes PATH through a temporary name, one encoder thread, bit-exact flags: same bytes each time.
 */
int media_create(struct media_writer **w, const char *path, const struct media_encode *e,
                 struct err *err) LP_MUST_CHECK;
int media_put(struct media_writer *w, const struct image *rgb, struct err *err) LP_MUST_CHECK;
/* Finishes and renames into place (commit) or removes (no commit). NULL is fine. */
int media_finish(struct media_writer *w, int commit, struct err *err) LP_MUST_CHECK;

/* ---- pictures --------------------------------------------------------------------------------*/
enum media_format { MEDIA_PNG, MEDIA_JPEG };

/* Per-worker state for reading and writing pictures: contexts and buffers are kept, so a loop
 * allocates nothing in the steady state. */
struct media_codec;
int media_codec_new(struct media_codec **c, struct err *err) LP_MUST_CHECK;
void media_codec_free(struct media_codec *c);

/* PNG or JPEG bytes -> RGB24 (or 1 channel if the file is grey and grey_ok). `name` is for err. */
int media_decode_picture(struct media_codec *c, const void *bytes, size_t size, const char *name,
                         struct image *out, struct err *err) LP_MUST_CHECK;
int media_read_picture(struct media_codec *c, const char *path, struct image *out,
                       struct err *err) LP_MUST_CHECK;

/* Bytes of the encoded picture; *bytes belongs to c and lives until its next call.
 * quality: JPEG 1..100 (libjpeg scale, 4:2:0); PNG: zlib level 0..9. Same input, same bytes. */
int media_encode_picture(struct media_codec *c, const struct image *img, enum media_format format,
                         int quality, const uint8_t **bytes, size_t *size,
                         struct err *err) LP_MUST_CHECK;
/* Encodes and writes atomically (not durable), making parent folders. */
int media_write_picture(struct media_codec *c, const char *path, const struct image *img,
                        enum media_format format, int quality, struct err *err) LP_MUST_CHECK;

#endif
