#include "evaluate/output.h"

#include <math.h>

#include "lib/json.h"
#include "lib/tool.h"

static void limits(struct jsonw *w, const char *key, double lo, double hi)
{
    if (isnan(lo) || isnan(hi)) {
        jsonw_null(w, key);
        return;
    }
    jsonw_array(w, key);
    jsonw_real(w, NULL, lo);
    jsonw_real(w, NULL, hi);
    jsonw_array_end(w);
}

static void real_if(struct jsonw *w, const char *key, double v)
{
    if (!isnan(v))
        jsonw_real(w, key, v);
}

static void measure(struct jsonw *w, const char *key, const struct measure *m)
{
    jsonw_object(w, key);
    jsonw_real(w, "value", m->value);
    limits(w, "ci95", m->lo, m->hi);
    jsonw_text(w, "method", m->method);
    jsonw_real(w, "design_effect", m->design_effect);
    jsonw_int(w, "n", (long long)m->n);
    jsonw_int(w, "n_positive", (long long)m->n_positive);
    jsonw_int(w, "clusters", (long long)m->clusters);
    real_if(w, "se", m->se);
    if (m->unresolved && !isnan(m->value))
        jsonw_text(w, "unresolved", m->unresolved);
    if (!isnan(m->boot_lo))
        limits(w, "ci95_bootstrap", m->boot_lo, m->boot_hi);
    if (!isnan(m->bca_lo))
        limits(w, "ci95_bca", m->bca_lo, m->bca_hi);
    if (!isnan(m->two_way_lo))
        limits(w, "ci95_two_way", m->two_way_lo, m->two_way_hi);
    if (!isnan(m->iid_lo))
        limits(w, "ci95_independent_frames", m->iid_lo, m->iid_hi);
    if (isnan(m->value))
        jsonw_text(w, "undefined", m->undefined ? m->undefined : "not measured");
    jsonw_object_end(w);
}

static void level(struct jsonw *w, const char *key, const struct level *l)
{
    int k;

    jsonw_object(w, key);
    for (k = 0; k < N_METRICS; k++)
        measure(w, metric_rows[k].key, &l->m[k]);
    jsonw_object_end(w);
}

static void name_or_null(struct jsonw *w, const char *key, const struct names *t, uint32_t name)
{
    jsonw_text(w, key, name == NAME_NONE ? NULL : names_text(t, name));
}

static void counts(struct jsonw *w, const struct model_result *m)
{
    jsonw_object(w, "n");
    jsonw_int(w, "frames", (long long)m->frames);
    jsonw_int(w, "videos", (long long)m->videos);
    jsonw_int(w, "components", (long long)(m->components ? m->components : m->video.clusters));
    jsonw_int(w, "identities", (long long)m->identities);
    jsonw_int(w, "real_frames", (long long)m->real_frames);
    jsonw_int(w, "fake_frames", (long long)(m->frames - m->real_frames));
    jsonw_int(w, "real_videos", (long long)m->real_videos);
    jsonw_int(w, "fake_videos", (long long)(m->videos - m->real_videos));
    jsonw_int(w, "missing_videos", (long long)m->missing_videos);
    jsonw_int(w, "no_face_videos", (long long)m->no_face_videos);
    jsonw_int(w, "imputed_videos", (long long)m->imputed_videos);
    jsonw_int(w, "dropped_rows", (long long)m->dropped);
    jsonw_array(w, "frames_a_video");
    jsonw_int(w, NULL, m->frames_min);
    jsonw_int(w, NULL, m->frames_median);
    jsonw_int(w, NULL, m->frames_max);
    jsonw_array_end(w);
    jsonw_object_end(w);
}

static void probe(struct jsonw *w, const struct probe *p)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "name", p->name);
    jsonw_text(w, "identity", p->map[0] ? p->map : NULL);
    jsonw_text(w, "label", p->label[0] ? p->label : NULL);
    jsonw_real(w, "value", p->value);
    limits(w, "ci95", p->lo, p->hi);
    jsonw_real(w, "chance", p->chance);
    jsonw_real(w, "p", p->p);
    jsonw_int(w, "n", (long long)p->n);
    jsonw_text(w, "unit", p->unit);
    if (p->value_unit)
        jsonw_text(w, "value_unit", p->value_unit);
    jsonw_int(w, "identities", (long long)p->identities);
    if (isnan(p->value))
        jsonw_text(w, "undefined", p->undefined[0] ? p->undefined : "not measured");
    jsonw_text(w, "about", p->about);
    jsonw_object_end(w);
}

