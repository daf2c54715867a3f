/* Decimal text to double, correctly rounded (nearest, ties to even), at the speed of a scan. */
#ifndef LP_NUMBER_H
#define LP_NUMBER_H

#include <stddef.h>

enum number_kind { NUMBER_FINITE, NUMBER_MISSING, NUMBER_NAN, NUMBER_INFINITE, NUMBER_MALFORMED };

/* Reads the number that fills the text [p, p + len), blanks around it allowed; decimal notation
 * with an optional exponent, no locale, no hexadecimal. Empty text, "." , "NA" and "null" are
 * MISSING; nan and inf, in any case, with a sign, are what they say; a finite text too large for
 * a double is INFINITE. *value is set for NUMBER_FINITE only.
 *
 * Up to 15 significant digits and a power of ten up to 22 need one exact division or product
 * (Clinger 1990, "How to read floating point numbers accurately"); the rest goes to strtod. */
enum number_kind number_parse(const char *p, size_t len, double *value);

#endif
