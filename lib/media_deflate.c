/* zlib streams (RFC 1950). Level 1 is ISA-L's, which packs rows of video frames at three times the
 * speed of libdeflate's and makes them 5 % larger; all else is libdeflate's, which takes half of
 * zlib's time.
 *
 * ISA-L chooses its code by processor. At level 1 it gives the same bytes on every x86 with SSE4.2
 * (2008 and later; compared on Nehalem, Westmere, Sandy Bridge, Haswell and AVX-512), with other
 * hashing on older and other processors: smaller or larger files, the same pixels. Its level 3
 * differs between AVX2 and AVX-512, so it is not used.
 *
 * A stream that begins without history has a fault in ISA-L 2.30 (igzip_icf_body_h1_gr_bt.asm,
 * write_first_byte): the third byte's hash is made of the stream's own address, so that once in
 * some thousand addresses a match with the first bytes is not found, and the bytes differ. A stream
 * that begins with a dictionary does not go that way. So the first byte is a stored block, which is
 * written here, and the dictionary of the rest. */
#include "lib/media_internal.h"

#include <stdlib.h>
#include <string.h>

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include "lib/mem.h"

struct media_deflate {
    struct isal_zstream fast;
    uint8_t *fast_tables;
    struct libdeflate_compressor *compressor;
    int level; /* of the compressor */
    struct libdeflate_decompressor *decompressor;
};

int media_deflate_new(struct media_deflate **d, struct err *err)
{
    *d = mem_array(1, sizeof(**d));
    return *d ? 0 : err_nomem(err);
}

void media_deflate_free(struct media_deflate *d)
{
    if (!d)
        return;
    libdeflate_free_compressor(d->compressor);
    libdeflate_free_decompressor(d->decompressor);
    free(d->fast_tables);
    free(d);
}

/* libdeflate's bound of any level holds stored blocks, which is what ISA-L does at worst; its
 * blocks are shorter. */
size_t media_deflate_bound(size_t size)
{
    return libdeflate_zlib_compress_bound(NULL, size) + size / 16 + 4096;
}

/* RFC 1950: two bytes, 32 KiB of window and the fastest level; a block that is not the last,
 * stored, with one byte (RFC 1951, 3.2.4). */
static size_t begin(uint8_t *out, uint8_t first)
{
    static const uint8_t head[] = {0x78, 0x01, 0, 1, 0, 0xfe, 0xff};

    memcpy(out, head, sizeof(head));
    out[sizeof(head)] = first;
    return sizeof(head) + 1;
}

static size_t end(uint8_t *out, const uint8_t *in, size_t size)
{
    uint32_t sum = libdeflate_adler32(1, in, size);

    out[0] = (uint8_t)(sum >> 24);
    out[1] = (uint8_t)(sum >> 16);
    out[2] = (uint8_t)(sum >> 8);
    out[3] = (uint8_t)sum;
    return 4;
}

static int pack_fast(struct media_deflate *d, const uint8_t *in, size_t size, uint8_t *out,
                     size_t room, size_t *n, struct err *err)
{
    struct isal_zstream *z = &d->fast;
    uint8_t *bytes = (uint8_t *)(uintptr_t)in; /* only read */
    size_t at = begin(out, in[0]);

    if (!d->fast_tables)
        d->fast_tables = mem_aligned(ISAL_DEF_LVL1_DEFAULT, 1);
    if (!d->fast_tables)
        return err_nomem(err);
    isal_deflate_init(z);
    z->level = 1;
    z->level_buf = d->fast_tables;
    z->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    z->end_of_stream = 1;
    z->next_in = bytes + 1;
    z->avail_in = (uint32_t)(size - 1);
    z->next_out = out + at;
    z->avail_out = (uint32_t)(room - at - 4);
    if (isal_deflate_set_dict(z, bytes, 1) != COMP_OK || isal_deflate(z) != COMP_OK ||
        z->internal_state.state != ZSTATE_END)
        return err_set(err, ERR_FAULT, "cannot compress %zu bytes", size);
    at += z->total_out;
    *n = at + end(out + at, in, size);
    return 0;
}

int media_deflate(struct media_deflate *d, const uint8_t *in, size_t size, int level, uint8_t *out,
                  size_t room, size_t *n, struct err *err)
{
    if (level == 1 && size && size <= UINT32_MAX / 2)
        return pack_fast(d, in, size, out, room, n, err);
    if (!d->compressor || d->level != level) {
        libdeflate_free_compressor(d->compressor);
        d->compressor = libdeflate_alloc_compressor(level);
        d->level = level;
    }
    if (!d->compressor)
        return err_nomem(err);
    *n = libdeflate_zlib_compress(d->compressor, in, size, out, room);
    return *n ? 0 : err_set(err, ERR_FAULT, "cannot compress %zu bytes", size);
}

int media_inflate(struct media_deflate *d, const uint8_t *in, size_t size, uint8_t *out, size_t n,
                  struct err *err)
{
    if (!d->decompressor)
        d->decompressor = libdeflate_alloc_decompressor();
    if (!d->decompressor)
        return err_nomem(err);
    return libdeflate_zlib_decompress(d->decompressor, in, size, out, n, NULL) ==
           LIBDEFLATE_SUCCESS;
}

uint32_t media_crc32(const uint8_t *bytes, size_t size)
{
    return libdeflate_crc32(0, bytes, size);
}
