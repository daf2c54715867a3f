#include "tests/near.h"

#include "lib/media_recode.h"
#include "lib/rng.h"

#define FRAMES 12

/* Smooth shapes that move, with a little noise: something to spend bits on. */
static void draw(struct image *img, int w, int h, int t)
{
    struct rng rng;
    int x, y, i;

    assert_int_equal(image_shape(img, w, h, 3, NULL), 0);
    rng_init(&rng, 1, (uint32_t)t, "recode", "pixels");
    for (y = 0; y < h; y++)
        for (x = 0; x < w; x++)
            for (i = 0; i < 3; i++)
                image_row(img, y)[3 * x + i] =
                    (uint8_t)(128 + 70 * sin((x + 3 * t) * .11 + i) * cos(y * .07 - i) +
                              (double)rng_below(&rng, 24));
}

static double mse(const struct image *a, const struct image *b)
{
    double sum = 0;
    int x, y;

    for (y = 0; y < a->height; y++)
        for (x = 0; x < 3 * a->width; x++) {
            double d = image_row(a, y)[x] - image_row(b, y)[x];

            sum += d * d;
        }
    return sum / a->height / a->width / 3;
}

/* Mean squared error of a sequence at a rate factor, and its bytes. */
static double run(struct media_recode *m, int w, int h, int crf, size_t *bytes)
{
    struct image in = IMAGE_INIT, out = IMAGE_INIT, want = IMAGE_INIT;
    struct err err = {0};
    double sum = 0;
    int t, got = 0, r;

    assert_ok(media_recode_start(m, w, h, 25, crf, &err), &err);
    for (t = 0; t <= FRAMES; t++) {
        if (t < FRAMES)
            draw(&in, w, h, t);
        assert_ok(media_recode_put(m, t < FRAMES ? &in : NULL, &err), &err);
        while ((r = media_recode_get(m, &out, &err)) == 1) {
            assert_int_equal(out.width, w);
            assert_int_equal(out.height, h);
            assert_int_equal(out.channels, 3);
            draw(&want, w, h, got++); /* the order is kept: it must look like its own */
            sum += mse(&out, &want);
        }
        assert_ok(r, &err);
    }
    assert_int_equal(got, FRAMES);
    *bytes = media_recode_bytes(m);
    image_release(&in);
    image_release(&out);
    image_release(&want);
    return sum / FRAMES;
}

static void a_larger_factor_is_worse_and_smaller(void **state)
{
    static const int crf[] = {10, 23, 30, 32, 35, 38, 40};
    struct media_recode *m;
    struct err err = {0};
    double error, last_error = 0, again;
    size_t bytes, last_bytes = (size_t)-1, same;
    size_t i;

    (void)state;
    assert_ok(media_recode_new(&m, &err), &err);
    for (i = 0; i < sizeof(crf) / sizeof(*crf); i++) {
        error = run(m, 96, 64, crf[i], &bytes);
        assert_true(error > last_error && bytes < last_bytes);
        last_error = error;
        last_bytes = bytes;
    }
    assert_true(run(m, 96, 64, 10, &bytes) < 60); /* mostly what 4:2:0 costs noise */
    again = run(m, 96, 64, 40, &same);
    assert_near(again, last_error, 0, 0); /* a sequence starts from nothing */
    assert_int_equal(same, last_bytes);
    media_recode_free(m);
}

static void odd_sides_come_back_odd(void **state)
{
    struct media_recode *m;
    struct err err = {0};
    size_t bytes;

    (void)state;
    assert_ok(media_recode_new(&m, &err), &err);
    assert_true(run(m, 95, 63, 10, &bytes) < 60);
    assert_true(run(m, 64, 63, 10, &bytes) < 60);
    media_recode_free(m);
}

static void other_sizes_are_refused(void **state)
{
    struct image in = IMAGE_INIT;
    struct media_recode *m;
    struct err err = {0};

    (void)state;
    assert_ok(media_recode_new(&m, &err), &err);
    assert_ok(media_recode_start(m, 64, 64, 25, 30, &err), &err);
    draw(&in, 66, 64, 0);
    assert_fails(media_recode_put(m, &in, &err), ERR_FAULT, &err, "66 x 64");
    image_release(&in);
    media_recode_free(m);
    media_recode_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_larger_factor_is_worse_and_smaller),
        cmocka_unit_test(odd_sides_come_back_odd),
        cmocka_unit_test(other_sizes_are_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("media_recode", tests, NULL, NULL);
}
