#include "tests/near.h"

#include "align/perturb.h"

#define SIDE 224

/* Something like a face: smooth shading, some edges, colour. */
static void draw(struct image *img, int w, int h)
{
    int x, y;

    assert_int_equal(image_shape(img, w, h, 3, NULL), 0);
    for (y = 0; y < h; y++)
        for (x = 0; x < w; x++) {
            uint8_t *p = image_row(img, y) + 3 * x;
            double shade = 130 + 60 * sin(x * .05) * cos(y * .04);

            if ((x / 20 + y / 30) % 4 == 0)
                shade -= 50 * fabs(sin(x * .13 + y * .05));
            p[0] = (uint8_t)(shade + 30);
            p[1] = (uint8_t)shade;
            p[2] = (uint8_t)(shade * 0.7);
        }
}

static int run(const char *name, double level, const struct image *src, struct image *dst)
{
    const struct perturbation *p = perturbation_find(name);
    struct perturb_scratch s = {0};
    struct rng rng;
    int r;

    rng_init(&rng, 1, 1, "face", name);
    r = p->apply(dst, src, level, &rng, &s, NULL);
    perturb_scratch_release(&s);
    return r;
}

static double psnr(const struct image *a, const struct image *b)
{
    double sum = 0;
    int x, y;

    for (y = 0; y < a->height; y++)
        for (x = 0; x < 3 * a->width; x++) {
            double d = image_row(a, y)[x] - image_row(b, y)[x];

            sum += d * d;
        }
    return 10 * log10(255.0 * 255 * 3 * a->width * a->height / sum);
}

/* `video` is measured where the encoder is: tests/unit/test_media_recode.c. */
static void each_level_is_worse_than_the_last(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    int i, k;

    (void)state;
    draw(&src, SIDE, SIDE);
    for (i = 0; perturbations[i]; i++) {
        const struct perturbation *p = perturbations[i];
        double last = 100;

        assert_ptr_equal(perturbation_find(p->name), p);
        for (k = 0; k < PERTURB_LEVELS; k++) {
            if (!p->apply) {
                assert_true(k == 0 || p->levels[k] > p->levels[k - 1]);
                continue;
            }
            assert_int_equal(run(p->name, p->levels[k], &src, &dst), 0);
            assert_true(psnr(&src, &dst) < last - 0.05);
            last = psnr(&src, &dst);
        }
    }
    assert_int_equal(i, 7);
    assert_null(perturbation_find("none"));
    image_release(&src);
    image_release(&dst);
}

static void colours_are_the_published_ones(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    uint8_t *p;

    (void)state;
    assert_int_equal(image_shape(&src, 2, 1, 3, NULL), 0);
    p = image_row(&src, 0);
    p[0] = 200, p[1] = 100, p[2] = 50; /* luma 59.8 + 58.7 + 5.7 = 124.2 */
    p[3] = p[4] = p[5] = 77;
    assert_int_equal(run("saturation", 0.4, &src, &dst), 0);
    assert_int_equal(image_row(&dst, 0)[0], 155); /* 124.2 + 0.4 * 75.8 = 154.52 */
    assert_int_equal(image_row(&dst, 0)[1], 115); /* 124.2 - 0.4 * 24.2 = 114.52 */
    assert_int_equal(image_row(&dst, 0)[2], 95);  /* 124.2 - 0.4 * 74.2 = 94.52 */
    assert_int_equal(image_row(&dst, 0)[3], 77);
    assert_int_equal(run("saturation", 0, &src, &dst), 0);
    assert_int_equal(image_row(&dst, 0)[0], 124);
    assert_int_equal(image_row(&dst, 0)[2], 124);
    assert_int_equal(run("contrast", 0.85, &src, &dst), 0);
    assert_int_equal(image_row(&dst, 0)[0], 170);
    assert_int_equal(image_row(&dst, 0)[2], 42); /* 42.5, cut */
    image_release(&src);
    image_release(&dst);
}

static void blocks_are_grey_squares_of_eight(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    int x, y, n = 0;

    (void)state;
    assert_int_equal(image_shape(&src, SIDE, SIDE, 3, NULL), 0);
    image_fill(&src, 10);
    assert_int_equal(run("blocks", 16, &src, &dst), 0);
    for (y = 0; y < SIDE; y++)
        for (x = 0; x < 3 * SIDE; x++) {
            assert_true(image_row(&dst, y)[x] == 10 || image_row(&dst, y)[x] == 128);
            n += image_row(&dst, y)[x] == 128;
        }
    assert_true(n <= 16 * 64 * 3 && n > 12 * 64 * 3); /* some overlap */
    /* smaller than a block */
    assert_int_equal(image_shape(&src, 5, 3, 3, NULL), 0);
    image_fill(&src, 10);
    assert_int_equal(run("blocks", 16, &src, &dst), 0);
    assert_int_equal(image_row(&dst, 2)[14], 128);
    image_release(&src);
    image_release(&dst);
}

