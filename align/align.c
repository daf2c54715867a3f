#include "align/align.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "align/align_settings.h"
#include "align/dataset_card.h"
#include "align/export.h"
#include "align/face.h"
#include "align/masks.h"
#include "align/variants.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/journal.h"
#include "lib/landmarks.h"
#include "lib/manifest.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

/* The columns of extract.tsv that are read. */
enum column {
    C_ID,
    C_VIDEO,
    C_PAIR,
    C_LABEL,
    C_SPLIT,
    C_FACE_ID,
    C_CONTEXT_ID,
    C_COMPONENT,
    C_FRAME,
    C_CROP_X,
    C_CROP_Y,
    C_CROP_W,
    C_CROP_H,
    C_IMAGE,
    C_LANDMARKS,
    C_LANDMARK_ROW,
    C_STATUS,
    C_REASON,
    N_COLUMNS
};
static const char *const column_names[N_COLUMNS + 1] = {
    "id",         "video",     "pair",      "label",        "split",     "face_id",
    "context_id", "component", "frame",     "crop_x_px",    "crop_y_px", "crop_w_px",
    "crop_h_px",  "image",     "landmarks", "landmark_row", "status",    "reason",
};

/* Rows of one video, which stand together because ids start with the video's. */
struct unit {
    size_t first, n;
};

struct worker {
    struct manifest_row row;
    struct face face;
    struct mask_video mask;
    long long *frames; /* of the video at hand */
    size_t frames_cap;
    struct str image, mask_image, path;
};

/* What a row that is ok has to say. */
struct outcome {
    struct mat3 m;
    int landmarks; /* 68 or 81 */
    bool mask;
};

/* What became of rows. */
struct tally {
    size_t ok, failed, skipped;
    size_t no_mask; /* faces of videos whose mask ended before them, or cannot be read */
    size_t outside; /* faces with more than BLACK_SHARE of pixels that no crop reaches */
    double worst;   /* the largest such share */
};

#define BLACK_SHARE 0.01

struct run {
    const struct tool_args *args;
    struct align_settings set;
    struct manifest in;
    int cols[N_COLUMNS];
    int track; /* column, or -1: older tables have none */
    struct mask_list masks;
    struct unit *units;
    size_t n_units;
    struct str in_folder, out_folder;
    struct str prefix; /* the input's folder as seen from the output's, with '/'; "" if the same */
    struct journal *journal;
    struct worker *workers;
    struct str *rows;      /* by slot */
    struct tally *tallies; /* by slot */
    struct manifest_table table;
    struct progress progress;
    struct tally sum;
    size_t total;
};

/* ---- one row ---------------------------------------------------------------------------------*/

/* A path of the input, as the output's rows say it. */
static void add_path(struct run *run, struct worker *w, const char *path, struct str *out)
{
    str_clear(&w->path);
    if (path) {
        if (path[0] != '/')
            str_add(&w->path, run->prefix.s);
        str_add(&w->path, path);
        out->oom |= str_failed(&w->path);
    }
    row_text(out, path ? w->path.s : NULL);
}

static void add_row(struct run *run, struct worker *w, const struct outcome *ok, const char *status,
                    const char *reason, struct str *out)
{
    static const enum column carried[] = {C_ID,      C_VIDEO,      C_PAIR,      C_LABEL, C_SPLIT,
                                          C_FACE_ID, C_CONTEXT_ID, C_COMPONENT, C_FRAME};
    const char *const *f = w->row.field;
    const int *c = run->cols;
    size_t i;

    for (i = 0; i < sizeof(carried) / sizeof(*carried); i++)
        row_text(out, f[c[carried[i]]]);
    row_text(out, ok ? w->image.s : NULL);
    row_text(out, run->track >= 0 && f[run->track] ? f[run->track] : "0");
    add_path(run, w, f[c[C_IMAGE]], out);
    row_text(out, f[c[C_CROP_X]]);
    row_text(out, f[c[C_CROP_Y]]);
    add_path(run, w, f[c[C_LANDMARKS]], out);
    row_text(out, f[c[C_LANDMARK_ROW]]);
    row_text(out, !ok ? NULL : ok->landmarks == LANDMARKS_MAX ? "measured81" : "measured68");
    row_text(out, ok && ok->mask ? w->mask_image.s : NULL);
    row_text(out, NULL);
    row_text(out, ok ? run->set.template->name : NULL);
    if (ok)
        row_int(out, run->set.size_px);
    else
        row_text(out, NULL);
    for (i = 0; i < 9; i++)
        row_exact(out, ok ? ok->m.m[i] : (double)NAN);
    row_text(out, status);
    row_text(out, reason);
    row_end(out);
}

