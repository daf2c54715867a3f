/*
 * Resampling under a homography: bilinear, zero outside. Plain C reference; faster variants stand
 * behind the same table and are checked against it.
 */
#ifndef LP_WARP_H
#define LP_WARP_H

#include "lib/geometry.h"
#include "lib/image.h"

struct warp_ops {
    /* One destination row: for x = 0 .. n-1 samples src at source coordinates
     * ((m0 x + m1 y + m2)/w, ...) given the inverse map `inv`. 1 or 3 channels. */
    void (*row)(uint8_t *dst, int n, int y, const struct image *src, const struct mat3 *inv);
};

/* Fills the table with the best variant that `cpu_mask` (lib/cpu.h; ~0u = all) allows. */
void warp_ops_init(struct warp_ops *ops, unsigned cpu_mask);

/* dst (already shaped; same channels as src) = src warped by `m` (source to destination), bilinear
 * on the 8-bit values, rounded, black outside. ERR_DATA if m cannot be inverted. */
int warp_perspective(const struct warp_ops *ops, struct image *dst, const struct image *src,
                     const struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
