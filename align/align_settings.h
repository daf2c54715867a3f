/* What the section align: says about faces: template, size, format. */
#ifndef LP_ALIGN_SETTINGS_H
#define LP_ALIGN_SETTINGS_H

#include <stdbool.h>

#include "lib/conf.h"
#include "lib/face_template.h"
#include "lib/media.h"

struct align_settings {
    const struct face_template *template; /* one of lib's, or &own */
    struct face_template own;
    double scale, margin;
    int size_px;
    enum media_format format;
    int quality;
    bool area; /* average what shrinks */
    bool masks;
};

/* ERR_CONFIG for a custom template without ten numbers or without a size. The struct must stay
 * where it is. */
int align_settings_read(const struct conf *c, struct align_settings *s,
                        struct err *err) LP_MUST_CHECK;

/* Frame pixels -> aligned pixels, with the margin; the face `enlarged` times as large as the
 * settings want it (1 for the plain set). ERR_DATA if the landmarks have no extent. */
int align_settings_fit(const struct align_settings *s, double enlarged, const struct landmarks *l,
                       struct mat3 *m, struct err *err) LP_MUST_CHECK;

/* Where five points of a face are in its aligned picture: the template's, or, where they depend on
 * the face, its own under `m`. */
void align_settings_points(const struct align_settings *s, double enlarged,
                           const struct landmarks *l, const struct mat3 *m,
                           struct point to[FACE_POINTS]);

const char *align_suffix(const struct align_settings *s); /* "png" or "jpg" */

#endif
