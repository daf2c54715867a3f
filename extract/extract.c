#include "extract/extract.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extract/group.h"
#include "extract/video.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/journal.h"
#include "lib/manifest.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

#define POINTS_IBUG     68
#define POINTS_FOREHEAD 81

/* A video of the group that is being worked on. */
struct member {
    long long frames; /* that can be decoded; 0 = not usable */
    struct err why;   /* it is not usable */
};

struct worker {
    struct video_worker video;
    struct manifest_row row;
    struct str path;
    struct member *members;
    struct face_rows leader, faces; /* of the group's leading video, of another one */
    long long *frames;
    size_t members_cap, frames_cap;
};

struct run {
    const struct tool_args *args;
    struct extract_settings settings;
    struct shape_predictor *model;
    struct manifest in;
    int cols[GROUP_N_COLUMNS];
    struct str in_folder, out_folder;
    struct group_list list;
    struct journal *journal;
    struct worker *workers;
    unsigned jobs;
    struct str *rows; /* by slot */
    struct manifest_table table;
    struct progress progress;
    size_t failed;
};

/* ---- a group ---------------------------------------------------------------------------------*/

static int read_member(struct run *run, struct worker *w, const struct group *g, size_t k,
                       struct video *v, struct err *err)
{
    int r = manifest_read(&run->in, run->list.order[g->first + k], &w->row, err);
    const char *const *f = w->row.field;
    const int *c = run->cols;

    if (r)
        return r;
    *v = (struct video){.id = f[c[GROUP_ID]],
                        .pair = f[c[GROUP_PAIR]],
                        .label = f[c[GROUP_LABEL]],
                        .split = f[c[GROUP_SPLIT]],
                        .face_id = f[c[GROUP_FACE_ID]],
                        .context_id = f[c[GROUP_CONTEXT_ID]],
                        .component = f[c[GROUP_COMPONENT]],
                        .path = f[c[GROUP_PATH]] ? f[c[GROUP_PATH]] : ""};
    fs_join(run->in_folder.s, v->path, &w->path);
    if (str_failed(&w->path))
        return err_nomem(err);
    v->file = w->path.s;
    return 0;
}

/* Counts each member's frames, or notes why it is of no use. */
static int count_members(struct run *run, struct worker *w, const struct group *g, struct err *err)
{
    size_t k;
    int r = 0;

    for (k = 0; k < g->n && !r; k++) {
        struct member *m = &w->members[k];
        struct video v;

        *m = (struct member){0};
        r = read_member(run, w, g, k, &v, err);
        if (r)
            break;
        if (!manifest_row_ok(&w->row)) {
            const char *reason = w->row.field[run->cols[GROUP_REASON]];

            err_set(&m->why, ERR_CHECK, "not fetched: %s", reason ? reason : "no reason given");
        } else if (!fs_is_safe_name(v.id)) {
            err_set(&m->why, ERR_DATA, "id '%s' cannot be a file name", v.id);
        } else if (!*v.path) {
            err_set(&m->why, ERR_DATA, "no path in '%s'", run->in.path);
        } else if (!media_count_frames(v.file, &m->frames, &m->why) && m->frames < 1) {
            err_set(&m->why, ERR_DATA, "'%s' holds no frame", v.path);
        }
        video_reword(&v, &m->why);
        if (m->why.code)
            m->frames = 0;
        if (m->why.code == -ENOMEM)
            r = err_set(err, -ENOMEM, "%s", m->why.text);
    }
    return r;
}

/* Fakes whose pristine video is not usable are not either. */
static void judge_members(const struct run *run, struct worker *w, const struct group *g)
{
    size_t k, first = g->led ? 1 : 0;

    if (g->led ? w->members[0].frames > 0 : run->settings.keep_unpaired)
        return;
    for (k = first; k < g->n; k++) {
        struct member *m = &w->members[k];

        if (!m->frames)
            continue;
        m->frames = 0;
        if (g->led)
            err_set(&m->why, ERR_DATA, "pristine video '%s' failed: %s", g->name,
                    w->members[0].why.text);
        else
            err_set(&m->why, ERR_DATA, "pristine video '%s' is missing", g->name);
    }
}

static void check_size(const struct media_info *info, const struct media_info *leader,
                       struct err *why)
{
    if (info->width != leader->width || info->height != leader->height)
        err_set(why, ERR_DATA, "its size %dx%d differs from the pristine video's %dx%d",
                info->width, info->height, leader->width, leader->height);
}

/*
 * Extracts members lo .. hi-1 at common frame numbers; the first usable of them leads. Sets *again
 * when a video turned out shorter than it said, after correcting its count.
 */
