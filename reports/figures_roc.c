/* ROC, ROC at low false-positive rates, DET: one of each a level. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "reports/page.h"
#include "reports/words.h"

#define NAME_MAX_CHARS 26
#define PLOT_PX        440.0 /* side of the axes' square, about */
#define DET_HIGH       0.6   /* share at the upper end of a DET axis */

#define KEY_LINE_PX 18 /* of the legend, below the axes */

/* How one drawing differs from the next. */
struct axes {
    const char *name; /* stem of the file, followed by the level */
    const char *title;
    /* Where a point of the ROC stands in the drawing, 0..1 on its axes. */
    struct curve_point (*place)(double fpr, double tpr, double low);
    void (*script)(struct figure *f, double low);
};

static struct curve_point place_square(double fpr, double tpr, double low)
{
    (void)low;
    return (struct curve_point){fpr, tpr};
}

/* What is left of the axis stands on its edge: the rate of fakes found before the first false
 * alarm is the interesting part of it. */
static struct curve_point place_log(double fpr, double tpr, double low)
{
    return (struct curve_point){1.0 - log10(fmax(fpr, low)) / log10(low), tpr};
}

/* Normal deviates are infinite at 0 and 1. Rational approximation of Abramowitz and Stegun,
 * 26.2.23 (error < 4.5e-4), good enough to decide which points a drawing needs. */
static double deviate(double p)
{
    double q = p < 0.5 ? p : 1.0 - p, t = sqrt(-2.0 * log(q));
    double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));

    return p < 0.5 ? -z : z;
}

static double det_rate(double rate, double least)
{
    return fmin(fmax(rate, least), 1.0 - least);
}

/* A rate of 0 or 100 % is infinitely far away: it goes just off the axes, so that the line to it
 * runs out of the drawing. */
static struct curve_point place_det(double fpr, double tpr, double low)
{
    double from = deviate(low), range = deviate(DET_HIGH) - from, least = low / 4.0;

    return (struct curve_point){(deviate(det_rate(fpr, least)) - from) / range,
                                (deviate(det_rate(1.0 - tpr, least)) - from) / range};
}

static void script_square(struct figure *f, double low)
{
    (void)low;
    str_add(&f->script, "set size square\n"
                        "set xlabel 'False-positive rate (real called fake)'\n"
                        "set ylabel 'True-positive rate (fakes found)'\n"
                        "set xrange [0:1]\nset yrange [0:1]\n"
                        "set xtics 0.2\nset ytics 0.2\n"
                        "set arrow from 0,0 to 1,1 nohead linecolor rgb '#888888' dashtype 2 back\n"
                        "set key bmargin center vertical maxcols 1 Left reverse samplen 3\n");
}

static void script_log(struct figure *f, double low)
{
    str_addf(&f->script,
             "set size square\n"
             "set xlabel 'False-positive rate (log scale)'\n"
             "set ylabel 'True-positive rate (fakes found)'\n"
             "set logscale x\nset xrange [%g:1]\nset yrange [0:1]\n"
             "set ytics 0.2\n"
             "set key bmargin center vertical maxcols 1 Left reverse samplen 3\n",
             low);
    str_add(&f->script, "set xtics ('0.0001' 1e-4, '0.001' 1e-3, '0.01' 1e-2, '0.1' 0.1, '1' 1)\n");
}

/* Where a DET axis may begin and has tics. */
static const double det_tics[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6};
#define N_DET_TICS (sizeof(det_tics) / sizeof(*det_tics))

static void script_det(struct figure *f, double low)
{
    size_t i;
    int axis;

    /* Ranges first: gnuplot checks the inverse over the range that it has. */
    str_addf(&f->script,
             "set size square\nset clip two\nset xrange [%g:%g]\nset yrange [%g:%g]\n"
             "set nonlinear x via invnorm(x) inverse norm(x)\n"
             "set nonlinear y via invnorm(y) inverse norm(y)\n"
             "set xlabel 'False-positive rate, %% (real called fake)'\n"
             "set ylabel 'Miss rate, %% (fakes not found)'\n",
             low, DET_HIGH, low, DET_HIGH);
    for (axis = 0; axis < 2; axis++) {
        const char *sep = "";

        str_addf(&f->script, "set %ctics (", "xy"[axis]);
        for (i = 0; i < N_DET_TICS; i++) {
            if (det_tics[i] < low)
                continue;
            str_addf(&f->script, "%s'%g' %g", sep, det_tics[i] * 100.0, det_tics[i]);
            sep = ", ";
        }
        str_add(&f->script, ")\n");
    }
    str_addf(&f->script,
             "set arrow from %g,%g to %g,%g nohead linecolor rgb '#888888' dashtype 2 back\n"
             "set key bmargin center vertical maxcols 1 Left reverse samplen 3\n",
             low, low, DET_HIGH, DET_HIGH);
}

static const struct axes all_axes[] = {
    {"roc", "ROC curve", place_square, script_square},
    {"roc-low", "ROC curve, low false-positive rates", place_log, script_log},
    {"det", "Detection error trade-off", place_det, script_det},
};

