/*
 * Score files, a row at a time: TSV, CSV, JSON lines or an NPY array with its ids beside it, told
 * apart by their content; text may be compressed (lib/byte_stream.h).
 *
 * The file is read once, in pieces, so that pipes work and memory does not grow with it. Lines that
 * start with # before the header are comments; if one is a manifest's first line, fields are
 * decoded as lib/manifest.h says. The first other line is the header, or, if it starts with {, the
 * first of the JSON lines (one flat object each). Columns are found by name, in any order, in any
 * case; unknown ones are passed over. CSV fields may be quoted as in RFC 4180, but not span lines.
 * A byte order mark and carriage returns at line ends are passed over.
 *
 * An NPY file holds the scores, (N) or (N, 1) or (N, C) with a column chosen; the file of ids, a
 * text like any other but without a score, or a plain list of ids, has a line a row.
 */
#ifndef LP_SCORE_LINES_H
#define LP_SCORE_LINES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/* What a score file may say about a frame. */
enum score_column {
    COLUMN_SCORE, /* higher = more fake */
    COLUMN_ID,    /* id of a row of the manifest */
    COLUMN_PATH,  /* its image */
    COLUMN_FRAME,
    COLUMN_FACE,   /* which of the faces of the frame */
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
    size_t line;  /* 1-based; of an NPY file the row, 0-based */
    bool same;    /* all but the score is as in the row before, and is not given again */
    bool numeric; /* the score is `value`, not a text */
    double value;
    const char *at[N_COLUMNS];
    size_t len[N_COLUMNS];
    bool has[N_COLUMNS]; /* the file (JSON: this line) has the column, be its value missing */
};

struct score_reader;

struct score_source {
    const char *path;           /* "-" is standard input */
    const char *ids;            /* of the rows of an NPY file; NULL = STEM.ids.tsv, .csv or .txt */
    int npy_column;             /* of an NPY file with several; -1 = it must have one */
    const char *const *renames; /* "column=name in the file", as in {"score=prob_fake", "id=key"} */
    size_t n_renames;
};

/* Opens and reads up to the header. A column that is not renamed is known by its own name and its
 * aliases: file filename image -> path; source donor identity -> face_id; target -> context_id.
 * ERR_NOINPUT, ERR_CONFIG for a bad rename, ERR_DATA for an empty file, or one without the columns
 * that it takes: score, and one of id, path, video. */
int score_reader_open(struct score_reader **r, const struct score_source *source,
                      struct err *err) LP_MUST_CHECK;

/* A line that is no row: wrong number of fields, an open quote, bad JSON. */
#define SCORE_LINE_BAD (-EILSEQ)

/* 1 with a row, 0 at the end, negative when reading failed. SCORE_LINE_BAD comes with
 * "'file' line N: ..." in err; the next call goes on after it. All else is final: damaged
 * compression, more or fewer ids than scores. */
int score_reader_next(struct score_reader *r, struct score_row *row, struct err *err) LP_MUST_CHECK;

/* Does the header (JSON: the first line) name the column? */
bool score_reader_has(const struct score_reader *r, enum score_column c);

/* The next row is given in full: `same` would be as a row that the caller has no use for. */
void score_reader_forget(struct score_reader *r);

/* About how many rows there will be, a little too many rather than too few; 0 = cannot tell (pipes,
 * compressed files). */
size_t score_reader_estimate(const struct score_reader *r);

/* "line", or "row" of an NPY file: what score_row.line counts. */
const char *score_reader_counts(const struct score_reader *r);

void score_reader_close(struct score_reader *r);

#endif
