#include "tests/near.h"

#include "lib/cpu.h"
#include "lib/resize.h"
#include "lib/rng.h"

static void noise(struct image *img, int w, int h, int c, struct rng *rng)
{
    struct err err = {0};
    int x, y;

    assert_ok(image_shape(img, w, h, c, &err), &err);
    for (y = 0; y < h; y++)
        for (x = 0; x < w * c; x++)
            image_row(img, y)[x] = (uint8_t)rng_u32(rng);
}

/* Share of source pixel k in the new pixel i when `from` pixels become `to`. */
static double share(int k, int i, int from, int to)
{
    double s = (double)from / to;

    return fmax(0, fmin(k + 1, (i + 1) * s) - fmax(k, i * s)) / s;
}

static void shrinking_averages_areas(void **state)
{
    static const int sizes[][4] = {
        {20, 12, 10, 6}, {33, 27, 7, 5}, {31, 9, 30, 9}, {100, 90, 1, 1}, {17, 40, 16, 3}};
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct err err = {0};
    struct rng rng;
    size_t t;
    int x, y, u, v, c;

    (void)state;
    rng_init(&rng, 5, 0, "area", "test");
    for (t = 0; t < sizeof(sizes) / sizeof(*sizes); t++) {
        const int *s = sizes[t];

        noise(&src, s[0], s[1], 3, &rng);
        assert_ok(image_shape(&dst, s[2], s[3], 3, &err), &err);
        assert_ok(resize_once(&dst, &src, &err), &err);
        for (y = 0; y < s[3]; y++)
            for (x = 0; x < s[2]; x++)
                for (c = 0; c < 3; c++) {
                    double sum = 0;

                    for (v = 0; v < s[1]; v++)
                        for (u = 0; u < s[0]; u++)
                            sum += share(u, x, s[0], s[2]) * share(v, y, s[1], s[3]) *
                                   image_row(&src, v)[3 * u + c];
                    assert_near(image_row(&dst, y)[3 * x + c], sum, 0.55, 0);
                }
    }
    image_release(&src);
    image_release(&dst);
}

/* What bilinear sampling means, in double, inside a grey picture. */
static double sample(const struct image *src, double u, double v)
{
    double x = floor(u), y = floor(v), sum = 0;
    int i, j;

    for (j = 0; j < 2; j++)
        for (i = 0; i < 2; i++) {
            double weight = (i ? u - x : 1 - (u - x)) * (j ? v - y : 1 - (v - y));

            if (weight > 0)
                sum += weight * image_row(src, (int)y + j)[(int)x + i];
        }
    return sum;
}

static void growing_is_bilinear(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct err err = {0};
    struct rng rng;
    int x, y, same;

    (void)state;
    rng_init(&rng, 6, 0, "grow", "test");
    noise(&src, 9, 7, 1, &rng);
    for (same = 0; same < 2; same++) {
        int w = same ? 9 : 25, h = same ? 7 : 31;

        assert_ok(image_shape(&dst, w, h, 1, &err), &err);
        assert_ok(resize_once(&dst, &src, &err), &err);
        for (y = 0; y < h; y++)
            for (x = 0; x < w; x++) {
                double u = fmin(fmax((x + 0.5) * 9 / w - 0.5, 0), 8);
                double v = fmin(fmax((y + 0.5) * 7 / h - 0.5, 0), 6);

                assert_near(image_row(&dst, y)[x], sample(&src, u, v), same ? 0 : 0.55, 0);
            }
    }
    image_release(&src);
    image_release(&dst);
}

static void resizing_keeps_flat_pictures(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct err err = {0};
    int value, y, x;

    (void)state;
    for (value = 0; value < 256; value += 51) {
        assert_ok(image_shape(&src, 97, 61, 3, &err), &err);
        image_fill(&src, (uint8_t)value);
        assert_ok(image_shape(&dst, 40, 130, 3, &err), &err);
        assert_ok(resize_once(&dst, &src, &err), &err);
        for (y = 0; y < 130; y++)
            for (x = 0; x < 120; x++)
                assert_int_equal(image_row(&dst, y)[x], value);
    }
    image_release(&src);
    image_release(&dst);
}

/* Every variant must give the words of the plain one, for any number of rows and columns, and write
 * nothing beside them. */
static void variants_equal_the_reference(void **state)
{
    static uint8_t bytes[9][200];
    const uint8_t *rows[9];
    struct resize_ops plain, fast;
    struct rng rng;
    int i, k, x;

    (void)state;
    resize_ops_init(&plain, 0);
    resize_ops_init(&fast, ~0u);
    if (!(cpu_flags() & CPU_AVX2))
        skip();
    assert_true(plain.blend_rows != fast.blend_rows);
    rng_init(&rng, 7, 0, "variants", "test");
    for (i = 0; i < 500; i++) {
        int count = 1 + (int)rng_below(&rng, 9), n = 1 + (int)rng_below(&rng, 150), left = 1 << 14;
        uint16_t weight[9], want[160], got[160];

        for (k = 0; k < count; k++) {
            int w = k + 1 < count ? (int)rng_below(&rng, (uint32_t)left + 1) : left;

            weight[k] = (uint16_t)w;
            left -= w;
            rows[k] = bytes[k] + rng_below(&rng, 32);
            for (x = 0; x < 200; x++)
                bytes[k][x] = i % 7 ? (uint8_t)rng_u32(&rng) : 255;
        }
        memset(want, 0xa5, sizeof(want));
        memset(got, 0xa5, sizeof(got));
        plain.blend_rows(want, rows, weight, count, n);
        fast.blend_rows(got, rows, weight, count, n);
        assert_bytes(got, want, sizeof(want));
    }
}

static void channels_must_agree(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct err err = {0};

    (void)state;
    assert_ok(image_shape(&src, 5, 5, 3, &err), &err);
    assert_ok(image_shape(&dst, 5, 5, 1, &err), &err);
    assert_fails(resize_once(&dst, &src, &err), ERR_FAULT, &err, "channels");
    image_release(&src);
    image_release(&dst);
}

/* One resizer for pictures of all sizes gives what a fresh one gives. */
static void a_resizer_is_reused(void **state)
{
    struct image src = IMAGE_INIT, once = IMAGE_INIT, again = IMAGE_INIT;
    struct resizer r;
    struct err err = {0};
    struct rng rng;
    int i, y;

    (void)state;
    resizer_init(&r, ~0u);
    rng_init(&rng, 8, 0, "reuse", "test");
    for (i = 0; i < 40; i++) {
        int c = i % 3 ? 3 : 1, w = 1 + (int)rng_below(&rng, 90), h = 1 + (int)rng_below(&rng, 90);

        noise(&src, 1 + (int)rng_below(&rng, 90), 1 + (int)rng_below(&rng, 90), c, &rng);
        assert_ok(image_shape(&once, w, h, c, &err), &err);
        assert_ok(image_shape(&again, w, h, c, &err), &err);
        assert_ok(resize_once(&once, &src, &err), &err);
        assert_ok(resize_image(&r, &again, &src, &err), &err);
        for (y = 0; y < h; y++)
            assert_bytes(image_row(&again, y), image_row(&once, y), (size_t)(w * c));
    }
    resizer_release(&r);
    image_release(&src);
    image_release(&once);
    image_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shrinking_averages_areas),
        cmocka_unit_test(growing_is_bilinear),
        cmocka_unit_test(resizing_keeps_flat_pictures),
        cmocka_unit_test(variants_equal_the_reference),
        cmocka_unit_test(channels_must_agree),
        cmocka_unit_test(a_resizer_is_reused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("resize", tests, NULL, NULL);
}
