/*
 * The bytes of a file, or of standard input, decompressed on the way: gzip, zstd, xz, bzip2 and lz4
 * are told by their first bytes, whatever the name; all else comes as it is, without a copy more
 * than read(2) makes. libarchive's door for reading one compressed stream.
 */
#ifndef LP_BYTE_STREAM_H
#define LP_BYTE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct byte_stream;

/* "-" is standard input. ERR_NOINPUT when it cannot be opened or is a folder. */
int byte_stream_open(struct byte_stream **s, const char *path, struct err *err) LP_MUST_CHECK;

/* Up to `size` (> 0) bytes into `to`; *got 0 = the end. ERR_IO when reading fails, ERR_DATA when
 * the compressed data is damaged or ends early. */
int byte_stream_read(struct byte_stream *s, void *to, size_t size, size_t *got,
                     struct err *err) LP_MUST_CHECK;

/* "gzip", "zstd", ...; NULL = the bytes are as they are in the file. */
const char *byte_stream_filter(const struct byte_stream *s);

/* How much of `name` stays when the ending of a compressed file (".gz", ".zst", ".xz", ".bz2",
 * ".lz4") is taken off; its length if it has none. */
size_t byte_stream_stem(const char *name);

/* NULL is fine. */
void byte_stream_close(struct byte_stream *s);

#endif
