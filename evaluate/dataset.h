/*
 * What is judged: the videos with what is known of them, and each model's scores of their frames.
 *
 * Videos come from a manifest (align.tsv, or any of ours with id, video, label), or from the score
 * files themselves. A video's key is dataset/method/compression/name, never the folder name alone.
 * All models share the videos; frames belong to a model and stay in the order of its file.
 */
#ifndef LP_DATASET_H
#define LP_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "evaluate/names.h"
#include "evaluate/problems.h"
#include "evaluate/score_lines.h"
#include "lib/err.h"

enum split { SPLIT_NONE, SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST };

/* Numbers of texts in `names` but for name_at, NAME_NONE = not known. */
struct video {
    uint32_t dataset, method, compression;
    uint32_t name_at; /* where in its key its name begins: a text of its own is rarely asked for */
    uint32_t face_id, context_id, component, pair;
    uint8_t label; /* 0 real, 1 fake */
    uint8_t split; /* enum split */
    bool listed;   /* in the manifest with at least one frame that is ok */
};

struct model {
    char *name;
    char *path;
    size_t n, cap, video_cap, key_cap;
    double *score; /* of each frame: finite; these three are from bulk.h */
    uint32_t *video;
    uint64_t *key;     /* names the frame across models; 0 = cannot be named; NULL with one model */
    size_t dropped;    /* rows left out by policy */
    size_t many_faces; /* frames with two or more scored faces */
};

enum policy { POLICY_FAIL, POLICY_DROP };

/* What the score of a frame is when several of its faces have one. */
enum faces { FACES_MAX, FACES_MEAN, FACES_ALL /* each is a frame of its own */ };

struct dataset_policy {
    enum policy bad_score; /* empty, no number, NaN, infinite */
    enum policy unknown;   /* id or path that the manifest does not have */
    enum policy duplicate; /* a frame scored twice: the first stays */
    enum policy mixed;     /* a row that contradicts what was known of its video */
    enum faces faces;
    struct score_source source; /* all but the path */
};

struct dataset {
    struct names names; /* texts of the video fields */
    struct names keys;  /* whole video keys; number = index into video */
    struct video *video;
    size_t n_videos, video_cap;
    struct model *model;
    size_t n_models;
    struct frames *frames; /* the manifest's rows, or NULL */
    char *input_hash;      /* of the manifest, or NULL */
};

/* Reads the manifest. Columns id, video, label are needed; split, face_id, context_id, component,
 * pair, image, frame, status are used when there. */
int dataset_manifest(struct dataset *d, const char *path, struct err *err) LP_MUST_CHECK;

/* Adds a model from a score file. Bad rows become problems; those that the policy does not allow
 * are fatal problems, and the caller must stop when there are any. Every other failure (cannot
 * open, no score column) is returned. `keep_keys`: frames will be matched across models. */
int dataset_scores(struct dataset *d, const char *path, const struct dataset_policy *policy,
                   bool keep_keys, struct problems *problems, struct err *err) LP_MUST_CHECK;

/* The full key of a video, in `out` (cleared first). */
struct str;
void dataset_video_key(const struct dataset *d, uint32_t video, struct str *out);

/* The row of the manifest with this id, or -1; *video its video. */
long long dataset_row_of_id(const struct dataset *d, const char *id, size_t len, uint32_t *video);

const char *split_name(enum split s);
bool split_parse(const char *p, size_t len, enum split *s);

void dataset_release(struct dataset *d);

#endif