/* The lowest rate that the axes show: a decade below what the real videos can resolve, within
 * 1e-4 .. 1e-2; for DET the tic just below the resolution. */
static double lowest_rate(const struct page *p, enum model_level level, bool det)
{
    double n = 0.0, low;
    size_t i;

    for (i = 0; i < p->models.n; i++) {
        const struct measure auc = model_measure(&p->models.model[i], level, "auc");

        if (auc.n > 0 && auc.n_positive >= 0 && auc.n > auc.n_positive)
            n = fmax(n, (double)(auc.n - auc.n_positive));
    }
    low = n > 0.0 ? pow(10.0, floor(log10(1.0 / n) + 1e-9)) : 1e-3;
    if (det) {
        for (i = 0; i < 6 && det_tics[i + 1] <= 0.7 / fmax(n, 1.0); i++)
            ;
        return det_tics[i];
    }
    return fmin(fmax(low, 1e-4), 1e-2);
}

/* Does any threshold leave both kinds of error? A DET curve of none is off its axes. */
static bool has_errors(const struct curve *c)
{
    size_t k;

    for (k = 0; k < c->n; k++)
        if (c->rows[k].x > 0.0 && c->rows[k].x < 1.0 && c->rows[k].y > 0.0 && c->rows[k].y < 1.0)
            return true;
    return false;
}

/* Thins the curve as it will be seen and writes what is kept in the units of the axes. Returns the
 * block, -1 when there is nothing to see, or an error's code. */
static int add_curve(struct figure *f, const struct curve *c, const struct axes *a, double low,
                     struct err *err)
{
    struct curve_point *kept = mem_array(c->n, sizeof(*kept)), here;
    long long n, i;
    size_t k;
    int block = -1;

    if (!kept)
        return err_nomem(err);
    for (k = 0; k < c->n; k++)
        kept[k] = a->place(c->rows[k].x, c->rows[k].y, low);
    n = thin_curve(kept, c->n, FIGURE_POINTS, 0.5 / PLOT_PX, err);
    if (n < 0)
        block = (int)n;
    else if (a->place != place_det || has_errors(c))
        block = figure_block(f, c->model);
    /* Back to the rows: kept points are a subset, in order. */
    for (k = 0, i = 0; block >= 0 && k < c->n && i < n; k++) {
        double row[2] = {c->rows[k].x, c->rows[k].y};

        here = a->place(row[0], row[1], low);
        if (here.x != kept[i].x || here.y != kept[i].y)
            continue;
        if (a->place == place_log)
            row[0] = fmax(row[0], low);
        if (a->place == place_det) {
            row[0] = det_rate(row[0], low / 4.0);
            row[1] = det_rate(1.0 - row[1], low / 4.0);
        }
        figure_row(f, row, 2);
        i++;
    }
    free(kept);
    return block;
}

/* The band's limits at each rate of its grid. Sets *wide if it has any width: that of a perfect
 * curve has none. */
static int add_band(struct figure *f, const struct curve *c, const struct axes *a, double low,
                    bool *wide)
{
    int block = figure_block(f, "band: rate, lower, upper");
    size_t i;

    for (i = 0; i < c->n; i++) {
        double row[3] = {c->rows[i].x, c->rows[i].lo, c->rows[i].hi};

        if (!isfinite(row[1]) || !isfinite(row[2]))
            continue;
        *wide = *wide || row[2] > row[1];
        if (a->place == place_log)
            row[0] = fmax(row[0], low);
        figure_row(f, row, 3);
    }
    return block;
}

static void legend(struct str *out, const struct model *m, enum model_level level)
{
    struct measure auc = model_measure(m, level, "auc");
    struct str text = STR_INIT;

    words_short(&text, m->name, NAME_MAX_CHARS);
    str_add(&text, ": AUC ");
    measure_text(&text, &auc);
    figure_quote(out, text.s, 80, false);
    str_release(&text);
}

/* Below 1 / n real videos a false-positive rate cannot be told from 0. */
static void caption(struct page *p, struct figure *f, const struct axes *a, enum model_level level,
                    bool band, bool whole)
{
    const struct model *m = &p->models.model[0];
    struct measure auc = model_measure(m, level, "auc");
    char n[WORDS_MAX], k[WORDS_MAX], noun[WORDS_MAX];

    str_addf(&f->caption, "%s, %s level", a->title, level_names[level]);
    if (auc.n >= 0)
        str_addf(&f->caption, ": %s %s", words_count(auc.n, n),
                 words_plural(auc.n, level_names[level], noun));
    if (auc.n >= 0 && auc.n_positive >= 0)
        str_addf(&f->caption, " (%s real, %s fake)", words_count(auc.n - auc.n_positive, n),
                 words_count(auc.n_positive, k));
    str_add(&f->caption, ".");
    if (band)
        str_add(&f->caption, " Shaded: 95 % band at each rate, resampling whole clusters.");
    if (whole)
        str_add(&f->caption, " Dotted: 95 % band of the curve at all rates together.");
    if (a->place == place_log)
        str_add(&f->caption, " Rates below the left edge stand on it.");
    if (a->place == place_det)
        str_add(&f->caption, " Axes are normal deviates; the dashed line holds the equal error "
                             "rate; rates of 0 and 100 % are beyond them.");
    if (p->models.n > FIGURE_MODELS)
        str_addf(&f->caption, " The first %d of %zu models are drawn.", FIGURE_MODELS, p->models.n);
}

