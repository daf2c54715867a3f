/* A model's numbers by data set, method, compression and identity, and their means. */
#ifndef LP_JUDGE_GROUPS_H
#define LP_JUDGE_GROUPS_H

#include "evaluate/result.h"

/* A model while it is judged. */
struct judging {
    const struct result *res;
    const struct model *m;
    struct model_result *out;
    const struct video_scores *v; /* of the judged videos */
    const uint8_t *label;         /* of each video of the data set */
    const struct level_options *level;
};

/* Fills group, breakdown (those that are not one group over again), average and identity. */
int judge_groups(const struct judging *j, struct err *err) LP_MUST_CHECK;

#endif
