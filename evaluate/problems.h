/* What was found wrong with the input, kept as words: for the screen, and for metrics.json. */
#ifndef LP_PROBLEMS_H
#define LP_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct problem {
    char *kind; /* a word for machines: "bad-score" */
    char *text; /* one line for people */
};

struct problems {
    struct problem *p;
    size_t n, cap;
    size_t fatal; /* how many, those not kept included, forbid to go on */
    struct {
        const char *kind; /* a literal */
        size_t n;
    } count[32];
    size_t n_kinds;
    bool oom;
};

#define PROBLEMS_KEPT 10 /* texts a kind; the rest is only counted */

/* Notes a problem; kind is a literal. Out of memory is kept and told by problems_finish(). */
void problem_add(struct problems *q, bool fatal, const char *kind, const char *fmt, ...)
    LP_PRINTF(4, 5);

/* How many problems of a kind. */
size_t problems_of(const struct problems *q, const char *kind);

/* Adds "and N more" for kinds of which not all texts were kept. */
int problems_finish(struct problems *q, struct err *err) LP_MUST_CHECK;

void problems_release(struct problems *q);

#endif
