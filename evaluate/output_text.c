#include "evaluate/output.h"

#include <math.h>
#include <string.h>

static void number(struct str *out, double v, const char *undefined)
{
    if (isnan(v))
        str_addf(out, "undefined (%s)", undefined ? undefined : "not measured");
    else
        str_addf(out, "%.4f", v);
}

static void measure(struct str *out, const struct measure *m)
{
    number(out, m->value, m->undefined);
    if (!isnan(m->lo))
        str_addf(out, " [%.4f, %.4f]", m->lo, m->hi);
    if (!isnan(m->design_effect))
        str_addf(out, "  design effect %.1f", m->design_effect);
}

/* Why a number has no interval; NULL also for numbers that are not in the table. */
static const char *no_interval(const struct level *l, int k)
{
    static const char prefix[] = "no interval: ";
    const struct measure *m = &l->m[k];
    size_t n = strlen(prefix);

    if (metric_rows[k].minor || isnan(m->value) || !isnan(m->lo))
        return NULL;
    return !m->method ? "not measured" : strncmp(m->method, prefix, n) ? m->method : m->method + n;
}

/* Which numbers of a level cannot be trusted as they stand, one line a reason. */
static void notes(struct str *out, const char *name, const struct level *l)
{
    int k, j;

    for (k = 0; k < N_METRICS; k++) {
        const char *why = no_interval(l, k);
        bool told = !why;

        for (j = 0; j < k && !told; j++)
            told = no_interval(l, j) && !strcmp(no_interval(l, j), why);
        if (told)
            continue;
        str_addf(out, "  %s, no interval (%s):", name, why);
        for (j = k; j < N_METRICS; j++)
            if (no_interval(l, j) && !strcmp(no_interval(l, j), why))
                str_addf(out, "%s %s", j > k ? "," : "", metric_rows[j].title);
        str_add_c(out, '\n');
    }
    for (k = 0, j = 0; k < N_METRICS; k++)
        if (l->m[k].unresolved && !metric_rows[k].minor && !isnan(l->m[k].value)) {
            if (!j++)
                str_addf(out, "  %s, unresolved (%s, of %zu):", name, l->m[k].unresolved, l->n_neg);
            str_addf(out, "%s %s", j > 1 ? "," : "", metric_rows[k].title);
        }
    if (j)
        str_add_c(out, '\n');
}

static void levels(struct str *out, const struct model_result *m)
{
    size_t i;
    int k;

    str_addf(out, "  %-14s %-46s %s\n", "", "video (mean of frames)", "frame");
    for (k = 0; k < N_METRICS; k++) {
        const struct measure *v = &m->video.m[k], *f = &m->frame.m[k];
        struct str cell = STR_INIT;

        if (metric_rows[k].minor || (isnan(v->value) && isnan(f->value) && k > METRIC_EER))
            continue;
        measure(&cell, v);
        str_addf(out, "  %-14s %-46s ", metric_rows[k].title, cell.s ? cell.s : "");
        str_clear(&cell);
        measure(&cell, f);
        str_addf(out, "%s\n", cell.s ? cell.s : "");
        str_release(&cell);
    }
    notes(out, "video", &m->video);
    notes(out, "frame", &m->frame);
    for (i = 0; i < m->n_aggregates; i++) {
        if (m->aggregate[i].how == AGGREGATE_MEAN)
            continue;
        str_addf(out, "  AUC, video score = %s of frames: ", aggregate_name(m->aggregate[i].how));
        measure(out, &m->aggregate[i].auc);
        str_add_c(out, '\n');
    }
}

