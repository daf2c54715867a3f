/*
 * The swap stage: extract.tsv and its face crops in, training samples in tar shards (or one tar
 * stream on stdout) and swap.tsv out.
 *
 * A sample of extract row ROW in epoch E has the id ROW/eE, and depends on nothing but the seed,
 * the epoch, the id, the settings and the two crops: the same bytes at any -j, in any shard, and
 * after a restart. A tar is the unit of resuming: it exists only when whole. Bad pictures are rows
 * with status fail, pairs that can give no sample rows with status skip.
 */
#ifndef LP_SWAP_H
#define LP_SWAP_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/tool.h"

struct swap_options {
    bool stream;      /* a tar on stdout instead of shards and a table */
    long long epoch;  /* of a stream: the first one */
    long long epochs; /* of a stream: how many; 0 = until nobody reads any more */
    const char *part; /* of a stream: "I/N" = every N-th moment only; NULL = all */
};

int swap_run(const struct tool_args *args, const struct swap_options *options,
             struct err *err) LP_MUST_CHECK;

#endif
