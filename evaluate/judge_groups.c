#include "evaluate/judge_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/dist.h"
#include "lib/mem.h"

/* ---- what there is ---------------------------------------------------------------------------*/

static int by_names(const struct names *t, const struct group_result *x,
                    const struct group_result *y)
{
    int c = strcmp(names_text(t, x->dataset), names_text(t, y->dataset));

    if (!c)
        c = strcmp(names_text(t, x->method), names_text(t, y->method));
    return c ? c : strcmp(names_text(t, x->compression), names_text(t, y->compression));
}

/* The distinct (data set, method, compression) of the fakes, sorted by their texts. */
static int find_groups(const struct judging *j, struct err *err)
{
    const struct dataset *d = &j->res->data;
    struct model_result *r = j->out;
    size_t cap = 0, i, g, k;

    for (i = 0; i < j->v->n; i++) {
        const struct video *one = &d->video[j->v->video[i]];
        struct group_result new = {
            .dataset = one->dataset, .method = one->method, .compression = one->compression};

        if (!one->label)
            continue;
        for (g = 0; g < r->n_groups; g++)
            if (r->group[g].dataset == new.dataset && r->group[g].method == new.method &&
                r->group[g].compression == new.compression)
                break;
        if (g < r->n_groups)
            continue;
        if (mem_grow(&r->group, &cap, r->n_groups + 1, sizeof(*r->group)))
            return err_nomem(err);
        for (g = 0; g < r->n_groups && by_names(&d->names, &r->group[g], &new) < 0; g++)
            ;
        for (k = r->n_groups++; k > g; k--)
            r->group[k] = r->group[k - 1];
        r->group[g] = new;
    }
    return 0;
}

static uint32_t key_of(const struct group_result *g, enum breakdown_by by)
{
    return by == BY_DATASET ? g->dataset : by == BY_METHOD ? g->method : g->compression;
}

/* A breakdown for each name that has company; groups are sorted, so the order is fixed. */
static int find_breakdowns(struct model_result *r, struct err *err)
{
    size_t cap = 0, g, k, first;
    int by;

    for (by = 0; by < N_BY; by++) {
        bool joined = false;

        first = r->n_breakdowns;
        for (g = 0; g < r->n_groups; g++) {
            uint32_t name = key_of(&r->group[g], (enum breakdown_by)by);

            for (k = first; k < r->n_breakdowns && r->breakdown[k].name != name; k++)
                ;
            joined |= k < r->n_breakdowns;
            if (k < r->n_breakdowns)
                continue;
            if (mem_grow(&r->breakdown, &cap, r->n_breakdowns + 1, sizeof(*r->breakdown)))
                return err_nomem(err);
            r->breakdown[r->n_breakdowns++] =
                (struct breakdown){.by = (enum breakdown_by)by, .name = name};
        }
        /* One name is all that is judged; names of one group each are the groups. */
        if (r->n_breakdowns - first < 2 || !joined)
            r->n_breakdowns = first;
    }
    return 0;
}

/* ---- measuring -------------------------------------------------------------------------------*/

/* Fakes for which take() says so, and the reals of the data sets and compressions of those groups
 * that it takes. */
static void choose(const struct judging *j, uint8_t *use, enum breakdown_by by, uint32_t name,
                   const struct group_result *only)
{
    const struct dataset *d = &j->res->data;
    const struct model_result *r = j->out;
    size_t i, g;

    for (i = 0; i < d->n_videos; i++) {
        const struct video *v = &d->video[i];

        use[i] = 0;
        for (g = 0; j->res->use[i] && g < r->n_groups && !use[i]; g++) {
            const struct group_result *one = &r->group[g];

            if (only ? one != only : key_of(one, by) != name)
                continue;
            use[i] = v->dataset == one->dataset && v->compression == one->compression &&
                     (!v->label || v->method == one->method);
        }
    }
}

static int one_level(const struct judging *j, struct level *out, const double *score,
                     const uint32_t *video, size_t n, const uint8_t *use, struct err *err)
{
    const struct clusters *c = &j->res->clusters;
    struct level_options plain = *j->level;
    struct sample s;
    int r = sample_make(&s, score, video, n, j->label, c->of, c->n, use, err);

    plain.band = false;
    plain.curve_points = 0;
    if (!r)
        r = level_measure(out, &s, &plain, err);
    sample_release(&s);
    return r;
}

static int both_levels(const struct judging *j, struct level *frame, struct level *video,
                       const uint8_t *use, struct err *err)
{
    int r = one_level(j, frame, j->m->score, j->m->video, j->m->n, use, err);

    return r ? r : one_level(j, video, j->v->score, j->v->video, j->v->n, use, err);
}

/* ---- means over groups -----------------------------------------------------------------------*/

/* The AUC's linear part by cluster, summed over the groups: what the clusters share between groups
 * (the reals, mostly) is then in the variance of the mean. */
struct pooled {
    double *influence, *present;
    size_t n;
};

