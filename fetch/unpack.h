/*
 * Archives (zip with zip64, tar with any common compression, 7z) to folders: reading with
 * libarchive, as lib/sink.c is writing with it. What an entry may be: archive_guard.h.
 *
 * An archive is unpacked beside its place, entry by entry, and moved there when it was whole and
 * good: at any moment either nothing of it is there, or it is being moved, which the next run ends.
 * A stopped run goes on with the entry it was at.
 */
#ifndef LP_UNPACK_H
#define LP_UNPACK_H

#include <stddef.h>

#include "lib/err.h"

struct unpack_settings {
    const char *root;
    const char *folder; /* of what is under way: on the file system of the root */
    double ratio;       /* unpacked bytes for one of the archive, at most */
};

struct unpack_result {
    size_t files, resumed; /* resumed: of files, those of an earlier run */
    long long bytes;
};

/* Unpacks the file `archive` into the folder ROOT/TO. `key` names it in messages and in `folder`.
 * A file that is there already and has other bytes is not replaced: ERR_DATA. Any thread, one call
 * a key at a time. */
int unpack_archive(const struct unpack_settings *s, const char *archive, const char *key,
                   const char *to, struct unpack_result *result, struct err *err) LP_MUST_CHECK;

/* Was an unpacking of `key` begun and not ended? */
int unpack_is_begun(const struct unpack_settings *s, const char *key);

#endif
