#include "fetch/obtain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "fetch/credentials.h"
#include "fetch/done_log.h"
#include "fetch/download.h"
#include "fetch/import.h"
#include "fetch/meter.h"
#include "fetch/get_plan.h"
#include "fetch/recipe_ffpp.h"
#include "fetch/unpack.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

#define ARCHIVES_A_TURN 4

enum recipe { RECIPE_NONE, RECIPE_FFPP };

struct obtain {
    const struct tool_args *args;
    const char *root, *server;
    enum recipe recipe;
    bool keep_archives, agreed;
    struct ffpp_recipe ffpp;
    struct str terms;
    struct str work, parts, unpacking; /* ROOT/.lp-fetch and below */
    struct credentials credentials;
    struct download_settings net;
    struct unpack_settings unpack;
    struct done_log log;
    struct plan plan;
    bool *barred; /* by file: it failed in this run, and is not to be unpacked */
    int lock;
    size_t wanted, failed, again;
};

/* ---- settings --------------------------------------------------------------------------------*/

static void read_net(struct obtain *o)
{
    const struct conf *c = o->args->conf;
    struct transfer_settings *t = &o->net.net;

    t->connections = (unsigned)conf_int(c, "fetch.connections");
    t->per_host = (unsigned)conf_int(c, "fetch.per_host");
    if (o->recipe == RECIPE_FFPP && t->per_host > FFPP_CONNECTIONS)
        t->per_host = FFPP_CONNECTIONS;
    if (t->per_host > t->connections)
        t->per_host = t->connections;
    t->bandwidth_bps = 1e6 * conf_real(c, "fetch.bandwidth");
    t->timeout_s = conf_real(c, "fetch.timeout_s");
    o->net.stall_s = conf_real(c, "fetch.stall_s");
    t->proxy = conf_string(c, "fetch.proxy");
    t->ca_file = conf_string(c, "fetch.ca_file");
    t->credentials = &o->credentials;
    o->net.retries = (unsigned)conf_int(c, "fetch.retries");
    o->net.retry_wait_s = conf_real(c, "fetch.retry_wait_s");
    o->net.jobs = o->args->jobs;
    o->net.root = o->root;
    o->net.folder = o->parts.s;
    o->unpack = (struct unpack_settings){
        .root = o->root, .folder = o->unpacking.s, .ratio = conf_real(c, "fetch.unpack_ratio")};
}

static int read_settings(struct obtain *o, struct err *err)
{
    const struct conf *c = o->args->conf;
    const char *terms = conf_string(c, "fetch.terms");

    o->root = conf_string(c, "dataset.root");
    o->server = conf_string(c, "fetch.server");
    o->recipe = (enum recipe)conf_enum(c, "fetch.recipe");
    o->keep_archives = conf_bool(c, "fetch.keep_archives");
    o->agreed = conf_bool(c, "fetch.accept_terms");
    fs_join(o->root, ".lp-fetch", &o->work);
    fs_join(o->root, ".lp-fetch/parts", &o->parts);
    fs_join(o->root, ".lp-fetch/unpack", &o->unpacking);
    str_add(&o->terms, terms);
    if (!*terms && o->recipe == RECIPE_FFPP && url_is_http(o->server)) {
        str_release(&o->terms);
        url_join(o->server, FFPP_TERMS, &o->terms);
    }
    if (str_failed(&o->work) || str_failed(&o->parts) || str_failed(&o->unpacking) ||
        str_failed(&o->terms))
        return err_nomem(err);
    if (url_has_user(conf_string(c, "fetch.proxy")))
        return err_set(
            err, ERR_CONFIG,
            "fetch.proxy has a user or password in it: use the environment (https_proxy)");
    read_net(o);
    o->ffpp = (struct ffpp_recipe){
        .root = o->root, .masks = conf_bool(c, "fetch.masks"), .pairs = conf_int(c, "fetch.pairs")};
    o->ffpp.methods = conf_list(c, "dataset.methods", &o->ffpp.n_methods);
    o->ffpp.compressions = conf_list(c, "dataset.compression", &o->ffpp.n_compressions);
    return 0;
}

