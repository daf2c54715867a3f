/*
 * Requests over HTTP, many at a time: the one door to libcurl. What is asked for and what is done
 * with the answers is download.h.
 *
 * Redirects are followed here, ten at most, to http and https only and never from https to http;
 * each is asked with the credentials of its own host and nothing of the one before. Certificates
 * are always checked. Proxies are those of the environment (https_proxy, no_proxy, ...) if none is
 * set.
 *
 * All calls on one thread, except transfers_wake().
 */
#ifndef LP_TRANSFER_H
#define LP_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/credentials.h"
#include "lib/err.h"

#define TRANSFER_TEXT 256

struct transfer_settings {
    unsigned connections, per_host;
    double bandwidth_bps; /* bytes a second over all requests; 0 = all there is */
    double timeout_s;     /* to connect */
    const char *proxy;    /* "" = as the environment says */
    const char *ca_file;  /* "" = the system's */
    const struct credentials *credentials;
};

/* The head of an answer that is no redirect. */
struct transfer_reply {
    int status;
    long long length;        /* of the body; -1 = not told */
    long long lo, hi, total; /* Content-Range; -1 = not told */
    char etag[TRANSFER_TEXT];
    char last_modified[TRANSFER_TEXT];
    char content_type[TRANSFER_TEXT];
    double retry_after_s; /* -1 = not told */
};

enum transfer_end {
    TRANSFER_DONE,    /* the whole answer came, whatever its status */
    TRANSFER_STOPPED, /* a callback said so */
    TRANSFER_BROKEN,  /* the network: worth another try */
    TRANSFER_REFUSED, /* never: certificate, redirect, address */
};

/* header: once, before any data; data: the body of answers below 300 only. Non-zero stops the
 * request. end: always the last; `text` says why unless it is DONE or STOPPED. None of them may
 * start or stop requests but for end. */
struct transfer_calls {
    int (*header)(void *user, const struct transfer_reply *reply);
    int (*data)(void *user, const void *bytes, size_t n);
    void (*end)(void *user, enum transfer_end how, const char *text);
};

struct transfers;
struct transfer;

int transfers_new(struct transfers **t, const struct transfer_settings *settings,
                  const struct transfer_calls *calls, struct err *err) LP_MUST_CHECK;
void transfers_free(struct transfers *t); /* stops what runs, without end(); NULL is fine */

/* Asks for the bytes lo..hi of `url` (hi -1 = to the end; lo 0 and hi -1 = a plain request). With
 * `if_range` (an ETag or a date; NULL = without) the server sends the whole file if it is another
 * one by now. */
int transfer_start(struct transfers *t, const char *url, long long lo, long long hi,
                   const char *if_range, void *user, struct transfer **out,
                   struct err *err) LP_MUST_CHECK;

/* Stops a request; end() is not called. Not from a callback but end. */
void transfer_stop(struct transfers *t, struct transfer *one);

/* Moves bytes, and waits for more, `wait_s` at most. */
int transfers_run(struct transfers *t, double wait_s, struct err *err) LP_MUST_CHECK;

/* Ends a wait. Any thread. */
void transfers_wake(struct transfers *t);

#endif
