#include "tests/near.h"

#include "lib/cpu.h"
#include "lib/rng.h"
#include "lib/warp.h"

static void noise(struct image *img, int w, int h, int c, struct rng *rng)
{
    struct err err = {0};
    int x, y;

    assert_ok(image_shape(img, w, h, c, &err), &err);
    for (y = 0; y < h; y++)
        for (x = 0; x < w * c; x++)
            image_row(img, y)[x] = (uint8_t)rng_u32(rng);
}

static void warp(struct image *dst, const struct image *src, int w, int h, struct mat3 m)
{
    struct warp_ops ops;
    struct err err = {0};

    warp_ops_init(&ops, ~0u);
    assert_ok(image_shape(dst, w, h, src->channels, &err), &err);
    assert_ok(warp_perspective(&ops, dst, src, &m, &err), &err);
}

static void whole_shifts_copy(void **state)
{
    static const int shift[][2] = {{0, 0}, {3, -2}, {-7, 5}, {40, 0}, {0, -40}};
    struct image src = IMAGE_INIT, dst = IMAGE_INIT, want = IMAGE_INIT;
    struct err err = {0};
    struct rng rng;
    size_t i;
    int c, y;

    (void)state;
    rng_init(&rng, 1, 0, "shift", "test");
    for (c = 1; c <= 3; c += 2) {
        noise(&src, 31, 22, c, &rng);
        for (i = 0; i < sizeof(shift) / sizeof(*shift); i++) {
            struct mat3 m = mat3_identity();

            m.m[2] = shift[i][0];
            m.m[5] = shift[i][1];
            warp(&dst, &src, 35, 25, m);
            assert_ok(image_crop(&want, &src, -shift[i][0], -shift[i][1], 35, 25, &err), &err);
            for (y = 0; y < 25; y++)
                assert_bytes(image_row(&dst, y), image_row(&want, y), (size_t)(35 * c));
        }
    }
    image_release(&src);
    image_release(&dst);
    image_release(&want);
}

static void quarter_turns_move_pixels(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct rng rng;
    int x, y;

    (void)state;
    rng_init(&rng, 2, 0, "turn", "test");
    noise(&src, 19, 13, 3, &rng);
    /* (x, y) -> (12 - y, x): clockwise on screen */
    warp(&dst, &src, 13, 19, (struct mat3){{0, -1, 12, 1, 0, 0, 0, 0, 1}});
    for (y = 0; y < 19; y++)
        for (x = 0; x < 13; x++)
            assert_bytes(image_row(&dst, y) + 3 * x, image_row(&src, 12 - x) + 3 * y, 3);
    image_release(&src);
    image_release(&dst);
}

/* What bilinear sampling means, in double, without any of the code under test. */
static double sample(const struct image *src, double u, double v, int c)
{
    double x = floor(u), y = floor(v), sum = 0;
    int i, j;

    for (j = 0; j < 2; j++)
        for (i = 0; i < 2; i++) {
            double wx = i ? u - x : 1 - (u - x), wy = j ? v - y : 1 - (v - y);
            double px = x + i, py = y + j;

            if (px >= 0 && py >= 0 && px < src->width && py < src->height)
                sum += wx * wy * image_row(src, (int)py)[(int)px * src->channels + c];
        }
    return sum;
}

static struct mat3 random_map(struct rng *rng)
{
    double s = rng_range(rng, 0.4, 2.5), t = rng_range(rng, -3, 3);

    return (struct mat3){{s * cos(t), -s * sin(t), rng_range(rng, -20, 60), s * sin(t), s * cos(t),
                          rng_range(rng, -20, 60), rng_range(rng, -2e-3, 2e-3),
                          rng_range(rng, -2e-3, 2e-3), 1}};
}

