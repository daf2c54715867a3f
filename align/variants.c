#include "align/variants.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "align/export.h"
#include "align/face.h"
#include "align/jitter.h"
#include "align/perturb.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/journal.h"
#include "lib/manifest.h"
#include "lib/media_recode.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

#define UP  "../../" /* from a set's folder to that of align.tsv */
#define FPS 25       /* of the video that the faces of a video become */

struct variant {
    char name[48];
    const struct perturbation *kind; /* NULL: a jitter */
    int level;                       /* from 1 */
    unsigned copy;                   /* of a jitter, from 1 */
};

struct unit {
    size_t first, n;
};

struct worker {
    struct manifest_row row;
    struct face face;
    struct perturb_scratch scratch;
    struct media_recode *recode;
    struct image changed, mask, grey;
    struct mat3 *matrix; /* of each row of the unit */
    struct str *reason;  /* likewise: why it failed; empty = it did not */
    size_t *queue;       /* rows whose pictures are in the encoder */
    size_t cap, made;
    struct str name, image, path;
};

struct sets {
    const struct tool_args *args;
    struct align_settings set;
    struct jitter_settings jitter;
    struct manifest in;
    int column[EXPORT_N_COLUMNS];
    struct str folder; /* of the input */
    struct unit *units;
    size_t n_units, units_cap;
    struct worker *workers;
    struct str *rows; /* by slot */
    struct progress progress;
    size_t failed, total;

    /* of the set at hand */
    const struct variant *v;
    struct str out, table_path;
    struct journal *journal;
    struct manifest_table table;
};

/* ---- which sets ------------------------------------------------------------------------------*/

size_t variants_count(const struct conf *c)
{
    size_t kinds, levels;

    conf_list(c, "align.perturb", &kinds);
    conf_list(c, "align.perturb_levels", &levels);
    return kinds * levels + (size_t)conf_int(c, "align.jitter");
}

static void name_variants(const struct conf *c, struct variant *out)
{
    size_t kinds, levels, i, k;
    const char *const *kind = conf_list(c, "align.perturb", &kinds);
    const char *const *level = conf_list(c, "align.perturb_levels", &levels);
    unsigned copy, copies = (unsigned)conf_int(c, "align.jitter");

    for (i = 0; i < kinds; i++)
        for (k = 0; k < levels; k++, out++) {
            out->kind = perturbation_find(kind[i]);
            out->level = (int)strtol(level[k], NULL, 10);
            snprintf(out->name, sizeof(out->name), "%s-%d", kind[i], out->level);
        }
    for (copy = 1; copy <= copies; copy++, out++) {
        out->copy = copy;
        snprintf(out->name, sizeof(out->name), "jitter-%u", copy);
    }
}

/* ---- pictures --------------------------------------------------------------------------------*/

static const char *field(const struct sets *s, const struct worker *w, int column)
{
    return w->row.field[s->column[column]];
}

static int name_picture(const struct sets *s, struct worker *w, const char *folder,
                        const char *suffix, struct str *out, struct err *err)
{
    str_clear(out);
    str_addf(out, "%s/%s.%s", folder, field(s, w, EXPORT_ID), suffix);
    return str_failed(out) ? err_nomem(err) : 0;
}

/* The row's face, aligned as the set wants it, in w->face.aligned. */
static int make_face(struct sets *s, struct worker *w, struct mat3 *m, struct err *err)
{
    const struct export_input as_input = {.manifest = &s->in};
    const char *landmarks = field(s, w, EXPORT_LANDMARKS), *crop = field(s, w, EXPORT_CROP);
    struct export_input in = as_input;
    struct landmarks l;
    struct face_jitter j;
    long long row, x, y;
    int r;

    memcpy(in.column, s->column, sizeof(in.column));
    if (!crop || !landmarks)
        return err_set(err, ERR_DATA, "the row names no crop or no landmarks");
    if ((r = manifest_int(&w->row, s->column[EXPORT_CROP_X], &x, err)) ||
        (r = manifest_int(&w->row, s->column[EXPORT_CROP_Y], &y, err)) ||
        (r = export_matrix(&in, &w->row, m, err)) ||
        (r = face_crop(&w->face, s->folder.s, crop, 0, 0, err)))
        return r;
    if (!s->v->kind) {
        jitter_draw(&s->jitter, s->set.size_px, s->v->copy, field(s, w, EXPORT_ID), &j);
        if ((r = manifest_int(&w->row, s->column[EXPORT_LANDMARK_ROW], &row, err)) ||
            (r = face_landmarks(&w->face, s->folder.s, landmarks, row, &l, err)) ||
            (r = jitter_fit(&s->set, &j, &l, m, err)))
            return r;
    }
    return face_warp(&w->face, &w->face.crop, m, (double)x, (double)y, &s->set, err);
}

