#include "swap/swap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/journal.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"
#include "swap/tarball.h"

static const char *const columns[] = {
    "id",        "shard",     "offset",     "label",      "method", "window_h_px", "window_w_px",
    "blend",     "mode",      "background", "foreground", "seed",   "box_x0_px",   "box_y0_px",
    "box_x1_px", "box_y1_px", "face_id",    "context_id", "status", "reason",      NULL,
};

/* One moment to make, and where it goes. */
struct item {
    size_t moment; /* of the plan */
    size_t tar;    /* index into run.tars */
    bool last;     /* of its tar */
};

struct run {
    const struct tool_args *args;
    const struct swap_options *options;
    struct swap_run_settings set;
    struct manifest manifest;
    int cols[PLAN_N_COLUMNS];
    struct plan plan;
    struct donor_index donors;
    struct produce_context context;
    struct str in_folder, out_folder;

    struct producer *producers; /* one a worker */
    struct product_list *slots;

    /* The epoch that is being made. */
    uint32_t epoch;
    struct item *items;
    size_t n_items, items_cap;
    struct plan_tar *tars;
    size_t n_tars, tars_cap;
    size_t first_tar; /* number of tars of earlier epochs */

    struct tarball tarball;
    struct sink *sink;
    struct str tar_name, tar_path;
    struct journal *journal;
    struct manifest_table table;
    struct progress progress;
    size_t made, skipped, failed;
};

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct run *run = ctx;

    return produce_moment(&run->producers[worker], &run->context,
                          &run->plan.moment[run->items[i].moment], run->epoch, &run->slots[slot],
                          err);
}

static int tar_name(struct run *run, size_t tar, struct err *err)
{
    str_clear(&run->tar_name);
    str_addf(&run->tar_name, "swap/shard-%06zu%s", run->first_tar + tar,
             run->set.folders ? "" : ".tar");
    fs_join(run->out_folder.s, run->tar_name.s, &run->tar_path);
    return str_failed(&run->tar_name) || str_failed(&run->tar_path) ? err_nomem(err) : 0;
}

static int open_tar(struct run *run, size_t tar, struct err *err)
{
    int r;

    if ((r = tar_name(run, tar, err)) || (r = fs_make_parents(run->tar_path.s, err)) ||
        (r = run->set.folders ? sink_open_folder(&run->sink, run->tar_path.s, err)
                              : sink_open_tar(&run->sink, run->tar_path.s, err)))
        return r;
    run->tarball.folder = run->set.folders;
    return tarball_begin(&run->tarball, run->sink, run->tar_name.s, run->set.shuffle,
                         run->set.swap.seed, run->epoch, run->tar_name.s, err);
}

static int close_tar(struct run *run, struct err *err)
{
    struct sink *sink = run->sink;
    int r;

    if ((r = tarball_end(&run->tarball, err)))
        return r;
    run->sink = NULL;
    if ((r = sink_close(sink, 1, err)))
        return r;
    if ((r = journal_add(run->journal, run->tar_name.s,
                         run->tarball.rows.s ? run->tarball.rows.s : "", run->tarball.rows.len,
                         err)))
        return r;
    return manifest_table_add(&run->table, run->tarball.rows.s, run->tarball.rows.len, err);
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct run *run = ctx;
    struct product_list *list = &run->slots[slot];
    size_t k;
    int r;

    if (!run->options->stream && !run->sink && (r = open_tar(run, run->items[i].tar, err)))
        return r;
    for (k = 0; k < list->n; k++) {
        struct product *p = &list->product[k];
        bool ok = p->status == PRODUCT_OK, skip = p->status == PRODUCT_SKIP;

        if (!ok && skip)
            msg_debug("%s", p->reason.s);
        else if (!ok)
            msg_warning("%s", p->reason.s);
        run->made += ok;
        run->skipped += skip;
        run->failed += !ok && !skip;
        progress_add(&run->progress, ok, !ok && !skip, skip);
        if ((r = tarball_add(&run->tarball, p, err)))
            return r;
    }
    if (!run->options->stream && run->items[i].last)
        return close_tar(run, err);
    return 0;
}

static int add_item(struct run *run, size_t moment, size_t tar, bool last, struct err *err)
{
    if (mem_grow(&run->items, &run->items_cap, run->n_items + 1, sizeof *run->items))
        return err_nomem(err);
    run->items[run->n_items++] = (struct item){moment, tar, last};
    return 0;
}

/* Takes the rows of a tar that an earlier, stopped run has finished. */
static int take_finished(struct run *run, const char *rows, size_t size, struct err *err)
{
    size_t i, n = 0;

    for (i = 0; i < size; i++)
        n += rows[i] == '\n';
    run->made += n;
    progress_add(&run->progress, (unsigned)n, 0, 0);
    return manifest_table_add(&run->table, rows, size, err);
}

