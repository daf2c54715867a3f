/*
 * Pixels in memory. 8-bit, interleaved, rows top to bottom; 3 channels are R, G, B, 1 channel is
 * grey or a mask. Full range 0..255. The origin is the top-left corner; pixel (x, y) has its
 * centre at coordinates (x, y), as in OpenCV and in dlib's landmarks.
 */
#ifndef LP_IMAGE_H
#define LP_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define IMAGE_MAX_SIDE   32768     /* pixels; larger is refused as damage */
#define IMAGE_MAX_PIXELS (1 << 27) /* 134 megapixels, a little above 16k video; likewise */

struct image {
    uint8_t *data;     /* MEM_ALIGN aligned when owned */
    int width, height; /* pixels */
    int channels;      /* 1 or 3 */
    ptrdiff_t stride;  /* bytes between two rows; a multiple of MEM_ALIGN when owned */
    size_t capacity;   /* bytes owned; 0 = a view of somebody else's pixels */
};

#define IMAGE_INIT                                                                                 \
    {                                                                                              \
        0                                                                                          \
    }

/* Gives img this shape, reusing its memory where it is large enough (so a loop allocates nothing
 * in the steady state). The pixels are undefined. A view is turned into an owner. ERR_DATA when the
 * sides are below 1 or above the limits. */
int image_shape(struct image *img, int width, int height, int channels,
                struct err *err) LP_MUST_CHECK;

/* dst = src. They must not share pixels; neither in image_crop. */
int image_copy(struct image *dst, const struct image *src, struct err *err) LP_MUST_CHECK;
void image_fill(struct image *img, uint8_t value);

/* A view of the part [x, x+w) x [y, y+h), which must lie inside. Do not release a view's pixels;
 * image_release on it is harmless.
 */
struct image image_view(const struct image *img, int x, int y, int w, int h);

/* dst = the part [x, x+w) x [y, y+h) of src, pixels outside of src black. */
int image_crop(struct image *dst, const struct image *src, int x, int y, int w, int h,
               struct err *err) LP_MUST_CHECK;

/* dst (1 channel) = luma of src: (77 R + 150 G + 29 B + 128) >> 8, BT.601 weights. Exact for grey
 * stored as RGB. A grey src is copied. */
int image_to_grey(struct image *dst, const struct image *src, struct err *err) LP_MUST_CHECK;

static inline uint8_t *image_row(const struct image *img, int y)
{
    return img->data + (ptrdiff_t)y * img->stride;
}

void image_release(struct image *img);

#endif
