/*
 * An export: the aligned faces in the layout that some framework takes unchanged. Each export is
 * one file and one line of the list in exports.c. Exports are written from a finished align.tsv,
 * so they do not depend on threads or shards.
 */
#ifndef LP_EXPORT_H
#define LP_EXPORT_H

#include "lib/conf.h"
#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/manifest.h"
#include "lib/str.h"

/* The columns of align.tsv that exports read, in the order of export_columns. */
enum export_column {
    EXPORT_ID,
    EXPORT_VIDEO,
    EXPORT_PAIR,
    EXPORT_LABEL,
    EXPORT_SPLIT,
    EXPORT_FACE_ID,
    EXPORT_CONTEXT_ID,
    EXPORT_COMPONENT,
    EXPORT_FRAME,
    EXPORT_IMAGE,
    EXPORT_TRACK,
    EXPORT_CROP,
    EXPORT_CROP_X,
    EXPORT_CROP_Y,
    EXPORT_LANDMARKS,
    EXPORT_LANDMARK_ROW,
    EXPORT_LANDMARK_KIND,
    EXPORT_MASK,
    EXPORT_VARIANT,
    EXPORT_TEMPLATE,
    EXPORT_SIZE,
    EXPORT_M, /* the first of nine */
    EXPORT_STATUS = EXPORT_M + 9,
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
    struct str *notes;  /* what the card shall say of the export, a line each */
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

/* A line of the card: what a user of this export must know. */
void export_note(const struct export_input *in, const char *fmt, ...) LP_PRINTF(2, 3);

/* The homography of a row. */
int export_matrix(const struct export_input *in, const struct manifest_row *row, struct mat3 *m,
                  struct err *err) LP_MUST_CHECK;

/* Links `from` to `to`, or copies it where links are not possible; makes parent folders. */
int export_place(const char *from, const char *to, struct err *err) LP_MUST_CHECK;

/* out = the id as one file name: '/' becomes '-'. */
void export_flat_name(const char *id, struct str *out);

/* "-" or NULL = the folder name for faces that are in no split. */
const char *export_split(const char *split);

/* An export that was written, for the card. */
struct export_done {
    const struct export *export;
    struct str notes;
};

extern const struct export export_imagefolder, export_webdataset, export_deepfakebench, export_lmdb,
    export_caddm, export_sbi;

#endif
