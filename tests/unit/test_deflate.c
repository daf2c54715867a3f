/* zlib streams: every level gives back what went in, and the same bytes for it. */
#include "tests/near.h"

#include <stdlib.h>

#include "lib/media_internal.h"
#include "lib/rng.h"

#define MOST 200000

static struct rng rng;
static uint8_t in[MOST], *out[2], back[MOST];
static size_t room;

static int set_up(void **state)
{
    (void)state;
    rng_init(&rng, 7, 0, "bytes", "test_deflate");
    room = media_deflate_bound(MOST);
    out[0] = malloc(room);
    out[1] = malloc(room);
    return !out[0] || !out[1];
}

static int tear_down(void **state)
{
    (void)state;
    free(out[0]);
    free(out[1]);
    return 0;
}

static void round_trip(struct media_deflate *d, size_t size, int level)
{
    struct err err = {0};
    size_t n = 0;

    assert_ok(media_deflate(d, in, size, level, out[0], media_deflate_bound(size), &n, &err), &err);
    assert_in_range(n, 1, media_deflate_bound(size));
    memset(back, 0x55, size);
    assert_int_equal(media_inflate(d, out[0], n, back, size, &err), 1);
    assert_memory_equal(back, in, size);
    /* the sum at the end is looked at, too */
    out[0][n - 1] ^= 1;
    assert_int_equal(media_inflate(d, out[0], n, back, size, &err), 0);
}

/* Noise, nothing, and rows of small differences, in the lengths where blocks and windows end. */
static void every_level_gives_back_what_went_in(void **state)
{
    static const size_t sizes[] = {1,     2,     3,     4,     7,     8,      9,   15,   16,
                                   17,    63,    255,   287,   288,   289,    511, 4096, 32767,
                                   32768, 32769, 65535, 65536, 65537, 131073, MOST};
    static const int levels[] = {0, 1, 2, 6, 9};
    struct media_deflate *d;
    struct err err = {0};
    size_t i, k, level;
    int kind;

    (void)state;
    assert_ok(media_deflate_new(&d, &err), &err);
    for (kind = 0; kind < 3; kind++) {
        for (k = 0; k < MOST; k++)
            in[k] = kind == 0   ? (uint8_t)rng_u32(&rng)
                    : kind == 1 ? 0
                                : (uint8_t)((rng_u32(&rng) & 3) - (rng_u32(&rng) & 3));
        for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
            for (level = 0; level < sizeof(levels) / sizeof(*levels); level++)
                round_trip(d, sizes[i], levels[level]);
        for (k = 1; k < 600; k++)
            round_trip(d, k, 1);
    }
    media_deflate_free(d);
    media_deflate_free(NULL);
}

/* Two packers lie at two places in memory, and one has packed something else before: neither may
 * show. A fault of ISA-L (lib/media_deflate.c) does in one of some thousand pieces of data with
 * matches at their beginning, so there are many. */
static void bytes_depend_on_the_input_alone(void **state)
{
    struct media_deflate *d[2];
    struct err err = {0};
    size_t n[2], k;
    int i, side;

    (void)state;
    assert_ok(media_deflate_new(&d[0], &err), &err);
    assert_ok(media_deflate_new(&d[1], &err), &err);
    for (k = 0; k < 5000; k++)
        in[k] = (uint8_t)(rng_u32(&rng) % 5);
    assert_ok(media_deflate(d[1], in, 5000, 1, out[1], room, &n[1], &err), &err);
    for (i = 0; i < 20000; i++) {
        for (k = 0; k < 24; k++)
            in[k] = (uint8_t)rng_u32(&rng);
        memcpy(in + 24, in, 24);
        memset(in + 48, 0, 300);
        for (side = 0; side < 2; side++)
            assert_ok(media_deflate(d[side], in, 348, 1, out[side], room, &n[side], &err), &err);
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(out[0], out[1], n[0]);
    }
    media_deflate_free(d[0]);
    media_deflate_free(d[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gives_back_what_went_in),
        cmocka_unit_test(bytes_depend_on_the_input_alone),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("deflate", tests, set_up, tear_down);
}
