/*
 * Outlines of a face for the methods that make fakes of real frames: Face X-ray (Li et al., CVPR
 * 2020) draws one of four masks made from landmarks, which the codes of SBI, I2G and FWA took over.
 */
#ifndef LP_SWAP_REGION_H
#define LP_SWAP_REGION_H

#include "lib/rng.h"
#include "swap/hull.h"

#define REGION_PARTS 8

enum region_kind {
    REGION_DFL,        /* jaw and mouth, nose ridge, brows: three hulls */
    REGION_EXTENDED,   /* as COMPONENTS, with the brows lifted by half of their way to the eyes */
    REGION_COMPONENTS, /* union of eight hulls: jaws, cheeks, nose ridge, eyes, nose */
    REGION_FULL,       /* the convex hull of all points (swap/hull.h) */
    REGION_INNER,      /* hull of brows, eyes, nose and mouth, without the jaw; of FWA */
    REGION_KINDS
};

/* The union of some outlines. */
struct region {
    int parts;
    struct polygon part[REGION_PARTS];
};

/* Names in the order of the enum: "dfl", "extended", "components", "full", "inner". */
extern const char *const region_names[REGION_KINDS + 1];

/* An even draw among the bits set in `allowed` (bit k: kind k); REGION_FULL if there are none. */
enum region_kind region_draw(unsigned allowed, struct rng *rng);

/* In the landmarks' pixels. `hull` and `lift` are for REGION_FULL, `used` as in hull_of_face(). */
void region_of_face(const struct landmarks *l, enum region_kind kind, enum hull_kind hull,
                    double lift, struct region *region, enum hull_kind *used);

void region_transform(struct region *region, const struct mat3 *m);
void region_refine(struct region *region, double step);
void region_clip(struct region *region, const struct polygon *window);
struct rect region_bounds(const struct region *region);

/* As polygon_fill(), all parts. */
struct rect region_fill(struct image *mask, const struct region *region, uint8_t value);

#define REGION_NODES 4 /* of the piecewise-affine grid, a side */

/*
 * Piecewise-affine deformation (imgaug's, which those codes use): a grid of 4 x 4 nodes over the
 * square 0 .. side, each moved by a normal of standard deviation sd_px on each axis, linear on the
 * two triangles of each cell. Beyond the square the nearest point of it counts.
 */
void region_deform(struct region *region, double side, double sd_px, struct rng *rng);

#endif
