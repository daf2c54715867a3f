#include "evaluate/score.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/logit.h"
#include "evaluate/spectrum.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/manifest.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/npy.h"
#include "lib/pool.h"

enum part { PART_TRAIN, PART_TEST };

enum { ID, VIDEO, LABEL, SPLIT, IMAGE, STATUS, N_NEEDED };
static const char *const needed[] = {"id", "video", "label", "split", "image", "status", NULL};

/* Carried over to the score file where align.tsv has them. */
static const char *const carried[] = {"video",     "label", "split", "face_id", "context_id",
                                      "component", "pair",  "frame", NULL};

/* A frame that takes part. */
struct frame {
    size_t row; /* of the manifest */
    uint8_t label;
    uint8_t part; /* enum part */
    bool failed;
    char *reason; /* owned; why it failed */
};

struct worker {
    struct media_codec *codec;
    struct spectrum *spectrum;
    struct image picture;
    struct manifest_row row;
    struct str path;
};

struct scorer {
    const struct tool_args *args;
    struct manifest m;
    int col[N_NEEDED];
    struct str folder; /* of the manifest: what image paths are relative to */
    struct frame *frame;
    size_t n, cap;
    size_t bins;
    float *x; /* (n, bins) */
    struct worker *worker;
    unsigned jobs;
    struct progress progress;
};

/* ---- which frames ----------------------------------------------------------------------------*/

static int choose(struct scorer *s, struct err *err)
{
    struct manifest_row row = {0};
    size_t i, count[2][2] = {{0}};
    int r = 0;

    for (i = 0; !r && i < s->m.n_rows; i++) {
        const char *split, *label;
        struct frame f = {.row = i};

        if ((r = manifest_read(&s->m, i, &row, err)))
            break;
        split = row.field[s->col[SPLIT]];
        label = row.field[s->col[LABEL]];
        if (!manifest_row_ok(&row) || !row.field[s->col[IMAGE]] || !split)
            continue;
        if (!label || (strcmp(label, "real") && strcmp(label, "fake"))) {
            r = err_set(err, ERR_DATA, "'%s' line %zu: label is neither real nor fake", s->m.path,
                        i + 3);
            break;
        }
        if (strcmp(split, "train") && strcmp(split, "test"))
            continue;
        f.part = strcmp(split, "test") ? PART_TRAIN : PART_TEST;
        f.label = !strcmp(label, "fake");
        if (mem_grow(&s->frame, &s->cap, s->n + 1, sizeof(*s->frame))) {
            r = err_nomem(err);
            break;
        }
        count[f.part][f.label]++;
        s->frame[s->n++] = f;
    }
    manifest_row_release(&row);
    if (r)
        return r;
    if (!count[PART_TEST][0] && !count[PART_TEST][1])
        return err_set(err, ERR_DATA, "'%s': no test split: no row with split test and status ok",
                       s->m.path);
    if (!count[PART_TRAIN][0] || !count[PART_TRAIN][1])
        return err_set(err, ERR_DATA, "'%s': nothing to learn: no %s frame in the train split",
                       s->m.path, count[PART_TRAIN][0] ? "fake" : "real");
    msg_info("train: %zu real, %zu fake frames; test: %zu real, %zu fake frames",
             count[PART_TRAIN][0], count[PART_TRAIN][1], count[PART_TEST][0], count[PART_TEST][1]);
    return 0;
}

/* ---- spectra ---------------------------------------------------------------------------------*/

static int read_picture(struct scorer *s, struct worker *w, size_t i, struct err *err)
{
    int r = manifest_read(&s->m, s->frame[i].row, &w->row, err);

    if (r)
        return r;
    fs_join(s->folder.s, w->row.field[s->col[IMAGE]], &w->path);
    if (str_failed(&w->path))
        return err_nomem(err);
    return media_read_picture(w->codec, w->path.s, &w->picture, err);
}

/* Puts the image as the manifest names it in the place of its path, so that the row does not depend
 * on where the tool was started. */
