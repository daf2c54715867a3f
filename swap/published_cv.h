/*
 * What the published code does through OpenCV, to the last bit where OpenCV computes in fixed
 * point: bilinear resizing, warping, and the small Gaussian of masks. Measured against OpenCV
 * 4.6.0: see tests/oracle/published.py.
 */
#ifndef LP_SWAP_PUBLISHED_CV_H
#define LP_SWAP_PUBLISHED_CV_H

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"

/* A plane of numbers, row after row. Zero-initialise, plane_shape(), plane_release(). */
struct plane {
    double *v;
    int width, height;
    size_t capacity;
};

int plane_shape(struct plane *p, int width, int height, struct err *err) LP_MUST_CHECK;
void plane_release(struct plane *p);

static inline double *plane_row(const struct plane *p, int y)
{
    return p->v + (ptrdiff_t)y * p->width;
}

/* The index that i stands for when the outermost pixel is a mirror (BORDER_REFLECT_101). */
int cv_reflect_101(int i, int n);

/* resize(INTER_LINEAR) of 8-bit pictures, 1 or 3 channels, to dst's shape: 11-bit weights; exactly
 * half the size is the mean of four (imgproc/src/resize.cpp). */
int cv_resize_linear(struct image *dst, const struct image *src, struct err *err) LP_MUST_CHECK;

/* warpPerspective(INTER_LINEAR, BORDER_CONSTANT 0) to dst's shape: source coordinates in 32nds of a
 * pixel (imgproc/src/imgwarp.cpp). `m` takes src to dst. ERR_DATA if it cannot be inverted. */
int cv_warp_perspective(struct image *dst, const struct image *src, const struct mat3 *m,
                        struct err *err) LP_MUST_CHECK;

#define CV_BLUR_REACH 2 /* pixels that the blur below reaches out */

/* GaussianBlur 5 x 5, sigma 3, of an 8-bit mask of one channel: weights in 256ths, rounded. Only
 * `area` is computed; the rest of dst (reshaped) is 0. */
int cv_blur_bytes(struct image *dst, const struct image *src, struct rect area,
                  struct err *err) LP_MUST_CHECK;

/* The same of numbers: weights and sums in double precision. dst (reshaped) is 0 outside area. */
int cv_blur_plane(struct plane *dst, const struct plane *src, struct rect area,
                  struct err *err) LP_MUST_CHECK;

/* cv::line, one pixel wide, 8-connected: sets the pixels of a w x h plane of bytes from (x0, y0) to
 * (x1, y1) to `value`; what leaves the plane is clipped first, as OpenCV does. */
void cv_line(uint8_t *pixels, ptrdiff_t stride, int w, int h, int x0, int y0, int x1, int y1,
             uint8_t value);

/* saturate_cast<int>(double): to the nearest, halves to even. */
int cv_round(double v);

#endif
