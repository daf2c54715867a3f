/* A video's key: `dataset/method/compression/name`, for example `ffpp/Deepfakes/c23/000_003`.
 * Never the folder name alone, which merges videos of different methods. A part that a data set
 * does not have is "-". Parts hold no '/'. */
#ifndef LP_VIDEO_KEY_H
#define LP_VIDEO_KEY_H

#include "lib/err.h"
#include "lib/str.h"

#define VIDEO_KEY_PART 128 /* bytes, terminator included */

struct video_key {
    char dataset[VIDEO_KEY_PART], method[VIDEO_KEY_PART];
    char compression[VIDEO_KEY_PART], name[VIDEO_KEY_PART * 4];
};

/* Everything after the third '/' is the name (a name may hold '/' in some data sets).
 * ERR_DATA if there are fewer than four parts or one is empty or ".." or too long. */
int video_key_parse(const char *text, struct video_key *k, struct err *err) LP_MUST_CHECK;

#endif
