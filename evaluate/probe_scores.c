#include "evaluate/probe_scores.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bootstrap.h"
#include "evaluate/dist.h"
#include "evaluate/probe_regression.h"
#include "evaluate/probe_swaps.h"
#include "evaluate/probe_tables.h"
#include "lib/mem.h"
#include "lib/rng.h"

/* The videos of a model as the probes see them; arrays over the n videos with scores. */
struct scene {
    struct result *res;
    struct model_result *out;
    const struct probe_options *o;
    size_t n;
    const uint32_t *video; /* index into dataset.video */
    const double *score;
    uint8_t *label;
    uint32_t *cluster;
    size_t n_clusters;
    uint32_t *unit;  /* 0 .. n - 1 */
    uint32_t *group; /* identity by the map at hand, dense */
    size_t n_groups;
    const char *map;
};

static int nomem(struct err *err)
{
    return err_nomem(err);
}

/* ---- helpers ---------------------------------------------------------------------------------*/

static int make(const struct scene *c, const double *score, struct sample *s, struct err *err)
{
    return sample_make(s, score, c->unit, c->n, c->label, c->cluster, c->n_clusters, NULL, err);
}

/* How many identities have at least so many of the videos at hand. */
static int identities(const struct scene *c, uint32_t least, size_t *n, struct err *err)
{
    uint32_t *count = mem_array(c->n_groups, sizeof(*count));
    size_t i;

    if (!count)
        return nomem(err);
    for (i = 0, *n = 0; i < c->n; i++)
        *n += ++count[c->group[i]] == least;
    free(count);
    return 0;
}

/* Does every identity lie in one cluster? Only then may clusters be drawn for an interval. */
static bool nested(const struct scene *c, uint32_t *first)
{
    size_t i;

    memset(first, 0xff, c->n_groups * sizeof(*first));
    for (i = 0; i < c->n; i++) {
        uint32_t *f = &first[c->group[i]];

        if (*f == UINT32_MAX)
            *f = c->cluster[i];
        else if (*f != c->cluster[i])
            return false;
    }
    return true;
}

/* ---- S1, S2: within and between --------------------------------------------------------------*/

/* Percentile limits of within, between, gap and 2AFC: what is within an identity is counted once a
 * time its cluster is drawn, the copies being people of their own. */
static int within_limits(const struct scene *c, const struct sample *s, struct probe *p[4],
                         struct err *err)
{
    size_t n_clusters = c->n_clusters, g, i, R = c->o->replicates;
    double *u2 = mem_array(c->n_groups, sizeof(double)),
           *m = mem_array(c->n_groups, sizeof(double));
    double *n = mem_array(c->n_groups, sizeof(double)),
           *sum = mem_array(7 * n_clusters, sizeof(double));
    uint32_t *first = mem_array(c->n_groups, sizeof(*first));
    struct boot_request q = {.seed = c->o->seed, .replicates = R, .n_ratio = 6};
    struct boot b = {0};
    double drawn = 0; /* clusters a replicate draws: those that are there */
    int r = u2 && m && n && sum && first ? 0 : nomem(err), k;

