#include "extract/crop.h"

#include <math.h>

/* A side of length `size` about the middle of [a, b), clipped to [0, limit). */
static void grow_side(int *a, int *b, double grow, int limit)
{
    double middle = ((double)*a + *b) / 2, size = ((double)*b - *a) * grow;
    double lo = floor(middle - size / 2 + 0.5), hi = floor(middle + size / 2 + 0.5);

    *a = (int)(lo < 0 ? 0 : lo > limit ? limit : lo);
    *b = (int)(hi < 0 ? 0 : hi > limit ? limit : hi);
}

struct rect crop_box(struct rect face, double grow, int width, int height)
{
    grow_side(&face.x0, &face.x1, grow, width);
    grow_side(&face.y0, &face.y1, grow, height);
    return face;
}
