/* The rows of a feature file that the probes work on: identities with two or more videos. */
#ifndef LP_FEATURE_TABLE_H
#define LP_FEATURE_TABLE_H

#include "evaluate/probe_features.h"

struct feature_table {
    const struct result *res;
    const struct features *f;
    const struct feature_options *o;
    struct probes *out;
    size_t n, n_videos, n_groups;
    float *x;                /* (n, dim), owned */
    uint32_t *video, *group; /* of each row */
    uint32_t *source;        /* of each row: its row in f */
    uint32_t *group_of;      /* of each dense video */
    uint32_t *whole;         /* of each dense video: its index in the data set */
    uint8_t *part;           /* of each row: 0 train, 1 test */
    uint8_t *label;          /* of each row: 1 fake */
};

/* At most o->max_identities identities, the first by name number. */
int feature_table_make(struct feature_table *t, const struct result *res, const struct features *f,
                       const struct feature_options *o, struct probes *out,
                       struct err *err) LP_MUST_CHECK;
void feature_table_release(struct feature_table *t);

/* Fills part. By video: half of each identity's videos train. By component: half of the components
 * (of the clusters in force) train, so that the test half knows nobody. By frame: half of each
 * video's frames, which measures memory of videos as well. Drawn by the seed. */
int feature_table_split(struct feature_table *t, enum feature_split how,
                        struct err *err) LP_MUST_CHECK;

/* The rows in units of the train half's standard deviations, about its means: directions are
 * directions only where axes have one unit. to (n, dim); sd[dim], 0 for a feature that does not
 * vary (its column becomes 0). */
int feature_table_standard(const struct feature_table *t, float *to, double *sd,
                           struct err *err) LP_MUST_CHECK;

/* Permutes identities over the videos: round `round` of `purpose`. */
void feature_table_shuffle(const struct feature_table *t, uint32_t *group_of, uint32_t round,
                           const char *purpose);

/* An answer about n of `unit`, identity = face; NULL when memory is out. */
struct probe *feature_table_add(struct feature_table *t, const char *name, const char *unit,
                                size_t n);

#endif
