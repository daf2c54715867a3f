#include "lib/media_recode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>

#include "lib/media_internal.h"
#include "lib/mem.h"

struct media_recode {
    AVCodecContext *encoder, *decoder;
    AVFrame *in, *out;
    AVPacket *packet;
    struct media_scaler to_yuv, to_rgb;
    struct image even, wide; /* pictures with even sides */
    int width, height;
    long long frames;
    size_t bytes;
    bool flushed; /* the decoder has been told the end */
};

int media_recode_new(struct media_recode **out, struct err *err)
{
    struct media_recode *m = mem_array(1, sizeof(*m));

    *out = NULL;
    if (!m)
        return err_nomem(err);
    media_quiet();
    m->in = av_frame_alloc();
    m->out = av_frame_alloc();
    m->packet = av_packet_alloc();
    if (!m->in || !m->out || !m->packet) {
        media_recode_free(m);
        return err_nomem(err);
    }
    *out = m;
    return 0;
}

void media_recode_free(struct media_recode *m)
{
    if (!m)
        return;
    avcodec_free_context(&m->encoder);
    avcodec_free_context(&m->decoder);
    av_frame_free(&m->in);
    av_frame_free(&m->out);
    av_packet_free(&m->packet);
    media_scaler_release(&m->to_yuv);
    media_scaler_release(&m->to_rgb);
    image_release(&m->even);
    image_release(&m->wide);
    free(m);
}

static int open_encoder(struct media_recode *m, int fps, int crf, struct err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *c;
    char number[16];
    int r;

    if (!codec)
        return err_set(err, ERR_MISSING, "this FFmpeg has no encoder 'libx264'");
    c = m->encoder = avcodec_alloc_context3(codec);
    if (!c)
        return err_nomem(err);
    c->width = m->width + (m->width & 1);
    c->height = m->height + (m->height & 1);
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = (AVRational){1, fps};
    c->framerate = (AVRational){fps, 1};
    c->thread_count = 1;
    c->flags |= AV_CODEC_FLAG_BITEXACT;
    c->colorspace = AVCOL_SPC_SMPTE170M;
    c->color_range = AVCOL_RANGE_MPEG;
    snprintf(number, sizeof(number), "%d", crf);
    r = av_opt_set(c->priv_data, "crf", number, 0);
    /* Without this, libx264 lets the processor and even what is left in memory choose among
     * algorithms; with it, its result is that of its plain C code. */
    if (r >= 0)
        r = av_opt_set(c->priv_data, "x264-params", "cpu-independent=1", 0);
    if (r >= 0)
        r = avcodec_open2(c, codec, NULL);
    return r < 0 ? media_fail(err, ERR_FAULT, r, "cannot open encoder 'libx264' at crf %d", crf)
                 : 0;
}

static int open_decoder(struct media_recode *m, struct err *err)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    int r;

    if (!codec)
        return err_set(err, ERR_MISSING, "this FFmpeg has no H.264 decoder");
    m->decoder = avcodec_alloc_context3(codec);
    if (!m->decoder)
        return err_nomem(err);
    m->decoder->thread_count = 1;
    r = avcodec_open2(m->decoder, codec, NULL);
    return r < 0 ? media_fail(err, ERR_FAULT, r, "cannot open the H.264 decoder") : 0;
}

int media_recode_start(struct media_recode *m, int width, int height, int fps, int crf,
                       struct err *err)
{
    int r;

    avcodec_free_context(&m->encoder);
    avcodec_free_context(&m->decoder);
    av_frame_unref(m->in);
    m->width = width;
    m->height = height;
    m->frames = 0;
    m->bytes = 0;
    m->flushed = false;
    if ((r = open_encoder(m, fps, crf, err)) || (r = open_decoder(m, err)))
        return r;
    m->in->format = m->encoder->pix_fmt;
    m->in->width = m->encoder->width;
    m->in->height = m->encoder->height;
    m->in->colorspace = m->encoder->colorspace;
    m->in->color_range = m->encoder->color_range;
    r = av_frame_get_buffer(m->in, 0);
    return r < 0 ? media_fail(err, -ENOMEM, r, "no frame") : 0;
}

