/*
 * Luma of a row of pixels: (77 R + 150 G + 29 B + 128) >> 8, BT.601's weights (ITU-R BT.601, 2.5.1)
 * in 1/256. A plain C reference; faster variants stand behind the same table and give the same
 * bytes. Whole pictures: image_to_grey().
 */
#ifndef LP_GREY_H
#define LP_GREY_H

#include <stdint.h>

struct grey_ops {
    /* out[x] of rgb[3 x] .. rgb[3 x + 2], x = 0 .. n-1; they do not overlap. */
    void (*row)(uint8_t *restrict out, const uint8_t *restrict rgb, int n);
};

/* Fills the table with the best variant that `cpu_mask` (lib/cpu.h; ~0u = all) allows. */
void grey_ops_init(struct grey_ops *ops, unsigned cpu_mask);

#endif
