#include "evaluate/output.h"

#include <math.h>
#include <stdio.h>

#include "lib/fs.h"
#include "lib/manifest.h"

static int write_table(struct manifest_table *t, const char *folder, const char *name,
                       const char *settings, const char *input, const char *const *columns,
                       struct err *err)
{
    struct str path = STR_INIT;
    int r;

    fs_join(folder, name, &path);
    r = str_failed(&path)
            ? err_nomem(err)
            : manifest_table_write(t, path.s, "evaluate", settings, input, columns, err);
    str_release(&path);
    return r;
}

/* ---- curves ----------------------------------------------------------------------------------*/

static const char *const curve_columns[] = {"id",    "model", "level",     "group", "kind",
                                            "label", "x",     "y",         "y_lo",  "y_hi",
                                            "n",     "name",  "threshold", NULL};

/* What the rows of one curve have in common. */
struct curve_of {
    size_t model_index;
    const char *model, *level, *kind, *label;
    size_t rows;
};

static void curve_point(struct str *s, struct curve_of *c, double x, double y, double lo, double hi,
                        long long n, const char *name, double threshold)
{
    char id[96];

    /* The number in the id keeps the points in their order when rows are sorted. */
    snprintf(id, sizeof(id), "%03zu-%s-%s-%s%06zu", c->model_index, c->level, c->kind, c->label,
             c->rows++);
    row_text(s, id);
    row_text(s, c->model);
    row_text(s, c->level);
    row_text(s, "all");
    row_text(s, c->kind);
    row_text(s, c->label[0] ? c->label : NULL);
    row_exact(s, x);
    row_exact(s, y);
    row_exact(s, lo);
    row_exact(s, hi);
    if (n < 0)
        row_text(s, NULL);
    else
        row_int(s, n);
    row_text(s, name);
    row_exact(s, isinf(threshold) ? NAN : threshold);
    row_end(s);
}

static void plot(struct str *s, struct curve_of c, const struct plot *p)
{
    size_t i;

    for (i = 0; i < p->n; i++)
        curve_point(s, &c, p->p[i].x, p->p[i].y, p->p[i].lo, p->p[i].hi, -1, NULL,
                    p->p[i].threshold);
}

static void density(struct str *s, struct curve_of c, const struct density *d)
{
    double width = (d->hi - d->lo) / DENSITY_BINS;
    int y, b;

    for (y = 0; y < 2; y++) {
        c.label = y ? "fake" : "real";
        c.rows = 0;
        for (b = 0; d->n[y] && b < DENSITY_BINS; b++)
            curve_point(s, &c, d->lo + (b + 0.5) * width,
                        width > 0 ? (double)d->count[y][b] / ((double)d->n[y] * width)
                                  : (double)d->count[y][b],
                        NAN, NAN, (long long)d->count[y][b], NULL, NAN);
    }
}

static void caterpillar(struct str *s, struct curve_of c, const struct names *t,
                        const struct model_result *m)
{
    size_t i;

    for (i = 0; i < m->n_means; i++) {
        const struct identity_mean *p = &m->mean[i];

        c.label = p->label ? "fake" : "real";
        curve_point(s, &c, (double)i, p->mean, p->lo, p->hi, (long long)p->videos,
                    names_text(t, p->name), NAN);
    }
}

int output_curves(const struct result *r, const char *folder, const char *settings,
                  const char *input, struct err *err)
{
    struct manifest_table t = {0};
    struct str s = STR_INIT;
    size_t i;
    int k, code = 0;

    for (i = 0; !code && i < r->data.n_models; i++) {
        const struct model_result *m = &r->model[i];
        const char *name = r->data.model[i].name;

        for (k = 0; k < 2; k++) {
            const char *level = k ? "video" : "frame";
            const struct level *l = k ? &m->video : &m->frame;

            plot(&s, (struct curve_of){i, name, level, "roc", "", 0}, &l->roc);
            plot(&s, (struct curve_of){i, name, level, "roc_band", "", 0}, &l->band);
            plot(&s, (struct curve_of){i, name, level, "roc_simultaneous", "", 0},
                 &l->simultaneous);
            plot(&s, (struct curve_of){i, name, level, "pr", "", 0}, &l->pr);
            density(&s, (struct curve_of){i, name, level, "density", "", 0}, &m->density[k]);
        }
        caterpillar(&s, (struct curve_of){i, name, "video", "identity", "", 0}, &r->data.names, m);
        code = str_failed(&s) ? err_nomem(err) : manifest_table_add(&t, s.s ? s.s : "", s.len, err);
        str_clear(&s);
    }
    if (!code)
        code = write_table(&t, folder, "curves.tsv", settings, input, curve_columns, err);
    manifest_table_release(&t);
    str_release(&s);
    return code;
}

/* ---- probes ----------------------------------------------------------------------------------*/

