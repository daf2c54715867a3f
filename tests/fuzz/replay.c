/* replay FILE...: gives each file to the fuzz target that this is linked with. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/err.h"
#include "lib/fs.h"
#include "tests/fuzz/fuzz.h"

int main(int argc, char **argv)
{
    struct err err = {0};
    int i;

    for (i = 1; i < argc; i++) {
        char *bytes;
        size_t size;

        if (fs_read(argv[i], (size_t)1 << 28, &bytes, &size, &err)) {
            fprintf(stderr, "%s\n", err.text);
            return 66;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
        free(bytes);
    }
    return 0;
}
