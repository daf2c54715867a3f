/*
 * JSON out (jsonw_: a writer that streams text into a struct str) and in (jsonr_: jansson, whose
 * one door is json_read.c). The prefixes keep clear of jansson's own json_.
 */
#ifndef LP_JSON_H
#define LP_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/str.h"

/* ---- writing: call in document order; commas, indent and escapes are taken care of ------------
 * key is NULL inside arrays. A real that is not finite is written as null. */
struct jsonw {
    struct str *out;
    int depth;
    int indent; /* spaces a level; 0 = all on one line */
    bool first[32];
};
void jsonw_begin(struct jsonw *w, struct str *out, int indent);
void jsonw_object(struct jsonw *w, const char *key);
void jsonw_object_end(struct jsonw *w);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_array_end(struct jsonw *w);
void jsonw_text(struct jsonw *w, const char *key, const char *value); /* NULL = null */
void jsonw_int(struct jsonw *w, const char *key, long long value);
void jsonw_real(struct jsonw *w, const char *key, double value); /* %.17g */
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);

/* ---- reading
 * -----------------------------------------------------------------------------------*/
struct jsonr; /* an immutable document node */

/* ERR_NOINPUT, or ERR_DATA with "'path' line N: ...". */
int jsonr_load(struct jsonr **root, const char *path, struct err *err) LP_MUST_CHECK;
int jsonr_parse(struct jsonr **root, const char *text, size_t size, const char *name,
                struct err *err) LP_MUST_CHECK;
void jsonr_free(struct jsonr *root); /* the root only */

enum jsonr_kind {
    JSONR_NULL,
    JSONR_BOOL,
    JSONR_INT,
    JSONR_REAL,
    JSONR_TEXT,
    JSONR_ARRAY,
    JSONR_OBJECT
};
enum jsonr_kind jsonr_kind_of(const struct jsonr *n); /* NULL -> JSONR_NULL */
const struct jsonr *jsonr_get(const struct jsonr *object,
                              const char *key); /* NULL if missing or no object */
size_t jsonr_size(const struct jsonr *n);       /* of an array or object */
const struct jsonr *jsonr_at(const struct jsonr *array, size_t i); /* NULL if out of range */
/* i-th member of an object, in the order of the file. */
const struct jsonr *jsonr_member(const struct jsonr *object, size_t i, const char **key);
const char *jsonr_as_text(const struct jsonr *n);         /* NULL if no text */
bool jsonr_as_real(const struct jsonr *n, double *value); /* int or real */
bool jsonr_as_int(const struct jsonr *n, long long *value);
bool jsonr_as_bool(const struct jsonr *n); /* false if no bool */

#endif
