/*
 * A figure: a gnuplot script and its data, side by side in the folder of figures, so that it can
 * be drawn again alone; and the SVG and PDF that came out. Rules of the drawing (square ROC,
 * band, palette that survives grey and colour blindness): Okabe and Ito 2008; Martin et al. 1997.
 */
#ifndef LP_FIGURE_H
#define LP_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/str.h"
#include "reports/thin.h"

#define FIGURE_WIDTH_PX 560 /* of every figure, so that it can be read on a telephone */
#define FIGURE_POINTS   500 /* most points of one curve */
#define FIGURE_MODELS   6   /* colours */

struct figure {
    char name[48];    /* stem of the files and prefix of the ids: letters, digits, dashes */
    struct str title; /* plain text, as are the next two */
    struct str alt;   /* what is to be seen, for those who do not see it */
    struct str caption;
    struct str script, data;
    int blocks;     /* of data */
    bool drawn;     /* false: nothing to draw, `caption` says why */
    struct str svg; /* filled by figures_draw() */
};

struct figures {
    struct figure *figure;
    size_t n, cap;
};

/* Adds an empty one; NULL when memory runs out. The pointer lives until the next call. */
struct figure *figures_add(struct figures *list, const char *name);
const struct figure *figures_find(const struct figures *list, const char *name);
void figures_release(struct figures *list);

/* Starts the script: terminals, fonts, common looks. Sets drawn. */
void figure_begin(struct figure *f, int height_px);
void figure_end(struct figure *f);

/* Appends text as a gnuplot string in single quotes, at most `max` characters of it; in a label of
 * an axis tic (`tic`) a per cent sign is a format and is doubled. */
void figure_quote(struct str *out, const char *text, size_t max, bool tic);

/* Colour "#RRGGBB" of the i-th model, and its dash type. */
const char *figure_colour(size_t i);
int figure_dash(size_t i);

/* A round distance of tics, three or four of them over `range`, so that their labels stay apart. */
double figure_tic_step(double range);

/* Starts a block of data and returns its index, for `plot 'NAME.dat' index N`. */
int figure_block(struct figure *f, const char *what);
void figure_row(struct figure *f, const double *values, int n);

/*
 * Draws all that are `drawn` into `folder` (made new: NAME.gp, NAME.dat, NAME.svg, NAME.pdf) on
 * `jobs` threads and fills svg. Files of figures that are not drawn any more are removed.
 */
int figures_draw(struct figures *list, const char *folder, unsigned jobs,
                 struct err *err) LP_MUST_CHECK;

#endif
