/* A CSV file with a header (RFC 4180), whole in memory; fields do not span lines. */
#ifndef LP_CSV_TABLE_H
#define LP_CSV_TABLE_H

#include <stddef.h>

#include "lib/err.h"

#define CSV_MAX_COLUMNS 64

struct csv_table {
    const char *path; /* as given, for messages; not owned */
    char *text;       /* owned; fields are terminated in place */
    char *at;         /* the next line */
    size_t line;      /* of the row read last, 1-based */
    int n_columns;
    char *columns[CSV_MAX_COLUMNS];
    char *field[CSV_MAX_COLUMNS]; /* of the row read last; "" where it is short */
    int n_fields;
};

/* Reads the file and its header. ERR_NOINPUT, ERR_DATA. */
int csv_open(struct csv_table *t, const char *path, struct err *err) LP_MUST_CHECK;

/* Number of the column of this name, in any case, or -1. */
int csv_column(const struct csv_table *t, const char *name);

/* 1 with a row in t->field, 0 at the end, ERR_DATA naming the line. Empty lines are passed over. */
int csv_next(struct csv_table *t, struct err *err) LP_MUST_CHECK;

void csv_release(struct csv_table *t);

#endif
