/*
 * How a data set lies in a folder. Each layout is one file and one line of the table in layouts.c.
 * A layout fills a catalogue; it opens no video. What is odd goes into the catalogue's notes.
 */
#ifndef LP_LAYOUT_H
#define LP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/catalogue.h"
#include "fetch/scan.h"

/* The settings of the section dataset:. Texts are not owned. */
struct source {
    const char *root;
    const char *const *compressions; /* wanted, FF++ only */
    size_t n_compressions;
    const char *const *methods; /* wanted fakes; n 0 = all that are there */
    size_t n_methods;
    const char *splits;     /* folder or file of the split lists, or "" = as the layout has it */
    const char *conversion; /* FF++'s conversion_dict.json, or "" = below the root if it is there */
    const char *table;      /* the user's own list of videos */
};

/* How many videos are published for a method, or for all together where it is "". A method may be
 * there more than once: versions of the data set. */
struct expected {
    const char *method;
    size_t n;
};

struct layout {
    const char *name;
    const char *help; /* one sentence */
    bool (*looks_like)(const struct source *s);
    int (*fill)(const struct source *s, struct catalogue *c, struct err *err);
    const struct expected *expected; /* ends with n = 0; may be NULL */
};

/* NULL-terminated, in the order of the configuration's enum dataset.layout after `auto`, which is
 * also the order in which `auto` tries them. */
extern const struct layout *const layouts[];

const struct layout *layout_find(const char *name); /* NULL if there is none */

/* The first that looks like the folder; ERR_DATA with what was looked for if none does. */
int layout_guess(const struct source *s, const struct layout **l, struct err *err) LP_MUST_CHECK;

/* Is the method wanted? */
bool source_wants(const struct source *s, const char *method);

/* Notes where a method has at least half of the published number of videos, but not all. */
int layout_compare(const struct layout *l, struct catalogue *c, struct err *err) LP_MUST_CHECK;

/* Notes where a list of names from the data set itself and the files differ: `what` says which. */
int layout_note_names(struct catalogue *c, struct name_list *names, const char *what,
                      struct err *err) LP_MUST_CHECK;

extern const struct layout layout_ffpp, layout_celeb_df, layout_celeb_df_pp, layout_dfdc,
    layout_dfdc_preview, layout_deeper_forensics, layout_fakeavceleb, layout_uadfv,
    layout_wilddeepfake, layout_df40, layout_table;

#endif
