/*
 * Where many small files go: a tar file (through libarchive, its one door), a tar stream on
 * stdout, or a folder. Tar headers carry no clock, user or host: same members, same bytes.
 */
#ifndef LP_SINK_H
#define LP_SINK_H

#include <stddef.h>

#include "lib/err.h"

struct sink;

/* A tar at `path`, made atomically with missing folders, or on stdout when path is "-". ustar
 * headers, pax only where a name needs it (longer than 100 bytes or not ASCII); time, user and
 * group 0, mode 0644. A stream on stdout: the caller ignores SIGPIPE (else it ends the process
 * before sink_add can tell). */
int sink_open_tar(struct sink **s, const char *path, struct err *err) LP_MUST_CHECK;

/* A folder; each member becomes a file, written atomically. */
int sink_open_folder(struct sink **s, const char *path, struct err *err) LP_MUST_CHECK;

/* Adds a member. ERR_DATA for an absolute name or one with "..". EPIPE on stdout comes back as
 * -EPIPE so that a stream can end quietly. *offset, if wanted, is where the member's header starts.
 */
int sink_add(struct sink *s, const char *name, const void *bytes, size_t size, long long *offset,
             struct err *err) LP_MUST_CHECK;

/* commit: finish and rename into place; otherwise remove. NULL is fine. */
int sink_close(struct sink *s, int commit, struct err *err) LP_MUST_CHECK;

#endif
