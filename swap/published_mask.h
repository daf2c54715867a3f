/*
 * The published mask of a whole face: the hull of the landmarks, filled, at times deformed.
 * CADDM lib/data_preprocess/mfs (bitmap by convexHull and fillPoly; elastic deformation).
 */
#ifndef LP_SWAP_PUBLISHED_MASK_H
#define LP_SWAP_PUBLISHED_MASK_H

#include "lib/landmarks.h"
#include "lib/rng.h"
#include "swap/published_cv.h"

/*
 * cv::convexHull and cv::fillPoly of landmarks in whole pixels: sets the pixels of a 1-channel mask
 * inside and on the outline to 255. fillPoly also draws the outline as Bresenham lines, so that the
 * mask is about half a pixel larger than the polygon all around. hull: room for LANDMARKS_MAX
 * points, which come out clockwise on screen. Returns the bounding rectangle of what was set.
 */
struct rect published_hull(struct image *mask, const struct landmarks *l, struct point *hull,
                           int *n_hull);

/* One component of the noise behind the deformation: uniform in [-1, 1), row after row. */
struct elastic_noise {
    const double *dx, *dy; /* height x width each */
};

/* Zero-initialise, reuse, published_elastic_release(). One a worker. */
struct published_elastic {
    double *noise, *part, *field, *tap;
    size_t noise_cap, part_cap, field_cap, tap_cap;
    struct image from;
};

/*
 * Simard, Steinkraus and Platt 2003 as the published code has it: both noise fields filtered by a
 * Gaussian of `sigma` pixels (scipy gaussian_filter: reflect, cut off at 4 sigma) times alpha;
 * mask(y, x) = bilinear mask(y + dy, x + dx), 0 outside, rounded. `area` bounds the mask and is
 * updated. noise NULL: the mask's own fields are drawn from `rng`, dx first. `rms` (or NULL): RMS
 * displacement over the area, pixels.
 */
int published_elastic(struct published_elastic *s, struct image *mask, struct rect *area,
                      double alpha, double sigma, const struct elastic_noise *noise,
                      struct rng *rng, double *rms, struct err *err) LP_MUST_CHECK;

void published_elastic_release(struct published_elastic *s);

/* The smallest rectangle around the pixels of a 1-channel mask that are not 0 (boundingRect). */
struct rect published_bounds(const struct image *mask);

#endif
