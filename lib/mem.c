#include "lib/mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_array(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes)) /* calloc checks too, but asan ends the process */
        return NULL;
    return calloc(1, bytes ? bytes : 1);
}

void *mem_resize(void *p, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return realloc(p, bytes ? bytes : 1);
}

void *mem_aligned(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - MEM_ALIGN)
        return NULL;
    bytes = (bytes + MEM_ALIGN - 1) / MEM_ALIGN * MEM_ALIGN;
    return aligned_alloc(MEM_ALIGN, bytes ? bytes : MEM_ALIGN);
}

int mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
    void **slot = p;
    size_t n = *cap ? *cap : 16;
    void *q;

    if (need <= *cap)
        return 0;
    while (n < need) {
        if (n > SIZE_MAX / 2)
            return -ENOMEM;
        n *= 2;
    }
    q = mem_resize(*slot, n, size);
    if (!q)
        return -ENOMEM;
    *slot = q;
    *cap = n;
    return 0;
}

char *mem_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *p = malloc(n);

    return p ? memcpy(p, s, n) : NULL;
}
