/* The folder that fetch-real.sh fills: which files, whose face, and whether they are the right
 * ones. */
#ifndef LP_REAL_SOURCES_H
#define LP_REAL_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

#define REAL_MAX_SOURCES 64

struct real_source {
    char name[64];   /* file in the folder */
    char person[32]; /* two files may show one person */
    bool still;      /* a photograph, not a video */
    char sha256[65]; /* of the file */
};

struct real_sources {
    char folder[4096];
    struct real_source all[REAL_MAX_SOURCES];
    size_t n;
};

/* Reads FOLDER/sources.tsv and checks that every file is there (ERR_NOINPUT) and has the SHA-256 it
 * should (ERR_DATA); the words name the source. */
int real_sources_open(struct real_sources *s, const char *folder, struct err *err) LP_MUST_CHECK;

/* The source of that file name without its ending; ERR_DATA if there is none. */
int real_sources_find(const struct real_sources *s, const char *stem,
                      const struct real_source **source, struct err *err) LP_MUST_CHECK;

#endif
