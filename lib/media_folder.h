/*
 * A folder of pictures as a video: some data sets come as frames that somebody else took out of the
 * videos. The frames are the folder's PNG and JPEG files in the order of the numbers in their names
 * (2.png before 10.png), numbered from 0 without gaps. Behind media_open(); nobody else needs it.
 */
#ifndef LP_MEDIA_FOLDER_H
#define LP_MEDIA_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/image.h"
#include "lib/media.h"

struct media_folder {
    char *path;
    char **names; /* of the frames, in order */
    size_t n;
    struct media_codec *codec;
};

/* The names of the pictures in a folder, in order; free with fs_list_free(). Hidden files and
 * folders are passed over. */
int media_folder_list(const char *path, char ***names, size_t *n, struct err *err) LP_MUST_CHECK;

/* Both: ERR_DATA if the folder holds no picture. */
int media_folder_count(const char *path, long long *n, struct err *err) LP_MUST_CHECK;
int media_folder_open(struct media_folder *f, const char *path, struct err *err) LP_MUST_CHECK;
void media_folder_close(struct media_folder *f);

int media_folder_picture(struct media_folder *f, size_t index, struct image *out,
                         struct err *err) LP_MUST_CHECK;

#endif
