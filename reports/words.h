/*
 * Words for people: names made safe to print, and numbers in one form everywhere.
 * Names come from other people's files, so any byte may be in them.
 */
#ifndef LP_WORDS_H
#define LP_WORDS_H

#include <stddef.h>

#include "lib/str.h"

#define WORDS_MAX 32 /* bytes that hold any number below, terminator included */

/* Appends `text` as valid UTF-8 on one line: bytes that are no UTF-8 and control characters become
 * U+FFFD, tabs and line ends a blank. NULL appends nothing. */
void words_clean(struct str *out, const char *text);

/* The same, cut to at most `max` characters; a cut text ends with an ellipsis. */
void words_short(struct str *out, const char *text, size_t max);

/* A score, rate or difference: three decimals below 10, else four digits; "< 0.001"-like values
 * keep two digits (1.2e-05). NaN is "-". */
const char *words_real(double value, char out[WORDS_MAX]);

/* As words_real, with a sign, for differences. U+2212 is the minus. */
const char *words_signed(double value, char out[WORDS_MAX]);

/* A probability: "0.032", "< 0.001". */
const char *words_p(double value, char out[WORDS_MAX]);

/* 12,345 */
const char *words_count(long long value, char out[WORDS_MAX]);

/* "video" or "videos". Irregular plurals ending in y are known. Returns out. */
const char *words_plural(long long n, const char *noun, char out[WORDS_MAX]);

/* "tpr_at_fpr" -> "tpr at fpr": a key of a file as words. */
void words_of_key(struct str *out, const char *key);

#endif
