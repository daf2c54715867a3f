/*
 * One video: decode, find the face of each sampled frame, fit the landmarks, write crops and the
 * landmarks file, and the manifest rows.
 */
#ifndef LP_VIDEO_H
#define LP_VIDEO_H

#include <stdbool.h>

#include "extract/finder.h"
#include "extract/sample.h"
#include "extract/shape_predictor.h"
#include "lib/conf.h"
#include "lib/media.h"
#include "lib/str.h"

struct extract_settings {
    struct sampling sampling;
    enum detector_name detector;
    enum schedule schedule;
    int min_face_px;
    double grow;
    enum media_format format;
    int quality; /* for media_write_picture() */
    bool keep_frames;
    bool keep_unpaired;
    const char *model; /* path */
};

/* From the section `extract`. ERR_CONFIG when keys contradict each other. */
int extract_settings_from(struct extract_settings *s, const struct conf *c,
                          struct err *err) LP_MUST_CHECK;

/* What became of a sampled frame. */
struct frame_result {
    enum { FRAME_OK, FRAME_NO_FACE, FRAME_LOST } state; /* lost: could not be decoded */
    struct rect face, crop;
};

/* Per-thread state; buffers are kept from video to video. */
struct video_worker {
    const struct extract_settings *settings;
    const struct shape_predictor *model;
    const char *folder; /* of the output manifest, where crops/ and landmarks/ go */
    struct finder *finder;
    struct media_codec *codec;
    struct image picture;
    struct point points[SHAPE_MAX_POINTS];
    float *landmarks; /* [frames][points][2] */
    size_t landmarks_cap;
    struct str path, name;
};

/* Keeps all it is given but the detector, which it copies. */
int video_worker_init(struct video_worker *w, const struct extract_settings *s,
                      const struct detector *detector, const struct shape_predictor *model,
                      const char *folder, struct err *err) LP_MUST_CHECK;
void video_worker_release(struct video_worker *w);

/* The values of fetch.tsv that rows carry forward; NULL = missing. */
struct video {
    const char *id, *pair, *label, *split, *face_id, *context_id, *component;
    const char *path; /* as fetch.tsv has it, "" if missing */
    const char *file; /* the same from the working folder */
};

/* Puts the video's path as fetch.tsv has it where `e` names the file, so that a manifest does not
 * depend on the folder a tool was started in. */
void video_reword(const struct video *v, struct err *e);

extern const char *const extract_columns[]; /* of extract.tsv, NULL-terminated */

/*
 * Extracts the frames `frames[0 .. count-1]` (rising) of the video that `reader` has just opened.
 * leader: NULL for a video on its own, else the results of the group's leading video for the same
 * frames, whose crop boxes are taken and whose faces must be found again.
 * Appends one row a frame to `rows` and fills results[0 .. count-1].
 * *decoded: frames seen; when the video ends without an error before the last sampled frame, the
 * function returns VIDEO_SHORTER at once, and what it appended is of no use.
 * A damaged frame is a row; a negative code means that nothing more can be done (no memory, disk
 * full).
 */
#define VIDEO_SHORTER 1
int video_extract(struct video_worker *w, const struct video *v, struct media_reader *reader,
                  const long long *frames, size_t count, const struct frame_result *leader,
                  struct frame_result *results, long long *decoded, struct str *rows,
                  struct err *err) LP_MUST_CHECK;

/* A row for a video that gave no frames: its id, no frame, and why. */
void video_row(const struct video *v, const char *status, const char *reason, struct str *rows);

#endif