static char *reason_of(const char *text, const char *path, const char *image)
{
    const char *at = strstr(text, path);
    struct str s = STR_INIT;

    if (!at)
        return mem_strdup(text);
    str_add_n(&s, text, (size_t)(at - text));
    str_add(&s, image);
    str_add(&s, at + strlen(path));
    return str_take(&s);
}

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct scorer *s = ctx;
    struct worker *w = &s->worker[worker];
    struct frame *f = &s->frame[i];
    struct err why = {0};
    int r = read_picture(s, w, i, &why);

    (void)slot;
    if (!r)
        r = spectrum_of(w->spectrum, &w->picture, s->x + i * s->bins, &why);
    if (!r)
        return 0;
    if (r == -ENOMEM)
        return err_set(err, r, "%s", why.text);
    f->failed = true;
    f->reason = reason_of(why.text, w->path.s, w->row.field[s->col[IMAGE]]);
    return f->reason ? 0 : err_nomem(err);
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct scorer *s = ctx;
    const struct frame *f = &s->frame[i];

    (void)slot;
    (void)err;
    if (f->failed)
        msg_warning("'%s' line %zu: %s", s->m.path, f->row + 3, f->reason);
    progress_add(&s->progress, !f->failed, f->failed, 0);
    return 0;
}

/* The size of the first picture that can be read. */
static int find_size(struct scorer *s, int *width, int *height, struct err *err)
{
    struct err why = {0};
    size_t i;

    for (i = 0; i < s->n; i++) {
        err_clear(&why);
        if (!read_picture(s, &s->worker[0], i, &why)) {
            *width = s->worker[0].picture.width;
            *height = s->worker[0].picture.height;
            return 0;
        }
    }
    return err_set(err, ERR_DATA, "'%s': no picture can be read: %s", s->m.path, why.text);
}

static int spectra(struct scorer *s, struct err *err)
{
    struct pool_tasks tasks = {.ctx = s, .work = work, .done = done};
    int width = 0, height = 0, r = 0;
    unsigned j;

    s->jobs = s->args->jobs;
    s->worker = mem_array(s->jobs, sizeof(*s->worker));
    s->x = mem_array(s->n * s->bins, sizeof(*s->x));
    if (!s->worker || !s->x)
        return err_nomem(err);
    for (j = 0; !r && j < s->jobs; j++)
        r = media_codec_new(&s->worker[j].codec, err);
    if (!r)
        r = find_size(s, &width, &height, err);
    for (j = 0; !r && j < s->jobs; j++)
        r = spectrum_new(&s->worker[j].spectrum, width, height, (int)s->bins, err);
    if (r)
        return r;
    progress_begin(&s->progress, "frames", s->n);
    r = pool_run(&tasks, s->n, s->jobs, err);
    progress_end(&s->progress);
    return r;
}

/* ---- output ----------------------------------------------------------------------------------*/

/* PATH.tsv -> PATH + ending. */
static int beside(const char *path, const char *ending, struct str *out, struct err *err)
{
    size_t n = strlen(path);

    if (n > 4 && !strcmp(path + n - 4, ".tsv"))
        n -= 4;
    str_clear(out);
    str_add_n(out, path, n);
    str_add(out, ending);
    return str_failed(out) ? err_nomem(err) : 0;
}

static int write_scores(struct scorer *s, const struct logit *l, struct err *err)
{
    const char *columns[16] = {"id", "score"};
    int col[16], n_columns = 2, k, r = 0;
    struct manifest_table t = {0};
    struct manifest_row row = {0};
    struct str text = STR_INIT;
    size_t i;

    for (k = 0; carried[k]; k++)
        if ((col[n_columns] = manifest_column(&s->m, carried[k])) >= 0)
            columns[n_columns++] = carried[k];
    columns[n_columns] = "status";
    columns[n_columns + 1] = "reason";
    for (i = 0; !r && i < s->n; i++) {
        const struct frame *f = &s->frame[i];

        if (f->part != PART_TEST)
            continue;
        if ((r = manifest_read(&s->m, f->row, &row, err)))
            break;
        str_clear(&text);
        row_text(&text, row.field[s->col[ID]]);
        row_exact(&text, f->failed ? NAN : logit_predict(l, s->x + i * s->bins));
        for (k = 2; k < n_columns; k++)
            row_text(&text, row.field[col[k]]);
        row_text(&text, f->failed ? "fail" : "ok");
        row_text(&text, f->failed ? f->reason : NULL);
        row_end(&text);
        r = str_failed(&text) ? err_nomem(err) : manifest_table_add(&t, text.s, text.len, err);
    }
    if (!r)
        r = manifest_table_write(&t, s->args->output, "score", s->args->settings_hash, s->m.hash,
                                 columns, err);
    manifest_row_release(&row);
    manifest_table_release(&t);
    str_release(&text);
    return r;
}

