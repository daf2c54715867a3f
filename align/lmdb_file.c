#include "align/lmdb_file.h"

#include <errno.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define BATCH     ((size_t)16 << 20) /* bytes of a transaction: what stays in memory until its end */
#define ROUND     ((size_t)1 << 20)
#define WORST_KEY ((size_t)2 * 4096) /* bytes of pages for a record, besides its own */

struct lmdb_file {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi db;
    size_t batch; /* bytes in this transaction */
    char *folder;
};

static int fail(const struct lmdb_file *f, int code, const char *what, struct err *err)
{
    if (code == ENOMEM)
        return err_nomem(err);
    return err_set(err,
                   code == EACCES || code == EROFS || code == EEXIST || code == ENOENT ? ERR_CREATE
                                                                                       : ERR_IO,
                   "cannot %s the database in '%s': %s", what, f->folder, mdb_strerror(code));
}

static void drop(struct lmdb_file *f)
{
    if (f->env)
        mdb_env_close(f->env);
    free(f->folder);
    free(f);
}

int lmdb_file_open(struct lmdb_file **out, const char *folder, size_t bytes, size_t records,
                   struct err *err)
{
    struct lmdb_file *f = mem_array(1, sizeof(*f));
    size_t map = bytes + bytes / 8 + records * WORST_KEY + ROUND;
    int code;

    *out = NULL;
    if (!f || !(f->folder = mem_strdup(folder))) {
        free(f);
        return err_nomem(err);
    }
    map = (map + ROUND - 1) / ROUND * ROUND;
    code = mdb_env_create(&f->env);
    if (!code)
        code = mdb_env_set_mapsize(f->env, map);
    /* Durable with everything else, when all is written: atomic_sync(). */
    if (!code)
        code = mdb_env_open(f->env, folder, MDB_NOLOCK | MDB_NOSYNC, 0666);
    if (!code)
        code = mdb_txn_begin(f->env, NULL, 0, &f->txn);
    if (!code)
        code = mdb_dbi_open(f->txn, NULL, 0, &f->db);
    if (code) {
        int r = fail(f, code, "make", err);

        drop(f);
        return r;
    }
    *out = f;
    return 0;
}

int lmdb_file_put(struct lmdb_file *f, const char *key, const void *value, size_t size,
                  struct err *err)
{
    MDB_val k = {.mv_size = strlen(key), .mv_data = (void *)(uintptr_t)key};
    MDB_val v = {.mv_size = size, .mv_data = (void *)(uintptr_t)value};
    int code;

    if (k.mv_size == 0 || k.mv_size > LMDB_KEY_LIMIT)
        return err_set(err, ERR_DATA, "the key '%s' has %zu bytes, LMDB takes 1 to %d", key,
                       k.mv_size, LMDB_KEY_LIMIT);
    if (f->batch > BATCH) {
        code = mdb_txn_commit(f->txn);
        f->txn = NULL;
        if (!code)
            code = mdb_txn_begin(f->env, NULL, 0, &f->txn);
        if (code)
            return fail(f, code, "write", err);
        f->batch = 0;
    }
    code = mdb_put(f->txn, f->db, &k, &v, MDB_APPEND);
    if (code == MDB_KEYEXIST)
        return err_set(err, ERR_DATA, "the key '%s' comes twice, or out of order", key);
    if (code)
        return fail(f, code, "write", err);
    f->batch += k.mv_size + size;
    return 0;
}

int lmdb_file_close(struct lmdb_file *f, int commit, struct err *err)
{
    int code = 0, r = 0;

    if (!f)
        return 0;
    if (f->txn && commit)
        code = mdb_txn_commit(f->txn);
    else if (f->txn)
        mdb_txn_abort(f->txn);
    if (code)
        r = fail(f, code, "write", err);
    drop(f);
    return r;
}
