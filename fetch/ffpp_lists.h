/*
 * FF++'s own files about its sequences: train.json, val.json and test.json (arrays of pairs of
 * sequence names) and conversion_dict.json (sequence name -> "YOUTUBE-ID INDEX"). All are optional.
 */
#ifndef LP_FFPP_LISTS_H
#define LP_FFPP_LISTS_H

#include "fetch/catalogue.h"

struct ffpp_pair {
    const char *a, *b; /* names of the sequences; owned by the catalogue */
    enum split split;
};

struct ffpp_lists {
    struct symbols sequences;
    enum split *splits; /* by sequence */
    size_t splits_cap;
    struct ffpp_pair *pairs;
    size_t n_pairs, cap;
    bool any; /* a list is there */
};

/* Reads those of the three that are in `folder`. A sequence that is listed in two splits is
 * ERR_DATA; one that is in two pairs is noted. Notes whether they are the published files. */
int ffpp_lists_read(struct ffpp_lists *l, const char *folder, struct catalogue *c,
                    struct err *err) LP_MUST_CHECK;

/* The split that lists a sequence, or SPLIT_NONE. */
enum split ffpp_split_of(const struct ffpp_lists *l, const char *sequence);

/* Ties the sequences that were cut from one source video. */
int ffpp_read_conversion(const char *path, struct catalogue *c, struct err *err) LP_MUST_CHECK;

void ffpp_lists_release(struct ffpp_lists *l);

#endif