    if (!r && nested(c, first) && !(r = auc_within(s, c->group, c->n_groups, u2, m, n, err))) {
        double *one = sum + 6 * n_clusters;

        for (i = 0; i < n_clusters; i++)
            one[i] = 1;
        for (g = 0; g < c->n_groups; g++) {
            size_t at = first[g];

            if (at == UINT32_MAX)
                continue;
            sum[at] += m[g];
            sum[n_clusters + at] += n[g];
            if (m[g] == 0 || n[g] == 0)
                continue;
            sum[2 * n_clusters + at] += u2[g] / 2;
            sum[3 * n_clusters + at] += m[g] * n[g];
            sum[4 * n_clusters + at] += u2[g] / 2 / n[g];
            sum[5 * n_clusters + at] += m[g];
        }
        for (i = 0; i < n_clusters; i++)
            drawn += sum[i] + sum[n_clusters + i] > 0;
        for (k = 0; k < 6; k++) {
            q.num[k] = sum + (size_t)k * n_clusters;
            q.den[k] = one;
        }
        r = boot_run(s, &q, c->o->jobs, &b, err);
    }
    for (i = 0; !r && b.value && i < R; i++) {
        double v[6], A = b.value[i], within, between;

        for (k = 0; k < 6; k++)
            v[k] = b.value[(size_t)boot_ratio_row(&q, k) * R + i];
        /* Ratios are means over the clusters drawn: M N / C^2 has one C too many. */
        within = v[3] > 0 ? v[2] / v[3] : NAN;
        between = (A * v[0] * v[1] * drawn - v[2]) / (v[0] * v[1] * drawn - v[3]);
        b.value[i] = within;
        b.value[R + i] = between;
        b.value[2 * R + i] = within - between;
        b.value[3 * R + i] = v[5] > 0 ? v[4] / v[5] : NAN;
    }
    for (k = 0; !r && b.value && k < 4; k++)
        if (!isnan(p[k]->value) &&
            boot_percentile(b.value + (size_t)k * R, R, 0.05, &p[k]->lo, &p[k]->hi) &&
            p[k]->lo == p[k]->hi)
            p[k]->lo = p[k]->hi = NAN; /* replicates that all agree are no certainty */
    boot_release(&b);
    free(u2);
    free(m);
    free(n);
    free(sum);
    free(first);
    return r;
}

static int probe_pairs(struct scene *c, const struct sample *s, struct err *err)
{
    static const struct {
        const char *name, *about;
    } rows[] = {
        {"auc_within", "AUC over pairs of a fake and a real of one identity (S1)"},
        {"auc_between", "AUC over pairs of a fake and a real of different identities (S1)"},
        {"auc_gap", "within minus between: above 0, identity is noise for the pooled threshold; "
                    "below 0, identity itself tells real from fake"},
        {"pair_2afc",
         "mean over fakes of the chance that it outscores a real of its identity (S2)"},
    };
    size_t first = c->out->probes.n;
    struct probe *p[4];
    struct within w;
    double v[4];
    int k, r;

    if ((r = probe_within(s, c->group, c->n_groups, &w, err)))
        return r;
    v[0] = w.within;
    v[1] = w.between;
    v[2] = w.within - w.between;
    v[3] = w.case_weighted;
    for (k = 0; k < 4; k++)
        if (!probe_add(&c->out->probes, rows[k].name, c->map, "", "videos"))
            return nomem(err);
    for (k = 0; k < 4; k++) {
        p[k] = &c->out->probes.p[first + (size_t)k];
        p[k]->value = v[k];
        p[k]->chance = k == 2 ? 0 : 0.5;
        p[k]->n = c->n;
        p[k]->identities = w.groups;
        probe_about(p[k], "%s; %.3g %% of the pairs are within", rows[k].about, 100 * w.pair_share);
        if (isnan(v[k]))
            probe_undefined(p[k], w.groups ? "no pair of different identities"
                                           : "no identity has both real and fake videos");
    }
    return c->o->replicates ? within_limits(c, s, p, err) : 0;
}

/* ---- identity-explained AUC ------------------------------------------------------------------*/

/* Shuffles labels among the videos of each group; `order` lists the videos by group. */
static void shuffle(const struct scene *c, const uint32_t *order, const size_t *at, uint8_t *label,
                    uint32_t round, const char *purpose)
{
    struct rng g;
    size_t k, i;

    rng_init(&g, c->o->seed, round, c->map, purpose);
    for (k = 0; k < c->n_groups; k++)
        for (i = at[k + 1]; i > at[k] + 1; i--) {
            size_t j = at[k] + rng_below(&g, (uint32_t)(i - at[k]));
            uint8_t t = label[order[i - 1]];

            label[order[i - 1]] = label[order[j]];
            label[order[j]] = t;
        }
}

