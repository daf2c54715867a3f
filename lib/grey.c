#include "lib/grey_internal.h"

static void row(uint8_t *restrict out, const uint8_t *restrict rgb, int n)
{
    grey_from(0, out, rgb, n);
}

void grey_ops_init(struct grey_ops *ops, unsigned cpu_mask)
{
    ops->row = row;
#if defined(__x86_64__)
    grey_ops_init_x86(ops, cpu_mask);
#else
    (void)cpu_mask;
#endif
}