static int pool_auc(struct pooled *p, const struct judging *j, const double *score,
                    const uint32_t *video, size_t n, const uint8_t *use, bool *defined,
                    struct err *err)
{
    const struct clusters *c = &j->res->clusters;
    struct auc a = {0};
    struct sample s;
    size_t i;
    int r = sample_make(&s, score, video, n, j->label, c->of, c->n, use, err);

    if (!r)
        r = auc_measure(&s, &a, err);
    *defined = !r && !isnan(a.value);
    for (i = 0; *defined && i < p->n; i++) {
        p->influence[i] += a.r10[i] / (double)a.n_pos + a.r01[i] / (double)a.n_neg;
        p->present[i] += a.m[i] + a.n[i];
    }
    auc_release(&a);
    sample_release(&s);
    return r;
}

static int mean_limits(struct measure *m, const struct pooled *p, size_t groups,
                       const struct ways *ways, struct err *err)
{
    double variance, used, half;
    int r = ways_variance(ways, p->influence, p->present, p->n, &variance, &used, err);

    if (r)
        return r;
    m->clusters = (size_t)used;
    if (used < 2 || !(variance > 0)) {
        m->method = "no interval: fewer than 2 clusters, or they agree";
        return 0;
    }
    m->se = sqrt(variance) / (double)groups;
    half = dist_t_quantile(0.975, used - 1) * m->se;
    m->lo = fmax(0, m->value - half);
    m->hi = fmin(1, m->value + half);
    m->method = "clustered DeLong of the mean, Student t";
    return 0;
}

/* The levels whose mean is asked for, in one order for frames and videos. */
struct parts {
    const struct level *level[2]; /* of one group: frame, video */
    const struct group_result *group;
    enum breakdown_by by;
    uint32_t name;
};

static int average(const struct judging *j, const char *over, const struct parts *part, size_t n,
                   uint8_t *use, struct err *err)
{
    static const char *const names[] = {"frame", "video"};
    struct pooled p = {.n = j->res->clusters.n};
    struct model_result *r = j->out;
    size_t i;
    int k, code = 0;

    p.influence = mem_array(p.n, sizeof(double));
    p.present = mem_array(p.n, sizeof(double));
    if (!p.influence || !p.present)
        code = err_nomem(err);
    for (k = 0; !code && k < 2; k++) {
        struct average *a = &r->average[r->n_averages];
        double auc = 0, ap = 0, eer = 0, items = 0, positive = 0;

        *a = (struct average){.over = over, .level = names[k]};
        a->auc = a->ap = a->eer = measure_undefined("no group has both classes");
        memset(p.influence, 0, p.n * sizeof(double));
        memset(p.present, 0, p.n * sizeof(double));
        for (i = 0; !code && i < n; i++) {
            const struct level *l = part[i].level[k];
            bool defined;

            choose(j, use, part[i].by, part[i].name, part[i].group);
            code = k ? pool_auc(&p, j, j->v->score, j->v->video, j->v->n, use, &defined, err)
                     : pool_auc(&p, j, j->m->score, j->m->video, j->m->n, use, &defined, err);
            a->groups += defined;
            a->left_out += !defined;
            if (!defined)
                continue;
            auc += l->m[METRIC_AUC].value;
            ap += l->m[METRIC_AP].value;
            eer += l->m[METRIC_EER].value;
            items += (double)l->n;
            positive += (double)l->n_pos;
        }
        if (!code && a->groups) {
            struct measure *m[3] = {&a->auc, &a->ap, &a->eer};
            double v[3] = {auc, ap, eer};
            int q;

            for (q = 0; q < 3; q++) {
                m[q]->undefined = NULL;
                m[q]->value = v[q] / (double)a->groups;
                m[q]->n = (size_t)items;
                m[q]->n_positive = (size_t)positive;
                m[q]->method = "no interval: a mean over groups";
            }
            code = mean_limits(&a->auc, &p, a->groups, clusters_ways(&j->res->clusters), err);
        }
        r->n_averages++;
    }
    free(p.influence);
    free(p.present);
    return code;
}

static int averages(const struct judging *j, uint8_t *use, struct err *err)
{
    struct model_result *r = j->out;
    size_t most = r->n_groups + r->n_breakdowns, n = 0, i;
    struct parts *part = mem_array(most, sizeof(*part));
    int code = part ? 0 : err_nomem(err);

    for (i = 0; !code && i < r->n_groups; i++)
        part[n++] = (struct parts){.level = {&r->group[i].frame, &r->group[i].video},
                                   .group = &r->group[i]};
    if (!code && n > 1)
        code = average(j, "group", part, n, use, err);
    for (i = 0, n = 0; !code && i < r->n_breakdowns; i++)
        if (r->breakdown[i].by == BY_DATASET)
            part[n++] = (struct parts){.level = {&r->breakdown[i].frame, &r->breakdown[i].video},
                                       .by = BY_DATASET,
                                       .name = r->breakdown[i].name};
    if (!code && n > 1)
        code = average(j, "dataset", part, n, use, err);
    free(part);
    return code;
}