static size_t drawn_models(const struct page *p)
{
    return p->models.n < FIGURE_MODELS ? p->models.n : FIGURE_MODELS;
}

/* The limits within which the whole curve lies, as two lines; for one model, as more would be a
 * thicket. */
static bool add_whole_band(struct page *p, struct figure *f, const struct axes *a,
                           enum model_level level, double low, struct str *plots)
{
    const struct curve *c = curves_find(&p->curves, p->models.model[0].name, level_names[level],
                                        "all", "roc_simultaneous", NULL);
    bool wide = false;
    int block, side;

    if (p->models.n != 1 || !c || a->place == place_det)
        return false;
    block = add_band(f, c, a, low, &wide);
    for (side = 2; side <= 3; side++)
        str_addf(plots,
                 ", \\\n  '%s.dat' index %d using 1:%d with lines linewidth 1 dashtype 3 "
                 "linecolor rgb '%s' notitle",
                 f->name, block, side, figure_colour(0));
    return wide;
}

static int add_figure(struct page *p, const struct axes *a, enum model_level level, struct err *err)
{
    double low = lowest_rate(p, level, a->place == place_det);
    struct str plots = STR_INIT;
    struct figure *f;
    char name[40];
    bool band = false, any = false, whole = false;
    size_t i;
    int block, r = 0;

    snprintf(name, sizeof(name), "%s-%s", a->name, level_names[level]);
    f = figures_add(&p->figures, name);
    if (!f)
        return err_nomem(err);
    figure_begin(f, FIGURE_WIDTH_PX + KEY_LINE_PX * (int)drawn_models(p));
    a->script(f, low);
    if (a->place == place_det) /* gnuplot's own margin forgets the title of a nonlinear axis */
        str_addf(&f->script, "set bmargin %d\n", 4 + (int)drawn_models(p));
    for (i = 0; i < drawn_models(p); i++) {
        const struct model *m = &p->models.model[i];
        const struct curve *roc =
            curves_find(&p->curves, m->name, level_names[level], "all", "roc", NULL);
        const struct curve *limits =
            curves_find(&p->curves, m->name, level_names[level], "all", "roc_band", NULL);

        if (!roc)
            continue;
        block = add_curve(f, roc, a, low, err);
        if (block < -1) {
            r = block;
            goto out;
        }
        if (block < 0)
            continue;
        if (limits && a->place != place_det) {
            str_addf(&plots,
                     "%s'%s.dat' index %d using 1:2:3 with filledcurves linecolor rgb '%s' notitle",
                     any ? ", \\\n  " : "", f->name, add_band(f, limits, a, low, &band),
                     figure_colour(i));
            any = true;
        }
        str_addf(&plots,
                 "%s'%s.dat' index %d using 1:2 with lines linewidth 2 dashtype %d "
                 "linecolor rgb '%s' title ",
                 any ? ", \\\n  " : "", f->name, block, figure_dash(i), figure_colour(i));
        any = true;
        legend(&plots, m, level);
    }
    if (any)
        whole = add_whole_band(p, f, a, level, low, &plots);
    str_addf(&f->title, "%s, %s level", a->title, level_names[level]);
    if (!any) {
        f->drawn = false;
        str_addf(&f->caption, "%s, %s level: not drawn, because %s.", a->title, level_names[level],
                 a->place == place_det ? "no threshold leaves both error rates between 0 and 100 %"
                                       : "there is no curve");
    } else {
        str_addf(&f->script, "plot %s\n", plots.s);
        figure_end(f);
        caption(p, f, a, level, band, whole);
        for (i = 0; i < drawn_models(p); i++) {
            struct measure auc = model_measure(&p->models.model[i], level, "auc");

            str_addf(&f->alt, "%s%s: AUC ", i ? "; " : "", p->models.model[i].name);
            measure_text(&f->alt, &auc);
        }
    }
    if (str_failed(&plots) || str_failed(&f->script) || str_failed(&f->data))
        r = err_nomem(err);
out:
    str_release(&plots);
    return r;
}

int figures_of_roc(struct page *p, struct err *err)
{
    size_t i;
    int level, r = 0;

    for (level = 0; level < N_LEVELS; level++) {
        if (!curves_find(&p->curves, NULL, level_names[level], "all", "roc", NULL))
            continue;
        for (i = 0; !r && i < sizeof(all_axes) / sizeof(*all_axes); i++)
            r = add_figure(p, &all_axes[i], (enum model_level)level, err);
    }
    return r;
}
