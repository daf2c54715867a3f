#include "fetch/fetch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/audit.h"
#include "fetch/catalogue.h"
#include "fetch/layout.h"
#include "fetch/obtain.h"
#include "fetch/policy.h"
#include "fetch/probe.h"
#include "fetch/summary.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/journal.h"
#include "lib/manifest.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

const char *const fetch_columns[] = {
    "id",      "dataset",    "method",    "compression", "name",   "path",   "label",  "split",
    "face_id", "context_id", "component", "pair",        "mask",   "bytes",  "sha256", "frames",
    "width",   "height",     "fps",       "codec",       "status", "reason", NULL,
};
#define COLUMN_SHA256 14 /* its place in a row */

static const char *const resplit_columns[] = {
    "id", "label", "context_id", "component", "listed", "split", NULL,
};

struct run {
    const struct tool_args *args;
    struct source source;
    struct catalogue c;
    struct split_settings split;
    bool sha256;
    enum probe_depth depth;
    char input_hash[HASH_HEX];
    struct str prefix; /* from the folder of the output to the root */
    const char *out;   /* the folder of the output */
    struct str folders[2];
    size_t *todo; /* indices of the videos of this shard */
    size_t n_todo;
    struct journal *journal;
    struct str *rows; /* by slot */
    struct manifest_table table;
    struct progress progress;
    size_t failed;
};

/* ---- settings --------------------------------------------------------------------------------*/

static int read_shares(const struct tool_args *args, double shares[N_SPLITS], struct err *err)
{
    size_t n;
    const char *const *list = conf_list(args->conf, "dataset.split_shares", &n);
    double sum = 0;
    size_t i;

    for (i = 0; i < n && n == N_SPLITS - 1; i++) {
        char *end;

        shares[i + 1] = strtod(list[i], &end);
        if (*end || end == list[i] || !(shares[i + 1] >= 0) || !isfinite(shares[i + 1]))
            break;
        sum += shares[i + 1];
    }
    if (n != N_SPLITS - 1 || i < n || !(sum > 0))
        return err_set(err, ERR_CONFIG,
                       "dataset.split_shares: three numbers from 0 on are needed: the shares of "
                       "train, val and test");
    for (i = 1; i < N_SPLITS; i++)
        shares[i] /= sum;
    return 0;
}

static int check_name(const char *name, struct err *err)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    if (n == 0 || name[n])
        return err_set(err, ERR_CONFIG, "dataset.name: '%s' may hold letters, digits, - and _ only",
                       name);
    return 0;
}

static int read_settings(struct run *run, struct err *err)
{
    const struct conf *conf = run->args->conf;
    struct source *s = &run->source;

    run->c.dataset = conf_string(conf, "dataset.name");
    run->c.root = s->root = conf_string(conf, "dataset.root");
    s->compressions = conf_list(conf, "dataset.compression", &s->n_compressions);
    s->methods = conf_list(conf, "dataset.methods", &s->n_methods);
    s->splits = conf_string(conf, "dataset.splits");
    s->conversion = conf_string(conf, "dataset.conversion");
    s->table = conf_string(conf, "dataset.table");
    run->split.policy = (enum policy)conf_enum(conf, "dataset.split");
    run->split.seed = (uint64_t)conf_int(conf, "dataset.split_seed");
    run->sha256 = conf_bool(conf, "fetch.sha256");
    run->depth = (enum probe_depth)conf_enum(conf, "fetch.probe");
    if (!*s->root)
        return err_set(err, ERR_CONFIG,
                       "dataset.root is not set: it names the folder that holds the data set");
    if (s->n_compressions == 0)
        return err_set(err, ERR_CONFIG, "dataset.compression is empty");
    if (!fs_is_folder(s->root))
        return err_set(err, ERR_NOINPUT, "dataset.root: '%s' is no folder", s->root);
    return check_name(run->c.dataset, err) ? ERR_CONFIG
                                           : read_shares(run->args, run->split.shares, err);
}

/* ---- the catalogue ---------------------------------------------------------------------------*/

/* What the rows depend on apart from the settings: the hash is input= of the manifest. With times
 * (for the journal: a file that changed must be read again) it is another one. */
