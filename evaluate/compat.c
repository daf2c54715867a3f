#include "evaluate/compat.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
#include "lib/mem.h"

enum compat_tool compat_parse(const char *name)
{
    return !strcmp(name, "deepfakebench") ? COMPAT_DEEPFAKEBENCH
           : !strcmp(name, "caddm")       ? COMPAT_CADDM
                                          : COMPAT_NONE;
}

/* ---- the nearest point -----------------------------------------------------------------------*/

struct count {
    double pos, neg;
};

int compat_nearest_eer(const struct sample *s, double *eer, struct err *err)
{
    struct count *p;
    double M = (double)s->n_pos, N = (double)s->n_neg, best;
    size_t i, n = 0;

    *eer = NAN;
    if (!s->n_pos || !s->n_neg)
        return 0;
    p = bulk_array(s->n, sizeof(*p));
    if (!p)
        return bulk_failed(err);
    for (i = s->n; i;) {
        double x = s->item[i - 1].score;

        p[n] = n ? p[n - 1] : (struct count){0};
        for (; i && s->item[i - 1].score == x; i--)
            *(s->label[s->item[i - 1].unit] ? &p[n].pos : &p[n].neg) += 1;
        n++;
    }
    best = 1; /* the corner (0, 0), which is put before whatever is left */
    *eer = 0;
    for (i = 0; i < n; i++) {
        double off;

        if (i && i + 1 < n && p[i + 1].neg - p[i].neg == p[i].neg - p[i - 1].neg &&
            p[i + 1].pos - p[i].pos == p[i].pos - p[i - 1].pos)
            continue;
        off = fabs(1 - p[i].pos / M - p[i].neg / N);
        if (off < best) {
            best = off;
            *eer = p[i].neg / N;
        }
    }
    bulk_free(p);
    return 0;
}

/* ---- videos as they see them -----------------------------------------------------------------*/

struct folders {
    double *sum, *frames, *fakes; /* by name */
    double *score;
    uint32_t *unit;
    uint8_t *label;
    size_t n, mixed;
};

static void folders_release(struct folders *f)
{
    free(f->sum);
    free(f->frames);
    free(f->fakes);
    free(f->score);
    free(f->unit);
    free(f->label);
}

/* Frames gathered by the last part of their folder. */
static int by_folder(struct folders *f, const struct dataset *d, const struct model *m,
                     const uint8_t *use, struct err *err)
{
    uint32_t *folder = mem_array(d->n_videos, sizeof(*folder));
    struct names t = {0};
    size_t names, i;
    int r = folder ? 0 : err_nomem(err);

    for (i = 0; !r && i < d->n_videos; i++) {
        const char *name = names_text(&d->keys, (uint32_t)i) + d->video[i].name_at;

        r = names_add(&t, name, strlen(name), &folder[i], err);
    }
    names = t.n;
    names_release(&t);
    if (r) {
        free(folder);
        return r;
    }
    f->sum = mem_array(names, sizeof(*f->sum));
    f->frames = mem_array(names, sizeof(*f->frames));
    f->fakes = mem_array(names, sizeof(*f->fakes));
    f->score = mem_array(names, sizeof(*f->score));
    f->unit = mem_array(names, sizeof(*f->unit));
    f->label = mem_array(names, 1);
    if (!f->sum || !f->frames || !f->fakes || !f->score || !f->unit || !f->label) {
        free(folder);
        return err_nomem(err);
    }
    for (i = 0; i < m->n; i++) {
        const struct video *v = &d->video[m->video[i]];
        size_t k = folder[m->video[i]];

        if (!use[m->video[i]])
            continue;
        f->sum[k] += m->score[i];
        f->frames[k]++;
        f->fakes[k] += v->label;
    }
    for (i = 0; i < names; i++)
        if (f->frames[i] > 0) {
            f->mixed += f->fakes[i] > 0 && f->fakes[i] < f->frames[i];
            f->score[f->n] = f->sum[i] / f->frames[i];
            f->label[f->n] = f->fakes[i] == f->frames[i];
            f->unit[f->n] = (uint32_t)f->n;
            f->n++;
        }
    free(folder);
    return 0;
}

/* ---- a data set ------------------------------------------------------------------------------*/

static struct compat_row *row(struct compat_set *c, const char *metric, double theirs, double ours,
                              const char *why)
{
    struct compat_row *r = &c->row[c->n_rows++];

    r->metric = metric;
    r->theirs = theirs;
    r->ours = ours;
    snprintf(r->why, sizeof(r->why), "%s", why);
    return r;
}

/* The share of frames that a threshold of 0.5 calls right; a score of exactly 0.5 is fake for us
 * and real for them. */
static double accuracy(const struct sample *s, bool strict)
{
    size_t i, right = 0;

    for (i = 0; i < s->n; i++) {
        double x = s->item[i].score;

        right += (strict ? x > 0.5 : x >= 0.5) == (s->label[s->item[i].unit] != 0);
    }
    return s->n ? (double)right / (double)s->n : NAN;
}