static int by_group(const struct scene *c, uint32_t **order, size_t **at, struct err *err)
{
    size_t i;

    *order = mem_array(c->n, sizeof(**order));
    *at = mem_array(c->n_groups + 2, sizeof(**at));
    if (!*order || !*at)
        return nomem(err);
    for (i = 0; i < c->n; i++)
        (*at)[c->group[i] + 2]++;
    for (i = 1; i < c->n_groups + 2; i++)
        (*at)[i] += (*at)[i - 1];
    for (i = 0; i < c->n; i++)
        (*order)[(*at)[c->group[i] + 1]++] = (uint32_t)i;
    return 0;
}

static int probe_prior(struct scene *c, const struct sample *s, struct err *err)
{
    struct probe *p = probe_add(&c->out->probes, "auc_identity_explained", c->map, "", "videos");
    uint32_t *order = NULL;
    uint8_t *label = NULL;
    size_t *at = NULL, b, more = 0, k, people;
    struct sample shuffled = *s;
    double explained, real = auc_value(s);
    bool movable = false;
    int r;

    if (!p)
        return nomem(err);
    p->n = c->n;
    p->chance = 0.5;
    if ((r = identities(c, 1, &people, err)) ||
        (r = probe_explained(s, c->group, c->n_groups, &explained, err)))
        return r;
    p->identities = people;
    p->value = explained;
    probe_about(p,
                "the mean AUC when labels are permuted within identity: what knowing who is seen "
                "buys; 0.5 if every identity has the same share of fakes");
    if (isnan(explained))
        probe_undefined(p, "one class only");
    p = probe_add(&c->out->probes, "detection_given_identity", c->map, "", "videos");
    if (!p)
        return nomem(err);
    p->n = c->n;
    p->identities = people;
    p->chance = explained;
    p->value = real;
    probe_about(p, "the AUC against labels permuted within identity: p is that of no detection "
                   "beyond identity (Phipson & Smyth 2010)");
    if (isnan(real)) {
        probe_undefined(p, "one class only");
        return 0;
    }
    r = by_group(c, &order, &at, err);
    label = mem_array(c->n, 1);
    if (!label)
        r = r ? r : nomem(err);
    for (k = 0; !r && k < c->n_groups; k++) {
        size_t i, pos = 0;

        for (i = at[k]; i < at[k + 1]; i++)
            pos += c->label[order[i]];
        movable |= pos > 0 && pos < at[k + 1] - at[k];
    }
    for (b = 0; !r && movable && b < c->o->permutations; b++) {
        memcpy(label, c->label, c->n);
        shuffle(c, order, at, label, (uint32_t)b, "labels");
        shuffled.label = label;
        more += auc_value(&shuffled) >= real;
    }
    if (!r && movable && c->o->permutations)
        p->p = ((double)more + 1) / ((double)c->o->permutations + 1);
    free(order);
    free(at);
    free(label);
    return r;
}

/* ---- S3: the mean of the identity's other videos ---------------------------------------------*/

