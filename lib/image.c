#include "lib/image.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/grey.h"
#include "lib/mem.h"

int image_shape(struct image *img, int width, int height, int channels, struct err *err)
{
    size_t stride, need;

    if (width < 1 || height < 1 || width > IMAGE_MAX_SIDE || height > IMAGE_MAX_SIDE)
        return err_set(err, ERR_DATA, "picture of %d x %d pixels: sides must be 1 to %d", width,
                       height, IMAGE_MAX_SIDE);
    if ((long long)width * height > IMAGE_MAX_PIXELS)
        return err_set(err, ERR_DATA, "picture of %d x %d pixels: more than %d pixels", width,
                       height, IMAGE_MAX_PIXELS);
    if (channels != 1 && channels != 3)
        return err_set(err, ERR_FAULT, "picture of %d channels", channels);
    stride = ((size_t)width * (size_t)channels + MEM_ALIGN - 1) / MEM_ALIGN * MEM_ALIGN;
    need = stride * (size_t)height + MEM_ALIGN; /* vector code may write past the last row */
    if (img->capacity < need) {
        uint8_t *p = mem_aligned(need, 1);

        if (!p)
            return err_nomem(err);
        image_release(img);
        img->data = p;
        img->capacity = need;
    }
    img->width = width;
    img->height = height;
    img->channels = channels;
    img->stride = (ptrdiff_t)stride;
    return 0;
}

int image_copy(struct image *dst, const struct image *src, struct err *err)
{
    return image_crop(dst, src, 0, 0, src->width, src->height, err);
}

void image_fill(struct image *img, uint8_t value)
{
    int y;

    for (y = 0; y < img->height; y++)
        memset(image_row(img, y), value, (size_t)img->width * (size_t)img->channels);
}

struct image image_view(const struct image *img, int x, int y, int w, int h)
{
    struct image v = *img;

    v.data = image_row(img, y) + (ptrdiff_t)x * img->channels;
    v.width = w;
    v.height = h;
    v.capacity = 0;
    return v;
}

int image_crop(struct image *dst, const struct image *src, int x, int y, int w, int h,
               struct err *err)
{
    size_t c = (size_t)src->channels;
    long long x0, x1; /* columns of dst that src covers */
    int i, r;

    r = image_shape(dst, w, h, src->channels, err);
    if (r)
        return r;
    x0 = x < 0 ? -(long long)x : 0;
    x1 = (long long)src->width - x;
    x0 = x0 > w ? w : x0;
    x1 = x1 > w ? w : x1 < x0 ? x0 : x1;
    for (i = 0; i < h; i++) {
        uint8_t *out = image_row(dst, i);
        long long from = (long long)y + i;

        if (from < 0 || from >= src->height) {
            memset(out, 0, (size_t)w * c);
            continue;
        }
        memset(out, 0, (size_t)x0 * c);
        if (x1 > x0)
            memcpy(out + (size_t)x0 * c, image_row(src, (int)from) + (size_t)(x + x0) * c,
                   (size_t)(x1 - x0) * c);
        memset(out + (size_t)x1 * c, 0, (size_t)(w - x1) * c);
    }
    return 0;
}

int image_to_grey(struct image *dst, const struct image *src, struct err *err)
{
    struct grey_ops ops;
    int y, r;

    if (src->channels == 1)
        return image_copy(dst, src, err);
    r = image_shape(dst, src->width, src->height, 1, err);
    if (r)
        return r;
    grey_ops_init(&ops, cpu_mask());
    for (y = 0; y < src->height; y++)
        ops.row(image_row(dst, y), image_row(src, y), src->width);
    return 0;
}

void image_release(struct image *img)
{
    if (img->capacity)
        free(img->data);
    *img = (struct image)IMAGE_INIT;
}
