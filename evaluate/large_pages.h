/* Arrays over all frames are touched once from end to end: the kernel's page faults, one every
 * 4 KiB, then cost as much as a pass of the sort. */
#ifndef LP_LARGE_PAGES_H
#define LP_LARGE_PAGES_H

#include <stddef.h>

/* Asks for large pages behind [p, p + bytes); nothing for small arrays, or where there are none. */
void large_pages(void *p, size_t bytes);

#endif
