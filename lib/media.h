/*
 * Video and picture files: the one door to FFmpeg.
 * All pictures that come out are RGB24, full range (struct image, 3 channels), with the colour
 * matrix and range of the stream honoured; all that go in are RGB24 or grey.
 * Functions are re-entrant; one struct belongs to one thread at a time. FFmpeg's log is silenced;
 * its words end up in err.
 */
#ifndef LP_MEDIA_H
#define LP_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/image.h"

/* ---- decoding --------------------------------------------------------------------------------
 *
 * A path to a folder is the video whose frames are its pictures, see lib/media_folder.h; times are
 * not known then.
 *
 * Containers: MP4/MOV, Matroska/WebM, AVI, MPEG-TS/PS, FLV, Ogg and a few more; nothing that opens
 * other files. Codecs: whatever the FFmpeg at hand decodes.
 *
 * Frames are numbered from 0 as they are shown: edit lists are obeyed (frames cut off at the start
 * are not counted), B-frames are in their place, frames of variable rate are neither doubled nor
 * dropped, fields stay woven. Rotation metadata in steps of 90 degrees, and mirroring, is applied;
 * the sample aspect ratio is not: pixels are the stored ones.
 *
 * Colour: matrix and range as the stream says; if it does not, BT.601 below 720 stored rows, else
 * BT.709, and limited range, like most players. RGB streams (libx264rgb) come out byte for byte.
 * Chroma is interpolated and taken as centred between luma samples, as FFmpeg's own tools and
 * OpenCV take it: 8-bit 4:2:0, 4:2:2 and 4:4:4 by lib/yuv.h, within 0.52 of the formula; the rest
 * by libswscale, bicubic. The bytes do not depend on the processor.
 *
 * Damage. A picture with damaged parts is concealed by the decoder, delivered and counted. A packet
 * that gives no picture at all ends the video there with ERR_DATA, because the numbers of all
 * frames after it would be off by one (before the first frame such packets are passed over: that
 * is what a file cut out of a longer one starts with). A file that is shorter than its container
 * says ends with ERR_DATA after the frames that are there.
 */
struct media_info {
    int width, height;        /* pixels as shown, after rotation; of the first frame */
    double fps;               /* average; 0 = unknown */
    char codec[32];           /* FFmpeg's codec name: "h264" */
    long long frames_claimed; /* what the container says; 0 = unknown; containers lie */
    double duration_s;        /* container; 0 = unknown */
};

struct media_reader;

/* Opens the best video stream, one decoder thread, and decodes its first frame. `info` may be NULL.
 * ERR_NOINPUT if the file cannot be opened or is neither regular file nor folder, ERR_DATA if it is
 * empty, is not a video or holds no frame that can be decoded, ERR_MISSING if FFmpeg lacks the
 * decoder. */
int media_open(struct media_reader **r, const char *path, struct media_info *info,
               struct err *err) LP_MUST_CHECK;

/* Decodes the next frame in presentation order. Returns 1 with *index (the frame's number) and
 * *time_ms (presentation time since frame 0), either may be NULL; 0 at the end, negative on error.
 * The picture itself is converted only by media_picture(). A stream that breaks off in the middle
 * is ERR_DATA; frames before the break have been delivered. */
int media_next(struct media_reader *r, long long *index, double *time_ms,
               struct err *err) LP_MUST_CHECK;

/* Converts the current frame into out (reshaped; memory reused). The size may change within a
 * stream. */
int media_picture(struct media_reader *r, struct image *out, struct err *err) LP_MUST_CHECK;

/* Says that frames up to (not including) `index` will not be looked at, so that those which no
 * other frame needs are dropped undecoded. media_next() then passes over them: it still gives every
 * frame its own number, and frame `index` and all after it come as if nothing had been dropped.
 * So is the rest of a group of pictures, up to the next IDR picture, once nothing in it is wanted.
 * Done where it is exact, which is H.264 frame pictures in MP4/MOV (the format says there how a
 * packet, a frame and its time belong together); elsewhere the hint does nothing. Packets read
 * ahead are at most 64. */
void media_skip_to(struct media_reader *r, long long index);