static int hash_input(const struct run *run, bool times, char hex[HASH_HEX], struct err *err)
{
    struct str line = STR_INIT;
    struct hash h;
    size_t i;
    int r = hash_init(&h, err);

    if (r)
        return r;
    for (i = 0; i < run->c.n; i++) {
        const struct entry *e = &run->c.videos[i];
        struct stat st;

        str_clear(&line);
        str_addf(&line, "%s\t%s\t%lld\t%d\t%s\t%s", e->id, e->path, e->bytes, (int)e->listed,
                 e->component ? e->component : "", e->mask ? e->mask : "");
        if (times) {
            struct str path = STR_INIT;

            fs_join(run->source.root, e->path, &path);
            if (!str_failed(&path) && stat(path.s, &st) == 0)
                str_addf(&line, "\t%lld.%09ld", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
            str_release(&path);
        }
        str_add_c(&line, '\n');
        if (str_failed(&line)) {
            hash_release(&h);
            str_release(&line);
            return err_nomem(err);
        }
        hash_add(&h, line.s, line.len);
    }
    str_release(&line);
    hash_finish(&h, hex);
    return 0;
}

static int make_catalogue(struct run *run, struct err *err)
{
    const char *name = conf_string(run->args->conf, "dataset.layout");
    const struct layout *layout = layout_find(name);
    bool compare = conf_enum(run->args->conf, "dataset.expect") == 0;
    size_t i, changed = 0, merged = 0;
    int r = 0;

    if (!layout)
        r = layout_guess(&run->source, &layout, err);
    if (r)
        return r;
    msg_info("'%s': %s", run->source.root, layout->help);
    if ((r = layout->fill(&run->source, &run->c, err)) || (r = catalogue_finish(&run->c, err)))
        return r;
    if (run->c.n == 0)
        return err_set(err, ERR_DATA, "'%s' holds no video that the settings ask for (layout %s)",
                       run->source.root, layout->name);
    if (compare)
        r = layout_compare(layout, &run->c, err);
    if (!r && conf_enum(run->args->conf, "dataset.people") == 1)
        r = catalogue_merge_people(&run->c, &merged, err);
    if (!r)
        r = policy_apply(&run->c, &run->split, &changed, err);
    for (i = 0; i < run->c.n_notes && !r; i++)
        msg_warning("%s", run->c.notes[i]);
    if (!r && changed)
        msg_info("%zu of %zu videos are in another split than the published one", changed,
                 run->c.n);
    return r;
}

/* The user should know before training on it; --audit tells more. */
static int warn_of_leaks(struct run *run, struct err *err)
{
    struct str rows = STR_INIT;
    size_t n;
    int r = audit_rows(&run->c, &rows, &n, err);

    if (!r && n)
        msg_warning("%zu component%s of people lie%s in more than one of train, val and test: see "
                    "lp-fetch --audit, and dataset.split",
                    n, n == 1 ? "" : "s", n == 1 ? "s" : "");
    str_release(&rows);
    return r;
}

/* ---- one video -------------------------------------------------------------------------------*/

static const char *person(const struct run *run, int k)
{
    return k == NOBODY ? NULL : run->c.people.names[k];
}

static void add_path(const struct run *run, const char *path, struct str *scratch, struct str *row)
{
    if (path) {
        fs_join(run->prefix.s, path, scratch);
        row_text(row, str_failed(scratch) ? "" : scratch->s);
        row->oom = row->oom || str_failed(scratch);
    } else {
        row_text(row, NULL);
    }
}

static void add_number(struct str *row, long long value, bool known)
{
    if (known)
        row_int(row, value);
    else
        row_text(row, NULL);
}

static void add_row(const struct run *run, const struct entry *e, const struct probe *p,
                    const char *reason, struct str *row)
{
    struct str scratch = STR_INIT;

    row_text(row, e->id);
    row_text(row, run->c.dataset);
    row_text(row, e->method);
    row_text(row, e->compression);
    row_text(row, e->name);
    add_path(run, e->path, &scratch, row);
    row_text(row, e->unlabelled ? NULL : e->fake ? "fake" : "real");
    row_text(row, split_names[e->split]);
    row_text(row, person(run, e->face));
    row_text(row, person(run, e->context));
    row_text(row, e->component);
    row_text(row, e->pair);
    add_path(run, e->mask, &scratch, row);
    add_number(row, e->bytes, e->bytes >= 0);
    row_text(row, p->sha256[0] ? p->sha256 : NULL);
    add_number(row, p->frames, p->frames >= 0);
    add_number(row, p->width, p->width > 0);
    add_number(row, p->height, p->height > 0);
    row_real(row, p->fps > 0 ? p->fps : (double)NAN);
    row_text(row, p->codec[0] ? p->codec : NULL);
    row_text(row, reason ? "fail" : "ok");
    row_text(row, reason);
    row_end(row);
    str_release(&scratch);
}

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct run *run = ctx;
    const struct entry *e = &run->c.videos[run->todo[i]];
    struct probe p = {.frames = -1};
    struct str path = STR_INIT;
    struct err why = {0};
    size_t size;
    int r = 0;

    (void)worker;
    str_clear(&run->rows[slot]);
    if (journal_find(run->journal, e->id, &size))
        return 0;
    fs_join(run->source.root, e->path, &path);
    if (str_failed(&path))
        r = err_nomem(err);
    else if (e->bytes > 0)
        r = probe_file(path.s, run->sha256, run->depth, &p, &why);
    /* That a decoder is missing says one flipped byte in the name of a codec, too. */
    if (r == -ENOMEM || r == ERR_SYSTEM)
        r = err_set(err, r, "%s", why.text);
    else
        r = 0;
    if (!r)
        add_row(run, e, &p, e->reason ? e->reason : why.code ? why.text : NULL, &run->rows[slot]);
    if (!r && str_failed(&run->rows[slot]))
        r = err_nomem(err);
    str_release(&path);
    return r;
}

