/*
 * gen-scenes: clips of several synthetic people in several shots, for tests of tracks and cuts.
 *
 * OUT/NAME.mp4 and OUT/NAME.tsv, the truth: a row a person a frame, `frame shot person x0 y0 x1
 * y1`, the box of the true landmarks, for people who are wholly in the picture. Scenes: two     two
 * people side by side; one walks out; a cut to a third; a cut to the first two, who have changed
 * sides cuts    one person a shot, seven hard cuts, everybody at about the same place and size
 * before the same wall change  no cut: somebody walks out on one side, then somebody else comes in
 * at the same place
 */
#include <stdio.h>
#include <string.h>

#include "lib/media.h"
#include "lib/msg.h"
#include "lib/str.h"
#include "lib/tool.h"
#include "tests/gen/camera_noise.h"
#include "tests/gen/head_motion.h"
#include "tests/gen/head_render.h"

#define FPS    25
#define WIDTH  560
#define HEIGHT 300
#define CAST   3

static const struct tool tool = {
    .name = "gen-scenes",
    .summary = "Writes clips of several synthetic people in several shots, with their boxes",
    .usage = "-o DIR",
    .about = "DIR/NAME.mp4 and DIR/NAME.tsv, for NAME in two, cuts, change.\n",
    .sections = "run",
    .flags = TOOL_OUTPUT,
};

struct actor {
    unsigned person;
    double x;         /* middle of the head, in widths */
    double size;      /* 1 = as gen-heads */
    int from, to;     /* frames of the shot in which he stands there; 0 0 = all */
    double step;      /* pixels a frame by which he came before `from` and goes after `to` */
    const char *name; /* of the motion */
};

struct shot {
    int frames;
    const char *room;
    struct actor actors[CAST];
};

static const struct scene {
    const char *name;
    struct shot shots[9];
} scenes[] = {
    {"two",
     {{24, "hall", {{1, 0.27, 0.9, 0, 0, 0, "a"}, {2, 0.73, 0.8, 0, 17, 30, "b"}}},
      {10, "office", {{3, 0.5, 1, 0, 0, 0, "c"}}},
      {20, "hall", {{2, 0.27, 0.8, 0, 0, 0, "d"}, {1, 0.73, 0.9, 0, 0, 0, "e"}}}}},
    {"cuts",
     {{6, "wall", {{1, 0.5, 1, 0, 0, 0, "a"}}},
      {6, "wall", {{2, 0.5, 1, 0, 0, 0, "b"}}},
      {6, "wall", {{3, 0.5, 1, 0, 0, 0, "c"}}},
      {6, "wall", {{4, 0.5, 1, 0, 0, 0, "d"}}},
      {6, "wall", {{5, 0.5, 1, 0, 0, 0, "e"}}},
      {6, "wall", {{6, 0.5, 1, 0, 0, 0, "f"}}},
      {6, "wall", {{7, 0.5, 1, 0, 0, 0, "g"}}},
      {6, "wall", {{8, 0.5, 1, 0, 0, 0, "h"}}}}},
    {"change", {{44, "hall", {{5, 0.5, 1, 0, 14, -30, "a"}, {2, 0.5, 1, 30, 44, -30, "b"}}}}},
};

struct studio {
    struct head_renderer *renderer;
    struct camera_noise noise;
    struct image room, picture, behind;
    struct str truth;
};

/* Where an actor is in frame k of his shot. */
static void pose_of(const struct actor *a, int k, struct head_pose *pose)
{
    struct head_motion motion;
    int away = a->to && k > a->to ? k - a->to : k < a->from ? k - a->from : 0;

    head_motion_make(&motion, 1, a->name, WIDTH, HEIGHT);
    motion.eye_px *= a->size;
    motion.x_px = a->x * WIDTH + a->step * away;
    head_motion_at(&motion, (double)k / FPS, pose);
}

static int draw_actor(struct studio *s, const struct actor *a, int shot, int k, int frame,
                      struct err *err)
{
    struct head_identity id;
    struct head_face face;
    struct head_pose pose;
    struct point p[HEAD_LANDMARKS];
    struct rect box;
    int r;