static int write_features(struct scorer *s, struct err *err)
{
    static const char *const columns[] = {"id", NULL};
    struct manifest_table t = {0};
    struct manifest_row row = {0};
    struct str text = STR_INIT, path = STR_INIT;
    float *x = mem_array(s->n * s->bins, sizeof(*x));
    size_t i, shape[2] = {0, s->bins};
    int r = x ? 0 : err_nomem(err);

    for (i = 0; !r && i < s->n; i++) {
        const struct frame *f = &s->frame[i];

        if (f->part != PART_TEST || f->failed)
            continue;
        memcpy(x + shape[0]++ * s->bins, s->x + i * s->bins, s->bins * sizeof(*x));
        if ((r = manifest_read(&s->m, f->row, &row, err)))
            break;
        str_clear(&text);
        row_text(&text, row.field[s->col[ID]]);
        row_end(&text);
        r = str_failed(&text) ? err_nomem(err) : manifest_table_add(&t, text.s, text.len, err);
    }
    if (!r && !(r = beside(s->args->output, ".npy", &path, err)))
        r = npy_write(path.s, NPY_F32, 2, shape, x, err);
    if (!r && !(r = beside(s->args->output, ".ids.tsv", &path, err)))
        r = manifest_table_write(&t, path.s, "score", s->args->settings_hash, s->m.hash, columns,
                                 err);
    manifest_row_release(&row);
    manifest_table_release(&t);
    str_release(&text);
    str_release(&path);
    free(x);
    return r;
}

/* ---- the run ---------------------------------------------------------------------------------*/

static int learn(struct scorer *s, struct logit *l, struct err *err)
{
    uint8_t *label = mem_array(s->n, 1), *take = mem_array(s->n, 1);
    size_t i;
    int r = label && take ? 0 : err_nomem(err);

    for (i = 0; !r && i < s->n; i++) {
        label[i] = s->frame[i].label;
        take[i] = s->frame[i].part == PART_TRAIN && !s->frame[i].failed;
    }
    if (!r)
        r = logit_fit(l, s->x, s->n, s->bins, label, take,
                      conf_real(s->args->conf, "score.penalty"), err);
    if (!r)
        msg_info("fitted in %d Newton steps", l->iterations);
    free(label);
    free(take);
    return r;
}

static void scorer_release(struct scorer *s)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        free(s->frame[i].reason);
    for (i = 0; s->worker && i < s->jobs; i++) {
        media_codec_free(s->worker[i].codec);
        spectrum_free(s->worker[i].spectrum);
        image_release(&s->worker[i].picture);
        manifest_row_release(&s->worker[i].row);
        str_release(&s->worker[i].path);
    }
    free(s->worker);
    free(s->frame);
    free(s->x);
    str_release(&s->folder);
    manifest_release(&s->m);
}

/* Features go beside a file, not beside a pipe or a device. */
static bool is_file(const char *output)
{
    return strcmp(output, "-") && (!fs_exists(output) || fs_size(output) >= 0);
}

int score_run(const struct tool_args *args, struct err *err)
{
    struct scorer s = {.args = args, .bins = (size_t)conf_int(args->conf, "score.bins")};
    struct logit l = {0};
    size_t i, failed = 0, n = 0;
    int r;

    if ((r = manifest_open(&s.m, args->input, NULL, err)) ||
        (r = manifest_columns(&s.m, needed, s.col, err)) || (r = choose(&s, err)))
        goto out;
    n = s.n;
    if (strcmp(args->input, "-"))
        fs_folder_of(args->input, &s.folder);
    else
        str_add(&s.folder, "."); /* a pipe has no folder: paths are relative to where we stand */
    if (str_failed(&s.folder)) {
        r = err_nomem(err);
        goto out;
    }
    if (args->dry_run) {
        printf("would score with %zu frames of the train and test splits\n", s.n);
        goto out;
    }
    if ((r = spectra(&s, err)) || (r = learn(&s, &l, err)))
        goto out;
    for (i = 0; i < s.n; i++)
        failed += s.frame[i].failed;
    if (strcmp(args->output, "-") && (r = fs_make_parents(args->output, err)))
        goto out;
    if (is_file(args->output))
        r = write_features(&s, err);
    if (!r)
        r = write_scores(&s, &l, err);
out:
    logit_release(&l);
    scorer_release(&s);
    return r ? r : tool_check_failed(args, failed, n, "frames", err);
}
