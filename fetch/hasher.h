/*
 * SHA-256 of files while they grow, beside the thread that fills them: as its front advances a
 * file's bytes are read back from the page cache and hashed, in order, whatever the order in which
 * they came. So a file's hash is ready a moment after its last byte, and the disk is not read
 * again.
 *
 * One thread owns the tasks (begins, advances, ends, cancels them); any number of others run
 * hasher_work() until hasher_close(). A task's work is done by one of them at a time.
 */
#ifndef LP_HASHER_H
#define LP_HASHER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/hash.h"

struct hasher;

struct hash_task {
    struct hasher *owner;
    struct hash_task *next; /* in the queue of tasks that have work */
    int fd;
    long long front, done; /* bytes that may be, and have been, hashed */
    bool queued, busy, last, begun;
    int code; /* what reading failed with */
    struct hash hash;
    char hex[HASH_HEX];
    void *user;
};

/* `wake` is called, on any thread, when a task is finished. */
int hasher_new(struct hasher **h, void (*wake)(void *ctx), void *ctx,
               struct err *err) LP_MUST_CHECK;
void hasher_free(struct hasher *h); /* NULL is fine; no thread may be in hasher_work() */

/* Works until hasher_close(). */
int hasher_work(struct hasher *h, struct err *err) LP_MUST_CHECK;
void hasher_close(struct hasher *h);

/* Begins (again) with no byte hashed. `t` must stay where it is until it is finished or cancelled.
 */
int hasher_begin(struct hasher *h, struct hash_task *t, int fd, struct err *err) LP_MUST_CHECK;

/* The bytes before `front` are there; `last`: they are all. */
void hasher_advance(struct hash_task *t, long long front, bool last);

/* Forgets the task; waits while a thread is at it. Fine on one that was not begun. */
void hasher_cancel(struct hash_task *t);

/* The next task that is finished: t->hex is its hash, unless t->code is negative. NULL: none yet.
 */
struct hash_task *hasher_finished(struct hasher *h);

#endif
