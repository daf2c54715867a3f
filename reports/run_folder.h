/* What a run left behind: the tables of a run's folder, as far as they are there. */
#ifndef LP_RUN_FOLDER_H
#define LP_RUN_FOLDER_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/manifest.h"

enum run_table_id {
    RUN_FETCH,
    RUN_EXTRACT,
    RUN_ALIGN,
    RUN_SWAP,
    RUN_CURVES,
    RUN_PROBES,
    RUN_PAIRS,
    RUN_TABLES
};

struct run_table {
    bool there;
    char *folder; /* of the file: what its rows' paths are relative to */
    struct manifest m;
};

struct run_folder {
    const char *path; /* not owned */
    struct run_table table[RUN_TABLES];
    struct jsonr *metrics; /* NULL when not there */
    char metrics_hash[HASH_HEX];
};

/* The file of a table below the run's folder ("evaluate/curves.tsv"), and the tool that makes it.
 */
const char *run_table_file(enum run_table_id id);
const char *run_table_tool(enum run_table_id id);
#define RUN_METRICS_FILE "evaluate/metrics.json"

/*
 * Opens all that is there. A table that is not there is no error, unless both metrics.json and
 * align.tsv are missing: ERR_NOINPUT. One that cannot be read is an error, with its path and line.
 */
int run_folder_open(struct run_folder *run, const char *path, struct err *err) LP_MUST_CHECK;
void run_folder_release(struct run_folder *run);

/* A cell by the column's name; NULL when the column or the value is missing. */
const char *run_cell(const struct manifest_row *row, const char *column);

/* The cell as a number, or NaN: for what a page can do without. */
double run_number(const struct manifest_row *row, const char *column);

#endif
