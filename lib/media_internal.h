/* What the media_*.c files share. Nothing else includes FFmpeg. */
#ifndef LP_MEDIA_INTERNAL_H
#define LP_MEDIA_INTERNAL_H

#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
#include <stdbool.h>

#include "lib/err.h"
#include "lib/image.h"
#include "lib/yuv.h"

/* Stops FFmpeg from printing: its words end up in err. Call first in whatever opens something. */
void media_quiet(void);

/* Fills err with the words and FFmpeg's reason for `averror`. No memory comes back as -ENOMEM
 * whatever `code` says, a full disk as ERR_IO. */
int media_fail(struct err *err, int code, int averror, const char *fmt, ...) LP_PRINTF(4, 5);

/* One side of a colour conversion. */
struct media_pixels {
    int width, height;
    int format; /* enum AVPixelFormat, not one of the yuvj kind */
    bool full;  /* full range, else limited */
    int matrix; /* of Y'CbCr: SWS_CS_* */
};

/* Keeps the conversion context between frames of one shape. */
struct media_scaler {
    struct SwsContext *sws;
    struct media_pixels from, to;
    struct yuv_scratch scratch;
    struct yuv_ops yuv; /* chosen at the first use */
};

/* What the frame holds. An unspecified matrix is taken as BT.709 from 720 rows up and BT.601
 * below, as players do; an unspecified range as limited for Y'CbCr. */
struct media_pixels media_pixels_of(const AVFrame *frame);

/* Converts all rows. Same size on both sides. */
int media_scale(struct media_scaler *s, const struct media_pixels *from,
                const uint8_t *const from_data[4], const int from_stride[4],
                const struct media_pixels *to, uint8_t *const to_data[4], const int to_stride[4],
                struct err *err) LP_MUST_CHECK;
void media_scaler_release(struct media_scaler *s);

/* frame -> RGB24 in img (shaped here). RGB comes out byte for byte; alpha is dropped. */
int media_frame_to_rgb(struct media_scaler *s, const AVFrame *frame, struct image *img,
                       struct err *err) LP_MUST_CHECK;

/* ---- H.264 in MP4 files: media_h264.c ------------------------------------------------------- */

/* Does the avcC box announce frames only (no fields)? *length_bytes: of the NAL lengths. */
bool media_h264_simple(const uint8_t *extra, size_t size, int *length_bytes);

struct media_h264_packet {
    int frames;      /* that start in it */
    bool idr;        /* decoding can start here, and nothing before it is needed after it */
    bool disposable; /* no other frame needs it */
    bool strange;    /* not exactly one frame, or something that makes the above doubtful */
};
struct media_h264_packet media_h264_inspect(const uint8_t *bytes, size_t size, int length_bytes);

/* ---- packets of a file's video stream: media_packets.c -------------------------------------- */

#define MEDIA_QUEUE 64 /* packets read ahead at most */
#define MEDIA_AHEAD (2 * MEDIA_QUEUE)

/* A packet that was read and whose frame has not come out yet, or frames that were dropped next to
 * each other. */
struct media_expected {
    int64_t pts; /* of the last of them */
    int frames;
    bool dropped;
};

struct media_packets {
    char *path; /* owned */
    AVFormatContext *container;
    AVStream *stream;
    const AVCodec *codec;
    long long missing; /* bytes that the container's own sizes say the file lacks */
    long long read;    /* packets */
    bool ended;        /* no more packets, for whatever reason */
    bool broken;       /* ended before the end; `why` says how */
    char why[160];

    /* Reading ahead, to know a frame's number before it is decoded. */
    AVPacket *queue[MEDIA_QUEUE]; /* ring; allocated once */
    int first, queued;
    struct media_expected expected[MEDIA_AHEAD];
    int n_expected;
    int64_t last_dts; /* of the packet read last */
    int length_bytes;
    bool trusted;            /* a packet is a frame, so far and as far as can be known */
    bool started;            /* a frame came out */
    long long count;         /* frames that came out or were dropped before one that did */
    long long skip_to;       /* frames below this number may be dropped */
    const long long *wanted; /* if not NULL: so may all but these, ascending */
    size_t n_wanted;
    long long dropped; /* packets */
    int tail;          /* packets at the front of the queue that nothing needs: drop them */
    int no_tail;       /* so many at the front need no look whether they are such */
};

int media_packets_open(struct media_packets *p, const char *path, struct err *err) LP_MUST_CHECK;
void media_packets_close(struct media_packets *p);

/* The next packet that the decoder must see; it belongs to the caller, who unrefs it. False when
 * there is none. */
bool media_packets_next(struct media_packets *p, AVPacket *out);

/* A frame with this time came out: its number. */
long long media_packets_number(struct media_packets *p, int64_t pts);

/* ---- pictures --------------------------------------------------------------------------------*/

/* Full-range 8-bit grey, with or without alpha, into img, which has its shape. False if the frame
 * is something else. */
bool media_grey_to_rgb(const AVFrame *f, struct image *img);

/* zlib streams: lib/media_deflate.c. */
struct media_deflate;
int media_deflate_new(struct media_deflate **d, struct err *err) LP_MUST_CHECK;
void media_deflate_free(struct media_deflate *d);
/* The most bytes that `size` bytes become. */
size_t media_deflate_bound(size_t size);
/* Level 0..9; `room` is at least the bound. */
int media_deflate(struct media_deflate *d, const uint8_t *in, size_t size, int level, uint8_t *out,
                  size_t room, size_t *n, struct err *err) LP_MUST_CHECK;
/* 1 if the stream is good and exactly n bytes, 0 if not, -ENOMEM. */
int media_inflate(struct media_deflate *d, const uint8_t *in, size_t size, uint8_t *out, size_t n,
                  struct err *err) LP_MUST_CHECK;

uint32_t media_crc32(const uint8_t *bytes, size_t size);

/* PNG: lib/media_png.c. */
struct media_png;
int media_png_new(struct media_png **p, struct err *err) LP_MUST_CHECK;
void media_png_free(struct media_png *p);
int media_png_encode(struct media_png *p, const struct image *img, int level, const uint8_t **bytes,
                     size_t *size, struct err *err) LP_MUST_CHECK;
/* 1 = done; 0 = good so far, but a kind that is left to FFmpeg. `bytes` begin with the signature.
 */
int media_png_decode(struct media_png *p, const void *bytes, size_t size, const char *name,
                     struct image *out, struct err *err) LP_MUST_CHECK;

/* JPEG, by libjpeg-turbo: lib/media_jpeg.c. */
struct media_jpeg;
int media_jpeg_new(struct media_jpeg **j, struct err *err) LP_MUST_CHECK;
void media_jpeg_free(struct media_jpeg *j);
int media_jpeg_decode(struct media_jpeg *j, const void *bytes, size_t size, const char *name,
                      struct image *out, struct err *err) LP_MUST_CHECK;
/* Luma samples to one of chroma, across and down: 2 2, 2 1 or 1 1. */
int media_jpeg_encode(struct media_jpeg *j, const struct image *img, int quality, int across,
                      int down, const uint8_t **bytes, size_t *size, struct err *err) LP_MUST_CHECK;

#endif
