/* Walking down a data set's folders to its videos. */
#ifndef LP_WALK_H
#define LP_WALK_H

#include "fetch/scan.h"

/* A video file: its folder and path below the root, and the names of the folders on the way from
 * where the walk began, outermost first. A folder called videos/ is passed through and not named,
 * but not a second one in it. */
struct walk_video {
    const char *path, *name; /* "a/b/c.mp4", "c.mp4" */
    long long bytes;         /* -1 = it cannot be looked at */
    const char *const *folder;
    int depth;
};

#define WALK_MAX_DEPTH 8

/* Calls `visit` for each video in root/folder and below, at most `depth` folders down, in the order
 * of names. A folder that is not there has no videos. Stops at the first error, which it returns.
 */
int walk_videos(const char *root, const char *folder, int depth,
                int (*visit)(void *ctx, const struct walk_video *v, struct err *err), void *ctx,
                struct err *err) LP_MUST_CHECK;

/* The same for folders of pictures, which stand for videos whose frames somebody took out: each
 * folder at most `depth` down that holds a PNG or JPEG file. `path` is the folder, `name` its own
 * name, `bytes` what its pictures have together; `folder` are the folders above it. A folder called
 * frames/ is passed through and not named, but not a second one in it. */
int walk_frames(const char *root, const char *folder, int depth,
                int (*visit)(void *ctx, const struct walk_video *v, struct err *err), void *ctx,
                struct err *err) LP_MUST_CHECK;

/* Is root/folder there? */
bool walk_has(const char *root, const char *folder);

#endif
