#include "fetch/download.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "fetch/download_job.h"
#include "fetch/meter.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

#define HASHERS_MAX 4
#define SAVE_S      1.0 /* age of a state that is written again */
#define TICK_S      0.2
#define STALL_BPS   256.0 /* slower is stalled; FF++'s server does 24 kB/s */

struct host {
    char name[URL_HOST_MAX];
    unsigned running;
    double allowed;    /* requests at a time: halved when it says that they are too many */
    double halved_s;   /* when */
    double not_before; /* it asked to be left alone until then */
};

struct download {
    const struct download_settings *s;
    struct job_rules rules;
    struct job *jobs;
    size_t n, first; /* jobs before `first` are over */
    struct host *hosts;
    size_t n_hosts, hosts_cap;
    struct transfers *net;
    struct job_request *requests; /* settings.net.connections of them */
    unsigned running;
    struct meter meter;
    struct download_result *result;
    double ticked_s;
    int code; /* of an error in a callback */
    struct err err;
};

static void wake(void *ctx)
{
    struct download *d = ctx;

    transfers_wake(d->net);
}

/* ---- callbacks -------------------------------------------------------------------------------*/

static int keep_error(struct download *d, int r)
{
    if (r < 0 && !d->code)
        d->code = r;
    return r;
}

/* A full disk is told before a large file has come half. */
static int check_room(struct download *d, const struct job *j)
{
    struct statvfs fs;
    long long need = j->part.total - part_bytes(&j->part);
    char a[METER_TEXT], b[METER_TEXT];
    double left;

    if (j->part.total < 0 || statvfs(d->s->folder, &fs))
        return 0;
    left = (double)fs.f_bavail * (double)fs.f_frsize;
    if ((double)need <= left)
        return 0;
    return err_set(&d->err, ERR_IO, "no space left below '%s': %s needs %s more, %s are free",
                   d->s->root, j->file->path, meter_bytes((double)need, a), meter_bytes(left, b));
}

static int on_head(void *user, const struct transfer_reply *reply)
{
    struct job_request *rq = user;
    struct download *d = rq->owner;
    bool known = part_is_known(&rq->job->part);
    int r = job_head(rq, reply, &d->err);

    rq->status = reply->status;
    rq->retry_after_s = reply->retry_after_s;
    if (!r && !known && part_is_known(&rq->job->part)) {
        d->meter.begun++;
        if (rq->job->part.total > 0) {
            d->meter.bytes_known += rq->job->part.total;
            d->meter.begun_bytes += rq->job->part.total;
        }
        r = check_room(d, rq->job);
    }
    return keep_error(d, r);
}

static int on_bytes(void *user, const void *bytes, size_t n)
{
    struct job_request *rq = user;
    struct download *d = rq->owner;
    int r = job_bytes(rq, bytes, n, &d->err);

    rq->bytes += (long long)n;
    if (!r) {
        d->meter.bytes += (long long)n;
        d->meter.bytes_known -= (long long)n;
    }
    return keep_error(d, r);
}

static bool is_missing(const struct job *j)
{
    return j->file->optional && j->why.code != ERR_RETRY;
}

static void over(struct download *d, const struct job *j)
{
    if (j->state == JOB_DONE) {
        d->result->got++;
        d->meter.files_done++;
        msg_debug("%s: got", j->file->path);
    } else if (is_missing(j)) {
        d->result->missing++;
        d->meter.files_done++;
        msg_info("%s: %s", j->file->path, j->why.text);
    } else {
        d->result->failed++;
        d->result->again += j->why.code == ERR_RETRY;
        d->meter.files_failed++;
        msg_debug("%s: %s", j->file->path, j->why.text);
    }
}

/* At the end, where they are seen. */
static void list_failures(const struct download *d)
{
    size_t i;

    for (i = 0; i < d->n; i++)
        if (d->jobs[i].state == JOB_FAILED && !is_missing(&d->jobs[i]))
            msg_warning("%s: %s", d->jobs[i].file->path, d->jobs[i].why.text);
}

/* Fewer requests at a time for a host that has too many, once for those that ran together; slowly
 * more again when it answers. */
static void adapt(struct download *d, struct host *host, int status, bool good)
{
    double now = msg_now_s(), most = d->s->net.per_host;

    if ((status == 429 || status == 503) && now - host->halved_s > TICK_S) {
        host->allowed = host->allowed < 2 ? 1 : host->allowed / 2;
        host->halved_s = now;
    } else if (good && host->allowed < most) {
        host->allowed += 1 / (4 * host->allowed);
        if (host->allowed > most)
            host->allowed = most;
    }
}

