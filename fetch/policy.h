/*
 * What becomes of components that lie in more than one of train, val and test.
 *
 *   listed    nothing: the split as published
 *   trimmed   of such a component the videos of the first of train, val, test stay, the others are
 *             in no split: what was trained on the published train part stays valid, and the test
 *             part holds nobody who was trained on
 *   disjoint  such a component goes to one split as a whole, to the one of its own that is shortest
 *             of videos in proportion; with no list at all, all components are dealt out
 */
#ifndef LP_POLICY_H
#define LP_POLICY_H

#include <stdint.h>

#include "fetch/catalogue.h"

enum policy { POLICY_LISTED, POLICY_TRIMMED, POLICY_DISJOINT }; /* as in dataset.split */

struct split_settings {
    enum policy policy;
    uint64_t seed;
    double shares[N_SPLITS]; /* of train, val, test where nothing is listed; sum 1 */
};

/* Sets `split` of all videos of a finished catalogue. *changed counts those that differ from
 * `listed`. */
int policy_apply(struct catalogue *c, const struct split_settings *s, size_t *changed,
                 struct err *err) LP_MUST_CHECK;

#endif