int output_probes(const struct result *r, const char *folder, const char *settings,
                  const char *input, struct err *err)
{
    static const char *const columns[] = {
        "id",     "model", "probe", "identity", "label",      "value",     "lo",    "hi",
        "chance", "p",     "n",     "unit",     "identities", "undefined", "about", NULL};
    struct manifest_table t = {0};
    struct str s = STR_INIT;
    size_t i, k;
    char id[48];
    int code;

    for (i = 0; i < r->data.n_models; i++)
        for (k = 0; k < r->model[i].probes.n; k++) {
            const struct probe *p = &r->model[i].probes.p[k];

            snprintf(id, sizeof(id), "%03zu-%03zu", i, k);
            row_text(&s, id);
            row_text(&s, r->data.model[i].name);
            row_text(&s, p->name);
            row_text(&s, p->map[0] ? p->map : NULL);
            row_text(&s, p->label[0] ? p->label : NULL);
            row_exact(&s, p->value);
            row_exact(&s, p->lo);
            row_exact(&s, p->hi);
            row_exact(&s, p->chance);
            row_exact(&s, p->p);
            row_int(&s, (long long)p->n);
            row_text(&s, p->unit);
            row_int(&s, (long long)p->identities);
            row_text(&s, isnan(p->value) ? p->undefined : NULL);
            row_text(&s, p->about);
            row_end(&s);
        }
    code = str_failed(&s) ? err_nomem(err) : manifest_table_add(&t, s.s ? s.s : "", s.len, err);
    if (!code)
        code = write_table(&t, folder, "probes.tsv", settings, input, columns, err);
    manifest_table_release(&t);
    str_release(&s);
    return code;
}

/* ---- swaps -----------------------------------------------------------------------------------*/

int output_swaps(const struct result *r, const char *folder, const char *settings,
                 const char *input, struct err *err)
{
    static const char *const columns[] = {"id",           "model", "target",   "donor",
                                          "videos",       "mean",  "expected", "target_effect",
                                          "donor_effect", NULL};
    struct manifest_table t = {0};
    struct str s = STR_INIT;
    char id[48];
    size_t i, k;
    int code;

    for (i = 0; i < r->data.n_models; i++)
        for (k = 0; k < r->model[i].n_swaps; k++) {
            const struct swap_cell *c = &r->model[i].swap[k];

            snprintf(id, sizeof(id), "%03zu-%06zu", i, k);
            row_text(&s, id);
            row_text(&s, r->data.model[i].name);
            row_text(&s, names_text(&r->data.names, c->target));
            row_text(&s, names_text(&r->data.names, c->donor));
            row_int(&s, (long long)c->videos);
            row_exact(&s, c->mean);
            row_exact(&s, c->expected);
            row_exact(&s, c->target_effect);
            row_exact(&s, c->donor_effect);
            row_end(&s);
        }
    code = str_failed(&s) ? err_nomem(err) : manifest_table_add(&t, s.s ? s.s : "", s.len, err);
    if (!code)
        code = write_table(&t, folder, "swaps.tsv", settings, input, columns, err);
    manifest_table_release(&t);
    str_release(&s);
    return code;
}

/* ---- pairs -----------------------------------------------------------------------------------*/

int output_pairs(const struct result *r, const char *folder, const char *settings,
                 const char *input, struct err *err)
{
    static const char *const columns[] = {"id",
                                          "a",
                                          "b",
                                          "level",
                                          "n",
                                          "clusters",
                                          "auc_a",
                                          "auc_b",
                                          "difference",
                                          "lo",
                                          "hi",
                                          "z",
                                          "p",
                                          "p_bootstrap",
                                          "p_independent_frames",
                                          "p_holm",
                                          "p_bh",
                                          "p_exchange",
                                          "design_effect",
                                          "power_difference",
                                          "power",
                                          "detectable_80",
                                          "clusters_80",
                                          "undefined",
                                          NULL};
    struct manifest_table t = {0};
    struct str s = STR_INIT;
    char id[32];
    size_t i;
    int code;

    for (i = 0; i < r->n_pairs; i++) {
        const struct pair_result *p = &r->pair[i];

        snprintf(id, sizeof(id), "%06zu", i);
        row_text(&s, id);
        row_text(&s, r->data.model[p->a].name);
        row_text(&s, r->data.model[p->b].name);
        row_text(&s, p->level);
        row_int(&s, (long long)p->n);
        row_int(&s, (long long)p->clusters);
        row_exact(&s, p->auc_a);
        row_exact(&s, p->auc_b);
        row_exact(&s, p->difference);
        row_exact(&s, p->lo);
        row_exact(&s, p->hi);
        row_exact(&s, p->z);
        row_exact(&s, p->p);
        row_exact(&s, p->p_bootstrap);
        row_exact(&s, p->p_iid);
        row_exact(&s, p->p_holm);
        row_exact(&s, p->p_bh);
        row_exact(&s, p->p_exchange);
        row_exact(&s, p->design_effect);
        row_exact(&s, p->power_difference);
        row_exact(&s, p->power);
        row_exact(&s, p->detectable);
        row_exact(&s, p->clusters_needed);
        row_text(&s, isnan(p->difference) ? p->undefined : NULL);
        row_end(&s);
    }
    code = str_failed(&s) ? err_nomem(err) : manifest_table_add(&t, s.s ? s.s : "", s.len, err);
    if (!code)
        code = write_table(&t, folder, "pairs.tsv", settings, input, columns, err);
    manifest_table_release(&t);
    str_release(&s);
    return code;
}