static void perspective_equals_the_formula(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    double worst = 0, total = 0;
    struct rng rng;
    int i, x, y, c, n = 0;

    (void)state;
    rng_init(&rng, 3, 0, "formula", "test");
    for (i = 0; i < 40; i++) {
        struct mat3 m = random_map(&rng), inverse;
        int channels = i % 2 ? 3 : 1;

        noise(&src, 57, 43, channels, &rng);
        assert_true(mat3_invert(&m, &inverse));
        warp(&dst, &src, 61, 47, m);
        for (y = 0; y < 47; y++)
            for (x = 0; x < 61; x++) {
                struct point p = mat3_apply(&inverse, (struct point){x, y});

                for (c = 0; c < channels; c++) {
                    double e =
                        fabs(image_row(&dst, y)[x * channels + c] - sample(&src, p.x, p.y, c));

                    worst = fmax(worst, e);
                    total += e;
                    n++;
                }
            }
    }
    /* Half a grey level of rounding and an eighth of quantised position. */
    assert_true(worst < 0.5 + 0.13);
    assert_true(total / n < 0.27);
    image_release(&src);
    image_release(&dst);
}

/* Every variant must give the bytes of the plain one: odd widths, pixels at the very edge, maps
 * through infinity, numbers that are none, and nothing may be written beside the row. */
static void variants_equal_the_reference(void **state)
{
    struct image src = IMAGE_INIT, view;
    struct warp_ops plain, fast;
    uint8_t want[160], got[160];
    struct rng rng;
    int i, y;

    (void)state;
    warp_ops_init(&plain, 0);
    warp_ops_init(&fast, ~0u);
    if (!(cpu_flags() & CPU_AVX2))
        skip();
    assert_true(plain.row != fast.row);
    rng_init(&rng, 4, 0, "variants", "test");
    for (i = 0; i < 300; i++) {
        struct mat3 m = random_map(&rng), inverse;
        int channels = i % 2 ? 3 : 1, n = 1 + (int)rng_below(&rng, 50);

        noise(&src, 1 + (int)rng_below(&rng, 70), 1 + (int)rng_below(&rng, 50), channels, &rng);
        view = src;
        if (src.width > 6 && src.height > 4)
            view = image_view(&src, 2, 1, src.width - 4, src.height - 2);
        if (i % 10 == 3)
            m.m[6] = 0.05; /* w crosses zero within the row */
        assert_true(mat3_invert(&m, &inverse));
        if (i % 10 == 5)
            inverse.m[0] = NAN;
        if (i % 10 == 7)
            inverse.m[0] = 1e300;
        if (i % 20 == 9)
            inverse = (struct mat3){{1, 0, 0, 0, 1, 0, 0, 0, 0}}; /* w = 0 everywhere */
        if (i % 20 == 1)
            inverse = mat3_identity(); /* exactly on pixels, to the last column */
        for (y = -3; y < src.height + 3; y += 4) {
            memset(want, 0xa5, sizeof(want));
            memset(got, 0xa5, sizeof(got));
            plain.row(want, n, y, &view, &inverse);
            fast.row(got, n, y, &view, &inverse);
            assert_bytes(got, want, sizeof(want));
            assert_int_equal(got[n * channels], 0xa5);
        }
    }
    image_release(&src);
}

static void maps_that_cannot_be_are_refused(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct warp_ops ops;
    struct err err = {0};
    struct mat3 m = {{0}};

    (void)state;
    warp_ops_init(&ops, ~0u);
    assert_ok(image_shape(&src, 5, 5, 3, &err), &err);
    assert_ok(image_shape(&dst, 5, 5, 3, &err), &err);
    assert_fails(warp_perspective(&ops, &dst, &src, &m, &err), ERR_DATA, &err, "inverted");
    assert_ok(image_shape(&dst, 5, 5, 1, &err), &err);
    m = mat3_identity();
    assert_fails(warp_perspective(&ops, &dst, &src, &m, &err), ERR_FAULT, &err, "channels");
    image_release(&src);
    image_release(&dst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_shifts_copy),
        cmocka_unit_test(quarter_turns_move_pixels),
        cmocka_unit_test(perspective_equals_the_formula),
        cmocka_unit_test(variants_equal_the_reference),
        cmocka_unit_test(maps_that_cannot_be_are_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("warp", tests, NULL, NULL);
}
