/* zlib streams (RFC 1950). Level 1 is ISA-L's, which packs rows of video frames at three times the
 * speed of libdeflate's and makes them 5 % larger; all else is libdeflate's, which takes half of
 * zlib's time.
 *
 * ISA-L chooses its code by processor. At level 1 it gives the same bytes on every x86 with SSE4.2
 * (2008 and later; compared on Nehalem, Westmere, Sandy Bridge, Haswell and AVX-512), with other
 * hashing on older and other processors: smaller or larger files, the same pixels. Its level 3
 * differs between AVX2 and AVX-512, so it is not used. */
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

static int pack_fast(struct media_deflate *d, const uint8_t *in, size_t size, uint8_t *out,
                     size_t room, size_t *n, struct err *err)
{
    struct isal_zstream *z = &d->fast;

    if (!d->fast_tables)
        d->fast_tables = mem_aligned(ISAL_DEF_LVL1_DEFAULT, 1);
    if (!d->fast_tables)
        return err_nomem(err);
    isal_deflate_init(z);
    z->level = 1;
    z->level_buf = d->fast_tables;
    z->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    z->gzip_flag = IGZIP_ZLIB;
    z->end_of_stream = 1;
    z->next_in = (uint8_t *)(uintptr_t)in; /* only read */
    z->avail_in = (uint32_t)size;
    z->next_out = out;
    z->avail_out = (uint32_t)room;
    if (isal_deflate(z) != COMP_OK || z->internal_state.state != ZSTATE_END)
        return err_set(err, ERR_FAULT, "cannot compress %zu bytes", size);
    *n = z->total_out;
    return 0;
}

int media_deflate(struct media_deflate *d, const uint8_t *in, size_t size, int level, uint8_t *out,
                  size_t room, size_t *n, struct err *err)
{
    if (level == 1 && size <= UINT32_MAX / 2)
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