/* The mask of a face that is done. A mask that cannot be read leaves its video without. */
static int mask_row(struct run *run, struct worker *w, long long frame, struct outcome *ok,
                    struct tally *t, struct err *err)
{
    struct err item = {0};
    int r;

    if (!w->mask.reader)
        return 0;
    r = mask_video_warp(&w->mask, &w->face.warp.ops, frame, &ok->m, run->set.size_px, &item);
    if (r == 1) {
        ok->mask = true;
        fs_join(run->out_folder.s, w->mask_image.s, &w->path);
        if (str_failed(&w->path))
            return err_nomem(err);
        /* Masks are never JPEG: they have two values. */
        return media_write_picture(w->face.codec, w->path.s, &w->mask.aligned, MEDIA_PNG, 6, err);
    }
    t->no_mask++;
    if (r < 0 && face_stops_the_run(r))
        return err_set(err, r, "%s", item.text);
    if (r < 0) {
        msg_warning("%s: mask: %s", w->row.field[run->cols[C_ID]], item.text);
        mask_video_close(&w->mask);
    }
    return 0;
}

static int align_row(struct run *run, struct worker *w, struct outcome *ok, struct err *err)
{
    const char *const *f = w->row.field;
    const int *c = run->cols;
    const char *image = f[c[C_IMAGE]], *landmarks = f[c[C_LANDMARKS]];
    long long x, y, width, height, row;
    struct landmarks l;
    int r;

    if (!image)
        return err_set(err, ERR_DATA, "the row names no crop");
    if (!landmarks)
        return err_set(err, ERR_DATA, "the row names no landmarks");
    if ((r = manifest_int(&w->row, c[C_CROP_X], &x, err)) ||
        (r = manifest_int(&w->row, c[C_CROP_Y], &y, err)) ||
        (r = manifest_int(&w->row, c[C_CROP_W], &width, err)) ||
        (r = manifest_int(&w->row, c[C_CROP_H], &height, err)) ||
        (r = manifest_int(&w->row, c[C_LANDMARK_ROW], &row, err)) ||
        (r = face_landmarks(&w->face, run->in_folder.s, landmarks, row, &l, err)) ||
        (r = align_settings_fit(&run->set, 1, &l, &ok->m, err)) ||
        (r = face_crop(&w->face, run->in_folder.s, image, width, height, err)) ||
        (r = face_warp(&w->face, &w->face.crop, &ok->m, (double)x, (double)y, &run->set, err)))
        return r;
    ok->landmarks = l.n;
    return face_write(&w->face, &w->face.aligned, run->out_folder.s, w->image.s, &run->set, err);
}

static int name_pictures(struct run *run, struct worker *w, struct err *err)
{
    const char *id = w->row.field[run->cols[C_ID]];

    str_clear(&w->image);
    str_clear(&w->mask_image);
    str_addf(&w->image, "aligned/%s.%s", id, align_suffix(&run->set));
    str_addf(&w->mask_image, "masks/%s.png", id);
    return str_failed(&w->image) || str_failed(&w->mask_image) ? err_nomem(err) : 0;
}

static int do_row(struct run *run, struct worker *w, size_t index, struct str *out, struct tally *t,
                  struct err *err)
{
    struct err item = {0};
    struct outcome ok = {0};
    long long frame;
    int r = manifest_read(&run->in, index, &w->row, err);
    const char *const *f = w->row.field;
    const int *c = run->cols;

    if (r)
        return r;
    if (!manifest_row_ok(&w->row)) {
        bool bad = f[c[C_STATUS]] && strcmp(f[c[C_STATUS]], "fail") == 0;

        /* A failure upstream was counted there. */
        add_row(run, w, NULL, bad ? "fail" : "skip", f[c[C_REASON]], out);
        t->skipped++;
        return 0;
    }
    r = name_pictures(run, w, err);
    if (r)
        return r;
    r = fs_is_safe_name(f[c[C_ID]]) ? align_row(run, w, &ok, &item)
                                    : err_set(&item, ERR_DATA, "the id cannot be a file name");
    if (r && face_stops_the_run(r))
        return err_set(err, r, "%s", item.text);
    if (r) {
        msg_warning("%s: %s", f[c[C_ID]], item.text);
        t->failed++;
    } else {
        t->ok++;
        t->outside += w->face.outside > BLACK_SHARE;
        t->worst = w->face.outside > t->worst ? w->face.outside : t->worst;
        if (w->mask.reader && !manifest_int(&w->row, c[C_FRAME], &frame, NULL) &&
            mask_row(run, w, frame, &ok, t, err))
            return err->code;
    }
    add_row(run, w, r ? NULL : &ok, r ? "fail" : "ok", r ? item.text : NULL, out);
    return 0;
}

