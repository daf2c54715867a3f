#include "align/masks.h"

#include <string.h>

#include "lib/fs.h"

/* ---- where they are --------------------------------------------------------------------------*/

int mask_list_open(struct mask_list *l, const char *folder, const char *hash, const char **why,
                   struct err *err)
{
    static const char *const names[] = {"mask", "width", "height", NULL};
    struct str path = STR_INIT;
    struct err ignored = {0};
    int columns[3], r = 0;

    *why = "";
    fs_join(folder, "fetch.tsv", &path);
    str_add(&l->folder, folder);
    if (str_failed(&path) || str_failed(&l->folder)) {
        r = err_nomem(err);
    } else if (fs_size(path.s) < 0) {
        /* nothing to look up */
    } else if (manifest_open(&l->fetch, path.s, "fetch", &ignored) ||
               manifest_columns(&l->fetch, names, columns, &ignored)) {
        *why = "fetch.tsv beside the input cannot be read";
    } else if (strcmp(l->fetch.hash, hash) != 0) {
        *why = "fetch.tsv beside the input is not the one that the input was made from";
    } else {
        l->open = true;
        l->mask = columns[0];
        l->width = columns[1];
        l->height = columns[2];
    }
    str_release(&path);
    return r;
}

void mask_list_release(struct mask_list *l)
{
    manifest_release(&l->fetch);
    str_release(&l->folder);
    *l = (struct mask_list){0};
}

/* ---- one video -------------------------------------------------------------------------------*/

void mask_video_close(struct mask_video *v)
{
    media_close(v->reader);
    v->reader = NULL;
    v->at = v->have = -1;
}

void mask_video_release(struct mask_video *v)
{
    mask_video_close(v);
    manifest_row_release(&v->row);
    str_release(&v->path);
    image_release(&v->picture);
    image_release(&v->grey);
    image_release(&v->aligned);
}

int mask_video_open(struct mask_video *v, const struct mask_list *l, const char *video,
                    const long long *frames, size_t n, struct err *err)
{
    long long index = l->open && n ? manifest_find(&l->fetch, video) : -1;
    const char *mask;
    int r;

    mask_video_close(v);
    if (index < 0)
        return 0;
    r = manifest_read(&l->fetch, (size_t)index, &v->row, err);
    mask = r ? NULL : v->row.field[l->mask];
    if (r || !mask)
        return r;
    if (manifest_int(&v->row, l->width, &v->width, NULL) ||
        manifest_int(&v->row, l->height, &v->height, NULL))
        v->width = v->height = 0;
    fs_join(l->folder.s, mask, &v->path);
    if (str_failed(&v->path))
        return err_nomem(err);
    r = media_open(&v->reader, v->path.s, NULL, err);
    if (!r)
        media_want(v->reader, frames, n);
    return r;
}

void mask_cut(struct image *grey)
{
    int x, y;

    for (y = 0; y < grey->height; y++) {
        uint8_t *p = image_row(grey, y);

        for (x = 0; x < grey->width; x++)
            p[x] = p[x] > MASK_THRESHOLD ? 255 : 0;
    }
}

/* 1 = v->grey is frame `index`, 0 = there is no such frame. */
static int go_to(struct mask_video *v, long long index, struct err *err)
{
    int r = 1;

    while (v->at < index && r == 1) {
        r = media_next(v->reader, &v->at, NULL, err);
        if (r < 0)
            return r;
    }
    if (r == 0 || v->at != index)
        return 0;
    if (v->have == index)
        return 1;
    r = media_picture(v->reader, &v->picture, err);
    if (!r)
        r = image_to_grey(&v->grey, &v->picture, err);
    v->have = r ? -1 : index;
    return r ? r : 1;
}

int mask_video_warp(struct mask_video *v, const struct warp_ops *warp, long long index,
                    const struct mat3 *m, int size_px, struct err *err)
{
    struct mat3 from_mask = *m;
    int r;

    if (!v->reader)
        return 0;
    r = go_to(v, index, err);
    if (r != 1)
        return r;
    if (v->width > 0 && v->height > 0 &&
        (v->grey.width != v->width || v->grey.height != v->height)) {
        /* Pixels are areas: edges go to edges. */
        double sx = (double)v->width / v->grey.width, sy = (double)v->height / v->grey.height;
        struct mat3 grow = {{sx, 0, sx / 2 - 0.5, 0, sy, sy / 2 - 0.5, 0, 0, 1}};

        from_mask = mat3_multiply(m, &grow);
    }
    r = image_shape(&v->aligned, size_px, size_px, 1, err);
    if (!r)
        r = warp_perspective(warp, &v->aligned, &v->grey, &from_mask, err);
    if (r)
        return r;
    mask_cut(&v->aligned);
    return 1;
}
