/*
 * One video: decode, find the faces of each sampled frame, fit the landmarks, measure, write crops
 * and the landmarks file, and the manifest rows.
 */
#ifndef LP_VIDEO_H
#define LP_VIDEO_H

#include "extract/extract_settings.h"
#include "extract/face_rows.h"
#include "extract/shape_predictor.h"
#include "extract/tracker.h"
#include "lib/media.h"

/* Per-thread state; buffers are kept from video to video. */
struct video_worker {
    const struct extract_settings *settings;
    const struct shape_predictor *model;
    const char *folder; /* of the output manifest, where crops/ and landmarks/ go */
    struct finder *finder;
    struct media_codec *codec;
    struct image picture;
    struct tracker tracker;
    struct face_quality_scratch quality;
    struct point points[SHAPE_MAX_POINTS];
    float *landmarks; /* [rows][points][2] */
    size_t landmarks_cap;
    struct str path, name;
    struct err broken; /* what ended the stream: the reason of its lost frames */
};

/* Keeps all it is given but the detector, which it copies. */
int video_worker_init(struct video_worker *w, const struct extract_settings *s,
                      const struct detector *detector, const struct shape_predictor *model,
                      const char *folder, struct err *err) LP_MUST_CHECK;
void video_worker_release(struct video_worker *w);

/* Puts the video's path as fetch.tsv has it where `e` names the file, so that a manifest does not
 * depend on the folder a tool was started in. */
void video_reword(const struct video *v, struct err *e);

/*
 * Extracts the frames `frames[0 .. count-1]` (rising) of the video that `reader` has just opened.
 * leader: NULL for a video on its own, else the rows of the group's leading video for the same
 * frames: each of its faces is looked for where it is there, and cropped by the same box.
 * Fills `faces` (emptied first) and appends one row each to `rows`.
 * *decoded: frames seen; when the video ends without an error before the last sampled frame, the
 * function returns VIDEO_SHORTER at once, and what it appended is of no use.
 * A damaged frame is a row; a negative code means that nothing more can be done (no memory, disk
 * full).
 */
#define VIDEO_SHORTER 1
int video_extract(struct video_worker *w, const struct video *v, struct media_reader *reader,
                  const long long *frames, size_t count, const struct face_rows *leader,
                  struct face_rows *faces, long long *decoded, struct str *rows,
                  struct err *err) LP_MUST_CHECK;

#endif
