/*
 * What a data set holds: its videos, and who is tied to whom.
 *
 * People are names such as "ffpp:000", numbered by `people`. Two people are tied by a fake that has
 * the one's video and the other's face, and by an edge that the layout knows of (two sequences cut
 * from one source video). A component is a set of people tied by any chain; it has the name of its
 * least member (strcmp), so that it does not depend on which files are there first.
 *
 * One thread. Texts live as long as the catalogue.
 */
#ifndef LP_CATALOGUE_H
#define LP_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/symbols.h"
#include "lib/err.h"
#include "lib/str.h"

enum split { SPLIT_NONE, SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST, N_SPLITS };

extern const char *const split_names[N_SPLITS]; /* "-", "train", "val", "test" */

#define NOBODY (-1)

struct entry {
    const char *id; /* dataset/method/compression/name */
    const char *method, *compression, *name;
    const char *path; /* below the root */
    const char *mask; /* below the root, or NULL */
    const char *pair; /* id of the pristine video; NULL for real ones and where it is not known */
    long long bytes;  /* -1 = the file cannot be looked at */
    bool fake;
    bool unlabelled;          /* nobody says whether it is real or fake; it is spoilt too */
    enum split split, listed; /* `listed`: as published; `split`: after the policy */
    int face, context;        /* whose face is seen, whose video it is; or NOBODY */
    int target, donor;        /* the people that the video ties; donor may be NOBODY */
    const char *component;    /* set by catalogue_finish(); NULL without a target */
    const char *reason;       /* it is of no use, because; or NULL */
};

/* Two people that are tied by something else than a fake on disk. */
struct tie {
    int a, b;
    bool same; /* presumably one person, and not two whom a fake mixes */
    const char *why;
};

struct catalogue {
    const char *dataset; /* first part of every id; not owned */
    const char *root;    /* not owned */
    struct entry *videos;
    size_t n, cap;
    struct symbols people;
    struct tie *ties;
    size_t n_ties, ties_cap;
    int *component_of; /* by person: the least member of the component */
    char **notes;      /* owned; for the user: what is odd about the data set */
    size_t n_notes, notes_cap;
    struct str differences; /* rows "what<tab>name" of files that are missing, extra or empty */
    char **texts;           /* owned */
    size_t n_texts, texts_cap;
};

/* A text that lives as long as the catalogue, or NULL when memory ran out. */
const char *catalogue_text(struct catalogue *c, const char *fmt, ...) LP_PRINTF(2, 3);

/* A line for the user. */
int catalogue_note(struct catalogue *c, struct err *err, const char *fmt, ...)
    LP_PRINTF(3, 4) LP_MUST_CHECK;

/* A row of the table of differences. */
void catalogue_differs(struct catalogue *c, const char *what, const char *name);

/* Adds a video and gives it its id. `file` is the path below the root; `name` NULL means the file's
 * own name without its suffix. *e is valid until the next call. All else is the caller's to fill
 * in: it starts as a real video of nobody in no split. */
int catalogue_add(struct catalogue *c, const char *method, const char *compression,
                  const char *name, const char *file, long long bytes, struct entry **e,
                  struct err *err) LP_MUST_CHECK;

/* The number of the person DATASET:NAME, or DATASET-KIND:NAME where `kind` is not "". */
int catalogue_person(struct catalogue *c, const char *kind, const char *name, int *person,
                     struct err *err) LP_MUST_CHECK;

/* `why` is one of catalogue_text() or a literal. */
int catalogue_tie(struct catalogue *c, int a, int b, bool same, const char *why,
                  struct err *err) LP_MUST_CHECK;

/* Marks a video as not usable; the first reason stays. */
int catalogue_spoil(struct catalogue *c, struct entry *e, struct err *err, const char *fmt, ...)
    LP_PRINTF(4, 5) LP_MUST_CHECK;

/* Once all is added: sorts by id, tells apart videos of one id, finds components and pairs. A fake
 * whose pristine video is named but not there is spoilt. */
int catalogue_finish(struct catalogue *c, struct err *err) LP_MUST_CHECK;

/* After catalogue_finish(): people whom a tie with `same` joins (sequences cut from one source
 * video) become one, the least of them, in `face` and `context` of every video.
 * Components stay as they are. *merged counts the people that are gone. */
int catalogue_merge_people(struct catalogue *c, size_t *merged, struct err *err) LP_MUST_CHECK;

/* By id, after catalogue_finish(); NULL if it is not there. */
const struct entry *catalogue_find(const struct catalogue *c, const char *id);

void catalogue_release(struct catalogue *c);

#endif
