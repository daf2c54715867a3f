/*
 * A run is cut into shards by pair group: the pristine video and every fake made from it go to one
 * shard, so that they are decoded together. Which shard depends only on the group's name.
 */
#ifndef LP_SHARD_H
#define LP_SHARD_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/str.h"

struct shard {
    unsigned index; /* 0 .. count - 1 */
    unsigned count; /* 0 = not sharded */
};

/* "I/N" with 0 <= I < N <= 100000; ERR_USAGE otherwise. */
int shard_parse(const char *text, struct shard *s, struct err *err) LP_MUST_CHECK;

/* Does the group (the id of its pristine video) belong to this shard? Always true if unsharded. */
bool shard_has(const struct shard *s, const char *group);

/* out = where this shard of the output `path` goes: "runs/x/extract.tsv" -> for 3/8
 * "runs/x/extract.3-of-8.tsv"; `path` itself if unsharded. "-" stays "-". */
void shard_path(const struct shard *s, const char *path, struct str *out);

#endif
