#include "reports/run_folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"

static const struct {
    const char *file, *stage, *tool;
} tables[RUN_TABLES] = {
    [RUN_FETCH] = {"fetch.tsv", "fetch", "lp-fetch"},
    [RUN_EXTRACT] = {"extract.tsv", "extract", "lp-extract"},
    [RUN_ALIGN] = {"align.tsv", "align", "lp-align"},
    [RUN_SWAP] = {"swap.tsv", "swap", "lp-swap"},
    [RUN_CURVES] = {"evaluate/curves.tsv", "evaluate", "lp-evaluate"},
    [RUN_PROBES] = {"evaluate/probes.tsv", "evaluate", "lp-evaluate"},
    [RUN_PAIRS] = {"evaluate/pairs.tsv", "evaluate", "lp-evaluate"},
};

const char *run_table_file(enum run_table_id id)
{
    return tables[id].file;
}

const char *run_table_tool(enum run_table_id id)
{
    return tables[id].tool;
}

static int open_table(struct run_folder *run, enum run_table_id id, struct err *err)
{
    struct run_table *t = &run->table[id];
    struct str path = STR_INIT, folder = STR_INIT;
    int r = 0;

    fs_join(run->path, tables[id].file, &path);
    fs_folder_of(path.s, &folder);
    if (str_failed(&path) || !(t->folder = str_take(&folder))) {
        r = err_nomem(err);
    } else if (fs_exists(path.s)) {
        r = manifest_open(&t->m, path.s, tables[id].stage, err);
        t->there = !r;
    }
    str_release(&path);
    str_release(&folder);
    return r;
}

static int open_metrics(struct run_folder *run, struct err *err)
{
    struct str path = STR_INIT;
    long long version = 0;
    int r = 0;

    fs_join(run->path, RUN_METRICS_FILE, &path);
    if (str_failed(&path)) {
        r = err_nomem(err);
    } else if (fs_exists(path.s)) {
        r = hash_file(path.s, run->metrics_hash, err);
        if (!r)
            r = jsonr_load(&run->metrics, path.s, err);
        if (!r && (!jsonr_as_int(jsonr_get(run->metrics, "version"), &version) || version != 1))
            r = err_set(err, ERR_DATA, "'%s': not metrics of version 1", path.s);
    }
    str_release(&path);
    return r;
}

int run_folder_open(struct run_folder *run, const char *path, struct err *err)
{
    int id, r;

    *run = (struct run_folder){.path = path};
    if (!fs_is_folder(path))
        return err_set(err, ERR_NOINPUT, "'%s' is not the folder of a run", path);
    r = open_metrics(run, err);
    for (id = 0; !r && id < RUN_TABLES; id++)
        r = open_table(run, (enum run_table_id)id, err);
    if (!r && !run->metrics && !run->table[RUN_ALIGN].there)
        r = err_set(err, ERR_NOINPUT, "'%s' holds neither %s nor %s", path, RUN_METRICS_FILE,
                    tables[RUN_ALIGN].file);
    return r;
}

void run_folder_release(struct run_folder *run)
{
    int id;

    for (id = 0; id < RUN_TABLES; id++) {
        if (run->table[id].there)
            manifest_release(&run->table[id].m);
        free(run->table[id].folder);
    }
    if (run->metrics)
        jsonr_free(run->metrics);
    *run = (struct run_folder){0};
}

const char *run_cell(const struct manifest_row *row, const char *column)
{
    int c = manifest_column(row->m, column);

    return c < 0 ? NULL : row->field[c];
}

double run_number(const struct manifest_row *row, const char *column)
{
    const char *text = run_cell(row, column);
    char *end;
    double value;

    if (!text)
        return NAN;
    value = strtod(text, &end);
    return end == text || *end || !isfinite(value) ? NAN : value;
}