/* The mask of the plain face, moved as the jitter moves the face. */
static int move_mask(struct sets *s, struct worker *w, const struct mat3 *m, struct err *err)
{
    const char *mask = field(s, w, EXPORT_MASK);
    struct export_input in = {.manifest = &s->in};
    struct mat3 plain, back;
    int r, x, y;

    if (!mask || s->v->kind)
        return 0;
    memcpy(in.column, s->column, sizeof(in.column));
    fs_join(s->folder.s, mask, &w->path);
    if ((r = str_failed(&w->path) ? err_nomem(err) : 0) ||
        (r = export_matrix(&in, &w->row, &plain, err)) ||
        (r = media_read_picture(w->face.codec, w->path.s, &w->mask, err)) ||
        (r = image_to_grey(&w->grey, &w->mask, err)) ||
        (r = image_shape(&w->mask, s->set.size_px, s->set.size_px, 1, err)))
        return r;
    if (!mat3_invert(&plain, &back))
        return err_set(err, ERR_DATA, "the matrix cannot be inverted");
    back = mat3_multiply(m, &back);
    r = warp_perspective(&w->face.warp.ops, &w->mask, &w->grey, &back, err);
    if (r)
        return r;
    for (y = 0; y < w->mask.height; y++)
        for (x = 0; x < w->mask.width; x++)
            image_row(&w->mask, y)[x] = image_row(&w->mask, y)[x] >= 128 ? 255 : 0;
    if ((r = name_picture(s, w, "masks", "png", &w->name, err)))
        return r;
    fs_join(s->out.s, w->name.s, &w->path);
    if (str_failed(&w->path))
        return err_nomem(err);
    return media_write_picture(w->face.codec, w->path.s, &w->mask, MEDIA_PNG, 6, err);
}

static int write_face(struct sets *s, struct worker *w, const struct image *picture,
                      struct err *err)
{
    int r = name_picture(s, w, "aligned", align_suffix(&s->set), &w->name, err);

    return r ? r : face_write(&w->face, picture, s->out.s, w->name.s, &s->set, err);
}

/* A row that failed, or a run that cannot go on. */
static int note_failure(struct sets *s, struct worker *w, size_t k, int code,
                        const struct err *item, struct err *err)
{
    if (face_stops_the_run(code) || code == ERR_MISSING || code == ERR_FAULT)
        return err_set(err, code, "%s", item->text);
    msg_warning("%s: %s: %s", s->v->name, field(s, w, EXPORT_ID), item->text);
    str_add(&w->reason[k], item->text);
    return str_failed(&w->reason[k]) ? err_nomem(err) : 0;
}

static int do_picture(struct sets *s, struct worker *w, size_t k, struct err *err)
{
    const struct variant *v = s->v;
    const struct image *picture = &w->face.aligned;
    struct err item = {0};
    struct rng rng;
    int r = make_face(s, w, &w->matrix[k], &item);

    if (!r && v->kind) {
        rng_init(&rng, s->jitter.seed, (uint32_t)v->level, field(s, w, EXPORT_ID), v->kind->name);
        r = v->kind->apply(&w->changed, picture, v->kind->levels[v->level - 1], &rng, &w->scratch,
                           &item);
        picture = &w->changed;
    }
    if (!r)
        r = write_face(s, w, picture, &item);
    if (!r)
        r = move_mask(s, w, &w->matrix[k], &item);
    return r ? note_failure(s, w, k, r, &item, err) : 0;
}

static int do_pictures(struct sets *s, struct worker *w, const struct unit *u, struct err *err)
{
    size_t k;
    int r = 0;

    for (k = 0; k < u->n && !r; k++) {
        r = manifest_read(&s->in, u->first + k, &w->row, err);
        if (!r && manifest_row_ok(&w->row))
            r = do_picture(s, w, k, err);
    }
    return r;
}

/* ---- the faces of a video as a video ---------------------------------------------------------*/

