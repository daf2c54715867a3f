#include "evaluate/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/judge_groups.h"
#include "lib/mem.h"

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static uint8_t *labels_of(const struct dataset *d)
{
    uint8_t *label = mem_array(d->n_videos, 1);
    size_t i;

    for (i = 0; label && i < d->n_videos; i++)
        label[i] = d->video[i].label;
    return label;
}

/* ---- counts ----------------------------------------------------------------------------------*/

enum { SEEN_PERSON = 1, SEEN_COMPONENT = 2 }; /* as what a name was seen: the two may be the same */

static int count(struct result *res, struct model_result *r, const struct sample *frames,
                 const struct video_scores *v, struct err *err)
{
    const struct dataset *d = &res->data;
    uint32_t *sorted = mem_array(v->n, sizeof(*sorted));
    uint8_t *seen = mem_array(d->names.n, 1);
    size_t i;

    if (!sorted || !seen) {
        free(sorted);
        free(seen);
        return err_nomem(err);
    }
    r->frames = frames->n;
    r->real_frames = frames->n_neg;
    r->videos = v->n;
    for (i = 0; i < v->n; i++) {
        const struct video *one = &d->video[v->video[i]];
        uint32_t id = one->face_id != NAME_NONE ? one->face_id : one->context_id;

        sorted[i] = v->frames[i];
        r->real_videos += !one->label;
        if (id != NAME_NONE && !(seen[id] & SEEN_PERSON)) {
            seen[id] |= SEEN_PERSON;
            r->identities++;
        }
        if (one->component != NAME_NONE && !(seen[one->component] & SEEN_COMPONENT)) {
            seen[one->component] |= SEEN_COMPONENT;
            r->components++;
        }
    }
    if (v->n) {
        qsort(sorted, v->n, sizeof(*sorted), ascending);
        r->frames_min = sorted[0];
        r->frames_median = sorted[v->n / 2];
        r->frames_max = sorted[v->n - 1];
    }
    free(sorted);
    free(seen);
    return 0;
}

/* Videos of the split without a score: counted, and given one if that is the policy. They have no
 * frames, so the frame level knows nothing of them. */
static int impute(const struct result *res, const struct model *m, struct model_result *r,
                  struct video_scores *v, const struct judge_options *o, bool count_them,
                  struct err *err)
{
    const struct dataset *d = &res->data;
    uint32_t *of = mem_array(d->n_videos, sizeof(*of)); /* of each video: its place in v, plus 1 */
    double lo = INFINITY, hi = -INFINITY;
    size_t i, k = 0, n = v->n;
    struct video_scores all = {0};

    all.video = mem_array(d->n_videos, sizeof(*all.video));
    all.score = mem_array(d->n_videos, sizeof(*all.score));
    all.frames = mem_array(d->n_videos, sizeof(*all.frames));
    if (!of || !all.video || !all.score || !all.frames) {
        free(of);
        aggregate_release(&all);
        return err_nomem(err);
    }
    for (i = 0; i < n; i++)
        of[v->video[i]] = (uint32_t)i + 1;
    for (i = 0; i < m->n && o->missing == MISSING_WORST; i++)
        if (res->use[m->video[i]]) {
            lo = fmin(lo, m->score[i]);
            hi = fmax(hi, m->score[i]);
        }
    for (i = 0; i < d->n_videos; i++) {
        bool known = of[i] != 0;

        if (!res->use[i])
            continue;
        if (!known && count_them) {
            bool faceless = d->frames && !d->video[i].listed;

            *(faceless ? &r->no_face_videos : &r->missing_videos) += 1;
        }
        if (!known && (o->missing == MISSING_DROP || !n))
            continue;
        all.video[k] = (uint32_t)i;
        all.frames[k] = known ? v->frames[of[i] - 1] : 0;
        all.score[k++] = known                         ? v->score[of[i] - 1]
                         : o->missing == MISSING_SCORE ? o->missing_score
                         : d->video[i].label           ? lo
                                                       : hi;
    }
    all.n = k;
    if (count_them)
        r->imputed_videos = k - n;
    free(of);
    aggregate_release(v);
    *v = all;
    return 0;
}

