#include "extract/video.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extract/crop.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/npy.h"

#define NO_FACE "no face found"

int video_worker_init(struct video_worker *w, const struct extract_settings *s,
                      const struct detector *detector, const struct shape_predictor *model,
                      const char *folder, struct err *err)
{
    int r;

    *w = (struct video_worker){.settings = s, .model = model, .folder = folder};
    face_quality_init(&w->quality);
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
    face_quality_release(&w->quality);
    free(w->landmarks);
    str_release(&w->path);
    str_release(&w->name);
    *w = (struct video_worker){0};
}

void video_reword(const struct video *v, struct err *e)
{
    char *at = *v->file ? strstr(e->text, v->file) : NULL;
    struct err before = *e;

    if (at)
        snprintf(at, sizeof(e->text) - (size_t)(at - e->text), "%s%s", v->path,
                 before.text + (at - e->text) + strlen(v->file));
}

/* ---- files -----------------------------------------------------------------------------------*/

static const char *ending_of(const struct extract_settings *s)
{
    return s->format == MEDIA_PNG ? ".png" : ".jpg";
}

/* Can a frame have several faces? Then names carry the track. */
static bool numbered(const struct extract_settings *s)
{
    return s->faces != FACES_LARGEST;
}

/* w->path = where w->name lies. */
static int place(struct video_worker *w, struct err *err)
{
    fs_join(w->folder, w->name.s, &w->path);
    return str_failed(&w->path) || str_failed(&w->name) ? err_nomem(err) : 0;
}

static int write_picture(struct video_worker *w, const struct image *img, struct err *err)
{
    int r = place(w, err);

    return r ? r
             : media_write_picture(w->codec, w->path.s, img, w->settings->format,
                                   w->settings->quality, err);
}

static int write_crop(struct video_worker *w, const struct video *v, const struct face_row *f,
                      struct err *err)
{
    struct image part =
        image_view(&w->picture, f->crop.x0, f->crop.y0, rect_width(f->crop), rect_height(f->crop));

    str_clear(&w->name);
    face_row_name(&w->name, "crops/", v, f, numbered(w->settings), ending_of(w->settings));
    return write_picture(w, &part, err);
}

static int write_frame(struct video_worker *w, const struct video *v, long long frame,
                       struct err *err)
{
    const struct face_row f = {.frame = frame, .track = -1};

    str_clear(&w->name);
    face_row_name(&w->name, "frames/", v, &f, false, ending_of(w->settings));
    return write_picture(w, &w->picture, err);
}

static int write_landmarks(struct video_worker *w, const struct video *v, size_t count,
                           struct err *err)
{
    const size_t shape[3] = {count, (size_t)shape_predictor_points(w->model), 2};
    int r;

    str_clear(&w->name);
    str_addf(&w->name, "landmarks/%s.npy", v->id);
    r = place(w, err);
    return r ? r : npy_write(w->path.s, NPY_F32, 3, shape, w->landmarks, err);
}

/* ---- a face ----------------------------------------------------------------------------------*/

/* One more row, for this frame and without a face so far; its landmarks are NaN. */
static struct face_row *new_row(struct video_worker *w, struct face_rows *faces, long long frame,
                                double time_ms, struct err *err)
{
    size_t floats = 2 * (size_t)shape_predictor_points(w->model), i;

    if (mem_grow(&faces->row, &faces->cap, faces->n + 1, sizeof(*faces->row)) ||
        mem_grow(&w->landmarks, &w->landmarks_cap, (faces->n + 1) * floats,
                 sizeof(*w->landmarks))) {
        err_nomem(err);
        return NULL;
    }
    for (i = 0; i < floats; i++)
        w->landmarks[faces->n * floats + i] = NAN;
    faces->row[faces->n] = (struct face_row){
        .frame = frame, .time_ms = time_ms, .track = -1, .state = FACE_NONE, .reason = NO_FACE};
    return &faces->row[faces->n++];
}

/* Landmarks and numbers of the face that was found in `box`, for the row made last. */
static int measure(struct video_worker *w, struct face_rows *faces, struct rect box, double score,
                   struct err *err)
{
    struct face_row *f = &faces->row[faces->n - 1];
    int n = shape_predictor_points(w->model), i;
    float *points = w->landmarks + (faces->n - 1) * 2 * (size_t)n;

