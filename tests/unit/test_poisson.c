#include "tests/near.h"

#include <math.h>
#include <stdlib.h>

#include "lib/cpu.h"
#include "lib/rng.h"
#include "swap/poisson.h"

#define W 61
#define H 47

static void texture(struct image *img, int w, int h, const char *name, int low, int high)
{
    struct rng rng;
    int x, y, c;

    rng_init(&rng, 3, 0, name, "poisson");
    assert_int_equal(image_shape(img, w, h, 3, NULL), 0);
    for (y = 0; y < h; y++) {
        for (x = 0; x < w; x++) {
            for (c = 0; c < 3; c++) {
                double wave = sin(x / 5.0 + c) * cos(y / 7.0) * 0.5 + 0.5;

                image_row(img, y)[3 * x + c] =
                    (uint8_t)(low + (high - low) * (0.9 * wave + 0.1 * rng_uniform(&rng)));
            }
        }
    }
}

static void ellipse(struct image *mask, int w, int h, double cx, double cy, double rx, double ry)
{
    int x, y;

    assert_int_equal(image_shape(mask, w, h, 1, NULL), 0);
    for (y = 0; y < h; y++) {
        for (x = 0; x < w; x++)
            image_row(mask, y)[x] = pow((x - cx) / rx, 2) + pow((y - cy) / ry, 2) < 1 ? 255 : 0;
    }
}

/* The equation of poisson.h solved in doubles by plain Gauss-Seidel until nothing moves. */
static void direct(double *u, const struct image *fg, const struct image *bg,
                   const struct image *mask, int c)
{
    int x, y, n, w = bg->width, h = bg->height;
    double moved;

    for (y = 0; y < h; y++) {
        for (x = 0; x < w; x++)
            u[y * w + x] = image_row(bg, y)[3 * x + c];
    }
    for (n = 0; n < 20000; n++) {
        for (moved = 0, y = 1; y < h - 1; y++) {
            for (x = 1; x < w - 1; x++) {
                const uint8_t *f = image_row(fg, y) + 3 * x + c;
                const uint8_t *up = image_row(fg, y - 1) + 3 * x + c;
                const uint8_t *down = image_row(fg, y + 1) + 3 * x + c;
                double guide, v;

                if (!image_row(mask, y)[x])
                    continue;
                guide = 4.0 * f[0] - f[-3] - f[3] - up[0] - down[0];
                v = (u[y * w + x - 1] + u[y * w + x + 1] + u[(y - 1) * w + x] + u[(y + 1) * w + x] +
                     guide) /
                    4;
                moved = fmax(moved, fabs(v - u[y * w + x]));
                u[y * w + x] = v;
            }
        }
        if (moved < 1e-9)
            break;
    }
}

static void equals_a_direct_solver(void **state)
{
    static const struct {
        double cx, cy, rx, ry;
    } masks[] = {{30, 23, 20, 15}, {30, 23, 3, 20},    {0, 0, 30, 30},
                 {50, 40, 25, 25}, {30, 23, 100, 100}, {30, 23, 0.9, 0.9}};
    struct image fg = IMAGE_INIT, bg = IMAGE_INIT, mask = IMAGE_INIT, out = IMAGE_INIT;
    struct poisson p = {0};
    double *u = malloc(W * H * sizeof *u);
    size_t m;
    int x, y, c;

    (void)state;
    assert_non_null(u);
    texture(&fg, W, H, "foreground", 90, 200);
    texture(&bg, W, H, "background", 60, 150);
    for (m = 0; m < sizeof masks / sizeof *masks; m++) {
        ellipse(&mask, W, H, masks[m].cx, masks[m].cy, masks[m].rx, masks[m].ry);
        assert_int_equal(
            poisson_blend(&p, &swap_ops_c, &out, &fg, &bg, &mask, (struct rect){0, 0, W, H}, NULL),
            0);
        assert_true(p.residual < 1e-3);
        for (c = 0; c < 3; c++) {
            direct(u, &fg, &bg, &mask, c);
            for (y = 0; y < H; y++) {
                for (x = 0; x < W; x++) {
                    double want = fmin(255, fmax(0, u[y * W + x]));
                    int got = image_row(&out, y)[3 * x + c];

                    if (image_row(&mask, y)[x] == 0)
                        assert_int_equal(got, image_row(&bg, y)[3 * x + c]);
                    assert_true(fabs(got - want) < 0.51); /* rounded, and 0.01 of solver */
                }
            }
        }
    }
    free(u);
    poisson_release(&p);
    image_release(&fg);
    image_release(&bg);
    image_release(&mask);
    image_release(&out);
}