static void spread(struct density *den, const struct sample *s)
{
    size_t i;

    if (!s->n)
        return;
    den->lo = s->item[0].score;
    den->hi = s->item[s->n - 1].score;
    if (den->lo >= 0 && den->hi <= 1) {
        den->lo = 0;
        den->hi = 1;
    }
    for (i = 0; i < s->n; i++) {
        double at = den->hi > den->lo ? (s->item[i].score - den->lo) / (den->hi - den->lo) : 0.5;
        int b = (int)(at * DENSITY_BINS);
        uint8_t y = s->label[s->item[i].unit] != 0;

        den->count[y][b < DENSITY_BINS ? b : DENSITY_BINS - 1]++;
        den->n[y]++;
    }
}

/* ---- the threshold ---------------------------------------------------------------------------*/

/* The EER point of the val split, if its rows are there; it is never the split that is judged. */
static int choose_threshold(const struct result *res, const struct model *m, const uint8_t *label,
                            const struct judge_options *o, struct model_result *r, struct err *err)
{
    const struct dataset *d = &res->data;
    uint8_t *val = mem_array(d->n_videos, 1);
    struct sample s = {0};
    struct curve c = {0};
    bool any = false;
    size_t i;
    int code = 0;

    r->threshold = isnan(o->threshold) ? 0.5 : o->threshold;
    r->threshold_from = isnan(o->threshold) ? "0.5, by convention" : "set by evaluate.threshold";
    if (!val)
        return err_nomem(err);
    for (i = 0; i < d->n_videos; i++)
        any |= val[i] = d->video[i].split == SPLIT_VAL && !res->use[i];
    if (any && isnan(o->threshold))
        code = sample_make(&s, m->score, m->video, m->n, label, res->clusters.of, res->clusters.n,
                           val, err);
    if (!code && s.n_pos && s.n_neg && !(code = curve_make(&c, &s, err))) {
        curve_eer(&c, &r->threshold);
        r->threshold_from = "equal error rate on the val split";
    }
    curve_release(&c);
    sample_release(&s);
    free(val);
    return code;
}

/* ---- thresholds of the val split -------------------------------------------------------------*/

/* A level's sample of the val split picks, its sample of the judged one tells. */
static int judge_points(const struct judging *j, int level, const double *score,
                        const uint32_t *video, size_t n, const uint8_t *val, struct err *err)
{
    const struct result *res = j->res;
    struct model_result *r = j->out;
    double threshold[N_CRITERIA];
    struct sample s = {0};
    int c, code;

    code = sample_make(&s, score, video, n, j->label, res->clusters.of, res->clusters.n, val, err);
    if (!code && s.n_pos && s.n_neg && !(code = operating_choose(&s, threshold, err))) {
        sample_release(&s);
        code = sample_make(&s, score, video, n, j->label, res->clusters.of, res->clusters.n,
                           res->use, err);
        for (c = 0; !code && c < N_CRITERIA; c++) {
            struct operating_point *p = &r->point[level][c];

            p->criterion = (enum criterion)c;
            p->threshold = threshold[c];
            code = operating_apply(p, &s, clusters_ways(&res->clusters), err);
            r->n_points[level]++;
        }
    }
    sample_release(&s);
    return code;
}

static int judge_thresholds(const struct judging *j, struct err *err)
{
    const struct dataset *d = &j->res->data;
    uint8_t *val = mem_array(d->n_videos, 1), *both = mem_array(d->n_videos, 1);
    struct video_scores v = {0};
    bool any = false;
    size_t i;
    int code = val && both ? 0 : err_nomem(err);

    for (i = 0; !code && i < d->n_videos; i++) {
        val[i] = d->video[i].split == SPLIT_VAL && !j->res->use[i];
        both[i] = val[i] || j->res->use[i];
        any |= val[i];
    }
    if (!code && any) {
        code = judge_points(j, 0, j->m->score, j->m->video, j->m->n, val, err);
        if (!code)
            code = aggregate_videos(&v, j->m, d->n_videos, both, AGGREGATE_MEAN, err);
        if (!code)
            code = judge_points(j, 1, v.score, v.video, v.n, val, err);
    }
    aggregate_release(&v);
    free(val);
    free(both);
    return code;
}

