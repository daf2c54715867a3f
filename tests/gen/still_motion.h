/*
 * A clip from one photograph: a slow hand-held camera (pan, zoom, turn), and small smooth warps of
 * the face (a slight turn and nod, talking, brows, smile). It stands in for video of a further
 * person where only a photograph can be had, and names of such sequences say "still".
 */
#ifndef LP_STILL_MOTION_H
#define LP_STILL_MOTION_H

#include <stdint.h>

#include "lib/image.h"
#include "lib/landmarks.h"

#define STILL_FIELDS 8

/* One bell of displacement, in the photograph's pixels. */
struct still_field {
    struct point at;       /* its middle */
    double rx, ry;         /* its standard deviations */
    struct point shift;    /* of the middle, at full strength */
    double rate_hz, phase; /* of its strength, which is a sine; 0 Hz = talking, irregular */
};

struct still_motion {
    int width, height; /* of the clip, pixels */
    const struct image *photo;
    struct landmarks points; /* in the photograph */
    double scale;            /* clip pixels a photograph pixel */
    double eye_px;           /* in the photograph */
    struct point center;     /* of the face, in the photograph */
    double pan, zoom, turn;  /* amplitudes: clip pixels, share, radians */
    double rate_hz[4], phase[4];
    struct still_field fields[STILL_FIELDS];
    int n_fields;
};

/* `photo` (RGB) stays the caller's and must outlive m. A pure function of (photo, points, seed,
 * name). width and height: of the clip. */
void still_motion_make(struct still_motion *m, const struct image *photo,
                       const struct landmarks *points, int width, int height, uint64_t seed,
                       const char *name);

/* The picture at `t` seconds (out is reshaped), and where the landmarks are in it. */
int still_motion_at(const struct still_motion *m, double t, struct image *out,
                    struct landmarks *points, struct err *err) LP_MUST_CHECK;

#endif