/* The same for a whole list, ascending: no frame but these will be looked at. Drops a little more
 * than hints from frame to frame, as the decoder is fed ahead of what it gives. The list is
 * borrowed until media_close() or the next call; NULL goes back to media_skip_to(). */
void media_want(struct media_reader *r, const long long *frames, size_t n);

void media_close(struct media_reader *r); /* NULL is fine */

/* Counts the frames that media_next() gives, by reading packets where a packet is known to be a
 * frame (see media_skip_to), else by decoding. For a video that breaks off ERR_DATA, and *frames is
 * what comes before the break. */
int media_count_frames(const char *path, long long *frames, struct err *err) LP_MUST_CHECK;

/* ---- encoding (generators and tests) ---------------------------------------------------------*/
struct media_writer;
struct media_encode {
    int width, height; /* pixels; even for 4:2:0 */
    int fps_num, fps_den;
    const char *codec;        /* FFmpeg encoder name, "libx264" */
    const char *options;      /* "crf=18:preset=veryfast", may be NULL */
    const char *pixel_format; /* "yuv420p" (also if NULL); "rgb24" for libx264rgb */
};
/* Writes PATH through a temporary name, making parent folders; one encoder thread, bit-exact flags:
 * same bytes each time. The container follows from the name's ending. Y'CbCr is limited range,
 * BT.601 below 720 rows and else BT.709, and says so. */
int media_create(struct media_writer **w, const char *path, const struct media_encode *e,
                 struct err *err) LP_MUST_CHECK;
/* Frames are numbered 0, 1, ... at fps_num/fps_den a second; size as in media_create. */
int media_put(struct media_writer *w, const struct image *rgb, struct err *err) LP_MUST_CHECK;
/* Finishes and renames into place (commit) or removes (no commit). NULL is fine. */
int media_finish(struct media_writer *w, int commit, struct err *err) LP_MUST_CHECK;

/* ---- pictures --------------------------------------------------------------------------------*/
/* JPEG: chroma of every second column and row (4:2:0), of every second column (4:2:2), all (4:4:4).
 * Every kind but MEDIA_PNG is JPEG. */
enum media_format { MEDIA_PNG, MEDIA_JPEG, MEDIA_JPEG_422, MEDIA_JPEG_444 };

/* Per-worker state for reading and writing pictures: contexts and buffers are kept, so a loop
 * allocates nothing in the steady state. */
struct media_codec;
int media_codec_new(struct media_codec **c, struct err *err) LP_MUST_CHECK;
void media_codec_free(struct media_codec *c);

/* PNG or JPEG bytes -> RGB24, always 3 channels: grey comes out with three equal channels, and
 * image_to_grey() gives its bytes back. 16-bit samples are reduced to 8 bits, palettes resolved,
 * alpha is dropped (not blended), CMYK is converted without a colour profile; EXIF rotation is not
 * applied. `name` is for err. ERR_DATA for anything else, and for a picture that is not whole. */
int media_decode_picture(struct media_codec *c, const void *bytes, size_t size, const char *name,
                         struct image *out, struct err *err) LP_MUST_CHECK;
/* ERR_NOINPUT if the file cannot be opened. */
int media_read_picture(struct media_codec *c, const char *path, struct image *out,
                       struct err *err) LP_MUST_CHECK;

/* Bytes of the encoded picture; *bytes belongs to c and lives until its next call.
 * quality: JPEG 1..100 (libjpeg's scale, slow integer DCT); PNG: deflate level 0..9. Same
 * input, same bytes, whatever c encoded before and wherever it lies (for one version of
 * libjpeg-turbo, libdeflate and ISA-L, which packs PNG level 1; lib/media_deflate.c says on which
 * processors). On photographs PNG level 6 takes eight times as
 * long as level 1 and saves a tenth. */
int media_encode_picture(struct media_codec *c, const struct image *img, enum media_format format,
                         int quality, const uint8_t **bytes, size_t *size,
                         struct err *err) LP_MUST_CHECK;
/* Encodes and writes atomically (not durable), making parent folders. */
int media_write_picture(struct media_codec *c, const char *path, const struct image *img,
                        enum media_format format, int quality, struct err *err) LP_MUST_CHECK;

#endif
