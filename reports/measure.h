/*
 * A measured number of metrics.json, with its interval:
 *   {"value": x or null, "ci95": [lo, hi], "method": "...", "design_effect": d, "n": ...,
 *    "n_positive": ..., "undefined": "reason" if value is null}
 * Read by name; what is not there stays unknown. An undefined number is never shown as 0.
 */
#ifndef LP_MEASURE_H
#define LP_MEASURE_H

#include <stdbool.h>

#include "lib/json.h"
#include "lib/str.h"

struct measure {
    bool there;    /* the file has it, as an object or a bare number */
    bool defined;  /* `value` holds */
    bool interval; /* `lo` and `hi` hold */
    double value, lo, hi;
    double design_effect;    /* NaN = unknown */
    long long n, n_positive; /* -1 = unknown */
    const char *method;      /* of the interval; NULL = unknown; lives as long as the document */
    const char *undefined;   /* why not; NULL when defined */
};

/* n NULL gives one that is not there. */
struct measure measure_read(const struct jsonr *n);

/* From table cells: value NaN = undefined. */
struct measure measure_make(double value, double lo, double hi, const char *undefined);

/* "0.873 [0.811, 0.921]", "0.873" or "undefined: reason", as plain text. */
void measure_text(struct str *out, const struct measure *m);

/* The same as a table cell, the interval in its own span; with n below, counted in `unit`s, if
 * that is not NULL. */
void measure_cell(struct str *out, const struct measure *m, const char *unit);

#endif
