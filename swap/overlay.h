/* The end of every method that makes its fakes of real frames: one picture over another. */
#ifndef LP_SWAP_OVERLAY_H
#define LP_SWAP_OVERLAY_H

#include "swap/method.h"

/*
 * out->image = (mask fg + (255 - mask) bg) / 255, rounded, with out->mask; the box is the smallest
 * around all pixels that are not bg's. Fills mode, blend, foreground and has_box. ERR_DATA when the
 * mask has too few pixels, the two pictures hardly differ in it, or nothing changes.
 */
int overlay(const struct swap_settings *set, const struct swap_scratch *s, const struct image *fg,
            const struct image *bg, enum swap_role foreground, struct swap_sample *out,
            struct err *err) LP_MUST_CHECK;

#endif