/* Writes what comes out of the decoder. */
static int take_pictures(struct sets *s, struct worker *w, const struct unit *u, struct err *err)
{
    int r;

    while ((r = media_recode_get(w->recode, &w->changed, err)) == 1) {
        if ((r = manifest_read(&s->in, u->first + w->queue[w->made++], &w->row, err)) ||
            (r = write_face(s, w, &w->changed, err)))
            return r;
    }
    return r;
}

/* One track of it. Sets *next to the smallest track above, or leaves it. */
static int do_track(struct sets *s, struct worker *w, const struct unit *u, long long track,
                    long long *next, struct err *err)
{
    int crf = (int)s->v->kind->levels[s->v->level - 1];
    size_t k, queued = 0;
    int r = media_recode_start(w->recode, s->set.size_px, s->set.size_px, FPS, crf, err);

    w->made = 0;
    for (k = 0; k < u->n && !r; k++) {
        struct err item = {0};
        long long t;

        r = manifest_read(&s->in, u->first + k, &w->row, err);
        if (r || !manifest_row_ok(&w->row))
            continue;
        if (manifest_int(&w->row, s->column[EXPORT_TRACK], &t, NULL))
            t = 0;
        if (t > track && (*next <= track || t < *next))
            *next = t;
        if (t != track)
            continue;
        r = make_face(s, w, &w->matrix[k], &item);
        if (r) {
            r = note_failure(s, w, k, r, &item, err);
            continue;
        }
        w->queue[queued++] = k;
        r = media_recode_put(w->recode, &w->face.aligned, err);
        if (!r)
            r = take_pictures(s, w, u, err);
    }
    if (!r && queued)
        r = media_recode_put(w->recode, NULL, err);
    if (!r && queued)
        r = take_pictures(s, w, u, err);
    if (!r && w->made != queued)
        r = err_set(err, ERR_FAULT, "%zu pictures went into the encoder, %zu came out", queued,
                    w->made);
    return r;
}

static int do_video(struct sets *s, struct worker *w, const struct unit *u, struct err *err)
{
    long long track = -1, next;
    int r = 0;

    if (!w->recode)
        r = media_recode_new(&w->recode, err);
    for (; !r; track = next) {
        next = track;
        r = do_track(s, w, u, track, &next, err);
        if (next == track)
            break;
    }
    return r;
}

/* ---- rows ------------------------------------------------------------------------------------*/

static void add_path(struct worker *w, const char *path, struct str *out)
{
    str_clear(&w->path);
    if (path && path[0] != '/')
        str_add(&w->path, UP);
    str_add(&w->path, path ? path : "");
    out->oom |= str_failed(&w->path);
    row_text(out, path ? w->path.s : NULL);
}

static int add_row(struct sets *s, struct worker *w, size_t index, size_t k, struct str *out,
                   struct err *err)
{
    bool ok, jitter = s->v->kind == NULL;
    int c, r = manifest_read(&s->in, index, &w->row, err);

    if (!r)
        r = name_picture(s, w, "aligned", align_suffix(&s->set), &w->image, err);
    if (!r)
        r = name_picture(s, w, "masks", "png", &w->name, err);
    if (r)
        return r;
    ok = manifest_row_ok(&w->row) && w->reason[k].len == 0;
    for (c = 0; c < EXPORT_N_COLUMNS; c++) {
        const char *value = field(s, w, c);

        if (c == EXPORT_IMAGE)
            row_text(out, ok ? w->image.s : NULL);
        else if (c == EXPORT_CROP || c == EXPORT_LANDMARKS)
            add_path(w, value, out);
        else if (c == EXPORT_MASK && jitter)
            row_text(out, ok && value ? w->name.s : NULL);
        else if (c == EXPORT_MASK)
            add_path(w, ok ? value : NULL, out);
        else if (c == EXPORT_VARIANT)
            row_text(out, s->v->name);
        else if (c >= EXPORT_M && c < EXPORT_M + 9 && ok && jitter)
            row_exact(out, w->matrix[k].m[c - EXPORT_M]);
        else if (c == EXPORT_STATUS && w->reason[k].len)
            row_text(out, "fail");
        else if (c == EXPORT_REASON && w->reason[k].len)
            row_text(out, w->reason[k].s);
        else
            row_text(out, !ok && c >= EXPORT_TEMPLATE && c < EXPORT_STATUS ? NULL : value);
    }
    row_end(out);
    return 0;
}