static void same_picture_is_left_alone(void **state)
{
    struct image bg = IMAGE_INIT, mask = IMAGE_INIT, out = IMAGE_INIT;
    struct poisson p = {0};
    int y;

    (void)state;
    texture(&bg, W, H, "same", 0, 255);
    ellipse(&mask, W, H, 30, 23, 20, 15);
    assert_int_equal(
        poisson_blend(&p, &swap_ops_c, &out, &bg, &bg, &mask, (struct rect){5, 4, 56, 43}, NULL),
        0);
    for (y = 0; y < H; y++)
        assert_bytes(image_row(&out, y), image_row(&bg, y), 3 * W);
    poisson_release(&p);
    image_release(&bg);
    image_release(&mask);
    image_release(&out);
}

/* A foreground that is the background plus a constant is cloned without a trace. */
static void offset_disappears(void **state)
{
    struct image fg = IMAGE_INIT, bg = IMAGE_INIT, mask = IMAGE_INIT, out = IMAGE_INIT;
    struct poisson p = {0};
    int x, y;

    (void)state;
    texture(&bg, W, H, "offset", 40, 180);
    assert_int_equal(image_copy(&fg, &bg, NULL), 0);
    for (y = 0; y < H; y++) {
        for (x = 0; x < 3 * W; x++)
            image_row(&fg, y)[x] = (uint8_t)(image_row(&fg, y)[x] + 50 - 20 * (x % 3));
    }
    ellipse(&mask, W, H, 33, 20, 22, 17);
    assert_int_equal(
        poisson_blend(&p, &swap_ops_c, &out, &fg, &bg, &mask, (struct rect){0, 0, W, H}, NULL), 0);
    for (y = 0; y < H; y++)
        assert_bytes(image_row(&out, y), image_row(&bg, y), 3 * W);
    poisson_release(&p);
    image_release(&fg);
    image_release(&bg);
    image_release(&mask);
    image_release(&out);
}

/* Face-sized, ragged mask: converges, and every variant gives the same bytes. */
static void large_and_ragged(void **state)
{
    struct image fg = IMAGE_INIT, bg = IMAGE_INIT, mask = IMAGE_INIT, a = IMAGE_INIT,
                 b = IMAGE_INIT;
    struct poisson p = {0};
    struct rng rng;
    int x, y, i;

    (void)state;
    texture(&fg, 224, 260, "large fg", 30, 250);
    texture(&bg, 224, 260, "large bg", 0, 190);
    ellipse(&mask, 224, 260, 112, 130, 80, 110);
    rng_init(&rng, 1, 0, "ragged", "mask");
    for (i = 0; i < 200; i++) {
        x = (int)rng_below(&rng, 220);
        y = (int)rng_below(&rng, 256);
        image_row(&mask, y)[x] = image_row(&mask, y + 1)[x + 2] = i % 2 ? 255 : 0;
    }
    assert_int_equal(
        poisson_blend(&p, &swap_ops_c, &a, &fg, &bg, &mask, (struct rect){0, 0, 224, 260}, NULL),
        0);
    print_message("# residual %g after %d cycles\n", p.residual, p.cycles);
    assert_true(p.residual < 1e-3);
#if defined(__x86_64__)
    if (cpu_flags() & CPU_AVX2) {
        assert_int_equal(poisson_blend(&p, &swap_ops_avx2, &b, &fg, &bg, &mask,
                                       (struct rect){0, 0, 224, 260}, NULL),
                         0);
        for (y = 0; y < 260; y++)
            assert_bytes(image_row(&a, y), image_row(&b, y), 3 * 224);
    }
#endif
    poisson_release(&p);
    image_release(&fg);
    image_release(&bg);
    image_release(&mask);
    image_release(&a);
    image_release(&b);
}

static void empty_masks(void **state)
{
    struct image fg = IMAGE_INIT, bg = IMAGE_INIT, mask = IMAGE_INIT, out = IMAGE_INIT;
    struct poisson p = {0};
    int y;

    (void)state;
    texture(&fg, W, H, "a", 0, 255);
    texture(&bg, W, H, "b", 0, 255);
    ellipse(&mask, W, H, -10, -10, 1, 1);
    assert_int_equal(
        poisson_blend(&p, &swap_ops_c, &out, &fg, &bg, &mask, (struct rect){0, 0, W, H}, NULL), 0);
    for (y = 0; y < H; y++)
        assert_bytes(image_row(&out, y), image_row(&bg, y), 3 * W);
    assert_int_equal(
        poisson_blend(&p, &swap_ops_c, &out, &fg, &bg, &mask, (struct rect){0, 0, 0, 0}, NULL), 0);
    poisson_release(&p);
    image_release(&fg);
    image_release(&bg);
    image_release(&mask);
    image_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_direct_solver),
        cmocka_unit_test(same_picture_is_left_alone),
        cmocka_unit_test(offset_disappears),
        cmocka_unit_test(large_and_ragged),
        cmocka_unit_test(empty_masks),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("poisson", tests, NULL, NULL);
}