static void on_end(void *user, enum transfer_end how, const char *text)
{
    struct job_request *rq = user;
    struct download *d = rq->owner;
    struct job *j = rq->job;
    struct host *host = &d->hosts[rq->host];
    bool was_open = j->state == JOB_OPEN;
    double pause_s = 0, until;

    rq->transfer = NULL;
    d->running--;
    host->running--;
    if (!d->code)
        keep_error(d, job_ended(rq, how, text, rq->status, rq->retry_after_s, &pause_s, &d->err));
    adapt(d, host, rq->status, how == TRANSFER_DONE && rq->status < 300);
    until = msg_now_s() + pause_s;
    if (pause_s > 0 && until > host->not_before)
        host->not_before = until;
    if (was_open && j->state == JOB_FAILED)
        over(d, j);
    rq->job = NULL;
}

/* ---- requests --------------------------------------------------------------------------------*/

static int host_of(struct download *d, const char *url, size_t *k, struct err *err)
{
    char name[URL_HOST_MAX];

    if (!url_host(url, name))
        return err_set(err, ERR_CONFIG, "an address names no host");
    for (*k = 0; *k < d->n_hosts; (*k)++)
        if (strcmp(d->hosts[*k].name, name) == 0)
            return 0;
    if (mem_grow(&d->hosts, &d->hosts_cap, d->n_hosts + 1, sizeof(*d->hosts)))
        return err_nomem(err);
    d->hosts[d->n_hosts] = (struct host){.allowed = d->s->net.per_host};
    memcpy(d->hosts[d->n_hosts++].name, name, sizeof(name));
    return 0;
}

static struct job_request *free_request(struct download *d)
{
    unsigned i;

    for (i = 0; i < d->s->net.connections; i++)
        if (!d->requests[i].job)
            return &d->requests[i];
    return NULL;
}

/* Starts what the job has to ask, as far as there is room. */
static int start_job(struct download *d, struct job *j, double now, struct err *err)
{
    struct job_request *slot;
    size_t host = 0;
    bool any = true;
    int r = 0;

    while (!r && any && j->state == JOB_OPEN && d->running < d->s->net.connections) {
        struct job_request rq;

        if ((r = host_of(d, job_address(j), &host, err)))
            break;
        if (d->hosts[host].running >= (unsigned)d->hosts[host].allowed ||
            d->hosts[host].not_before > now)
            break;
        r = job_next(j, now, &rq, &any, err);
        if (r || !any)
            break;
        slot = free_request(d);
        rq.host = host;
        rq.owner = d;
        rq.since_s = now;
        *slot = rq;
        r = transfer_start(d->net, job_address(j), slot->lo, slot->hi, job_if_range(j, slot), slot,
                           &slot->transfer, err);
        if (!r) {
            job_started(j);
            d->running++;
            d->hosts[host].running++;
        } else {
            slot->job = NULL;
        }
    }
    return r;
}

/* When the next job may go on: seconds from now, `most` at most. */
static double next_start(const struct download *d, double now, double most)
{
    double wait = most;
    size_t i;

    for (i = d->first; i < d->n && d->running < d->s->net.connections; i++) {
        double t = d->jobs[i].not_before - now;

        if (d->jobs[i].state == JOB_OPEN && t > 0 && t < wait)
            wait = t;
        if (!d->jobs[i].is_open && d->jobs[i].not_before == 0)
            break; /* those behind it have not begun */
    }
    for (i = 0; i < d->n_hosts; i++)
        if (d->hosts[i].not_before > now && d->hosts[i].not_before - now < wait)
            wait = d->hosts[i].not_before - now;
    return wait;
}

static int start_all(struct download *d, struct err *err)
{
    double now = msg_now_s();
    size_t i;
    int r = 0;

    while (d->first < d->n &&
           (d->jobs[d->first].state == JOB_DONE || d->jobs[d->first].state == JOB_FAILED))
        d->first++;
    for (i = d->first; i < d->n && !r && d->running < d->s->net.connections; i++)
        r = start_job(d, &d->jobs[i], now, err);
    return r;
}

