/*
 * Facial landmarks in the iBUG 68-point order (0-based): 0-16 jaw, 17-21 and 22-26 brows,
 * 27-30 nose ridge, 31-35 nostrils, 36-41 and 42-47 eyes (left and right in the image), 48-59
 * outer and 60-67 inner lips. The 81-point order adds 68-80, the forehead.
 * On disk: landmarks/<video>.npy, float32, shape (sampled frames, 68 or 81, 2), x then y in
 * full-frame pixels; a row of NaN where no face was found.
 */
#ifndef LP_LANDMARKS_H
#define LP_LANDMARKS_H

#include "lib/geometry.h"
#include "lib/npy.h"

#define LANDMARKS_MAX 81

struct landmarks {
    int n; /* 68 or 81 */
    struct point p[LANDMARKS_MAX];
};

/* Row `row` of an array read from such a file. ERR_DATA (naming `path`) when the array has another
 * shape or type, the row is out of range, or a value is not finite. */
int landmarks_from_npy(const struct npy *a, const char *path, size_t row, struct landmarks *out,
                       struct err *err) LP_MUST_CHECK;

/* Mean of points 36-41 (left in the image) and of 42-47, not truncated. */
struct point landmarks_eye_left(const struct landmarks *l);
struct point landmarks_eye_right(const struct landmarks *l);

/* Distance between the two, pixels: the yardstick for landmark errors. */
double landmarks_eye_distance(const struct landmarks *l);

void landmarks_transform(struct landmarks *l, const struct mat3 *m);
void landmarks_shift(struct landmarks *l, double dx, double dy);

#endif
