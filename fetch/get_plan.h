/*
 * What is to be got: a list of files, each with where it may come from and what becomes of it.
 *
 * An item, as in fetch.from and on a line of fetch.list, is words separated by blanks:
 *
 *     NAME-or-URL...   where it is; more than one: tried in this order
 *     to=PATH          where it goes, below the root; the last part of the first name if not given
 *     sha256=HEX       what its bytes must be
 *     bytes=N          how many they must be
 *     unpack=FOLDER    an archive, whose content goes to FOLDER below the root ("." = the root)
 *     unless=PATH      not needed when PATH is there, below the root
 *     optional         it is no failure when it is not there
 *
 * A range [00-49] stands for each number in it; two ranges in one item count together.
 * A NAME (no scheme, not absolute) is below fetch.server.
 */
#ifndef LP_GET_PLAN_H
#define LP_GET_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/symbols.h"
#include "lib/err.h"
#include "lib/hash.h"

struct plan_file {
    char **names; /* owned, NULL-terminated; as written; made into addresses by plan_addresses() */
    size_t n_names;
    char *path;            /* owned; below the root */
    char sha256[HASH_HEX]; /* lower case; empty = not known */
    long long bytes;       /* -1 = not known */
    char *unpack;          /* owned; folder below the root, or NULL */
    char *unless;          /* owned; or NULL */
    bool optional;
};

struct plan {
    struct plan_file *files; /* in the order in which they are got */
    size_t n, cap;
    struct symbols paths; /* the path of file k is the k-th */
};

/* Adds the file or files of one item; `where` begins the messages ("fetch.from"). An item for a
 * path that is there already adds to it: its names go in front, and what it says besides counts.
 * ERR_CONFIG. */
int plan_add_item(struct plan *p, const char *item, const char *where,
                  struct err *err) LP_MUST_CHECK;

/* Adds a file by its parts; nothing if the path is there already. */
int plan_add_name(struct plan *p, const char *name, const char *path, bool optional,
                  struct err *err) LP_MUST_CHECK;

/* Adds the items in a file: one a line, blank lines and lines that begin with # are left out. A
 * file with signed addresses must be private (credentials.h). */
int plan_add_list(struct plan *p, const char *path, struct err *err) LP_MUST_CHECK;

/* Takes the hashes of a sums file (HEX, two blanks or a blank and a star, PATH) for the paths that
 * are in the plan. *n = how many it had a hash for. ERR_DATA if it contradicts the plan. */
int plan_add_sums(struct plan *p, const char *path, size_t *n, struct err *err) LP_MUST_CHECK;

/* Makes addresses of names: names below `server` (an http, https or file address, or a folder);
 * file addresses become paths. Names with no server are removed, so that n_names may become 0. */
int plan_addresses(struct plan *p, const char *server, struct err *err) LP_MUST_CHECK;

/* The place of the file for `path`, or -1. */
long long plan_find(const struct plan *p, const char *path);

void plan_release(struct plan *p);

#endif
