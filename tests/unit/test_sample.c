/* Which frames are looked at, and which part of them is kept. */
#include "tests/near.h"

#include "extract/crop.h"
#include "extract/sample.h"

static long long *frames;
static size_t cap, count;

static void sample(struct sampling s, long long n, double fps)
{
    struct err err = {0};

    assert_ok(sample_frames(&s, n, fps, &frames, &cap, &count, &err), &err);
}

static void check(const long long *want, size_t n)
{
    size_t i;

    assert_int_equal(count, n);
    for (i = 0; i < n; i++)
        assert_int_equal(frames[i], want[i]);
}

/* trunc(k * (n - 1) / (frames - 1)) by hand: 299 / 7 = 42.71, 85.43, 128.14, 170.86, 213.57, ... */
static void spread_is_truncated_linspace(void **state)
{
    static const long long of_300_8[] = {0, 42, 85, 128, 170, 213, 256, 299};
    static const long long of_10_4[] = {0, 3, 6, 9};
    static const long long of_7_5[] = {0, 1, 3, 4, 6};

    (void)state;
    sample((struct sampling){.rule = SAMPLE_SPREAD, .frames = 8}, 300, 25);
    check(of_300_8, 8);
    sample((struct sampling){.rule = SAMPLE_SPREAD, .frames = 4}, 10, 25);
    check(of_10_4, 4);
    sample((struct sampling){.rule = SAMPLE_SPREAD, .frames = 5}, 7, 25);
    check(of_7_5, 5);
}

static void spread_ends_at_the_last_frame_and_repeats_none(void **state)
{
    long long n, k;
    size_t i;

    (void)state;
    for (n = 1; n < 200; n += 7) {
        for (k = 1; k < 70; k += 3) {
            sample((struct sampling){.rule = SAMPLE_SPREAD, .frames = k}, n, 25);
            assert_int_equal(count, n < k ? n : k);
            assert_int_equal(frames[0], 0);
            assert_int_equal(frames[count - 1], k == 1 ? 0 : n - 1);
            for (i = 1; i < count; i++)
                assert_true(frames[i] > frames[i - 1]);
        }
    }
}

static void every_takes_multiples(void **state)
{
    static const long long by_4[] = {0, 4, 8};

    (void)state;
    sample((struct sampling){.rule = SAMPLE_EVERY, .every = 4}, 9, 25);
    check(by_4, 3);
    sample((struct sampling){.rule = SAMPLE_EVERY, .every = 4}, 12, 25);
    check(by_4, 3);
    sample((struct sampling){.rule = SAMPLE_EVERY, .every = 1000}, 9, 25);
    check(by_4, 1);
}

static void fps_counts_in_seconds_of_the_video(void **state)
{
    static const long long by_2[] = {0, 12, 25, 37};

    (void)state;
    sample((struct sampling){.rule = SAMPLE_FPS, .fps = 2}, 50, 25);
    check(by_2, 4);
    sample((struct sampling){.rule = SAMPLE_FPS, .fps = 2}, 50, 0); /* unknown: as 25 */
    check(by_2, 4);
    sample((struct sampling){.rule = SAMPLE_FPS, .fps = 100}, 5, 25); /* each frame once */
    assert_int_equal(count, 5);
}

static void no_frames_no_samples(void **state)
{
    (void)state;
    sample((struct sampling){.rule = SAMPLE_SPREAD, .frames = 8}, 0, 25);
    assert_int_equal(count, 0);
    sample((struct sampling){.rule = SAMPLE_SPREAD, .frames = 1}, 1, 25);
    assert_int_equal(count, 1);
}

static void check_rect(struct rect r, int x0, int y0, int x1, int y1)
{
    assert_int_equal(r.x0, x0);
    assert_int_equal(r.y0, y0);
    assert_int_equal(r.x1, x1);
    assert_int_equal(r.y1, y1);
}

static void crop_grows_about_the_centre(void **state)
{
    (void)state;
    check_rect(crop_box((struct rect){100, 200, 150, 250}, 2, 640, 480), 75, 175, 175, 275);
    check_rect(crop_box((struct rect){100, 200, 150, 250}, 1, 640, 480), 100, 200, 150, 250);
    /* an odd side: 51 x 2 = 102 about 125.5 */
    check_rect(crop_box((struct rect){100, 200, 151, 251}, 2, 640, 480), 75, 175, 177, 277);
}

static void crop_is_clipped_to_the_frame(void **state)
{
    struct rect out;

    (void)state;
    check_rect(crop_box((struct rect){-10, 10, 90, 110}, 2, 160, 120), 0, 0, 140, 120);
    check_rect(crop_box((struct rect){-1000000, -5, 1000000, 5}, 8, 64, 48), 0, 0, 64, 40);
    out = crop_box((struct rect){500, 10, 600, 110}, 1, 160, 120);
    assert_int_equal(rect_width(out), 0);
}

static int release(void **state)
{
    (void)state;
    free(frames);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_is_truncated_linspace),
        cmocka_unit_test(spread_ends_at_the_last_frame_and_repeats_none),
        cmocka_unit_test(every_takes_multiples),
        cmocka_unit_test(fps_counts_in_seconds_of_the_video),
        cmocka_unit_test(no_frames_no_samples),
        cmocka_unit_test(crop_grows_about_the_centre),
        cmocka_unit_test(crop_is_clipped_to_the_frame),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
