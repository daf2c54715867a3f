/* Forest plots: AUC by method and compression, and differences between models, with intervals. */
#include <math.h>
#include <string.h>

#include "reports/page.h"
#include "reports/words.h"

#define ROW_PX    26 /* with one model */
#define FRAME_PX  96 /* axis, key and margins */
#define MAX_ROWS  60
#define LABEL_MAX 28

/* A forest under construction: rows from the top, row 0 first. */
struct forest {
    struct figure *f;
    struct str tics, texts;
    int rows;
    double lowest, highest;
};

static void forest_label(struct forest *t, const char *label)
{
    str_add(&t->tics, t->rows ? ", " : "");
    figure_quote(&t->tics, label, LABEL_MAX, true);
    str_addf(&t->tics, " %d", -t->rows);
}

/* One number in the current row, `shift` rows off its middle. Undefined ones are said so. */
static void forest_point(struct forest *t, const struct measure *m, double shift, bool with_text)
{
    double y = -t->rows + shift, row[4] = {m->value, m->lo, m->hi, y};
    struct str text = STR_INIT;

    if (m->there && m->defined) {
        if (!m->interval)
            row[1] = row[2] = m->value;
        figure_row(t->f, row, 4);
        t->lowest = fmin(t->lowest, row[1]);
        t->highest = fmax(t->highest, row[2]);
    }
    if (with_text) {
        if (m->there && !m->defined)
            str_add(&text, "undefined");
        else
            measure_text(&text, m);
        str_add(&t->texts, "set label ");
        figure_quote(&t->texts, text.s, 40, false);
        str_addf(&t->texts, " at graph 1.06, first %g left font ',12'\n", y);
    }
    str_release(&text);
}

static void forest_finish(struct forest *t, const char *xlabel, double reference, const char *plots,
                          bool with_text)
{
    struct figure *f = t->f;

    str_addf(&f->script,
             "set xlabel '%s'\nset ytics (%s)\nset yrange [%g:0.6]\n"
             "set grid noytics\nunset key\n"
             "set border 1\nset ytics scale 0 font ',13'\n"
             "set arrow from %g, graph 0 to %g, graph 1 nohead linecolor rgb '#888888' dashtype 2 "
             "back\n%s%s",
             xlabel, t->tics.s ? t->tics.s : "", -t->rows + 0.4, reference, reference,
             with_text ? "set rmargin at screen 0.74\n" : "", t->texts.s ? t->texts.s : "");
    if (plots)
        str_addf(&f->script, "%s", plots);
}

static void group_label(struct str *out, const struct jsonr *group)
{
    static const char *const keys[] = {"dataset", "method", "compression", "split"};
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const char *text = jsonr_as_text(jsonr_get(group, keys[i]));

        if (!text || strcmp(text, "-") == 0 || strcmp(text, ".") == 0 || !*text)
            continue;
        if (out->len)
            str_add_c(out, ' ');
        words_short(out, text, LABEL_MAX);
    }
    if (!out->len)
        str_add(out, "all");
}

/* The video AUC of the i-th group, or the frame AUC where no video AUC is given. */
static struct measure group_auc(const struct jsonr *group, bool *frame)
{
    struct measure m = measure_read(jsonr_get(jsonr_get(group, "video"), "auc"));

    *frame = !m.there;
    return m.there ? m : measure_read(jsonr_get(jsonr_get(group, "frame"), "auc"));
}

/* The group of model k with the same labels as `group` of the first model. */
static const struct jsonr *same_group(const struct model *m, const struct jsonr *group)
{
    const struct jsonr *groups = jsonr_get(m->node, "groups");
    struct str want = STR_INIT, have = STR_INIT;
    const struct jsonr *found = NULL;
    size_t i;

    group_label(&want, group);
    for (i = 0; !found && i < jsonr_size(groups); i++) {
        str_clear(&have);
        group_label(&have, jsonr_at(groups, i));
        if (!str_failed(&want) && !str_failed(&have) && strcmp(want.s, have.s) == 0)
            found = jsonr_at(groups, i);
    }
    str_release(&want);
    str_release(&have);
    return found;
}

