#include "lib/media_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/pixdesc.h>

#include "lib/cpu.h"

/* The same bytes on every processor, chroma interpolated in both directions. Bicubic, not bilinear,
 * which takes chroma a quarter of a sample too low (seen in libswscale 6.7). */
#define SCALE_FLAGS (SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT)

static void quiet_once(void)
{
    av_log_set_level(AV_LOG_QUIET);
}

void media_quiet(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, quiet_once);
}

int media_fail(struct err *err, int code, int averror, const char *fmt, ...)
{
    char words[256], reason[AV_ERROR_MAX_STRING_SIZE] = "";
    va_list ap;

    if (averror == AVERROR(ENOMEM))
        return err_nomem(err);
    if (averror == AVERROR(ENOSPC) || averror == AVERROR(EFBIG) || averror == AVERROR(EDQUOT))
        code = ERR_IO;
    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    if (averror == 0 || averror == AVERROR_EXTERNAL || averror == AVERROR_UNKNOWN)
        return err_set(err, code, "%s", words);
    av_strerror(averror, reason, sizeof(reason));
    return err_set(err, code, "%s: %s", words, reason);
}

/* ---- colour --------------------------------------------------------------------------------- */

/* The yuvj formats are the yuv ones with full range said in the format. */
static int plain_format(int format, bool *full)
{
    static const struct {
        int j, plain;
    } pairs[] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P}, {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };
    size_t i;

    for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        if (pairs[i].j == format) {
            *full = true;
            return pairs[i].plain;
        }
    return format;
}

static int matrix_of(const AVFrame *frame)
{
    switch (frame->colorspace) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return SWS_CS_ITU601;
    default:
        return frame->height < 720 ? SWS_CS_ITU601 : SWS_CS_ITU709;
    }
}

struct media_pixels media_pixels_of(const AVFrame *frame)
{
    struct media_pixels p = {.width = frame->width, .height = frame->height};
    const AVPixFmtDescriptor *d;

    p.format = plain_format(frame->format, &p.full);
    d = av_pix_fmt_desc_get(p.format);
    if (frame->color_range == AVCOL_RANGE_JPEG || (d && (d->flags & AV_PIX_FMT_FLAG_RGB)))
        p.full = true;
    p.matrix = matrix_of(frame);
    return p;
}

static bool same_pixels(const struct media_pixels *a, const struct media_pixels *b)
{
    return a->width == b->width && a->height == b->height && a->format == b->format &&
           a->full == b->full && a->matrix == b->matrix;
}

static int prepare(struct media_scaler *s, const struct media_pixels *from,
                   const struct media_pixels *to, struct err *err)
{
    if (s->sws && same_pixels(&s->from, from) && same_pixels(&s->to, to))
        return 0;
    sws_freeContext(s->sws);
    s->sws = sws_getContext(from->width, from->height, from->format, to->width, to->height,
                            to->format, SCALE_FLAGS, NULL, NULL, NULL);
    if (!s->sws)
        return err_set(err, ERR_DATA, "no conversion from pixel format %s",
                       av_get_pix_fmt_name(from->format));
    /* Fails for pairs that have no matrix (RGB to RGB), where there is nothing to set. */
    (void)sws_setColorspaceDetails(s->sws, sws_getCoefficients(from->matrix), from->full,
                                   sws_getCoefficients(to->matrix), to->full, 0, 1 << 16, 1 << 16);
    s->from = *from;
    s->to = *to;
    return 0;
}

int media_scale(struct media_scaler *s, const struct media_pixels *from,
                const uint8_t *const from_data[4], const int from_stride[4],
                const struct media_pixels *to, uint8_t *const to_data[4], const int to_stride[4],
                struct err *err)
{
    int r = prepare(s, from, to, err);

    if (r)
        return r;
    r = sws_scale(s->sws, from_data, from_stride, 0, from->height, to_data, to_stride);
    if (r != to->height)
        return media_fail(err, ERR_FAULT, r < 0 ? r : 0, "colour conversion failed");
    return 0;
}

void media_scaler_release(struct media_scaler *s)
{
    sws_freeContext(s->sws);
    yuv_scratch_release(&s->scratch);
    *s = (struct media_scaler){0};
}

/* ---- frames to RGB ---------------------------------------------------------------------------*/

static void grey_row(uint8_t *out, const uint8_t *in, int n)
{
    int x;

    for (x = 0; x < n; x++)
        out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = in[x];
}

/* Every `step` bytes are R, G, B and something to be dropped. */
static void rgb_row(uint8_t *out, const uint8_t *in, int n, int step)
{
    int x;

    if (step == 3) {
        memcpy(out, in, (size_t)n * 3);
        return;
    }
    for (x = 0; x < n; x++)
        memcpy(out + 3 * x, in + (ptrdiff_t)x * step, 3);
}

