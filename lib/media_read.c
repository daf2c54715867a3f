#include "lib/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libavcodec/avcodec.h>

#include "lib/fs.h"
#include "lib/media_folder.h"
#include "lib/media_internal.h"
#include "lib/mem.h"

/* How the stored picture is turned to be shown: first transposed, then mirrored. */
struct turn {
    bool transpose, mirror_x, mirror_y;
};

struct media_reader {
    struct media_packets packets;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame; /* the current one */
    struct turn turn;
    struct image stored; /* before turning */
    struct media_scaler scaler;
    double fps;
    int64_t start; /* time of the first frame, or AV_NOPTS_VALUE */
    int64_t lost;  /* a frame is missing at this time or later: nothing from it on is given */
    bool waiting;  /* the first frame is decoded and not yet asked for; of a folder: the current
                      picture is in `stored` */
    bool draining, over;
    long long index;
    struct media_folder folder; /* of pictures, instead of all the above but `index` */
};

/* ---- opening -------------------------------------------------------------------------------- */

/* The display matrix maps a stored point as a row vector (x y 1): x' = m0 x + m3 y,
 * y' = m1 x + m4 y. Angles other than multiples of 90 degrees are ignored. */
static struct turn turn_of(const AVStream *stream)
{
    size_t size;
    const uint8_t *side = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    int32_t m[9];

    if (!side || size < sizeof(m))
        return (struct turn){0};
    memcpy(m, side, sizeof(m));
    if (m[0] == 0 && m[4] == 0 && m[1] != 0 && m[3] != 0)
        return (struct turn){.transpose = true, .mirror_x = m[3] < 0, .mirror_y = m[1] < 0};
    if (m[1] == 0 && m[3] == 0)
        return (struct turn){.mirror_x = m[0] < 0, .mirror_y = m[4] < 0};
    return (struct turn){0};
}

static int open_decoder(struct media_reader *r, struct err *err)
{
    int e;

    r->decoder = avcodec_alloc_context3(r->packets.codec);
    r->packet = av_packet_alloc();
    r->frame = av_frame_alloc();
    if (!r->decoder || !r->packet || !r->frame)
        return err_nomem(err);
    e = avcodec_parameters_to_context(r->decoder, r->packets.stream->codecpar);
    if (e >= 0) {
        r->decoder->thread_count = 1;
        r->decoder->max_pixels = IMAGE_MAX_PIXELS;
        r->decoder->pkt_timebase = r->packets.stream->time_base;
        e = avcodec_open2(r->decoder, r->packets.codec, NULL);
    }
    if (e < 0)
        return media_fail(err, ERR_DATA, e, "cannot decode '%s'", r->packets.path);
    return 0;
}

static int next_frame(struct media_reader *r, struct err *err);

static void fill_info(const struct media_reader *r, struct media_info *info)
{
    const AVStream *s = r->packets.stream;
    AVRational fps = s->avg_frame_rate.num > 0 ? s->avg_frame_rate : s->r_frame_rate;

    *info = (struct media_info){0};
    info->width = r->turn.transpose ? r->frame->height : r->frame->width;
    info->height = r->turn.transpose ? r->frame->width : r->frame->height;
    info->fps = fps.num > 0 && fps.den > 0 ? av_q2d(fps) : 0;
    snprintf(info->codec, sizeof(info->codec), "%s", avcodec_get_name(s->codecpar->codec_id));
    info->frames_claimed = s->nb_frames > 0 ? s->nb_frames : 0;
    if (s->duration != AV_NOPTS_VALUE)
        info->duration_s = (double)s->duration * av_q2d(s->time_base);
    else if (r->packets.container->duration != AV_NOPTS_VALUE)
        info->duration_s = (double)r->packets.container->duration / AV_TIME_BASE;
    if (info->duration_s < 0)
        info->duration_s = 0;
}

/* The first picture must be one, as the first frame of a video must; it says the size. */
static int open_folder(struct media_reader *r, const char *path, struct media_info *info,
                       struct err *err)
{
    const char *dot;
    int e = media_folder_open(&r->folder, path, err);

    if (!e)
        e = media_folder_picture(&r->folder, 0, &r->stored, err);
    if (e)
        return e;
    *info = (struct media_info){.width = r->stored.width,
                                .height = r->stored.height,
                                .frames_claimed = (long long)r->folder.n};
    dot = strrchr(r->folder.names[0], '.');
    snprintf(info->codec, sizeof(info->codec), "%s",
             strcasecmp(dot, ".png") == 0 ? "png" : "mjpeg");
    r->index = -1;
    return 0;
}

int media_open(struct media_reader **out, const char *path, struct media_info *info,
               struct err *err)
{
    struct media_reader *r = mem_array(1, sizeof(*r));
    struct media_info unwanted;
    int e;

