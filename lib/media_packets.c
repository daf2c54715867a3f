#include "lib/media_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>

#include "lib/mem.h"
#include "lib/str.h"

/* Containers of video and nothing that opens other files (playlists) or takes text for pictures. */
static const char containers[] = "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,mxf,"
                                 "nut,ivf,h264,hevc,m4v,obu,mjpeg,yuv4mpegpipe,gif,apng,rm,dv,vob";

/* ---- is the file as long as it says? -------------------------------------------------------- */

static uint64_t big_endian(const uint8_t *p, int n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | *p++;
    return v;
}

/* End of the last box of an ISO base media file (ISO 14496-12, 4.2), or 0. */
static long long end_of_boxes(int fd, long long size)
{
    long long at = 0, len;
    uint8_t h[16];
    int n;

    for (n = 0; n < 1 << 20 && at < size; n++) {
        if (pread(fd, h, sizeof(h), at) < 8)
            return at + 8; /* not even a box's head */
        len = (long long)big_endian(h, 4);
        if (len == 1)
            len = (long long)big_endian(h + 8, 8);
        if (len == 0)
            return size; /* to the end of the file, whatever it is */
        if (len < 8 || len > (1LL << 60))
            return 0;
        at += len;
    }
    return at;
}

/* An EBML number (RFC 8794, 4): its bytes, or 0 if none is here. All ones means unknown. */
static int ebml_size(const uint8_t *p, const uint8_t *end, uint64_t *v)
{
    int n = p < end && *p ? __builtin_clz(*p) - 23 : 0;

    if (n == 0 || end - p < n)
        return 0;
    *v = big_endian(p, n) & ((1ULL << (7 * n)) - 1);
    if (*v == (1ULL << (7 * n)) - 1)
        *v = 0;
    return n;
}

/* End of the Matroska segment, which holds everything, or 0 if it does not say. */
static long long end_of_segment(const uint8_t *head, const uint8_t *end)
{
    const uint8_t *p = head + 4;
    uint64_t size;
    int n = ebml_size(p, end, &size);

    if (n == 0 || size > (uint64_t)(end - p - n))
        return 0;
    p += n + size;
    if (end - p < 4 || memcmp(p, "\x18\x53\x80\x67", 4) != 0)
        return 0;
    p += 4;
    n = ebml_size(p, end, &size);
    return n && size && size < 1ULL << 60 ? p + n - head + (long long)size : 0;
}