static void compat(struct jsonw *w, const struct result *r, const struct model_result *m)
{
    size_t i, k;

    jsonw_object(w, "compat");
    jsonw_text(w, "tool", m->compat_tool);
    jsonw_array(w, "sets");
    for (i = 0; i < m->n_compat; i++) {
        const struct compat_set *c = &m->compat[i];

        jsonw_object(w, NULL);
        name_or_null(w, "dataset", &r->data.names, c->dataset);
        name_or_null(w, "compression", &r->data.names, c->compression);
        jsonw_int(w, "videos", (long long)c->videos);
        jsonw_int(w, "their_videos", (long long)c->their_videos);
        jsonw_array(w, "metrics");
        for (k = 0; k < c->n_rows; k++) {
            jsonw_object(w, NULL);
            jsonw_text(w, "metric", c->row[k].metric);
            jsonw_real(w, "theirs", c->row[k].theirs);
            jsonw_real(w, "ours", c->row[k].ours);
            jsonw_text(w, "why", c->row[k].why);
            jsonw_object_end(w);
        }
        jsonw_array_end(w);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_object_end(w);
}

/* What stands behind the numbers of a part. */
static void part_counts(struct jsonw *w, const struct level *frame, const struct level *video)
{
    jsonw_object(w, "n");
    jsonw_int(w, "frames", (long long)frame->n);
    jsonw_int(w, "fake_frames", (long long)frame->n_pos);
    jsonw_int(w, "videos", (long long)video->n);
    jsonw_int(w, "fake_videos", (long long)video->n_pos);
    jsonw_int(w, "components", (long long)video->clusters);
    jsonw_object_end(w);
}

static void breakdowns(struct jsonw *w, const struct result *r, const struct model_result *m)
{
    static const char *const by[N_BY] = {"dataset", "method", "compression"};
    size_t k;

    jsonw_array(w, "breakdowns");
    for (k = 0; k < m->n_breakdowns; k++) {
        jsonw_object(w, NULL);
        jsonw_text(w, "by", by[m->breakdown[k].by]);
        name_or_null(w, "name", &r->data.names, m->breakdown[k].name);
        part_counts(w, &m->breakdown[k].frame, &m->breakdown[k].video);
        level(w, "frame", &m->breakdown[k].frame);
        level(w, "video", &m->breakdown[k].video);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_array(w, "averages");
    for (k = 0; k < m->n_averages; k++) {
        const struct average *a = &m->average[k];

        jsonw_object(w, NULL);
        jsonw_text(w, "over", a->over);
        jsonw_text(w, "level", a->level);
        jsonw_int(w, "groups", (long long)a->groups);
        jsonw_int(w, "left_out", (long long)a->left_out);
        measure(w, "auc", &a->auc);
        measure(w, "ap", &a->ap);
        measure(w, "eer", &a->eer);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_array(w, "identities");
    for (k = 0; k < m->n_identity_rows; k++) {
        const struct identity_row *p = &m->identity[k];

        jsonw_object(w, NULL);
        name_or_null(w, "identity", &r->data.names, p->name);
        jsonw_int(w, "real_videos", (long long)p->real_videos);
        jsonw_int(w, "fake_videos", (long long)p->fake_videos);
        jsonw_real(w, "auc", p->auc);
        jsonw_real(w, "fpr", p->fpr);
        jsonw_real(w, "tpr", p->tpr);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
}

static void operating_points(struct jsonw *w, const struct model_result *m)
{
    static const char *const levels[] = {"frame", "video"};
    size_t k;
    int l, d;

    jsonw_array(w, "operating_points");
    for (l = 0; l < 2; l++)
        for (k = 0; k < m->n_points[l]; k++) {
            const struct operating_point *p = &m->point[l][k];

            jsonw_object(w, NULL);
            jsonw_text(w, "level", levels[l]);
            jsonw_text(w, "criterion", criterion_name(p->criterion));
            jsonw_text(w, "chosen_on", "val");
            jsonw_real(w, "threshold", p->threshold); /* infinity = null */
            for (d = 0; d < N_DECISIONS; d++)
                measure(w, decision_name((enum decision)d), &p->m[d]);
            jsonw_object_end(w);
        }
    jsonw_array_end(w);
}

static void model(struct jsonw *w, const struct result *r, size_t i)
{
    const struct model_result *m = &r->model[i];
    const struct names *t = &r->data.names;
    size_t k;

    jsonw_object(w, NULL);
    jsonw_text(w, "name", r->data.model[i].name);
    counts(w, m);
    jsonw_object(w, "threshold");
    jsonw_real(w, "value", m->threshold);
    jsonw_text(w, "from", m->threshold_from);
    jsonw_object_end(w);
    level(w, "frame", &m->frame);
    level(w, "video", &m->video);
    jsonw_array(w, "aggregates");
    for (k = 0; k < m->n_aggregates; k++) {
        jsonw_object(w, NULL);
        jsonw_text(w, "how", aggregate_name(m->aggregate[k].how));
        measure(w, "auc", &m->aggregate[k].auc);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_array(w, "groups");
    for (k = 0; k < m->n_groups; k++) {
        jsonw_object(w, NULL);
        name_or_null(w, "dataset", t, m->group[k].dataset);
        name_or_null(w, "method", t, m->group[k].method);
        name_or_null(w, "compression", t, m->group[k].compression);
        part_counts(w, &m->group[k].frame, &m->group[k].video);
        level(w, "frame", &m->group[k].frame);
        level(w, "video", &m->group[k].video);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    breakdowns(w, r, m);
    operating_points(w, m);
    if (m->compat_tool)
        compat(w, r, m);
    jsonw_object(w, "identity");
    jsonw_text(w, "protocol", m->protocol);
    jsonw_text(w, "verdict", m->verdict);
    jsonw_array(w, "probes");
    for (k = 0; k < m->probes.n; k++)
        probe(w, &m->probes.p[k]);
    jsonw_array_end(w);
    jsonw_object_end(w);
    jsonw_object_end(w);
}

static void pair(struct jsonw *w, const struct result *r, const struct pair_result *p)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "a", r->data.model[p->a].name);
    jsonw_text(w, "b", r->data.model[p->b].name);
    jsonw_text(w, "level", p->level);
    jsonw_int(w, "n", (long long)p->n);
    jsonw_int(w, "clusters", (long long)p->clusters);
    jsonw_real(w, "auc_a", p->auc_a);
    jsonw_real(w, "auc_b", p->auc_b);
    jsonw_real(w, "difference", p->difference);
    limits(w, "ci95", p->lo, p->hi);
    jsonw_real(w, "se", p->se);
    jsonw_real(w, "z", p->z);
    jsonw_real(w, "p", p->p);
    jsonw_real(w, "p_bootstrap", p->p_bootstrap);
    jsonw_real(w, "p_exchange", p->p_exchange);
    jsonw_real(w, "p_independent_frames", p->p_iid);
    jsonw_real(w, "p_holm", p->p_holm);
    jsonw_real(w, "p_bh", p->p_bh);
    jsonw_real(w, "design_effect", p->design_effect);
    jsonw_object(w, "power");
    jsonw_real(w, "difference", p->power_difference);
    jsonw_real(w, "power", p->power);
    jsonw_real(w, "detectable_80", p->detectable);
    jsonw_real(w, "clusters_80", p->clusters_needed);
    jsonw_object_end(w);
    if (isnan(p->difference))
        jsonw_text(w, "undefined", p->undefined ? p->undefined : "not measured");
    jsonw_object_end(w);
}

int output_json(const struct result *r, struct str *out, struct err *err)
{
    struct jsonw w;
    size_t i;

    jsonw_begin(&w, out, 1);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "version", 1);
    jsonw_text(&w, "tool", "lp-evaluate " TOOL_VERSION);
    jsonw_text(&w, "split", r->split);
    jsonw_text(&w, "cluster", cluster_name(r->clusters.by));
    jsonw_bool(&w, "crossed", r->crossed.n > 0);
    jsonw_int(&w, "bootstrap", (long long)r->replicates);
    jsonw_int(&w, "seed", (long long)r->seed);
    jsonw_array(&w, "models");
    for (i = 0; i < r->data.n_models; i++)
        model(&w, r, i);
    jsonw_array_end(&w);
    jsonw_array(&w, "pairs");
    for (i = 0; i < r->n_pairs; i++)
        pair(&w, r, &r->pair[i]);
    jsonw_array_end(&w);
    jsonw_array(&w, "problems");
    for (i = 0; i < r->problems.n; i++) {
        jsonw_object(&w, NULL);
        jsonw_text(&w, "kind", r->problems.p[i].kind);
        jsonw_text(&w, "text", r->problems.p[i].text);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_object_end(&w);
    return str_failed(out) ? err_nomem(err) : 0;
}
