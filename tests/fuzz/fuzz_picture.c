/* A PNG or JPEG picture. A PNG that is read is written and must come back the same. */
#include "lib/media.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct media_codec *codec;
    static struct image img, back;
    struct err err = {0};
    const uint8_t *bytes;
    size_t n;
    int y;

    if (!codec && media_codec_new(&codec, &err))
        abort();
    if (media_decode_picture(codec, data, size, "fuzz", &img, &err) ||
        (size_t)img.width * (size_t)img.height > 1 << 20)
        return 0;
    if (media_encode_picture(codec, &img, MEDIA_PNG, size % 3, &bytes, &n, &err) ||
        media_decode_picture(codec, bytes, n, "back", &back, &err) || back.width != img.width ||
        back.height != img.height)
        abort();
    for (y = 0; y < img.height; y++)
        if (memcmp(image_row(&img, y), image_row(&back, y), (size_t)img.width * 3) != 0)
            abort();
    return 0;
}