    if (!r)
        return err_nomem(err);
    info = info ? info : &unwanted;
    if (fs_is_folder(path)) {
        e = open_folder(r, path, info, err);
        if (e)
            media_close(r);
        else
            *out = r;
        return e;
    }
    r->start = AV_NOPTS_VALUE;
    r->lost = INT64_MAX;
    e = media_packets_open(&r->packets, path, err);
    if (!e)
        e = open_decoder(r, err);
    if (!e) {
        r->turn = turn_of(r->packets.stream);
        e = next_frame(r, err);
        if (e == 0)
            e = err_set(err, ERR_DATA, "'%s' holds no frame that can be decoded", path);
    }
    if (e < 0) {
        media_close(r);
        return e;
    }
    r->waiting = true;
    fill_info(r, info);
    r->fps = info->fps;
    *out = r;
    return 0;
}

void media_close(struct media_reader *r)
{
    if (!r)
        return;
    avcodec_free_context(&r->decoder);
    av_packet_free(&r->packet);
    av_frame_free(&r->frame);
    media_scaler_release(&r->scaler);
    image_release(&r->stored);
    media_packets_close(&r->packets);
    media_folder_close(&r->folder);
    free(r);
}

/* ---- frames --------------------------------------------------------------------------------- */

/* A packet that the decoder refuses. Before the first frame that is what a file cut out of a longer
 * one looks like; later a frame is missing, and all numbers after it would be wrong. Packets that
 * were not fed are shown at their decoding time at the earliest. */
static void refuse(struct media_reader *r, int averror, int64_t pts, int64_t dts)
{
    char words[AV_ERROR_MAX_STRING_SIZE] = "";

    if (!r->packets.started)
        return;
    av_strerror(averror, words, sizeof(words));
    snprintf(r->packets.why, sizeof(r->packets.why), "a frame cannot be decoded (%s)", words);
    r->packets.broken = true;
    r->lost = pts == AV_NOPTS_VALUE ? INT64_MIN : pts;
    if (dts != AV_NOPTS_VALUE && dts < r->lost)
        r->lost = dts + 1;
}

/* The file ends too early. Frames that are waiting for earlier ones, which were in the part that is
 * not there, cannot be numbered. */
static void cut_off(struct media_reader *r)
{
    if (r->packets.last_dts != AV_NOPTS_VALUE)
        r->lost = r->packets.last_dts + 1;
    else if (r->decoder->has_b_frames > 0)
        r->lost = INT64_MIN;
}

/* Feeds the decoder one packet, or the end. */
static int feed(struct media_reader *r, struct err *err)
{
    bool more = r->lost == INT64_MAX && media_packets_next(&r->packets, r->packet);
    int64_t pts = r->packet->pts, dts = r->packet->dts;
    int e;

    if (!more && r->packets.broken && r->lost == INT64_MAX)
        cut_off(r);
    e = avcodec_send_packet(r->decoder, more ? r->packet : NULL);
    av_packet_unref(r->packet);
    r->draining = !more;
    if (e == AVERROR(ENOMEM))
        return err_nomem(err);
    if (e < 0 && more)
        refuse(r, e, pts, dts);
    return 0;
}

static int finish(struct media_reader *r, struct err *err)
{
    r->over = true;
    if (!r->packets.broken)
        return 0;
    return err_set(err, ERR_DATA, "'%s' breaks off after %lld frames: %s", r->packets.path,
                   r->packets.count, r->packets.why);
}

/* 1 with the next frame in r->frame and r->index, 0 at the end. */
static int next_frame(struct media_reader *r, struct err *err)
{
    int64_t pts;
    int e;

    if (r->over)
        return finish(r, err);
    for (;;) {
        e = avcodec_receive_frame(r->decoder, r->frame);
        if (e == AVERROR(EAGAIN) && !r->draining) {
            e = feed(r, err);
            if (e)
                return e;
            continue;
        }
        if (e == AVERROR(ENOMEM))
            return err_nomem(err);
        if (e == AVERROR_EOF || e == AVERROR(EAGAIN))
            return finish(r, err);
        if (e < 0) {
            refuse(r, e, AV_NOPTS_VALUE, AV_NOPTS_VALUE);
            continue;
        }
        break;
    }
    pts = r->frame->best_effort_timestamp;
    if (pts >= r->lost)
        return finish(r, err);
    r->index = media_packets_number(&r->packets, pts);
    if (r->start == AV_NOPTS_VALUE && r->index == 0)
        r->start = pts;
    return 1;
}

static int by_index(const void *key, const void *entry)
{
    long long a = *(const long long *)key, b = *(const long long *)entry;

    return (a > b) - (a < b);
}

/* A picture that will be looked at is decoded here, so that one that cannot be is told as a frame
 * of a video that cannot be; the next call goes on after it. */