/* Room for what is remembered of each row of a unit. */
static int make_room(struct worker *w, size_t n, struct err *err)
{
    size_t cap[3] = {w->cap, w->cap, w->cap}, i;

    if (mem_grow(&w->matrix, &cap[0], n, sizeof(*w->matrix)) ||
        mem_grow(&w->reason, &cap[1], n, sizeof(*w->reason)) ||
        mem_grow(&w->queue, &cap[2], n, sizeof(*w->queue)))
        return err_nomem(err);
    for (i = w->cap; i < cap[1]; i++)
        w->reason[i] = (struct str)STR_INIT;
    w->cap = cap[1];
    for (i = 0; i < n; i++)
        str_clear(&w->reason[i]);
    return 0;
}

static const char *unit_name(struct sets *s, struct worker *w, size_t i, struct err *err, int *r)
{
    *r = manifest_read(&s->in, s->units[i].first, &w->row, err);
    return *r ? NULL : field(s, w, EXPORT_VIDEO);
}

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct sets *s = ctx;
    struct worker *w = &s->workers[worker];
    const struct unit *u = &s->units[i];
    const char *video;
    size_t k, size;
    int r;

    str_clear(&s->rows[slot]);
    video = unit_name(s, w, i, err, &r);
    if (r || journal_find(s->journal, video, &size))
        return r;
    r = make_room(w, u->n, err);
    if (!r)
        r = s->v->kind && !s->v->kind->apply ? do_video(s, w, u, err) : do_pictures(s, w, u, err);
    for (k = 0; k < u->n && !r; k++)
        r = add_row(s, w, u->first + k, k, &s->rows[slot], err);
    return !r && str_failed(&s->rows[slot]) ? err_nomem(err) : r;
}

/* Counts the rows by their last but one field. */
static void count(struct sets *s, const char *rows, size_t size)
{
    const char *p = rows, *end;
    unsigned ok = 0, failed = 0, skipped = 0;

    for (; p < rows + size; p = end + 1) {
        const char *tab;

        end = memchr(p, '\n', (size_t)(rows + size - p));
        tab = memrchr(p, '\t', (size_t)(end - p));
        ok += memcmp(tab - 3, "\tok", 3) == 0;
        skipped += memcmp(tab - 5, "\tskip", 5) == 0;
        failed += memcmp(tab - 5, "\tfail", 5) == 0;
    }
    s->failed += failed;
    s->total += ok + failed + skipped;
    progress_add(&s->progress, ok, failed, skipped);
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct sets *s = ctx;
    const char *rows, *video;
    size_t size;
    int r;

    video = unit_name(s, &s->workers[s->args->jobs], i, err, &r);
    if (r)
        return r;
    rows = journal_find(s->journal, video, &size);
    if (!rows) {
        rows = s->rows[slot].s;
        size = s->rows[slot].len;
        r = journal_add(s->journal, video, rows, size, err);
    }
    if (!r)
        r = manifest_table_add(&s->table, rows, size, err);
    if (!r)
        count(s, rows, size);
    return r;
}

/* ---- a set -----------------------------------------------------------------------------------*/

/* Is it whole already, of these settings and this table? */
static bool is_there(const struct sets *s)
{
    struct manifest m = {0};
    struct err ignored = {0};
    bool yes = fs_size(s->table_path.s) >= 0 &&
               manifest_open(&m, s->table_path.s, "align", &ignored) == 0 &&
               strcmp(m.settings_hash, s->args->settings_hash) == 0 &&
               strcmp(m.input_hash, s->in.hash) == 0;

    manifest_release(&m);
    return yes;
}

static int make_set(struct sets *s, const struct variant *v, struct err *err)
{
    const struct pool_tasks tasks = {.ctx = s, .work = work, .done = done};
    int r;

    s->v = v;
    str_clear(&s->out);
    str_addf(&s->out, "%s/sets/%s", s->folder.s, v->name);
    str_clear(&s->table_path);
    str_addf(&s->table_path, "%s/align.tsv", s->out.s);
    if (str_failed(&s->out) || str_failed(&s->table_path))
        return err_nomem(err);
    if (is_there(s))
        return 0;
    msg_info("set '%s'", v->name);
    if ((r = fs_make_folders(s->out.s, err)) ||
        (r = journal_open(&s->journal, s->table_path.s, s->args->settings_hash, s->in.hash, err)))
        return r;
    progress_begin(&s->progress, v->name, s->in.n_rows);
    r = pool_run(&tasks, s->n_units, s->args->jobs, err);
    progress_end(&s->progress);
    if (!r) {
        atomic_sync(s->out.s);
        r = manifest_table_write(&s->table, s->table_path.s, "align", s->args->settings_hash,
                                 s->in.hash, export_columns, err);
    }
    journal_close(s->journal, r == 0);
    s->journal = NULL;
    manifest_table_release(&s->table);
    s->table = (struct manifest_table){0};
    return r;
}

