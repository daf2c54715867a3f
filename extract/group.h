/*
 * Pair groups: a pristine video and every fake made from it, which are sampled at the same frame
 * numbers and cropped by the same boxes. The unit of work, of shards and of resuming.
 */
#ifndef LP_GROUP_H
#define LP_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/manifest.h"
#include "lib/shard.h"

/* The columns of fetch.tsv that extraction reads, in the order of group_columns. */
enum group_column {
    GROUP_ID,
    GROUP_PATH,
    GROUP_LABEL,
    GROUP_SPLIT,
    GROUP_FACE_ID,
    GROUP_CONTEXT_ID,
    GROUP_COMPONENT,
    GROUP_PAIR,
    GROUP_STATUS,
    GROUP_REASON,
    GROUP_N_COLUMNS
};
extern const char *const group_columns[GROUP_N_COLUMNS + 1];

struct group {
    const char *name; /* id of the pristine video, there or not, or of a fake that names none */
    size_t first, n;  /* its videos: order[first] .. order[first + n - 1] of the list */
    bool led;         /* the first of them is the video `name`, whose boxes the others take */
};

struct group_list {
    struct group *groups; /* sorted by name */
    size_t n;
    size_t *order; /* row numbers of the manifest: by group, the leading video first, then by id */
    char **keys;   /* by row: the group's name; owned */
    size_t n_rows;
};

/* Groups the rows of `m` that belong to the shard. cols: from manifest_columns(group_columns). */
int group_list_init(struct group_list *l, const struct manifest *m, const int *cols,
                    const struct shard *shard, struct err *err) LP_MUST_CHECK;
void group_list_release(struct group_list *l);

#endif