/* ---- the loop --------------------------------------------------------------------------------*/

static const char *unit_name(struct run *run, struct worker *w, size_t i, struct err *err, int *r)
{
    *r = manifest_read(&run->in, run->units[i].first, &w->row, err);
    return *r ? NULL : w->row.field[run->cols[C_VIDEO]];
}

/* Opens the mask of a video, if it has one. */
static int open_mask(struct run *run, struct worker *w, const struct unit *u, struct err *err)
{
    struct err item = {0};
    size_t k, n = 0;
    int r = 0;

    mask_video_close(&w->mask);
    if (!run->masks.open)
        return 0;
    if (mem_grow(&w->frames, &w->frames_cap, u->n, sizeof(*w->frames)))
        return err_nomem(err);
    for (k = 0; k < u->n; k++) {
        r = manifest_read(&run->in, u->first + k, &w->row, err);
        if (r)
            return r;
        if (manifest_row_ok(&w->row) &&
            !manifest_int(&w->row, run->cols[C_FRAME], &w->frames[n], NULL))
            n++;
    }
    r = mask_video_open(&w->mask, &run->masks, w->row.field[run->cols[C_VIDEO]], w->frames, n,
                        &item);
    if (r && face_stops_the_run(r))
        return err_set(err, r, "%s", item.text);
    if (r)
        msg_warning("%s: mask: %s", w->row.field[run->cols[C_VIDEO]], item.text);
    return 0;
}

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct run *run = ctx;
    struct worker *w = &run->workers[worker];
    const struct unit *u = &run->units[i];
    const char *video;
    size_t k, size;
    int r;

    str_clear(&run->rows[slot]);
    run->tallies[slot] = (struct tally){0};
    video = unit_name(run, w, i, err, &r);
    if (r || journal_find(run->journal, video, &size))
        return r;
    r = open_mask(run, w, u, err);
    for (k = 0; k < u->n && !r; k++)
        r = do_row(run, w, u->first + k, &run->rows[slot], &run->tallies[slot], err);
    mask_video_close(&w->mask);
    if (!r && str_failed(&run->rows[slot]))
        r = err_nomem(err);
    return r;
}

/* Of a video from the journal: its rows by their last but one field, where what had failed upstream
 * counts as skipped. How far its faces reach was said then. */
static int tally_rows(struct run *run, struct worker *w, const struct unit *u, const char *rows,
                      size_t size, struct tally *t, struct err *err)
{
    const char *p = rows, *end;
    size_t k;
    int r = 0;

    for (; p < rows + size; p = end + 1) {
        const char *tab;

        end = memchr(p, '\n', (size_t)(rows + size - p));
        tab = memrchr(p, '\t', (size_t)(end - p));
        t->ok += memcmp(tab - 3, "\tok", 3) == 0;
        t->skipped += memcmp(tab - 5, "\tskip", 5) == 0;
        t->failed += memcmp(tab - 5, "\tfail", 5) == 0;
    }
    for (k = 0; k < u->n && !r; k++) {
        const char *status;

        r = manifest_read(&run->in, u->first + k, &w->row, err);
        status = r ? NULL : w->row.field[run->cols[C_STATUS]];
        if (status && strcmp(status, "fail") == 0) {
            t->failed--;
            t->skipped++;
        }
    }
    return r;
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct run *run = ctx;
    struct worker *w = &run->workers[run->args->jobs]; /* the calling thread's own */
    struct tally t = run->tallies[slot];
    const char *rows, *video;
    size_t size;
    int r;

    video = unit_name(run, w, i, err, &r);
    if (r)
        return r;
    rows = journal_find(run->journal, video, &size);
    if (rows) {
        r = tally_rows(run, w, &run->units[i], rows, size, &t, err);
    } else {
        rows = run->rows[slot].s;
        size = run->rows[slot].len;
        r = journal_add(run->journal, video, rows, size, err);
    }
    if (!r)
        r = manifest_table_add(&run->table, rows, size, err);
    run->sum.ok += t.ok;
    run->sum.failed += t.failed;
    run->sum.skipped += t.skipped;
    run->sum.outside += t.outside;
    run->sum.no_mask += t.no_mask;
    run->sum.worst = t.worst > run->sum.worst ? t.worst : run->sum.worst;
    run->total += run->units[i].n;
    progress_add(&run->progress, (unsigned)t.ok, (unsigned)t.failed, (unsigned)t.skipped);
    return r;
}

