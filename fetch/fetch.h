/*
 * The stage: a folder of videos in, fetch.tsv out: a row a video, with its label, split, people,
 * the pristine video it was made from, and what the file itself says.
 *
 * The catalogue is always that of the whole data set, also when --shard writes only some of its
 * rows: components need all of it.
 */
#ifndef LP_FETCH_H
#define LP_FETCH_H

#include <stdbool.h>

#include "lib/tool.h"

struct fetch_options {
    bool audit;   /* write the components that cross splits instead of the videos */
    bool resplit; /* write what the split of each video was and would be */
    bool check;   /* with audit: ERR_CHECK when a component crosses */
    bool get;     /* download and unpack, and end */
    bool offline; /* catalogue what is there, get nothing */
};

int fetch_run(const struct tool_args *args, const struct fetch_options *options,
              struct err *err) LP_MUST_CHECK;

extern const char *const fetch_columns[]; /* of fetch.tsv, NULL-terminated */

#endif
