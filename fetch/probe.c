#include "fetch/probe.h"

#include <stdio.h>

#include "lib/fs.h"
#include "lib/media.h"
#include "lib/media_folder.h"

static int look_inside(const char *path, enum probe_depth depth, struct probe *out, struct err *err)
{
    struct media_reader *reader = NULL;
    struct media_info info = {0};
    int r = media_open(&reader, path, &info, err);

    media_close(reader);
    if (r)
        return r;
    out->width = info.width;
    out->height = info.height;
    out->fps = info.fps;
    snprintf(out->codec, sizeof(out->codec), "%s", info.codec);
    if (depth == PROBE_HEADER)
        return 0;
    r = media_count_frames(path, &out->frames, err);
    if (!r && out->frames < 1)
        r = err_set(err, ERR_DATA, "'%s' holds no frame", path);
    if (r)
        out->frames = -1;
    return r;
}

/* A folder of frames is hashed by what it holds, in the order of the frames. */
static int hash_frames(const char *path, char hex[HASH_HEX], struct err *err)
{
    char **names;
    size_t n;
    int r = media_folder_list(path, &names, &n, err);

    if (r)
        return r;
    r = hash_files(path, names, n, hex, err);
    fs_list_free(names, n);
    return r;
}

int probe_file(const char *path, bool sha256, enum probe_depth depth, struct probe *out,
               struct err *err)
{
    int r = 0;

    *out = (struct probe){.frames = -1};
    if (sha256)
        r = fs_is_folder(path) ? hash_frames(path, out->sha256, err)
                               : hash_file(path, out->sha256, err);
    if (r)
        out->sha256[0] = '\0';
    if (!r && depth != PROBE_NONE)
        r = look_inside(path, depth, out, err);
    return r;
}