/* Requests whose job is over or began again are stopped. */
static void stop_stale(struct download *d)
{
    unsigned i;

    for (i = 0; i < d->s->net.connections; i++) {
        struct job_request *rq = &d->requests[i];

        if (!rq->job || !rq->transfer ||
            (rq->generation == rq->job->generation && rq->job->state == JOB_OPEN))
            continue;
        transfer_stop(d->net, rq->transfer);
        on_end(rq, TRANSFER_STOPPED, "");
    }
}

/* libcurl's own check looks at an average of seconds, and knows no head that does not come. */
static void stop_stalled(struct download *d, double now)
{
    unsigned i;

    for (i = 0; i < d->s->net.connections; i++) {
        struct job_request *rq = &d->requests[i];

        if (!rq->job || !rq->transfer || now - rq->since_s < d->s->stall_s)
            continue;
        if ((double)rq->bytes < STALL_BPS * (now - rq->since_s)) {
            transfer_stop(d->net, rq->transfer);
            on_end(rq, TRANSFER_BROKEN, "the transfer stalled");
        } else {
            rq->bytes = 0;
            rq->since_s = now;
        }
    }
}

static int take_hashed(struct download *d, struct err *err)
{
    struct hash_task *t;
    int r = 0;

    while (!r && (t = hasher_finished(d->rules.hasher))) {
        struct job *j = t->user;

        r = job_hashed(j, err);
        if (j->state == JOB_DONE || j->state == JOB_FAILED)
            over(d, j);
    }
    return r;
}

static void tick(struct download *d)
{
    double now = msg_now_s();
    unsigned i;

    meter_draw(&d->meter);
    if (now - d->ticked_s < TICK_S)
        return;
    d->ticked_s = now;
    stop_stalled(d, now);
    for (i = 0; i < d->s->net.connections; i++)
        if (d->requests[i].job && d->requests[i].job->is_open)
            part_save(&d->requests[i].job->part, SAVE_S);
}

static int loop(struct download *d, struct err *err)
{
    int r = 0;

    for (;;) {
        double now;

        if ((r = take_hashed(d, err)) || (r = start_all(d, err)))
            break;
        if (d->first == d->n)
            break;
        now = msg_now_s();
        r = transfers_run(d->net, next_start(d, now, TICK_S), err);
        if (!r && d->code)
            r = err_set(err, d->code, "%s", d->err.text);
        if (r)
            break;
        stop_stale(d);
        tick(d);
    }
    return r;
}

/* ---- the pool: one task is the network, the others hash --------------------------------------*/

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct download *d = ctx;
    int r;

    (void)slot;
    (void)worker;
    if (i > 0)
        return hasher_work(d->rules.hasher, err);
    r = loop(d, err);
    hasher_close(d->rules.hasher);
    return r;
}

int download_run(const struct plan *plan, const size_t *todo, size_t n,
                 const struct download_settings *s, struct done_log *log,
                 struct download_result *result, struct err *err)
{
    static const struct transfer_calls calls = {on_head, on_bytes, on_end};
    struct download d = {.s = s, .n = n, .result = result};
    const struct pool_tasks tasks = {.ctx = &d, .work = work};
    unsigned hashers = s->jobs < 2 ? 1 : s->jobs - 1 < HASHERS_MAX ? s->jobs - 1 : HASHERS_MAX;
    size_t i;
    int r;

    *result = (struct download_result){0};
    d.rules = (struct job_rules){.root = s->root,
                                 .folder = s->folder,
                                 .retries = s->retries,
                                 .retry_wait_s = s->retry_wait_s,
                                 .log = log};
    d.jobs = mem_array(n, sizeof(*d.jobs));
    d.requests = mem_array(s->net.connections, sizeof(*d.requests));
    if (!d.jobs || !d.requests) {
        r = err_nomem(err);
        goto out;
    }
    if ((r = hasher_new(&d.rules.hasher, wake, &d, err)) ||
        (r = transfers_new(&d.net, &s->net, &calls, err)))
        goto out;
    for (i = 0; i < n; i++)
        job_init(&d.jobs[i], &plan->files[todo[i]], &d.rules);
    meter_begin(&d.meter, n);
    r = pool_run(&tasks, 1 + hashers, 1 + hashers, err);
    result->bytes = d.meter.bytes;
    list_failures(&d);
out:
    transfers_free(d.net);
    for (i = 0; d.jobs && i < n; i++)
        job_release(&d.jobs[i], true);
    hasher_free(d.rules.hasher);
    free(d.hosts);
    free(d.requests);
    free(d.jobs);
    return r;
}