    pose_of(a, k, &pose);
    if (pose.x_px < -WIDTH || pose.x_px > 2 * WIDTH)
        return 0;
    head_identity_make(&id, 1, a->person);
    head_face_at(&face, &id, &pose);
    if ((r = image_copy(&s->behind, &s->picture, err)) ||
        (r = head_render(s->renderer, &face, &s->behind, &s->picture, err)))
        return r;
    head_landmarks(&face, p);
    box = rect_of_points(p, HEAD_LANDMARKS);
    if (box.x0 >= 0 && box.y0 >= 0 && box.x1 <= WIDTH && box.y1 <= HEIGHT)
        str_addf(&s->truth, "%d\t%d\t%u\t%d\t%d\t%d\t%d\n", frame, shot, a->person, box.x0, box.y0,
                 box.x1, box.y1);
    return 0;
}

static int shoot(struct studio *s, const struct scene *scene, struct media_writer *w,
                 struct err *err)
{
    int shot, k, i, frame = 0, r;

    for (shot = 0; scene->shots[shot].frames; shot++) {
        const struct shot *now = &scene->shots[shot];

        if ((r = head_background(&s->room, 1, now->room, err)))
            return r;
        for (k = 0; k < now->frames; k++, frame++) {
            if ((r = image_copy(&s->picture, &s->room, err)))
                return r;
            for (i = 0; i < CAST && now->actors[i].name; i++)
                if ((r = draw_actor(s, &now->actors[i], shot, k, frame, err)))
                    return r;
            camera_noise_add(&s->noise, &s->picture, 1, scene->name, frame, 1.6);
            if ((r = media_put(w, &s->picture, err)))
                return r;
        }
    }
    return 0;
}

static int make_scene(struct studio *s, const struct scene *scene, const char *folder,
                      struct err *err)
{
    static const struct media_encode how = {.width = WIDTH,
                                            .height = HEIGHT,
                                            .fps_num = FPS,
                                            .fps_den = 1,
                                            .codec = "libx264",
                                            .options = "crf=23:preset=fast:mbtree=0",
                                            .pixel_format = "yuv420p"};
    struct media_writer *w = NULL;
    struct str path = STR_INIT;
    FILE *fp = NULL;
    int r, e;

    str_clear(&s->truth);
    str_add(&s->truth, "frame\tshot\tperson\tx0\ty0\tx1\ty1\n");
    str_addf(&path, "%s/%s.mp4", folder, scene->name);
    r = str_failed(&path) ? err_nomem(err) : media_create(&w, path.s, &how, err);
    if (!r)
        r = shoot(s, scene, w, err);
    e = media_finish(w, r == 0, err);
    r = r ? r : e;
    if (!r) {
        str_clear(&path);
        str_addf(&path, "%s/%s.tsv", folder, scene->name);
        fp = str_failed(&path) || str_failed(&s->truth) ? NULL : fopen(path.s, "w");
        if (!fp || fputs(s->truth.s, fp) < 0 || fclose(fp))
            r = err_set(err, ERR_CREATE, "cannot write '%s'", path.s);
    }
    str_release(&path);
    return r;
}

static int run(const struct tool_args *args, struct err *err)
{
    static struct studio s; /* too large for the stack */
    size_t i;
    int r;

    if (strcmp(args->output, "-") == 0)
        return err_set(err, ERR_USAGE, "needs --output DIR");
    camera_noise_init(&s.noise);
    r = head_renderer_new(&s.renderer, err);
    if (!r)
        r = image_shape(&s.room, WIDTH, HEIGHT, 3, err);
    for (i = 0; i < sizeof(scenes) / sizeof(*scenes) && !r; i++)
        r = make_scene(&s, &scenes[i], args->output, err);
    head_renderer_free(s.renderer);
    image_release(&s.room);
    image_release(&s.picture);
    image_release(&s.behind);
    str_release(&s.truth);
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
