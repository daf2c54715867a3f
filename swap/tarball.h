/*
 * Puts products into a tar in a shuffled order: up to `shuffle` samples wait, and each newcomer
 * drives out one drawn at random (keyed by the tar), so that the frames of one moment do not lie
 * side by side. What is written depends only on the products and their order.
 */
#ifndef LP_SWAP_TARBALL_H
#define LP_SWAP_TARBALL_H

#include "lib/rng.h"
#include "lib/sink.h"
#include "swap/produce.h"

struct tarball {
    struct sink *sink;
    const char *name; /* as in the manifest: "swap/shard-000000.tar"; NULL for a stream */
    bool folder;      /* the sink is a folder: samples have no offset; the owner's to set */
    struct product *waiting;
    size_t n, limit, capacity;
    struct rng rng;
    struct str rows; /* manifest rows of what was written and of what is bad */
    size_t written;
};

/* Begins a tar on an open sink, which stays the caller's. Keeps memory of earlier ones. `stream`
 * and `epoch` key the order. */
int tarball_begin(struct tarball *t, struct sink *sink, const char *name, size_t shuffle,
                  uint64_t seed, uint32_t epoch, const char *stream, struct err *err) LP_MUST_CHECK;

/* Takes the product's content; *p gets other (emptied) memory in exchange. -EPIPE when nobody reads
 * the stream any more. */
int tarball_add(struct tarball *t, struct product *p, struct err *err) LP_MUST_CHECK;

/* Writes out what is waiting. */
int tarball_end(struct tarball *t, struct err *err) LP_MUST_CHECK;

void tarball_release(struct tarball *t);

#endif
