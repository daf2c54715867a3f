/* The points of evaluate/curves.tsv, gathered by curve. */
#ifndef LP_CURVES_H
#define LP_CURVES_H

#include <stddef.h>

#include "lib/err.h"
#include "lib/manifest.h"
#include "reports/intern.h"

struct curve_row {
    double x, y, lo, hi; /* NaN = missing */
    long long n;         /* -1 = missing */
    const char *name;    /* NULL = missing */
};

/* One curve: the rows of one model, level, group, kind and label, in the order of the file. A
 * missing cell is "". Texts live as long as the struct curves. */
struct curve {
    const char *model, *level, *group, *kind, *label;
    struct curve_row *rows;
    size_t n, cap;
};

struct curves {
    struct curve *curve;
    size_t n, cap;
    struct intern texts;
};

/* ERR_DATA naming the row when x or y is no number. */
int curves_load(struct curves *c, const struct manifest *m, struct err *err) LP_MUST_CHECK;
void curves_release(struct curves *c);

/* The first curve that has all of these; NULL matches any. NULL when there is none. */
const struct curve *curves_find(const struct curves *c, const char *model, const char *level,
                                const char *group, const char *kind, const char *label);

#endif
