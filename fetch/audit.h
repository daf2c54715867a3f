/*
 * Components that lie in more than one of train, val and test: for each two splits, the two videos
 * that are nearest to each other, and the chain that ties them.
 */
#ifndef LP_AUDIT_H
#define LP_AUDIT_H

#include "fetch/catalogue.h"
#include "lib/str.h"

extern const char *const audit_columns[]; /* NULL-terminated; a row a component and two splits */

/* Appends the rows, judged by `split` of each video. *components counts those that cross. */
int audit_rows(const struct catalogue *c, struct str *rows, size_t *components,
               struct err *err) LP_MUST_CHECK;

#endif
