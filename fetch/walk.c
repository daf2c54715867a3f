#include "fetch/walk.h"

#include <string.h>
#include <strings.h>

#include "lib/fs.h"
#include "lib/media_folder.h"

struct walk {
    const char *root;
    int (*visit)(void *ctx, const struct walk_video *v, struct err *err);
    void *ctx;
    const char *names[WALK_MAX_DEPTH];
};

/* A folder that does not count must not lie in another: a link to the folder that it lies in would
 * have no end. */
static const char *base_of(const char *folder)
{
    const char *slash = strrchr(folder, '/');

    return slash ? slash + 1 : folder;
}

bool walk_has(const char *root, const char *folder)
{
    struct str path = STR_INIT;
    bool there;

    fs_join(root, folder, &path);
    there = !str_failed(&path) && fs_is_folder(path.s);
    str_release(&path);
    return there;
}

static int files(struct walk *w, const char *folder, int depth, struct err *err)
{
    struct str path = STR_INIT;
    struct scan scan = {0};
    size_t i;
    int r = scan_videos(w->root, folder, &scan, err);

    for (i = 0; i < scan.n && !r; i++) {
        struct walk_video v = {NULL, scan.names[i], scan.bytes[i], w->names, depth};

        fs_join(folder, scan.names[i], &path);
        if (str_failed(&path)) {
            r = err_nomem(err);
            break;
        }
        v.path = path.s;
        r = w->visit(w->ctx, &v, err);
    }
    scan_release(&scan);
    str_release(&path);
    return r;
}

/* The sum of the pictures' sizes in root/folder, -1 if one cannot be looked at, and their number.
 */
static int measure(const struct walk *w, const char *folder, size_t *n, long long *bytes,
                   struct err *err)
{
    struct str dir = STR_INIT, path = STR_INIT;
    char **names = NULL;
    size_t i;
    int r;

    *n = 0;
    *bytes = 0;
    fs_join(w->root, folder, &dir);
    r = str_failed(&dir) ? err_nomem(err) : media_folder_list(dir.s, &names, n, err);
    for (i = 0; i < *n && !r && *bytes >= 0; i++) {
        long long size;

        fs_join(dir.s, names[i], &path);
        if (str_failed(&path)) {
            r = err_nomem(err);
            break;
        }
        size = fs_size(path.s);
        *bytes = size < 0 ? -1 : *bytes + size;
    }
    fs_list_free(names, *n);
    str_release(&dir);
    str_release(&path);
    return r;
}

static int frames_below(struct walk *w, const char *folder, int depth, int left, struct err *err)
{
    struct str path = STR_INIT;
    struct scan scan = {0};
    size_t i, n;
    int r = scan_folders(w->root, folder, &scan, err);

    for (i = 0; i < scan.n && !r; i++) {
        struct walk_video v = {NULL, scan.names[i], 0, w->names, depth};
        bool named = strcasecmp(scan.names[i], "frames") != 0;

        fs_join(folder, scan.names[i], &path);
        if (str_failed(&path)) {
            r = err_nomem(err);
            break;
        }
        v.path = path.s;
        r = measure(w, path.s, &n, &v.bytes, err);
        if (!r && n > 0)
            r = w->visit(w->ctx, &v, err);
        if (r || left == 0 ||
            (named ? depth == WALK_MAX_DEPTH : strcasecmp(base_of(folder), "frames") == 0))
            continue;
        if (named)
            w->names[depth] = scan.names[i];
        r = frames_below(w, path.s, depth + named, left - named, err);
    }
    scan_release(&scan);
    str_release(&path);
    return r;
}

static int down(struct walk *w, const char *folder, int depth, int left, struct err *err)
{
    struct str path = STR_INIT;
    struct scan scan = {0};
    size_t i;
    int r = files(w, folder, depth, err);

    if (!r && left > 0)
        r = scan_folders(w->root, folder, &scan, err);
    for (i = 0; i < scan.n && !r; i++) {
        bool named = strcasecmp(scan.names[i], "videos") != 0;

        fs_join(folder, scan.names[i], &path);
        if (str_failed(&path)) {
            r = err_nomem(err);
            break;
        }
        if (named ? depth == WALK_MAX_DEPTH : strcasecmp(base_of(folder), "videos") == 0)
            continue;
        if (named)
            w->names[depth] = scan.names[i];
        r = down(w, path.s, depth + named, left - named, err);
    }
    scan_release(&scan);
    str_release(&path);
    return r;
}

int walk_videos(const char *root, const char *folder, int depth,
                int (*visit)(void *ctx, const struct walk_video *v, struct err *err), void *ctx,
                struct err *err)
{
    struct walk w = {.root = root, .visit = visit, .ctx = ctx};

    return walk_has(root, folder) ? down(&w, folder, 0, depth, err) : 0;
}

int walk_frames(const char *root, const char *folder, int depth,
                int (*visit)(void *ctx, const struct walk_video *v, struct err *err), void *ctx,
                struct err *err)
{
    struct walk w = {.root = root, .visit = visit, .ctx = ctx};

    return walk_has(root, folder) ? frames_below(&w, folder, 0, depth, err) : 0;
}
