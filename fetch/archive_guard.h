/*
 * What an archive may do: make plain files and folders below one folder, each once, of no more
 * bytes than is plausible. Anything else refuses the whole archive, by the entry's name. Knows no
 * library.
 */
#ifndef LP_ARCHIVE_GUARD_H
#define LP_ARCHIVE_GUARD_H

#include <stdbool.h>

#include "fetch/symbols.h"
#include "lib/err.h"
#include "lib/str.h"

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_LINK, ENTRY_DEVICE, ENTRY_OTHER };

/* Unpacked bytes that are always allowed, whatever the ratio. */
#define GUARD_FREE_BYTES (64LL << 20)
#define GUARD_MAX_FILES  10000000

struct archive_guard {
    const char *archive;    /* for messages; not owned */
    long long most;         /* bytes that may come out */
    long long bytes;        /* that came out */
    struct symbols files;   /* seen, by clean name */
    struct symbols folders; /* seen, or above a file */
};

/* `size`: of the archive; `ratio`: most unpacked bytes for one of its; `room`: free bytes on the
 * disk, -1 = not known. */
void guard_init(struct archive_guard *g, const char *archive, long long size, double ratio,
                long long room);
void guard_release(struct archive_guard *g);

/* Checks an entry, `size` -1 = not told; *clean = its name without "./" and final slashes (empty
 * for the folder itself, which is nothing to do). ERR_DATA with archive, entry and what is wrong.
 */
int guard_entry(struct archive_guard *g, const char *name, enum entry_kind kind, long long size,
                struct str *clean, struct err *err) LP_MUST_CHECK;

/* Counts bytes of the entry `name` that came out. */
int guard_bytes(struct archive_guard *g, const char *name, long long n,
                struct err *err) LP_MUST_CHECK;

#endif