static int frames_of(struct compat_set *c, const struct sample *s, enum compat_tool tool,
                     struct err *err)
{
    double auc = auc_value(s), ap = NAN, ours = NAN, theirs;
    struct curve curve = {0};
    int r;

    row(c, "frame auc", auc, auc, "the same: every frame counts, ties half");
    if (tool != COMPAT_DEEPFAKEBENCH)
        return 0;
    if ((r = compat_nearest_eer(s, &theirs, err)))
        return r;
    if (s->n_pos && s->n_neg) {
        if ((r = curve_make(&curve, s, err)))
            return r;
        ours = curve_eer(&curve, NULL);
        ap = curve_average_precision(s);
        curve_release(&curve);
    }
    row(c, "frame eer", theirs, ours,
        "theirs is the FPR of the nearest point of a curve of which points were dropped, ours "
        "lies between the two points where FPR and FNR cross");
    row(c, "frame ap", ap, ap, "the same");
    row(c, "frame accuracy", accuracy(s, true), accuracy(s, false),
        "both at 0.5; a score of exactly 0.5 is real to them and fake to us");
    return 0;
}

static int videos_of(struct compat_set *c, const struct result *res, const struct model *m,
                     const uint8_t *use, const uint8_t *label, enum compat_tool tool,
                     struct err *err)
{
    const struct dataset *d = &res->data;
    struct video_scores v = {0};
    struct folders f = {0};
    struct sample s = {0};
    double ours, theirs;
    struct compat_row *last;
    int r = aggregate_videos(&v, m, d->n_videos, use, AGGREGATE_MEAN, err);

    if (r || (r = sample_make(&s, v.score, v.video, v.n, label, res->clusters.of, res->clusters.n,
                              NULL, err)))
        goto out;
    theirs = ours = auc_value(&s);
    c->videos = c->their_videos = v.n;
    if (tool == COMPAT_CADDM) {
        row(c, "video auc", theirs, ours,
            "the same: a video is a whole folder, its score the mean of its frames");
        goto out;
    }
    sample_release(&s);
    if ((r = by_folder(&f, d, m, use, err)) ||
        (r = sample_make(&s, f.score, f.unit, f.n, f.label, f.unit, f.n, NULL, err)))
        goto out;
    theirs = auc_value(&s);
    c->their_videos = f.n;
    last = row(c, "video auc", theirs, ours, "the same: no two videos share a folder name");
    if (f.n < v.n)
        snprintf(last->why, sizeof(last->why),
                 "they know a video by its folder's name alone: %zu videos become %zu, %zu of them "
                 "of reals and fakes, which count as real",
                 v.n, f.n, f.mixed);
out:
    folders_release(&f);
    sample_release(&s);
    aggregate_release(&v);
    return r;
}

/* ---- a model ---------------------------------------------------------------------------------*/

static int one_set(struct compat_set *c, struct result *res, const struct model *m,
                   const uint8_t *use, const uint8_t *label, enum compat_tool tool, struct err *err)
{
    struct sample s;
    int r = sample_make(&s, m->score, m->video, m->n, label, res->clusters.of, res->clusters.n, use,
                        err);

    if (!r)
        r = frames_of(c, &s, tool, err);
    sample_release(&s);
    return r ? r : videos_of(c, res, m, use, label, tool, err);
}

int compat_measure(struct result *res, size_t i, enum compat_tool tool, struct err *err)
{
    const struct dataset *d = &res->data;
    const struct model *m = &d->model[i];
    struct model_result *out = &res->model[i];
    uint8_t *scored = mem_array(d->n_videos, 1), *use = mem_array(d->n_videos, 1),
            *label = mem_array(d->n_videos, 1);
    size_t k, j, cap = 0;
    int r = scored && use && label ? 0 : err_nomem(err);

    out->compat_tool = tool == COMPAT_CADDM ? "caddm" : "deepfakebench";
    for (k = 0; !r && k < m->n; k++)
        scored[m->video[k]] = res->use[m->video[k]];
    for (k = 0; !r && k < d->n_videos; k++) {
        const struct video *v = &d->video[k];
        struct compat_set *c;

        label[k] = v->label;
        for (j = 0; j < out->n_compat; j++)
            if (out->compat[j].dataset == v->dataset &&
                out->compat[j].compression == v->compression)
                break;
        if (!scored[k] || j < out->n_compat)
            continue;
        if (mem_grow(&out->compat, &cap, out->n_compat + 1, sizeof(*out->compat))) {
            r = err_nomem(err);
            break;
        }
        c = &out->compat[out->n_compat++];
        *c = (struct compat_set){.dataset = v->dataset, .compression = v->compression};
    }
    for (j = 0; !r && j < out->n_compat; j++) {
        struct compat_set *c = &out->compat[j];

        for (k = 0; k < d->n_videos; k++)
            use[k] = scored[k] && d->video[k].dataset == c->dataset &&
                     d->video[k].compression == c->compression;
        r = one_set(c, res, m, use, label, tool, err);
    }
    free(scored);
    free(use);
    free(label);
    return r;
}
