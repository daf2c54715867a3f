/*
 * The masks of a data set: videos, named by fetch.tsv, that say which pixels of a fake are
 * manipulated. Frame i of the mask belongs to frame i of its video; a mask may end earlier (those
 * of DeepFakeDetection do), and then the later frames have none.
 *
 * A mask is warped with the matrix of its face and cut to 0 or 255 above grey level 1, as
 * DeepfakeBench does it.
 */
#ifndef LP_MASKS_H
#define LP_MASKS_H

#include "lib/geometry.h"
#include "lib/image.h"
#include "lib/manifest.h"
#include "lib/media.h"
#include "lib/warp.h"

#define MASK_THRESHOLD 1 /* grey level; above is manipulated */

/* Where masks are. Read only after opening: any number of threads. */
struct mask_list {
    bool open;
    struct manifest fetch;
    int mask, width, height; /* columns */
    struct str folder;
};

/* fetch.tsv in `folder`, if it is the one that has this hash; else the list is empty, and
 * *why is "" (there is none) or says what is wrong with it. */
int mask_list_open(struct mask_list *l, const char *folder, const char *hash, const char **why,
                   struct err *err) LP_MUST_CHECK;
void mask_list_release(struct mask_list *l);

/* The mask of one video, open at one frame. Zero-initialise once, reuse, release. */
struct mask_video {
    struct media_reader *reader; /* NULL = this video has none */
    struct manifest_row row;
    struct str path;
    struct image picture, grey, aligned;
    long long at, have;      /* frame decoded last, frame that `grey` holds; -1 = none */
    long long width, height; /* of the video */
};

/* Goes to the mask of a video; `frames`, ascending, are what will be asked for. A video without a
 * mask is fine. */
int mask_video_open(struct mask_video *v, const struct mask_list *l, const char *video,
                    const long long *frames, size_t n, struct err *err) LP_MUST_CHECK;

/* The mask of frame `index` (ascending from call to call) under `m` -> v->aligned, size_px square.
 * 1 = there, 0 = the mask ended before. */
int mask_video_warp(struct mask_video *v, const struct warp_ops *warp, long long index,
                    const struct mat3 *m, int size_px, struct err *err) LP_MUST_CHECK;

void mask_video_close(struct mask_video *v); /* the mask of this video */
void mask_video_release(struct mask_video *v);

/* Grey levels to 0 and 255. */
void mask_cut(struct image *grey);

#endif
