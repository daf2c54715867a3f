#include "fetch/obtain_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/import.h"
#include "fetch/meter.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"

#define ARCHIVES_A_TURN 4

static bool is_unpacked(const struct obtain *o, const struct plan_file *f)
{
    const struct done_record *r = done_find(&o->log, f->path);

    return f->unpack && r && r->kind == DONE_UNPACKED && !r->doubtful &&
           (!f->sha256[0] || !r->sha256[0] || strcmp(f->sha256, r->sha256) == 0);
}

bool obtain_is_complete(const struct obtain *o, const struct plan_file *f, bool *error)
{
    struct str path = STR_INIT;
    bool there = false;

    if (is_unpacked(o, f))
        return true;
    if (f->unless && !unpack_is_begun(&o->unpack, f->path)) {
        fs_join(o->root, f->unless, &path);
        there = !str_failed(&path) && fs_exists(path.s);
        *error = *error || str_failed(&path);
        str_release(&path);
    }
    return there;
}

enum need obtain_need(const struct obtain *o, const struct plan_file *f, bool *error)
{
    struct str path = STR_INIT;
    bool there;
    size_t i;

    if (obtain_is_complete(o, f, error) || done_is_there(&o->log, o->root, f->path, f->sha256))
        return NEED_NOTHING;
    fs_join(o->root, f->path, &path);
    there = !str_failed(&path) && fs_exists(path.s);
    *error = *error || str_failed(&path);
    str_release(&path);
    if (there)
        return NEED_CHECK;
    if (f->n_names == 0)
        return NEED_MISSING;
    for (i = 0; i < f->n_names; i++)
        if (!url_is_http(f->names[i]) && fs_exists(f->names[i]))
            return NEED_IMPORT;
    for (i = 0; i < f->n_names; i++)
        if (url_is_http(f->names[i]))
            return NEED_DOWNLOAD;
    return NEED_MISSING;
}

void obtain_failed(struct obtain *o, const struct plan_file *f, const char *why)
{
    o->barred[f - o->plan.files] = true;
    if (f->optional) {
        msg_info("%s: %s", f->path, why);
        return;
    }
    o->failed++;
    msg_warning("%s: %s", f->path, why);
}

/* After a power cut: a file that we had put there and that is still whole is recorded anew; one
 * that is not is got again. */
static int settle_doubt(struct obtain *o, const struct plan_file *f, enum need *need,
                        struct err *err)
{
    const struct done_record *r = done_find(&o->log, f->path);
    struct str path = STR_INIT;
    char hash[HASH_HEX];
    size_t i;
    int code = 0;

    if (!r || !r->doubtful || r->kind != DONE_GOT)
        return 0;
    if (*need == NEED_NOTHING) {
        memcpy(hash, r->sha256, sizeof(hash));
        return done_add(&o->log, o->root, f->path, DONE_GOT, hash, err);
    }
    for (i = 0; *need == NEED_CHECK && i < f->n_names; i++) {
        if (!url_is_http(f->names[i]))
            continue;
        fs_join(o->root, f->path, &path);
        if (str_failed(&path))
            code = err_nomem(err);
        else if (unlink(path.s) == 0)
            msg_warning("%s: lost bytes since it was got; it is got again", f->path);
        *need = NEED_DOWNLOAD;
    }
    str_release(&path);
    return code;
}

/* Files that are in a folder, or in their place already without being in the log. */
static int take_local(struct obtain *o, const struct plan_file *f, enum need need, struct err *err)
{
    struct err why = {0};
    int r = need == NEED_CHECK ? import_check(&o->log, o->root, f, &why)
                               : import_file(&o->log, o->root, o->parts.s, f, &why);

    if (r == ERR_IO || r == ERR_CREATE || r == -ENOMEM || r == ERR_SYSTEM)
        return err_set(err, r, "%s", why.text);
    if (r)
        obtain_failed(o, f, why.text);
    return 0;
}

static int download(struct obtain *o, const size_t *todo, size_t n, struct err *err)
{
    struct download_result result;
    char bytes[METER_TEXT];
    double start = msg_now_s();
    int r;

    if (!o->credentials.list) {
        size_t m;
        const char *const *entries = conf_list(o->args->conf, "fetch.credentials", &m);

        if ((r = credentials_read(&o->credentials, entries, m, err)))
            return r;
    }
    if ((r = obtain_check_terms(o, err)))
        return r;
    msg_info("getting %zu files", n);
    r = download_run(&o->plan, todo, n, &o->net, &o->log, &result, err);
    if (!o->args->quiet)
        msg(MSG_ERROR, "downloads: %zu ok, %zu failed, %s in %.1f s", result.got + result.missing,
            result.failed, meter_bytes((double)result.bytes, bytes), msg_now_s() - start);
    o->failed += result.failed;
    o->again += result.again;
    return r;
}

/* Gets the files, and unpacks what came. Where archives are not to be kept they come a few at a
 * time, so that there need not be room for all of them beside what they hold. */
static int get_in_turns(struct obtain *o, const size_t *todo, size_t n, struct err *err)
{
    size_t at = 0, k, archives;
    int r = 0;

    while (at < n && !r) {
        for (k = at, archives = 0; k < n && archives < ARCHIVES_A_TURN; k++)
            archives += !o->keep_archives && o->plan.files[todo[k]].unpack;
        r = download(o, todo + at, k - at, err);
        if (!r)
            r = obtain_archives(o, err);
        at = k;
    }
    return r;
}

int obtain_files(struct obtain *o, struct err *err)
{
    size_t *todo = mem_array(o->plan.n, sizeof(*todo)), n = 0, i, missing = 0;
    bool error = false;
    int r = 0;

    o->barred = mem_array(o->plan.n, sizeof(*o->barred));
    if (!todo || !o->barred)
        r = err_nomem(err);
    for (i = 0; i < o->plan.n && !r; i++) {
        const struct plan_file *f = &o->plan.files[i];
        enum need need = obtain_need(o, f, &error);

        r = error ? err_nomem(err) : settle_doubt(o, f, &need, err);
        if (r)
            break;
        if (need == NEED_DOWNLOAD)
            todo[n++] = i;
        else if (need == NEED_CHECK || need == NEED_IMPORT)
            r = take_local(o, f, need, err);
        else if (need == NEED_MISSING && f->n_names)
            obtain_failed(o, f, "it is not there");
        else if (need == NEED_MISSING)
            missing++;
    }
    if (!r && missing)
        msg_info("%zu files are named and not there, and fetch.server names no place to get them "
                 "from",
                 missing);
    o->wanted += o->plan.n;
    if (!r)
        r = obtain_archives(o, err);
    if (!r)
        r = get_in_turns(o, todo, n, err);
    free(todo);
    free(o->barred);
    o->barred = NULL;
    return r;
}
