/*
 * The 13 forehead points of the 81-point order, from 68 measured ones: for consumers that want 81
 * and do not look at more than where the face ends. They are extrapolated, never measured, and what
 * is made of them says so (landmark_kind extrapolated81).
 *
 * How: a mean face with depth is fitted to brows, eyes, nose and mouth by an affine camera (least
 * squares, 8 parameters: head pose, size, proportions), which also sees its hairline; then each
 * side follows its measured brow. Of the mean face, x and y are means over ten people's frontal
 * frames, made symmetric; depths and hairline are from anthropometry (trichion to nasion about 1.1
 * eye distances). Hair and bald heads are not seen: the real hairline may be a third of an eye
 * distance higher or lower.
 */
#ifndef LP_FOREHEAD_H
#define LP_FOREHEAD_H

#include "lib/landmarks.h"

/* The forehead from the left of the picture to the right (indices in the 81-point order). */
extern const int forehead_order[13];

/* out = the 68 points of `l` and 13 more; a copy if it has 81 already. False (and no points) if the
 * landmarks are degenerate. */
bool forehead_complete(const struct landmarks *l, struct landmarks *out);

#endif