static int probe_memory(struct scene *c, struct err *err)
{
    struct probe *p = probe_add(&c->out->probes, "auc_identity_memory", c->map, "", "videos");
    double *sum = mem_array(c->n_groups, sizeof(*sum)),
           *count = mem_array(c->n_groups, sizeof(*count));
    double *score = mem_array(c->n, sizeof(*score));
    uint32_t *unit = mem_array(c->n, sizeof(*unit));
    struct sample s = {0};
    struct auc auc = {0};
    struct measure m = measure_undefined("");
    size_t i, n = 0;
    int r = p && sum && count && score && unit ? 0 : nomem(err);

    for (i = 0; !r && i < c->n; i++) {
        sum[c->group[i]] += c->score[i];
        count[c->group[i]]++;
    }
    for (i = 0; !r && i < c->n; i++) {
        uint32_t g = c->group[i];

        if (count[g] < 2)
            continue;
        score[n] = (sum[g] - c->score[i]) / (count[g] - 1);
        unit[n++] = (uint32_t)i;
    }
    if (!r)
        r = identities(c, 2, &p->identities, err);
    if (!r &&
        !(r = sample_make(&s, score, unit, n, c->label, c->cluster, c->n_clusters, NULL, err)) &&
        !(r = auc_measure(&s, &auc, err))) {
        measure_auc(&m, &auc);
        p->n = n;
        p->value = m.value;
        p->lo = m.lo;
        p->hi = m.hi;
        probe_about(p, "each video scored by the mean of the other videos of its identity (S3); "
                       "above 0.5 a memory of people detects; where every identity has one real "
                       "and several fakes the left-out video pulls it below 0.5");
        if (isnan(m.value))
            probe_undefined(p, "no %s among identities with two or more videos",
                            s.n_pos ? "real" : "fake");
    }
    auc_release(&auc);
    sample_release(&s);
    free(sum);
    free(count);
    free(score);
    free(unit);
    return r;
}

/* ---- S4: variance share ----------------------------------------------------------------------*/

/* Strata within which identities may be exchanged: method of a data set at a compression. */
static uint32_t *strata(const struct scene *c, size_t *n_strata, struct err *err)
{
    uint32_t *of = mem_array(c->n, sizeof(*of));
    struct names t = {0};
    size_t i;
    int r = of ? 0 : nomem(err);

    for (i = 0; !r && i < c->n; i++) {
        const struct video *v = &c->res->data.video[c->video[i]];
        uint32_t key[4] = {v->dataset, v->method, v->compression, c->label[i]};
        char text[64];
        int len = snprintf(text, sizeof(text), "%x %x %x %x", key[0], key[1], key[2], key[3]);

        r = names_add(&t, text, (size_t)len, &of[i], err);
    }
    *n_strata = t.n;
    names_release(&t);
    if (r) {
        free(of);
        return NULL;
    }
    return of;
}

static int variance_p(const struct scene *c, const double *value, uint32_t *group,
                      const uint32_t *stratum, size_t n_strata, size_t n, double f, double *p,
                      struct err *err)
{
    size_t *at = mem_array(n_strata + 2, sizeof(*at)), b, i, k, more = 0;
    uint32_t *order = mem_array(n, sizeof(*order));
    struct anova a;
    int r = at && order ? 0 : nomem(err);

    for (i = 0; !r && i < n; i++)
        at[stratum[i] + 2]++;
    for (i = 1; !r && i < n_strata + 2; i++)
        at[i] += at[i - 1];
    for (i = 0; !r && i < n; i++)
        order[at[stratum[i] + 1]++] = (uint32_t)i;
    for (b = 0; !r && b < c->o->permutations; b++) {
        struct rng g;

        rng_init(&g, c->o->seed, (uint32_t)b, c->map, "variance");
        for (k = 0; k < n_strata; k++)
            for (i = at[k + 1]; i > at[k] + 1; i--) {
                size_t j = at[k] + rng_below(&g, (uint32_t)(i - at[k]));
                uint32_t t = group[order[i - 1]];

                group[order[i - 1]] = group[order[j]];
                group[order[j]] = t;
            }
        if (!(r = probe_anova(value, group, n, c->n_groups, &a, err)))
            more += !(a.f < f * (1 - 1e-12));
    }
    if (!r && c->o->permutations)
        *p = ((double)more + 1) / ((double)c->o->permutations + 1);
    free(at);
    free(order);
    return r;
}

