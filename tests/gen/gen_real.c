/*
 * gen-real: cuts the talking-face videos that fetch-real.sh got into clips, makes clips from its
 * photographs, swaps faces between them, and writes it all laid out like FaceForensics++.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract/shape_predictor.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"
#include "lib/str.h"
#include "lib/tool.h"
#include "tests/gen/camera_noise.h"
#include "tests/gen/face_track.h"
#include "tests/gen/ffpp_tree.h"
#include "tests/gen/real_sources.h"
#include "tests/gen/still_motion.h"

static long long frames = 48, seed = 1;

static const struct tool_option options[] = {
    {0, "frames", OPTION_INT, &frames, 2, 60, "N", "frames a clip (48)"},
    {0, "seed", OPTION_INT, &seed, 0, 1LL << 62, "N", "another seed, other camera motion (1)"},
    {0},
};

static const struct tool tool = {
    .name = "gen-real",
    .summary = "Writes a small FaceForensics++ of real faces",
    .usage = "-i SOURCES -o DIR [--frames N] [--seed N]",
    .about =
        "SOURCES is the folder that tests/gen/fetch-real.sh fills. Twelve people: two on video, "
        "cut\n"
        "into clips, and ten from one photograph each, moved by a program. Sequences of the "
        "second\n"
        "kind say so: their names say still, and so do those of every fake with them.\n"
        "Fakes are face swaps by landmarks in two styles, Deepfakes and FaceSwap. Train and test\n"
        "share nobody: six pairs of people, three on each side. conversion_dict.json gives all\n"
        "sequences of one person one source id, also those cut from two files.\n"
        "The same sources and options give the same bytes. DIR/.complete is written last; a "
        "second\n"
        "run with the same options finds it and does nothing.\n"
        "No package says who took its photographs: do not pass the result on.",
    .sections = "run",
    .flags = TOOL_INPUT | TOOL_OUTPUT,
    .options = options,
};

#define CLIP_PX 384 /* side of a clip made from a photograph */

/* Which sequence comes from where. `start`: the first frame of a video's cut, chosen by eye so that
 * the face is in view, over 80 pixels wide and not covered. */
static const struct cut {
    struct {
        const char *name, *source;
        int start;
    } side[2];
    enum ffpp_split split;
} cuts[] = {
    {{{"franck01", "franck", 60}, {"still01a", "still01", 0}}, FFPP_TRAIN},
    {{{"franck02", "franck", 900}, {"still01b", "still01", 0}}, FFPP_TRAIN},
    {{{"still01c", "still01", 0}, {"franck03", "franck", 1900}}, FFPP_TRAIN},
    {{{"franck04", "franck", 2800}, {"still01d", "still01", 0}}, FFPP_TRAIN},
    {{{"still01e", "still01", 0}, {"franck05", "franck", 4000}}, FFPP_TRAIN},
    {{{"still02a", "still02", 0}, {"still03a", "still03", 0}}, FFPP_TRAIN},
    {{{"still03b", "still03", 0}, {"still02b", "still02", 0}}, FFPP_TRAIN},
    {{{"still04a", "still04", 0}, {"still08a", "still08", 0}}, FFPP_TRAIN},
    {{{"still08b", "still08", 0}, {"still04b", "still04", 0}}, FFPP_TRAIN},
    {{{"cap12a", "cap12", 60}, {"still05a", "still05", 0}}, FFPP_TEST},
    {{{"still05b", "still05", 0}, {"cap12b", "cap12", 220}}, FFPP_TEST},
    {{{"cap12c", "cap12", 500}, {"still05c", "still05", 0}}, FFPP_TEST},
    {{{"cap13a", "cap13", 50}, {"still05d", "still05", 0}}, FFPP_TEST},
    {{{"still05e", "still05", 0}, {"cap13b", "cap13", 440}}, FFPP_TEST},
    {{{"still06a", "still06", 0}, {"still07a", "still07", 0}}, FFPP_TEST},
    {{{"still07b", "still07", 0}, {"still06b", "still06", 0}}, FFPP_TEST},
    {{{"still09a", "still09", 0}, {"still10a", "still10", 0}}, FFPP_TEST},
    {{{"still10b", "still10", 0}, {"still09b", "still09", 0}}, FFPP_TEST},
};

#define MAX_JOBS 2 /* a worker holds both clips of a pair: 90 MB */

#define N_CUTS (sizeof(cuts) / sizeof(*cuts))

struct job {
    const char *root;
    struct real_sources sources;
    struct camera_noise camera;
    struct shape_predictor *model;
    struct face_tracker **trackers; /* one a worker */
    struct media_codec **codecs;    /* one a worker */
};

static int make_video_clip(const struct job *j, unsigned worker, const char *path, int start,
                           const char *name, struct clip *c, struct err *err)
{
    struct media_reader *reader = NULL;
    struct media_info info;
    long long index;
    double time_ms;
    int r, got = 0;

    if ((r = media_open(&reader, path, &info, err)) ||
        (r = clip_alloc(c, name, (int)(info.fps + 0.5), (int)frames, err)))
        goto out;
    media_skip_to(reader, start);
    while (got < c->n && (r = media_next(reader, &index, &time_ms, err)) > 0)
        if (index >= start && (r = media_picture(reader, &c->frames[got++], err)))
            goto out;
    if (r < 0)
        goto out;
    r = 0;
    if (got < c->n)
        r = err_set(err, ERR_DATA, "'%s' ends before frame %d", path, start + c->n);
    else
        r = face_track_clip(j->trackers[worker], c->frames, c->n, name, c->points, err);
out:
    media_close(reader);
    return r;
}

static int make_still_clip(const struct job *j, unsigned worker, const char *path, const char *name,
                           struct clip *c, struct err *err)
{
    struct image photo = IMAGE_INIT;
    struct still_motion motion;
    struct landmarks points;
    int i, r;

