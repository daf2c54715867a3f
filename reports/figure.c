#include "reports/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/pool.h"
#include "reports/gnuplot.h"
#include "reports/svg.h"
#include "reports/words.h"

#define PX_PER_INCH   100.0
#define DRAWING_LIMIT ((size_t)64 << 20) /* bytes of one drawing */

static const char *const endings[] = {"gp", "dat", "svg", "pdf"};
enum { GP, DAT, SVG, PDF, N_ENDINGS };

struct figure *figures_add(struct figures *list, const char *name)
{
    struct figure *f;

    if (mem_grow(&list->figure, &list->cap, list->n + 1, sizeof(*list->figure)))
        return NULL;
    f = &list->figure[list->n++];
    *f = (struct figure){0};
    snprintf(f->name, sizeof(f->name), "%s", name);
    return f;
}

const struct figure *figures_find(const struct figures *list, const char *name)
{
    size_t i;

    for (i = 0; i < list->n; i++)
        if (strcmp(list->figure[i].name, name) == 0)
            return &list->figure[i];
    return NULL;
}

void figures_release(struct figures *list)
{
    size_t i;

    for (i = 0; i < list->n; i++) {
        struct figure *f = &list->figure[i];

        str_release(&f->title);
        str_release(&f->alt);
        str_release(&f->caption);
        str_release(&f->script);
        str_release(&f->data);
        str_release(&f->svg);
    }
    free(list->figure);
    *list = (struct figures){0};
}

const char *figure_colour(size_t i)
{
    static const char *const okabe_ito[FIGURE_MODELS] = {"#0072B2", "#D55E00", "#009E73",
                                                         "#CC79A7", "#E69F00", "#56B4E9"};

    return okabe_ito[i % FIGURE_MODELS];
}

int figure_dash(size_t i)
{
    return (int)(i % FIGURE_MODELS) + 1;
}

void figure_begin(struct figure *f, int height_px)
{
    f->drawn = true;
    str_addf(&f->script,
             "# Drawn by lp-report. Alone:  gnuplot -d %s.gp   or, as PDF,\n"
             "#                             gnuplot -d -e \"target='pdf'\" %s.gp\n"
             "reset\n"
             "if (!exists('target')) target = 'svg'\n"
             "set encoding utf8\n"
             "if (target eq 'pdf') {\n"
             "  set terminal pdfcairo noenhanced color size %.2fin,%.2fin "
             "font 'Helvetica,9' linewidth 0.8 background 'white'\n"
             "  set output '%s.pdf'\n"
             "} else {\n"
             "  set terminal svg noenhanced size %d,%d dynamic "
             "font 'Helvetica,Arial,sans-serif,14' background 'white'\n"
             "  set output '%s.svg'\n"
             "}\n"
             "set border 3 linecolor rgb '#444444'\n"
             "set tics nomirror textcolor rgb '#222222'\n"
             "set grid linecolor rgb '#dddddd' linewidth 0.7 linetype 1\n"
             "set style fill transparent solid 0.2 noborder\n",
             f->name, f->name, FIGURE_WIDTH_PX / PX_PER_INCH, height_px / PX_PER_INCH, f->name,
             FIGURE_WIDTH_PX, height_px, f->name);
}

void figure_end(struct figure *f)
{
    str_add(&f->script, "unset output\n");
}

void figure_quote(struct str *out, const char *text, size_t max, bool tic)
{
    struct str clean = STR_INIT;
    const char *s;

    words_short(&clean, text, max);
    if (str_failed(&clean))
        out->oom = true;
    str_add_c(out, '\'');
    for (s = clean.s; s && *s; s++) {
        if (*s == '\'' || (tic && *s == '%'))
            str_add_c(out, *s);
        str_add_c(out, *s);
    }
    str_add_c(out, '\'');
    str_release(&clean);
}

double figure_tic_step(double range)
{
    double wanted = range > 0.0 ? range / 3.5 : 1.0;
    double power = pow(10.0, floor(log10(wanted))), times = wanted / power;

    return power * (times <= 1.0   ? 1.0
                    : times <= 2.0 ? 2.0
                    : times <= 2.5 ? 2.5
                    : times <= 5.0 ? 5.0
                                   : 10.0);
}

int figure_block(struct figure *f, const char *what)
{
    struct str clean = STR_INIT;

    words_clean(&clean, what);
    str_addf(&f->data, "%s# %s\n", f->blocks ? "\n\n" : "", clean.s ? clean.s : "");
    str_release(&clean);
    return f->blocks++;
}

void figure_row(struct figure *f, const double *values, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (isfinite(values[i]))
            str_addf(&f->data, "%s%.6g", i ? " " : "", values[i]);
        else
            str_addf(&f->data, "%sNaN", i ? " " : "");
    }
    str_add_c(&f->data, '\n');
}

/* ---- drawing ---------------------------------------------------------------------------------*/

struct drawing {
    struct figures *list;
    const char *folder;    /* where the files go */
    const char *workplace; /* where gnuplot works: what it leaves half done is never seen */
};