static int probe_variance(struct scene *c, uint8_t label, struct err *err)
{
    struct probe *p = probe_add(&c->out->probes, "icc", c->map, label ? "fake" : "real", "videos");
    double *value = mem_array(c->n, sizeof(*value)), *mean = NULL, *count = NULL;
    uint32_t *group = mem_array(c->n, sizeof(*group)), *all = NULL;
    size_t n_strata = 0, i, n = 0;
    struct anova a;
    int r = p && value && group && (all = strata(c, &n_strata, err)) ? 0 : nomem(err);

    if (!r) {
        mean = mem_array(n_strata, sizeof(*mean));
        count = mem_array(n_strata, sizeof(*count));
        r = mean && count ? 0 : nomem(err);
    }
    for (i = 0; !r && i < c->n; i++) {
        mean[all[i]] += c->score[i];
        count[all[i]]++;
    }
    for (i = 0; !r && i < c->n; i++)
        if (c->label[i] == label) {
            value[n] = c->score[i] - mean[all[i]] / count[all[i]];
            group[n] = c->group[i];
            all[n++] = all[i];
        }
    if (!r && !(r = probe_anova(value, group, n, c->n_groups, &a, err))) {
        p->n = n;
        p->identities = a.groups;
        p->value = a.icc;
        p->lo = a.lo;
        p->hi = a.hi;
        p->chance = 0;
        probe_about(p,
                    "share of the variance of %s videos' scores that lies between identities, "
                    "ICC(1), method means taken out; p by permuting identities within method "
                    "(S4); limits exact if balanced",
                    label ? "fake" : "real");
        if (isnan(a.icc) || a.groups == n)
            probe_undefined(p,
                            n == 0          ? "no %s videos"
                            : a.groups == n ? "every identity has one %s video only"
                                            : "no variance, or one identity, among %s videos",
                            label ? "fake" : "real");
        else
            r = variance_p(c, value, group, all, n_strata, n, a.f, &p->p, err);
    }
    free(value);
    free(group);
    free(all);
    free(mean);
    free(count);
    return r;
}

/* ---- identity means --------------------------------------------------------------------------*/

static int means(struct scene *c, struct err *err)
{
    const struct dataset *d = &c->res->data;
    double *sum = mem_array(2 * d->names.n, sizeof(*sum)),
           *sq = mem_array(2 * d->names.n, sizeof(*sq));
    size_t *count = mem_array(2 * d->names.n, sizeof(*count)), i, n = 0;
    int r = sum && sq && count ? 0 : nomem(err);

    for (i = 0; !r && i < c->n; i++) {
        const struct video *v = &d->video[c->video[i]];
        uint32_t id = v->face_id != NAME_NONE ? v->face_id : v->context_id;
        size_t k = 2 * (size_t)id + c->label[i];

        if (id == NAME_NONE)
            continue;
        n += count[k]++ == 0;
        sum[k] += c->score[i];
        sq[k] += c->score[i] * c->score[i];
    }
    c->out->mean = r ? NULL : mem_array(n, sizeof(*c->out->mean));
    if (!r && !c->out->mean)
        r = nomem(err);
    for (i = 0; !r && i < 2 * d->names.n; i++) {
        struct identity_mean *m = &c->out->mean[c->out->n_means];
        double k = (double)count[i], half;

        if (!count[i])
            continue;
        *m = (struct identity_mean){(uint32_t)(i / 2), i % 2, sum[i] / k, NAN, NAN, count[i]};
        if (count[i] > 1) {
            half = dist_t_quantile(0.975, k - 1) *
                   sqrt(fmax(0, (sq[i] - sum[i] * sum[i] / k) / (k - 1)) / k);
            m->lo = m->mean - half;
            m->hi = m->mean + half;
        }
        c->out->n_means++;
    }
    free(sum);
    free(sq);
    free(count);
    return r;
}

/* ---- a model ---------------------------------------------------------------------------------*/

