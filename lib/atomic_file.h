/*
 * A file that exists is whole. The content goes to `.NAME.PID.N.tmp` in the same folder and is
 * renamed into place by atomic_commit(); until then the old file, if any, stays as it was. The
 * temporary file is removed by atomic_discard() and, once atomic_catch_signals() was called, on
 * SIGINT, SIGTERM and SIGHUP, after which the signal is raised again. kill -9 leaves a dot file
 * that no tool reads.
 *
 * Sequence: atomic_open(); write to f.fp; atomic_commit() or atomic_discard(). Both leave f closed
 * and may be called on a zeroed struct. Path "-" is stdout, and a path that exists and is no
 * regular file (/dev/full, a fifo) is written directly.
 */
#ifndef LP_ATOMIC_FILE_H
#define LP_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"

struct atomic_file {
    FILE *fp;        /* write here; NULL when closed */
    char *path;      /* where it will be */
    char *temporary; /* NULL when written directly */
    int slot;        /* entry of the table of names that the signal handler removes */
};

/* ERR_CREATE if the file cannot be made. */
int atomic_open(struct atomic_file *f, const char *path, struct err *err) LP_MUST_CHECK;

/* Flush, fsync if `durable`, close, rename, all checked; ERR_IO on failure, and then nothing is
 * left behind. Per-item files pass false and rely on atomic_sync() before their manifest. */
int atomic_commit(struct atomic_file *f, bool durable, struct err *err) LP_MUST_CHECK;
void atomic_discard(struct atomic_file *f);

/* All of `data` as the file `path`, atomically, not durable; makes missing parent folders. */
int atomic_write(const char *path, const void *data, size_t size, struct err *err) LP_MUST_CHECK;

/* Makes all files written under the existing folder durable (syncfs). Failure is not an error:
 * it is only a weaker promise after a power cut. */
void atomic_sync(const char *folder);

/* Installs the handlers. Call once, from main. */
void atomic_catch_signals(void);

#endif