int figures_of_forest(struct page *p, struct err *err)
{
    struct forest t = {.lowest = 0.5, .highest = 0.5};
    struct str plots = STR_INIT, label = STR_INIT;
    size_t n_models = p->models.n < FIGURE_MODELS ? p->models.n : FIGURE_MODELS, k, i, n_groups;
    const struct jsonr *groups;
    bool one = n_models == 1, frame;
    struct measure m;
    int r = 0, row_px;

    if (n_models == 0)
        return 0;
    groups = jsonr_get(p->models.model[0].node, "groups");
    n_groups = jsonr_size(groups) < MAX_ROWS ? jsonr_size(groups) : MAX_ROWS;
    if (n_groups == 0)
        return 0;
    t.f = figures_add(&p->figures, "forest");
    if (!t.f)
        return err_nomem(err);
    row_px = one ? ROW_PX : 10 + 14 * (int)n_models;
    figure_begin(t.f, FRAME_PX + (int)(n_groups + 1) * row_px + (one ? 0 : (int)n_models * 18));
    for (k = 0; k < n_models; k++) {
        double shift = one ? 0.0 : 0.3 - 0.6 * (double)k / (double)(n_models - 1);
        int block = figure_block(t.f, p->models.model[k].name);

        t.rows = 0;
        m = model_measure(&p->models.model[k], LEVEL_VIDEO, "auc");
        if (!m.there)
            m = model_measure(&p->models.model[k], LEVEL_FRAME, "auc");
        if (k == 0)
            forest_label(&t, "all together");
        forest_point(&t, &m, shift, one);
        for (i = 0; i < n_groups; i++) {
            t.rows++;
            m = group_auc(k == 0 ? jsonr_at(groups, i)
                                 : same_group(&p->models.model[k], jsonr_at(groups, i)),
                          &frame);
            if (k == 0) {
                str_clear(&label);
                group_label(&label, jsonr_at(groups, i));
                if (frame)
                    str_add(&label, " (frames)");
                forest_label(&t, label.s);
            }
            forest_point(&t, &m, shift, one);
        }
        str_addf(&plots,
                 "%s'%s.dat' index %d using 1:4:2:3 with xerrorbars pointtype %d pointsize 0.9 "
                 "linewidth 2 linecolor rgb '%s' title ",
                 k ? ", \\\n  " : "plot ", t.f->name, block, one ? 7 : 5 + 2 * (int)(k % 5),
                 figure_colour(k));
        figure_quote(&plots, p->models.model[k].name, 40, false);
    }
    t.rows++;
    forest_finish(&t, "AUC", 0.5, NULL, one);
    t.lowest = floor(t.lowest * 10.0 - 1e-9) / 10.0;
    t.highest = fmin(1.0, ceil(t.highest * 10.0 + 1e-9) / 10.0);
    str_addf(&t.f->script, "set xrange [%g:%g]\nset xtics %g\n%s%s\n", t.lowest, t.highest,
             figure_tic_step(t.highest - t.lowest),
             one ? "" : "set key on bmargin center vertical maxcols 1 Left reverse\n",
             plots.s ? plots.s : "");
    figure_end(t.f);
    str_add(&t.f->title, "AUC by data set, method and compression");
    str_addf(&t.f->alt, "Forest plot of %zu groups; the table that follows holds the numbers.",
             n_groups);
    str_add(&t.f->caption, "Video AUC of each method against the same real videos, with 95 % "
                           "intervals; dashed: guessing.");
    if (str_failed(&plots) || str_failed(&t.f->script) || str_failed(&t.tics))
        r = err_nomem(err);
    str_release(&plots);
    str_release(&label);
    str_release(&t.tics);
    str_release(&t.texts);
    return r;
}

int figures_of_pairs(struct page *p, struct err *err)
{
    const struct run_table *table = &p->run.table[RUN_PAIRS];
    struct forest t = {.lowest = 0.0, .highest = 0.0};
    struct manifest_row row = {0};
    struct str label = STR_INIT;
    size_t i, n = table->there ? table->m.n_rows : 0;
    double margin;
    int r = 0, block;

    if (n == 0)
        return 0;
    if (n > MAX_ROWS)
        n = MAX_ROWS;
    t.f = figures_add(&p->figures, "pairs");
    if (!t.f)
        return err_nomem(err);
    figure_begin(t.f, FRAME_PX + (int)n * ROW_PX);
    block = figure_block(t.f, "difference, lower, upper, row");
    for (i = 0; !r && i < n; i++) {
        struct measure m;

        r = manifest_read(&table->m, i, &row, err);
        if (r)
            break;
        str_clear(&label);
        words_short(&label, run_cell(&row, "a"), 14);
        str_add(&label, " \xe2\x88\x92 ");
        words_short(&label, run_cell(&row, "b"), 14);
        if (run_cell(&row, "level"))
            str_addf(&label, ", %.8s", run_cell(&row, "level"));
        forest_label(&t, label.s);
        m = measure_make(run_number(&row, "difference"), run_number(&row, "lo"),
                         run_number(&row, "hi"), run_cell(&row, "undefined"));
        forest_point(&t, &m, 0.0, true);
        t.rows++;
    }
    manifest_row_release(&row);
    margin = fmax(0.01, 0.1 * (t.highest - t.lowest));
    forest_finish(&t, "Difference of AUC", 0.0, NULL, true);
    str_addf(&t.f->script,
             "set xrange [%g:%g]\nset xtics %g\nplot '%s.dat' index %d using 1:4:2:3 with "
             "xerrorbars pointtype 7 "
             "pointsize 0.9 linewidth 2 linecolor rgb '%s' notitle\n",
             t.lowest - margin, t.highest + margin,
             figure_tic_step(t.highest - t.lowest + 2.0 * margin), t.f->name, block,
             figure_colour(0));
    figure_end(t.f);
    str_add(&t.f->title, "Differences between models");
    str_addf(&t.f->alt, "Differences of AUC of %zu pairs of models with intervals.", n);
    str_add(&t.f->caption, "Paired differences with 95 % intervals; an interval that holds 0 "
                           "(dashed) is no evidence of a difference.");
    if (!r && (str_failed(&t.f->script) || str_failed(&t.tics)))
        r = err_nomem(err);
    str_release(&label);
    str_release(&t.tics);
    str_release(&t.texts);
    return r;
}
