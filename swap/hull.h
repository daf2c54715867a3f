/* The outline of a face. */
#ifndef LP_SWAP_HULL_H
#define LP_SWAP_HULL_H

#include "lib/landmarks.h"
#include "swap/polygon.h"

enum hull_kind {
    HULL_MEASURED, /* the hull of all 81 points; with 68 points as HULL_EXTENDED */
    HULL_EXTENDED, /* the hull of 68 points and the ten brow points lifted */
    HULL_PLAIN,    /* the hull of 68 points: ends at the brows */
};

/*
 * Convex hull of the landmarks, in their pixels. HULL_EXTENDED adds each brow point moved by
 * `lift` times the vector from the middle of the twelve eye points to the middle of the ten brow
 * points. (The 13 forehead points of the 81-point model lie at about 1 to 2 times this distance.)
 * *used says which kind it came to.
 */
void hull_of_face(const struct landmarks *l, enum hull_kind kind, double lift, struct polygon *hull,
                  enum hull_kind *used);

const char *hull_name(enum hull_kind kind);

#endif
