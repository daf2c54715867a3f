/* What the variants of grey rows share: private to grey.c and x86/grey_avx2.c. */
#ifndef LP_GREY_INTERNAL_H
#define LP_GREY_INTERNAL_H

#include "lib/grey.h"

enum { GREY_RED = 77, GREY_GREEN = 150, GREY_BLUE = 29, GREY_HALF = 128, GREY_BITS = 8 };

static inline void grey_from(int x, uint8_t *restrict out, const uint8_t *restrict rgb, int n)
{
    for (; x < n; x++)
        out[x] = (uint8_t)((GREY_RED * rgb[3 * x] + GREY_GREEN * rgb[3 * x + 1] +
                            GREY_BLUE * rgb[3 * x + 2] + GREY_HALF) >>
                           GREY_BITS);
}

void grey_ops_init_x86(struct grey_ops *ops, unsigned cpu_mask);

#endif
