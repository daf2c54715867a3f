#include "tests/near.h"

#include "lib/image.h"
#include "lib/mem.h"

static void numbered(struct image *img, int w, int h, int c)
{
    struct err err = {0};
    int x, y;

    assert_ok(image_shape(img, w, h, c, &err), &err);
    for (y = 0; y < h; y++)
        for (x = 0; x < w * c; x++)
            image_row(img, y)[x] = (uint8_t)(1 + (x * 7 + y * 31) % 255);
}

static void shapes_are_aligned_and_reuse_memory(void **state)
{
    struct image img = IMAGE_INIT;
    struct err err = {0};
    uint8_t *first;

    (void)state;
    assert_ok(image_shape(&img, 33, 21, 3, &err), &err);
    assert_int_equal(img.stride, 128);
    assert_int_equal((uintptr_t)img.data % MEM_ALIGN, 0);
    assert_true(img.capacity >= 128 * 21);
    first = img.data;
    assert_ok(image_shape(&img, 10, 21, 1, &err), &err);
    assert_ptr_equal(img.data, first);
    assert_int_equal(img.stride, 64);
    assert_ok(image_shape(&img, 300, 210, 3, &err), &err);
    assert_int_equal(img.width, 300);
    image_fill(&img, 9);
    assert_int_equal(image_row(&img, 209)[899], 9);
    image_release(&img);
    assert_null(img.data);
    image_release(&img);
}

static void damaged_shapes_are_refused(void **state)
{
    struct image img = IMAGE_INIT;
    struct err err = {0};

    (void)state;
    assert_fails(image_shape(&img, 0, 5, 3, &err), ERR_DATA, &err, "0 x 5");
    assert_fails(image_shape(&img, 5, -1, 3, &err), ERR_DATA, &err, "5 x -1");
    assert_fails(image_shape(&img, IMAGE_MAX_SIDE + 1, 5, 3, &err), ERR_DATA, &err, "32769 x 5");
    assert_fails(image_shape(&img, 32768, 32768, 1, &err), ERR_DATA, &err, "more than");
    assert_fails(image_shape(&img, 5, 5, 4, &err), ERR_FAULT, &err, "4 channels");
    assert_null(img.data);
}

static void a_view_shares_and_never_frees(void **state)
{
    struct image img = IMAGE_INIT, view, copy = IMAGE_INIT;
    struct err err = {0};
    int y;

    (void)state;
    numbered(&img, 20, 10, 3);
    view = image_view(&img, 3, 2, 5, 4);
    assert_ptr_equal(view.data, image_row(&img, 2) + 9);
    assert_ok(image_copy(&copy, &view, &err), &err);
    for (y = 0; y < 4; y++)
        assert_bytes(image_row(&copy, y), image_row(&img, y + 2) + 9, 15);
    image_fill(&view, 0);
    assert_int_equal(image_row(&img, 2)[9], 0);
    assert_int_not_equal(image_row(&img, 2)[9 + 15], 0);
    assert_int_not_equal(image_row(&img, 6)[9], 0);
    /* Shaping it makes it an owner of something else. */
    assert_ok(image_shape(&view, 5, 4, 3, &err), &err);
    assert_ptr_not_equal(view.data, image_row(&img, 2) + 9);
    image_release(&view);
    view = image_view(&img, 0, 0, 20, 10);
    image_release(&view);
    assert_int_not_equal(image_row(&img, 9)[0], 0);
    image_release(&copy);
    image_release(&img);
}

/* Against the definition, at every way of being partly or wholly outside. */
static void crops_are_black_outside(void **state)
{
    static const int at[] = {-2000000000, -50, -9, -8, -3, 0, 2, 11, 12, 13, 50, 2000000000};
    struct image img = IMAGE_INIT, crop = IMAGE_INIT;
    struct err err = {0};
    size_t i, j;
    int x, y, c, channels;

    (void)state;
    for (channels = 1; channels <= 3; channels += 2) {
        numbered(&img, 12, 13, channels);
        for (i = 0; i < sizeof(at) / sizeof(*at); i++)
            for (j = 0; j < sizeof(at) / sizeof(*at); j++) {
                assert_ok(image_crop(&crop, &img, at[i], at[j], 9, 8, &err), &err);
                assert_int_equal(crop.width, 9);
                for (y = 0; y < 8; y++)
                    for (x = 0; x < 9; x++)
                        for (c = 0; c < channels; c++) {
                            long long u = (long long)at[i] + x, v = (long long)at[j] + y;
                            bool in = u >= 0 && u < 12 && v >= 0 && v < 13;

                            assert_int_equal(image_row(&crop, y)[x * channels + c],
                                             in ? image_row(&img, (int)v)[u * channels + c] : 0);
                        }
            }
    }
    image_release(&crop);
    image_release(&img);
}

static void grey_is_luma(void **state)
{
    static const uint8_t rgb[][4] = {
        {255, 255, 255, 255}, {255, 0, 0, 77}, {0, 255, 0, 149}, {0, 0, 255, 29}, {10, 20, 30, 18}};
    struct image img = IMAGE_INIT, grey = IMAGE_INIT, again = IMAGE_INIT;
    struct err err = {0};
    int i;

    (void)state;
    assert_ok(image_shape(&img, 261, 1, 3, &err), &err);
    for (i = 0; i < 5; i++)
        memcpy(img.data + 3 * i, rgb[i], 3);
    for (i = 5; i < 261; i++)
        memset(img.data + 3 * i, i - 5, 3);
    assert_ok(image_to_grey(&grey, &img, &err), &err);
    assert_int_equal(grey.channels, 1);
    for (i = 0; i < 5; i++)
        assert_int_equal(grey.data[i], rgb[i][3]);
    for (i = 5; i < 261; i++)
        assert_int_equal(grey.data[i], i - 5);
    assert_ok(image_to_grey(&again, &grey, &err), &err);
    assert_bytes(again.data, grey.data, 261);
    image_release(&img);
    image_release(&grey);
    image_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_aligned_and_reuse_memory),
        cmocka_unit_test(damaged_shapes_are_refused),
        cmocka_unit_test(a_view_shares_and_never_frees),
        cmocka_unit_test(crops_are_black_outside),
        cmocka_unit_test(grey_is_luma),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