/* ---- a model ---------------------------------------------------------------------------------*/

static int judge_aggregates(struct result *res, const struct model *m, struct model_result *r,
                            const uint8_t *label, const struct judge_options *o, struct err *err)
{
    int k, code = 0;

    for (k = 0; !code && k < N_AGGREGATES; k++) {
        struct aggregate_result *a = &r->aggregate[r->n_aggregates];
        struct video_scores v = {0};
        struct sample s = {0};
        struct auc auc = {0};

        if (!o->aggregate[k])
            continue;
        code = aggregate_videos(&v, m, res->data.n_videos, res->use, (enum aggregate)k, err);
        if (!code)
            code = impute(res, m, r, &v, o, false, err);
        if (!code)
            code = sample_make(&s, v.score, v.video, v.n, label, res->clusters.of, res->clusters.n,
                               NULL, err);
        if (!code)
            code = auc_measure(&s, &auc, err);
        if (!code && clusters_ways(&res->clusters))
            code = auc_two_way(&auc, &res->clusters.ways, err);
        if (!code) {
            a->how = (enum aggregate)k;
            a->auc = measure_undefined("one class only");
            a->auc.n = s.n;
            a->auc.n_positive = s.n_pos;
            if (!isnan(auc.value))
                a->auc.undefined = NULL;
            measure_auc(&a->auc, &auc);
            r->n_aggregates++;
        }
        auc_release(&auc);
        sample_release(&s);
        aggregate_release(&v);
    }
    return code;
}

int judge_model(struct result *res, size_t i, const struct judge_options *o, struct err *err)
{
    const struct model *m = &res->data.model[i];
    struct model_result *r = &res->model[i];
    struct level_options level = {.seed = o->seed,
                                  .replicates = o->replicates,
                                  .jobs = o->jobs,
                                  .ways = clusters_ways(&res->clusters),
                                  .crossed = res->crossed.n ? &res->crossed : NULL,
                                  .cluster_name = cluster_name(res->clusters.by),
                                  .band = true,
                                  .curve_points = o->curve_points};
    uint8_t *label = labels_of(&res->data);
    struct video_scores v = {0};
    struct sample s = {0};
    struct judging j = {.res = res, .m = m, .out = r, .v = &v, .level = &level};
    int code;

    j.label = label;
    r->dropped = m->dropped;
    if (!label)
        return err_nomem(err);
    if ((code = aggregate_videos(&v, m, res->data.n_videos, res->use, AGGREGATE_MEAN, err)) ||
        (code = choose_threshold(res, m, label, o, r, err)))
        goto out;
    level.threshold = r->threshold;
    if ((code = sample_make(&s, m->score, m->video, m->n, label, res->clusters.of, res->clusters.n,
                            res->use, err)) ||
        (code = count(res, r, &s, &v, err)) || (code = level_measure(&r->frame, &s, &level, err)))
        goto out;
    spread(&r->density[0], &s);
    sample_release(&s);
    if ((code = impute(res, m, r, &v, o, true, err)))
        goto out;
    sample_release(&s);
    if ((code = sample_make(&s, v.score, v.video, v.n, label, res->clusters.of, res->clusters.n,
                            NULL, err)) ||
        (code = level_measure(&r->video, &s, &level, err)))
        goto out;
    spread(&r->density[1], &s);
    if (!code)
        code = judge_aggregates(res, m, r, label, o, err);
    if (!code)
        code = judge_thresholds(&j, err);
    if (!code && o->groups)
        code = judge_groups(&j, err);
out:
    sample_release(&s);
    aggregate_release(&v);
    free(label);
    return code;
}
