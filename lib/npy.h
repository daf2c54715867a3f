/* NumPy .npy files, format version 1.0, little endian, C order. */
#ifndef LP_NPY_H
#define LP_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

enum npy_type { NPY_F32, NPY_F64, NPY_I32, NPY_I64, NPY_U8, NPY_U32 };

#define NPY_MAX_DIMS 4

struct npy {
    enum npy_type type;
    int dims;                   /* 0..NPY_MAX_DIMS */
    size_t shape[NPY_MAX_DIMS]; /* elements */
    void *data;                 /* owned; product(shape) elements */
};

size_t npy_type_size(enum npy_type type);

/* Number of elements of a shape. */
size_t npy_count(int dims, const size_t *shape);

/* Writes atomically (not durable, see atomic_file.h), making parent folders. */
int npy_write(const char *path, enum npy_type type, int dims, const size_t *shape, const void *data,
              struct err *err) LP_MUST_CHECK;

/* The bytes of such a file, for a tar member: *out is owned by the caller. */
int npy_encode(enum npy_type type, int dims, const size_t *shape, const void *data, char **out,
               size_t *size, struct err *err) LP_MUST_CHECK;

/* Reads a file written by this or by NumPy: versions 1.0 and 2.0, little endian, C order, the
 * types above, and halves (float16), which become NPY_F32; all else is ERR_DATA naming the path.
 * Header and size are checked against the file's length before anything is allocated. */
int npy_read(const char *path, struct npy *out, struct err *err) LP_MUST_CHECK;
void npy_release(struct npy *n);

#endif
