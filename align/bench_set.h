/*
 * The faces of align.tsv as DeepfakeBench's tree and dataset_json want them; shared by the exports
 * deepfakebench (files) and lmdb (one database).
 *
 * Its loader looks for masks and landmarks by replacing every "frames" in a path, so no other part
 * of a path holds that word; it uses the first 32 frames of a video only, so at most 32, evenly
 * spaced, are listed; it wants each label to have each split, and for FF++'s files each
 * compression. One face a frame: that of who is seen most in the video.
 */
#ifndef LP_BENCH_SET_H
#define LP_BENCH_SET_H

#include "align/export.h"
#include "align/face.h"

#define BENCH_FRAMES 32  /* of a video, at most: DeepfakeBench's frame_num */
#define BENCH_SIDE   256 /* pixels: what its landmarks are in */

enum bench_kind { BENCH_FRAME, BENCH_LANDMARKS, BENCH_MASK };

struct bench_face {
    size_t row;
    long long frame;
    bool mask;
};

struct bench_video {
    char *key;                         /* our own: "ffpp/Deepfakes/c23/071_054" */
    char *dataset;                     /* "FaceForensics++" */
    char *folder;                      /* below it: "manipulated_sequences/Deepfakes/c23" */
    char *name;                        /* "071_054" */
    char *label;                       /* "FF-DF" */
    char *compression;                 /* "c23" */
    const struct family_method *known; /* NULL: not DeepfakeBench's */
    const char *own_file;              /* else: the dataset_json file that is named after it */
    int group, split;                  /* 0 train, 1 val, 2 test */
    bool fake, masks;                  /* masks: it has any */
    size_t n;
    struct bench_face *faces; /* owned; ascending frames */
};

/* A video in a dataset_json file. */
struct bench_entry {
    const char *file;
    const struct bench_video *video;
};

struct seen;

struct bench_set {
    const struct export_input *in;
    struct bench_video *videos; /* sorted by dataset, folder, name */
    size_t n;
    struct bench_entry *entries; /* sorted by file, label, split, compression, name */
    size_t n_entries;
    char **names; /* owned texts that videos point to */
    size_t n_names, names_cap, cap, entries_cap;
    size_t limit;
    struct seen *seen; /* of the video at hand */
    size_t n_seen, seen_cap;
    size_t thinned, other_tracks, unsplit, extrapolated; /* videos, faces, videos, faces */
};

/* At most `limit` faces a video; 0 = all. ERR_DATA if two videos come to one folder. */
int bench_set_make(struct bench_set *s, const struct export_input *in, size_t limit,
                   struct err *err) LP_MUST_CHECK;
void bench_set_release(struct bench_set *s);

/* out (cleared first) = "FaceForensics++/.../frames/071_054/000.png" with this separator. */
void bench_path(const struct bench_video *v, size_t i, enum bench_kind kind, char separator,
                struct str *out);

/* The 81 landmarks of a row, whole pixels: in the aligned picture, times `scale` before rounding;
 * or in the frame, if `scale` is 0. *extrapolated: the forehead is not measured. */
int bench_landmarks(const struct export_input *in, struct face *f, const struct manifest_row *row,
                    double scale, int64_t out[2 * LANDMARKS_MAX], bool *extrapolated,
                    struct err *err) LP_MUST_CHECK;

/* out = the path of the whole frame of a row, which lp-extract keeps beside the crops. ERR_CONFIG,
 * for the export `name`, if it is not there. */
int bench_whole_frame(const struct export_input *in, const struct manifest_row *row,
                      const char *name, struct str *out, struct err *err) LP_MUST_CHECK;

/* All dataset_json files, into folder/preprocessing/dataset_json/. `prefix` goes before each path.
 */
int bench_json(const struct bench_set *s, const char *folder, const char *prefix, char separator,
               const char *landmark_kind, struct err *err) LP_MUST_CHECK;

/* What these exports tell the card; `labels`: also which labels DeepfakeBench lacks. */
void bench_notes(const struct bench_set *s, bool labels);

extern const char *const bench_splits[3]; /* "train" ... */

#endif