/* The picture with its last column and row doubled where a side is odd. */
static int make_even(struct media_recode *m, const struct image *rgb, struct err *err)
{
    int c = rgb->channels, x, y, i;
    int r = image_shape(&m->even, m->encoder->width, m->encoder->height, c, err);

    if (r)
        return r;
    for (y = 0; y < m->even.height; y++) {
        const uint8_t *from = image_row(rgb, y < rgb->height ? y : rgb->height - 1);
        uint8_t *to = image_row(&m->even, y);

        for (x = 0; x < m->even.width; x++)
            for (i = 0; i < c; i++)
                to[x * c + i] = from[(x < rgb->width ? x : rgb->width - 1) * c + i];
    }
    return 0;
}

int media_recode_put(struct media_recode *m, const struct image *rgb, struct err *err)
{
    struct media_pixels from, to;
    const uint8_t *data[4] = {0};
    int stride[4] = {0}, r;

    if (!rgb) {
        r = avcodec_send_frame(m->encoder, NULL);
        return r < 0 ? media_fail(err, ERR_FAULT, r, "cannot encode") : 0;
    }
    if (rgb->width != m->width || rgb->height != m->height)
        return err_set(err, ERR_FAULT, "a picture of %d x %d pixels in a sequence of %d x %d",
                       rgb->width, rgb->height, m->width, m->height);
    if ((m->width | m->height) & 1) {
        r = make_even(m, rgb, err);
        if (r)
            return r;
        rgb = &m->even;
    }
    r = av_frame_make_writable(m->in);
    if (r < 0)
        return media_fail(err, -ENOMEM, r, "no frame");
    from = (struct media_pixels){.width = rgb->width,
                                 .height = rgb->height,
                                 .format = rgb->channels == 3 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_GRAY8,
                                 .full = true,
                                 .matrix = SWS_CS_ITU601};
    to = media_pixels_of(m->in);
    data[0] = rgb->data;
    stride[0] = (int)rgb->stride;
    r = media_scale(&m->to_yuv, &from, data, stride, &to, m->in->data, m->in->linesize, err);
    if (r)
        return r;
    m->in->pts = m->frames++;
    r = avcodec_send_frame(m->encoder, m->in);
    return r < 0 ? media_fail(err, ERR_FAULT, r, "cannot encode") : 0;
}

int media_recode_get(struct media_recode *m, struct image *out, struct err *err)
{
    struct image *picture = (m->width | m->height) & 1 ? &m->wide : out;
    int r;

    for (;;) {
        r = avcodec_receive_frame(m->decoder, m->out);
        if (r == AVERROR_EOF)
            return 0;
        if (r != AVERROR(EAGAIN))
            break;
        /* The decoder is empty. More may wait in the encoder. */
        r = avcodec_receive_packet(m->encoder, m->packet);
        if (r == AVERROR(EAGAIN))
            return 0;
        if (r == AVERROR_EOF) {
            if (m->flushed)
                return 0;
            m->flushed = true;
            r = avcodec_send_packet(m->decoder, NULL);
        } else if (r >= 0) {
            m->bytes += (size_t)m->packet->size;
            r = avcodec_send_packet(m->decoder, m->packet);
            av_packet_unref(m->packet);
        }
        if (r < 0)
            return media_fail(err, ERR_FAULT, r, "cannot encode and decode");
    }
    if (r < 0)
        return media_fail(err, ERR_FAULT, r, "cannot decode what was encoded");
    r = media_frame_to_rgb(&m->to_rgb, m->out, picture, err);
    av_frame_unref(m->out);
    if (!r && picture != out) {
        struct image part = image_view(picture, 0, 0, m->width, m->height);

        r = image_copy(out, &part, err);
    }
    return r ? r : 1;
}

size_t media_recode_bytes(const struct media_recode *m)
{
    return m->bytes;
}
