#include "lib/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "lib/fs.h"

#define FILE_LIMIT ((size_t)1 << 32)

/* struct jsonr is jansson's json_t under our name, so that no header of ours includes jansson's. */
static const json_t *in(const struct jsonr *n)
{
    return (const json_t *)n;
}

static const struct jsonr *out(const json_t *n)
{
    return (const struct jsonr *)n;
}

int jsonr_parse(struct jsonr **root, const char *text, size_t size, const char *name,
                struct err *err)
{
    json_error_t e;
    json_t *j = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

    *root = (struct jsonr *)j;
    if (!j)
        return err_set(err, ERR_DATA, "'%s' line %d: not JSON: %s", name, e.line, e.text);
    return 0;
}

int jsonr_load(struct jsonr **root, const char *path, struct err *err)
{
    char *text;
    size_t size;
    int r;

    *root = NULL;
    r = fs_read(path, FILE_LIMIT, &text, &size, err);
    if (r)
        return r;
    r = jsonr_parse(root, text, size, path, err);
    free(text);
    return r;
}

void jsonr_free(struct jsonr *root)
{
    json_decref((json_t *)root);
}

enum jsonr_kind jsonr_kind_of(const struct jsonr *n)
{
    if (!n)
        return JSONR_NULL;
    switch (json_typeof(in(n))) {
    case JSON_OBJECT:
        return JSONR_OBJECT;
    case JSON_ARRAY:
        return JSONR_ARRAY;
    case JSON_STRING:
        return JSONR_TEXT;
    case JSON_INTEGER:
        return JSONR_INT;
    case JSON_REAL:
        return JSONR_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSONR_BOOL;
    case JSON_NULL:
        break;
    }
    return JSONR_NULL;
}

const struct jsonr *jsonr_get(const struct jsonr *object, const char *key)
{
    return object ? out(json_object_get(in(object), key)) : NULL;
}

size_t jsonr_size(const struct jsonr *n)
{
    if (!n)
        return 0;
    return json_is_array(in(n)) ? json_array_size(in(n)) : json_object_size(in(n));
}

const struct jsonr *jsonr_at(const struct jsonr *array, size_t i)
{
    return array ? out(json_array_get(in(array), i)) : NULL;
}

const struct jsonr *jsonr_member(const struct jsonr *object, size_t i, const char **key)
{
    /* jansson's iterators take a non-const object, but only read it. */
    json_t *o = (json_t *)object;
    void *it = object ? json_object_iter(o) : NULL;

    while (it && i--)
        it = json_object_iter_next(o, it);
    if (!it)
        return NULL;
    *key = json_object_iter_key(it);
    return out(json_object_iter_value(it));
}

const char *jsonr_as_text(const struct jsonr *n)
{
    return n ? json_string_value(in(n)) : NULL;
}

bool jsonr_as_real(const struct jsonr *n, double *value)
{
    if (!n || !json_is_number(in(n)))
        return false;
    *value = json_number_value(in(n));
    return true;
}

bool jsonr_as_int(const struct jsonr *n, long long *value)
{
    if (!n || !json_is_integer(in(n)))
        return false;
    *value = json_integer_value(in(n));
    return true;
}

bool jsonr_as_bool(const struct jsonr *n)
{
    return n && json_is_true(in(n));
}
