/* What the variants of the warp share: private to warp.c and x86/warp_avx2.c.
 *
 * Equal bytes by construction: positions are computed in double by the same operations in the same
 * order, then cut to whole 1/2048 pixels; from there on all is integers. The blend of two taps in a
 * row is kept with 7 bits after the point, so that it fits 16 bits with its sign and the two rows
 * meet in one multiplication of vectors. The position is off by at most 1/4096 pixel, so a sample
 * by at most 255/4096 * 2 = 0.125 before rounding, and 1/256 through the 7 bits. */
#ifndef LP_WARP_INTERNAL_H
#define LP_WARP_INTERNAL_H

#include "lib/warp.h"

#define WARP_BITS 11
#define WARP_ONE  (1 << WARP_BITS)
#define WARP_KEEP 7 /* bits after the point of a row's blend */
#define WARP_CUT  (WARP_BITS - WARP_KEEP)
#define WARP_LAST (WARP_BITS + WARP_KEEP)
/* Added before the cut, so that it rounds to the nearest and never meets a negative number. */
#define WARP_BIAS (4 * WARP_ONE + 0.5)

void warp_pixel_c(uint8_t *dst, const struct image *src, int u, int v);
void warp_ops_init_x86(struct warp_ops *ops, unsigned cpu_mask);

#endif
