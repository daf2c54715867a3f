/* An .npy file; what was read is written and read again. */
#include "lib/npy.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct npy a = {0}, b = {0};
    struct err err = {0};
    char *bytes = NULL;
    size_t n;

    if (npy_read(fuzz_file(data, size), &a, &err) == 0) {
        if (npy_encode(a.type, a.dims, a.shape, a.data, &bytes, &n, &err) ||
            npy_read(fuzz_file((const uint8_t *)bytes, n), &b, &err) || a.type != b.type ||
            a.dims != b.dims || memcmp(a.shape, b.shape, (size_t)a.dims * sizeof(*a.shape)) != 0 ||
            memcmp(a.data, b.data, npy_count(a.dims, a.shape) * npy_type_size(a.type)) != 0)
            abort();
    }
    free(bytes);
    npy_release(&a);
    npy_release(&b);
    return 0;
}