/* Bytes that the container's own sizes say are missing at the end; 0 if none or not known. */
static long long missing_bytes(int fd, long long size)
{
    uint8_t head[256];
    ssize_t got = pread(fd, head, sizeof(head), 0);
    long long end = 0;

    if (got < 16)
        return 0;
    if (memcmp(head, "RIFF", 4) == 0)
        end = 8 + (long long)(head[4] | head[5] << 8 | head[6] << 16 | (uint32_t)head[7] << 24);
    else if (memcmp(head, "\x1a\x45\xdf\xa3", 4) == 0)
        end = end_of_segment(head, head + got);
    else if (memcmp(head + 4, "ftyp", 4) == 0 || memcmp(head + 4, "moov", 4) == 0)
        end = end_of_boxes(fd, size);
    return end > size ? end - size : 0;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* Says in plain words what FFmpeg would say less clearly, before it is asked. */
static int check_file(struct media_packets *p, struct err *err)
{
    int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r = 0;
    struct stat st;

    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", p->path);
    if (fstat(fd, &st))
        r = err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", p->path);
    else if (S_ISDIR(st.st_mode))
        r = err_set_errno(err, ERR_NOINPUT, EISDIR, "cannot open '%s'", p->path);
    else if (!S_ISREG(st.st_mode))
        r = err_set(err, ERR_NOINPUT, "'%s' is not a regular file", p->path);
    else if (st.st_size == 0)
        r = err_set(err, ERR_DATA, "'%s' is empty", p->path);
    else
        p->missing = missing_bytes(fd, st.st_size);
    close(fd);
    return r;
}

static int open_container(struct media_packets *p, struct err *err)
{
    AVDictionary *options = NULL;
    struct str url = STR_INIT;
    int r;

    /* "file:" so that a name with a colon is a name and not a protocol. */
    str_add(&url, "file:");
    str_add(&url, p->path);
    if (str_failed(&url))
        return err_nomem(err);
    av_dict_set(&options, "format_whitelist", containers, 0);
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    r = avformat_open_input(&p->container, url.s, NULL, &options);
    av_dict_free(&options);
    str_release(&url);
    if (r == AVERROR(EINVAL)) /* recognised, and not on the list */
        return err_set(err, ERR_DATA, "'%s' is not a video file", p->path);
    if (r == AVERROR(ENOMEM)) /* rather a wrong size in the file than a full machine */
        return err_set(err, ERR_DATA, "'%s' is damaged: it asks for more memory than there is",
                       p->path);
    if (r < 0)
        return media_fail(err, ERR_DATA, r, "cannot read '%s' as a video", p->path);
    r = avformat_find_stream_info(p->container, NULL);
    if (r < 0)
        return media_fail(err, ERR_DATA, r, "cannot read '%s' as a video", p->path);
    return 0;
}

static int choose_stream(struct media_packets *p, struct err *err)
{
    unsigned i;
    int r;

    r = av_find_best_stream(p->container, AVMEDIA_TYPE_VIDEO, -1, -1, &p->codec, 0);
    if (r == AVERROR_DECODER_NOT_FOUND)
        return err_set(err, ERR_MISSING, "this FFmpeg has no decoder for the video in '%s'",
                       p->path);
    if (r < 0 || p->container->streams[r]->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return err_set(err, ERR_DATA, "'%s' holds no video", p->path);
    for (i = 0; i < p->container->nb_streams; i++)
        if ((int)i != r)
            p->container->streams[i]->discard = AVDISCARD_ALL;
    p->stream = p->container->streams[r];
    return 0;
}

int media_packets_open(struct media_packets *p, const char *path, struct err *err)
{
    const AVCodecParameters *c;
    int i, r;

    *p = (struct media_packets){.last_dts = AV_NOPTS_VALUE};
    media_quiet();
    p->path = mem_strdup(path);
    if (!p->path)
        return err_nomem(err);
    for (i = 0; i < MEDIA_QUEUE; i++) {
        p->queue[i] = av_packet_alloc();
        if (!p->queue[i])
            return err_nomem(err);
    }
    r = check_file(p, err);
    if (!r)
        r = open_container(p, err);
    if (!r)
        r = choose_stream(p, err);
    if (r)
        return r;
    c = p->stream->codecpar;
    /* MP4 says the decoding time of every packet, and a packet is an access unit. */
    p->trusted = c->codec_id == AV_CODEC_ID_H264 && c->extradata &&
                 strncmp(p->container->iformat->name, "mov", 3) == 0 &&
                 media_h264_simple(c->extradata, (size_t)c->extradata_size, &p->length_bytes);
    return 0;
}

void media_packets_close(struct media_packets *p)
{
    int i;

    for (i = 0; i < MEDIA_QUEUE; i++)
        av_packet_free(&p->queue[i]);
    avformat_close_input(&p->container);
    free(p->path);
    *p = (struct media_packets){0};
}

/* ---- reading -------------------------------------------------------------------------------- */

static void end_of_file(struct media_packets *p, int averror)
{
    char words[AV_ERROR_MAX_STRING_SIZE] = "";
    bool mp4 = strncmp(p->container->iformat->name, "mov", 3) == 0;

    p->ended = true;
    if (averror != AVERROR_EOF) {
        av_strerror(averror, words, sizeof(words));
        p->broken = true;
        snprintf(p->why, sizeof(p->why), "%s", words);
    } else if (p->container->pb && p->container->pb->error < 0) {
        av_strerror(p->container->pb->error, words, sizeof(words));
        p->broken = true;
        snprintf(p->why, sizeof(p->why), "%s", words);
    } else if (mp4 && p->stream->nb_frames > 0) {
        /* The sample table knows; what else the file lacks does not matter. */
        p->broken = p->missing > 0 && p->read < p->stream->nb_frames;
        if (p->broken)
            snprintf(p->why, sizeof(p->why), "%lld of %lld frames are there", p->read,
                     (long long)p->stream->nb_frames);
    } else if (p->missing > 0) {
        p->broken = true;
        snprintf(p->why, sizeof(p->why), "%lld bytes are missing", p->missing);
    }
}

/* Notes a packet of one frame; any doubt ends the trust for good. */
static void expect(struct media_packets *p, const AVPacket *packet)
{
    int64_t before = p->last_dts;
    struct media_h264_packet h;

    p->last_dts = packet->dts;
    if (!p->trusted)
        return;
    if (packet->flags & AV_PKT_FLAG_DISCARD)
        return; /* before the start of an edit: decoded, never seen */
    h = media_h264_inspect(packet->data, (size_t)packet->size, p->length_bytes);
    p->trusted = !h.strange && packet->pts != AV_NOPTS_VALUE && packet->dts != AV_NOPTS_VALUE &&
                 packet->pts >= packet->dts && p->n_expected < MEDIA_AHEAD &&
                 (before == AV_NOPTS_VALUE || packet->dts > before);
    if (p->trusted)
        p->expected[p->n_expected++] = (struct media_expected){.pts = packet->pts, .frames = 1};
}

/* One more packet into the queue. False at the end. */
static bool read_ahead(struct media_packets *p)
{
    AVPacket *packet = p->queue[(p->first + p->queued) % MEDIA_QUEUE];
    int r;

    while (!p->ended) {
        r = av_read_frame(p->container, packet);
        if (r == AVERROR(EAGAIN))
            continue;
        if (r < 0) {
            end_of_file(p, r);
            break;
        }
        if (packet->stream_index != p->stream->index || packet->size == 0) {
            av_packet_unref(packet); /* an empty packet would tell the decoder to end */
            continue;
        }
        if (packet->flags & AV_PKT_FLAG_CORRUPT && p->missing > 0) {
            av_packet_unref(packet); /* the last one, and only a part of it is there */
            end_of_file(p, AVERROR_EOF);
            break;
        }
        p->read++;
        expect(p, packet);
        p->queued++;
        return true;
    }
    return false;
}

static bool wanted(const struct media_packets *p, long long number)
{
    size_t lo = 0, hi = p->n_wanted;

    if (!p->wanted)
        return number >= p->skip_to;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (p->wanted[mid] < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->n_wanted && p->wanted[lo] == number;
}

static struct media_h264_packet inspect(const struct media_packets *p, const AVPacket *packet)
{
    return media_h264_inspect(packet->data, (size_t)packet->size, p->length_bytes);
}

/* The number of a frame whose packet is read, where all that is shown before it is read as well. */
static long long number_of(const struct media_packets *p, int64_t pts)
{
    long long number = p->count;
    int i;

    for (i = 0; i < p->n_expected; i++)
        number += p->expected[i].pts < pts ? p->expected[i].frames : 0;
    return number;
}

/* The first packet is a frame that no other needs. Its number is known once a packet is read that
 * is decoded when this one is shown, as no packet after that can be shown earlier. */
static bool unneeded_alone(struct media_packets *p, const AVPacket *packet)
{
    while (p->last_dts < packet->pts)
        if (p->queued == MEDIA_QUEUE || !read_ahead(p))
            break;
    return p->trusted && (p->last_dts >= packet->pts || p->ended) &&
           !wanted(p, number_of(p, packet->pts));
}

static void mark_dropped(struct media_packets *p, int64_t pts)
{
    int i;

    for (i = 0; i < p->n_expected; i++)
        if (p->expected[i].pts == pts)
            p->expected[i].dropped = true;
    p->dropped++;
}

/* Are there frames to come out between the two? */
static bool apart(const struct media_packets *p, int64_t a, int64_t b)
{
    int i;

    for (i = 0; i < p->n_expected; i++) {
        int64_t pts = p->expected[i].pts;

        if (!p->expected[i].dropped && (pts > a) != (pts > b))
            return true;
    }
    return false;
}

/* Dropped frames that are shown before `end`, of which all are known, become one entry where no
 * other is shown between them, so that whole groups of pictures can go without a frame coming out.
 */
static void close_ranks(struct media_packets *p, int64_t end)
{
    int i, j;

    for (i = 0; i < p->n_expected; i++) {
        struct media_expected *e = &p->expected[i];

        if (!e->dropped || e->pts >= end)
            continue;
        for (j = i + 1; j < p->n_expected; j++) {
            struct media_expected other = p->expected[j];

            if (!other.dropped || other.pts >= end || apart(p, e->pts, other.pts))
                continue;
            e->pts = other.pts > e->pts ? other.pts : e->pts;
            e->frames += other.frames;
            p->expected[j--] = p->expected[--p->n_expected];
        }
    }
}

/* Is none of the n packets wanted, up to an IDR picture that is shown at `end`? Else *last is the
 * number of packets up to the last that is. */
static bool none_wanted(const struct media_packets *p, int n, int64_t end, int *last)
{
    int i;

    *last = 0;
    for (i = 0; i < n; i++) {
        const AVPacket *packet = p->queue[(p->first + i) % MEDIA_QUEUE];

        if (packet->flags & AV_PKT_FLAG_DISCARD || packet->pts == AV_NOPTS_VALUE ||
            packet->pts >= end || wanted(p, number_of(p, packet->pts)))
            *last = i + 1;
    }
    return *last == 0;
}

/* Is none of the packets from the first to before the next IDR picture wanted? All of them are
 * shown before it and none is needed from it on, so they can go together, whatever they need of
 * each other. Reads ahead as far as the queue goes. */
static bool unneeded_tail(struct media_packets *p)
{
    const AVPacket *idr;
    int n, i;

    if (p->no_tail > 0)
        return false;
    for (n = 1; n < p->queued || (p->queued < MEDIA_QUEUE && read_ahead(p)); n++)
        if (inspect(p, p->queue[(p->first + n) % MEDIA_QUEUE]).idr)
            break;
    if (!p->trusted || n == p->queued) {
        p->no_tail = n / 2; /* no IDR picture so near: look again later */
        return false;
    }
    idr = p->queue[(p->first + n) % MEDIA_QUEUE];
    if (!none_wanted(p, n, idr->pts, &p->no_tail))
        return false;
    for (i = 0; i < n; i++)
        mark_dropped(p, p->queue[(p->first + i) % MEDIA_QUEUE]->pts);
    close_ranks(p, idr->pts);
    p->tail = n;
    return true;
}

/* May the first packet of the queue be dropped? Only if it is one frame, its number is known, it is
 * not wanted, and nothing wanted needs it. */
static bool droppable(struct media_packets *p)
{
    const AVPacket *packet = p->queue[p->first];

    if (p->tail > 0)
        return true;
    if (!p->trusted || !p->started || packet->flags & AV_PKT_FLAG_DISCARD ||
        (!p->wanted && p->count >= p->skip_to) || packet->pts == AV_NOPTS_VALUE)
        return false;
    if (!inspect(p, packet).disposable)
        return unneeded_tail(p);
    if (!unneeded_alone(p, packet))
        return false;
    mark_dropped(p, packet->pts);
    return true;
}

bool media_packets_next(struct media_packets *p, AVPacket *out)
{
    for (;;) {
        AVPacket *packet = p->queue[p->first];

        if (p->queued == 0 && !read_ahead(p))
            return false;
        if (droppable(p))
            av_packet_unref(packet);
        else
            av_packet_move_ref(out, packet);
        p->first = (p->first + 1) % MEDIA_QUEUE;
        p->queued--;
        p->tail -= p->tail > 0;
        p->no_tail -= p->no_tail > 0;
        if (out->data)
            return true;
    }
}

long long media_packets_number(struct media_packets *p, int64_t pts)
{
    bool found = false;
    long long number = p->count;
    int i, kept = 0;

    for (i = 0; i < p->n_expected; i++) {
        struct media_expected e = p->expected[i];

        if (e.pts > pts) {
            p->expected[kept++] = e;
            continue;
        }
        if (e.pts == pts && !e.dropped)
            found = true;
        else if (e.dropped)
            number += e.frames;
        else if (p->started)
            p->trusted = false; /* it was decoded and did not come out */
    }
    p->n_expected = kept;
    if (!found)
        p->trusted = false;
    p->started = true;
    p->count = number + 1;
    return number;
}