static int next_picture(struct media_reader *r, long long *index, double *time_ms, struct err *err)
{
    const struct media_packets *p = &r->packets;
    bool wanted;

    if (r->index + 1 >= (long long)r->folder.n)
        return 0;
    r->index++;
    if (index)
        *index = r->index;
    if (time_ms)
        *time_ms = 0; /* nobody knows */
    wanted = p->wanted
                 ? bsearch(&r->index, p->wanted, p->n_wanted, sizeof(*p->wanted), by_index) != NULL
                 : r->index >= p->skip_to;
    r->waiting = false;
    if (wanted) {
        int e = media_folder_picture(&r->folder, (size_t)r->index, &r->stored, err);

        if (e)
            return e;
        r->waiting = true;
    }
    return 1;
}

int media_next(struct media_reader *r, long long *index, double *time_ms, struct err *err)
{
    int64_t pts;

    if (r->folder.n)
        return next_picture(r, index, time_ms, err);
    if (!r->waiting) {
        int e = next_frame(r, err);

        if (e <= 0)
            return e;
    }
    r->waiting = false;
    pts = r->frame->best_effort_timestamp;
    if (index)
        *index = r->index;
    if (time_ms) {
        if (pts != AV_NOPTS_VALUE && r->start != AV_NOPTS_VALUE)
            *time_ms = (double)(pts - r->start) * av_q2d(r->packets.stream->time_base) * 1000;
        else
            *time_ms = r->fps > 0 ? (double)r->index / r->fps * 1000 : 0;
    }
    return 1;
}

void media_skip_to(struct media_reader *r, long long index)
{
    r->packets.skip_to = index;
}

void media_want(struct media_reader *r, const long long *frames, size_t n)
{
    r->packets.wanted = frames;
    r->packets.n_wanted = n;
}

/* ---- the picture ---------------------------------------------------------------------------- */

static int turn_picture(const struct turn *t, const struct image *in, struct image *out,
                        struct err *err)
{
    int w = t->transpose ? in->height : in->width, h = t->transpose ? in->width : in->height;
    int r = image_shape(out, w, h, 3, err), x, y;

    if (r)
        return r;
    for (y = 0; y < h; y++) {
        uint8_t *to = image_row(out, y);
        int v = t->mirror_y ? h - 1 - y : y;

        for (x = 0; x < w; x++) {
            int u = t->mirror_x ? w - 1 - x : x;
            const uint8_t *from =
                t->transpose ? image_row(in, u) + 3 * v : image_row(in, v) + 3 * u;

            memcpy(to + 3 * x, from, 3);
        }
    }
    return 0;
}

int media_picture(struct media_reader *r, struct image *out, struct err *err)
{
    bool turned = r->turn.transpose || r->turn.mirror_x || r->turn.mirror_y;
    int e;

    if (r->folder.n && r->index < 0)
        return err_set(err, ERR_FAULT, "no current frame in '%s'", r->folder.path);
    if (r->folder.n)
        return r->waiting ? image_copy(out, &r->stored, err)
                          : media_folder_picture(&r->folder, (size_t)r->index, out, err);
    if (!r->frame->data[0] || r->over)
        return err_set(err, ERR_FAULT, "no current frame in '%s'", r->packets.path);
    e = media_frame_to_rgb(&r->scaler, r->frame, turned ? &r->stored : out, err);
    if (!e && turned)
        e = turn_picture(&r->turn, &r->stored, out, err);
    return e;
}

/* ---- counting ------------------------------------------------------------------------------- */

/* By packets. False if that cannot be relied on. */
static bool count_packets(struct media_packets *p, AVPacket *packet, long long *frames)
{
    long long n = 0;

    while (p->trusted && media_packets_next(p, packet)) {
        struct media_h264_packet h =
            media_h264_inspect(packet->data, (size_t)packet->size, p->length_bytes);

        /* What comes before a picture that decoding can start at may never be shown. */
        if (p->read == 1 && !h.idr)
            p->trusted = false;
        n += !(packet->flags & AV_PKT_FLAG_DISCARD);
        p->n_expected = 0;
        av_packet_unref(packet);
    }
    *frames = n;
    return p->trusted && !p->broken;
}

int media_count_frames(const char *path, long long *frames, struct err *err)
{
    struct media_packets p = {0};
    struct media_reader *r = NULL;
    AVPacket *packet;
    bool sure = false;
    int e;

    *frames = 0;
    if (fs_is_folder(path))
        return media_folder_count(path, frames, err);
    packet = av_packet_alloc();
    e = packet ? media_packets_open(&p, path, err) : err_nomem(err);
    if (!e)
        sure = count_packets(&p, packet, frames);
    media_packets_close(&p);
    av_packet_free(&packet);
    if (e || sure)
        return e;
    *frames = 0;
    e = media_open(&r, path, NULL, err);
    while (!e && (e = media_next(r, frames, NULL, err)) == 1)
        e = 0, ++*frames; /* the number of the last is one below the count */
    media_close(r);
    return e;
}
