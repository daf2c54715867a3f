/* Names as small numbers: the n-th different name is n - 1. */
#ifndef LP_SYMBOLS_H
#define LP_SYMBOLS_H

#include <stddef.h>

struct symbols {
    char **names; /* owned; in the order they came */
    int n;
    size_t cap;
    int *slots; /* open addressing: number + 1, or 0 */
    size_t n_slots;
};

/* The number of `name`, given to it now if it is new; -ENOMEM. */
int symbols_add(struct symbols *s, const char *name);

/* The number of `name`, or -1. */
int symbols_find(const struct symbols *s, const char *name);

void symbols_release(struct symbols *s);

#endif