/* Lists what is to be made in an epoch: all tars of this shard that are not there yet. */
static int list_epoch(struct run *run, const size_t *order, struct err *err)
{
    const struct shard *shard = &run->args->shard;
    size_t t, i;
    int r;

    run->n_items = 0;
    for (t = 0; t < run->n_tars; t++) {
        const struct plan_tar *tar = &run->tars[t];
        const char *rows;
        size_t size;

        if (shard->count && (run->first_tar + t) % shard->count != shard->index)
            continue;
        if ((r = tar_name(run, t, err)))
            return r;
        rows = journal_find(run->journal, run->tar_name.s, &size);
        if (rows && fs_exists(run->tar_path.s)) {
            if ((r = take_finished(run, rows, size, err)))
                return r;
            continue;
        }
        for (i = 0; i < tar->n; i++) {
            if ((r = add_item(run, order[tar->first + i], t, i + 1 == tar->n, err)))
                return r;
        }
    }
    return 0;
}

static int run_items(struct run *run, struct err *err)
{
    struct pool_tasks tasks = {.ctx = run, .work = work, .done = done};

    return pool_run(&tasks, run->n_items, run->args->jobs, err);
}

static int make_epoch(struct run *run, struct err *err)
{
    size_t *order = NULL;
    int r;

    if ((r = plan_order(&run->plan, run->set.swap.seed, run->epoch, &order, err)))
        return r;
    run->n_tars = 0;
    r = plan_cut(&run->plan, order, run->epoch, run->set.shard_samples, &run->tars, &run->n_tars,
                 &run->tars_cap, err);
    if (!r)
        r = list_epoch(run, order, err);
    free(order);
    if (!r)
        r = run_items(run, err);
    run->first_tar += run->n_tars;
    return r;
}

static int stream_epoch(struct run *run, const struct shard *part, struct err *err)
{
    size_t *order = NULL, i;
    char name[32];
    int r;

    if ((r = plan_order(&run->plan, run->set.swap.seed, run->epoch, &order, err)))
        return r;
    run->n_items = 0;
    for (i = 0; i < run->plan.moments && !r; i++) {
        if (!part->count || i % part->count == part->index)
            r = add_item(run, order[i], 0, false, err);
    }
    free(order);
    snprintf(name, sizeof name, "stream %u/%u", part->index, part->count);
    if (r || (r = tarball_begin(&run->tarball, run->sink, NULL, run->set.shuffle,
                                run->set.swap.seed, run->epoch, name, err)))
        return r;
    if ((r = run_items(run, err)))
        return r;
    return tarball_end(&run->tarball, err);
}

static int stream(struct run *run, struct err *err)
{
    struct shard part = {0, 0};
    long long left = run->options->epochs;
    int r;

    if (run->options->part && (r = shard_parse(run->options->part, &part, err)))
        return r;
    if ((r = sink_open_tar(&run->sink, "-", err)))
        return r;
    run->epoch = (uint32_t)run->options->epoch;
    do {
        size_t before = run->made;

        r = stream_epoch(run, &part, err);
        if (!r && run->made == before)
            r = err_set(err, ERR_DATA, "epoch %u gave no sample: %zu skipped, %zu failed",
                        run->epoch, run->skipped, run->failed);
        run->epoch++;
    } while (!r && (left == 0 || --left > 0));
    if (!r) {
        struct sink *sink = run->sink;

        run->sink = NULL;
        r = sink_close(sink, 1, err);
    }
    if (r == -EPIPE) { /* the reader has enough: the normal end of a stream */
        err_clear(err);
        r = 0;
    }
    return r;
}

/* Tars and folders that an earlier run with more of them, or with the other kind, has left would be
 * taken for ours by whoever globs. */
static int remove_stale(struct run *run, struct err *err)
{
    struct str folder = STR_INIT, path = STR_INIT;
    char **names = NULL;
    size_t n = 0, i;
    int r = 0;

    fs_join(run->out_folder.s, "swap", &folder);
    if (str_failed(&folder))
        r = err_nomem(err);
    else if (fs_is_folder(folder.s))
        r = fs_list(folder.s, &names, &n, err);
    for (i = 0; i < n && !r; i++) {
        size_t number;
        int end = 0;
        bool tar;

        if (sscanf(names[i], "shard-%6zu%n", &number, &end) != 1 || end != 12)
            continue;
        tar = !strcmp(names[i] + end, ".tar");
        if ((!tar && names[i][end]) || (tar != run->set.folders && number < run->first_tar))
            continue;
        fs_join(folder.s, names[i], &path);
        if (tar && unlink(path.s) && errno != ENOENT)
            r = err_set_errno(err, ERR_IO, errno, "cannot remove the stale '%s'", path.s);
        else if (!tar)
            r = fs_remove_tree(path.s, err);
    }
    fs_list_free(names, n);
    str_release(&folder);
    str_release(&path);
    return r;
}

