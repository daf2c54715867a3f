#include "tests/near.h"

#include "lib/cpu.h"
#include "lib/rng.h"
#include "lib/yuv.h"

/* Random planes in memory of exactly their size, so that a reader past the end is found out. */
struct planes {
    struct yuv_planes p;
    uint8_t *memory[3];
};

static struct planes random_planes(int w, int h, bool half_x, bool half_y, bool full,
                                   struct rng *rng)
{
    struct planes s = {.p = {.width = w,
                             .height = h,
                             .half_x = half_x,
                             .half_y = half_y,
                             .full = full,
                             .kr = 0.2126,
                             .kb = 0.0722}};
    int i;

    for (i = 0; i < 3; i++) {
        size_t cw = (size_t)(i && half_x ? (w + 1) / 2 : w);
        size_t ch = (size_t)(i && half_y ? (h + 1) / 2 : h), k;

        s.memory[i] = malloc(cw * ch);
        for (k = 0; k < cw * ch; k++)
            s.memory[i][k] = (uint8_t)rng_u32(rng);
        s.p.data[i] = s.memory[i];
        s.p.stride[i] = (ptrdiff_t)cw;
    }
    return s;
}

static void release(struct planes *s)
{
    int i;

    for (i = 0; i < 3; i++)
        free(s->memory[i]);
}

/* Chroma at luma pixel (x, y): linear between samples whose centres are between luma's. */
static double chroma(const struct yuv_planes *p, int plane, int x, int y)
{
    int cw = p->half_x ? (p->width + 1) / 2 : p->width;
    int ch = p->half_y ? (p->height + 1) / 2 : p->height, i, j;
    double u = p->half_x ? x / 2.0 - 0.25 : x, v = p->half_y ? y / 2.0 - 0.25 : y, sum = 0;

    for (j = 0; j < 2; j++)
        for (i = 0; i < 2; i++) {
            double cx = floor(u) + i, cy = floor(v) + j;
            double weight = (1 - fabs(u - cx)) * (1 - fabs(v - cy));

            cx = fmin(fmax(cx, 0), cw - 1);
            cy = fmin(fmax(cy, 0), ch - 1);
            sum += weight * p->data[plane][(ptrdiff_t)cy * p->stride[plane] + (ptrdiff_t)cx];
        }
    return sum;
}

static double limit(double v)
{
    return fmin(fmax(v, 0), 255);
}

/* H.273 8.3, equations for R, G, B from Y', Cb, Cr, in reals. */
static void formula(const struct yuv_planes *p, int x, int y, double rgb[3])
{
    double l = p->data[0][y * p->stride[0] + x], kg = 1 - p->kr - p->kb;
    double b = chroma(p, 1, x, y) - 128, r = chroma(p, 2, x, y) - 128;

    if (!p->full) {
        l = (l - 16) * 255 / 219;
        b = b * 255 / 224;
        r = r * 255 / 224;
    }
    rgb[0] = l + 2 * (1 - p->kr) * r;
    rgb[2] = l + 2 * (1 - p->kb) * b;
    rgb[1] = (l - p->kr * rgb[0] - p->kb * rgb[2]) / kg;
    rgb[0] = limit(rgb[0]);
    rgb[1] = limit(rgb[1]);
    rgb[2] = limit(rgb[2]);
}

static void equals_the_formula(void **state)
{
    static const double shares[][2] = {{0.2126, 0.0722}, {0.299, 0.114}, {0.2627, 0.0593}};
    static const int sizes[][2] = {{1, 1}, {2, 2}, {35, 17}, {64, 6}, {101, 3}};
    struct yuv_scratch scratch = {0};
    struct image img = IMAGE_INIT;
    struct yuv_ops ops;
    struct err err = {0};
    struct rng rng;
    int kind, x, y, c;
    size_t i;

    (void)state;
    yuv_ops_init(&ops, ~0u);
    rng_init(&rng, 1, 0, "yuv", "test");
    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        for (kind = 0; kind < 18; kind++) {
            struct planes s = random_planes(sizes[i][0], sizes[i][1], kind % 3 > 0, kind % 3 > 1,
                                            kind / 3 % 2, &rng);

            s.p.kr = shares[kind / 6][0];
            s.p.kb = shares[kind / 6][1];
            assert_ok(yuv_to_rgb(&ops, &scratch, &s.p, &img, &err), &err);
            for (y = 0; y < img.height; y++)
                for (x = 0; x < img.width; x++) {
                    double want[3];

                    formula(&s.p, x, y, want);
                    for (c = 0; c < 3; c++)
                        assert_near(image_row(&img, y)[3 * x + c], want[c], 0.52, 0);
                }
            release(&s);
        }
    yuv_scratch_release(&scratch);
    image_release(&img);
}

