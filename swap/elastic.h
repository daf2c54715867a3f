/*
 * Elastic deformation of a face's outline (after Simard, Steinkraus, Platt 2003), relative to the
 * face's size.
 *
 * The displacement field is white noise on a square grid, smoothed with the cubic B-spline, which
 * is a Gaussian of standard deviation 0.577 grid spacings to within 2 %; the spacing is chosen so
 * that this is `sigma` face widths. Both components are then scaled so that the displacement of
 * the outline has exactly the wanted RMS. (The reference code's field, alpha / (sqrt(12 pi) sigma),
 * comes to 0.75 to 1.7 pixels in a whole frame: next to nothing, and less the larger the frame.)
 */
#ifndef LP_SWAP_ELASTIC_H
#define LP_SWAP_ELASTIC_H

#include "lib/rng.h"
#include "swap/polygon.h"

/* Moves the outline's points, which should be close together (polygon_refine()). `width_px`: the
 * face's width in the outline's pixels; sigma and rms are fractions of it, sigma >= 0.01. Returns
 * the RMS displacement that was measured, in pixels. */
double elastic_deform(struct polygon *outline, double width_px, double sigma, double rms,
                      struct rng *rng);

/* The same of some outlines in one field, so that they move together. */
double elastic_deform_parts(struct polygon *part, int parts, double width_px, double sigma,
                            double rms, struct rng *rng);

#endif
