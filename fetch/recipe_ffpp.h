/*
 * The files of FaceForensics++ as its server has them: SERVER/v3/PLACE/COMPRESSION/videos/NAME.mp4
 * and SERVER/v3/PLACE/masks/videos/NAME.mp4, named by the server's own lists. They go to the places
 * where the official download script puts them (no v3). Facts: the script's public copies,
 * version 4.
 */
#ifndef LP_RECIPE_FFPP_H
#define LP_RECIPE_FFPP_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/get_plan.h"
#include "lib/err.h"

#define FFPP_CONNECTIONS 3 /* the server refuses more */
#define FFPP_TERMS       "webpage/FaceForensics_TOS.pdf"

struct ffpp_recipe {
    const char *root;
    const char *const *methods; /* n 0 = the five of FF++ */
    size_t n_methods;
    const char *const *compressions;
    size_t n_compressions;
    bool masks;
    long long pairs; /* the first so many of the list; 0 = all */
};

/* The lists: what names the videos, and the published splits. */
int ffpp_recipe_lists(const struct ffpp_recipe *r, struct plan *p, struct err *err) LP_MUST_CHECK;

/* The videos, once the lists are below the root. A list that could not be had is replaced by the
 * pairs of train.json, val.json and test.json. */
int ffpp_recipe_videos(const struct ffpp_recipe *r, struct plan *p, struct err *err) LP_MUST_CHECK;

#endif
