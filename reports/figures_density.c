/* Score densities of the real and the fake, one figure a model. */
#include <math.h>
#include <stdio.h>

#include "reports/page.h"
#include "reports/words.h"

#define HEIGHT_PX (FIGURE_WIDTH_PX + 18) /* as a ROC with a line of legend */

static const struct {
    const char *label, *words;
    int colour;
} classes[] = {{"real", "real", 0}, {"fake", "fake", 1}};

/* Bins to take together so that a histogram of n values is no comb: at most 2 n^(1/3) of them (the
 * Rice rule), or 10 where that is more, all of one width. */
static size_t bins_together(size_t bins, double n)
{
    double wanted = fmax(10.0, 2.0 * cbrt(n));
    size_t together = 1;

    while (together < bins && ((double)bins / (double)together > wanted || bins % together != 0))
        together++;
    return together;
}

static double sum_of(const struct curve *c)
{
    double n = 0.0;
    size_t i;

    for (i = 0; i < c->n; i++)
        n += c->rows[i].n > 0 ? (double)c->rows[i].n : 0.0;
    return n;
}

/* A histogram as the outline of its bars; x are the middles of bins of one width. */
static int add_bars(struct figure *f, const struct curve *c, size_t together)
{
    double width = c->n > 1 ? c->rows[1].x - c->rows[0].x : 1.0;
    int block = figure_block(f, c->label);
    size_t i, k;

    for (i = 0; i < c->n; i += together) {
        size_t end = i + together < c->n ? i + together : c->n;
        double row[2] = {c->rows[i].x - width / 2.0, 0.0};

        for (k = i; k < end; k++)
            row[1] += c->rows[k].y;
        row[1] /= (double)(end - i);
        figure_row(f, row, 2);
        row[0] = c->rows[end - 1].x + width / 2.0;
        figure_row(f, row, 2);
    }
    return block;
}

static int add_figure(struct page *p, size_t index, enum model_level level, struct err *err)
{
    const struct model *m = &p->models.model[index];
    const struct curve *c[sizeof(classes) / sizeof(*classes)];
    struct str plots = STR_INIT;
    struct figure *f;
    char name[40], n[WORDS_MAX], noun[WORDS_MAX];
    double fewest = INFINITY;
    size_t i;
    int block, r = 0;

    snprintf(name, sizeof(name), "density-%s-%zu", level_names[level], index + 1);
    f = figures_add(&p->figures, name);
    if (!f)
        return err_nomem(err);
    figure_begin(f, HEIGHT_PX);
    str_add(&f->script,
            "set xlabel 'Score (higher = more fake)'\nset ylabel 'Density'\n"
            "set yrange [0:*]\n"
            "set key bmargin center horizontal Left reverse samplen 3\nset size square\n");
    str_addf(&f->caption, "Scores of ");
    words_short(&f->caption, m->name, 60);
    str_addf(&f->caption, ", %s level", level_names[level]);
    for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        c[i] = curves_find(&p->curves, m->name, level_names[level], "all", "density",
                           classes[i].label);
        if (c[i] && sum_of(c[i]) > 0.0)
            fewest = fmin(fewest, sum_of(c[i]));
    }
    for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        long long total;

        if (!c[i])
            continue;
        block = add_bars(f, c[i], isfinite(fewest) ? bins_together(c[i]->n, fewest) : 1);
        str_addf(&plots,
                 "%s'%s.dat' index %d using 1:2 with filledcurves y1=0 linecolor rgb '%s' notitle, "
                 "\\\n  '' index %d using 1:2 with lines linewidth 2 dashtype %d linecolor rgb "
                 "'%s' title '%s'",
                 plots.len ? ", \\\n  " : "", f->name, block,
                 figure_colour((size_t)classes[i].colour), block, classes[i].colour + 1,
                 figure_colour((size_t)classes[i].colour), classes[i].words);
        total = (long long)sum_of(c[i]);
        if (total > 0)
            str_addf(&f->caption, "%s %s %s %s", i ? "," : ":", words_count(total, n),
                     classes[i].words, words_plural(total, level_names[level], noun));
    }
    str_add_c(&f->caption, '.');
    str_addf(&f->script, "plot %s\n", plots.s ? plots.s : "");
    figure_end(f);
    str_add(&f->title, "Score densities, ");
    words_short(&f->title, m->name, 60);
    str_addf(&f->alt, "Densities of the scores of real and fake %ss.", level_names[level]);
    if (str_failed(&plots) || str_failed(&f->script) || str_failed(&f->data))
        r = err_nomem(err);
    str_release(&plots);
    return r;
}

int figures_of_density(struct page *p, struct err *err)
{
    size_t i;
    int level, r = 0;

    for (level = 0; !r && level < N_LEVELS; level++)
        for (i = 0; !r && i < p->models.n && i < FIGURE_MODELS; i++)
            if (curves_find(&p->curves, p->models.model[i].name, level_names[level], "all",
                            "density", NULL))
                r = add_figure(p, i, (enum model_level)level, err);
    return r;
}
