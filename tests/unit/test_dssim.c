#include "tests/near.h"

#include <math.h>
#include <stdlib.h>

#include "lib/cpu.h"
#include "lib/rng.h"
#include "swap/dssim.h"

static const struct swap_ops *const variants[] = {
    &swap_ops_c,
#if defined(__x86_64__)
    &swap_ops_avx2,
#endif
};
#define VARIANTS (sizeof variants / sizeof *variants)

static bool runs_here(size_t v)
{
    return v == 0 || (cpu_flags() & CPU_AVX2);
}

static int reflect(int i, int n)
{
    return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
}

/* The definition, in doubles, 121 taps a value. */
static double direct(const struct image *a, const struct image *b, int x, int y, int c)
{
    double g[11], total = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
    int i, j;

    for (i = 0; i < 11; i++)
        total += g[i] = exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5));
    for (j = 0; j < 11; j++) {
        for (i = 0; i < 11; i++) {
            int sx = reflect(x + i - 5, a->width), sy = reflect(y + j - 5, a->height);
            double p = image_row(a, sy)[3 * sx + c], q = image_row(b, sy)[3 * sx + c];
            double w = g[i] * g[j] / (total * total);

            ma += w * p;
            mb += w * q;
            aa += w * p * p;
            bb += w * q * q;
            ab += w * p * q;
        }
    }
    aa -= ma * ma;
    bb -= mb * mb;
    ab -= ma * mb;
    return fabs(1 -
                (2 * ma * mb + c1) * (2 * ab + c2) / ((ma * ma + mb * mb + c1) * (aa + bb + c2))) /
           2;
}

static void make_pair(struct image *a, struct image *b, int w, int h, const char *name)
{
    struct rng rng;
    int x, y;

    rng_init(&rng, 1, 0, name, "dssim");
    assert_int_equal(image_shape(a, w, h, 3, NULL), 0);
    assert_int_equal(image_shape(b, w, h, 3, NULL), 0);
    for (y = 0; y < h; y++) {
        for (x = 0; x < 3 * w; x++) {
            image_row(a, y)[x] = (uint8_t)(rng_below(&rng, 256) & (x / 30 % 2 ? 255 : 7));
            image_row(b, y)[x] =
                (uint8_t)(image_row(a, y)[x] ^ (y > h / 2 ? rng_below(&rng, 64) : 0));
        }
    }
}

/* facts of the reference code run under OpenCV 4.6.0 / NumPy 1.24.2: caddm_vectors.json, "dssim":
 * two 12 x 12 pictures by formula, the sum of D and three of its pixels (channels in order). */
static void published_numbers(void **state)
{
    static const struct {
        int y, x;
        double d[3];
    } points[] = {
        {0, 0, {0.006860452692487251, 0.017333823650338587, 0.0713392108743151}},
        {5, 6, {0.1371536741337127, 0.09474277828921746, 0.22140218597957384}},
        {11, 11, {0.4085353329577422, 0.12578498660718668, 0.11523740614323152}},
    };
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct dssim d = {0};
    double sum = 0, most = 0;
    int i, j, c;
    size_t k, v;

    (void)state;
    assert_int_equal(image_shape(&a, 12, 12, 3, NULL), 0);
    assert_int_equal(image_shape(&b, 12, 12, 3, NULL), 0);
    for (i = 0; i < 12; i++) {
        for (j = 0; j < 12; j++) {
            for (c = 0; c < 3; c++) {
                int p = (17 * i + 31 * j + 53 * c + 9 * ((i * j) % 7)) % 256;
                int m = ((i - 3) * (j - 5) * (c + 1)) % 41;

                image_row(&a, i)[3 * j + c] = (uint8_t)p;
                image_row(&b, i)[3 * j + c] = (uint8_t)((p + (m < 0 ? m + 41 : m)) % 256);
            }
        }
    }
    for (i = 0; i < 12; i++) {
        for (j = 0; j < 12; j++) {
            for (c = 0; c < 3; c++) {
                sum += direct(&a, &b, j, i, c);
                most = fmax(most, direct(&a, &b, j, i, c));
            }
        }
    }
    assert_near(sum, 78.32778895430596, 1e-9, 0);
    assert_near(most, 0.5131339246687766, 1e-12, 0);
    for (k = 0; k < 3; k++) {
        for (c = 0; c < 3; c++)
            assert_near(direct(&a, &b, points[k].x, points[k].y, c), points[k].d[c], 1e-12, 0);
    }
    for (v = 0; v < VARIANTS; v++) {
        if (!runs_here(v))
            continue;
        assert_int_equal(dssim_map(&d, variants[v], &a, &b, (struct rect){0, 0, 12, 12}, NULL), 0);
        for (sum = 0, k = 0; k < 144; k++)
            sum += d.map[k];
        assert_near(sum, 78.32778895430596, 1e-3, 0);
        for (k = 0; k < 3; k++)
            assert_near(d.map[points[k].y * 12 + points[k].x],
                        points[k].d[0] + points[k].d[1] + points[k].d[2], 2e-5, 0);
    }
    dssim_release(&d);
    image_release(&a);
    image_release(&b);
}