static int extract_members(struct run *run, struct worker *w, const struct group *g, size_t lo,
                           size_t hi, struct str *rows, bool *again, struct err *err)
{
    struct media_info leader_info = {0};
    bool have_leader = false;
    size_t k, count = 0;
    long long n = 0;
    int r = 0;

    *again = false;
    for (k = lo; k < hi; k++)
        if (w->members[k].frames && (!n || w->members[k].frames < n))
            n = w->members[k].frames;
    for (k = lo; k < hi && !r; k++) {
        struct member *m = &w->members[k];
        struct media_reader *reader = NULL;
        struct media_info info;
        struct video v;
        long long decoded;

        r = read_member(run, w, g, k, &v, err);
        if (r)
            break;
        if (m->frames && !media_open(&reader, v.file, &info, &m->why) && have_leader)
            check_size(&info, &leader_info, &m->why);
        if (m->why.code) {
            video_reword(&v, &m->why);
            media_close(reader);
            video_row(&v, m->why.code == ERR_CHECK ? "skip" : "fail", m->why.text, rows);
            continue;
        }
        if (!have_leader) {
            leader_info = info;
            r = sample_frames(&run->settings.sampling, n, info.fps, &w->frames, &w->frames_cap,
                              &count, err);
        }
        if (!r)
            r = video_extract(&w->video, &v, reader, w->frames, count,
                              have_leader ? &w->leader : NULL, have_leader ? &w->faces : &w->leader,
                              &decoded, rows, err);
        media_close(reader);
        have_leader = true;
        if (r == VIDEO_SHORTER) {
            m->frames = decoded;
            if (!decoded)
                err_set(&m->why, ERR_DATA, "'%s' holds no frame that can be decoded", v.path);
            *again = true;
            return 0;
        }
    }
    return r;
}

static void remove_picture(struct run *run, struct worker *w, const char *kind, const char *name,
                           size_t n, const char *ending)
{
    str_clear(&w->path);
    str_addf(&w->path, "%s/%s/%.*s.%s", run->out_folder.s, kind, (int)n, name, ending);
    if (!str_failed(&w->path))
        unlink(w->path.s);
}

/* Removes the pictures of the rows from `from` on: they are of a try that is redone at other frame
 * numbers, and no row of the manifest would name them. */
static void remove_pictures(struct run *run, struct worker *w, const struct str *rows, size_t from)
{
    const char *ending = run->settings.format == MEDIA_PNG ? "png" : "jpg";
    const char *p = rows->len > from ? rows->s + from : "";

    for (; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t id = strcspn(p, "\t"), frame = id;

        while (frame && p[frame - 1] != '-' && p[frame - 1] != '/')
            frame--; /* to behind the dash before the track, if there is one */
        frame = frame && p[frame - 1] == '-' ? frame - 1 : id;
        remove_picture(run, w, "crops", p, id, ending);
        remove_picture(run, w, "frames", p, frame, ending);
    }
}

static int extract_group(struct run *run, struct worker *w, const struct group *g, struct str *rows,
                         struct err *err)
{
    size_t lo, step = !g->led ? 1 : g->n; /* without a leader each video is on its own */
    int r = 0;

    if (mem_grow(&w->members, &w->members_cap, g->n, sizeof(*w->members)))
        return err_nomem(err);
    r = count_members(run, w, g, err);
    judge_members(run, w, g);
    for (lo = 0; lo < g->n && !r; lo += step) {
        size_t before = rows->len;
        bool again = true;

        while (again && !r) {
            r = extract_members(run, w, g, lo, lo + step, rows, &again, err);
            if (!again)
                break;
            remove_pictures(run, w, rows, before);
            str_cut(rows, before);
            judge_members(run, w, g);
        }
    }
    if (!r && str_failed(rows))
        r = err_nomem(err);
    return r;
}

/* ---- the loop --------------------------------------------------------------------------------*/

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct run *run = ctx;
    const struct group *g = &run->list.groups[i];
    size_t size;

    str_clear(&run->rows[slot]);
    if (journal_find(run->journal, g->name, &size))
        return 0;
    msg_debug("group '%s': %zu videos", g->name, g->n);
    return extract_group(run, &run->workers[worker], g, &run->rows[slot], err);
}

/* The last but one field of the row that ends at `end`. */
static const char *status_of(const char *row, const char *end)
{
    const char *p = end;
    int tabs = 0;

    while (p > row && tabs < 2)
        if (*--p == '\t')
            tabs++;
    return tabs == 2 ? p + 1 : row;
}

/* Counts videos for the summary: failed if a row failed, ok if a row is ok, else skipped. */
static void tally(struct run *run, const char *rows, size_t size, bool announce)
{
    const char *p = rows, *stop = rows + size, *video = NULL;
    size_t video_size = 0;
    bool ok = false, failed = false;

    for (;;) {
        const char *end = p < stop ? memchr(p, '\n', (size_t)(stop - p)) : NULL;
        const char *name = end ? memchr(p, '\t', (size_t)(end - p)) : NULL;
        size_t n = name ? strcspn(name + 1, "\t\n") : 0;
        const char *status = end ? status_of(p, end) : NULL;

        if (video && (!name || n != video_size || memcmp(name + 1, video, n) != 0)) {
            progress_add(&run->progress, ok && !failed, failed, !ok && !failed);
            run->failed += failed;
            ok = failed = false;
        }
        if (!name)
            break;
        video = name + 1;
        video_size = n;
        if (strncmp(status, "ok\t", 3) == 0) {
            ok = true;
        } else if (strncmp(status, "fail\t", 5) == 0) {
            if (announce && !failed)
                msg_warning("%.*s: %.*s", (int)n, video, (int)(end - status - 5), status + 5);
            failed = true;
        }
        p = end + 1;
    }
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct run *run = ctx;
    const struct group *g = &run->list.groups[i];
    size_t size;
    const char *rows = journal_find(run->journal, g->name, &size);
    bool fresh = !rows;
    int r = 0;

    if (fresh) {
        rows = run->rows[slot].s;
        size = run->rows[slot].len;
        r = journal_add(run->journal, g->name, rows, size, err);
    }
    if (!r)
        r = manifest_table_add(&run->table, rows, size, err);
    if (!r)
        tally(run, rows, size, fresh);
    return r;
}

