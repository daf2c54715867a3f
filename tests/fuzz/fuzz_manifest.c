/* A manifest: every row decoded, every field asked for as a number. */
#include "lib/manifest.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest m = {0};
    struct manifest_row row = {0};
    struct err err = {0};
    size_t i;
    int c;

    if (manifest_open(&m, fuzz_file(data, size), NULL, &err) == 0) {
        for (i = 0; i < m.n_rows; i++) {
            err = (struct err){0};
            if (manifest_read(&m, i, &row, &err))
                continue;
            manifest_row_ok(&row);
            if (manifest_find(&m, row.field[0]) != (long long)i)
                abort(); /* ids are sorted and there once */
            for (c = 0; c < m.n_columns; c++) {
                long long whole;
                double real;

                if (manifest_int(&row, c, &whole, &err) || manifest_real(&row, c, &real, &err))
                    err = (struct err){0};
            }
        }
    }
    manifest_row_release(&row);
    manifest_release(&m);
    return 0;
}