    if ((r = media_read_picture(j->codecs[worker], path, &photo, err)) ||
        (r = face_track_still(j->trackers[worker], &photo, path, &points, err)) ||
        (r = clip_alloc(c, name, 25, (int)frames, err)))
        goto out;
    still_motion_make(&motion, &photo, &points, CLIP_PX, CLIP_PX, (uint64_t)seed, name);
    for (i = 0; i < c->n && !r; i++) {
        r = still_motion_at(&motion, (double)i / c->fps, &c->frames[i], &c->points[i], err);
        if (!r)
            camera_noise_add(&j->camera, &c->frames[i], (uint64_t)seed, name, i, 1.5);
    }
out:
    image_release(&photo);
    return r;
}

static int make_clip(const struct job *j, unsigned worker, const struct cut *cut, int side,
                     struct clip *c, struct err *err)
{
    const char *name = cut->side[side].name;
    const struct real_source *source;
    char path[sizeof(j->sources.folder) + sizeof(source->name) + 1];
    int r = real_sources_find(&j->sources, cut->side[side].source, &source, err);

    if (r)
        return r;
    snprintf(path, sizeof(path), "%s/%s", j->sources.folder, source->name);
    if (source->still)
        return make_still_clip(j, worker, path, name, c, err);
    return make_video_clip(j, worker, path, cut->side[side].start, name, c, err);
}

static int make_pair(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    const struct job *j = ctx;
    struct clip a = {0}, b = {0};
    int r;

    (void)slot;
    if (!(r = make_clip(j, worker, &cuts[i], 0, &a, err)) &&
        !(r = make_clip(j, worker, &cuts[i], 1, &b, err)) &&
        !(r = ffpp_write_original(j->root, &a, err)) &&
        !(r = ffpp_write_original(j->root, &b, err)))
        r = ffpp_write_fakes(j->root, &a, &b, err);
    clip_release(&a);
    clip_release(&b);
    return r;
}

static int write_lists(const struct job *j, struct err *err)
{
    struct ffpp_pair pairs[N_CUTS] = {0};
    struct ffpp_source list[2 * N_CUTS] = {0};
    const struct real_source *source;
    size_t i, k;
    int r;

    for (i = 0; i < 2 * N_CUTS; i++) {
        const struct cut *cut = &cuts[i / 2];

        if ((r = real_sources_find(&j->sources, cut->side[i % 2].source, &source, err)))
            return r;
        snprintf(list[i].name, sizeof(list[i].name), "%s", cut->side[i % 2].name);
        ffpp_video_id(source->person, list[i].video);
        for (k = 0; k < i; k++)
            list[i].index += strcmp(list[k].video, list[i].video) == 0;
    }
    for (i = 0; i < N_CUTS; i++) {
        snprintf(pairs[i].a, sizeof(pairs[i].a), "%s", cuts[i].side[0].name);
        snprintf(pairs[i].b, sizeof(pairs[i].b), "%s", cuts[i].side[1].name);
        pairs[i].split = cuts[i].split;
    }
    return ffpp_write_lists(j->root, pairs, N_CUTS, list, 2 * N_CUTS, err);
}

static int make_all(struct job *j, unsigned wanted, const char *what, struct err *err)
{
    struct pool_tasks tasks = {j, make_pair, NULL};
    unsigned i, jobs = wanted < MAX_JOBS ? wanted : MAX_JOBS;
    int r = face_model_load(&j->model, err);

    for (i = 0; i < jobs && !r; i++) {
        r = face_tracker_new(&j->trackers[i], j->model, err);
        if (!r)
            r = media_codec_new(&j->codecs[i], err);
    }
    if (!r && !(r = ffpp_begin(j->root, what, err)) && !(r = pool_run(&tasks, N_CUTS, jobs, err)) &&
        !(r = write_lists(j, err)))
        r = ffpp_finish(j->root, what, err);
    return r;
}

static int run(const struct tool_args *args, struct err *err)
{
    struct job *j = mem_array(1, sizeof(*j));
    struct str what = STR_INIT;
    unsigned i;
    int r = 0;

    if (strcmp(args->output, "-") == 0 || strcmp(args->input, "-") == 0) {
        r = err_set(err, ERR_USAGE, "needs --input SOURCES and --output DIR");
        goto out;
    }
    str_addf(&what, "gen-real frames=%lld seed=%lld", frames, seed);
    if (!j || str_failed(&what)) {
        r = err_nomem(err);
        goto out;
    }
    j->root = args->output;
    if (ffpp_is_complete(args->output, what.s)) {
        msg_info("'%s' is already whole", args->output);
        goto out;
    }
    if ((r = real_sources_open(&j->sources, args->input, err)))
        goto out;
    if (args->dry_run) {
        printf("would write %zu sequences and %zu fakes to '%s'\n", 2 * N_CUTS, 4 * N_CUTS,
               args->output);
        goto out;
    }
    camera_noise_init(&j->camera);
    j->trackers = mem_array(args->jobs, sizeof(struct face_tracker *));
    j->codecs = mem_array(args->jobs, sizeof(struct media_codec *));
    if (!j->trackers || !j->codecs)
        r = err_nomem(err);
    else
        r = make_all(j, args->jobs, what.s, err);
    for (i = 0; j->trackers && j->codecs && i < args->jobs; i++) {
        face_tracker_free(j->trackers[i]);
        media_codec_free(j->codecs[i]);
    }
out:
    if (j) {
        free(j->trackers);
        free(j->codecs);
        shape_predictor_free(j->model);
    }
    free(j);
    str_release(&what);
    return r;
}

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    return tool_finish(&tool, &args, run(&args, &err), &err);
}
