/*
 * Whose face is pasted: for a real frame, the frame of another person whose landmarks lie alike.
 *
 * Face X-ray (Li et al., CVPR 2020, section 3.2) takes, among 5,000 frames drawn at random from
 * other videos, the one with the least sum of distances between corresponding points. So here: all
 * donors of a split are kept in one random order (keyed by the seed), at most DONOR_POOL of them,
 * as 68 points where the template puts them (swap/pose.h, without jitter); a sample looks at
 * `candidates` of them from a place of its own on, but no more than half of the pool, so that a
 * small data set also gives a frame different donors in different epochs.
 *
 * A donor is a real frame of the same split, of another video, and of another component (the people
 * linked by the data set's fakes; where it is not known, of another identity). A component with
 * frames in more than one split gives no donors at all: its people would carry the training set
 * into the test set.
 *
 * Pure functions of manifest, landmarks and seed. Memory: 560 bytes a donor, at most 11 MiB a
 * split.
 */
#ifndef LP_SWAP_DONOR_H
#define LP_SWAP_DONOR_H

#include "lib/manifest.h"
#include "swap/plan.h"
#include "swap/pose.h"

#define DONOR_POOL   20000 /* a split */
#define DONOR_POINTS 68

struct donor {
    uint64_t order;                             /* place in the random order */
    uint64_t split, component, video, identity; /* hashes; component and identity 0 = not known */
    uint32_t row;                               /* of the manifest */
    float p[DONOR_POINTS][2];                   /* sample pixels */
};

struct donor_index {
    struct donor *donor; /* by split, then by order */
    size_t n;
    size_t crossing; /* real frames left out because their component is in several splits */
    size_t unfit;    /* left out because their landmarks cannot be read */
};

/* Reads the landmarks of the manifest's real ok rows, files relative to `folder`. `scale`: of the
 * template. */
int donor_index_init(struct donor_index *d, const struct manifest *m, const int *cols,
                     const char *folder, double scale, uint64_t seed,
                     struct err *err) LP_MUST_CHECK;
void donor_index_release(struct donor_index *d);

/* The manifest row of the donor for `row`, or -1 if there is none. Any thread. */
long long donor_find(const struct donor_index *d, const struct manifest_row *row, const int *cols,
                     const struct landmarks *l, double scale, unsigned candidates, uint64_t seed,
                     uint32_t epoch, const char *id);

#endif
