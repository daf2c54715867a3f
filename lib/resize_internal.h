/* What the variants of resizing share: private to resize.c and x86/resize_avx2.c. All is integers:
 * 255 * 2^14 < 2^22. */
#ifndef LP_RESIZE_INTERNAL_H
#define LP_RESIZE_INTERNAL_H

#include "lib/resize.h"

#define RESIZE_CUT (RESIZE_BITS - 8) /* bits dropped from a sum of rows */

void resize_ops_init_x86(struct resize_ops *ops, unsigned cpu_mask);

#endif