/* Cuts the manifest into videos and keeps those of this shard. */
static int list_units(struct run *run, struct err *err)
{
    struct manifest_row row = {0};
    struct str video = STR_INIT;
    bool ours = false;
    size_t i, cap = 0;
    int r = 0;

    for (i = 0; i < run->in.n_rows && !r; i++) {
        const char *id, *pair;

        r = manifest_read(&run->in, i, &row, err);
        if (r)
            break;
        id = row.field[run->cols[C_VIDEO]];
        pair = row.field[run->cols[C_PAIR]];
        if (!id) {
            r = err_set(err, ERR_DATA, "'%s' line %zu: the video is missing", run->in.path, i + 3);
        } else if (i == 0 || strcmp(id, video.s) != 0) {
            str_clear(&video);
            str_add(&video, id);
            ours = shard_has(&run->args->shard, pair ? pair : id);
            if (str_failed(&video) ||
                (ours && mem_grow(&run->units, &cap, run->n_units + 1, sizeof(*run->units))))
                r = err_nomem(err);
            else if (ours)
                run->units[run->n_units++] = (struct unit){i, 1};
        } else if (ours) {
            run->units[run->n_units - 1].n++;
        }
    }
    manifest_row_release(&row);
    str_release(&video);
    return r;
}

static int open_workers(struct run *run, struct err *err)
{
    size_t i, slots = pool_slots(run->args->jobs);
    int r = 0;

    run->workers = mem_array(run->args->jobs + (size_t)1, sizeof(*run->workers));
    run->rows = mem_array(slots, sizeof(*run->rows));
    run->tallies = mem_array(slots, sizeof(*run->tallies));
    if (!run->workers || !run->rows || !run->tallies)
        return err_nomem(err);
    for (i = 0; i < run->args->jobs && !r; i++)
        r = face_init(&run->workers[i].face, err);
    return r;
}

/* Where the input's folder is, as seen from the output's. */
static int find_prefix(struct run *run, struct err *err)
{
    int r = fs_make_folders(run->out_folder.s, err);

    if (!r)
        r = fs_relative(run->out_folder.s, run->in_folder.s, &run->prefix, err);
    if (!r && strcmp(run->prefix.s, ".") == 0)
        str_clear(&run->prefix);
    else if (!r)
        str_add_c(&run->prefix, '/');
    str_add(&run->prefix, "");
    return r ? r : str_failed(&run->prefix) ? err_nomem(err) : 0;
}

static int find_masks(struct run *run, struct err *err)
{
    const char *why;
    int r;

    if (!run->set.masks)
        return 0;
    r = mask_list_open(&run->masks, run->in_folder.s, run->in.input_hash, &why, err);
    if (!r && *why)
        msg_warning("%s: masks of the data set are left out", why);
    return r;
}

static void release(struct run *run)
{
    size_t i;

    for (i = 0; run->workers && i <= run->args->jobs; i++) {
        struct worker *w = &run->workers[i];

        manifest_row_release(&w->row);
        face_release(&w->face);
        mask_video_release(&w->mask);
        free(w->frames);
        str_release(&w->image);
        str_release(&w->mask_image);
        str_release(&w->path);
    }
    for (i = 0; run->rows && i < pool_slots(run->args->jobs); i++)
        str_release(&run->rows[i]);
    free(run->workers);
    free(run->rows);
    free(run->tallies);
    free(run->units);
    manifest_table_release(&run->table);
    journal_close(run->journal, 0);
    manifest_release(&run->in);
    str_release(&run->in_folder);
    str_release(&run->out_folder);
    str_release(&run->prefix);
    mask_list_release(&run->masks);
}

static void say_outside(const struct run *run)
{
    if (run->sum.outside)
        msg_warning("%zu of %zu aligned faces reach out of their crops by more than %g %% (at most "
                    "%.3g %%), and are black there: they are at the edge of the frame, or "
                    "extract.grow is too small",
                    run->sum.outside, run->sum.ok, 100 * BLACK_SHARE, 100 * run->sum.worst);
    if (run->sum.no_mask)
        msg_warning("%zu faces have no mask although their videos have one: it ends before them",
                    run->sum.no_mask);
}

