/* The identity caterpillar: the mean score of each identity, real and fake, sorted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "reports/page.h"
#include "reports/words.h"

#define ROW_PX       16
#define FRAME_PX     110
#define LABELLED_MAX 40  /* more identities than this stand without their names */
#define HEIGHT_MAX   900 /* pixels */

static const char *const labels[] = {"real", "fake"};
enum { N_LABELS = 2 };

struct person {
    const char *name;
    const struct curve_row *row[N_LABELS]; /* NULL = none */
};

static int by_name(const void *a, const void *b)
{
    const struct person *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static double sort_key(const struct person *p)
{
    return p->row[0] ? p->row[0]->y : p->row[1]->y;
}

/* By the mean score of the real videos; those without any after them, by the fake ones. */
static int by_score(const void *a, const void *b)
{
    const struct person *x = a, *y = b;
    double dx = sort_key(x), dy = sort_key(y);

    if (!x->row[0] != !y->row[0])
        return x->row[0] ? -1 : 1;
    return dx < dy ? -1 : dx > dy ? 1 : strcmp(x->name, y->name);
}

/* Joins the two curves by name. Returns how many people, or a negative code. */
static long long gather(const struct curve *const curve[N_LABELS], struct person **people,
                        struct err *err)
{
    size_t n = 0, i, k, to = 0;

    for (k = 0; k < N_LABELS; k++)
        n += curve[k] ? curve[k]->n : 0;
    *people = mem_array(n + 1, sizeof(**people));
    if (!*people)
        return err_nomem(err);
    n = 0;
    for (k = 0; k < N_LABELS; k++)
        for (i = 0; curve[k] && i < curve[k]->n; i++) {
            const struct curve_row *row = &curve[k]->rows[i];

            (*people)[n].name = row->name ? row->name : "?";
            (*people)[n++].row[k] = row;
        }
    qsort(*people, n, sizeof(**people), by_name);
    for (i = 0; i < n; i++) {
        struct person *last = to ? &(*people)[to - 1] : NULL;

        if (last && strcmp(last->name, (*people)[i].name) == 0) {
            for (k = 0; k < N_LABELS; k++)
                if ((*people)[i].row[k])
                    last->row[k] = (*people)[i].row[k];
        } else {
            (*people)[to++] = (*people)[i];
        }
    }
    qsort(*people, to, sizeof(**people), by_score);
    return (long long)to;
}

static int add_figure(struct page *p, size_t index, const struct curve *const curve[N_LABELS],
                      struct err *err)
{
    const struct model *m = &p->models.model[index];
    struct person *people = NULL;
    struct figure *f;
    long long n = gather(curve, &people, err), i;
    char name[40], count[WORDS_MAX];
    double lowest = INFINITY, highest = -INFINITY;
    int height, k, block, drawn = 0;

    if (n < 0) {
        free(people);
        return (int)n;
    }
    snprintf(name, sizeof(name), "identity-%zu", index + 1);
    f = figures_add(&p->figures, name);
    if (!f) {
        free(people);
        return err_nomem(err);
    }
    height = FRAME_PX + (int)(n < 100 ? n : 100) * ROW_PX;
    figure_begin(f, height < HEIGHT_MAX ? height : HEIGHT_MAX);
    for (k = 0; k < N_LABELS; k++)
        for (i = 0; i < n; i++)
            if (people[i].row[k]) {
                lowest = fmin(lowest, fmin(people[i].row[k]->y, people[i].row[k]->lo));
                highest = fmax(highest, fmax(people[i].row[k]->y, people[i].row[k]->hi));
            }
    str_addf(&f->script, "set xtics %g\n", figure_tic_step((highest - lowest) / 1.5));
    str_addf(&f->script,
             "set xlabel 'Mean score of the identity (higher = more fake)'\n"
             "set yrange [%lld:-1]\nset grid noytics\n"
             "set key tmargin center horizontal samplen 1\n",
             n);
    if (n <= LABELLED_MAX) {
        str_add(&f->script, "set ytics scale 0 (");
        for (i = 0; i < n; i++) {
            str_add(&f->script, i ? ", " : "");
            figure_quote(&f->script, people[i].name, 18, true);
            str_addf(&f->script, " %lld", i);
        }
        str_add(&f->script, ")\n");
    } else {
        str_add(&f->script, "unset ytics\nset ylabel 'Identities, sorted'\n");
    }
    str_add(&f->script, "plot ");
    for (k = 0; k < N_LABELS; k++) {
        if (!curve[k])
            continue;
        block = figure_block(f, labels[k]);
        for (i = 0; i < n; i++) {
            const struct curve_row *row = people[i].row[k];
            double shift = n <= LABELLED_MAX ? 0.16 * (2 * k - 1) : 0.0;
            double line[4];

            if (!row)
                continue;
            line[0] = row->y;
            line[1] = isfinite(row->lo) ? row->lo : row->y;
            line[2] = isfinite(row->hi) ? row->hi : row->y;
            line[3] = (double)i + shift;
            figure_row(f, line, 4);
        }
        str_addf(&f->script,
                 "%s'%s.dat' index %d using 1:4:2:3 with xerrorbars pointtype %d pointsize 0.7 "
                 "linewidth 1.5 linecolor rgb '%s' title '%s'",
                 drawn++ ? ", \\\n  " : "", f->name, block, k ? 9 : 7, figure_colour((size_t)k),
                 labels[k]);
    }
    str_add_c(&f->script, '\n');
    figure_end(f);
    str_add(&f->title, "Mean score by identity, ");
    words_short(&f->title, m->name, 60);
    str_addf(&f->alt, "Mean scores of %lld identities, real and fake, sorted.", n);
    str_add(&f->caption, "Mean video score of each identity, ");
    words_short(&f->caption, m->name, 60);
    str_addf(&f->caption,
             ": %s identities, sorted by their real videos; bars are 95 %% intervals where an "
             "identity has two or more videos. Real videos of different people should stand in "
             "one column.",
             words_count(n, count));
    free(people);
    return str_failed(&f->script) || str_failed(&f->data) ? err_nomem(err) : 0;
}

int figures_of_identity(struct page *p, struct err *err)
{
    const struct curve *curve[N_LABELS];
    size_t i;
    int k, r = 0;

    for (i = 0; !r && i < p->models.n && i < FIGURE_MODELS; i++) {
        for (k = 0; k < N_LABELS; k++)
            curve[k] =
                curves_find(&p->curves, p->models.model[i].name, NULL, NULL, "identity", labels[k]);
        if (curve[0] || curve[1])
            r = add_figure(p, i, curve, err);
    }
    return r;
}