    f->face = box;
    f->score = score;
    shape_predictor_fit(w->model, &w->picture, box, w->points);
    for (i = 0; i < n; i++) {
        points[2 * i] = (float)w->points[i].x;
        points[2 * i + 1] = (float)w->points[i].y;
    }
    return face_quality_measure(&w->quality, &w->picture, box, w->points, &f->quality, err);
}

static void say(struct face_row *f, int state, const char *reason, const char *pair_reason)
{
    f->state = state;
    f->reason = reason;
    f->pair_reason = pair_reason;
}

/* The crop of the row, if it is of use. */
static int judge_and_write(struct video_worker *w, const struct video *v, struct face_row *f,
                           const struct face_row *leader, struct err *err)
{
    int broken = leader ? -1 : face_filter_check(&w->settings->filter, f->face, &f->quality);

    say(f, FACE_OK, NULL, NULL);
    if (leader && leader->state == FACE_FILTERED)
        say(f, FACE_FILTERED, leader->pair_reason, NULL);
    else if (rect_width(f->crop) == 0 || rect_height(f->crop) == 0)
        say(f, FACE_FILTERED, "the face lies outside of the frame",
            "the pristine face lies outside of the frame");
    else if (broken >= 0)
        say(f, FACE_FILTERED, face_filter_reason(broken), face_filter_pair_reason(broken));
    return f->state == FACE_OK ? write_crop(w, v, f, err) : 0;
}

/* ---- a frame ---------------------------------------------------------------------------------*/

static int find_on_its_own(struct video_worker *w, const struct video *v, struct face_rows *faces,
                           long long frame, double time_ms, struct err *err)
{
    struct face found[DETECT_MAX_FACES];
    struct track_sight seen[DETECT_MAX_FACES];
    int tracks[DETECT_MAX_FACES], i, n, r = 0;
    size_t first = faces->n;
    struct face_row *f;
    bool cut;

    n = finder_find_faces(w->finder, &w->picture, w->settings->faces, found, &cut, err);
    if (n < 0)
        return n;
    for (i = 0; i < n && !r; i++) {
        if (!new_row(w, faces, frame, time_ms, err))
            return -ENOMEM;
        r = measure(w, faces, found[i].box, found[i].score, err);
        track_see(&seen[i], &w->picture, found[i].box, w->points);
    }
    if (cut)
        tracker_cut(&w->tracker);
    tracker_step(&w->tracker, seen, n, tracks);
    for (i = 0; i < n && !r; i++) {
        f = &faces->row[first + (size_t)i];
        f->track = tracks[i];
        f->crop = crop_box(f->face, w->settings->grow, w->picture.width, w->picture.height);
        r = judge_and_write(w, v, f, NULL, err);
    }
    if (n == 0) {
        f = new_row(w, faces, frame, time_ms, err);
        if (!f)
            return -ENOMEM;
        say(f, FACE_NONE, NO_FACE, "no face found in the pristine frame");
    }
    return r;
}

/* The face that the leading video has in this row. */
static int find_where_it_is(struct video_worker *w, const struct video *v,
                            const struct face_row *leader, struct face_rows *faces, double time_ms,
                            struct err *err)
{
    struct face_row *f = new_row(w, faces, leader->frame, time_ms, err);
    struct face found;
    int r;

    if (!f)
        return -ENOMEM;
    f->track = leader->track;
    if (leader->state == FACE_NONE || leader->state == FACE_LOST) {
        say(f, FACE_NONE, leader->pair_reason, NULL);
        return 0;
    }
    f->crop = leader->crop;
    r = finder_find(w->finder, &w->picture, &leader->face, &found, err);
    if (r < 0)
        return r;
    if (r == 0) {
        say(f, FACE_NONE, "no face found where the pristine frame has it", NULL);
        return 0;
    }
    r = measure(w, faces, found.box, found.score, err);
    return r ? r : judge_and_write(w, v, f, leader, err);
}

/* Does the leading video have a face in one of these rows? */
static bool any_face(const struct face_row *leader, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (leader[i].state == FACE_OK || leader[i].state == FACE_FILTERED)
            return true;
    return false;
}

/* leader: the n rows of the leading video for this frame, or NULL. */
static int do_frame(struct video_worker *w, const struct video *v, struct media_reader *reader,
                    const struct face_row *leader, size_t n, long long frame, double time_ms,
                    struct face_rows *faces, struct err *err)
{
    int r = 0;
    size_t i;

