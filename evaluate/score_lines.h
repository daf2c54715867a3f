/*
 * Score files, a row at a time: TSV, CSV or JSON lines, told apart by their content.
 *
 * The file is read once, in pieces, so that pipes work and memory does not grow with it. Lines that
 * start with # before the header are comments; if one is a manifest's first line, fields are
 * decoded as lib/manifest.h says. The first other line is the header, or, if it starts with {, the
 * first of the JSON lines (one flat object each). Columns are found by name, in any order, in any
 * case; unknown ones are passed over. CSV fields may be quoted as in RFC 4180, but not span lines.
 * A byte order mark and carriage returns at line ends are passed over.
 */
#ifndef LP_SCORE_LINES_H
#define LP_SCORE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/* What a score file may say about a frame. */
enum score_column {
    COLUMN_SCORE, /* higher = more fake */
    COLUMN_ID,    /* id of a row of the manifest */
    COLUMN_PATH,  /* its image */
    COLUMN_FRAME,
    COLUMN_STATUS, /* rows other than ok carry no score */
    COLUMN_LABEL,  /* real|fake or 0|1: here and below, the video's */
    COLUMN_VIDEO,
    COLUMN_DATASET,
    COLUMN_METHOD,
    COLUMN_COMPRESSION,
    COLUMN_SPLIT,
    COLUMN_FACE_ID,
    COLUMN_CONTEXT_ID,
    COLUMN_COMPONENT,
    COLUMN_PAIR,
    N_COLUMNS
};

/* The name by which files and messages know a column. */
const char *score_column_name(enum score_column c);

/* One row. Fields point into the reader's memory until the next call; at[c] is NULL and len[c] 0
 * where the file has no such column or the value is missing. */
struct score_row {
    size_t line; /* 1-based */
    const char *at[N_COLUMNS];
    size_t len[N_COLUMNS];
    bool has[N_COLUMNS]; /* the file (JSON: this line) has the column, be its value missing */
};

struct score_reader;

/* Opens and reads up to the header. `renames` is a list of n "column=name in the file" texts, as in
 * {"score=prob_fake", "id=key"}; without one, a column's own name and its aliases are looked for:
 * file filename image -> path; source donor identity -> face_id; target -> context_id.
 * ERR_NOINPUT, ERR_CONFIG for a bad rename, ERR_DATA for an empty file, or one without the columns
 * that it takes: score, and one of id, path, video. "-" is standard input. */
int score_reader_open(struct score_reader **r, const char *path, const char *const *renames,
                      size_t n, struct err *err) LP_MUST_CHECK;

/* 1 with a row, 0 at the end, negative when reading failed. A line that is no row (wrong number of
 * fields, an open quote, bad JSON) comes back as ERR_DATA with "'file' line N: ..." in err; the
 * next call goes on after it. */
int score_reader_next(struct score_reader *r, struct score_row *row, struct err *err) LP_MUST_CHECK;

/* Does the header (JSON: the first line) name the column? */
bool score_reader_has(const struct score_reader *r, enum score_column c);

void score_reader_close(struct score_reader *r);

#endif
