/*
 * A face swap from landmarks: the donor's face is warped onto the target's landmarks piece by
 * piece (a triangulation of the 68 points and of the brows lifted), its colours are moved towards
 * the target's, and it is blended in with a soft edge. Two styles stand for two families of real
 * methods; they differ in edges (sharp or soft), colours and sharpness, so that a detector of one
 * need not see the other.
 */
#ifndef LP_FACESWAP_H
#define LP_FACESWAP_H

#include "lib/geometry.h"
#include "lib/image.h"
#include "lib/landmarks.h"

struct faceswap_style {
    const char *method; /* FF++'s folder */
    double feather;     /* width of the soft edge, in eye distances */
    double inset;       /* how far the edge lies inside the mesh, in eye distances */
    double color;       /* 0 = the donor's colours, 1 = mean and spread of the target's */
    double shrink;      /* the face passes through a picture this many times smaller; 1 = none */
    int shortest;       /* 1: ends with the shorter video, as FaceSwap's tool does */
};

/* "Deepfakes": soft, colour-matched, blurred by the network's small picture. "FaceSwap": sharp
 * edge, half-matched colours, little blur. */
extern const struct faceswap_style faceswap_styles[];
extern const int faceswap_n_styles;

/* Scratch of one thread; zero-initialise, release. Grows, never shrinks. */
struct faceswap {
    struct image warped, small, big;
    float *mask, *sum; /* of the region, row-major */
    size_t mask_cap, sum_cap;
    int triangles[256][3];
    int n_triangles;
};

/*
 * out (reshaped like target) = target with the donor's face. `alpha` (1 channel, like target, may
 * be NULL) is what part of each pixel is new, 0..255; `changed` (may be NULL) is the smallest box
 * of alpha > 0, empty when the face lies outside. Both landmark sets have 68 finite points.
 */
int faceswap(struct faceswap *s, const struct faceswap_style *style, const struct image *donor,
             const struct landmarks *donor_points, const struct image *target,
             const struct landmarks *target_points, struct image *out, struct image *alpha,
             struct rect *changed, struct err *err) LP_MUST_CHECK;

void faceswap_release(struct faceswap *s);

#endif
