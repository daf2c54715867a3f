/*
 * A string that grows. Zero-initialise it (STR_INIT), append, read .s (never NULL after an append,
 * always terminated), release it. Out of memory is sticky: appends after it do nothing, and
 * str_failed() tells once at the end, so that a row can be built without a check per cell.
 */
#ifndef LP_STR_H
#define LP_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct str {
    char *s;    /* owned; terminated */
    size_t len; /* bytes before the terminator */
    size_t cap;
    bool oom;
};

#define STR_INIT                                                                                   \
    {                                                                                              \
        0                                                                                          \
    }

void str_add(struct str *b, const char *text);
void str_add_n(struct str *b, const char *bytes, size_t n);
void str_add_c(struct str *b, char c);
void str_addf(struct str *b, const char *fmt, ...) LP_PRINTF(2, 3);
void str_addv(struct str *b, const char *fmt, va_list ap) LP_PRINTF(2, 0);

/* Empties it and keeps the memory. Also forgets a failure. */
void str_clear(struct str *b);
/* Keeps the first `len` bytes; len <= b->len. */
void str_cut(struct str *b, size_t len);
bool str_failed(const struct str *b);

/* Gives the text away (the caller frees it) and leaves b empty; NULL after a failure. */
char *str_take(struct str *b);
void str_release(struct str *b);

#endif
