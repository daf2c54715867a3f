/*
 * cv::seamlessClone(NORMAL_CLONE), as the published code calls it, with what is peculiar to it
 * (photo/src/seamless_cloning_impl.cpp, OpenCV 4.6): the equation is solved on the whole bounding
 * rectangle of the mask, with the gradient of the foreground where the mask, eroded by three
 * pixels, is set and that of the background elsewhere; the outermost ring of the picture counts as
 * outside; the result is truncated. The transform is
 * computed in doubles here (floats there), so a pixel may differ by one grey level where the exact
 * value is next to a whole number.
 */
#ifndef LP_SWAP_PUBLISHED_CLONE_H
#define LP_SWAP_PUBLISHED_CLONE_H

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"

/* Zero-initialise, reuse, published_clone_release(). One a worker. */
struct published_clone {
    double *sine_even, *sine_odd; /* of the transform along a row */
    double *rhs, *spectrum, *fold;
    uint8_t *eroded, *across;
    int sine_n;
    size_t sine_even_cap, sine_odd_cap, rhs_cap, spectrum_cap, fold_cap, eroded_cap, across_cap;
};

/*
 * out = bg with fg cloned where mask (1 channel) is 255, the middle of the mask's bounding
 * rectangle put at (cx, cy). Returns 0 with *pasted = where the rectangle went; 1 when OpenCV
 * would throw (the rectangle does not lie in the picture, or is thinner than 3 pixels) and out is
 * undefined; negative on error. out is reshaped; it must not be fg or bg.
 */
int published_clone(struct published_clone *s, struct image *out, const struct image *fg,
                    const struct image *bg, const struct image *mask, int cx, int cy,
                    struct rect *pasted, struct err *err) LP_MUST_CHECK;

void published_clone_release(struct published_clone *s);

#endif
