/*
 * Writing a folder laid out like FaceForensics++:
 *
 *   original_sequences/youtube/c23/videos/A.mp4
 *   manipulated_sequences/METHOD/c23/videos/A_B.mp4    body of A, face of B
 *   train.json val.json test.json                      [["A", "B"], ...]
 *   conversion_dict.json                               {"A": "<source video> <index>", ...}
 *   truth/original/A.npy truth/METHOD/A_B.npy          float32 (frames, 68, 2): true landmarks
 *   truth/METHOD/A_B.boxes.tsv                         what a fake changed, a row a frame
 *
 * A folder is whole when it holds `.complete`, whose text says what made it; `.making` stands there
 * until then. Names of sequences hold no underscore.
 */
#ifndef LP_FFPP_TREE_H
#define LP_FFPP_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"
#include "lib/landmarks.h"

#define FFPP_NAME 32 /* bytes of a sequence's name, terminator included */

enum ffpp_split { FFPP_TRAIN, FFPP_VAL, FFPP_TEST, FFPP_SPLITS };

/* A row of the tree: two sequences and the split they are in. */
struct ffpp_pair {
    char a[FFPP_NAME], b[FFPP_NAME];
    enum ffpp_split split;
};

/* What conversion_dict.json says of a sequence. */
struct ffpp_source {
    char name[FFPP_NAME];
    char video[12]; /* 11 characters, as YouTube's */
    int index;      /* which cut of that video */
};

/* An 11-character id, a pure function of `text`. */
void ffpp_video_id(const char *text, char id[12]);

/* Is the folder whole and made by exactly `what` (one line) with this build of the program? */
bool ffpp_is_complete(const char *root, const char *what);

/* Gets the folder ready: makes it, or empties one that an earlier or a broken run has made.
 * ERR_CREATE if it holds other people's files. */
int ffpp_begin(const char *root, const char *what, struct err *err) LP_MUST_CHECK;

/* The three split files and conversion_dict.json. */
int ffpp_write_lists(const char *root, const struct ffpp_pair *pairs, size_t n,
                     const struct ffpp_source *sources, size_t n_sources,
                     struct err *err) LP_MUST_CHECK;

/* Marks it whole. */
int ffpp_finish(const char *root, const char *what, struct err *err) LP_MUST_CHECK;

/* ---- clips: frames in memory -----------------------------------------------------------------*/
struct clip {
    char name[FFPP_NAME];
    int fps, n;
    struct image *frames;     /* RGB, n of them */
    struct landmarks *points; /* 68 each */
};

int clip_alloc(struct clip *c, const char *name, int fps, int n, struct err *err) LP_MUST_CHECK;
void clip_release(struct clip *c);

/* original_sequences/youtube/c23 and its truth, under the method "original" as lp-fetch says. */
int ffpp_write_original(const char *root, const struct clip *c, struct err *err) LP_MUST_CHECK;

/* Both fakes of the pair by every style of faceswap.h, with their truth. A fake has the target's
 * frames and, as in FF++, the frame rate of the donor. */
int ffpp_write_fakes(const char *root, const struct clip *a, const struct clip *b,
                     struct err *err) LP_MUST_CHECK;

#endif