static int list_units(struct sets *s, struct err *err)
{
    struct worker *w = &s->workers[s->args->jobs];
    struct str video = STR_INIT;
    size_t i;
    int r = 0;

    for (i = 0; i < s->in.n_rows && !r; i++) {
        const char *name;

        r = manifest_read(&s->in, i, &w->row, err);
        name = r ? NULL : field(s, w, EXPORT_VIDEO);
        if (!r && !name)
            r = err_set(err, ERR_DATA, "'%s' line %zu: the video is missing", s->in.path, i + 3);
        if (r)
            break;
        if (i && strcmp(name, video.s) == 0) {
            s->units[s->n_units - 1].n++;
            continue;
        }
        str_clear(&video);
        str_add(&video, name);
        if (str_failed(&video) ||
            mem_grow(&s->units, &s->units_cap, s->n_units + 1, sizeof(*s->units)))
            r = err_nomem(err);
        else
            s->units[s->n_units++] = (struct unit){i, 1};
    }
    str_release(&video);
    return r;
}

static int open_sets(struct sets *s, struct err *err)
{
    size_t i;
    int r;

    s->workers = mem_array(s->args->jobs + (size_t)1, sizeof(*s->workers));
    s->rows = mem_array(pool_slots(s->args->jobs), sizeof(*s->rows));
    fs_folder_of(s->args->output, &s->folder);
    if (!s->workers || !s->rows || str_failed(&s->folder))
        return err_nomem(err);
    jitter_settings_read(s->args->conf, &s->jitter);
    if ((r = align_settings_read(s->args->conf, &s->set, err)) ||
        (r = manifest_open(&s->in, s->args->output, "align", err)) ||
        (r = manifest_columns(&s->in, export_columns, s->column, err)) || (r = list_units(s, err)))
        return r;
    for (i = 0; i < s->args->jobs && !r; i++)
        r = face_init(&s->workers[i].face, err);
    return r;
}

static void release(struct sets *s)
{
    size_t i, k;

    for (i = 0; s->workers && i <= s->args->jobs; i++) {
        struct worker *w = &s->workers[i];

        manifest_row_release(&w->row);
        face_release(&w->face);
        perturb_scratch_release(&w->scratch);
        media_recode_free(w->recode);
        image_release(&w->changed);
        image_release(&w->mask);
        image_release(&w->grey);
        for (k = 0; k < w->cap; k++)
            str_release(&w->reason[k]);
        free(w->matrix);
        free(w->reason);
        free(w->queue);
        str_release(&w->name);
        str_release(&w->image);
        str_release(&w->path);
    }
    for (i = 0; s->rows && i < pool_slots(s->args->jobs); i++)
        str_release(&s->rows[i]);
    free(s->workers);
    free(s->rows);
    free(s->units);
    manifest_table_release(&s->table);
    journal_close(s->journal, 0);
    manifest_release(&s->in);
    str_release(&s->folder);
    str_release(&s->out);
    str_release(&s->table_path);
}

int variants_make(const struct tool_args *args,
                  int (*finish)(const struct tool_args *args, const char *table, struct err *err),
                  size_t *failed, size_t *total, struct err *err)
{
    struct sets s = {.args = args};
    size_t i, n = variants_count(args->conf);
    struct variant *v = mem_array(n, sizeof(*v));
    int r = v ? open_sets(&s, err) : err_nomem(err);

    if (!r)
        name_variants(args->conf, v);
    for (i = 0; i < n && !r; i++) {
        r = make_set(&s, &v[i], err);
        if (!r)
            r = finish(args, s.table_path.s, err);
    }
    *failed = s.failed;
    *total = s.total;
    release(&s);
    free(v);
    return r;
}
