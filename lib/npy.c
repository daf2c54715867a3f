#include "lib/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/str.h"

static const struct {
    const char *descr;
    size_t size;
} types[] = {
    [NPY_F32] = {"<f4", 4}, [NPY_F64] = {"<f8", 8}, [NPY_I32] = {"<i4", 4},
    [NPY_I64] = {"<i8", 8}, [NPY_U8] = {"|u1", 1},  [NPY_U32] = {"<u4", 4},
};

#define N_TYPES    (sizeof(types) / sizeof(*types))
#define FILE_LIMIT ((size_t)1 << 40)

size_t npy_type_size(enum npy_type type)
{
    return types[type].size;
}

size_t npy_count(int dims, const size_t *shape)
{
    size_t n = 1;

    while (dims)
        n *= shape[--dims];
    return n;
}

/* Magic, version 1.0, header length, dictionary padded so that the data start on 64 bytes. */
static void header(struct str *h, enum npy_type type, int dims, const size_t *shape)
{
    struct str d = STR_INIT;
    size_t length;
    int i;

    str_addf(&d, "{'descr': '%s', 'fortran_order': False, 'shape': (", types[type].descr);
    for (i = 0; i < dims; i++)
        str_addf(&d, "%zu%s", shape[i], dims == 1 ? "," : i + 1 < dims ? ", " : "");
    str_add(&d, "), }");
    while ((10 + d.len + 1) % 64 && !d.oom)
        str_add_c(&d, ' ');
    str_add_c(&d, '\n');
    length = d.len;
    str_add_n(h, "\x93NUMPY\x01\x00", 8);
    str_add_c(h, (char)(length & 255));
    str_add_c(h, (char)(length >> 8));
    if (d.oom)
        h->oom = true;
    else
        str_add_n(h, d.s, d.len);
    str_release(&d);
}

int npy_encode(enum npy_type type, int dims, const size_t *shape, const void *data, char **out,
               size_t *size, struct err *err)
{
    struct str s = STR_INIT;

    header(&s, type, dims, shape);
    str_add_n(&s, data, npy_count(dims, shape) * types[type].size);
    *size = s.len;
    *out = str_take(&s);
    return *out ? 0 : err_nomem(err);
}

int npy_write(const char *path, enum npy_type type, int dims, const size_t *shape, const void *data,
              struct err *err)
{
    char *bytes = NULL;
    size_t size;
    int r = npy_encode(type, dims, shape, data, &bytes, &size, err);

    if (!r)
        r = atomic_write(path, bytes, size, err);
    free(bytes);
    return r;
}

/* The value text after 'key': in the header dictionary, or NULL. */
static const char *value_of(const char *dict, const char *key)
{
    char quoted[32];
    const char *p;

    snprintf(quoted, sizeof(quoted), "'%s'", key);
    p = strstr(dict, quoted);
    if (!p)
        return NULL;
    p += strlen(quoted);
    while (*p == ' ' || *p == ':')
        p++;
    return p;
}

static float float_of_half(uint16_t h)
{
    unsigned exponent = h >> 10 & 31, mantissa = h & 1023;
    float v = exponent == 31 ? (mantissa ? NAN : INFINITY)
              : exponent     ? ldexpf((float)(1024 + mantissa), (int)exponent - 25)
                             : ldexpf((float)mantissa, -24);

    return h & 0x8000 ? -v : v;
}

/* The n halves in `from` as floats, or NULL. */
static float *widen(const char *from, size_t n)
{
    float *to = mem_array(n, sizeof(*to));
    size_t i;

    for (i = 0; to && i < n; i++)
        to[i] = float_of_half((uint16_t)((uint8_t)from[2 * i] | (uint8_t)from[2 * i + 1] << 8));
    return to;
}

/* *size: bytes of an element in the file. */
static int parse_header(const char *dict, struct npy *out, size_t *size)
{
    const char *descr = value_of(dict, "descr"), *order = value_of(dict, "fortran_order");
    const char *shape = value_of(dict, "shape");
    size_t i;

    if (!descr || !order || !shape || *descr != '\'' || *shape != '(' ||
        strncmp(order, "False", 5) != 0)
        return -1;
    for (i = 0; i < N_TYPES; i++)
        if (strncmp(descr + 1, types[i].descr, 3) == 0 && descr[4] == '\'')
            break;
    if (i < N_TYPES) {
        out->type = (enum npy_type)i;
        *size = types[i].size;
    } else if (strncmp(descr + 1, "<f2'", 4) == 0) {
        out->type = NPY_F32;
        *size = 2;
    } else {
        return -1;
    }
    out->dims = 0;
    for (shape++; *shape != ')';) {
        char *end;
        unsigned long long n;

        if (*shape == ' ' || *shape == ',') {
            shape++;
            continue;
        }
        if (*shape < '0' || *shape > '9' || out->dims == NPY_MAX_DIMS)
            return -1;
        n = strtoull(shape, &end, 10);
        if (n > FILE_LIMIT)
            return -1;
        out->shape[out->dims++] = (size_t)n;
        shape = end;
    }
    return 0;
}

int npy_read(const char *path, struct npy *out, struct err *err)
{
    char *text = NULL, *dict = NULL;
    size_t size, length, start, need, element, i;
    int r;

    *out = (struct npy){0};
    r = fs_read(path, FILE_LIMIT, &text, &size, err);
    if (r)
        return r;
    r = ERR_DATA;
    if (size < 12 || memcmp(text, "\x93NUMPY", 6) != 0 || (text[6] != 1 && text[6] != 2)) {
        err_set(err, r, "'%s' is not a .npy file of version 1 or 2", path);
        goto out;
    }
    length = (size_t)(uint8_t)text[8] | (size_t)(uint8_t)text[9] << 8;
    start = 10;
    if (text[6] == 2) {
        length |= (size_t)(uint8_t)text[10] << 16 | (size_t)(uint8_t)text[11] << 24;
        start = 12;
    }
    if (length > size - start) {
        err_set(err, r, "'%s' is cut off in its header", path);
        goto out;
    }
    dict = mem_array(length + 1, 1);
    if (!dict) {
        r = err_nomem(err);
        goto out;
    }
    memcpy(dict, text + start, length);
    if (parse_header(dict, out, &element)) {
        err_set(err, r, "'%s' has a .npy header that is not supported", path);
        goto out;
    }
    start += length;
    need = element;
    for (i = 0; i < (size_t)out->dims; i++)
        if (__builtin_mul_overflow(need, out->shape[i], &need)) {
            err_set(err, r, "'%s' has an impossible shape", path);
            goto out;
        }
    if (need != size - start) {
        err_set(err, r, "'%s' holds %zu bytes of data where its shape needs %zu", path,
                size - start, need);
        goto out;
    }
    if (element < types[out->type].size) {
        out->data = widen(text + start, need / element);
        r = out->data ? 0 : err_nomem(err);
        goto out;
    }
    /* Reuse the file's buffer: moved to its front, which malloc has aligned for any type. */
    memmove(text, text + start, need);
    out->data = text;
    text = NULL;
    r = 0;
out:
    free(text);
    free(dict);
    if (r)
        *out = (struct npy){0};
    return r;
}

void npy_release(struct npy *n)
{
    free(n->data);
    *n = (struct npy){0};
}