static void gbr_row(uint8_t *out, const AVFrame *f, int y)
{
    const uint8_t *g = f->data[0] + (ptrdiff_t)y * f->linesize[0];
    const uint8_t *b = f->data[1] + (ptrdiff_t)y * f->linesize[1];
    const uint8_t *r = f->data[2] + (ptrdiff_t)y * f->linesize[2];
    int x;

    for (x = 0; x < f->width; x++) {
        out[3 * x] = r[x];
        out[3 * x + 1] = g[x];
        out[3 * x + 2] = b[x];
    }
}

static void palette_row(uint8_t *out, const uint8_t *in, const uint8_t *palette, int n)
{
    int x;

    for (x = 0; x < n; x++) {
        uint32_t argb;

        memcpy(&argb, palette + 4 * in[x], 4);
        out[3 * x] = (uint8_t)(argb >> 16);
        out[3 * x + 1] = (uint8_t)(argb >> 8);
        out[3 * x + 2] = (uint8_t)argb;
    }
}

/* Formats that hold the wanted bytes already. False if `frame` is of another. */
static bool copy_rows(const AVFrame *f, struct image *img)
{
    int y;

    for (y = 0; y < f->height; y++) {
        const uint8_t *in = f->data[0] + (ptrdiff_t)y * f->linesize[0];
        uint8_t *out = image_row(img, y);

        switch (f->format) {
        case AV_PIX_FMT_RGB24:
            rgb_row(out, in, f->width, 3);
            break;
        case AV_PIX_FMT_RGBA:
        case AV_PIX_FMT_RGB0:
            rgb_row(out, in, f->width, 4);
            break;
        case AV_PIX_FMT_GBRP:
            gbr_row(out, f, y);
            break;
        case AV_PIX_FMT_PAL8:
            palette_row(out, in, f->data[1], f->width);
            break;
        default:
            return false;
        }
    }
    return true;
}

/* Pictures only: the range of grey video is not known to be full. */
bool media_grey_to_rgb(const AVFrame *f, struct image *img)
{
    int y, x;

    for (y = 0; y < f->height; y++) {
        const uint8_t *in = f->data[0] + (ptrdiff_t)y * f->linesize[0];
        uint8_t *out = image_row(img, y);

        if (f->format == AV_PIX_FMT_GRAY8)
            grey_row(out, in, f->width);
        else if (f->format == AV_PIX_FMT_YA8)
            for (x = 0; x < f->width; x++)
                out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = in[2 * x];
        else
            return false;
    }
    return true;
}

/* Kr and Kb of H.273, table 4. */
static void luma_shares(int matrix, struct yuv_planes *p)
{
    static const struct {
        int matrix;
        double kr, kb;
    } shares[] = {
        {SWS_CS_ITU709, 0.2126, 0.0722},  {SWS_CS_ITU601, 0.299, 0.114},   {SWS_CS_FCC, 0.30, 0.11},
        {SWS_CS_SMPTE240M, 0.212, 0.087}, {SWS_CS_BT2020, 0.2627, 0.0593},
    };
    size_t i;

    for (i = 0; i < sizeof(shares) / sizeof(*shares); i++)
        if (shares[i].matrix == matrix) {
            p->kr = shares[i].kr;
            p->kb = shares[i].kb;
        }
}

/* What almost every video is. False if `frame` is of another format. */
static bool planes_of(const AVFrame *frame, const struct media_pixels *from, struct yuv_planes *p)
{
    int i;

    *p = (struct yuv_planes){.width = frame->width,
                             .height = frame->height,
                             .half_x = from->format != AV_PIX_FMT_YUV444P,
                             .half_y = from->format == AV_PIX_FMT_YUV420P,
                             .full = from->full};
    if (from->format != AV_PIX_FMT_YUV420P && from->format != AV_PIX_FMT_YUV422P &&
        from->format != AV_PIX_FMT_YUV444P)
        return false;
    for (i = 0; i < 3; i++) {
        p->data[i] = frame->data[i];
        p->stride[i] = frame->linesize[i];
    }
    luma_shares(from->matrix, p);
    return p->kr > 0;
}

int media_frame_to_rgb(struct media_scaler *s, const AVFrame *frame, struct image *img,
                       struct err *err)
{
    struct media_pixels from = media_pixels_of(frame);
    struct media_pixels to = {.width = frame->width,
                              .height = frame->height,
                              .format = AV_PIX_FMT_RGB24,
                              .full = true,
                              .matrix = SWS_CS_ITU601};
    struct yuv_planes planes;
    uint8_t *data[4] = {NULL};
    int stride[4] = {0};
    int r;

    if (planes_of(frame, &from, &planes)) {
        if (!s->yuv.colour)
            yuv_ops_init(&s->yuv, cpu_mask());
        return yuv_to_rgb(&s->yuv, &s->scratch, &planes, img, err);
    }
    r = image_shape(img, frame->width, frame->height, 3, err);
    if (r)
        return r;
    if (copy_rows(frame, img))
        return 0;
    data[0] = img->data;
    stride[0] = (int)img->stride;
    return media_scale(s, &from, (const uint8_t *const *)frame->data, frame->linesize, &to, data,
                       stride, err);
}
