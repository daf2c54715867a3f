#include "fetch/obtain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "fetch/meter.h"
#include "fetch/obtain_internal.h"
#include "lib/fs.h"
#include "lib/msg.h"

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
        r = obtain_files(o, err);
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
        r = obtain_items(o, err);
    if (!r)
        r = plan_addresses(&o->plan, o->server, err);
    for (i = 0; i < o->plan.n && !r; i++) {
        enum need need = obtain_need(o, &o->plan.files[i], &error);

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

    if ((r = obtain_items(o, err)) || (r = plan_addresses(&o->plan, o->server, err)) ||
        (r = prepare(o, err)) || (r = follow_recipe(o, err)) || (r = obtain_sums(o, err)) ||
        (r = obtain_files(o, err)))
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
    r = obtain_settings(&o, err);
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
