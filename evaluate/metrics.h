/*
 * The table of metrics, and their measurement at one level (frames, videos, a group of either).
 *
 * A metric's key in metrics.json is its `key`; --check knows it as key.level. A new metric is a
 * line in metric_table.c and, if it is not read off the sorted sample, a case in its file.
 */
#ifndef LP_METRICS_H
#define LP_METRICS_H

#include "evaluate/auc.h"
#include "evaluate/clusters.h"
#include "evaluate/curve.h"

enum metric {
    METRIC_AUC,
    METRIC_AP,
    METRIC_EER,
    METRIC_EER_HULL,
    METRIC_TPR_10,
    METRIC_TPR_1,
    METRIC_TPR_01,
    METRIC_PAUC_10,
    METRIC_PAUC_1,
    METRIC_ACCURACY,
    METRIC_BALANCED,
    METRIC_BRIER,
    METRIC_LOG_LOSS,
    METRIC_ECE_WIDTH,
    METRIC_ECE_MASS,
    METRIC_F1,
    METRIC_TPR_10_LINE,
    METRIC_TPR_1_LINE,
    METRIC_TPR_01_LINE,
    METRIC_PAUC_10_RAW,
    METRIC_PAUC_1_RAW,
    METRIC_MISCALIBRATION,
    METRIC_DISCRIMINATION,
    N_METRICS
};

struct metric_row {
    const char *key;   /* "auc" */
    const char *title; /* "AUC" */
    const char *about; /* a sentence: definition and source */
    bool higher_is_better;
    bool minor; /* left out of the table for people */
};

extern const struct metric_row metric_rows[N_METRICS];

/* A number with what is needed to judge it. */
struct measure {
    double value;           /* NaN = undefined */
    const char *undefined;  /* why, in words; NULL when value is a number */
    double lo, hi;          /* 95 % limits; NaN = none */
    const char *method;     /* how the limits were made, or why there are none */
    const char *unresolved; /* why the value says little though it is defined; NULL = it is fine */
    double se;              /* standard error that goes with them; NaN = none */
    /* Clustered variance over that of independent frames (of the AUC by DeLong, of shares and means
     * by their formula, of the rest by a small bootstrap of frames); NaN = not known. */
    double design_effect;
    size_t n, n_positive, clusters;
    double boot_lo, boot_hi; /* percentile limits of the clustered bootstrap; NaN = none */
    double bca_lo, bca_hi;
    double two_way_lo, two_way_hi; /* over targets and donors, where the main limits are not */
    double iid_lo, iid_hi; /* limits that take frames as independent: shown to be too narrow */
};

struct measure measure_undefined(const char *why);

struct level_options {
    uint64_t seed;
    size_t replicates; /* 0 = no bootstrap */
    unsigned jobs;
    double threshold;        /* for accuracy */
    const struct ways *ways; /* the sample's clusters are its cells; NULL = one way */
    const struct clusters
        *crossed; /* cells for a second opinion on the AUC, by video; NULL = none */
    const char *cluster_name;
    bool band;           /* fill lo and hi of the ROC points */
    size_t curve_points; /* 0 = no curve wanted */
};

/* One point of a curve that goes into curves.tsv. */
struct plot_point {
    double x, y, lo, hi, threshold; /* lo, hi NaN = no band */
};

struct plot {
    struct plot_point *p;
    size_t n;
};

struct level {
    size_t n, n_pos, n_neg, clusters;
    struct measure m[N_METRICS];
    struct plot roc, pr;      /* empty unless asked for */
    struct plot band;         /* the whole ROC curve with limits, on a fixed grid of rates */
    struct plot simultaneous; /* the same with limits that hold for all rates at once */
    double band_width;        /* of the latter, in standard deviations; NaN = there is none */
};

/* Everything about one sample. A class that is missing makes measures undefined; it is no error. */
int level_measure(struct level *out, const struct sample *s, const struct level_options *o,
                  struct err *err) LP_MUST_CHECK;
void level_release(struct level *l);

/* 95 % limits of an AUC with this variance over clusters, on the logit scale with Student's t; an
 * AUC of exactly 0 or 1 has no variance to speak of and gets the exact bound of that many
 * independent pairs. Fills value, limits, se, method. */
void measure_auc(struct measure *m, const struct auc *a);

#endif