static int read_items(struct obtain *o, struct err *err)
{
    const struct conf *c = o->args->conf;
    const char *list = conf_string(c, "fetch.list");
    size_t n, i;
    const char *const *from = conf_list(c, "fetch.from", &n);
    int r = 0;

    for (i = 0; i < n && !r; i++) {
        if (url_is_signed(from[i]))
            r = err_set(err, ERR_CONFIG,
                        "fetch.from: an address with a signature or a token is a secret: put it "
                        "into a file of your own and name that in fetch.list");
        else
            r = plan_add_item(&o->plan, from[i], "fetch.from", err);
    }
    if (!r && *list)
        r = plan_add_list(&o->plan, list, err);
    return r;
}

static int take_sums(struct obtain *o, struct err *err)
{
    const char *path = conf_string(o->args->conf, "fetch.sums");
    size_t n;
    int r;

    if (!*path)
        return 0;
    r = plan_add_sums(&o->plan, path, &n, err);
    if (!r)
        msg_info("'%s' has the SHA-256 of %zu of %zu files", path, n, o->plan.n);
    return r;
}

/* Nothing is downloaded before the user said that they agree; that they did is recorded. */
static int check_terms(struct obtain *o, struct err *err)
{
    struct str line = STR_INIT, path = STR_INIT;
    char when[32], *old = NULL;
    size_t size = 0;
    struct tm tm;
    time_t now = time(NULL);
    FILE *f;
    int r = 0;

    if (!o->terms.len)
        return 0;
    if (!o->agreed)
        return err_set(err, ERR_CONFIG,
                       "read the terms of use, %s, and if you agree set fetch.accept_terms: true",
                       o->terms.s);
    fs_join(o->work.s, "terms", &path);
    if (str_failed(&path))
        return err_nomem(err);
    if (fs_exists(path.s) && (r = fs_read(path.s, 1 << 20, &old, &size, err)))
        goto out;
    if (old && strstr(old, o->terms.s))
        goto out;
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    f = fopen(path.s, "ae");
    if (!f || fprintf(f, "%s accepted %s\n", when, o->terms.s) < 0 || fclose(f))
        r = err_set_errno(err, ERR_CREATE, errno, "cannot write '%s'", path.s);
out:
    free(old);
    str_release(&path);
    str_release(&line);
    return r;
}

/* ---- files -----------------------------------------------------------------------------------*/

static bool is_unpacked(const struct obtain *o, const struct plan_file *f)
{
    const struct done_record *r = done_find(&o->log, f->path);

    return f->unpack && r && r->kind == DONE_UNPACKED && !r->doubtful &&
           (!f->sha256[0] || !r->sha256[0] || strcmp(f->sha256, r->sha256) == 0);
}

/* Is there nothing to do, not even to unpack? */
static bool is_complete(const struct obtain *o, const struct plan_file *f, bool *error)
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

/* What is to be done about each file. */
enum need { NEED_NOTHING, NEED_CHECK, NEED_IMPORT, NEED_DOWNLOAD, NEED_MISSING };

static enum need need_of(const struct obtain *o, const struct plan_file *f, bool *error)
{
    struct str path = STR_INIT;
    bool there;
    size_t i;

    if (is_complete(o, f, error) || done_is_there(&o->log, o->root, f->path, f->sha256))
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

static void count_failure(struct obtain *o, const struct plan_file *f, const char *why)
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
        count_failure(o, f, why.text);
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
    if ((r = check_terms(o, err)))
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

static int unpack_files(struct obtain *o, struct err *err);

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
            r = unpack_files(o, err);
        at = k;
    }
    return r;
}

