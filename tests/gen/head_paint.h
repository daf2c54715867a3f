/*
 * The colours of a head: skin, eyes, brows, lips, nostrils, hair, as a function of the place on the
 * surface. Everything is drawn from the curves of head_model.h with edges one pixel soft.
 */
#ifndef LP_HEAD_PAINT_H
#define LP_HEAD_PAINT_H

#include "tests/gen/head_model.h"

#define PAINT_TILE 128 /* side of the noise tile */

struct paint {
    double albedo[3]; /* linear light */
    double shade;     /* what part of the light comes in here, 0..1 */
    double gloss;     /* strength of the highlight */
    double glow;      /* light added, for the reflection in the eye */
};

struct painter {
    const struct head_face *face;
    const float *tile; /* PAINT_TILE squared, in -1..1, of this person */
    double soft;       /* half a pixel, in eye distances */
};

/* Fills the person's tile. */
void paint_make_tile(float *tile, uint64_t seed, const char *name);

/* Smooth noise of the tile at (x, y), one tile cell a unit; about -1..1. */
double paint_noise(const float *tile, double x, double y);

/* How far above the hair's edge the place is, in eye distances; negative = skin. a: ring angle. */
double paint_hair_depth(const struct head_identity *id, double v, double a);

/* The head's own surface at front coordinates (u, v), ring angle a. */
void paint_head(const struct painter *p, double u, double v, double a, struct paint *out);

/* The rest. */
void paint_skin(const struct painter *p, double u, double v, struct paint *out);
void paint_neck(const struct painter *p, double u, double v, struct paint *out);
void paint_shirt(const struct painter *p, double u, double v, struct paint *out);
void paint_hair(const struct painter *p, double v, double a, struct paint *out);

#endif
