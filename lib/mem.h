/* Allocation with checked sizes. Every function returns NULL when memory or the size_t runs out;
 * callers pass that on as err_nomem(). */
#ifndef LP_MEM_H
#define LP_MEM_H

#include <stddef.h>

#define MEM_ALIGN 64 /* bytes; a cache line and the widest vector we use */

/* n * size bytes, zeroed. mem_array(0, x) gives a pointer that free() takes. */
void *mem_array(size_t n, size_t size);

/* Resizes p to n * size bytes; new bytes are not zeroed. On failure p stays valid. */
void *mem_resize(void *p, size_t n, size_t size);

/* n * size bytes aligned to MEM_ALIGN, not zeroed. Free with free(). */
void *mem_aligned(size_t n, size_t size);

/* Grows *p (capacity *cap, in elements of `size` bytes) to hold at least `need`, doubling.
 * Returns 0 or -ENOMEM; *p and *cap stay valid on failure. */
int mem_grow(void *p, size_t *cap, size_t need, size_t size);

char *mem_strdup(const char *s);

#endif
