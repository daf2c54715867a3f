/* Interned strings: each distinct text gets a small number, in the order of first sight. */
#ifndef LP_NAMES_H
#define LP_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define NAME_NONE UINT32_MAX /* a missing value */

struct names {
    char *text; /* all texts, each terminated */
    size_t len, cap;
    size_t *at; /* offset of each text */
    size_t n, at_cap;
    uint64_t *slot; /* open addressing: half of the hash above, number + 1 below; 0 = free */
    size_t n_slots; /* a power of two, or 0 */
};

/* The number of the text [p, p + len). ERR_DATA beyond 4e9 names. */
int names_add(struct names *t, const char *p, size_t len, uint32_t *number,
              struct err *err) LP_MUST_CHECK;

/* The number, or NAME_NONE if the text was never added. */
uint32_t names_find(const struct names *t, const char *p, size_t len);

/* The text of a number; "." for NAME_NONE. Valid until the next names_add(). */
const char *names_text(const struct names *t, uint32_t number);

void names_release(struct names *t);

/* FNV-1a with splitmix64's finaliser over bytes. */
uint64_t names_hash(const char *p, size_t len);

#endif
