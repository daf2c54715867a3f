#include "reports/models.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

const char *const level_names[N_LEVELS] = {[LEVEL_VIDEO] = "video", [LEVEL_FRAME] = "frame"};

/* Keys that lp-evaluate writes, in words. */
static const struct metric_words {
    const char *key, *label, *help;
} metric_table[] = {
    {"auc", "AUC",
     "chance that a random fake scores above a random real one, ties counting one half; 0.5 is "
     "guessing"},
    {"ap", "Average precision",
     "area under precision over recall, fakes sought; its chance level is the share of fakes"},
    {"eer", "Equal error rate",
     "where as large a share of the real is called fake as of the fakes is missed; lower is "
     "better"},
    {"eer_hull", "Equal error rate, hull", "the same on the convex hull of the ROC curve"},
    {"tpr_at_fpr_0.1", "TPR at FPR 10 %",
     "fakes found while at most one real in 10 is called fake"},
    {"tpr_at_fpr_0.01", "TPR at FPR 1 %",
     "fakes found while at most one real in 100 is called fake"},
    {"tpr_at_fpr_0.001", "TPR at FPR 0.1 %",
     "fakes found while at most one real in 1,000 is called fake"},
    {"tpr_interpolated_at_fpr_0.1", "TPR at FPR 10 %, interpolated",
     "on the line between the two thresholds around it"},
    {"tpr_interpolated_at_fpr_0.01", "TPR at FPR 1 %, interpolated", "likewise"},
    {"tpr_interpolated_at_fpr_0.001", "TPR at FPR 0.1 %, interpolated", "likewise"},
    {"pauc_raw_0.1", "Partial AUC, FPR to 10 %, raw",
     "the area itself: 0.005 is guessing, 0.1 is perfect"},
    {"pauc_raw_0.01", "Partial AUC, FPR to 1 %, raw",
     "the area itself: 0.00005 is guessing, 0.01 is perfect"},
    {"pauc_0.1", "Partial AUC, FPR to 10 %", "McClish's scale: 0.5 is guessing, 1 is perfect"},
    {"pauc_0.01", "Partial AUC, FPR to 1 %", "McClish's scale: 0.5 is guessing, 1 is perfect"},
    {"accuracy", "Accuracy", "share of right answers at the threshold"},
    {"balanced_accuracy", "Balanced accuracy",
     "mean of the shares of right answers among real and fake at the threshold"},
    {"f1", "F1", "harmonic mean of precision and recall of fakes at the threshold"},
    {"precision", "Precision", "share of fakes among what is called fake"},
    {"brier_miscalibration", "Brier score, miscalibration",
     "the part of it that calibrating the scores would take away; lower is better"},
    {"brier_discrimination", "Brier score, discrimination",
     "the part by which the scores do better than their mean; higher is better"},
    {"brier", "Brier score", "mean squared distance of score and label; lower is better"},
    {"log_loss", "Log loss", "mean negative log probability of the label, nats; lower is better"},
    {"ece_width", "Calibration error, equal bins",
     "mean gap of score and share of fakes in 15 bins of equal width; lower is better"},
    {"ece_mass", "Calibration error, equal mass",
     "the same in bins of equally many scores; lower is better"},
};

const char *metric_label(const char *key)
{
    size_t i;

    for (i = 0; i < sizeof(metric_table) / sizeof(*metric_table); i++)
        if (strcmp(metric_table[i].key, key) == 0)
            return metric_table[i].label;
    return key;
}

const char *metric_help(const char *key)
{
    size_t i;

    for (i = 0; i < sizeof(metric_table) / sizeof(*metric_table); i++)
        if (strcmp(metric_table[i].key, key) == 0)
            return metric_table[i].help;
    return NULL;
}

struct model_counts model_counts_read(const struct jsonr *n)
{
    struct model_counts c;
    const struct {
        const char *key;
        long long *value;
    } fields[] = {
        {"frames", &c.frames},           {"videos", &c.videos},
        {"components", &c.components},   {"identities", &c.identities},
        {"real_videos", &c.real_videos}, {"fake_videos", &c.fake_videos},
        {"real_frames", &c.real_frames}, {"fake_frames", &c.fake_frames},
    };
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (!jsonr_as_int(jsonr_get(n, fields[i].key), fields[i].value))
            *fields[i].value = -1;
    return c;
}

int models_load(struct models *m, const struct jsonr *metrics, struct err *err)
{
    const struct jsonr *list = jsonr_get(metrics, "models");
    size_t i, n = jsonr_kind_of(list) == JSONR_ARRAY ? jsonr_size(list) : 0;
    int level;

    *m = (struct models){0};
    if (!metrics || n == 0)
        return 0;
    m->model = mem_array(n, sizeof(*m->model));
    if (!m->model)
        return err_nomem(err);
    for (i = 0; i < n; i++) {
        struct model *one = &m->model[i];

        one->node = jsonr_at(list, i);
        one->name = jsonr_as_text(jsonr_get(one->node, "name"));
        if (!one->name) {
            models_release(m);
            return err_set(err, ERR_DATA, "metrics.json: model %zu has no name", i);
        }
        one->n = model_counts_read(jsonr_get(one->node, "n"));
        for (level = 0; level < N_LEVELS; level++)
            one->level[level] = jsonr_get(one->node, level_names[level]);
    }
    m->n = n;
    return 0;
}

void models_release(struct models *m)
{
    free(m->model);
    *m = (struct models){0};
}

struct measure model_measure(const struct model *m, enum model_level level, const char *metric)
{
    return measure_read(jsonr_get(m->level[level], metric));
}
