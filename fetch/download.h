/*
 * Gets the files of a plan: many at once, large ones in ranges, hashed as they come, tried again
 * when the network or the server fails, at the next address when one is given up. What was got
 * stays if the run is stopped, at any moment and in any way: the next one goes on there.
 */
#ifndef LP_DOWNLOAD_H
#define LP_DOWNLOAD_H

#include <stddef.h>

#include "fetch/done_log.h"
#include "fetch/get_plan.h"
#include "fetch/transfer.h"
#include "lib/err.h"

struct download_settings {
    struct transfer_settings net;
    unsigned retries;
    double retry_wait_s;
    double stall_s;     /* with less than 256 bytes a second: begun again */
    unsigned jobs;      /* threads that hash: one fewer, one at least */
    const char *root;   /* files go to ROOT/PATH */
    const char *folder; /* and come from here, when they are whole: on the same file system */
};

struct download_result {
    size_t got, missing, failed, again; /* missing: optional ones; again: of failed, those for which
                                         * another try may do */
    long long bytes;
};

/* Gets the files whose numbers are in todo[]; all their names are http or https addresses. Says
 * what failed, one warning a file. An error is what ends everything, as a full disk. */
int download_run(const struct plan *plan, const size_t *todo, size_t n,
                 const struct download_settings *settings, struct done_log *log,
                 struct download_result *result, struct err *err) LP_MUST_CHECK;

#endif
