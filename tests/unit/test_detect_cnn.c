/* The cnn detector on pictures of odd shapes, and its copies. Without XNNPACK or weights skipped.
 */
#include "tests/near.h"

#include "extract/detect.h"

static struct detector *open_or_skip(void)
{
    struct detector *d = NULL;
    struct err err = {0};
    int r = detector_open(&d, DETECTOR_CNN, NULL, &err);

    if (r == ERR_MISSING) {
        print_message("%s\n", err.text);
        skip();
    }
    assert_ok(r, &err);
    return d;
}

static struct face faces[DETECT_MAX_FACES];

/* Noise, grey, and each area down to a pixel: no face, no error, nothing beyond the picture. */
static void odd_pictures_hold_no_face(void **state)
{
    static const int sizes[][2] = {{1, 1}, {2, 500}, {500, 2}, {79, 79}, {4000, 4}, {129, 127}};
    static const enum detect_mode modes[] = {DETECT_ALL, DETECT_DOUBLED, DETECT_NARROW};
    struct detector *d = open_or_skip();
    struct image img = IMAGE_INIT;
    struct err err = {0};
    unsigned seed = 1;
    size_t i, m;
    int x, y;

    (void)state;
    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        const int w = sizes[i][0], h = sizes[i][1];
        const struct rect areas[] = {
            {0, 0, w, h}, {w - 1, h - 1, w, h}, {0, 0, 1, h}, {w / 2, 0, w, 1 + h / 2}};

        assert_ok(image_shape(&img, w, h, 3, &err), &err);
        for (y = 0; y < h; y++)
            for (x = 0; x < 3 * w; x++) {
                seed = seed * 1664525u + 1013904223u;
                image_row(&img, y)[x] = i % 2 ? 90 : (uint8_t)(seed >> 24);
            }
        for (m = 0; m < 12; m++) {
            const struct detect_query q = {
                .area = areas[m % 4], .smallest_px = m == 5 ? 1e6 : 80, .mode = modes[m / 4]};
            int n = detector_find(d, &img, &q, faces, &err);

            assert_ok(n, &err);
            assert_int_equal(n, 0);
        }
    }
    image_release(&img);
    detector_close(d);
}

/* A copy outlives what it was made from, and gives the same. */
static void a_copy_stands_alone(void **state)
{
    struct detector *d = open_or_skip(), *copy, *second;
    const struct detect_query q = {.area = {0, 0, 200, 150}, .smallest_px = 20};
    struct image img = IMAGE_INIT;
    struct err err = {0};

    (void)state;
    assert_ok(detector_copy(&copy, d, &err), &err);
    detector_close(d);
    assert_ok(detector_copy(&second, copy, &err), &err);
    detector_close(copy);
    assert_string_equal(detector_word(second), "cnn");
    assert_ok(image_shape(&img, 200, 150, 3, &err), &err);
    image_fill(&img, 200);
    assert_int_equal(detector_find(second, &img, &q, faces, &err), 0);
    image_release(&img);
    detector_close(second);
    detector_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_pictures_hold_no_face),
        cmocka_unit_test(a_copy_stands_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