/* The probes that count videos in cells. `of`: the identity of each video of the data set. */
static int tables(struct scene *c, const uint32_t *of, struct err *err)
{
    const struct dataset *d = &c->res->data;
    struct probe_cells t = {.map = c->map,
                            .n = c->n,
                            .score = c->score,
                            .label = c->label,
                            .group = c->group,
                            .cluster = c->cluster,
                            .n_groups = c->n_groups,
                            .n_clusters = c->n_clusters,
                            .threshold = c->out->threshold,
                            .seed = c->o->seed,
                            .permutations = c->o->permutations};
    uint8_t *seen = mem_array(c->n_groups, 1);
    uint32_t *stratum = strata(c, &t.n_strata, err);
    bool train = false;
    size_t i;
    int r = seen && stratum ? 0 : nomem(err);

    for (i = 0; !r && i < d->n_videos; i++)
        if (d->video[i].split == SPLIT_TRAIN) {
            seen[of[i]] = 1;
            train = true;
        }
    t.seen = train ? seen : NULL;
    t.stratum = stratum;
    if (!r)
        r = probe_tables(&c->out->probes, &t, err);
    free(seen);
    free(stratum);
    return r;
}

/* Every probe under one map of videos to identities. */
static int one_map(struct scene *c, enum cluster_by by, struct err *err)
{
    struct clusters ids;
    struct sample s = {0};
    size_t i, unknown = 0;
    int r = clusters_make(&ids, &c->res->data, c->res->use, by, err);

    if (r)
        return r;
    c->map = by == CLUSTER_FACE ? "face" : "context";
    c->n_groups = ids.n;
    c->n_clusters = clusters_ways(&c->res->clusters) ? ids.n : c->res->clusters.n;
    for (i = 0; i < c->n; i++) {
        const struct video *v = &c->res->data.video[c->video[i]];

        c->group[i] = ids.of[c->video[i]];
        /* Where targets and donors cross, no clusters hold whole identities: the identities of the
         * map are drawn themselves. */
        c->cluster[i] =
            clusters_ways(&c->res->clusters) ? c->group[i] : c->res->clusters.of[c->video[i]];
        unknown += (by == CLUSTER_FACE ? v->face_id : v->context_id) == NAME_NONE;
    }
    if (unknown * 2 > c->n || !c->n)
        goto out; /* the map is not known for most: nothing to probe */
    if ((r = make(c, c->score, &s, err)) || (r = probe_pairs(c, &s, err)) ||
        (r = probe_prior(c, &s, err)) || (r = probe_memory(c, err)) ||
        (r = probe_variance(c, 0, err)) || (r = probe_variance(c, 1, err)) ||
        (r = tables(c, ids.of, err)))
        goto out;
out:
    clusters_release(&ids);
    sample_release(&s);
    return r;
}

int probe_scores(struct result *res, size_t i, const struct probe_options *o, struct err *err)
{
    struct scene c = {.res = res, .out = &res->model[i], .o = o};
    struct video_scores v;
    size_t k;
    int r = aggregate_videos(&v, &res->data.model[i], res->data.n_videos, res->use, AGGREGATE_MEAN,
                             err);

    if (r)
        return r;
    c.n = v.n;
    c.video = v.video;
    c.score = v.score;
    c.label = mem_array(v.n, 1);
    c.cluster = mem_array(v.n, sizeof(*c.cluster));
    c.unit = mem_array(v.n, sizeof(*c.unit));
    c.group = mem_array(v.n, sizeof(*c.group));
    if (!c.label || !c.cluster || !c.unit || !c.group) {
        r = nomem(err);
        goto out;
    }
    for (k = 0; k < v.n; k++) {
        c.label[k] = res->data.video[v.video[k]].label;
        c.unit[k] = (uint32_t)k;
    }
    if ((r = one_map(&c, CLUSTER_CONTEXT, err)) || (r = one_map(&c, CLUSTER_FACE, err)) ||
        (r = means(&c, err)))
        goto out;
    r = probe_regression(res, &res->model[i].probes, v.video, v.score, v.n, err);
    if (!r)
        r = probe_swaps(res, &res->model[i], v.video, v.score, v.n, o->seed, o->permutations, err);
out:
    free(c.label);
    free(c.cluster);
    free(c.unit);
    free(c.group);
    aggregate_release(&v);
    return r;
}
