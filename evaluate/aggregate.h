/* From the scores of frames to the score of a video. */
#ifndef LP_AGGREGATE_H
#define LP_AGGREGATE_H

#include "evaluate/dataset.h"

enum aggregate {
    AGGREGATE_MEAN, /* what the papers report */
    AGGREGATE_MAX,
    AGGREGATE_MEDIAN,  /* even counts: mean of the middle two */
    AGGREGATE_TOP8,    /* mean of the 8 highest; of all if fewer */
    AGGREGATE_TRIMMED, /* mean without the lowest and highest tenth, rounded down */
    N_AGGREGATES
};

const char *aggregate_name(enum aggregate a);

/* The used videos that have frames, and their scores. */
struct video_scores {
    size_t n;
    uint32_t *video; /* ascending */
    double *score;
    uint32_t *frames; /* of each: how many */
};

int aggregate_videos(struct video_scores *v, const struct model *m, size_t n_videos,
                     const uint8_t *use, enum aggregate how, struct err *err) LP_MUST_CHECK;
void aggregate_release(struct video_scores *v);

#endif
