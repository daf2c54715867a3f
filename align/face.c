#include "align/face.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "align/coverage.h"
#include "lib/cpu.h"
#include "lib/fs.h"
#include "lib/mem.h"

int face_init(struct face *f, struct err *err)
{
    warp_area_init(&f->warp, cpu_mask());
    return media_codec_new(&f->codec, err);
}

void face_release(struct face *f)
{
    media_codec_free(f->codec);
    warp_area_release(&f->warp);
    image_release(&f->crop);
    image_release(&f->aligned);
    npy_release(&f->landmarks);
    free(f->landmarks_name);
    str_release(&f->path);
}

int face_landmarks(struct face *f, const char *folder, const char *name, long long row,
                   struct landmarks *l, struct err *err)
{
    int r;

    if (row < 0)
        return err_set(err, ERR_DATA, "the row of landmarks is %lld", row);
    fs_join(folder, name, &f->path);
    if (str_failed(&f->path))
        return err_nomem(err);
    if (!f->landmarks_name || strcmp(f->landmarks_name, name) != 0) {
        npy_release(&f->landmarks);
        free(f->landmarks_name);
        f->landmarks_name = NULL;
        r = npy_read(f->path.s, &f->landmarks, err);
        if (r)
            return r;
        f->landmarks_name = mem_strdup(name);
        if (!f->landmarks_name)
            return err_nomem(err);
    }
    return landmarks_from_npy(&f->landmarks, f->path.s, (size_t)row, l, err);
}

int face_crop(struct face *f, const char *folder, const char *name, long long width,
              long long height, struct err *err)
{
    int r;

    fs_join(folder, name, &f->path);
    if (str_failed(&f->path))
        return err_nomem(err);
    r = media_read_picture(f->codec, f->path.s, &f->crop, err);
    if (!r && ((width && f->crop.width != width) || (height && f->crop.height != height)))
        r = err_set(err, ERR_DATA, "'%s' is %dx%d pixels, its row says %lldx%lld", f->path.s,
                    f->crop.width, f->crop.height, width, height);
    return r;
}

int face_warp(struct face *f, const struct image *crop, const struct mat3 *m, double x, double y,
              const struct align_settings *s, struct err *err)
{
    struct mat3 from_crop = mat3_identity();
    int r;

    /* The crop's pixel (0, 0) is the frame's (x, y). */
    from_crop.m[2] = x;
    from_crop.m[5] = y;
    from_crop = mat3_multiply(m, &from_crop);
    f->outside = coverage_outside(&from_crop, crop->width, crop->height, s->size_px);
    r = image_shape(&f->aligned, s->size_px, s->size_px, crop->channels, err);
    if (r)
        return r;
    return s->area ? warp_perspective_area(&f->warp, &f->aligned, crop, &from_crop, err)
                   : warp_perspective(&f->warp.ops, &f->aligned, crop, &from_crop, err);
}

int face_write(struct face *f, const struct image *picture, const char *folder, const char *name,
               const struct align_settings *s, struct err *err)
{
    fs_join(folder, name, &f->path);
    if (str_failed(&f->path))
        return err_nomem(err);
    return media_write_picture(f->codec, f->path.s, picture, s->format, s->quality, err);
}

bool face_stops_the_run(int code)
{
    return code == -ENOMEM || code == ERR_IO || code == ERR_CREATE || code == ERR_SYSTEM;
}
