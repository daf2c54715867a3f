/* What a finished catalogue holds, in figures for the user. One thread. */
#ifndef LP_SUMMARY_H
#define LP_SUMMARY_H

#include <stdio.h>

#include "fetch/catalogue.h"

/* Of use is a video that nothing speaks against before it is opened. */
struct summary {
    size_t real, fake;                 /* videos of use */
    size_t spoilt;                     /* videos of no use */
    size_t split[N_SPLITS];            /* videos of use */
    size_t people;                     /* whose face or whose video a video of use shows */
    size_t components, without_people; /* of use: components; videos without one */
};

int summary_count(const struct catalogue *c, struct summary *out, struct err *err) LP_MUST_CHECK;

/* Appends "36 real and 72 fake videos; ..." without a newline. */
void summary_line(const struct summary *s, struct str *out);

/* Prints a line a method and compression. */
void summary_methods(const struct catalogue *c, FILE *out);

#endif
