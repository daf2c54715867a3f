/* Frozen augmented sets: copies of each face with the training jitter of lib/face_jitter.h. */
#ifndef LP_JITTER_H
#define LP_JITTER_H

#include "align/align_settings.h"
#include "lib/face_jitter.h"

struct jitter_settings {
    uint64_t seed;
    struct face_jitter_spread spread; /* as published: of a picture of 224 pixels, scale 0.9 */
};

void jitter_settings_read(const struct conf *c, struct jitter_settings *s);

/* For an aligned picture of size_px; j->scale is times the settings' size of the face. A pure
 * function of its arguments; `copy` counts from 1. */
void jitter_draw(const struct jitter_settings *s, int size_px, unsigned copy, const char *id,
                 struct face_jitter *j);

/* Frame pixels -> aligned pixels. ERR_DATA if the landmarks have no extent. */
int jitter_fit(const struct align_settings *s, const struct face_jitter *j,
               const struct landmarks *l, struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