static int get_files(struct obtain *o, struct err *err)
{
    size_t *todo = mem_array(o->plan.n, sizeof(*todo)), n = 0, i, missing = 0;
    bool error = false;
    int r = 0;

    o->barred = mem_array(o->plan.n, sizeof(*o->barred));
    if (!todo || !o->barred)
        r = err_nomem(err);
    for (i = 0; i < o->plan.n && !r; i++) {
        const struct plan_file *f = &o->plan.files[i];
        enum need need = need_of(o, f, &error);

        r = error ? err_nomem(err) : settle_doubt(o, f, &need, err);
        if (r)
            break;
        if (need == NEED_DOWNLOAD)
            todo[n++] = i;
        else if (need == NEED_CHECK || need == NEED_IMPORT)
            r = take_local(o, f, need, err);
        else if (need == NEED_MISSING && f->n_names)
            count_failure(o, f, "it is not there");
        else if (need == NEED_MISSING)
            missing++;
    }
    if (!r && missing)
        msg_info("%zu files are named and not there, and fetch.server names no place to get them "
                 "from",
                 missing);
    o->wanted += o->plan.n;
    if (!r)
        r = unpack_files(o, err);
    if (!r)
        r = get_in_turns(o, todo, n, err);
    free(todo);
    free(o->barred);
    o->barred = NULL;
    return r;
}

/* ---- archives --------------------------------------------------------------------------------*/

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
        count_failure(o, f, u->why[i].text);
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

