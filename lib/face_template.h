/*
 * Where the five points of a face go in an aligned picture: the templates of the field, by name.
 *
 * The five points, in this order: left eye, right eye (in the image), nose tip, left and right
 * corner of the mouth. Which landmarks stand for them differs by template.
 */
#ifndef LP_FACE_TEMPLATE_H
#define LP_FACE_TEMPLATE_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/landmarks.h"

#define FACE_POINTS 5

struct face_template {
    const char *name;
    const char *source; /* where the numbers come from */
    int size_px;        /* side of the aligned picture unless another is asked for */
    double scale;       /* the usual scale: what it means is up to `points` */
    bool shrinks;       /* a larger scale shows more around the face; else it enlarges the face */
    /* The template points in a picture of `size` pixels. NULL where they depend on the face, or are
     * `own`. */
    void (*points)(double scale, double size, struct point to[FACE_POINTS]);
    /* The same points of a face. */
    void (*pick)(const struct landmarks *l, struct point from[FACE_POINTS]);
    /* Instead of points: the similarity itself; false if the landmarks have no extent. */
    bool (*place)(double scale, double size, const struct landmarks *l, struct mat3 *m);
    /* Instead of points: they are these at scale 1, in sides of the picture. */
    struct point own[FACE_POINTS];
};

/* NULL-terminated, in the order of the configuration's enum align.template. */
extern const struct face_template *const face_templates[];

const struct face_template *face_template_find(const char *name); /* NULL if there is none */

/* A template of the user's own: five points in sides of the picture, scaled about its middle, from
 * eye centres, nose tip and mouth corners. */
struct face_template face_template_own(const struct point points[FACE_POINTS], int size_px);

/* Frame pixels -> aligned pixels: the least-squares similarity from the face's points to the
 * template's, or what the template's own rule says. ERR_DATA if the landmarks have no extent. */
int face_template_fit(const struct face_template *t, double scale, double size,
                      const struct landmarks *l, struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
