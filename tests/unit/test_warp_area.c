#include "tests/near.h"

#include "lib/rng.h"
#include "lib/warp_area.h"

#define SIDE 640
#define NEW  96

/* A similarity that shrinks by `scale` and turns by `turn` about the middles. */
static struct mat3 shrink(double scale, double turn)
{
    double a = cos(turn) / scale, b = sin(turn) / scale, from = 0.5 * (SIDE - 1);
    double to = 0.5 * (NEW - 1);

    return (struct mat3){
        {a, -b, to - a * from + b * from, b, a, to - b * from - a * from, 0, 0, 1}};
}

/* Rings that get finer outwards, at `reach` pixels from the middle as fine as the pixels can hold:
 * what shows aliasing best. */
static void draw_rings(struct image *img, int channels, double reach)
{
    struct err err = {0};
    int x, y, c;

    assert_ok(image_shape(img, SIDE, SIDE, channels, &err), &err);
    for (y = 0; y < SIDE; y++)
        for (x = 0; x < SIDE; x++) {
            double u = x - 320, v = y - 320;
            double value = 127.5 + 127 * cos((u * u + v * v) * 3.14159265 / (2 * reach));

            for (c = 0; c < channels; c++)
                image_row(img, y)[x * channels + c] = (uint8_t)(value + 0.5);
        }
}

/* The mean over a new pixel's area, by 16 x 16 points: independent of the code under test. */
static double area_mean(const struct image *src, const struct mat3 *inverse, int x, int y)
{
    double sum = 0;
    int i, j;

    for (j = 0; j < 16; j++)
        for (i = 0; i < 16; i++) {
            struct point p = mat3_apply(
                inverse, (struct point){x + (i + 0.5) / 16 - 0.5, y + (j + 0.5) / 16 - 0.5});
            int u = (int)floor(p.x + 0.5), v = (int)floor(p.y + 0.5);

            if (u >= 0 && v >= 0 && u < src->width && v < src->height)
                sum += image_row(src, v)[u * src->channels];
        }
    return sum / 256;
}

static double rms_to_area_mean(const struct image *dst, const struct image *src,
                               const struct mat3 *m)
{
    struct mat3 inverse;
    double sum = 0;
    int x, y;

    assert_true(mat3_invert(m, &inverse));
    for (y = 0; y < NEW; y++)
        for (x = 0; x < NEW; x++) {
            double e = image_row(dst, y)[x * dst->channels] - area_mean(src, &inverse, x, y);

            sum += e * e;
        }
    return sqrt(sum / (NEW * NEW));
}

static void fine_rings_do_not_alias(void **state)
{
    static const double scales[] = {2, 2.7, 3.5, 5.3};
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct warp_area a;
    struct err err = {0};
    size_t i;
    int c;

    (void)state;
    warp_area_init(&a, ~0u);
    for (c = 1; c <= 3; c += 2) {
        assert_ok(image_shape(&dst, NEW, NEW, c, &err), &err);
        for (i = 0; i < sizeof(scales) / sizeof(*scales); i++) {
            struct mat3 m = shrink(scales[i], 0.3 + (double)i);
            double plain, area;

            draw_rings(&src, c, scales[i] * NEW / 2);
            assert_ok(warp_perspective(&a.ops, &dst, &src, &m, &err), &err);
            plain = rms_to_area_mean(&dst, &src, &m);
            assert_ok(warp_perspective_area(&a, &dst, &src, &m, &err), &err);
            area = rms_to_area_mean(&dst, &src, &m);
            print_message("# shrunk %.1f times: rms to the area's mean %.2f, bilinear %.2f\n",
                          scales[i], area, plain);
            assert_true(area < 10);
            assert_true(area < plain / 4);
        }
    }
    warp_area_release(&a);
    image_release(&src);
    image_release(&dst);
}

/* On a plane of grey levels, every way of averaging gives the value at the pixel's centre: this
 * sees half a pixel of shift. */
