#include "align/align.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "align/dataset_card.h"
#include "align/coverage.h"
#include "align/export.h"
#include "lib/atomic_file.h"
#include "lib/cpu.h"
#include "lib/face_template.h"
#include "lib/fs.h"
#include "lib/journal.h"
#include "lib/landmarks.h"
#include "lib/manifest.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"
#include "lib/warp.h"

const char *const align_columns[] = {
    "id",    "video", "pair",     "label",   "split", "face_id", "context_id", "component",
    "frame", "image", "template", "size_px", "m00",   "m01",     "m02",        "m10",
    "m11",   "m12",   "m20",      "m21",     "m22",   "status",  "reason",     NULL,
};

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
    struct media_codec *codec;
    struct image crop, face;
    struct npy landmarks;
    char *landmarks_name; /* the file that `landmarks` holds */
    double outside;       /* of the face aligned last: the share that its crop does not reach */
    struct str path, image;
};

/* What became of rows. */
struct tally {
    size_t ok, failed, skipped;
    size_t outside; /* faces with more than BLACK_SHARE of pixels that no crop reaches */
    double worst;   /* the largest such share */
};

#define BLACK_SHARE 0.01

struct run {
    const struct tool_args *args;
    const struct face_template *template;
    double scale;
    int size_px;
    enum media_format format;
    int quality;
    struct manifest in;
    int cols[N_COLUMNS];
    struct unit *units;
    size_t n_units;
    struct str in_folder, out_folder;
    struct warp_ops warp;
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

static void add_row(struct run *run, const struct manifest_row *in, const char *image,
                    const struct mat3 *m, const char *status, const char *reason, struct str *out)
{
    static const enum column carried[] = {C_ID,      C_VIDEO,      C_PAIR,      C_LABEL, C_SPLIT,
                                          C_FACE_ID, C_CONTEXT_ID, C_COMPONENT, C_FRAME};
    size_t i;

    for (i = 0; i < sizeof(carried) / sizeof(*carried); i++)
        row_text(out, in->field[run->cols[carried[i]]]);
    row_text(out, image);
    row_text(out, image ? run->template->name : NULL);
    if (image)
        row_int(out, run->size_px);
    else
        row_text(out, NULL);
    for (i = 0; i < 9; i++)
        row_exact(out, m ? m->m[i] : (double)NAN);
    row_text(out, status);
    row_text(out, reason);
    row_end(out);
}

/* The landmarks of a row. A video's rows share a file, so the last one read is kept. */
static int read_landmarks(struct run *run, struct worker *w, struct landmarks *l, struct err *err)
{
    const char *name = w->row.field[run->cols[C_LANDMARKS]];
    long long row;
    int r;

    if (!name)
        return err_set(err, ERR_DATA, "the row names no landmarks");
    r = manifest_int(&w->row, run->cols[C_LANDMARK_ROW], &row, err);
    if (r)
        return r;
    fs_join(run->in_folder.s, name, &w->path);
    if (str_failed(&w->path))
        return err_nomem(err);
    if (!w->landmarks_name || strcmp(w->landmarks_name, name) != 0) {
        npy_release(&w->landmarks);
        free(w->landmarks_name);
        w->landmarks_name = NULL;
        r = npy_read(w->path.s, &w->landmarks, err);
        if (r)
            return r;
        w->landmarks_name = strdup(name);
        if (!w->landmarks_name)
            return err_nomem(err);
    }
    return landmarks_from_npy(&w->landmarks, w->path.s, (size_t)row, l, err);
}

static int align_row(struct run *run, struct worker *w, struct mat3 *m, struct err *err)
{
    const char *image = w->row.field[run->cols[C_IMAGE]];
    long long x, y, width, height;
    struct landmarks l;
    struct mat3 from_crop;
    int r;

    if (!image)
        return err_set(err, ERR_DATA, "the row names no crop");
    if ((r = manifest_int(&w->row, run->cols[C_CROP_X], &x, err)) ||
        (r = manifest_int(&w->row, run->cols[C_CROP_Y], &y, err)) ||
        (r = manifest_int(&w->row, run->cols[C_CROP_W], &width, err)) ||
        (r = manifest_int(&w->row, run->cols[C_CROP_H], &height, err)) ||
        (r = read_landmarks(run, w, &l, err)) ||
        (r = face_template_fit(run->template, run->scale, run->size_px, &l, m, err)))
        return r;
    fs_join(run->in_folder.s, image, &w->path);
    if (str_failed(&w->path))
        return err_nomem(err);
    r = media_read_picture(w->codec, w->path.s, &w->crop, err);
    if (r)
        return r;
    if (w->crop.width != width || w->crop.height != height)
        return err_set(err, ERR_DATA, "'%s' is %dx%d pixels, its row says %lldx%lld", w->path.s,
                       w->crop.width, w->crop.height, width, height);
    /* The crop's pixel (0, 0) is the frame's (x, y). */
    from_crop = mat3_identity();
    from_crop.m[2] = (double)x;
    from_crop.m[5] = (double)y;
    from_crop = mat3_multiply(m, &from_crop);
    w->outside = coverage_outside(&from_crop, w->crop.width, w->crop.height, run->size_px);
    r = image_shape(&w->face, run->size_px, run->size_px, w->crop.channels, err);
    if (!r)
        r = warp_perspective(&run->warp, &w->face, &w->crop, &from_crop, err);
    if (r)
        return r;
    fs_join(run->out_folder.s, w->image.s, &w->path);
    if (str_failed(&w->path))
        return err_nomem(err);
    return media_write_picture(w->codec, w->path.s, &w->face, run->format, run->quality, err);
}

/* Is it the item that is bad, or the run that cannot go on? */
static bool stops_the_run(int code)
{
    return code == -ENOMEM || code == ERR_IO || code == ERR_CREATE || code == ERR_SYSTEM;
}

static int do_row(struct run *run, struct worker *w, size_t index, struct str *out, struct tally *t,
                  struct err *err)
{
    struct err item = {0};
    struct mat3 m;
    int r = manifest_read(&run->in, index, &w->row, err);
    const char *const *f = w->row.field;
    const int *c = run->cols;

