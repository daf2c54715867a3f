/* Scores as an NPY array, and where the ids of its rows are. */
#ifndef LP_NPY_SCORES_H
#define LP_NPY_SCORES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct npy_scores {
    char *path;    /* owned */
    double *value; /* owned; not all need be finite */
    size_t n;
    size_t at; /* rows given out, for the reader */
};

/* Do these first bytes begin an NPY file? */
bool npy_scores_magic(const char *bytes, size_t n);

/* Reads (N), (N, 1), or (N, C) of which `column` is taken; floats or integers. ERR_DATA for other
 * shapes, and for C > 1 when column is -1: a score a class needs somebody to say which is "fake".
 */
int npy_scores_read(struct npy_scores *s, const char *path, int column,
                    struct err *err) LP_MUST_CHECK;

/* The file of the ids: `given`, or STEM.ids.tsv, STEM.ids.csv or STEM.ids.txt beside `path`,
 * whichever is there first. *ids is the caller's to free. ERR_NOINPUT when there is none. */
int npy_scores_ids(const char *path, const char *given, char **ids, struct err *err) LP_MUST_CHECK;

void npy_scores_release(struct npy_scores *s);

#endif
