/* Large pages for the arrays over all frames: fewer page faults, and a scatter over 100 MiB misses
 * the TLB less. */
#ifndef LP_HUGE_H
#define LP_HUGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

/* A hint only: whether the system follows it does not matter to the result. */
static inline void huge_advise(void *p, size_t bytes)
{
    uintptr_t from = ((uintptr_t)p + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    uintptr_t to = ((uintptr_t)p + bytes) / HUGE_PAGE * HUGE_PAGE;

    if (p && bytes >= 4 * HUGE_PAGE && to > from)
        (void)!madvise((char *)p + (from - (uintptr_t)p), to - from, MADV_HUGEPAGE);
}

#endif
