/* What a test of an augmentation works on: two copies of one picture, and a codec. */
#ifndef LP_AUGMENT_BENCH_H
#define LP_AUGMENT_BENCH_H

#include "swap/augment.h"
#include "tests/unit/swap_fixture.h"

#define SIDE 224

struct bench {
    struct augment_scratch scratch;
    struct media_codec *codec;
    struct image a, b;
    struct err err;
};

static inline int bench_setup(void **state)
{
    struct bench *t = calloc(1, sizeof *t);

    if (!t || media_codec_new(&t->codec, &t->err))
        return -1;
    t->scratch.codec = t->codec;
    fixture_texture(&t->a, SIDE, SIDE, "augment");
    fixture_texture(&t->b, SIDE, SIDE, "augment");
    *state = t;
    return 0;
}

static inline int bench_teardown(void **state)
{
    struct bench *t = *state;

    augment_scratch_release(&t->scratch);
    media_codec_free(t->codec);
    image_release(&t->a);
    image_release(&t->b);
    free(t);
    return 0;
}

#endif
