/*
 * Reads one sample's picture out of a tar shard, by its offset or by its name. Own code, because
 * libarchive reads from the front and the manifest says where each member is. Understands ustar,
 * with pax and GNU long names; checks every header's sum before believing it.
 */
#ifndef LP_TAR_MEMBER_H
#define LP_TAR_MEMBER_H

#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/str.h"

struct tar_reader {
    FILE *fp;
    char *path;  /* as opened, for words */
    char *bytes; /* the member read last; owned, grown only */
    size_t cap, size;
    char name[1024]; /* of the member read last */
};

/* ERR_NOINPUT if it cannot be opened. */
int tar_open(struct tar_reader *t, const char *path, struct err *err) LP_MUST_CHECK;
void tar_close(struct tar_reader *t);

/*
 * Finds the picture (a member that ends in .jpg, .jpeg or .png, but not in .mask.png) of the sample
 * whose first header starts at `offset`: it is among the members that share the part of the name
 * before the first dot of the last path part. Leaves it in bytes, size and name.
 * ERR_DATA when there is no header there, the file ends early or the sample has no picture.
 */
int tar_sample_at(struct tar_reader *t, long long offset, struct err *err) LP_MUST_CHECK;

/* The same for the sample `key`, found by reading headers from the front. */
int tar_sample_named(struct tar_reader *t, const char *key, struct err *err) LP_MUST_CHECK;

/* out = the key under which lp-swap stores the sample `id`: '/' is '+', letters, digits, '-' and
 * '_' stay, any other byte is =XX. */
void tar_key_of_id(const char *id, struct str *out);

#endif
