#include "evaluate/large_pages.h"

#include <stdint.h>
#include <sys/mman.h>

#define LARGE ((uintptr_t)1 << 21)
#define WORTH ((size_t)8 << 20) /* bytes */
#define PAGE  ((uintptr_t)4096)

void large_pages(void *p, size_t bytes)
{
    uintptr_t from = ((uintptr_t)p + PAGE - 1) & ~(PAGE - 1),
              to = ((uintptr_t)p + bytes) & ~(PAGE - 1);

    /* A hint: whether it is heard does not matter to the result. */
    if (bytes >= WORTH && to > from + LARGE)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}
