#include "lib/media.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/media_internal.h"
#include "lib/mem.h"

#define IO_BUFFER (1 << 16) /* bytes */

struct media_writer {
    struct atomic_file file;
    char *path;
    int io_errno; /* what the last failed write or seek said */
    AVFormatContext *container;
    AVIOContext *io;
    AVCodecContext *encoder;
    AVStream *stream;
    AVFrame *frame;
    AVPacket *packet;
    struct media_scaler scaler;
    long long frames;
    bool started; /* the header is written, so a trailer must be */
};

/* ---- the container's file: ours, so that it appears whole or not at all --------------------- */

static int io_write(void *opaque, uint8_t *bytes, int size)
{
    struct media_writer *w = opaque;

    if (fwrite(bytes, 1, (size_t)size, w->file.fp) == (size_t)size)
        return size;
    w->io_errno = errno ? errno : EIO;
    return AVERROR(w->io_errno);
}

static int64_t io_seek(void *opaque, int64_t offset, int whence)
{
    struct media_writer *w = opaque;

    if (whence & AVSEEK_SIZE)
        return AVERROR(ENOSYS);
    if (fseeko(w->file.fp, offset, whence & ~AVSEEK_FORCE) == 0)
        return ftello(w->file.fp);
    w->io_errno = errno;
    return AVERROR(errno);
}

static int open_io(struct media_writer *w, struct err *err)
{
    uint8_t *buffer = av_malloc(IO_BUFFER);

    if (buffer)
        w->io = avio_alloc_context(buffer, IO_BUFFER, 1, w, NULL, io_write, io_seek);
    if (!w->io) {
        av_free(buffer);
        return err_nomem(err);
    }
    if (!w->file.temporary)
        w->io->seekable = 0;
    w->container->pb = w->io;
    w->container->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    return 0;
}

/* ---- opening -------------------------------------------------------------------------------- */

static int open_encoder(struct media_writer *w, const struct media_encode *e, struct err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(e->codec);
    enum AVPixelFormat format = av_get_pix_fmt(e->pixel_format ? e->pixel_format : "yuv420p");
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    const AVDictionaryEntry *unknown;
    AVDictionary *options = NULL;
    AVCodecContext *c;
    int r;

    if (!codec)
        return err_set(err, ERR_MISSING, "this FFmpeg has no encoder '%s'", e->codec);
    if (!d)
        return err_set(err, ERR_FAULT, "no pixel format '%s'", e->pixel_format);
    c = w->encoder = avcodec_alloc_context3(codec);
    if (!c)
        return err_nomem(err);
    c->width = e->width;
    c->height = e->height;
    c->pix_fmt = format;
    c->time_base = (AVRational){e->fps_den, e->fps_num};
    c->framerate = (AVRational){e->fps_num, e->fps_den};
    c->thread_count = 1;
    c->flags |= AV_CODEC_FLAG_BITEXACT;
    if (w->container->oformat->flags & AVFMT_GLOBALHEADER)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (d->flags & AV_PIX_FMT_FLAG_RGB) {
        c->colorspace = AVCOL_SPC_RGB;
        c->color_range = AVCOL_RANGE_JPEG;
    } else {
        /* What a reader would assume anyway, said. */
        c->colorspace = e->height < 720 ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
        c->color_range = AVCOL_RANGE_MPEG;
    }
    r = e->options ? av_dict_parse_string(&options, e->options, "=", ":", 0) : 0;
    if (r >= 0)
        r = avcodec_open2(c, codec, &options);
    unknown = r >= 0 ? av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX) : NULL;
    if (r < 0)
        r = media_fail(err, ERR_FAULT, r, "cannot open encoder '%s' with '%s'", e->codec,
                       e->options ? e->options : "");
    else if (unknown)
        r = err_set(err, ERR_FAULT, "encoder '%s' has no option '%s'", e->codec, unknown->key);
    else
        r = 0;
    av_dict_free(&options);
    return r;
}

static int open_stream(struct media_writer *w, struct err *err)
{
    int r;

    w->stream = avformat_new_stream(w->container, NULL);
    w->frame = av_frame_alloc();
    w->packet = av_packet_alloc();
    if (!w->stream || !w->frame || !w->packet)
        return err_nomem(err);
    w->stream->time_base = w->encoder->time_base;
    w->stream->avg_frame_rate = w->encoder->framerate;
    r = avcodec_parameters_from_context(w->stream->codecpar, w->encoder);
    if (r >= 0) {
        w->frame->format = w->encoder->pix_fmt;
        w->frame->width = w->encoder->width;
        w->frame->height = w->encoder->height;
        w->frame->colorspace = w->encoder->colorspace;
        w->frame->color_range = w->encoder->color_range;
        r = av_frame_get_buffer(w->frame, 0);
    }
    if (r >= 0)
        r = avformat_write_header(w->container, NULL);
    if (r < 0)
        return media_fail(err, ERR_CREATE, r, "cannot start '%s'", w->path);
    w->started = true;
    return 0;
}

