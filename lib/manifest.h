/*
 * The TSV tables between the tools; docs/manifest.5 is the format.
 *
 *   #lp-manifest<TAB>version=1<TAB>stage=extract<TAB>tool=0.1.0<TAB>settings=sha256:..<TAB>input=sha256:..
 *   id<TAB>video<TAB>frame<TAB>...<TAB>status<TAB>reason
 *   rows sorted by id (strcmp)
 *
 * "." is a missing value; tab, newline, carriage return and % in a field are %09 %0A %0D %25, and
 * a field that is just "." is %2E. Readers find columns by name and ignore those they do not know.
 * No clock, host or absolute path: the same inputs give the same bytes.
 */
#ifndef LP_MANIFEST_H
#define LP_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/str.h"

#define MANIFEST_MAX_COLUMNS 64

/* ---- reading ---------------------------------------------------------------------------------
 * The whole text is held and rows are decoded on demand, so a row costs no allocation. Immutable
 * after opening: any number of threads may read rows, each into its own manifest_row. */
struct manifest {
    char *path; /* as given; "-" for stdin */
    char *text; /* owned */
    size_t size;
    char *stage; /* from line 1 */
    char *settings_hash, *input_hash;
    char *hash; /* SHA-256 of the whole file, hex: the input= of the next stage */
    int n_columns;
    char *columns[MANIFEST_MAX_COLUMNS];
    size_t n_rows;
    size_t *row_at; /* offset of each row's first byte */
};

struct manifest_row {
    const struct manifest *m;
    size_t index;   /* 0-based row number; the line in the file is index + 3 */
    struct str buf; /* decoded fields, each terminated */
    const char *field[MANIFEST_MAX_COLUMNS]; /* NULL = missing (".") */
};

/* Checks line 1, the names, that every row has as many fields as there are names, that ids are
 * present, unique and sorted. `stage` NULL = any, else the stage that must have written it.
 * ERR_NOINPUT if it cannot be opened, ERR_DATA with "'path' line N: ..." otherwise. */
int manifest_open(struct manifest *m, const char *path, const char *stage,
                  struct err *err) LP_MUST_CHECK;
void manifest_release(struct manifest *m);

/* Index of a column, or -1. */
int manifest_column(const struct manifest *m, const char *name);

/* Fills cols[i] for each names[i] (NULL-terminated list); ERR_DATA naming the first one missing. */
int manifest_columns(const struct manifest *m, const char *const *names, int *cols,
                     struct err *err) LP_MUST_CHECK;

/* Decodes row `index` into *row (zero-initialise it once, reuse, then manifest_row_release). */
int manifest_read(const struct manifest *m, size_t index, struct manifest_row *row,
                  struct err *err) LP_MUST_CHECK;
void manifest_row_release(struct manifest_row *row);

/* Index of the row with this id by binary search, or -1. */
long long manifest_find(const struct manifest *m, const char *id);

/* A field as a number; ERR_DATA naming path, line and column when missing or malformed (a NaN or
 * infinity is malformed). */
int manifest_int(const struct manifest_row *row, int column, long long *value,
                 struct err *err) LP_MUST_CHECK;
int manifest_real(const struct manifest_row *row, int column, double *value,
                  struct err *err) LP_MUST_CHECK;

/* True if the row's `status` column is "ok" (or there is none). */
bool manifest_row_ok(const struct manifest_row *row);

/* ---- writing ---------------------------------------------------------------------------------
 * A row is text built by the row_* helpers in the order of the columns; the table keeps rows in
 * memory, sorts them by id and writes the file in one go. */
void row_text(struct str *row, const char *value); /* NULL = missing */
void row_int(struct str *row, long long value);
void row_real(struct str *row, double value);  /* %.9g; NaN = missing */
void row_exact(struct str *row, double value); /* %.17g; NaN = missing */
void row_end(struct str *row);                 /* turns the last tab into a newline */

struct manifest_table {
    struct str text; /* the rows, each ended by a newline */
    size_t *at;      /* offsets */
    size_t n, cap;
};

/* Appends the row or rows in `rows` (any number of complete lines). */
int manifest_table_add(struct manifest_table *t, const char *rows, size_t size,
                       struct err *err) LP_MUST_CHECK;

/* Sorts and writes to `path` ("-" = stdout), durable. `columns` is NULL-terminated.
 * ERR_DATA naming the id when two rows have one id. */
int manifest_table_write(struct manifest_table *t, const char *path, const char *stage,
                         const char *settings_hash, const char *input_hash,
                         const char *const *columns, struct err *err) LP_MUST_CHECK;
void manifest_table_release(struct manifest_table *t);

/* Joins the N shards `STEM.I-of-N.tsv` beside `path` (see lib/shard.h) into `path`: all N must be
 * there, of one stage, settings and input; the result equals the file an unsharded run writes. */
int manifest_merge(const char *path, const char *stage, struct err *err) LP_MUST_CHECK;

#endif
