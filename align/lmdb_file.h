/*
 * Writing an LMDB database: the one door to liblmdb. A folder with data.mdb, one unnamed database,
 * no lock file (readers that open it with lock=False need none). Keys must come in ascending order
 * of their bytes. Same keys and values, same bytes, for one page size: transactions end at fixed
 * amounts of data, memory that is not used is zeroed.
 */
#ifndef LP_LMDB_FILE_H
#define LP_LMDB_FILE_H

#include <stddef.h>

#include "lib/err.h"

#define LMDB_KEY_LIMIT 511 /* bytes of a key in the usual builds */

struct lmdb_file;

/* `folder` exists. `bytes`: all keys and values, `records` of them: what the map must hold. */
int lmdb_file_open(struct lmdb_file **f, const char *folder, size_t bytes, size_t records,
                   struct err *err) LP_MUST_CHECK;

/* ERR_DATA if the key is too long, or not after the last one. */
int lmdb_file_put(struct lmdb_file *f, const char *key, const void *value, size_t size,
                  struct err *err) LP_MUST_CHECK;

/* Writes the rest and closes; `commit` 0 = just close. NULL is fine. */
int lmdb_file_close(struct lmdb_file *f, int commit, struct err *err) LP_MUST_CHECK;

#endif