static void equals_the_definition(void **state)
{
    static const struct {
        int w, h;
        struct rect area;
    } cases[] = {
        {6, 6, {0, 0, 6, 6}},     {40, 33, {0, 0, 40, 33}},  {40, 33, {7, 9, 31, 20}},
        {64, 50, {0, 30, 3, 50}}, {23, 91, {22, 0, 23, 91}},
    };
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct dssim d = {0};
    size_t i, v;
    int x, y;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_pair(&a, &b, cases[i].w, cases[i].h, "definition");
        for (v = 0; v < VARIANTS; v++) {
            if (!runs_here(v))
                continue;
            assert_int_equal(dssim_map(&d, variants[v], &a, &b, cases[i].area, NULL), 0);
            for (y = cases[i].area.y0; y < cases[i].area.y1; y++) {
                for (x = cases[i].area.x0; x < cases[i].area.x1; x++) {
                    double want =
                        direct(&a, &b, x, y, 0) + direct(&a, &b, x, y, 1) + direct(&a, &b, x, y, 2);

                    assert_near(d.map[(y - cases[i].area.y0) * rect_width(cases[i].area) + x -
                                      cases[i].area.x0],
                                want, 6e-5, 0);
                }
            }
        }
    }
    dssim_release(&d);
    image_release(&a);
    image_release(&b);
}

/* Flat 0 against flat 255: C1 alone is left (facts: 0.49995000500). */
static void constant_pictures(void **state)
{
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct dssim d = {0};

    (void)state;
    assert_int_equal(image_shape(&a, 20, 20, 3, NULL), 0);
    assert_int_equal(image_shape(&b, 20, 20, 3, NULL), 0);
    image_fill(&a, 0);
    image_fill(&b, 255);
    assert_int_equal(dssim_map(&d, &swap_ops_c, &a, &b, (struct rect){0, 0, 20, 20}, NULL), 0);
    assert_near(d.map[210], 3 * 0.49995000500, 1e-5, 0);
    assert_int_equal(dssim_map(&d, &swap_ops_c, &a, &a, (struct rect){0, 0, 20, 20}, NULL), 0);
    assert_near(d.map[210], 0, 1e-5, 0);
    dssim_release(&d);
    image_release(&a);
    image_release(&b);
}

static void best_window_by_hand(void **state)
{
    const struct rect frame = {0, 0, 90, 70}, area = {10, 5, 80, 66};
    struct image a = IMAGE_INIT, b = IMAGE_INIT, mask = IMAGE_INIT;
    struct dssim d = {0};
    struct rect best;
    double sum, most = -1;
    int x, y, i, j, bx = 0, by = 0;

    (void)state;
    make_pair(&a, &b, 90, 70, "window");
    assert_int_equal(image_shape(&mask, 90, 70, 1, NULL), 0);
    for (y = 0; y < 70; y++) {
        for (x = 0; x < 90; x++)
            image_row(&mask, y)[x] = (x - 45) * (x - 45) + (y - 35) * (y - 35) < 900 ? 255 : 0;
    }
    assert_int_equal(dssim_map(&d, &swap_ops_c, &a, &b, area, NULL), 0);
    assert_int_equal(dssim_best_window(&d, &mask, frame, 20, 12, &best, &sum, NULL), 0);
    for (y = 5; y <= 66 - 12; y++) {
        for (x = 10; x <= 80 - 20; x++) {
            double s = 0;

            for (j = y; j < y + 12; j++) {
                for (i = x; i < x + 20; i++)
                    s += image_row(&mask, j)[i] ? d.map[(j - 5) * 70 + i - 10] : 0;
            }
            if (s > most + 1e-9) {
                most = s;
                bx = x;
                by = y;
            }
        }
    }
    assert_near(sum, most, 1e-6, 0);
    assert_int_equal(best.x0, bx);
    assert_int_equal(best.y0, by);
    assert_int_equal(rect_width(best), 20);
    assert_int_equal(rect_height(best), 12);

    /* Wider than the area: centred on it, and never out of the frame. */
    assert_int_equal(dssim_best_window(&d, &mask, frame, 80, 10, &best, &sum, NULL), 0);
    assert_int_equal(best.x0, 5);
    assert_int_equal(dssim_best_window(&d, &mask, frame, 90, 70, &best, &sum, NULL), 0);
    assert_int_equal(best.x0, 0);
    assert_int_equal(best.y0, 0);

    /* Nothing inside the mask: no window is better than another, and the sum says so. */
    image_fill(&mask, 0);
    assert_int_equal(dssim_best_window(&d, &mask, frame, 20, 12, &best, &sum, NULL), 0);
    assert_near(sum, 0, 0, 0);
    dssim_release(&d);
    image_release(&a);
    image_release(&b);
    image_release(&mask);
}

static void refuses_bad_shapes(void **state)
{
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct dssim d = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(image_shape(&a, 5, 20, 3, NULL), 0);
    assert_int_equal(image_shape(&b, 5, 20, 3, NULL), 0);
    assert_int_equal(dssim_map(&d, &swap_ops_c, &a, &b, (struct rect){0, 0, 5, 20}, &err),
                     ERR_DATA);
    err_clear(&err);
    assert_int_equal(image_shape(&b, 6, 20, 3, NULL), 0);
    assert_int_equal(dssim_map(&d, &swap_ops_c, &a, &b, (struct rect){0, 0, 5, 20}, &err),
                     ERR_DATA);
    dssim_release(&d);
    image_release(&a);
    image_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_numbers),  cmocka_unit_test(equals_the_definition),
        cmocka_unit_test(constant_pictures),  cmocka_unit_test(best_window_by_hand),
        cmocka_unit_test(refuses_bad_shapes),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("dssim", tests, NULL, NULL);
}
