/* All that one evaluation found out: what the writers of JSON, tables and text read. */
#ifndef LP_RESULT_H
#define LP_RESULT_H

#include "evaluate/aggregate.h"
#include "evaluate/clusters.h"
#include "evaluate/dataset.h"
#include "evaluate/metrics.h"
#include "evaluate/operating.h"
#include "evaluate/probe_answer.h"
#include "evaluate/problems.h"

/* The fakes of one data set, method and compression against the reals of the same data set and
 * compression. Numbers of names. */
struct group_result {
    uint32_t dataset, method, compression;
    struct level frame, video;
};

/* All fakes of a data set, of a method, at a compression, against the reals of the same data sets
 * and compressions. */
enum breakdown_by { BY_DATASET, BY_METHOD, BY_COMPRESSION, N_BY };

struct breakdown {
    enum breakdown_by by;
    uint32_t name;
    struct level frame, video;
};

/* The mean over groups that count the same, however many videos they have. */
struct average {
    const char *over;        /* "group" (data set, method, compression), "dataset", "identity" */
    const char *level;       /* "frame", "video" */
    size_t groups, left_out; /* those with both classes, and those without */
    struct measure auc, ap /* mAP */, eer;
};

struct identity_row {
    uint32_t name;
    size_t real_videos, fake_videos;
    double auc;      /* of its fakes against its reals, videos; NaN = one class only */
    double fpr, tpr; /* of its videos at the threshold; NaN = none of that label */
};

struct aggregate_result {
    enum aggregate how;
    struct measure auc;
};

/* How the scores of a class are spread, in bins between the lowest and highest score. */
#define DENSITY_BINS 50
struct density {
    double lo, hi;
    size_t count[2][DENSITY_BINS]; /* by label */
    size_t n[2];
};

struct identity_mean {
    uint32_t name;
    uint8_t label;
    double mean, lo, hi; /* limits NaN with one video */
    size_t videos;
};

/* The swaps of one donor's face into one target's video: scores with method means taken out (logit
 * scale if all scores lie in (0, 1)), and the additive fit. */
struct swap_cell {
    uint32_t target, donor;
    size_t videos;
    double mean, expected, target_effect, donor_effect;
};

/* A number as another tool makes it, and ours. */
struct compat_row {
    const char *metric; /* "video auc" */
    double theirs, ours;
    char why[240]; /* they differ, or that they do not */
};

struct compat_set {
    uint32_t dataset, compression;
    size_t videos, their_videos;
    struct compat_row row[5];
    size_t n_rows;
};

struct model_result {
    size_t frames, videos, identities;
    size_t components; /* 0 = not known */
    size_t real_frames, real_videos;
    uint32_t frames_min, frames_median, frames_max; /* a video */
    size_t missing_videos; /* known, of the split, with frames to score, without a score */
    size_t no_face_videos; /* in the manifest and the split, without one frame that is ok */
    size_t imputed_videos; /* of both: those that evaluate.missing gave a video score */
    size_t dropped;
    double threshold;           /* of the accuracies */
    const char *threshold_from; /* in words */
    struct level frame, video;
    struct density density[2]; /* frame, video */
    struct aggregate_result aggregate[N_AGGREGATES];
    size_t n_aggregates;
    struct group_result *group;
    size_t n_groups;
    struct breakdown *breakdown;
    size_t n_breakdowns;
    struct average average[6];
    size_t n_averages;
    struct identity_row *identity;
    size_t n_identity_rows;
    struct operating_point point[2][N_CRITERIA]; /* frame, video */
    size_t n_points[2];                          /* 0 = no val split with both classes */
    struct probes probes;
    struct identity_mean *mean;
    size_t n_means;
    struct swap_cell *swap;
    size_t n_swaps;
    struct compat_set *compat;
    size_t n_compat;
    const char *compat_tool; /* whose numbers these are; NULL = none asked for */
    char protocol[400];      /* of the probes */
    char verdict[1000];
};

struct pair_result {
    size_t a, b; /* models */
    const char *level;
    size_t n, clusters;
    double auc_a, auc_b, difference, lo, hi; /* a - b */
    double se, z, p;
    double p_iid; /* frames taken as independent: DeLong 1988 */
    double p_bootstrap;
    double p_exchange;    /* clusters' ranks exchanged between the models */
    double design_effect; /* of the difference */
    double power;         /* to find power_difference, with the clusters at hand */
    double power_difference;
    double detectable;      /* difference that is found in 80 of 100 such tests */
    double clusters_needed; /* for 80 % power at power_difference */
    double p_holm, p_bh;    /* over all pairs of a level */
    const char *undefined;
};

struct result {
    struct dataset data;
    struct problems problems;
    struct clusters clusters;
    struct clusters crossed; /* cells of target and donor, if known and not the clusters already */
    uint8_t *use;            /* of each video: judged */
    const char *split;       /* what is judged: "test", "all", ... */
    struct model_result *model; /* data.n_models of them */
    struct pair_result *pair;
    size_t n_pairs;
    size_t replicates;
    uint64_t seed;
};

void result_release(struct result *r);

#endif
