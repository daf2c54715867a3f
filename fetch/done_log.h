/*
 * What was got and unpacked, in ROOT/.lp-fetch/done: a line a file, appended when it is in its
 * place.
 *
 * A line counts if the file still has that size and time. After a power cut lines of a run that did
 * not end in order are doubtful: their files may have lost bytes that were never flushed, and are
 * hashed again before they count.
 */
#ifndef LP_DONE_LOG_H
#define LP_DONE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fetch/symbols.h"
#include "lib/err.h"
#include "lib/hash.h"

enum done_kind { DONE_GOT, DONE_UNPACKED };

struct done_record {
    enum done_kind kind;
    long long bytes, mtime_ns; /* got */
    char sha256[HASH_HEX];     /* of the file; may be empty where it was never read */
    bool doubtful;
};

struct done_log {
    char *path; /* owned */
    FILE *fp;
    struct symbols names; /* by path below the root */
    struct done_record *records;
    size_t cap;
    bool begun; /* this start of the machine is the log's last one */
    bool dirty; /* with records that were not flushed */
};

/* Reads the log in `folder` and, unless `only_read`, opens it for more. */
int done_open(struct done_log *l, const char *folder, bool only_read,
              struct err *err) LP_MUST_CHECK;

const struct done_record *done_find(const struct done_log *l, const char *path);

/* Is the file below `root` the one of its record (size and time, and `sha256` if that is not
 * empty)? A doubtful record's file is hashed. An unpacked archive need not be there any more. */
bool done_is_there(const struct done_log *l, const char *root, const char *path,
                   const char *sha256);

/* Records the file ROOT/PATH as it is now. */
int done_add(struct done_log *l, const char *root, const char *path, enum done_kind kind,
             const char *sha256, struct err *err) LP_MUST_CHECK;

/* Closes. `flush`: if anything is new, everything below `root` goes to the disk, and the log says
 * so. */
void done_close(struct done_log *l, const char *root, bool flush);

#endif
