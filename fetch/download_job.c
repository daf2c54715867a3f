#include "fetch/download_job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fetch/file_kind.h"
#include "fetch/retry.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/msg.h"
#include "lib/rng.h"
#include "lib/str.h"

#define MOST_WRONG 2 /* times that wrong bytes are asked for again */

void job_init(struct job *j, const struct plan_file *f, const struct job_rules *rules)
{
    *j = (struct job){.file = f, .rules = rules};
    j->part.fd = -1;
}

const char *job_address(const struct job *j)
{
    return j->file->names[j->name];
}

/* ---- ends ------------------------------------------------------------------------------------*/

static void close_part(struct job *j, bool remove_files, bool flush)
{
    hasher_cancel(&j->hash);
    if (j->is_open && part_bytes(&j->part) == 0)
        remove_files = true;
    if (j->is_open && flush && !remove_files)
        part_flush(&j->part);
    if (j->is_open)
        part_close(&j->part, remove_files);
    j->is_open = false;
}

/* Begins again with no byte; requests that run are of no use any more. */
static int restart(struct job *j, struct err *err)
{
    j->generation++;
    j->resumed = false;
    hasher_cancel(&j->hash);
    return part_reset(&j->part, err);
}

static void fail(struct job *j, int code, const char *text)
{
    struct str shown = STR_INIT;

    url_public(job_address(j), &shown);
    err_clear(&j->why);
    err_set(&j->why, code, "%s (%s)", text, str_failed(&shown) ? "" : shown.s);
    str_release(&shown);
}

/* This address is given up: the next one, or the end. */
static int next_address(struct job *j, int code, const char *text, struct err *err)
{
    bool was_again = j->why.code == ERR_RETRY;

    fail(j, was_again ? ERR_RETRY : code, text);
    if (j->name + 1 < j->file->n_names) {
        j->name++;
        j->attempts = j->wrong = 0;
        j->no_ranges = false;
        j->not_before = 0;
        /* Another server's copy: its bytes go together with these only if the hash is known. */
        if (j->is_open && !j->file->sha256[0])
            return restart(j, err);
        j->generation++;
        j->part.etag[0] = j->part.last_modified[0] = '\0';
        return 0;
    }
    j->state = JOB_FAILED;
    j->generation++;
    /* Bytes of a file that will not come are of no use; those of a bad day are. */
    close_part(j, j->why.code != ERR_RETRY, true);
    return 0;
}

static int again(struct job *j, const char *text, double retry_after, struct err *err)
{
    struct rng rng;
    double wait;

    if (j->attempts >= j->rules->retries || retry_after > RETRY_AFTER_MAX_S)
        return next_address(j, ERR_RETRY, text, err);
    j->attempts++;
    /* Not the same on two machines that started together. */
    rng_init(&rng, (uint64_t)getpid(), j->attempts, j->file->path, "retry");
    wait = retry_delay_s(j->rules->retry_wait_s, j->attempts, rng_uniform(&rng));
    if (retry_after > wait)
        wait = retry_after;
    j->not_before = msg_now_s() + wait;
    msg_debug("%s: %s; again in %.1f s", j->file->path, text, wait);
    return 0;
}

/* ---- questions -------------------------------------------------------------------------------*/

static bool has_validator(const struct job *j)
{
    return j->part.etag[0] || j->part.last_modified[0];
}

const char *job_if_range(const struct job *j, const struct job_request *rq)
{
    if (!rq->has_chunk)
        return NULL;
    return j->part.etag[0] ? j->part.etag : j->part.last_modified[0] ? j->part.last_modified : NULL;
}

static int open_part(struct job *j, struct err *err)
{
    char key[32];
    int r;

    snprintf(key, sizeof(key), "%016llx", (unsigned long long)hash_name(j->file->path));
    r = part_open(&j->part, j->rules->folder, key, err);
    if (r)
        return r;
    j->is_open = true;
    j->resumed = part_bytes(&j->part) > 0;
    j->best = part_bytes(&j->part);
    /* Nothing says that the rest would be of the same file. */
    if (j->resumed && !has_validator(j) && !j->file->sha256[0])
        return restart(j, err);
    return 0;
}

/* The hash follows the front. */
static int advance(struct job *j, struct err *err)
{
    int r = 0;

    if (!j->hash.owner)
        r = hasher_begin(j->rules->hasher, &j->hash, j->part.fd, err);
    if (!r) {
        j->hash.user = j;
        hasher_advance(&j->hash, j->part.front, false);
    }
    return r;
}

static int finish_bytes(struct job *j, struct err *err)
{
    int r = advance(j, err);

    if (r)
        return r;
    j->state = JOB_HASHING;
    hasher_advance(&j->hash, j->part.front, true);
    return 0;
}