    if (!leader || any_face(leader, n) || w->settings->keep_frames)
        r = media_picture(reader, &w->picture, err);
    if (!r && w->settings->keep_frames)
        r = write_frame(w, v, frame, err);
    if (!r && !leader)
        r = find_on_its_own(w, v, faces, frame, time_ms, err);
    for (i = 0; leader && i < n && !r; i++)
        r = find_where_it_is(w, v, &leader[i], faces, time_ms, err);
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

/* How many rows from `i` on are of the same frame. */
static size_t same_frame(const struct face_rows *rows, size_t i)
{
    size_t n = 1;

    while (i + n < rows->n && rows->row[i + n].frame == rows->row[i].frame)
        n++;
    return n;
}

/* Rows for a frame that could not be decoded: as many as the leading video has. */
static int add_lost(struct video_worker *w, const struct face_row *leader, size_t n,
                    long long frame, struct face_rows *faces, struct err *err)
{
    size_t i;

    for (i = 0; i < n; i++) {
        struct face_row *f = new_row(w, faces, frame, NAN, err);

        if (!f)
            return -ENOMEM;
        f->track = leader ? leader[i].track : -1;
        say(f, FACE_LOST, w->broken.text, "the pristine frame could not be decoded");
    }
    return 0;
}

static int extract_frames(struct video_worker *w, const struct video *v,
                          struct media_reader *reader, const long long *frames, size_t count,
                          const struct face_rows *leader, struct face_rows *faces,
                          long long *decoded, struct err *err)
{
    size_t i, at = 0, n = 1;

    for (i = 0; i < count; i++, at += n) {
        const struct face_row *led = leader ? leader->row + at : NULL;
        double time_ms = NAN;
        int r;

        /* A video that is broken says so again; a folder of pictures goes on after a bad one. */
        n = leader ? same_frame(leader, at) : 1;
        err_clear(&w->broken);
        r = go_to(reader, frames[i], decoded, &time_ms, &w->broken);
        if (r == 0)
            return VIDEO_SHORTER;
        if (r < 0)
            video_reword(v, &w->broken);
        r = r < 0 ? add_lost(w, led, n, frames[i], faces, err)
                  : do_frame(w, v, reader, led, n, frames[i], time_ms, faces, err);
        if (r)
            return r;
    }
    return 0;
}

/* Faces of tracks that are too short were, more likely than not, none: their crops go. */
static int drop_short_tracks(struct video_worker *w, const struct video *v, struct face_rows *faces,
                             struct err *err)
{
    size_t i, k;

    for (i = 0; i < faces->n; i++) {
        struct face_row *f = &faces->row[i];
        int seen = 0;

        for (k = 0; k < faces->n; k++)
            seen += f->track >= 0 && faces->row[k].track == f->track;
        if (f->state != FACE_OK || seen >= w->settings->min_track)
            continue;
        say(f, FACE_FILTERED, "filtered by extract.min_track",
            "pristine face filtered by extract.min_track");
        str_clear(&w->name);
        face_row_name(&w->name, "crops/", v, f, numbered(w->settings), ending_of(w->settings));
        if (place(w, err))
            return -ENOMEM;
        if (unlink(w->path.s) && errno != ENOENT)
            return err_set_errno(err, ERR_IO, errno, "cannot remove '%s'", w->path.s);
    }
    return 0;
}

int video_extract(struct video_worker *w, const struct video *v, struct media_reader *reader,
                  const long long *frames, size_t count, const struct face_rows *leader,
                  struct face_rows *faces, long long *decoded, struct str *rows, struct err *err)
{
    size_t i;
    int r;

    *decoded = 0;
    faces->n = 0;
    err_clear(&w->broken);
    finder_start(w->finder);
    tracker_start(&w->tracker);
    media_want(reader, frames, count);
    r = extract_frames(w, v, reader, frames, count, leader, faces, decoded, err);
    if (!r && !leader && w->settings->faces == FACES_TRACK)
        r = drop_short_tracks(w, v, faces, err);
    if (r)
        return r;
    for (i = 0; i < faces->n; i++)
        face_row_add(rows, v, &faces->row[i], numbered(w->settings), ending_of(w->settings),
                     (long long)i, finder_detector(w->finder), &w->name);
    return write_landmarks(w, v, faces->n, err);
}
