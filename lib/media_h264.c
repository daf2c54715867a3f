/* The little of H.264 (ITU-T H.264, 7.3 and 7.4) that tells whether a packet of an MP4 file is
 * exactly one frame, and whether another frame can need it. */
#include "lib/media_internal.h"

#include <string.h>

enum { NAL_SLICE = 1, NAL_IDR = 5, NAL_SPS = 7 };

/* ---- bits of a parameter set ---------------------------------------------------------------- */

struct bits {
    const uint8_t *p;
    size_t size; /* bytes */
    size_t at;   /* bit */
    bool over;   /* asked for more than there is */
};

static unsigned bit(struct bits *b)
{
    unsigned v;

    if (b->at / 8 >= b->size) {
        b->over = true;
        return 0;
    }
    v = b->p[b->at / 8] >> (7 - b->at % 8) & 1;
    b->at++;
    return v;
}

static unsigned bits(struct bits *b, int n)
{
    unsigned v = 0;

    while (n--)
        v = v << 1 | bit(b);
    return v;
}

/* Exp-Golomb, 9.1. */
static unsigned ue(struct bits *b)
{
    int zeros = 0;

    while (!bit(b) && !b->over && zeros < 31)
        zeros++;
    return (1u << zeros) - 1 + bits(b, zeros);
}

static int se(struct bits *b)
{
    unsigned v = ue(b);

    return v & 1 ? (int)((v + 1) / 2) : -(int)(v / 2);
}

/* 7.3.2.1.1.1; only to get past it. */
static void skip_scaling_list(struct bits *b, int size)
{
    int last = 8, next = 8, i;

    for (i = 0; i < size && !b->over; i++) {
        if (next != 0)
            next = (last + se(b) + 256) % 256;
        last = next == 0 ? last : next;
    }
}

static void skip_high_profile(struct bits *b)
{
    unsigned chroma = ue(b);
    int i;

    if (chroma == 3)
        bit(b); /* separate_colour_plane_flag */
    ue(b);      /* bit_depth_luma_minus8 */
    ue(b);      /* bit_depth_chroma_minus8 */
    bit(b);     /* qpprime_y_zero_transform_bypass_flag */
    if (bit(b)) /* seq_scaling_matrix_present_flag */
        for (i = 0; i < (chroma == 3 ? 12 : 8); i++)
            if (bit(b))
                skip_scaling_list(b, i < 6 ? 16 : 64);
}

/* 7.3.2.1.1 up to frame_mbs_only_flag. `rbsp` starts after the NAL header. */
static bool frames_only(const uint8_t *rbsp, size_t size)
{
    static const uint8_t high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    struct bits b = {.p = rbsp, .size = size};
    unsigned profile = bits(&b, 8), type, n;

    bits(&b, 16); /* constraints and level */
    ue(&b);       /* seq_parameter_set_id */
    if (memchr(high, (int)profile, sizeof(high)))
        skip_high_profile(&b);
    ue(&b); /* log2_max_frame_num_minus4 */
    type = ue(&b);
    if (type == 0) {
        ue(&b); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        bit(&b); /* delta_pic_order_always_zero_flag */
        se(&b);  /* offset_for_non_ref_pic */
        se(&b);  /* offset_for_top_to_bottom_field */
        for (n = ue(&b); n && !b.over; n--)
            se(&b); /* offset_for_ref_frame */
    }
    ue(&b);  /* max_num_ref_frames */
    bit(&b); /* gaps_in_frame_num_value_allowed_flag */
    ue(&b);  /* pic_width_in_mbs_minus1 */
    ue(&b);  /* pic_height_in_map_units_minus1 */
    return bit(&b) == 1 && !b.over;
}

/* ---- NAL units ------------------------------------------------------------------------------ */

/* Takes out the bytes that keep start codes from appearing, 7.4.1. Returns the new size. */
static size_t unescape(uint8_t *out, const uint8_t *in, size_t size)
{
    size_t i, n = 0;

    for (i = 0; i < size; i++)
        if (!(i >= 2 && in[i] == 3 && in[i - 1] == 0 && in[i - 2] == 0))
            out[n++] = in[i];
    return n;
}

/* The avcC box, ISO 14496-15 5.3.3.1. */
bool media_h264_simple(const uint8_t *extra, size_t size, int *length_bytes)
{
    const uint8_t *p = extra + 6, *end = extra + size;
    uint8_t rbsp[512];
    int n;

    if (size < 7 || extra[0] != 1)
        return false;
    *length_bytes = (extra[4] & 3) + 1;
    n = extra[5] & 31;
    if (n == 0)
        return false;
    for (; n; n--) {
        size_t len;

        if (end - p < 2)
            return false;
        len = (size_t)p[0] << 8 | p[1];
        p += 2;
        if (len < 4 || len > sizeof(rbsp) || (size_t)(end - p) < len || (p[0] & 31) != NAL_SPS)
            return false;
        if (!frames_only(rbsp, unescape(rbsp, p + 1, len - 1)))
            return false;
        p += len;
    }
    return true;
}

struct media_h264_packet media_h264_inspect(const uint8_t *bytes, size_t size, int length_bytes)
{
    struct media_h264_packet info = {.disposable = true};
    size_t at = 0;

    while (size - at >= (size_t)length_bytes + 1) {
        size_t len = 0;
        int i, type;

        for (i = 0; i < length_bytes; i++)
            len = len << 8 | bytes[at++];
        if (len > size - at)
            return (struct media_h264_packet){.strange = true};
        if (len == 0)
            continue;
        type = bytes[at] & 31;
        if (type == NAL_SLICE || type == NAL_IDR) {
            /* first_mb_in_slice is 0: its code is a single 1 bit, and a frame starts here. */
            info.frames += len > 1 && bytes[at + 1] & 0x80;
            info.idr |= type == NAL_IDR;
            if (bytes[at] & 0x60) /* nal_ref_idc */
                info.disposable = false;
        } else if (type < NAL_IDR || type == NAL_SPS || type == 14 || type == 15 || type > 18) {
            info.strange = true; /* partitions, a new parameter set, layers */
        }
        at += len;
    }
    if (at != size || info.frames != 1)
        info.strange = true;
    return info;
}
