/*
 * One pool for the whole project: runs work(i) for i = 0 .. n-1 on `jobs` threads and hands the
 * results back on the calling thread in the order of i, so that output never depends on timing.
 *
 * Slots: item i uses slot i % pool_slots(jobs); work(i) may fill slot memory of the caller's and
 * done(i) may read it; work(i + slots) does not start before done(i) has returned. So memory is
 * bounded by the number of slots. `worker` (0 .. jobs-1) names per-thread scratch.
 */
#ifndef LP_POOL_H
#define LP_POOL_H

#include <stddef.h>

#include "lib/err.h"

struct pool_tasks {
    void *ctx;
    /* On a worker thread. Non-zero stops the run: items already started finish, done() is called
     * for those before the failed one, and pool_run returns the code with its words. */
    int (*work)(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err);
    /* On the calling thread, in order of i. May be NULL. Non-zero stops the run too. */
    int (*done)(void *ctx, size_t i, size_t slot, struct err *err);
};

/* Number of slots for `jobs` workers: 2 * jobs + 2. */
size_t pool_slots(unsigned jobs);

/* The number of processors this process may use, at least 1. */
unsigned pool_default_jobs(void);

/* jobs 0 = pool_default_jobs(); with 1 job everything runs on the calling thread. */
int pool_run(const struct pool_tasks *t, size_t n, unsigned jobs, struct err *err) LP_MUST_CHECK;

#endif
