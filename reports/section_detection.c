/* How well real and fake are told apart: curves, densities, all metrics; then by group. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/html.h"
#include "reports/page.h"
#include "reports/words.h"

static void level_figures(struct page *p, const char *level)
{
    static const char *const stems[] = {"roc", "roc-low", "det"};
    char name[64];
    size_t i;

    str_add(&p->html, "<div class=\"figures\">\n");
    for (i = 0; i < sizeof(stems) / sizeof(*stems); i++) {
        snprintf(name, sizeof(name), "%s-%s", stems[i], level);
        page_figure(p, name);
    }
    for (i = 0; i < FIGURE_MODELS; i++) {
        snprintf(name, sizeof(name), "density-%s-%zu", level, i + 1);
        page_figure(p, name);
    }
    str_add(&p->html, "</div>\n");
}

/* A row a metric, in the order of the file; members that are no measures are passed over. */
static void metric_rows(struct page *p, const struct model *m)
{
    const struct jsonr *order =
        m->level[LEVEL_VIDEO] ? m->level[LEVEL_VIDEO] : m->level[LEVEL_FRAME];
    size_t i;
    int level;

    for (i = 0; i < jsonr_size(order); i++) {
        const char *key, *help;
        const struct jsonr *node = jsonr_member(order, i, &key);

        if (jsonr_kind_of(jsonr_get(node, "value")) == JSONR_NULL && !jsonr_get(node, "undefined"))
            continue;
        str_add(&p->html, "<tr><th scope=\"row\">");
        html_text(&p->html, metric_label(key));
        if ((help = metric_help(key))) {
            str_add(&p->html, "<small>");
            html_text(&p->html, help);
            str_add(&p->html, "</small>");
        }
        str_add(&p->html, "</th>");
        for (level = 0; level < N_LEVELS; level++) {
            struct measure one = model_measure(m, (enum model_level)level, key);

            measure_cell(&p->html, &one, level_names[level]);
        }
        str_add(&p->html, "</tr>\n");
    }
}