int align_run(const struct tool_args *args, struct err *err)
{
    struct run run = {.args = args};
    const struct pool_tasks tasks = {.ctx = &run, .work = work, .done = done};
    int r;

    r = align_settings_read(args->conf, &run.set, err);
    if (r)
        return r;
    tool_folders(args, &run.in_folder, &run.out_folder);
    if (str_failed(&run.in_folder) || str_failed(&run.out_folder)) {
        r = err_nomem(err);
        goto out;
    }
    if ((r = manifest_open(&run.in, args->input, "extract", err)) ||
        (r = manifest_columns(&run.in, column_names, run.cols, err)) || (r = list_units(&run, err)))
        goto out;
    run.track = manifest_column(&run.in, "track");
    if (args->dry_run) {
        msg_info("%zu rows in, %zu videos of this shard", run.in.n_rows, run.n_units);
        goto out;
    }
    if ((r = find_prefix(&run, err)) || (r = find_masks(&run, err)) ||
        (r = open_workers(&run, err)) ||
        (r = journal_open(&run.journal, args->shard_output, args->settings_hash, run.in.hash, err)))
        goto out;
    progress_begin(&run.progress, "faces", run.in.n_rows);
    r = pool_run(&tasks, run.n_units, args->jobs, err);
    progress_end(&run.progress);
    if (r)
        goto out;
    say_outside(&run);
    atomic_sync(run.out_folder.s);
    r = manifest_table_write(&run.table, args->shard_output, "align", args->settings_hash,
                             run.in.hash, export_columns, err);
    if (r)
        goto out;
    journal_close(run.journal, 1);
    run.journal = NULL;
    if (args->shard.count == 0)
        r = align_finish(args, err);
    if (!r)
        r = tool_check_failed(args, run.sum.failed, run.total, "faces", err);
out:
    release(&run);
    return r;
}

/* ---- exports ---------------------------------------------------------------------------------*/

/* Made under another name and renamed when it is whole. */
static int write_export(const struct export *e, struct export_input *in, struct err *err)
{
    struct str half = STR_INIT, whole = STR_INIT;
    struct err ignored = {0};
    int r;

    str_addf(&half, "%s/exports/.%s.tmp", in->folder, e->name);
    str_addf(&whole, "%s/exports/%s", in->folder, e->name);
    if (str_failed(&half) || str_failed(&whole)) {
        r = err_nomem(err);
        goto out;
    }
    in->target = half.s;
    if ((r = fs_make_parents(half.s, err)) || (r = fs_remove_tree(half.s, err)) ||
        (r = fs_make_folders(half.s, err)) || (r = e->write(in, err)) ||
        (r = fs_remove_tree(whole.s, err)))
        goto out;
    if (rename(half.s, whole.s))
        r = err_set_errno(err, ERR_CREATE, errno, "cannot rename '%s'", half.s);
out:
    if (r && half.s && fs_remove_tree(half.s, &ignored))
        msg_debug("%s", ignored.text); /* the first error is the one to tell */
    str_release(&half);
    str_release(&whole);
    return r;
}

/* The exports that the settings name, from the table `path`, and the card. */
static int write_exports(const struct tool_args *args, const char *path, struct err *err)
{
    size_t i, n;
    const char *const *names = conf_list(args->conf, "align.exports", &n);
    struct export_input in = {.conf = args->conf};
    struct export_done *done = NULL;
    struct manifest m = {0};
    struct str folder = STR_INIT;
    int r;

    if (n == 0)
        return 0;
    fs_folder_of(path, &folder);
    done = mem_array(n, sizeof(*done));
    r = str_failed(&folder) || !done ? err_nomem(err) : manifest_open(&m, path, "align", err);
    if (!r)
        r = manifest_columns(&m, export_columns, in.column, err);
    in.manifest = &m;
    in.folder = folder.s;
    for (i = 0; i < n && !r; i++) {
        msg_info("export '%s'", names[i]);
        done[i].export = export_find(names[i]);
        in.notes = &done[i].notes;
        r = write_export(done[i].export, &in, err);
        if (!r && str_failed(&done[i].notes))
            r = err_nomem(err);
    }
    if (!r)
        r = card_write(&in, done, n, err);
    for (i = 0; done && i < n; i++)
        str_release(&done[i].notes);
    free(done);
    manifest_release(&m);
    str_release(&folder);
    return r;
}

int align_finish(const struct tool_args *args, struct err *err)
{
    size_t n, failed = 0, total = 0, sets = variants_count(args->conf);
    int r;

    conf_list(args->conf, "align.exports", &n);
    if ((n || sets) && fs_size(args->output) < 0)
        return err_set(err, ERR_USAGE,
                       "exports and sets need --output FILE (or --set align.exports= and so on)");
    r = write_exports(args, args->output, err);
    if (!r && sets)
        r = variants_make(args, write_exports, &failed, &total, err);
    return r || !sets ? r : tool_check_failed(args, failed, total, "faces of the sets", err);
}
