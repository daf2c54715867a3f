/*
 * One file on its way: which bytes to ask for next, what an answer means, when to try again and
 * when to give up. Knows no network: download.c asks, and tells what came.
 */
#ifndef LP_DOWNLOAD_JOB_H
#define LP_DOWNLOAD_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/done_log.h"
#include "fetch/hasher.h"
#include "fetch/part_file.h"
#include "fetch/get_plan.h"
#include "fetch/transfer.h"
#include "lib/err.h"

struct download;

struct job_rules {
    const char *root, *folder; /* of the files, and of what is under way */
    unsigned retries;          /* without a byte gained */
    double retry_wait_s;
    struct hasher *hasher;
    struct done_log *log;
};

enum job_state { JOB_OPEN, JOB_HASHING, JOB_DONE, JOB_FAILED };

struct job {
    const struct plan_file *file;
    const struct job_rules *rules;
    enum job_state state;
    struct part_file part;
    bool is_open; /* part */
    bool resumed; /* the part has bytes of an earlier run */
    bool no_ranges;
    size_t name;         /* in use, of file->names */
    unsigned generation; /* requests of an older one are of no use any more */
    unsigned requests;   /* running */
    unsigned attempts;   /* since the last byte gained */
    unsigned wrong;      /* times that the bytes of this address were wrong */
    long long best;      /* most bytes so far */
    double not_before;   /* monotonic seconds */
    struct hash_task hash;
    struct err why; /* of the failure; ERR_RETRY if another day may be better */
};

/* What to ask for. */
struct job_request {
    struct job *job;
    struct transfer *transfer;
    unsigned generation;
    size_t chunk;
    bool has_chunk; /* else it is the first request, which learns about the file */
    long long lo, hi;
    bool failed; /* why: */
    bool again;
    char text[TRANSFER_TEXT + 64];
    /* download.c's own: */
    struct download *owner;
    size_t host; /* of its hosts */
    int status;
    double retry_after_s;
    long long bytes; /* since: */
    double since_s;
};

void job_init(struct job *j, const struct plan_file *f, const struct job_rules *rules);

/* The next request of the job at the time `now`; false if there is none now. Counts it as running
 * once job_started() was called. */
int job_next(struct job *j, double now, struct job_request *rq, bool *any,
             struct err *err) LP_MUST_CHECK;
void job_started(struct job *j);
const char *job_address(const struct job *j);
const char *job_if_range(const struct job *j, const struct job_request *rq); /* or NULL */

/* The head of an answer and its bytes. Returns non-zero when the request is to be stopped: a
 * negative code is an error that ends everything (disk full), JOB_STOP is not. */
#define JOB_STOP 1
int job_head(struct job_request *rq, const struct transfer_reply *reply, struct err *err);
int job_bytes(struct job_request *rq, const void *bytes, size_t n, struct err *err);

/* The request is over. *pause_s: the host asks to be left alone for that long; 0 = it does not. */
int job_ended(struct job_request *rq, enum transfer_end how, const char *text, int status,
              double retry_after_s, double *pause_s, struct err *err) LP_MUST_CHECK;

/* The file is whole and hashed: checks it and puts it in its place, or begins again. */
int job_hashed(struct job *j, struct err *err) LP_MUST_CHECK;

/* Puts the job's part to rest; `flush` at an orderly end. */
void job_release(struct job *j, bool flush);

#endif
