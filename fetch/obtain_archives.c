#include "fetch/obtain_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/meter.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

struct unpack_run {
    struct obtain *o;
    size_t *todo;
    struct str *archives;
    struct err *why; /* one an archive */
    struct unpack_result *results;
    struct progress progress;
};

static int unpack_one(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct unpack_run *u = ctx;
    const struct plan_file *f = &u->o->plan.files[u->todo[i]];
    int r = unpack_archive(&u->o->unpack, u->archives[i].s, f->path, f->unpack, &u->results[i],
                           &u->why[i]);

    (void)slot;
    (void)worker;
    if (r == ERR_IO || r == ERR_CREATE || r == -ENOMEM || r == ERR_SYSTEM)
        return err_set(err, r, "%s", u->why[i].text);
    return 0;
}

static int unpack_done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct unpack_run *u = ctx;
    struct obtain *o = u->o;
    const struct plan_file *f = &o->plan.files[u->todo[i]];
    const struct done_record *got = done_find(&o->log, f->path);
    struct str own = STR_INIT;
    char hash[HASH_HEX] = "", bytes[METER_TEXT];
    int r = 0;

    (void)slot;
    progress_add(&u->progress, !u->why[i].code, u->why[i].code != 0, 0);
    if (u->why[i].code) {
        obtain_failed(o, f, u->why[i].text);
        return 0;
    }
    if (got)
        memcpy(hash, got->sha256, sizeof(hash));
    else if (f->sha256[0])
        memcpy(hash, f->sha256, sizeof(hash));
    msg_info("%s: unpacked %zu files, %s; %zu of them by an earlier run", f->path,
             u->results[i].files, meter_bytes((double)u->results[i].bytes, bytes),
             u->results[i].resumed);
    r = done_add(&o->log, o->root, f->path, DONE_UNPACKED, hash, err);
    fs_join(o->root, f->path, &own);
    if (!r && str_failed(&own))
        r = err_nomem(err);
    /* Only our own copy: what was imported from elsewhere is the user's. */
    if (!r && !o->keep_archives && strcmp(own.s, u->archives[i].s) == 0 && unlink(own.s))
        msg_warning("cannot remove '%s'", own.s);
    str_release(&own);
    return r;
}

/* Where an archive lies: in its place, or where it is imported from. */
static bool find_archive(const struct obtain *o, const struct plan_file *f, struct str *path)
{
    size_t i;

    fs_join(o->root, f->path, path);
    if (str_failed(path) || fs_exists(path->s))
        return !str_failed(path);
    for (i = 0; i < f->n_names; i++)
        if (!url_is_http(f->names[i]) && fs_exists(f->names[i])) {
            str_clear(path);
            str_add(path, f->names[i]);
            return true;
        }
    return false;
}

int obtain_archives(struct obtain *o, struct err *err)
{
    struct unpack_run u = {.o = o};
    const struct pool_tasks tasks = {.ctx = &u, .work = unpack_one, .done = unpack_done};
    size_t i, n = 0;
    bool error = false;
    int r = 0;

    u.todo = mem_array(o->plan.n, sizeof(*u.todo));
    u.archives = mem_array(o->plan.n, sizeof(*u.archives));
    u.why = mem_array(o->plan.n, sizeof(*u.why));
    u.results = mem_array(o->plan.n, sizeof(*u.results));
    if (!u.todo || !u.archives || !u.why || !u.results) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < o->plan.n; i++) {
        const struct plan_file *f = &o->plan.files[i];

        if (!f->unpack || o->barred[i] || obtain_is_complete(o, f, &error) ||
            !find_archive(o, f, &u.archives[n]))
            continue;
        u.todo[n++] = i;
    }
    if (error || (n < o->plan.n && str_failed(&u.archives[n])))
        r = err_nomem(err);
    if (!r && n) {
        progress_begin(&u.progress, "archives", n);
        r = pool_run(&tasks, n, o->args->jobs, err);
        progress_end(&u.progress);
    }
out:
    for (i = 0; u.archives && i < o->plan.n; i++)
        str_release(&u.archives[i]);
    free(u.todo);
    free(u.archives);
    free(u.why);
    free(u.results);
    return r;
}
