#include "extract/video.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract/crop.h"
#include "lib/fs.h"
#include "lib/manifest.h"
#include "lib/mem.h"
#include "lib/npy.h"

#define DEFAULT_MODEL "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"

const char *const extract_columns[] = {
    "id",         "video",     "pair",         "label",     "split",     "face_id",   "context_id",
    "component",  "frame",     "time_ms",      "crop_x_px", "crop_y_px", "crop_w_px", "crop_h_px",
    "image",      "landmarks", "landmark_row", "face_x_px", "face_y_px", "face_w_px", "face_h_px",
    "face_score", "detector",  "status",       "reason",    NULL};

/* ---- settings and scratch --------------------------------------------------------------------*/

int extract_settings_from(struct extract_settings *s, const struct conf *c, struct err *err)
{
    double fps = conf_real(c, "extract.fps");
    long long every = conf_int(c, "extract.every");
    bool png = conf_enum(c, "extract.image") == 0;
    size_t n_keep;

    if (every > 0 && fps > 0)
        return err_set(err, ERR_CONFIG, "extract.every and extract.fps exclude each other");
    *s = (struct extract_settings){
        .sampling = {.rule = every > 0 ? SAMPLE_EVERY
                             : fps > 0 ? SAMPLE_FPS
                                       : SAMPLE_SPREAD,
                     .frames = conf_int(c, "extract.frames"),
                     .every = every,
                     .fps = fps},
        .detector = (enum detector_name)conf_enum(c, "extract.detector"),
        .schedule = conf_enum(c, "extract.schedule") == 0 ? SCHEDULE_FAST : SCHEDULE_REFERENCE,
        .min_face_px = (int)conf_int(c, "extract.min_face_px"),
        .grow = conf_real(c, "extract.grow"),
        .format = png ? MEDIA_PNG : MEDIA_JPEG,
        .quality = (int)conf_int(c, png ? "extract.png_level" : "extract.jpg_quality"),
        .keep_unpaired = conf_enum(c, "extract.unpaired") == 1,
        .model = conf_string(c, "extract.landmarks_model")};
    (void)conf_list(c, "extract.keep", &n_keep); /* the only word there is: frames */
    s->keep_frames = n_keep > 0;
    if (!*s->model)
        s->model = DEFAULT_MODEL;
    return 0;
}

int video_worker_init(struct video_worker *w, const struct extract_settings *s,
                      const struct detector *detector, const struct shape_predictor *model,
                      const char *folder, struct err *err)
{
    int r;

    *w = (struct video_worker){.settings = s, .model = model, .folder = folder};
    r = finder_open(&w->finder, detector, s->schedule, s->min_face_px, err);
    if (!r)
        r = media_codec_new(&w->codec, err);
    if (r)
        video_worker_release(w);
    return r;
}

void video_worker_release(struct video_worker *w)
{
    finder_close(w->finder);
    media_codec_free(w->codec);
    image_release(&w->picture);
    free(w->landmarks);
    str_release(&w->path);
    str_release(&w->name);
    *w = (struct video_worker){0};
}

/* ---- rows ------------------------------------------------------------------------------------*/

/* What a row says about a frame; the video says the rest. */
struct frame_row {
    long long frame;
    double time_ms; /* NaN = unknown */
    const struct rect *crop, *face;
    double score;
    bool image;
    long long landmark; /* row of the landmarks file; -1 = none */
    const char *status, *reason;
};

static void row_box(struct str *rows, const struct rect *r)
{
    int i;

    if (!r) {
        for (i = 0; i < 4; i++)
            row_text(rows, NULL);
        return;
    }
    row_int(rows, r->x0);
    row_int(rows, r->y0);
    row_int(rows, rect_width(*r));
    row_int(rows, rect_height(*r));
}

static void set_name(struct str *name, const char *folder, const char *video, long long frame,
                     const char *ending)
{
    str_clear(name);
    str_addf(name, "%s%s", folder, video);
    if (frame >= 0)
        str_addf(name, "/%06lld", frame);
    str_add(name, ending);
}

