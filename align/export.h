/*
 * An export: the aligned faces in the layout that some framework takes unchanged. Each export is
 * one file and one line of the list in exports.c. Exports are written from a finished align.tsv,
 * so they do not depend on threads or shards.
 */
#ifndef LP_EXPORT_H
#define LP_EXPORT_H

#include "lib/conf.h"
#include "lib/err.h"
#include "lib/manifest.h"
#include "lib/str.h"

/* The columns of align.tsv that exports read, in the order of export_columns. */
enum export_column {
    EXPORT_ID,
    EXPORT_VIDEO,
    EXPORT_LABEL,
    EXPORT_SPLIT,
    EXPORT_FACE_ID,
    EXPORT_CONTEXT_ID,
    EXPORT_COMPONENT,
    EXPORT_FRAME,
    EXPORT_IMAGE,
    EXPORT_TEMPLATE,
    EXPORT_SIZE,
    EXPORT_STATUS,
    EXPORT_REASON,
    EXPORT_N_COLUMNS
};
extern const char *const export_columns[EXPORT_N_COLUMNS + 1];

struct export_input {
    const struct conf *conf;
    const struct manifest *manifest;
    int column[EXPORT_N_COLUMNS];
    const char *folder; /* of the manifest: images are relative to it */
    const char *target; /* where the export goes; made by the caller, empty. NULL for the card */
};

struct export
{
    const char *name;
    const char *help; /* one sentence */
    int (*write)(const struct export_input *in, struct err *err);
};

/* NULL-terminated. */
extern const struct export *const exports[];

const struct export *export_find(const char *name); /* NULL if there is none */

/* Links `from` to `to`, or copies it where links are not possible; makes parent folders. */
int export_place(const char *from, const char *to, struct err *err) LP_MUST_CHECK;

/* out = the id as one file name: '/' becomes '-'. */
void export_flat_name(const char *id, struct str *out);

/* "-" or NULL = the folder name for faces that are in no split. */
const char *export_split(const char *split);

extern const struct export export_imagefolder, export_webdataset;

#endif