static int shards(struct run *run, struct err *err)
{
    const struct tool_args *args = run->args;
    int r;

    if ((r = journal_open(&run->journal, args->shard_output, args->settings_hash,
                          run->manifest.hash, err)))
        return r;
    for (run->epoch = 0; run->epoch < run->set.epochs; run->epoch++) {
        if ((r = make_epoch(run, err)))
            return r;
    }
    if ((r = remove_stale(run, err)))
        return r;
    atomic_sync(run->out_folder.s);
    if ((r = manifest_table_write(&run->table, args->shard_output, "swap", args->settings_hash,
                                  run->manifest.hash, columns, err)))
        return r;
    journal_close(run->journal, 1);
    run->journal = NULL;
    return 0;
}

static int init_donors(struct run *run, struct err *err)
{
    int r;

    if ((r = donor_index_init(&run->donors, &run->manifest, run->cols, run->in_folder.s,
                              run->set.swap.scale, run->set.swap.seed, err)))
        return r;
    if (run->donors.crossing)
        msg_warning("%zu real frames give no faces to others: their people are in several splits",
                    run->donors.crossing);
    msg_debug("%zu frames may give their faces to others, %zu cannot be read", run->donors.n,
              run->donors.unfit);
    return 0;
}

static int init(struct run *run, struct err *err)
{
    const struct tool_args *args = run->args;
    unsigned i;
    int r;

    if ((r = swap_settings_read(&run->set, args->conf, err)) ||
        (r = manifest_open(&run->manifest, args->input, "extract", err)) ||
        (r = manifest_columns(&run->manifest, plan_columns, run->cols, err)) ||
        (r = plan_init(&run->plan, &run->manifest, run->cols, run->set.splits, run->set.genuine,
                       run->set.method->real_only, err)))
        return r;
    tool_folders(args, &run->in_folder, &run->out_folder);
    run->producers = mem_array(args->jobs, sizeof *run->producers);
    run->slots = mem_array(pool_slots(args->jobs), sizeof *run->slots);
    if (!run->producers || !run->slots || str_failed(&run->in_folder) ||
        str_failed(&run->out_folder))
        return err_nomem(err);
    for (i = 0; i < args->jobs; i++) {
        if ((r = producer_init(&run->producers[i], err)))
            return r;
    }
    run->context = (struct produce_context){
        .set = &run->set,
        .plan = &run->plan,
        .manifest = &run->manifest,
        .cols = run->cols,
        .folder = run->in_folder.s,
        .donors = run->set.method->donor ? &run->donors : NULL,
    };
    return run->set.method->donor ? init_donors(run, err) : 0;
}

static void release(struct run *run)
{
    struct err ignored = {0};
    size_t i;

    if (sink_close(run->sink, 0, &ignored))
        msg_debug("%s", ignored.text);
    journal_close(run->journal, 0);
    for (i = 0; run->producers && i < run->args->jobs; i++)
        producer_release(&run->producers[i]);
    for (i = 0; run->slots && i < pool_slots(run->args->jobs); i++)
        product_list_release(&run->slots[i]);
    free(run->producers);
    free(run->slots);
    tarball_release(&run->tarball);
    manifest_table_release(&run->table);
    plan_release(&run->plan);
    donor_index_release(&run->donors);
    manifest_release(&run->manifest);
    free(run->items);
    free(run->tars);
    str_release(&run->in_folder);
    str_release(&run->out_folder);
    str_release(&run->tar_name);
    str_release(&run->tar_path);
}

int swap_run(const struct tool_args *args, const struct swap_options *options, struct err *err)
{
    struct run run = {.args = args, .options = options};
    unsigned long long total;
    int r;

    if ((r = init(&run, err)))
        goto out;
    total = run.plan.samples * run.set.epochs;
    if (args->dry_run) {
        printf("%llu samples an epoch from %zu moments, %u epochs, method %s\n", run.plan.samples,
               run.plan.moments, run.set.epochs, run.set.method->name);
        goto out;
    }
    progress_begin(&run.progress, "samples", options->stream ? 0 : total);
    r = options->stream ? stream(&run, err) : shards(&run, err);
    progress_end(&run.progress);
    if (!r && !options->stream)
        r = tool_check_failed(args, run.failed, run.made + run.skipped + run.failed, "samples",
                              err);
out:
    release(&run);
    return r;
}