/* The reason at the end of a row of ours if it says fail, else NULL; *n is its length. */
static const char *failure(const char *row, size_t size, int *n)
{
    const char *tab = memrchr(row, '\t', size);

    if (!tab || tab - row < 5 || memcmp(tab - 5, "\tfail", 5) != 0)
        return NULL;
    *n = (int)(row + size - tab - 2); /* without the newline */
    return tab + 1;
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct run *run = ctx;
    const struct entry *e = &run->c.videos[run->todo[i]];
    size_t size;
    const char *rows = journal_find(run->journal, e->id, &size);
    const char *reason;
    int r = 0, n;

    if (!rows) {
        rows = run->rows[slot].s;
        size = run->rows[slot].len;
        r = journal_add(run->journal, e->id, rows, size, err);
    }
    if (!r)
        r = manifest_table_add(&run->table, rows, size, err);
    reason = failure(rows, size, &n);
    if (reason) {
        msg_warning("%s: %.*s", e->id, n, reason);
        run->failed++;
    }
    progress_add(&run->progress, !reason, reason != NULL, 0);
    return r;
}

/* ---- files that are the same -----------------------------------------------------------------*/

struct twin {
    const char *hash, *row;
};

static int by_hash(const void *a, const void *b)
{
    const struct twin *x = a, *y = b;
    int d = memcmp(x->hash, y->hash, HASH_HEX - 1);

    return d ? d : x->row < y->row ? -1 : x->row > y->row;
}

/* Copies under two names are a damaged download, or a person in two splits. */
static int warn_of_twins(struct run *run, struct err *err)
{
    struct twin *twins = mem_array(run->table.n, sizeof(*twins));
    struct name_list list = {0};
    struct str pair = STR_INIT;
    size_t i, n = 0;
    int k;

    if (!twins)
        return err_nomem(err);
    for (i = 0; i < run->table.n; i++) {
        const char *row = run->table.text.s + run->table.at[i], *p = row;

        for (k = 0; k < COLUMN_SHA256 && p; k++)
            p = (p = strchr(p, '\t')) ? p + 1 : NULL;
        if (p && strcspn(p, "\t") == HASH_HEX - 1)
            twins[n++] = (struct twin){p, row};
    }
    qsort(twins, n, sizeof(*twins), by_hash);
    for (i = 1; i < n; i++) {
        const char *a = twins[i - 1].row, *b = twins[i].row;

        if (memcmp(twins[i - 1].hash, twins[i].hash, HASH_HEX - 1) != 0)
            continue;
        str_clear(&pair);
        str_addf(&pair, "%.*s = %.*s", (int)strcspn(a, "\t"), a, (int)strcspn(b, "\t"), b);
        if (!str_failed(&pair))
            name_list_add(&list, pair.s);
    }
    if (list.n)
        msg_warning("videos with the same bytes: %zu: %s", list.n, name_list_text(&list));
    name_list_release(&list);
    str_release(&pair);
    free(twins);
    return 0;
}

