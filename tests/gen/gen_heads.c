/*
 * gen-heads: writes talking synthetic heads, and face swaps between them, as H.264 clips in a
 * folder laid out like FaceForensics++, with the true landmarks of every frame.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"
#include "lib/str.h"
#include "lib/tool.h"
#include "tests/gen/camera_noise.h"
#include "tests/gen/ffpp_tree.h"
#include "tests/gen/head_motion.h"
#include "tests/gen/head_render.h"

static long long sequences = 16, frames = 48, width = 400, height = 300, seed = 1;
static bool leak;

static const struct tool_option options[] = {
    {0, "sequences", OPTION_INT, &sequences, 2, 1000, "N",
     "pristine sequences, an even number (16); each pair makes four fakes"},
    {0, "frames", OPTION_INT, &frames, 2, 100000, "N",
     "frames of the longest sequence (48); others are up to a quarter shorter"},
    {0, "width", OPTION_INT, &width, 64, 4096, "PX", "width of the picture, even (400)"},
    {0, "height", OPTION_INT, &height, 64, 4096, "PX", "height of the picture, even (300)"},
    {0, "seed", OPTION_INT, &seed, 0, 1LL << 62, "N", "another seed, other people (1)"},
    {0, "leak", OPTION_FLAG, &leak, 0, 0, NULL,
     "let one person, cut from one source video, be in train and in test"},
    {0},
};

static const struct tool tool = {
    .name = "gen-heads",
    .summary = "Writes a small FaceForensics++ of synthetic talking heads",
    .usage = "-o DIR [--sequences N] [--frames N] [--seed N] [--leak]",
    .about =
        "Every person is a three-dimensional head with a face of its own, seen in perspective,\n"
        "that turns, nods, talks, smiles and blinks under a moving light. Fakes are face\n"
        "swaps by landmarks in two styles, Deepfakes and FaceSwap. Below DIR/truth lie the\n"
        "68 true landmarks of every frame and the box that each fake changed.\n"
        "The same options give the same bytes. DIR/.complete is written last; a second run\n"
        "with the same options finds it and does nothing.",
    .sections = "run",
    .flags = TOOL_OUTPUT,
    .options = options,
};

/* What a sequence is made of: a pure function of its number and the options. */
static int people(void)
{
    return (int)sequences;
}

static int person_of(int i)
{
    if (leak && i == people() - 1)
        return 0;
    /* Two cuts of one video within train, as FF++ has them. */
    return people() >= 12 && i == 2 ? 0 : i;
}

static int frames_of(int i)
{
    return (int)(frames - (i * 5LL) % (frames / 4 + 1));
}

static int fps_of(int i)
{
    return i % 5 == 3 ? 24 : 25;
}

static enum ffpp_split split_of(int pair)
{
    int n = people() / 2, test = n / 3 > 0 ? n / 3 + (n > 6) : n > 1, val = n >= 6;

    return pair >= n - test ? FFPP_TEST : pair >= n - test - val ? FFPP_VAL : FFPP_TRAIN;
}

struct job {
    const char *root;
    struct head_renderer **renderers; /* one a worker */
    struct camera_noise camera;
};

static int render_clip(struct head_renderer *r, const struct camera_noise *camera, struct clip *c,
                       int i, struct err *err)
{
    struct image background = IMAGE_INIT;
    struct head_identity id;
    struct head_motion motion;
    char name[FFPP_NAME];
    int k, e;

    snprintf(name, sizeof(name), "%03d", i);
    head_identity_make(&id, (uint64_t)seed, (unsigned)person_of(i));
    head_motion_make(&motion, (uint64_t)seed, name, (int)width, (int)height);
    if ((e = clip_alloc(c, name, fps_of(i), frames_of(i), err)) ||
        (e = image_shape(&background, (int)width, (int)height, 3, err)) ||
        (e = head_background(&background, (uint64_t)seed, name, err)))
        goto out;
    for (k = 0; k < c->n; k++) {
        struct head_pose pose;
        struct head_face face;

        head_motion_at(&motion, (double)k / c->fps, &pose);
        head_face_at(&face, &id, &pose);
        if ((e = head_render(r, &face, &background, &c->frames[k], err)))
            goto out;
        camera_noise_add(camera, &c->frames[k], (uint64_t)seed, name, k, 1.6);
        c->points[k].n = HEAD_LANDMARKS;
        head_landmarks(&face, c->points[k].p);
    }
out:
    image_release(&background);
    return e;
}