static void nothing_is_shifted(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct warp_area a;
    struct err err = {0};
    double scale;
    int x, y;

    (void)state;
    warp_area_init(&a, ~0u);
    assert_ok(image_shape(&src, SIDE, SIDE, 1, &err), &err);
    assert_ok(image_shape(&dst, NEW, NEW, 1, &err), &err);
    for (y = 0; y < SIDE; y++)
        for (x = 0; x < SIDE; x++)
            image_row(&src, y)[x] = (uint8_t)((x + y) / 6);
    for (scale = 1.53; scale < 6; scale += 0.45) {
        struct mat3 m = shrink(scale, scale), inverse;
        double sum = 0;

        assert_true(mat3_invert(&m, &inverse));
        assert_ok(warp_perspective_area(&a, &dst, &src, &m, &err), &err);
        for (y = 8; y < NEW - 8; y++)
            for (x = 8; x < NEW - 8; x++) {
                struct point p = mat3_apply(&inverse, (struct point){x, y});
                double want = (p.x + p.y) / 6 - 2.5 / 6; /* floor() takes 2.5/6 on average */

                if (p.x < 12 || p.y < 12 || p.x > SIDE - 12 || p.y > SIDE - 12)
                    continue;
                assert_near(image_row(&dst, y)[x], want, 1.2, 0);
                sum += image_row(&dst, y)[x] - want;
            }
        /* Half a source pixel would be 1/6 grey level. */
        assert_near(sum / ((NEW - 16) * (NEW - 16)), 0, 0.03, 0);
    }
    warp_area_release(&a);
    image_release(&src);
    image_release(&dst);
}

static void little_shrinking_is_bilinear(void **state)
{
    static const double scales[] = {0.5, 1, 1.2, 1.49};
    struct image src = IMAGE_INIT, dst = IMAGE_INIT, want = IMAGE_INIT;
    struct warp_area a;
    struct err err = {0};
    struct mat3 m;
    size_t i;
    int y;

    (void)state;
    warp_area_init(&a, ~0u);
    draw_rings(&src, 3, SIDE / 2);
    assert_ok(image_shape(&dst, NEW, NEW, 3, &err), &err);
    assert_ok(image_shape(&want, NEW, NEW, 3, &err), &err);
    for (i = 0; i <= sizeof(scales) / sizeof(*scales); i++) {
        if (i < sizeof(scales) / sizeof(*scales))
            m = shrink(scales[i], 1);
        else
            m = (struct mat3){{1, 0, 0, 0, 1, 0, 0.05, 0, -2}}; /* a horizon in the picture */
        assert_ok(warp_perspective(&a.ops, &want, &src, &m, &err), &err);
        assert_ok(warp_perspective_area(&a, &dst, &src, &m, &err), &err);
        for (y = 0; y < NEW; y++)
            assert_bytes(image_row(&dst, y), image_row(&want, y), NEW * 3);
    }
    warp_area_release(&a);
    image_release(&src);
    image_release(&dst);
    image_release(&want);
}

/* Beside and across the border of the source, flat stays flat and the rest is black. */
static void outside_is_black(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    struct warp_area a;
    struct err err = {0};
    struct mat3 m = shrink(3, 0);
    int x, y;

    (void)state;
    warp_area_init(&a, ~0u);
    assert_ok(image_shape(&src, SIDE, SIDE, 3, &err), &err);
    image_fill(&src, 200);
    assert_ok(image_shape(&dst, NEW, NEW, 3, &err), &err);
    m.m[2] += 40;
    assert_ok(warp_perspective_area(&a, &dst, &src, &m, &err), &err);
    for (y = 0; y < NEW; y++)
        for (x = 0; x < NEW; x++) {
            double from = (x - m.m[2]) * 3;

            if (from < -5)
                assert_int_equal(image_row(&dst, y)[3 * x], 0);
            if (from > 5)
                assert_int_equal(image_row(&dst, y)[3 * x], 200);
        }
    m.m[2] += 1000;
    assert_ok(warp_perspective_area(&a, &dst, &src, &m, &err), &err);
    assert_int_equal(image_row(&dst, 50)[150], 0);
    m = (struct mat3){{0}};
    assert_fails(warp_perspective_area(&a, &dst, &src, &m, &err), ERR_DATA, &err, "inverted");
    warp_area_release(&a);
    image_release(&src);
    image_release(&dst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fine_rings_do_not_alias),
        cmocka_unit_test(nothing_is_shifted),
        cmocka_unit_test(little_shrinking_is_bilinear),
        cmocka_unit_test(outside_is_black),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("warp_area", tests, NULL, NULL);
}