/* ---- outputs ---------------------------------------------------------------------------------*/

/* Paths in rows are relative to the folder of the output. */
static int find_prefix(struct run *run, struct err *err)
{
    int r = 0;

    tool_folders(run->args, &run->folders[0], &run->folders[1]);
    if (str_failed(&run->folders[1]))
        return err_nomem(err);
    run->out = run->folders[1].s;
    if (!run->args->dry_run)
        r = fs_make_folders(run->out, err);
    if (!r && fs_is_folder(run->out))
        r = fs_relative(run->out, run->source.root, &run->prefix, err);
    return r;
}

static int choose_videos(struct run *run, struct err *err)
{
    size_t i;

    run->todo = mem_array(run->c.n, sizeof(*run->todo));
    if (!run->todo)
        return err_nomem(err);
    for (i = 0; i < run->c.n; i++) {
        const struct entry *e = &run->c.videos[i];

        if (shard_has(&run->args->shard, e->pair ? e->pair : e->id))
            run->todo[run->n_todo++] = i;
    }
    return 0;
}

static int write_audit(struct run *run, bool check, struct err *err)
{
    struct manifest_table table = {0};
    struct str rows = STR_INIT;
    size_t n;
    int r = audit_rows(&run->c, &rows, &n, err);

    if (!r && rows.len)
        r = manifest_table_add(&table, rows.s, rows.len, err);
    if (!r && !run->args->dry_run)
        r = manifest_table_write(&table, run->args->output, "audit", run->args->settings_hash,
                                 run->input_hash, audit_columns, err);
    if (!r)
        msg_info("%zu components lie in more than one split", n);
    if (!r && check && n)
        r = err_set(err, ERR_CHECK, "%zu component%s of people lie%s in more than one split", n,
                    n == 1 ? "" : "s", n == 1 ? "s" : "");
    manifest_table_release(&table);
    str_release(&rows);
    return r;
}

static int write_resplit(struct run *run, struct err *err)
{
    struct manifest_table table = {0};
    struct str row = STR_INIT;
    size_t i;
    int r = 0;

    for (i = 0; i < run->c.n && !r; i++) {
        const struct entry *e = &run->c.videos[i];

        str_clear(&row);
        row_text(&row, e->id);
        row_text(&row, e->unlabelled ? NULL : e->fake ? "fake" : "real");
        row_text(&row, person(run, e->context));
        row_text(&row, e->component);
        row_text(&row, split_names[e->listed]);
        row_text(&row, split_names[e->split]);
        row_end(&row);
        r = str_failed(&row) ? err_nomem(err) : manifest_table_add(&table, row.s, row.len, err);
    }
    if (!r && !run->args->dry_run)
        r = manifest_table_write(&table, run->args->output, "resplit", run->args->settings_hash,
                                 run->input_hash, resplit_columns, err);
    manifest_table_release(&table);
    str_release(&row);
    return r;
}

/* Every name that the data set and its folder do not agree on, in a table beside the catalogue: an
 * incomplete download can miss thousands, and they are what has to be got again. No differences, no
 * table; nothing beside a pipe or a device. */
static int write_differences(struct run *run, struct err *err)
{
    static const char head[] = "what\tname\n";
    const char *output = run->args->output, *suffix = strrchr(output, '.');
    struct str path = STR_INIT, text = STR_INIT;
    size_t i, lines = 0;
    struct stat st;
    int r = 0;

    if (strcmp(output, "-") == 0 || run->args->shard.index > 0 ||
        (stat(output, &st) == 0 && !S_ISREG(st.st_mode)))
        return 0;
    for (i = 0; i < run->c.n; i++)
        if (run->c.videos[i].bytes <= 0)
            catalogue_differs(&run->c, run->c.videos[i].bytes < 0 ? "cannot be looked at" : "empty",
                              run->c.videos[i].path);
    if (suffix && !strchr(suffix, '/') && suffix != output && suffix[-1] != '/')
        str_add_n(&path, output, (size_t)(suffix - output));
    else
        str_add(&path, output);
    str_add(&path, ".differences.tsv");
    str_add(&text, head);
    str_add_n(&text, run->c.differences.s ? run->c.differences.s : "", run->c.differences.len);
    if (str_failed(&path) || str_failed(&text) || str_failed(&run->c.differences))
        r = err_nomem(err);
    for (i = 0; !r && i < run->c.differences.len; i++)
        lines += run->c.differences.s[i] == '\n';
    if (!r && lines == 0) {
        unlink(path.s);
    } else if (!r) {
        msg_warning("%zu files are missing, empty or not expected: '%s' names them all", lines,
                    path.s);
        r = atomic_write(path.s, text.s, text.len, err);
    }
    str_release(&path);
    str_release(&text);
    return r;
}

