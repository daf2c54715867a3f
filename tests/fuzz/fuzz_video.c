/* A video file: frames come numbered without a gap, with hints and without. */
#include "lib/media.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void read_some(const char *path, const long long *wanted, size_t n)
{
    static struct image img;
    struct media_reader *r;
    struct err err = {0};
    long long index, last = -1;
    int i;

    if (media_open(&r, path, NULL, &err))
        return;
    if (wanted)
        media_want(r, wanted, n);
    for (i = 0; i < 40 && media_next(r, &index, NULL, &err) == 1; i++) {
        if (index <= last || (!wanted && index != last + 1))
            abort();
        last = index;
        if (media_picture(r, &img, &err))
            err = (struct err){0};
    }
    media_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long long wanted[] = {3, 9, 10, 17};
    const char *path = fuzz_file(data, size);
    struct err err = {0};
    long long n;

    read_some(path, NULL, 0);
    read_some(path, wanted, 4);
    if (media_count_frames(path, &n, &err) == 0 && n < 0)
        abort();
    return 0;
}
