/* zlib streams (RFC 1950), by libdeflate, which takes half of zlib's time. ISA-L packs rows of
 * video frames three times as fast at level 1, but the bytes for a picture depend on what its
 * thread packed before; same input, same bytes is worth more. */
#include "lib/media_internal.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "lib/mem.h"

struct media_deflate {
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
    free(d);
}

size_t media_deflate_bound(size_t size)
{
    return libdeflate_zlib_compress_bound(NULL, size);
}

int media_deflate(struct media_deflate *d, const uint8_t *in, size_t size, int level, uint8_t *out,
                  size_t room, size_t *n, struct err *err)
{
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
