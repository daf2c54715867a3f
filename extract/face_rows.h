/* The rows of extract.tsv: one a face, or one a sampled frame that has none. */
#ifndef LP_FACE_ROWS_H
#define LP_FACE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "extract/face_quality.h"
#include "lib/str.h"

extern const char *const extract_columns[]; /* NULL-terminated */

/* The values of fetch.tsv that rows carry forward; NULL = missing. */
struct video {
    const char *id, *pair, *label, *split, *face_id, *context_id, *component;
    const char *path; /* as fetch.tsv has it, "" if missing */
    const char *file; /* the same from the working folder */
};

/* What is known of a face, or of a frame without one. */
struct face_row {
    long long frame;
    double time_ms; /* NaN = unknown */
    int track;      /* -1 = no face, or one that belongs to none */
    enum {
        FACE_OK,
        FACE_NONE,     /* none was found: reason says where */
        FACE_FILTERED, /* found, and of no use: reason says why */
        FACE_LOST      /* the frame could not be decoded */
    } state;
    struct rect face, crop; /* if found; crop is empty if there is no part of it in the frame */
    double score;
    struct face_quality quality;
    const char *reason, *pair_reason; /* static, or as long-lived as the row; of this row and of
                                         those of fakes that depend on it; NULL if FACE_OK */
};

/* The rows of one video, in order. */
struct face_rows {
    struct face_row *row;
    size_t n, cap;
};

/* out += "folder/ID/FRAME[-TRACK]ending". With `numbered` the track is part of the name, if there
 * is one: id and files of a row where a frame may have several faces. */
void face_row_name(struct str *out, const char *folder, const struct video *v,
                   const struct face_row *f, bool numbered, const char *ending);

/* Appends one row. landmark: its row in the landmarks file. detector: what finds the faces. */
void face_row_add(struct str *rows, const struct video *v, const struct face_row *f, bool numbered,
                  const char *ending, long long landmark, const char *detector,
                  struct str *scratch);

/* A row for a video that gave no frames: its id, no frame, and why. */
void video_row(const struct video *v, const char *status, const char *reason, struct str *rows);

#endif