int job_next(struct job *j, double now, struct job_request *rq, bool *any, struct err *err)
{
    int r;

    *any = false;
    if (j->state != JOB_OPEN || j->not_before > now)
        return 0;
    if (!j->is_open && (r = open_part(j, err)))
        return r;
    *rq = (struct job_request){.job = j, .hi = -1, .generation = j->generation};
    if (part_is_known(&j->part) && part_is_whole(&j->part))
        return j->requests ? 0 : finish_bytes(j, err);
    if (!part_is_known(&j->part)) {
        if (j->requests)
            return 0; /* the first answer is awaited */
        rq->hi = j->no_ranges ? -1 : PART_CHUNK - 1;
        *any = true;
        return 0;
    }
    if (j->part.single && j->requests)
        return 0;
    if (!part_take(&j->part, &rq->chunk))
        return 0;
    if (j->part.front && !j->hash.owner && (r = advance(j, err)))
        return r;
    rq->has_chunk = true;
    rq->lo = part_chunk_at(&j->part, rq->chunk);
    rq->hi = part_chunk_end(&j->part, rq->chunk) - 1;
    if (j->part.single)
        rq->hi = -1;
    *any = true;
    return 0;
}

void job_started(struct job *j)
{
    j->requests++;
}

/* ---- answers ---------------------------------------------------------------------------------*/

static int stop(struct job_request *rq, bool try_again, const char *text)
{
    rq->failed = true;
    rq->again = try_again;
    snprintf(rq->text, sizeof(rq->text), "%s", text);
    return JOB_STOP;
}

/* A weak validator does not promise the same bytes. */
static const char *strong(const char *etag)
{
    return etag[0] == 'W' ? "" : etag;
}

static bool wrong_size(struct job_request *rq, long long total)
{
    const struct plan_file *f = rq->job->file;
    char text[128];

    if (f->bytes < 0 || total < 0 || total == f->bytes)
        return false;
    snprintf(text, sizeof(text), "it has %lld bytes, %lld were expected", total, f->bytes);
    stop(rq, false, text);
    return true;
}

/* The whole file comes, asked for or not: it is taken from its first byte on. */
static int head_whole(struct job_request *rq, const struct transfer_reply *reply, struct err *err)
{
    struct job *j = rq->job;
    int r;

    if (wrong_size(rq, reply->length))
        return JOB_STOP;
    if (rq->has_chunk) { /* ranges are not served, or the file is another one now */
        msg_debug("%s: the server sends the whole file; from the start", j->file->path);
        if ((r = restart(j, err)))
            return r;
        rq->generation = j->generation;
    }
    r = part_describe(&j->part, reply->length, true, strong(reply->etag), reply->last_modified,
                      err);
    if (r)
        return r;
    rq->lo = 0;
    rq->chunk = 0;
    rq->has_chunk = j->part.n_chunks > 0;
    if (rq->has_chunk)
        j->part.taken[0] = true;
    return advance(j, err);
}

static int head_range(struct job_request *rq, const struct transfer_reply *reply, struct err *err)
{
    struct job *j = rq->job;
    struct part_file *p = &j->part;
    int r;

    if (reply->total < 0 || reply->lo != rq->lo || (rq->hi >= 0 && reply->hi > rq->hi)) {
        j->no_ranges = true;
        if (rq->has_chunk && (r = restart(j, err)))
            return r;
        return stop(rq, true, "the server sent another range than was asked for");
    }
    if (wrong_size(rq, reply->total))
        return JOB_STOP;
    if (!rq->has_chunk) {
        r = part_describe(p, reply->total, false, strong(reply->etag), reply->last_modified, err);
        if (r)
            return r;
        rq->chunk = 0;
        rq->has_chunk = true;
        p->taken[0] = true;
        return advance(j, err);
    }
    if (reply->total != p->total || (p->etag[0] && strcmp(strong(reply->etag), p->etag) != 0) ||
        (!p->etag[0] && p->last_modified[0] &&
         strcmp(reply->last_modified, p->last_modified) != 0)) {
        if ((r = restart(j, err)))
            return r;
        return stop(rq, true, "the file changed on the server");
    }
    return 0;
}

int job_head(struct job_request *rq, const struct transfer_reply *reply, struct err *err)
{
    struct job *j = rq->job;

    if (rq->generation != j->generation)
        return JOB_STOP;
    if (reply->status == 206)
        return head_range(rq, reply, err);
    if (reply->status == 200)
        return head_whole(rq, reply, err);
    return 0; /* job_ended() sees the status */
}

int job_bytes(struct job_request *rq, const void *bytes, size_t n, struct err *err)
{
    struct job *j = rq->job;
    const char *kind;
    int r;

    if (rq->generation != j->generation)
        return JOB_STOP;
    if (!rq->has_chunk) /* of a file without bytes */
        return stop(rq, true, "more bytes came than were told");
    if (part_chunk_at(&j->part, rq->chunk) == 0 && (kind = file_kind_page(j->file->path, bytes, n)))
        return stop(rq, false, kind);
    r = part_write(&j->part, rq->chunk, bytes, n, err);
    if (r == ERR_DATA) {
        err_clear(err);
        return stop(rq, true, "more bytes came than were asked for");
    }
    return r ? r : advance(j, err);
}

