/* The detectors of metrics.json, as the page needs them. */
#ifndef LP_MODELS_H
#define LP_MODELS_H

#include <stddef.h>

#include "lib/err.h"
#include "lib/json.h"
#include "reports/measure.h"

enum model_level { LEVEL_VIDEO, LEVEL_FRAME, N_LEVELS };
extern const char *const level_names[N_LEVELS]; /* "video", "frame" */

/* Counts that metrics.json gives beside numbers; -1 = not given. */
struct model_counts {
    long long frames, videos, components, identities;
    long long real_videos, fake_videos, real_frames, fake_frames;
};

struct model {
    const char *name; /* lives as long as the document, as do the nodes */
    const struct jsonr *node;
    const struct jsonr *level[N_LEVELS]; /* metrics by name; NULL = none */
    struct model_counts n;
};

struct models {
    struct model *model;
    size_t n;
};

/* metrics NULL gives none. ERR_DATA if "models" is no list of objects with names. */
int models_load(struct models *m, const struct jsonr *metrics, struct err *err) LP_MUST_CHECK;
void models_release(struct models *m);

struct model_counts model_counts_read(const struct jsonr *n);

/* One metric of a model at a level. */
struct measure model_measure(const struct model *m, enum model_level level, const char *metric);

/* Words for a metric's key: "auc" -> "AUC". Unknown keys are returned as they are. */
const char *metric_label(const char *key);
/* One sentence on what it is; NULL for unknown ones. */
const char *metric_help(const char *key);

#endif