static void add_row(struct video_worker *w, const struct video *v, const struct frame_row *f,
                    struct str *rows)
{
    const char *ending = w->settings->format == MEDIA_PNG ? ".png" : ".jpg";

    set_name(&w->name, "", v->id, f->frame, "");
    row_text(rows, w->name.s);
    row_text(rows, v->id);
    row_text(rows, v->pair);
    row_text(rows, v->label);
    row_text(rows, v->split);
    row_text(rows, v->face_id);
    row_text(rows, v->context_id);
    row_text(rows, v->component);
    row_int(rows, f->frame);
    row_real(rows, f->time_ms);
    row_box(rows, f->crop);
    set_name(&w->name, "crops/", v->id, f->frame, ending);
    row_text(rows, f->image ? w->name.s : NULL);
    set_name(&w->name, "landmarks/", v->id, -1, ".npy");
    row_text(rows, f->landmark >= 0 ? w->name.s : NULL);
    if (f->landmark >= 0)
        row_int(rows, f->landmark);
    else
        row_text(rows, NULL);
    row_box(rows, f->face);
    row_real(rows, f->face ? f->score : NAN);
    row_text(rows, f->face ? finder_detector(w->finder) : NULL);
    row_text(rows, f->status);
    row_text(rows, f->reason);
    row_end(rows);
}

void video_row(const struct video *v, const char *status, const char *reason, struct str *rows)
{
    const char *const known[] = {v->id,    v->id,      v->pair,       v->label,
                                 v->split, v->face_id, v->context_id, v->component};
    size_t i;

    for (i = 0; strcmp(extract_columns[i], "status") != 0; i++)
        row_text(rows, i < sizeof(known) / sizeof(*known) ? known[i] : NULL);
    row_text(rows, status);
    row_text(rows, reason);
    row_end(rows);
}

void video_reword(const struct video *v, struct err *e)
{
    char *at = *v->file ? strstr(e->text, v->file) : NULL;
    struct err before = *e;

    if (at)
        snprintf(at, sizeof(e->text) - (size_t)(at - e->text), "%s%s", v->path,
                 before.text + (at - e->text) + strlen(v->file));
}

/* ---- a frame ---------------------------------------------------------------------------------*/

static int write_picture(struct video_worker *w, const struct video *v, const char *folder,
                         long long frame, const struct image *img, struct err *err)
{
    const struct extract_settings *s = w->settings;

    set_name(&w->name, folder, v->id, frame, s->format == MEDIA_PNG ? ".png" : ".jpg");
    fs_join(w->folder, w->name.s, &w->path);
    if (str_failed(&w->path) || str_failed(&w->name))
        return err_nomem(err);
    return media_write_picture(w->codec, w->path.s, img, s->format, s->quality, err);
}

static int find_and_write(struct video_worker *w, const struct video *v,
                          const struct frame_result *leader, struct frame_row *row, float *points,
                          struct frame_result *result, struct face *face, struct err *err)
{
    struct image part;
    int i, r;

    r = finder_find(w->finder, &w->picture, leader ? &leader->face : NULL, face, err);
    if (r < 0)
        return r;
    if (r == 0) {
        row->reason = leader ? "no face found where the pristine frame has it" : "no face found";
        return 0;
    }
    result->face = face->box;
    result->crop =
        leader ? leader->crop
               : crop_box(face->box, w->settings->grow, w->picture.width, w->picture.height);
    if (rect_width(result->crop) == 0 || rect_height(result->crop) == 0) {
        row->reason = "the face lies outside of the frame";
        return 0;
    }
    shape_predictor_fit(w->model, &w->picture, face->box, w->points);
    for (i = 0; i < shape_predictor_points(w->model); i++) {
        points[2 * i] = (float)w->points[i].x;
        points[2 * i + 1] = (float)w->points[i].y;
    }
    part = image_view(&w->picture, result->crop.x0, result->crop.y0, rect_width(result->crop),
                      rect_height(result->crop));
    r = write_picture(w, v, "crops/", row->frame, &part, err);
    if (r)
        return r;
    result->state = FRAME_OK;
    row->face = &result->face;
    row->crop = &result->crop;
    row->score = face->score;
    row->image = true;
    row->status = "ok";
    row->reason = NULL;
    return 0;
}