static void file_of(const char *folder, const struct figure *f, int ending, struct str *path)
{
    str_clear(path);
    str_addf(path, "%s/%s.%s", folder, f->name, endings[ending]);
}

static int put(const char *folder, const struct figure *f, int ending, const struct str *text,
               struct err *err)
{
    struct str path = STR_INIT;
    int r;

    file_of(folder, f, ending, &path);
    r = str_failed(&path) || str_failed(text)
            ? err_nomem(err)
            : atomic_write(path.s, text->s ? text->s : "", text->len, err);
    str_release(&path);
    return r;
}

static int take(const char *folder, const struct figure *f, int ending, char **bytes, size_t *size,
                struct err *err)
{
    struct str path = STR_INIT;
    int r;

    file_of(folder, f, ending, &path);
    r = str_failed(&path) ? err_nomem(err) : fs_read(path.s, DRAWING_LIMIT, bytes, size, err);
    str_release(&path);
    return r;
}

static int draw(struct drawing *d, struct figure *f, struct err *err)
{
    struct str script = STR_INIT, file = STR_INIT, path = STR_INIT;
    char *svg = NULL, *pdf = NULL;
    size_t svg_size = 0, pdf_size = 0;
    int r;

    str_addf(&script, "%s.gp", f->name);
    r = str_failed(&script) ? err_nomem(err) : put(d->workplace, f, GP, &f->script, err);
    if (!r)
        r = put(d->workplace, f, DAT, &f->data, err);
    if (!r)
        r = gnuplot_run(d->workplace, script.s, err);
    if (!r)
        r = take(d->workplace, f, SVG, &svg, &svg_size, err);
    if (!r)
        r = take(d->workplace, f, PDF, &pdf, &pdf_size, err);
    if (!r)
        r = svg_fit(svg, svg_size, f->name, f->title.s ? f->title.s : "", f->alt.s ? f->alt.s : "",
                    &f->svg, err);
    if (r)
        goto out;
    pdf_set_date(pdf, pdf_size);
    str_addf(&file, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n%s", f->svg.s);
    file_of(d->folder, f, PDF, &path);
    r = put(d->folder, f, GP, &f->script, err);
    if (!r)
        r = put(d->folder, f, DAT, &f->data, err);
    if (!r)
        r = put(d->folder, f, SVG, &file, err);
    if (!r)
        r = str_failed(&path) ? err_nomem(err) : atomic_write(path.s, pdf, pdf_size, err);
out:
    free(svg);
    free(pdf);
    str_release(&script);
    str_release(&file);
    str_release(&path);
    return r;
}

static int draw_task(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct drawing *d = ctx;

    (void)slot;
    (void)worker;
    return d->list->figure[i].drawn ? draw(d, &d->list->figure[i], err) : 0;
}

/* Is `file` one of a figure that is drawn now? */
static bool wanted(const struct figures *list, const char *file)
{
    const char *dot = strrchr(file, '.');
    const struct figure *f;
    char name[sizeof(f->name)];

    if (!dot)
        return false;
    snprintf(name, sizeof(name), "%.*s", (int)(dot - file), file);
    f = figures_find(list, name);
    return f && f->drawn;
}

/* Only files that a former run can have made: NAME.gp and so on. */
static bool ours(const char *file)
{
    const char *dot = strrchr(file, '.');
    int i;

    for (i = 0; dot && i < N_ENDINGS; i++)
        if (strcmp(dot + 1, endings[i]) == 0)
            return true;
    return false;
}

static int remove_stale(const struct figures *list, const char *folder, struct err *err)
{
    struct str path = STR_INIT;
    char **names = NULL;
    size_t n = 0, i;
    int r = fs_list(folder, &names, &n, err);

    for (i = 0; !r && i < n; i++) {
        if (!ours(names[i]) || wanted(list, names[i]))
            continue;
        fs_join(folder, names[i], &path);
        if (!str_failed(&path))
            unlink(path.s);
    }
    fs_list_free(names, n);
    str_release(&path);
    return r;
}

int figures_draw(struct figures *list, const char *folder, unsigned jobs, struct err *err)
{
    struct str workplace = STR_INIT;
    struct drawing d = {.list = list, .folder = folder};
    struct pool_tasks tasks = {.ctx = &d, .work = draw_task};
    struct err ignored = {0};
    int r;

    fs_join(folder, ".work", &workplace);
    if (str_failed(&workplace))
        return err_nomem(err);
    d.workplace = workplace.s;
    r = fs_remove_tree(workplace.s, err);
    if (!r)
        r = fs_make_folders(workplace.s, err);
    if (!r)
        r = remove_stale(list, folder, err);
    if (!r)
        r = pool_run(&tasks, list->n, jobs, err);
    if (fs_remove_tree(workplace.s, &ignored) && !r)
        r = err_set(err, ignored.code, "%s", ignored.text);
    str_release(&workplace);
    return r;
}