/* ---- identities ------------------------------------------------------------------------------*/

struct person {
    double m, n, called_fake, called_false, u2; /* fakes, reals, those called fake; area twice */
    uint32_t name;
};

/* Videos of whom a face is known; of the data set too, as names repeat between data sets. */
static int identities(const struct judging *j, struct err *err)
{
    const struct dataset *d = &j->res->data;
    struct model_result *r = j->out;
    uint32_t *group = mem_array(d->n_videos, sizeof(*group));
    uint8_t *use = mem_array(d->n_videos, 1);
    struct clusters ids = {0};
    struct person *p = NULL;
    struct sample s = {0};
    struct average *a;
    double *u2 = NULL, *m = NULL, *n = NULL, sum = 0;
    size_t i, k = 0;
    int code =
        group && use ? clusters_make(&ids, d, j->res->use, CLUSTER_FACE, err) : err_nomem(err);

    if (code)
        goto out;
    p = mem_array(ids.n, sizeof(*p));
    u2 = mem_array(ids.n, sizeof(*u2));
    m = mem_array(ids.n, sizeof(*m));
    n = mem_array(ids.n, sizeof(*n));
    if (!p || !u2 || !m || !n) {
        code = err_nomem(err);
        goto out;
    }
    for (i = 0; i < ids.n; i++)
        p[i].name = NAME_NONE;
    for (i = 0; i < d->n_videos; i++) {
        use[i] = d->video[i].face_id != NAME_NONE;
        group[i] = use[i] ? ids.of[i] : UINT32_MAX;
    }
    for (i = 0; i < j->v->n; i++) {
        uint32_t video = j->v->video[i];
        struct person *one = &p[ids.of[video]];
        bool fake = j->v->score[i] >= r->threshold;

        if (!use[video])
            continue;
        if (one->name == NAME_NONE)
            k++;
        one->name = d->video[video].face_id;
        one->called_fake += j->label[video] && fake;
        one->called_false += !j->label[video] && fake;
    }
    if (k < 2)
        goto out;
    if ((code = sample_make(&s, j->v->score, j->v->video, j->v->n, j->label, j->res->clusters.of,
                            j->res->clusters.n, use, err)) ||
        (code = auc_within(&s, group, ids.n, u2, m, n, err)))
        goto out;
    r->identity = mem_array(k, sizeof(*r->identity));
    if (!r->identity) {
        code = err_nomem(err);
        goto out;
    }
    a = &r->average[r->n_averages++];
    *a = (struct average){.over = "identity", .level = "video"};
    a->auc = measure_undefined("no identity has both real and fake videos");
    a->ap = a->eer = measure_undefined("not measured by identity");
    for (i = 0; i < ids.n; i++) {
        struct identity_row *row = &r->identity[r->n_identity_rows];

        if (p[i].name == NAME_NONE)
            continue;
        *row = (struct identity_row){.name = p[i].name,
                                     .real_videos = (size_t)n[i],
                                     .fake_videos = (size_t)m[i],
                                     .auc = m[i] > 0 && n[i] > 0 ? u2[i] / (2 * m[i] * n[i]) : NAN,
                                     .fpr = n[i] > 0 ? p[i].called_false / n[i] : NAN,
                                     .tpr = m[i] > 0 ? p[i].called_fake / m[i] : NAN};
        r->n_identity_rows++;
        a->groups += !isnan(row->auc);
        a->left_out += isnan(row->auc);
        sum += isnan(row->auc) ? 0 : row->auc;
        a->auc.n += (size_t)(m[i] + n[i]);
        a->auc.n_positive += (size_t)m[i];
    }
    if (a->groups) {
        a->auc.undefined = NULL;
        a->auc.value = sum / (double)a->groups;
        a->auc.method = "no interval: a mean over identities, see the probe auc_within";
    }
out:
    clusters_release(&ids);
    sample_release(&s);
    free(group);
    free(use);
    free(p);
    free(u2);
    free(m);
    free(n);
    return code;
}

int judge_groups(const struct judging *j, struct err *err)
{
    struct model_result *r = j->out;
    uint8_t *use = mem_array(j->res->data.n_videos, 1);
    size_t g;
    int code = use ? find_groups(j, err) : err_nomem(err);

    if (!code)
        code = find_breakdowns(r, err);
    for (g = 0; !code && g < r->n_groups; g++) {
        choose(j, use, BY_DATASET, 0, &r->group[g]);
        code = both_levels(j, &r->group[g].frame, &r->group[g].video, use, err);
    }
    for (g = 0; !code && g < r->n_breakdowns; g++) {
        choose(j, use, r->breakdown[g].by, r->breakdown[g].name, NULL);
        code = both_levels(j, &r->breakdown[g].frame, &r->breakdown[g].video, use, err);
    }
    if (!code)
        code = averages(j, use, err);
    if (!code)
        code = identities(j, err);
    free(use);
    return code;
}