    if (r)
        return r;
    if (!manifest_row_ok(&w->row)) {
        bool bad = f[c[C_STATUS]] && strcmp(f[c[C_STATUS]], "fail") == 0;

        /* A failure upstream was counted there. */
        add_row(run, &w->row, NULL, NULL, bad ? "fail" : "skip", f[c[C_REASON]], out);
        t->skipped++;
        return 0;
    }
    str_clear(&w->image);
    str_addf(&w->image, "aligned/%s.%s", f[c[C_ID]], run->format == MEDIA_PNG ? "png" : "jpg");
    if (str_failed(&w->image))
        return err_nomem(err);
    r = fs_is_safe_name(f[c[C_ID]]) ? align_row(run, w, &m, &item)
                                    : err_set(&item, ERR_DATA, "the id cannot be a file name");
    if (r && stops_the_run(r))
        return err_set(err, r, "%s", item.text);
    if (r) {
        msg_warning("%s: %s", f[c[C_ID]], item.text);
        t->failed++;
    } else {
        t->ok++;
        t->outside += w->outside > BLACK_SHARE;
        t->worst = w->outside > t->worst ? w->outside : t->worst;
    }
    add_row(run, &w->row, r ? NULL : w->image.s, r ? NULL : &m, r ? "fail" : "ok",
            r ? item.text : NULL, out);
    return 0;
}

/* ---- the loop --------------------------------------------------------------------------------*/

static const char *unit_name(struct run *run, struct worker *w, size_t i, struct err *err, int *r)
{
    *r = manifest_read(&run->in, run->units[i].first, &w->row, err);
    return *r ? NULL : w->row.field[run->cols[C_VIDEO]];
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
    for (k = 0; k < u->n && !r; k++)
        r = do_row(run, w, u->first + k, &run->rows[slot], &run->tallies[slot], err);
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
        r = media_codec_new(&run->workers[i].codec, err);
    return r;
}

static void read_settings(struct run *run)
{
    const struct conf *c = run->args->conf;
    long long size = conf_int(c, "align.size_px");
    double scale = conf_real(c, "align.scale");

    run->template = face_template_find(conf_string(c, "align.template"));
    run->size_px = size ? (int)size : run->template->size_px;
    run->scale = scale > 0 ? scale : run->template->scale;
    run->format = conf_enum(c, "align.image") == 0 ? MEDIA_PNG : MEDIA_JPEG;
    run->quality =
        (int)conf_int(c, run->format == MEDIA_PNG ? "align.png_level" : "align.jpg_quality");
}

static void release(struct run *run)
{
    size_t i;

    for (i = 0; run->workers && i <= run->args->jobs; i++) {
        struct worker *w = &run->workers[i];

        manifest_row_release(&w->row);
        media_codec_free(w->codec);
        image_release(&w->crop);
        image_release(&w->face);
        npy_release(&w->landmarks);
        free(w->landmarks_name);
        str_release(&w->path);
        str_release(&w->image);
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
}

static void say_outside(const struct run *run)
{
    if (run->sum.outside)
        msg_warning("%zu of %zu aligned faces reach out of their crops by more than %g %% (at most "
                    "%.3g %%), and are black there: they are at the edge of the frame, or "
                    "extract.grow is too small",
                    run->sum.outside, run->sum.ok, 100 * BLACK_SHARE, 100 * run->sum.worst);
}

int align_run(const struct tool_args *args, struct err *err)
{
    struct run run = {.args = args};
    const struct pool_tasks tasks = {.ctx = &run, .work = work, .done = done};
    int r;

    read_settings(&run);
    warp_ops_init(&run.warp, cpu_mask());
    tool_folders(args, &run.in_folder, &run.out_folder);
    if (str_failed(&run.in_folder) || str_failed(&run.out_folder)) {
        r = err_nomem(err);
        goto out;
    }
    if ((r = manifest_open(&run.in, args->input, "extract", err)) ||
        (r = manifest_columns(&run.in, column_names, run.cols, err)) || (r = list_units(&run, err)))
        goto out;
    if (args->dry_run) {
        msg_info("%zu rows in, %zu videos of this shard", run.in.n_rows, run.n_units);
        goto out;
    }
    if ((r = open_workers(&run, err)) ||
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
                             run.in.hash, align_columns, err);
    if (r)
        goto out;
    journal_close(run.journal, 1);
    run.journal = NULL;
    if (args->shard.count == 0)
        r = align_export(args, err);
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
    int r;

    str_addf(&half, "%s/exports/.%s.tmp", in->folder, e->name);
    str_addf(&whole, "%s/exports/%s", in->folder, e->name);
    if (str_failed(&half) || str_failed(&whole)) {
        r = err_nomem(err);
        goto out;
    }
    in->target = half.s;
    if ((r = fs_remove_tree(half.s, err)) || (r = fs_make_folders(half.s, err)) ||
        (r = e->write(in, err)) || (r = fs_remove_tree(whole.s, err)))
        goto out;
    if (rename(half.s, whole.s))
        r = err_set_errno(err, ERR_CREATE, errno, "cannot rename '%s'", half.s);
out:
    str_release(&half);
    str_release(&whole);
    return r;
}

int align_export(const struct tool_args *args, struct err *err)
{
    size_t i, n;
    const char *const *names = conf_list(args->conf, "align.exports", &n);
    struct export_input in = {.conf = args->conf};
    struct manifest m = {0};
    struct str folder = STR_INIT;
    int r;

    if (n == 0)
        return 0;
    if (fs_size(args->output) < 0)
        return err_set(err, ERR_USAGE, "exports need --output FILE (or --set align.exports=)");
    fs_folder_of(args->output, &folder);
    r = str_failed(&folder) ? err_nomem(err) : manifest_open(&m, args->output, "align", err);
    if (!r)
        r = manifest_columns(&m, export_columns, in.column, err);
    in.manifest = &m;
    in.folder = folder.s;
    for (i = 0; i < n && !r; i++) {
        msg_info("export '%s'", names[i]);
        r = write_export(export_find(names[i]), &in, err);
    }
    if (!r)
        r = card_write(&in, err);
    manifest_release(&m);
    str_release(&folder);
    return r;
}