static int do_frame(struct video_worker *w, const struct video *v, struct media_reader *reader,
                    const struct frame_result *leader, struct frame_row *row, float *points,
                    struct frame_result *result, struct str *rows, struct err *err)
{
    struct face face;
    int r = 0;

    result->state = FRAME_NO_FACE;
    row->status = "skip";
    if (leader && leader->state == FRAME_NO_FACE) {
        row->reason = "no face found in the pristine frame";
    } else if (leader && leader->state == FRAME_LOST) {
        row->reason = "the pristine frame could not be decoded";
    } else {
        r = media_picture(reader, &w->picture, err);
        if (!r && w->settings->keep_frames)
            r = write_picture(w, v, "frames/", row->frame, &w->picture, err);
        if (!r)
            r = find_and_write(w, v, leader, row, points, result, &face, err);
    }
    if (!r)
        add_row(w, v, row, rows);
    return r;
}

/* ---- a video ---------------------------------------------------------------------------------*/

/* Decodes up to frame `index`. 1 = there, 0 = the video ended, negative = it broke off. */
static int go_to(struct media_reader *reader, long long index, long long *decoded, double *time_ms,
                 struct err *err)
{
    long long at = -1;

    while (at < index) {
        int r = media_next(reader, &at, time_ms, err);

        if (r <= 0)
            return r;
        *decoded = at + 1;
    }
    return 1;
}

static int write_landmarks(struct video_worker *w, const struct video *v, size_t count,
                           struct err *err)
{
    const size_t shape[3] = {count, (size_t)shape_predictor_points(w->model), 2};

    set_name(&w->name, "landmarks/", v->id, -1, ".npy");
    fs_join(w->folder, w->name.s, &w->path);
    if (str_failed(&w->path) || str_failed(&w->name))
        return err_nomem(err);
    return npy_write(w->path.s, NPY_F32, 3, shape, w->landmarks, err);
}

int video_extract(struct video_worker *w, const struct video *v, struct media_reader *reader,
                  const long long *frames, size_t count, const struct frame_result *leader,
                  struct frame_result *results, long long *decoded, struct str *rows,
                  struct err *err)
{
    size_t floats = 2 * (size_t)shape_predictor_points(w->model), i;
    struct err broken = {0};
    bool lost = false; /* the stream broke off */

    *decoded = 0;
    if (mem_grow(&w->landmarks, &w->landmarks_cap, count * floats, sizeof(*w->landmarks)))
        return err_nomem(err);
    for (i = 0; i < count * floats; i++)
        w->landmarks[i] = NAN;
    finder_start(w->finder);
    media_want(reader, frames, count);
    for (i = 0; i < count; i++) {
        struct frame_row row = {.frame = frames[i], .time_ms = NAN, .landmark = (long long)i};
        int r =
            broken.code ? broken.code : go_to(reader, frames[i], decoded, &row.time_ms, &broken);

        if (r == 0)
            return VIDEO_SHORTER;
        if (r < 0) {
            if (!lost)
                video_reword(v, &broken);
            lost = true;
            results[i] = (struct frame_result){.state = FRAME_LOST};
            row.time_ms = NAN;
            row.status = "fail";
            row.reason = broken.text;
            add_row(w, v, &row, rows);
            continue;
        }
        r = do_frame(w, v, reader, leader ? &leader[i] : NULL, &row, w->landmarks + i * floats,
                     &results[i], rows, err);
        if (r)
            return r;
    }
    return write_landmarks(w, v, count, err);
}