/* Of the whole data set, also where this is the first of several shards. */
static int tell_summary(const struct run *run, struct err *err)
{
    struct summary summary;
    struct str line = STR_INIT;
    int r;

    if (run->args->quiet || run->args->shard.index > 0)
        return 0;
    if ((r = summary_count(&run->c, &summary, err)))
        return r;
    summary_line(&summary, &line);
    if (str_failed(&line))
        r = err_nomem(err);
    else /* at the error level only for its plain wording */
        msg(MSG_ERROR, "%s", line.s);
    str_release(&line);
    return r;
}

static int write_catalogue(struct run *run, struct err *err)
{
    const struct pool_tasks tasks = {.ctx = run, .work = work, .done = done};
    const struct tool_args *args = run->args;
    char journal_hash[HASH_HEX];
    int r;

    run->rows = mem_array(pool_slots(args->jobs), sizeof(*run->rows));
    if (!run->rows)
        return err_nomem(err);
    if ((r = hash_input(run, true, journal_hash, err)) ||
        (r = journal_open(&run->journal, args->shard_output, args->settings_hash, journal_hash,
                          err)))
        return r;
    progress_begin(&run->progress, "videos", run->n_todo);
    r = pool_run(&tasks, run->n_todo, args->jobs, err);
    progress_end(&run->progress);
    if (!r && run->sha256)
        r = warn_of_twins(run, err);
    if (!r)
        r = manifest_table_write(&run->table, args->shard_output, "fetch", args->settings_hash,
                                 run->input_hash, fetch_columns, err);
    if (r)
        return r;
    journal_close(run->journal, 1);
    run->journal = NULL;
    return tool_check_failed(args, run->failed, run->n_todo, "videos", err);
}

static void release(struct run *run)
{
    size_t i;

    for (i = 0; run->rows && i < pool_slots(run->args->jobs); i++)
        str_release(&run->rows[i]);
    free(run->rows);
    free(run->todo);
    journal_close(run->journal, 0);
    manifest_table_release(&run->table);
    catalogue_release(&run->c);
    str_release(&run->prefix);
    str_release(&run->folders[0]);
    str_release(&run->folders[1]);
}

int fetch_run(const struct tool_args *args, const struct fetch_options *options, struct err *err)
{
    struct run run = {.args = args};
    int r = 0;

    if (!options->offline && !options->audit && !options->resplit)
        r = obtain_run(args, err);
    if (r || options->get ||
        (args->dry_run && obtain_is_asked(args->conf) &&
         !fs_is_folder(conf_string(args->conf, "dataset.root"))))
        return r;
    r = read_settings(&run, err);

    if (!r && options->resplit && run.split.policy == POLICY_LISTED)
        run.split.policy = POLICY_DISJOINT;
    if (r || (r = make_catalogue(&run, err)) || (r = hash_input(&run, false, run.input_hash, err)))
        goto out;
    if (options->audit) {
        r = write_audit(&run, options->check, err);
        goto out;
    }
    if (options->resplit) {
        r = write_resplit(&run, err);
        goto out;
    }
    r = warn_of_leaks(&run, err);
    if (r)
        goto out;
    if (args->dry_run) {
        summary_methods(&run.c, stdout);
        r = tell_summary(&run, err);
        goto out;
    }
    if ((r = find_prefix(&run, err)) || (r = choose_videos(&run, err)) ||
        (r = write_differences(&run, err)))
        goto out;
    r = write_catalogue(&run, err);
    if (!r)
        r = tell_summary(&run, err);
out:
    release(&run);
    return r;
}