/* In R: 255 sd sqrt((255 / 219)^2 + (1.402 * 255 / 224)^2), in G and B likewise. */
static void noise_has_the_variance_it_says(void **state)
{
    static const double want[3] = {1.9749, 1.4966, 2.3286};
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    double sum[3] = {0}, square[3] = {0}, n = SIDE * SIDE, sd = 255 * sqrt(0.001);
    int x, y, i;

    (void)state;
    assert_int_equal(image_shape(&src, SIDE, SIDE, 3, NULL), 0);
    image_fill(&src, 128);
    assert_int_equal(run("noise", 0.001, &src, &dst), 0);
    for (y = 0; y < SIDE; y++)
        for (x = 0; x < SIDE; x++)
            for (i = 0; i < 3; i++) {
                double d = image_row(&dst, y)[3 * x + i] - 128;

                sum[i] += d;
                square[i] += d * d;
            }
    for (i = 0; i < 3; i++) {
        assert_near(sum[i] / n, 0, 0.3, 0);
        assert_near(sqrt(square[i] / n), want[i] * sd, 0, 0.02);
    }
    image_release(&src);
    image_release(&dst);
}

static void blur_is_the_separable_sum(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    double w[9], total = 0, sum;
    int i, x, y, k, j;

    (void)state;
    draw(&src, 40, 30);
    assert_int_equal(run("blur", 9, &src, &dst), 0);
    for (i = 0; i < 9; i++)
        total += w[i] = exp(-(i - 4.0) * (i - 4.0) / (2 * 1.5 * 1.5));
    for (y = 0; y < 30; y++)
        for (x = 0; x < 40; x++) {
            sum = 0;
            for (k = -4; k <= 4; k++)
                for (j = -4; j <= 4; j++) {
                    int yy = y + k, xx = x + j;

                    yy = yy < 0 ? -yy : yy > 29 ? 58 - yy : yy;
                    xx = xx < 0 ? -xx : xx > 39 ? 78 - xx : xx;
                    sum += w[k + 4] * w[j + 4] / total / total * image_row(&src, yy)[3 * xx + 1];
                }
            assert_near(image_row(&dst, y)[3 * x + 1], sum, 0.52, 0);
        }
    /* White stays white, and a picture narrower than the kernel is no harm. */
    image_fill(&src, 255);
    assert_int_equal(run("blur", 21, &src, &dst), 0);
    assert_int_equal(image_row(&dst, 7)[8], 255);
    assert_int_equal(image_shape(&src, 1, 2, 3, NULL), 0);
    image_fill(&src, 9);
    assert_int_equal(run("blur", 21, &src, &dst), 0);
    assert_int_equal(image_row(&dst, 1)[2], 9);
    image_release(&src);
    image_release(&dst);
}

/* A ramp along x: taken every second pixel between two, then drawn out between those. */
static void pixelate_skips_and_interpolates(void **state)
{
    struct image src = IMAGE_INIT, dst = IMAGE_INIT;
    int x, i;

    (void)state;
    assert_int_equal(image_shape(&src, 60, 6, 3, NULL), 0);
    for (i = 0; i < 6; i++)
        for (x = 0; x < 180; x++)
            image_row(&src, i)[x] = (uint8_t)(4 * (x / 3));
    assert_int_equal(run("pixelate", 3, &src, &dst), 0);
    for (x = 1; x < 59; x++)
        assert_near(image_row(&dst, 3)[3 * x], 4 * x, 1, 0);
    assert_int_equal(image_row(&dst, 0)[0], 4); /* the edge is the middle of the first three */
    /* A pattern of the same period keeps one of its values. */
    for (i = 0; i < 6; i++)
        for (x = 0; x < 180; x++)
            image_row(&src, i)[x] = x / 3 % 3 == 1 ? 200 : 0;
    assert_int_equal(run("pixelate", 3, &src, &dst), 0);
    for (x = 0; x < 180; x++)
        assert_int_equal(image_row(&dst, 4)[x], 200);
    image_release(&src);
    image_release(&dst);
}

static void draws_are_repeated(void **state)
{
    struct image src = IMAGE_INIT, a = IMAGE_INIT, b = IMAGE_INIT;
    int y;

    (void)state;
    draw(&src, SIDE, SIDE);
    assert_int_equal(run("noise", 0.01, &src, &a), 0);
    assert_int_equal(run("noise", 0.01, &src, &b), 0);
    for (y = 0; y < SIDE; y++)
        assert_bytes(image_row(&a, y), image_row(&b, y), 3 * SIDE);
    image_release(&src);
    image_release(&a);
    image_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_is_worse_than_the_last),
        cmocka_unit_test(colours_are_the_published_ones),
        cmocka_unit_test(blocks_are_grey_squares_of_eight),
        cmocka_unit_test(noise_has_the_variance_it_says),
        cmocka_unit_test(blur_is_the_separable_sum),
        cmocka_unit_test(pixelate_skips_and_interpolates),
        cmocka_unit_test(draws_are_repeated),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("perturb", tests, NULL, NULL);
}
