#include "lib/media.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>

#include "lib/atomic_file.h"
#include "lib/media_internal.h"
#include "lib/mem.h"

#define FILE_LIMIT ((size_t)1 << 30) /* bytes of a picture file; larger is refused as damage */

struct media_codec {
    AVCodecContext *decoder; /* of the rarer kinds of PNG */
    AVFrame *frame;
    AVPacket *packet;
    struct media_scaler scaler;
    struct media_png *png;
    struct media_jpeg *jpeg;
    uint8_t *file; /* what media_read_picture read */
    size_t file_cap;
};

void media_codec_free(struct media_codec *c)
{
    if (!c)
        return;
    avcodec_free_context(&c->decoder);
    av_frame_free(&c->frame);
    av_packet_free(&c->packet);
    media_scaler_release(&c->scaler);
    media_png_free(c->png);
    media_jpeg_free(c->jpeg);
    free(c->file);
    free(c);
}

int media_codec_new(struct media_codec **out, struct err *err)
{
    struct media_codec *c = mem_array(1, sizeof(*c));
    int r;

    if (!c)
        return err_nomem(err);
    media_quiet();
    c->frame = av_frame_alloc();
    c->packet = av_packet_alloc();
    r = media_png_new(&c->png, err);
    if (!r)
        r = media_jpeg_new(&c->jpeg, err);
    if (!r && (!c->frame || !c->packet))
        r = err_nomem(err);
    if (r) {
        media_codec_free(c);
        return r;
    }
    *out = c;
    return 0;
}

/* ---- PNG of the rarer kinds
 * --------------------------------------------------------------------------------- */

static int png_decoder(struct media_codec *c, struct err *err)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_PNG);
    int r;

    if (c->decoder)
        return 0;
    if (!codec)
        return err_set(err, ERR_MISSING, "this FFmpeg has no PNG decoder");
    c->decoder = avcodec_alloc_context3(codec);
    if (!c->decoder)
        return err_nomem(err);
    c->decoder->thread_count = 1;
    c->decoder->max_pixels = IMAGE_MAX_PIXELS;
    /* A bad checksum or a missing row is an error, not a guess. */
    c->decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    r = avcodec_open2(c->decoder, codec, NULL);
    if (r < 0) {
        avcodec_free_context(&c->decoder);
        return media_fail(err, ERR_MISSING, r, "cannot open the PNG decoder");
    }
    return 0;
}

static int png_decode(struct media_codec *c, const void *bytes, size_t size, const char *name,
                      struct image *out, struct err *err)
{
    AVFrame *f = c->frame;
    int r;

    r = media_png_decode(c->png, bytes, size, name, out, err);
    if (r)
        return r < 0 ? r : 0;
    r = png_decoder(c, err);
    if (r)
        return r;
    c->packet->data = (uint8_t *)bytes; /* copied by the decoder, as it has no owner */
    c->packet->size = (int)size;
    c->packet->flags = AV_PKT_FLAG_KEY; /* else it may be taken as a change to the last picture */
    r = avcodec_send_packet(c->decoder, c->packet);
    av_packet_unref(c->packet);
    if (r >= 0)
        r = avcodec_receive_frame(c->decoder, f);
    if (r < 0) {
        avcodec_flush_buffers(c->decoder);
        return media_fail(err, ERR_DATA, r, "'%s' is not a whole PNG picture", name);
    }
    r = image_shape(out, f->width, f->height, 3, err);
    if (!r && !media_grey_to_rgb(f, out))
        r = media_frame_to_rgb(&c->scaler, f, out, err);
    av_frame_unref(f);
    return r;
}

/* ---- both formats --------------------------------------------------------------------------- */

int media_decode_picture(struct media_codec *c, const void *bytes, size_t size, const char *name,
                         struct image *out, struct err *err)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[3] = {0xff, 0xd8, 0xff};

    if (size > FILE_LIMIT)
        return err_set(err, ERR_DATA, "'%s' is larger than %zu bytes", name, FILE_LIMIT);
    if (size >= sizeof(png) && memcmp(bytes, png, sizeof(png)) == 0)
        return png_decode(c, bytes, size, name, out, err);
    if (size >= sizeof(jpeg) && memcmp(bytes, jpeg, sizeof(jpeg)) == 0)
        return media_jpeg_decode(c->jpeg, bytes, size, name, out, err);
    return err_set(err, ERR_DATA, "'%s' is %s", name,
                   size ? "neither a PNG nor a JPEG picture" : "empty");
}

static int load(struct media_codec *c, int fd, const char *path, size_t *size, struct err *err)
{
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st))
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot read '%s'", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_NOINPUT, "'%s' is not a regular file", path);
    if ((size_t)st.st_size > FILE_LIMIT)
        return err_set(err, ERR_DATA, "'%s' is larger than %zu bytes", path, FILE_LIMIT);
    if (mem_grow(&c->file, &c->file_cap, (size_t)st.st_size, 1))
        return err_nomem(err);
    *size = 0;
    do {
        n = read(fd, c->file + *size, (size_t)st.st_size - *size);
        if (n < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
        *size += n > 0 ? (size_t)n : 0;
    } while (n && *size < (size_t)st.st_size);
    return 0;
}

int media_read_picture(struct media_codec *c, const char *path, struct image *out, struct err *err)
{
    int r, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a fifo must not hang us */
    size_t size = 0;

    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    r = load(c, fd, path, &size, err);
    close(fd);
    return r ? r : media_decode_picture(c, c->file, size, path, out, err);
}

int media_encode_picture(struct media_codec *c, const struct image *img, enum media_format format,
                         int quality, const uint8_t **bytes, size_t *size, struct err *err)
{
    if (format == MEDIA_PNG)
        return media_png_encode(c->png, img, quality, bytes, size, err);
    return media_jpeg_encode(c->jpeg, img, quality, format == MEDIA_JPEG_444 ? 1 : 2,
                             format == MEDIA_JPEG ? 2 : 1, bytes, size, err);
}

int media_write_picture(struct media_codec *c, const char *path, const struct image *img,
                        enum media_format format, int quality, struct err *err)
{
    const uint8_t *bytes;
    size_t size;
    int r;

    r = media_encode_picture(c, img, format, quality, &bytes, &size, err);
    return r ? r : atomic_write(path, bytes, size, err);
}
