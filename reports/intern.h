/* A set of names, each with a number from 0 in the order of its first appearance: for counting
 * distinct videos, identities, reasons. */
#ifndef LP_INTERN_H
#define LP_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct intern {
    char **names; /* owned */
    size_t n, cap;
    uint32_t *slots; /* open addressing: index + 1, 0 = free */
    size_t n_slots;  /* a power of two */
};

#define INTERN_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

/* The number of `name`, added if new; or -ENOMEM. */
long long intern_add(struct intern *set, const char *name, struct err *err) LP_MUST_CHECK;

/* The number of `name`, or -1. */
long long intern_find(const struct intern *set, const char *name);

void intern_release(struct intern *set);

#endif
