/*
 * What is to be made from extract.tsv, in which order and in which tar.
 *
 * The unit of work is a moment: one face in one frame number of one pair group, that is a pristine
 * face and the same face of every fake made from it, so that each crop is read once. The moments of
 * an epoch are put into a random order keyed by (seed, epoch, moment), so that a tar holds faces
 * from all over the data set, and are cut into tars of about `shard_samples` samples. All this
 * depends on the whole manifest and the settings only: `--shard I/N` takes every N-th tar of the
 * same plan.
 */
#ifndef LP_SWAP_PLAN_H
#define LP_SWAP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/manifest.h"

/* The columns of extract.tsv that are read, in the order of plan_columns. */
enum plan_column {
    PLAN_ID,
    PLAN_VIDEO,
    PLAN_PAIR,
    PLAN_LABEL,
    PLAN_SPLIT,
    PLAN_FACE_ID,
    PLAN_CONTEXT_ID,
    PLAN_COMPONENT,
    PLAN_FRAME,
    PLAN_CROP_X,
    PLAN_CROP_Y,
    PLAN_CROP_W,
    PLAN_CROP_H,
    PLAN_IMAGE,
    PLAN_LANDMARKS,
    PLAN_LANDMARK_ROW,
    PLAN_STATUS,
    PLAN_N_COLUMNS
};
extern const char *const plan_columns[PLAN_N_COLUMNS + 1];

struct plan_entry {
    uint64_t moment; /* hash of (group, frame) */
    uint32_t row;    /* of the manifest */
    bool pristine;   /* a row of the pristine video */
    bool wanted;     /* gives samples; otherwise it only serves as the partner of others */
};

struct plan_moment {
    uint64_t key;
    size_t first; /* entry[first .. first + n - 1]; the pristine one, if any, first */
    uint32_t n;
    uint32_t samples; /* an epoch */
};

struct plan {
    struct plan_entry *entry;
    size_t entries;
    struct plan_moment *moment;
    size_t moments;
    unsigned long long samples; /* an epoch */
};

/*
 * Reads the rows with status ok. `splits`: NULL-terminated names of the splits that give samples
 * ("-" or "." in the table is "none" here). `genuine`: samples of each pristine frame an epoch.
 * `real_only`: each pristine frame gives one more sample, and fake frames are passed over.
 * ERR_DATA if no row is wanted, naming the splits.
 */
int plan_init(struct plan *p, const struct manifest *m, const int *cols, const char *const *splits,
              unsigned genuine, bool real_only, struct err *err) LP_MUST_CHECK;
void plan_release(struct plan *p);

/* One tar: moments order[first .. first + n - 1] of its epoch. */
struct plan_tar {
    uint32_t epoch;
    size_t first, n;
};

/* order = the moments of an epoch in their random order (plan->moments numbers). */
int plan_order(const struct plan *p, uint64_t seed, uint32_t epoch, size_t **order,
               struct err *err) LP_MUST_CHECK;

/* Cuts an epoch into tars of at least `shard_samples` planned samples (the last may have fewer)
 * and appends them to *tars (grown with mem_grow). */
int plan_cut(const struct plan *p, const size_t *order, uint32_t epoch, unsigned shard_samples,
             struct plan_tar **tars, size_t *n, size_t *cap, struct err *err) LP_MUST_CHECK;

#endif