static void release(struct media_writer *w)
{
    avcodec_free_context(&w->encoder);
    av_frame_free(&w->frame);
    av_packet_free(&w->packet);
    media_scaler_release(&w->scaler);
    if (w->io)
        av_freep(&w->io->buffer);
    avio_context_free(&w->io);
    avformat_free_context(w->container);
    atomic_discard(&w->file); /* after a commit there is nothing left to discard */
    free(w->path);
    free(w);
}

int media_create(struct media_writer **out, const char *path, const struct media_encode *e,
                 struct err *err)
{
    struct media_writer *w = mem_array(1, sizeof(*w));
    int r;

    if (!w)
        return err_nomem(err);
    media_quiet();
    w->path = mem_strdup(path);
    r = w->path ? fs_make_parents(path, err) : err_nomem(err);
    if (!r) {
        r = avformat_alloc_output_context2(&w->container, NULL, NULL, path);
        r = r < 0
                ? media_fail(err, ERR_CREATE, 0, "cannot tell a container from the name '%s'", path)
                : 0;
    }
    if (!r)
        r = atomic_open(&w->file, path, err);
    if (!r)
        r = open_io(w, err);
    if (!r)
        r = open_encoder(w, e, err);
    if (!r)
        r = open_stream(w, err);
    if (r) {
        release(w);
        return r;
    }
    *out = w;
    return 0;
}

/* ---- frames --------------------------------------------------------------------------------- */

static int write_packets(struct media_writer *w, struct err *err)
{
    int r;

    for (;;) {
        r = avcodec_receive_packet(w->encoder, w->packet);
        if (r == AVERROR(EAGAIN) || r == AVERROR_EOF)
            return 0;
        if (r < 0)
            return media_fail(err, ERR_FAULT, r, "cannot encode into '%s'", w->path);
        av_packet_rescale_ts(w->packet, w->encoder->time_base, w->stream->time_base);
        w->packet->stream_index = 0;
        if (w->packet->duration == 0)
            w->packet->duration = av_rescale_q(1, w->encoder->time_base, w->stream->time_base);
        r = av_interleaved_write_frame(w->container, w->packet);
        if (r < 0)
            return media_fail(err, ERR_IO, r, "cannot write '%s'", w->path);
    }
}

int media_put(struct media_writer *w, const struct image *rgb, struct err *err)
{
    AVFrame *f = w->frame;
    struct media_pixels from = {.width = rgb->width,
                                .height = rgb->height,
                                .format = rgb->channels == 3 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_GRAY8,
                                .full = true,
                                .matrix = SWS_CS_ITU601};
    const uint8_t *data[4] = {rgb->data};
    int stride[4] = {(int)rgb->stride}, r;
    struct media_pixels to;

    if (rgb->width != f->width || rgb->height != f->height)
        return err_set(err, ERR_FAULT, "frame of %d x %d pixels for a video of %d x %d", rgb->width,
                       rgb->height, f->width, f->height);
    r = av_frame_make_writable(f); /* the encoder may still look at the last one */
    if (r < 0)
        return media_fail(err, ERR_FAULT, r, "cannot encode into '%s'", w->path);
    to = media_pixels_of(f);
    r = media_scale(&w->scaler, &from, data, stride, &to, f->data, f->linesize, err);
    if (r)
        return r;
    f->pts = w->frames++;
    r = avcodec_send_frame(w->encoder, f);
    if (r < 0)
        return media_fail(err, ERR_FAULT, r, "cannot encode into '%s'", w->path);
    return write_packets(w, err);
}

static int complete(struct media_writer *w, struct err *err)
{
    int r;

    r = avcodec_send_frame(w->encoder, NULL);
    if (r < 0)
        return media_fail(err, ERR_FAULT, r, "cannot end '%s'", w->path);
    r = write_packets(w, err);
    if (r)
        return r;
    r = av_write_trailer(w->container);
    w->started = false;
    avio_flush(w->io);
    if (r >= 0)
        r = w->io->error;
    if (r < 0)
        return media_fail(err, ERR_IO, r, "cannot write '%s'", w->path);
    return atomic_commit(&w->file, false, err);
}

int media_finish(struct media_writer *w, int commit, struct err *err)
{
    int r = 0;

    if (!w)
        return 0;
    if (commit)
        r = complete(w, err);
    else if (w->started)
        av_write_trailer(w->container); /* frees what the muxer holds; the file goes anyway */
    release(w);
    return r;
}