static void groups(struct str *out, const struct result *r, const struct model_result *m)
{
    size_t i;

    if (!m->n_groups)
        return;
    str_add(out, "  by method, against the reals of the same data set and compression\n");
    for (i = 0; i < m->n_groups; i++) {
        const struct group_result *g = &m->group[i];

        str_addf(out, "    %s/%s/%s: video AUC ", names_text(&r->data.names, g->dataset),
                 names_text(&r->data.names, g->method), names_text(&r->data.names, g->compression));
        measure(out, &g->video.m[METRIC_AUC]);
        str_add(out, ", frame AUC ");
        measure(out, &g->frame.m[METRIC_AUC]);
        str_addf(out, " (%zu real, %zu fake videos)\n", g->video.n_neg, g->video.n_pos);
    }
}

static void breakdowns(struct str *out, const struct result *r, const struct model_result *m)
{
    static const char *const by[N_BY] = {"data set", "method", "compression"};
    size_t i;

    for (i = 0; i < m->n_breakdowns; i++) {
        const struct breakdown *b = &m->breakdown[i];

        str_addf(out, "  %s %s: video AUC ", by[b->by], names_text(&r->data.names, b->name));
        measure(out, &b->video.m[METRIC_AUC]);
        str_add(out, ", frame AUC ");
        measure(out, &b->frame.m[METRIC_AUC]);
        str_addf(out, " (%zu real, %zu fake videos)\n", b->video.n_neg, b->video.n_pos);
    }
    for (i = 0; i < m->n_averages; i++) {
        const struct average *a = &m->average[i];

        str_addf(out, "  %s, mean over %zu %s%s: AUC ", a->level, a->groups,
                 !strcmp(a->over, "identity") ? "identities"
                 : !strcmp(a->over, "group")  ? "groups"
                                              : "data sets",
                 a->left_out ? " with both classes" : "");
        measure(out, &a->auc);
        if (!isnan(a->ap.value))
            str_addf(out, ", mAP %.4f, EER %.4f", a->ap.value, a->eer.value);
        str_add_c(out, '\n');
    }
}

static void operating_points(struct str *out, const struct model_result *m)
{
    static const char *const levels[] = {"frame", "video"};
    size_t k;
    int l;

    for (l = 1; l >= 0; l--) {
        if (m->n_points[l])
            str_addf(out, "  %s, thresholds chosen on the val split\n", levels[l]);
        for (k = 0; k < m->n_points[l]; k++) {
            const struct operating_point *p = &m->point[l][k];

            str_addf(out, "    %-34s %-11.6g accuracy ", criterion_about(p->criterion),
                     p->threshold);
            measure(out, &p->m[DECISION_ACCURACY]);
            str_add(out, ", balanced ");
            number(out, p->m[DECISION_BALANCED].value, p->m[DECISION_BALANCED].undefined);
            str_add(out, ", F1 ");
            number(out, p->m[DECISION_F1].value, p->m[DECISION_F1].undefined);
            str_add(out, ", FPR ");
            number(out, p->m[DECISION_FPR].value, p->m[DECISION_FPR].undefined);
            str_add_c(out, '\n');
        }
    }
}

static void identity(struct str *out, const struct model_result *m)
{
    size_t i;

    if (!m->probes.n)
        return;
    str_addf(out, "  identity probes: %s\n", m->protocol);
    for (i = 0; i < m->probes.n; i++) {
        const struct probe *p = &m->probes.p[i];
        struct str name = STR_INIT;

        str_addf(&name, "%s%s%s%s%s", p->name, p->map[0] ? ", " : "", p->map,
                 p->label[0] ? ", " : "", p->label);
        str_addf(out, "    %-40s ", name.s ? name.s : "");
        str_release(&name);
        number(out, p->value, p->undefined);
        if (!isnan(p->lo))
            str_addf(out, " [%.4f, %.4f]", p->lo, p->hi);
        if (p->value_unit && !isnan(p->value))
            str_addf(out, " %s", p->value_unit);
        if (!isnan(p->chance))
            str_addf(out, "  chance %.4f", p->chance);
        if (!isnan(p->p))
            str_addf(out, "  p %.4g", p->p);
        if (!isnan(p->value))
            str_addf(out, "  (%zu %s)", p->n, p->unit);
        str_add_c(out, '\n');
    }
    str_addf(out, "  verdict: %s\n", m->verdict);
}