static int unpack_files(struct obtain *o, struct err *err)
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

        if (!f->unpack || o->barred[i] || is_complete(o, f, &error) ||
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

/* ---- the whole -------------------------------------------------------------------------------*/

static int take_lock(struct obtain *o, struct err *err)
{
    struct str path = STR_INIT;
    int r = 0;

    fs_join(o->work.s, "lock", &path);
    if (str_failed(&path))
        return err_nomem(err);
    o->lock = open(path.s, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (o->lock < 0) {
        r = err_set_errno(err, ERR_CREATE, errno, "cannot create '%s'", path.s);
    } else if (flock(o->lock, LOCK_EX | LOCK_NB)) {
        msg_info("waiting for another lp-fetch that works on '%s'", o->root);
        while (flock(o->lock, LOCK_EX))
            if (errno != EINTR) {
                r = err_set_errno(err, ERR_CREATE, errno, "cannot lock '%s'", path.s);
                break;
            }
    }
    str_release(&path);
    return r;
}

/* What kill -9 left of files that are written in one go. */
static void sweep(const char *folder)
{
    struct str path = STR_INIT;
    char **names = NULL;
    size_t n = 0, i, m;

    if (fs_list(folder, &names, &n, NULL))
        return;
    for (i = 0; i < n; i++) {
        m = strlen(names[i]);
        fs_join(folder, names[i], &path);
        if (names[i][0] == '.' && m > 4 && strcmp(names[i] + m - 4, ".tmp") == 0 &&
            !str_failed(&path))
            unlink(path.s);
    }
    fs_list_free(names, n);
    str_release(&path);
}

static int prepare(struct obtain *o, struct err *err)
{
    int r;

    if ((r = fs_make_folders(o->parts.s, err)) || (r = fs_make_folders(o->unpacking.s, err)) ||
        (r = take_lock(o, err)))
        return r;
    sweep(o->parts.s);
    sweep(o->unpacking.s);
    return done_open(&o->log, o->work.s, false, err);
}

/* The lists of a recipe come first, as they name the other files. */
static int follow_recipe(struct obtain *o, struct err *err)
{
    struct plan items = o->plan;
    int r;

    if (o->recipe != RECIPE_FFPP || !*o->server)
        return 0;
    o->plan = (struct plan){0};
    r = ffpp_recipe_lists(&o->ffpp, &o->plan, err);
    if (!r)
        r = plan_addresses(&o->plan, o->server, err);
    if (!r)
        r = get_files(o, err);
    plan_release(&o->plan);
    o->plan = items;
    o->wanted = 0;
    if (!r && o->again)
        r = err_set(err, ERR_RETRY, "the lists of the data set could not be had; try again later");
    if (!r)
        r = ffpp_recipe_videos(&o->ffpp, &o->plan, err);
    return r ? r : plan_addresses(&o->plan, o->server, err);
}

static int judge(const struct obtain *o, struct err *err)
{
    double limit = conf_real(o->args->conf, "run.max_failed");

    if (o->again)
        return err_set(
            err, ERR_RETRY,
            "%zu of %zu files could not be had because of the network or the server; the "
            "same command goes on where this one stopped",
            o->again, o->wanted);
    if ((double)o->failed > limit * (double)o->wanted)
        return err_set(err, ERR_DATA, "%zu of %zu files could not be had (limit %g)", o->failed,
                       o->wanted, limit);
    return 0;
}

static int dry_run(struct obtain *o, struct err *err)
{
    size_t i, n[NEED_MISSING + 1] = {0};
    long long bytes = 0;
    bool error = false;
    char text[METER_TEXT];
    int r = done_open(&o->log, o->work.s, true, err);

    if (!r)
        r = read_items(o, err);
    if (!r)
        r = plan_addresses(&o->plan, o->server, err);
    for (i = 0; i < o->plan.n && !r; i++) {
        enum need need = need_of(o, &o->plan.files[i], &error);

        n[need]++;
        if (need == NEED_DOWNLOAD && o->plan.files[i].bytes > 0)
            bytes += o->plan.files[i].bytes;
        if (need == NEED_DOWNLOAD || need == NEED_IMPORT)
            msg_info("would get %s", o->plan.files[i].path);
    }
    if (!r && error)
        r = err_nomem(err);
    if (!r)
        printf("files: %zu there, %zu to import, %zu to download (%s known), %zu not there\n",
               n[NEED_NOTHING] + n[NEED_CHECK], n[NEED_IMPORT], n[NEED_DOWNLOAD],
               meter_bytes((double)bytes, text), n[NEED_MISSING]);
    if (!r && o->recipe == RECIPE_FFPP && *o->server)
        printf("and the videos that the server's own lists name\n");
    return r;
}

static int run(struct obtain *o, struct err *err)
{
    int r;

    if ((r = read_items(o, err)) || (r = plan_addresses(&o->plan, o->server, err)) ||
        (r = prepare(o, err)) || (r = follow_recipe(o, err)) || (r = take_sums(o, err)) ||
        (r = get_files(o, err)))
        return r;
    return judge(o, err);
}

bool obtain_is_asked(const struct conf *conf)
{
    size_t n;

    conf_list(conf, "fetch.from", &n);
    return n > 0 || *conf_string(conf, "fetch.list") ||
           (conf_enum(conf, "fetch.recipe") != RECIPE_NONE && *conf_string(conf, "fetch.server"));
}

int obtain_run(const struct tool_args *args, struct err *err)
{
    struct obtain o = {.args = args, .lock = -1};
    int r;

    if (!obtain_is_asked(args->conf) || !*conf_string(args->conf, "dataset.root"))
        return 0; /* the catalogue says so */
    r = read_settings(&o, err);
    if (!r)
        r = args->dry_run ? dry_run(&o, err) : run(&o, err);
    done_close(&o.log, o.root, !args->dry_run);
    if (!args->dry_run && o.parts.s && o.unpacking.s) {
        rmdir(o.parts.s); /* when nothing is under way any more */
        rmdir(o.unpacking.s);
    }
    if (o.lock >= 0)
        close(o.lock);
    plan_release(&o.plan);
    credentials_release(&o.credentials);
    str_release(&o.terms);
    str_release(&o.work);
    str_release(&o.parts);
    str_release(&o.unpacking);
    return r;
}