static int load_model(struct run *run, struct err *err)
{
    int r = shape_predictor_load(&run->model, run->settings.model, err);
    int n = r ? 0 : shape_predictor_points(run->model);

    if (r == ERR_MISSING && err) {
        struct err first = *err;

        err_clear(err);
        return err_set(err, r, "%s (Debian has it in the package libdlib-data)", first.text);
    }
    if (!r && n != POINTS_IBUG && n != POINTS_FOREHEAD)
        r = err_set(err, ERR_DATA, "landmark model '%s' has %d points, but 68 or 81 are needed",
                    run->settings.model, n);
    return r;
}

static int open_workers(struct run *run, struct err *err)
{
    struct detector *detector = NULL;
    size_t i;
    int r;

    run->jobs = run->args->jobs < run->list.n ? run->args->jobs : (unsigned)run->list.n;
    if (run->jobs < 1)
        run->jobs = 1;
    run->workers = mem_array(run->jobs, sizeof(*run->workers));
    run->rows = mem_array(pool_slots(run->jobs), sizeof(*run->rows));
    if (!run->workers || !run->rows)
        return err_nomem(err);
    r = detector_open(&detector, run->settings.detector, run->settings.cnn_model, err);
    for (i = 0; i < run->jobs && !r; i++)
        r = video_worker_init(&run->workers[i].video, &run->settings, detector, run->model,
                              run->out_folder.s, err);
    detector_close(detector);
    return r;
}

static void release(struct run *run)
{
    size_t i;

    for (i = 0; run->workers && i < run->jobs; i++) {
        struct worker *w = &run->workers[i];

        video_worker_release(&w->video);
        manifest_row_release(&w->row);
        str_release(&w->path);
        free(w->members);
        free(w->leader.row);
        free(w->faces.row);
        free(w->frames);
    }
    for (i = 0; run->rows && i < pool_slots(run->jobs); i++)
        str_release(&run->rows[i]);
    free(run->workers);
    free(run->rows);
    manifest_table_release(&run->table);
    journal_close(run->journal, 0);
    group_list_release(&run->list);
    manifest_release(&run->in);
    shape_predictor_free(run->model);
    str_release(&run->in_folder);
    str_release(&run->out_folder);
}

static size_t count_videos(const struct group_list *l)
{
    size_t i, n = 0;

    for (i = 0; i < l->n; i++)
        n += l->groups[i].n;
    return n;
}

int extract_run(const struct tool_args *args, struct err *err)
{
    struct run run = {.args = args};
    const struct pool_tasks tasks = {.ctx = &run, .work = work, .done = done};
    size_t videos = 0;
    int r;

    tool_folders(args, &run.in_folder, &run.out_folder);
    if (str_failed(&run.in_folder) || str_failed(&run.out_folder)) {
        r = err_nomem(err);
        goto out;
    }
    if ((r = extract_settings_from(&run.settings, args->conf, err)) ||
        (r = manifest_open(&run.in, args->input, "fetch", err)) ||
        (r = manifest_columns(&run.in, group_columns, run.cols, err)) ||
        (r = group_list_init(&run.list, &run.in, run.cols, &args->shard, err)))
        goto out;
    videos = count_videos(&run.list);
    if (args->dry_run) {
        printf("would extract %zu videos in %zu pair groups into '%s'\n", videos, run.list.n,
               run.out_folder.s);
        goto out;
    }
    if ((r = load_model(&run, err)) || (r = open_workers(&run, err)) ||
        (r = journal_open(&run.journal, args->shard_output, args->settings_hash, run.in.hash, err)))
        goto out;
    progress_begin(&run.progress, "videos", videos);
    r = pool_run(&tasks, run.list.n, run.jobs, err);
    progress_end(&run.progress);
    if (r)
        goto out;
    atomic_sync(run.out_folder.s);
    r = manifest_table_write(&run.table, args->shard_output, "extract", args->settings_hash,
                             run.in.hash, extract_columns, err);
    if (r)
        goto out;
    journal_close(run.journal, 1);
    run.journal = NULL;
    r = tool_check_failed(args, run.failed, videos, "videos", err);
out:
    release(&run);
    return r;
}
