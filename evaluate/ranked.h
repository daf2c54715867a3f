/*
 * Scored units in the order of their scores: what every ranking metric sweeps over.
 *
 * An item belongs to a unit (a video); the unit has the label and the cluster. At the frame level a
 * unit has many items, at the video level one.
 */
#ifndef LP_RANKED_H
#define LP_RANKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#pragma pack(push, 4)
struct item { /* 12 bytes: at 1e7 frames memory traffic is the cost */
    double score;
    uint32_t unit;
};
#pragma pack(pop)

struct sample {
    struct item *item; /* ascending in score; owned (bulk.h) */
    size_t n;
    const uint8_t *label;    /* of a unit: 0 real, 1 fake; not owned */
    const uint32_t *cluster; /* of a unit: 0 .. n_clusters - 1; not owned */
    size_t n_clusters;
    size_t n_pos, n_neg; /* items */
};

/* Sorts n finite scores with their units. Items of equal score keep their order. `use`, if not
 * NULL, says for each unit whether its items are taken. Scores are sorted by their float32 rounding
 * (three counting passes), and what that ties, by the doubles: exact for any input. */
int sample_make(struct sample *s, const double *score, const uint32_t *unit, size_t n,
                const uint8_t *label, const uint32_t *cluster, size_t n_clusters,
                const uint8_t *use, struct err *err) LP_MUST_CHECK;

void sample_release(struct sample *s);

#endif