static void counts_line(struct page *p, const struct model *m)
{
    const struct jsonr *n = jsonr_get(m->node, "n"), *per = jsonr_get(n, "frames_a_video");
    const struct {
        long long n;
        const char *noun;
    } all[] = {{m->n.frames, "frame"},           {m->n.videos, "video"},
               {m->n.real_videos, "real video"}, {m->n.fake_videos, "fake video"},
               {m->n.components, "component"},   {m->n.identities, "identity"}};
    char number[WORDS_MAX], noun[WORDS_MAX];
    double min, median, max;
    const char *sep = "";
    size_t i;

    str_add(&p->html, "<p class=\"small\">n: ");
    for (i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (all[i].n >= 0) {
            str_addf(&p->html, "%s%s %s", sep, words_count(all[i].n, number),
                     words_plural(all[i].n, all[i].noun, noun));
            sep = ", ";
        }
    if (jsonr_as_real(jsonr_at(per, 0), &min) && jsonr_as_real(jsonr_at(per, 1), &median) &&
        jsonr_as_real(jsonr_at(per, 2), &max))
        str_addf(&p->html,
                 min == max ? "%s%g frames a video" : "%s%g to %g frames a video, median %g", sep,
                 min, max, median);
    str_add(&p->html, ".</p>\n");
}

/* Opens a table with the heading and label "WORDS: MODEL". */
static void model_table(struct page *p, const char *words, const struct model *m,
                        const char *const *head)
{
    struct str label = STR_INIT;

    str_addf(&label, "%s: %s", words, m->name);
    str_add(&p->html, "<h3>");
    html_text(&p->html, label.s);
    str_add(&p->html, "</h3>\n");
    html_table(&p->html, label.s ? label.s : words);
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    str_release(&label);
}

static void key_cell(struct page *p, const struct jsonr *node, const char *key)
{
    struct str words = STR_INIT;
    const char *text = jsonr_as_text(jsonr_get(node, key));

    words_of_key(&words, text ? text : "-");
    html_cell(&p->html, words.s);
    str_release(&words);
}

/* What thresholds that were chosen on the val split lead to on the judged one. */
static void operating_points(struct page *p, const struct model *m)
{
    static const char *const head[] = {"Chosen on val for", "Level", "#Threshold",
                                       "Balanced accuracy", "F1",    "True positives",
                                       "False positives",   NULL};
    static const char *const keys[] = {"balanced_accuracy", "f1", "tpr", "fpr"};
    const struct jsonr *points = jsonr_get(m->node, "operating_points");
    char text[WORDS_MAX];
    double threshold;
    size_t i, k;

    if (jsonr_size(points) == 0)
        return;
    model_table(p, "At thresholds chosen on the val split", m, head);
    for (i = 0; i < jsonr_size(points); i++) {
        const struct jsonr *one = jsonr_at(points, i);

        str_add(&p->html, "<tr>");
        key_cell(p, one, "criterion");
        key_cell(p, one, "level");
        str_addf(&p->html, "<td class=\"n\">%s</td>",
                 jsonr_as_real(jsonr_get(one, "threshold"), &threshold)
                     ? words_real(threshold, text)
                     : "above all");
        for (k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
            struct measure value = measure_read(jsonr_get(one, keys[k]));

            measure_cell(&p->html, &value, NULL);
        }
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
}

/* Means in which every data set, group or person counts the same. */
static void averages(struct page *p, const struct model *m)
{
    static const char *const head[] = {
        "Mean over", "Level", "#Of", "AUC", "Average precision", "Equal error rate", NULL};
    static const char *const keys[] = {"auc", "ap", "eer"};
    const struct jsonr *list = jsonr_get(m->node, "averages");
    long long n;
    size_t i, k;

    if (jsonr_size(list) == 0)
        return;
    model_table(p, "Means that count each the same", m, head);
    for (i = 0; i < jsonr_size(list); i++) {
        const struct jsonr *one = jsonr_at(list, i);

        str_add(&p->html, "<tr>");
        key_cell(p, one, "over");
        key_cell(p, one, "level");
        html_count(&p->html, jsonr_as_int(jsonr_get(one, "groups"), &n) ? n : 0);
        for (k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
            struct measure value = measure_read(jsonr_get(one, keys[k]));

            measure_cell(&p->html, &value, NULL);
        }
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
}

int section_detection(struct page *p, struct err *err)
{
    static const char *const head[] = {"Metric", "Video level", "Frame level", NULL};
    struct str label = STR_INIT;
    size_t i;

    if (!p->run.metrics) {
        page_missing(p, RUN_TABLES);
        return 0;
    }
    if (!p->run.table[RUN_CURVES].there)
        page_missing(p, RUN_CURVES);
    level_figures(p, "video");
    for (i = 0; i < p->models.n; i++) {
        const struct model *m = &p->models.model[i];
        struct measure auc = model_measure(m, LEVEL_VIDEO, "auc");

        str_add(&p->html, "<h3>All metrics: ");
        html_text(&p->html, m->name);
        str_add(&p->html, "</h3>\n");
        counts_line(p, m);
        str_clear(&label);
        str_addf(&label, "Metrics of %s", m->name);
        html_table(&p->html, label.s ? label.s : "Metrics");
        html_head(&p->html, head);
        str_add(&p->html, "<tbody>");
        metric_rows(p, m);
        str_add(&p->html, "</tbody>");
        html_table_end(&p->html);
        if (auc.method) {
            str_add(&p->html, "<p class=\"small\">Brackets hold 95 % intervals; that of the AUC: ");
            html_text(&p->html, auc.method);
            str_add(&p->html, ". The design effect says how much wider the variance is than if "
                              "frames were independent.</p>\n");
        }
        operating_points(p, m);
        averages(p, m);
    }
    if (curves_find(&p->curves, NULL, "frame", "all", NULL, NULL)) {
        str_add(&p->html, "<h3>The same at the level of frames</h3>\n"
                          "<p>Frames of one video are no independent witnesses; these curves are "
                          "for comparison with papers that count frames.</p>\n");
        level_figures(p, "frame");
    }
    str_release(&label);
    return str_failed(&p->html) ? err_nomem(err) : 0;
}

/* ---- by group --------------------------------------------------------------------------------*/

static void group_cells(struct page *p, const struct jsonr *group)
{
    static const char *const keys[] = {"dataset", "method", "compression"};
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const char *text = jsonr_as_text(jsonr_get(group, keys[i]));

        if (i == 1)
            html_row_name(&p->html, text ? text : "-");
        else
            html_cell(&p->html, text ? text : "-");
    }
}

static void group_table(struct page *p, const struct model *m)
{
    static const char *const head[] = {"Data set",  "Method",    "Compression", "Video AUC",
                                       "Video EER", "Frame AUC", NULL};
    const struct jsonr *groups = jsonr_get(m->node, "groups");
    struct str label = STR_INIT;
    size_t i;

    if (jsonr_size(groups) == 0)
        return;
    str_add(&p->html, "<h3>");
    html_text(&p->html, m->name);
    str_add(&p->html, "</h3>\n");
    str_addf(&label, "Groups of %s", m->name);
    html_table(&p->html, label.s ? label.s : "Groups");
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    for (i = 0; i < jsonr_size(groups); i++) {
        const struct jsonr *group = jsonr_at(groups, i);
        const struct jsonr *video = jsonr_get(group, "video"), *frame = jsonr_get(group, "frame");
        struct measure auc = measure_read(jsonr_get(video, "auc"));
        struct measure eer = measure_read(jsonr_get(video, "eer"));
        struct measure frame_auc = measure_read(jsonr_get(frame, "auc"));

        str_add(&p->html, "<tr>");
        group_cells(p, group);
        measure_cell(&p->html, &auc, "video");
        measure_cell(&p->html, &eer, NULL);
        measure_cell(&p->html, &frame_auc, "frame");
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
    str_release(&label);
}

/* "dataset method compression" of a group. */
static void group_name(struct str *out, const struct jsonr *group)
{
    static const char *const keys[] = {"dataset", "method", "compression"};
    size_t i;

    str_clear(out);
    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const char *text = jsonr_as_text(jsonr_get(group, keys[i]));

        str_addf(out, "%s%s", i ? " / " : "", text ? text : "-");
    }
}

/* A shade for an AUC: the further from guessing, the stronger; orange below 0.5, blue above. */
static void shaded_cell(struct page *p, const struct measure *m)
{
    char text[WORDS_MAX];

    if (!m->there || !m->defined) {
        measure_cell(&p->html, m, NULL);
        return;
    }
    str_addf(&p->html, "<td class=\"n\" style=\"background:rgba(%s,%.2f)\">%s</td>",
             m->value < 0.5 ? "213,94,0" : "0,114,178", fabs(m->value - 0.5) * 0.9,
             words_real(m->value, text));
}

/* All detectors against all groups: how far a result on one data set carries to the next. */
static void matrix(struct page *p)
{
    struct str want = STR_INIT, have = STR_INIT;
    const struct jsonr *groups = jsonr_get(p->models.model[0].node, "groups");
    size_t g, i, k;

    if (p->models.n < 2 || jsonr_size(groups) == 0)
        return;
    str_add(&p->html, "<h3>Video AUC of every detector on every group</h3>\n");
    html_table(&p->html, "Video AUC by group and detector");
    str_add(&p->html, "<thead><tr><th scope=\"col\">Group</th>");
    for (i = 0; i < p->models.n; i++) {
        str_add(&p->html, "<th scope=\"col\" class=\"n\">");
        html_text(&p->html, p->models.model[i].name);
        str_add(&p->html, "</th>");
    }
    str_add(&p->html, "</tr></thead>\n<tbody>");
    for (g = 0; g < jsonr_size(groups); g++) {
        group_name(&want, jsonr_at(groups, g));
        str_add(&p->html, "<tr>");
        html_row_name(&p->html, want.s);
        for (i = 0; i < p->models.n; i++) {
            const struct jsonr *mine = jsonr_get(p->models.model[i].node, "groups");
            struct measure m = measure_read(NULL);

            for (k = 0; k < jsonr_size(mine); k++) {
                group_name(&have, jsonr_at(mine, k));
                if (!str_failed(&want) && !str_failed(&have) && strcmp(want.s, have.s) == 0)
                    m = measure_read(jsonr_get(jsonr_get(jsonr_at(mine, k), "video"), "auc"));
            }
            shaded_cell(p, &m);
        }
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
    str_release(&want);
    str_release(&have);
}

int section_groups(struct page *p, struct err *err)
{
    size_t i, n = 0;

    if (!p->run.metrics) {
        page_missing(p, RUN_TABLES);
        return 0;
    }
    for (i = 0; i < p->models.n; i++)
        n += jsonr_size(jsonr_get(p->models.model[i].node, "groups"));
    if (n == 0) {
        html_note(&p->html, "missing", "metrics.json holds no groups (evaluate.groups).");
        return 0;
    }
    str_add(&p->html, "<p>Each method against the same real videos, those of its data set and "
                      "compression.</p>\n<div class=\"figures\">\n");
    page_figure(p, "forest");
    str_add(&p->html, "</div>\n");
    matrix(p);
    for (i = 0; i < p->models.n; i++)
        group_table(p, &p->models.model[i]);
    return str_failed(&p->html) ? err_nomem(err) : 0;
}
