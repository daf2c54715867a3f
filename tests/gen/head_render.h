/*
 * Draws a head (head_model.h) over a background: a mesh, perspective, a depth buffer with four
 * samples a pixel, one key light and ambient light.
 */
#ifndef LP_HEAD_RENDER_H
#define LP_HEAD_RENDER_H

#include "lib/image.h"
#include "tests/gen/head_model.h"

/* Scratch of one thread; grows, never shrinks. */
struct head_renderer;

int head_renderer_new(struct head_renderer **r, struct err *err) LP_MUST_CHECK;
void head_renderer_free(struct head_renderer *r); /* NULL is fine */

/* out = the head over `background` (RGB; the shape of out follows it). Without noise. */
int head_render(struct head_renderer *r, const struct head_face *face,
                const struct image *background, struct image *out, struct err *err) LP_MUST_CHECK;

/* A room: wall, furniture, pictures, out of focus. `out` is already shaped, 3 channels. A pure
 * function of (seed, name). */
int head_background(struct image *out, uint64_t seed, const char *name,
                    struct err *err) LP_MUST_CHECK;

#endif
