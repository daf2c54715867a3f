/*
 * Arrays over all frames. They are plain memory while all of them together fit into a limit; those
 * beyond it lie in unlinked files mapped into memory, whose pages go back to the system as soon as
 * more of them are resident than the limit leaves room for. What is computed does not know the
 * difference: the same loops over the same bytes, so the same results at any limit.
 *
 * The passes over them go from end to end, or (the counting sort) along some thousand places that
 * each go from end to end, so a file costs little more than its reading and writing. The table of
 * the frames seen is the exception: it is hit at random (lp-evaluate(1), MEMORY).
 *
 * One process has one limit, as it has one heap. bulk_begin() comes before any thread; arrays are
 * made, resized and freed by one thread at a time, and used by any.
 */
#ifndef LP_BULK_H
#define LP_BULK_H

#include <stddef.h>

#include "lib/err.h"

/* `memory` bytes: three quarters are for arrays, one for resident pages of files. `folder` (copied)
 * is where files are made; NULL or "" = the environment's TMPDIR, else /var/tmp. Without a call
 * there is no limit. */
int bulk_begin(size_t memory, const char *folder, struct err *err) LP_MUST_CHECK;

/* Ends what bulk_begin() began; arrays that are left stay valid. */
void bulk_end(void);

/* n * size bytes, zeroed; NULL when neither memory nor disk has room: bulk_failed() says which. */
void *bulk_array(size_t n, size_t size);

/* As mem_grow(): *p (capacity *cap) gets room for `need` elements, doubling; new bytes are not
 * zeroed. *p is NULL or one of ours. 0 or -ENOMEM. */
int bulk_grow(void *p, size_t *cap, size_t need, size_t size);

/* Frees what bulk_array() and bulk_grow() gave; NULL is fine. */
void bulk_free(void *p);

/* The error of the last failure: out of memory, or what the folder said. */
int bulk_failed(struct err *err);

/* Bytes in files now, for tests and -v. */
size_t bulk_in_files(void);

#endif