static int make_pair(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct job *j = ctx;
    struct clip a = {0}, b = {0};
    int r;

    (void)slot;
    if (!(r = render_clip(j->renderers[worker], &j->camera, &a, 2 * (int)i, err)) &&
        !(r = render_clip(j->renderers[worker], &j->camera, &b, 2 * (int)i + 1, err)) &&
        !(r = ffpp_write_original(j->root, &a, err)) &&
        !(r = ffpp_write_original(j->root, &b, err)))
        r = ffpp_write_fakes(j->root, &a, &b, err);
    clip_release(&a);
    clip_release(&b);
    return r;
}

static int write_lists(const char *root, struct err *err)
{
    size_t n = (size_t)people(), i, k;
    struct ffpp_pair *pairs = mem_array(n / 2, sizeof(*pairs));
    struct ffpp_source *sources = mem_array(n, sizeof(*sources));
    char text[64];
    int r;

    if (!pairs || !sources) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < n; i++) {
        snprintf(sources[i].name, sizeof(sources[i].name), "%03zu", i);
        snprintf(text, sizeof(text), "%lld person %d", seed, person_of((int)i));
        ffpp_video_id(text, sources[i].video);
        for (k = 0; k < i; k++)
            sources[i].index += person_of((int)k) == person_of((int)i);
    }
    for (i = 0; i < n / 2; i++) {
        /* FF++'s lists name a pair in either order */
        snprintf(pairs[i].a, sizeof(pairs[i].a), "%03zu", 2 * i + (i & 1));
        snprintf(pairs[i].b, sizeof(pairs[i].b), "%03zu", 2 * i + 1 - (i & 1));
        pairs[i].split = split_of((int)i);
    }
    r = ffpp_write_lists(root, pairs, n / 2, sources, n, err);
out:
    free(pairs);
    free(sources);
    return r;
}

static int run(const struct tool_args *args, struct err *err)
{
    static struct job job; /* too large for the stack */
    struct pool_tasks tasks = {&job, make_pair, NULL};
    struct str what = STR_INIT;
    unsigned i;
    int r = 0;

    job.root = args->output;
    camera_noise_init(&job.camera);
    if (strcmp(args->output, "-") == 0)
        return err_set(err, ERR_USAGE, "needs --output DIR");
    if (sequences % 2 || width % 2 || height % 2)
        return err_set(err, ERR_USAGE, "--sequences, --width and --height must be even");
    str_addf(&what, "gen-heads sequences=%lld frames=%lld width=%lld height=%lld seed=%lld leak=%d",
             sequences, frames, width, height, seed, leak);
    job.renderers = mem_array(args->jobs, sizeof(struct head_renderer *));
    if (str_failed(&what) || !job.renderers) {
        r = err_nomem(err);
        goto out;
    }
    if (ffpp_is_complete(args->output, what.s)) {
        msg_info("'%s' is already whole", args->output);
        goto out;
    }
    if (args->dry_run) {
        printf("would write %lld sequences and %lld fakes to '%s'\n", sequences, 2 * sequences,
               args->output);
        goto out;
    }
    for (i = 0; i < args->jobs && !r; i++)
        r = head_renderer_new(&job.renderers[i], err);
    if (!r && !(r = ffpp_begin(args->output, what.s, err)) &&
        !(r = pool_run(&tasks, (size_t)sequences / 2, args->jobs, err)) &&
        !(r = write_lists(args->output, err)))
        r = ffpp_finish(args->output, what.s, err);
out:
    for (i = 0; job.renderers && i < args->jobs; i++)
        head_renderer_free(job.renderers[i]);
    free(job.renderers);
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
