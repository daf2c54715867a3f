/* A YAML configuration, and what is printed of it read back. */
#include "lib/conf.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define SECTIONS "run,dataset,fetch,extract,align,swap,score,evaluate,report"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf *c, *again;
    struct str first = STR_INIT, second = STR_INIT;
    struct err err = {0};

    if (conf_new(&c, &err) || conf_new(&again, &err))
        abort();
    if (conf_load(c, fuzz_file(data, size), &err) == 0) {
        /* A path is printed as it is seen from here, so only the shape must survive. */
        if (conf_print(c, SECTIONS, &first, &err) == 0) {
            err = (struct err){0};
            if (conf_load(again, fuzz_file((const uint8_t *)first.s, first.len), &err))
                abort();
            if (conf_print(again, SECTIONS, &second, &err))
                abort();
        }
    }
    str_release(&first);
    str_release(&second);
    conf_free(c);
    conf_free(again);
    return 0;
}
