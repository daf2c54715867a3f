/* What gnuplot draws, made fit to stand in a page and beside it. */
#ifndef LP_SVG_H
#define LP_SVG_H

#include <stddef.h>

#include "lib/err.h"
#include "lib/str.h"

/*
 * out = gnuplot's SVG without the XML declaration, every id (and every reference to one) prefixed
 * with `prefix` and a dash, because several figures share one page and gnuplot numbers its ids from
 * the start in each; with role="img", the given title and description in place of gnuplot's, and
 * runs of blank groups and blanks at line ends removed. `prefix` holds letters, digits and dashes.
 * ERR_FAULT if it is no SVG of gnuplot's.
 */
int svg_fit(const char *svg, size_t size, const char *prefix, const char *title,
            const char *description, struct str *out, struct err *err) LP_MUST_CHECK;

/* Replaces the date in a PDF written by cairo by 1970-01-01, in place and of the same length, so
 * that the same figure has the same bytes. */
void pdf_set_date(char *pdf, size_t size);

#endif