static int status_failed(struct job_request *rq, int status, double retry_after, double *pause_s,
                         struct err *err)
{
    struct job *j = rq->job;
    char text[160];

    if (status == 416) {
        bool first = !rq->has_chunk;

        if (first && j->no_ranges) /* asked without a range: this server is strange */
            return next_address(j, ERR_NOINPUT, "HTTP status 416", err);
        if (first) {
            j->no_ranges = true; /* an empty file has no range, and some servers have none at all */
            return 0;
        }
        int r = restart(j, err);

        return r ? r : again(j, "the file became shorter on the server", -1, err);
    }
    if (status == 412) {
        int r = restart(j, err);

        return r ? r : again(j, "the file changed on the server", -1, err);
    }
    snprintf(text, sizeof(text), "HTTP status %d%s", status,
             status == 401 ? ": it asks for a login; see fetch.credentials"
             : status == 403
                 ? ": not allowed; are its terms accepted there, and is the login right?"
             : status == 404 ? ": it is not there"
             : status == 429 ? ": too many requests"
                             : "");
    if (!retry_status(status))
        return next_address(j, ERR_NOINPUT, text, err);
    if (retry_after > 0 && retry_after <= RETRY_AFTER_MAX_S)
        *pause_s = retry_after;
    if (retry_after > RETRY_AFTER_MAX_S)
        snprintf(text, sizeof(text), "HTTP status %d: it asks to come back in %.0f s", status,
                 retry_after);
    return again(j, text, retry_after, err);
}

int job_ended(struct job_request *rq, enum transfer_end how, const char *text, int status,
              double retry_after_s, double *pause_s, struct err *err)
{
    struct job *j = rq->job;
    long long bytes;

    *pause_s = 0;
    j->requests--;
    if (rq->has_chunk && rq->generation == j->generation && j->is_open)
        part_give_back(&j->part, rq->chunk);
    if (j->state != JOB_OPEN)
        return 0;
    if (rq->failed) /* also when it was the one that began a new generation */
        return rq->again ? again(j, rq->text, -1, err) : next_address(j, ERR_DATA, rq->text, err);
    if (rq->generation != j->generation)
        return 0;
    bytes = part_bytes(&j->part);
    if (bytes > j->best) {
        j->best = bytes;
        j->attempts = 0;
    }
    if (how == TRANSFER_REFUSED)
        return next_address(j, ERR_NOINPUT, text, err);
    if (status >= 300 && how == TRANSFER_DONE)
        return status_failed(rq, status, retry_after_s, pause_s, err);
    if (how != TRANSFER_DONE)
        return again(j, text, -1, err);
    part_end(&j->part);
    if (part_is_whole(&j->part))
        return j->requests ? 0 : finish_bytes(j, err);
    if (rq->has_chunk && part_chunk_at(&j->part, rq->chunk) == rq->lo)
        return again(j, "an answer without a byte", -1, err);
    return 0;
}

/* ---- the end ---------------------------------------------------------------------------------*/

static int wrong_bytes(struct job *j, const char *text, struct err *err)
{
    int r = restart(j, err);

    j->state = JOB_OPEN;
    j->best = 0;
    if (r)
        return r;
    if (++j->wrong > MOST_WRONG)
        return next_address(j, ERR_DATA, text, err);
    msg_debug("%s: %s; again", j->file->path, text);
    return 0;
}

int job_hashed(struct job *j, struct err *err)
{
    const struct plan_file *f = j->file;
    struct str path = STR_INIT;
    char text[256], hex[HASH_HEX];
    const char *kind;
    int r, code = j->hash.code;

    memcpy(hex, j->hash.hex, sizeof(hex));
    hasher_cancel(&j->hash);
    if (code)
        return err_set_errno(err, ERR_IO, -code, "cannot read '%s'", j->part.path);
    if (f->sha256[0] && strcmp(f->sha256, hex) != 0) {
        snprintf(text, sizeof(text), "wrong bytes: their SHA-256 is %s, %s was expected", hex,
                 f->sha256);
        return wrong_bytes(j, text, err);
    }
    if (f->bytes >= 0 && j->part.total != f->bytes) {
        snprintf(text, sizeof(text), "wrong bytes: %lld of them, %lld were expected", j->part.total,
                 f->bytes);
        return wrong_bytes(j, text, err);
    }
    kind = file_kind_mismatch(f->path, j->part.fd);
    if (kind) {
        j->state = JOB_OPEN;
        return next_address(j, ERR_DATA, kind, err);
    }
    fs_join(j->rules->root, f->path, &path);
    r = str_failed(&path) ? err_nomem(err) : part_commit(&j->part, path.s, err);
    if (!r)
        r = done_add(j->rules->log, j->rules->root, f->path, DONE_GOT, hex, err);
    if (!r) {
        j->state = JOB_DONE;
        close_part(j, false, false);
    }
    str_release(&path);
    return r;
}

void job_release(struct job *j, bool flush)
{
    close_part(j, false, flush && j->state != JOB_DONE);
}