static void black_and_white_are_exact(void **state)
{
    static const uint8_t cases[][3] = {{16, 0, 0}, {235, 0, 255}, {0, 1, 0}, {255, 1, 255}};
    uint8_t luma[40], grey[40];
    struct yuv_planes p = {
        {luma, grey, grey}, {40, 40, 40}, 40, 1, false, false, 0.299, 0.114, false};
    struct yuv_scratch scratch = {0};
    struct image img = IMAGE_INIT;
    struct yuv_ops ops;
    struct err err = {0};
    size_t i;
    int x;

    (void)state;
    yuv_ops_init(&ops, ~0u);
    memset(grey, 128, sizeof(grey));
    for (i = 0; i < 4; i++) {
        memset(luma, cases[i][0], sizeof(luma));
        p.full = cases[i][1];
        assert_ok(yuv_to_rgb(&ops, &scratch, &p, &img, &err), &err);
        for (x = 0; x < 120; x++)
            assert_int_equal(img.data[x], cases[i][2]);
    }
    yuv_scratch_release(&scratch);
    image_release(&img);
}

/* A picture stored from the bottom up is the picture. */
static void strides_may_be_negative(void **state)
{
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct yuv_scratch scratch = {0};
    struct yuv_ops ops;
    struct planes s;
    struct err err = {0};
    struct rng rng;
    int i, y;

    (void)state;
    yuv_ops_init(&ops, ~0u);
    rng_init(&rng, 2, 0, "yuv", "test");
    s = random_planes(21, 8, true, true, false, &rng);
    assert_ok(yuv_to_rgb(&ops, &scratch, &s.p, &a, &err), &err);
    for (i = 0; i < 3; i++) {
        s.p.data[i] += (i ? 3 : 7) * s.p.stride[i];
        s.p.stride[i] = -s.p.stride[i];
    }
    assert_ok(yuv_to_rgb(&ops, &scratch, &s.p, &b, &err), &err);
    for (y = 0; y < 8; y++)
        assert_bytes(image_row(&b, y), image_row(&a, 7 - y), 21 * 3);
    release(&s);
    yuv_scratch_release(&scratch);
    image_release(&a);
    image_release(&b);
}

/* Same bytes, and nothing written past the row. */
static void variants_equal_the_reference(void **state)
{
    enum { W = 70 };
    struct yuv_ops plain, fast;
    uint8_t y[W], near[W], far[W], want[3 * W + 9], got[3 * W + 9];
    int16_t u[W + 2], v[W + 2], wide[2][2 * W + 9];
    struct rng rng;
    int i, k, n;

    (void)state;
    yuv_ops_init(&plain, 0);
    yuv_ops_init(&fast, ~0u);
    if (!(cpu_flags() & CPU_AVX2))
        skip();
    assert_true(plain.colour != fast.colour);
    rng_init(&rng, 3, 0, "yuv", "test");
    for (i = 0; i < 2000; i++) {
        /* Any matrix that yuv_to_rgb makes, and both ends of every number. */
        struct yuv_matrix m = {.y = (int16_t)(16384 + rng_below(&rng, 2800)),
                               .r_v = (int16_t)(11000 + rng_below(&rng, 7000)),
                               .g_u = (int16_t) - (1000 + rng_below(&rng, 4000)),
                               .g_v = (int16_t) - (3000 + rng_below(&rng, 6000)),
                               .b_u = (int16_t)(14000 + rng_below(&rng, 5000)),
                               .black = (int16_t)(i % 2 * 16)};

        n = 1 + (int)rng_below(&rng, W - 1);
        for (k = 0; k < W; k++) {
            y[k] = (uint8_t)rng_u32(&rng);
            near[k] = (uint8_t)rng_u32(&rng);
            far[k] = (uint8_t)rng_u32(&rng);
        }
        for (k = 0; k < W + 2; k++) {
            u[k] = (int16_t)(i % 5 ? (int)rng_below(&rng, 4081) - 2048 : k % 2 ? -2048 : 2032);
            v[k] = (int16_t)(i % 5 ? (int)rng_below(&rng, 4081) - 2048 : k % 3 ? -2048 : 2032);
        }
        memset(want, 0xa5, sizeof(want));
        memset(got, 0xa5, sizeof(got));
        plain.colour(want, y, u, v, n, &m);
        fast.colour(got, y, u, v, n, &m);
        assert_bytes(got, want, sizeof(want));
        assert_int_equal(got[3 * n], 0xa5);
        memset(wide, 0x5a, sizeof(wide));
        plain.blend(wide[0], near, far, n);
        fast.blend(wide[1], near, far, n);
        assert_bytes(wide[1], wide[0], sizeof(wide[0]));
        for (k = 0; k < W + 2; k++)
            u[k] = (int16_t)rng_below(&rng, 1021);
        memset(wide, 0x5a, sizeof(wide));
        plain.widen(wide[0], u + 1, n);
        fast.widen(wide[1], u + 1, n);
        assert_bytes(wide[1], wide[0], sizeof(wide[0]));
        assert_int_equal(wide[1][2 * n], 0x5a5a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_formula),
        cmocka_unit_test(black_and_white_are_exact),
        cmocka_unit_test(strides_may_be_negative),
        cmocka_unit_test(variants_equal_the_reference),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("yuv", tests, NULL, NULL);
}
