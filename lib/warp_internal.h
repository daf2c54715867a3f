/* What the variants of the warp share: private to warp.c and x86/warp_avx2.c.
 *
 * Equal bytes by construction: positions are computed in double by the same operations in the same
 * order, then cut to whole 1/2048 pixels; from there on all is integers, which never overflow:
 * 255 * 2048 * 2048 < 2^31. The position is off by at most 1/4096 pixel, so a sample by at most
 * 255/4096 * 2 = 0.125 before rounding. */
#ifndef LP_WARP_INTERNAL_H
#define LP_WARP_INTERNAL_H

#include "lib/warp.h"

#define WARP_BITS 11
#define WARP_ONE  (1 << WARP_BITS)
#define WARP_HALF (1 << (2 * WARP_BITS - 1))
/* Added before the cut, so that it rounds to the nearest and never meets a negative number. */
#define WARP_BIAS (4 * WARP_ONE + 0.5)

void warp_pixel_c(uint8_t *dst, const struct image *src, int u, int v);
void warp_ops_init_x86(struct warp_ops *ops, unsigned cpu_mask);

#endif