static void compat(struct str *out, const struct result *r, const struct model_result *m)
{
    size_t i, k;

    for (i = 0; i < m->n_compat; i++) {
        const struct compat_set *c = &m->compat[i];

        str_addf(out, "  as %s reckons, %s/%s: %zu videos where we see %zu\n", m->compat_tool,
                 names_text(&r->data.names, c->dataset), names_text(&r->data.names, c->compression),
                 c->their_videos, c->videos);
        for (k = 0; k < c->n_rows; k++) {
            str_addf(out, "    %-14s theirs ", c->row[k].metric);
            number(out, c->row[k].theirs, "one class only");
            str_add(out, "  ours ");
            number(out, c->row[k].ours, "one class only");
            str_addf(out, "  (%s)\n", c->row[k].why);
        }
    }
}

static void pairs(struct str *out, const struct result *r)
{
    size_t i;

    if (r->n_pairs)
        str_add(out, "\npaired comparisons, same items in both\n");
    for (i = 0; i < r->n_pairs; i++) {
        const struct pair_result *p = &r->pair[i];

        str_addf(out, "  %s - %s, %s AUC: ", r->data.model[p->a].name, r->data.model[p->b].name,
                 p->level);
        number(out, p->difference, p->undefined);
        if (!isnan(p->lo))
            str_addf(out, " [%.4f, %.4f]", p->lo, p->hi);
        if (!isnan(p->p))
            str_addf(out, "  p %.3g (Holm %.3g)", p->p, p->p_holm);
        if (!isnan(p->p_exchange))
            str_addf(out, "  p %.3g by exchange", p->p_exchange);
        if (!isnan(p->design_effect))
            str_addf(out, "  design effect %.1f", p->design_effect);
        str_addf(out, "  n %zu\n", p->n);
        if (p->power_difference > 0)
            str_addf(out,
                     "    power to find a difference of %g: %.2f; found in 80 of 100 such tests: "
                     "%.4f; for %g with 80 %%: %.0f clusters\n",
                     p->power_difference, p->power, p->detectable, p->power_difference,
                     p->clusters_needed);
    }
}

void output_text(const struct result *r, struct str *out)
{
    size_t i;

    for (i = 0; i < r->data.n_models; i++) {
        const struct model_result *m = &r->model[i];

        str_addf(out, "%s%s: split %s\n", i ? "\n" : "", r->data.model[i].name, r->split);
        str_addf(out,
                 "  %zu frames (%zu real, %zu fake) of %zu videos (%zu real, %zu fake), %u/%u/%u "
                 "frames a video (least, median, most)\n",
                 m->frames, m->real_frames, m->frames - m->real_frames, m->videos, m->real_videos,
                 m->videos - m->real_videos, (unsigned)m->frames_min, (unsigned)m->frames_median,
                 (unsigned)m->frames_max);
        if (m->imputed_videos)
            str_addf(out, "  the video level counts %zu videos without a score as well%s\n",
                     m->imputed_videos, " (evaluate.missing)");
        str_addf(out, "  %zu identities; 95 %% intervals over %zu clusters by %s%s\n",
                 m->identities, m->video.clusters, cluster_name(r->clusters.by),
                 m->video.clusters < 30 ? " (fewer than 30: take them as rough)" : "");
        str_addf(out, "  accuracy at threshold %.6g (%s)\n", m->threshold, m->threshold_from);
        levels(out, m);
        operating_points(out, m);
        groups(out, r, m);
        breakdowns(out, r, m);
        identity(out, m);
        compat(out, r, m);
    }
    pairs(out, r);
    if (r->problems.n)
        str_add(out, "\nproblems\n");
    for (i = 0; i < r->problems.n; i++)
        str_addf(out, "  %s: %s\n", r->problems.p[i].kind, r->problems.p[i].text);
}
