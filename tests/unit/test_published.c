#include "tests/near.h"

#include <math.h>
#include <stdlib.h>

#include "swap/published_augment.h"
#include "swap/published_clone.h"
#include "swap/published_mask.h"
#include "swap/published_patch.h"
#include "swap/published_pose.h"
#include "tests/unit/published_gamma.h"
#include "tests/unit/published_vectors.h"

/*
 * Every expected number here is what the reference functions themselves gave on these synthetic
 * inputs: CADDM (github.com/megvii-research/CADDM, b3f7619) run under OpenCV 4.6.0, NumPy 1.24.2
 * and SciPy 1.10.1. The faults of that code are in them.
 */

static const double synth[81][2] = {
    {390, 300}, {392, 325}, {398, 350}, {408, 373}, {422, 393}, {438, 409}, {457, 421}, {478, 429},
    {500, 432}, {521, 429}, {542, 421}, {561, 409}, {577, 393}, {591, 373}, {601, 350}, {607, 325},
    {610, 300}, {412, 250}, {431, 250}, {451, 250}, {470, 250}, {490, 250}, {509, 250}, {529, 250},
    {548, 250}, {568, 250}, {588, 250}, {500, 267}, {500, 283}, {500, 300}, {500, 316}, {478, 327},
    {489, 327}, {500, 327}, {511, 327}, {522, 327}, {470, 278}, {462, 283}, {445, 283}, {437, 278},
    {445, 272}, {462, 272}, {562, 278}, {554, 283}, {537, 283}, {529, 278}, {537, 272}, {554, 272},
    {456, 366}, {461, 372}, {478, 377}, {500, 379}, {522, 377}, {538, 372}, {544, 366}, {538, 359},
    {522, 354}, {500, 352}, {478, 354}, {461, 359}, {456, 366}, {461, 372}, {478, 377}, {499, 379},
    {522, 377}, {538, 372}, {544, 366}, {538, 359}, {395, 250}, {399, 236}, {409, 223}, {426, 211},
    {447, 202}, {472, 197}, {500, 195}, {527, 197}, {552, 202}, {573, 211}, {590, 223}, {600, 236},
    {604, 250},
};

static struct landmarks face(void)
{
    struct landmarks l = {.n = 81};
    int i;

    for (i = 0; i < 81; i++)
        l.p[i] = (struct point){synth[i][0], synth[i][1]};
    return l;
}

#define ROWS    720
#define COLUMNS 1280

static void empty(struct image *mask)
{
    if (image_shape(mask, COLUMNS, ROWS, 1, NULL))
        abort();
    image_fill(mask, 0);
}

static double sum_of(const struct image *m)
{
    double sum = 0;
    int x, y;

    for (y = 0; y < m->height; y++) {
        for (x = 0; x < m->width; x++)
            sum += image_row(m, y)[x];
    }
    return sum;
}

/* cv2.convexHull, cv2.fillPoly and cv2.GaussianBlur(5 x 5, 3): points in their order, area, sums.
 */
static void hull_and_its_blur(void **state)
{
    static const double expected[30][2] = {
        {610, 300}, {607, 325}, {601, 350}, {591, 373}, {577, 393}, {561, 409},
        {542, 421}, {521, 429}, {500, 432}, {478, 429}, {457, 421}, {438, 409},
        {422, 393}, {408, 373}, {398, 350}, {392, 325}, {390, 300}, {395, 250},
        {399, 236}, {409, 223}, {426, 211}, {447, 202}, {472, 197}, {500, 195},
        {527, 197}, {552, 202}, {573, 211}, {590, 223}, {600, 236}, {604, 250},
    };
    struct image mask = IMAGE_INIT, soft = IMAGE_INIT;
    struct landmarks l = face();
    struct point hull[LANDMARKS_MAX];
    struct rect area;
    int n, i, first = 0, x, y, partial = 0;

    (void)state;
    empty(&mask);
    area = published_hull(&mask, &l, hull, &n);
    assert_int_equal(n, 30);
    while (first < n && (hull[first].x != expected[0][0] || hull[first].y != expected[0][1]))
        first++;
    for (i = 0; i < n; i++) {
        assert_near(hull[(first + i) % n].x, expected[i][0], 0, 0);
        assert_near(hull[(first + i) % n].y, expected[i][1], 0, 0);
    }
    assert_near(sum_of(&mask), 255.0 * 42505, 0, 0);
    assert_true(area.x0 == 390 && area.y0 == 195 && area.x1 == 611 && area.y1 == 433);

    assert_int_equal(cv_blur_bytes(&soft, &mask, (struct rect){0, 0, COLUMNS, ROWS}, NULL), 0);
    assert_near(sum_of(&soft), 10838787.0, 0, 0);
    for (y = 0; y < ROWS; y++) {
        for (x = 0; x < COLUMNS; x++)
            partial += image_row(&soft, y)[x] > 0 && image_row(&soft, y)[x] < 255;
    }
    assert_int_equal(partial, 3672);
    image_release(&mask);
    image_release(&soft);
}

/* numpy.random.RandomState(seed).rand(): the Mersenne Twister of Matsumoto and Nishimura 1998 with
 * its 53-bit numbers. */
struct twister {
    uint32_t mt[624];
    int at;
};

static void twister_seed(struct twister *t, uint32_t seed)
{
    for (t->mt[0] = seed, t->at = 1; t->at < 624; t->at++)
        t->mt[t->at] = 1812433253u * (t->mt[t->at - 1] ^ t->mt[t->at - 1] >> 30) + (uint32_t)t->at;
}

static uint32_t twister_next(struct twister *t)
{
    uint32_t y;
    int i;

    if (t->at == 624) {
        for (i = 0; i < 624; i++) {
            y = (t->mt[i] & 0x80000000u) | (t->mt[(i + 1) % 624] & 0x7fffffffu);
            t->mt[i] = t->mt[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
        }
        t->at = 0;
    }
    y = t->mt[t->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

static double twister_uniform(struct twister *t)
{
    uint32_t a = twister_next(t) >> 5, b = twister_next(t) >> 6;

    return (a * 67108864.0 + b) / 9007199254740992.0;
}

/* The hull above at 720 x 1280, alpha 400, sigma 20, RandomState(7): rand(H, W) for dx, then dy. */
static void elastic_of_seed_7(void **state)
{
    const size_t n = (size_t)ROWS * COLUMNS;
    double *noise = malloc(2 * n * sizeof *noise), rms;
    struct published_elastic s = {0};
    struct elastic_noise fields = {noise, noise + n};
    struct image mask = IMAGE_INIT, before = IMAGE_INIT;
    struct landmarks l = face();
    struct point hull[LANDMARKS_MAX];
    struct twister t;
    struct rect area;
    int hulls, x, y, changed = 0;
    size_t i;

    (void)state;
    assert_non_null(noise);
    twister_seed(&t, 7);
    for (i = 0; i < 2 * n; i++)
        noise[i] = 2 * twister_uniform(&t) - 1;
    empty(&mask);
    area = published_hull(&mask, &l, hull, &hulls);
    assert_int_equal(image_copy(&before, &mask, NULL), 0);
    assert_int_equal(published_elastic(&s, &mask, &area, 400, 20, &fields, NULL, &rms, NULL), 0);
    assert_near(sum_of(&mask), 10686675.0, 0, 0);
    for (y = 0; y < ROWS; y++) {
        for (x = 0; x < COLUMNS; x++)
            changed += (image_row(&mask, y)[x] > 127) != (image_row(&before, y)[x] > 127);
    }
    assert_int_equal(changed, 1692);
    published_elastic_release(&s);
    image_release(&mask);
    image_release(&before);
    free(noise);
}

static int floor_mod(int a, int n)
{
    return (a % n + n) % n;
}

/* Two 12 x 12 pictures by formula; the map in double precision, and the search. */
static void dssim_and_search(void **state)
{
    static const double corner[3][3] = {
        {0.006860452692487251, 0.017333823650338587, 0.0713392108743151},
        {0.1371536741337127, 0.09474277828921746, 0.22140218597957384},
        {0.4085353329577422, 0.12578498660718668, 0.11523740614323152}};
    static const int place[3][2] = {{0, 0}, {5, 6}, {11, 11}}; /* row, column */
    static const struct {
        int h, w, row0, col0, row1, col1;
    } window[] = {{3, 5, 4, 0, 7, 5}, {4, 4, 4, 0, 8, 4}, {12, 12, 0, 0, 12, 12}};
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct published_patch p = {0};
    double sum = 0, most = 0;
    int i, j, c, k;

    (void)state;
    if (image_shape(&a, 12, 12, 3, NULL) || image_shape(&b, 12, 12, 3, NULL))
        abort();
    for (i = 0; i < 12; i++) {
        for (j = 0; j < 12; j++) {
            for (c = 0; c < 3; c++) {
                int v = (17 * i + 31 * j + 53 * c + 9 * ((i * j) % 7)) % 256;

                image_row(&a, i)[3 * j + c] = (uint8_t)v;
                image_row(&b, i)[3 * j + c] =
                    (uint8_t)((v + floor_mod((i - 3) * (j - 5) * (c + 1), 41)) % 256);
            }
        }
    }
    assert_int_equal(published_dssim(&p, &a, &b, NULL), 0);
    for (i = 0; i < 3 * 144; i++) {
        sum += p.map[i];
        most = fmax(most, p.map[i]);
    }
    assert_near(sum, 78.32778895430596, 0, 1e-11);
    assert_near(most, 0.5131339246687766, 0, 1e-11);
    for (k = 0; k < 3; k++) {
        for (c = 0; c < 3; c++)
            assert_near(p.map[3 * (12 * place[k][0] + place[k][1]) + c], corner[k][c], 0, 1e-11);
    }
    for (k = 0; k < 3; k++) {
        struct rect r = published_search(p.map, 12, 12, window[k].w, window[k].h, 2, 2);

        assert_int_equal(r.y0, window[k].row0);
        assert_int_equal(r.x0, window[k].col0);
        assert_int_equal(r.y1, window[k].row1);
        assert_int_equal(r.x1, window[k].col1);
    }
    published_patch_release(&p);
    image_release(&a);
    image_release(&b);
}

/* A map without a difference gives the empty window, and an exhaustive search is no worse. */
static void search_of_nothing_and_of_all(void **state)
{
    struct published_patch p = {0};
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct rect r, best;
    int i;

    (void)state;
    if (image_shape(&a, 40, 30, 3, NULL) || image_shape(&b, 40, 30, 3, NULL))
        abort();
    image_fill(&a, 90);
    image_fill(&b, 90);
    assert_int_equal(published_dssim(&p, &a, &b, NULL), 0);
    r = published_search(p.map, 40, 30, 8, 8, 8, 6);
    assert_int_equal(rect_width(r), 0);
    for (i = 0; i < 8; i++)
        image_row(&b, 11 + i)[3 * 17] = 200; /* one column that the grid of 8 x 6 cuts */
    assert_int_equal(published_dssim(&p, &a, &b, NULL), 0);
    assert_int_equal(published_search_every(&p, 40, 30, 8, 8, &best, NULL), 0);
    assert_true(best.x0 <= 17 && best.x1 > 17 && best.y0 >= 9 && best.y0 <= 13);
    published_patch_release(&p);
    image_release(&a);
    image_release(&b);
}

/* cut_face: the crop that is searched is 264 x 284 pixels from (369, 172); 21 pixels and not 22
 * because 1.2 - 1 is below 0.2 in double precision. */
static void crop_of_the_search(void **state)
{
    struct rect r = published_crop((struct rect){390, 195, 610, 432});

    (void)state;
    assert_int_equal(r.x0, 369);
    assert_int_equal(r.y0, 172);
    assert_int_equal(rect_width(r), 264);
    assert_int_equal(rect_height(r), 284);
}

/* align_5p without jitter: the five points in whole pixels, the similarity (which the float
 * corners of M3 move by 2e-4), two landmarks. */
static void alignment_of_a_test_image(void **state)
{
    static const double five[5][2] = {{453, 277}, {545, 277}, {500, 316}, {456, 366}, {544, 366}};
    static const double expected[6] = {0.8862530948473767, -0.003009772323595008,
                                       -330.0342144040105, 0.003009772323595008,
                                       0.8862530948473767, -145.26453111622328};
    const struct face_jitter still = POSE_STILL;
    struct landmarks l = face();
    struct point p[FACE_POINTS], q;
    struct mat3 m;
    int i;

    (void)state;
    published_points(&l, p);
    for (i = 0; i < 5; i++) {
        assert_near(p[i].x, five[i][0], 0, 0);
        assert_near(p[i].y, five[i][1], 0, 0);
    }
    assert_int_equal(published_pose(&l, &still, &m, NULL), 0);
    for (i = 0; i < 6; i++)
        assert_near(m.m[i], expected[i], 2e-4, 1e-6);
    q = published_no_divide(&m, l.p[30]);
    assert_near(q.x, 112.14129883686445, 1e-9, 0);
    assert_near(q.y, 136.29640463712633, 1e-9, 0);
    q = published_no_divide(&m, l.p[8]);
    assert_near(q.x, 111.79220156350544, 1e-9, 0);
    assert_near(q.y, 239.10184406713, 1e-9, 0);
}

/* align_5p with every jitter: the whole homography, and a landmark with and without the perspective
 * divide, which the reference forgets. */
static void alignment_of_a_training_image(void **state)
{
    struct landmarks l = face();
    struct point q;
    struct mat3 m;
    int i;

    (void)state;
    assert_int_equal(published_pose(&l, &published_jitter, &m, NULL), 0);
    for (i = 0; i < 9; i++)
        assert_near(m.m[i], published_jittered[i], 0, 1e-9);
    q = published_no_divide(&m, l.p[30]);
    assert_near(q.x, 122.991171525418, 1e-8, 0);
    assert_near(q.y, 134.86674051462342, 1e-8, 0);
    q = mat3_apply(&m, l.p[30]);
    assert_near(q.x, published_jittered_nose.x, 1e-8, 0);
    assert_near(q.y, published_jittered_nose.y, 1e-8, 0);
}

/* What is cut off hangs on the last bit of pow() where the exact value is a whole number: for the
 * exponent 1 everywhere, else at white. There the reference's own numbers differ with the processor
 * that NumPy's vector pow ran on, and one level is allowed. Elsewhere none is. */
static void gamma_tables(void **state)
{
    int k, x, last_bit[4] = {0};

    (void)state;
    for (k = 0; k < 4; k++) {
        for (x = 0; x < 256; x++) {
            double value = augment_gamma_value(published_gamma[k].g, x);
            int v = published_gamma_value(published_gamma[k].g, x);

            if (v == published_gamma[k].lut[x])
                continue;
            assert_int_equal(abs(v - published_gamma[k].lut[x]), 1);
            assert_true(fabs(value - rint(value)) < 1e-12);
            last_bit[k]++;
        }
    }
    assert_true(last_bit[0] <= 1 && last_bit[1] <= 1 && last_bit[3] <= 1);
}

/* The one-sided kernels: their side and their points, each with the same weight. */
static void motion_kernels(void **state)
{
    static const struct {
        double angle;
        int length, side;
        const char *row[7];
    } expected[] = {
        {0, 1, 2, {"..", ".#"}},
        {0, 3, 6, {"......", "......", "......", "...###", "......", "......"}},
        {45, 3, 4, {"....", "....", "..#.", "...#"}},
        {90, 3, 6, {"......", "......", "......", "...#..", "...#..", "...#.."}},
        {200, 4, 7, {".......", "#......", ".##....", "...#...", ".......", ".......", "......."}},
    };
    uint8_t kernel[MOTION_SIDE_MAX][MOTION_SIDE_MAX];
    size_t k;

    (void)state;
    for (k = 0; k < sizeof expected / sizeof *expected; k++) {
        int side, points = 0, x, y;
        double weight;

        side = published_motion_kernel(expected[k].angle, expected[k].length, kernel, &weight);
        assert_int_equal(side, expected[k].side);
        for (y = 0; y < side; y++) {
            for (x = 0; x < side; x++) {
                assert_int_equal(kernel[y][x], expected[k].row[y][x] == '#');
                points += kernel[y][x];
            }
        }
        assert_near(weight * points, 1, 1e-12, 0);
    }
}

/* Constant 0 against constant 255 has the DSSIM 0.49995000500 (run). */
static void dssim_of_black_and_white(void **state)
{
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct published_patch p = {0};

    (void)state;
    if (image_shape(&a, 16, 16, 3, NULL) || image_shape(&b, 16, 16, 3, NULL))
        abort();
    image_fill(&a, 0);
    image_fill(&b, 255);
    assert_int_equal(published_dssim(&p, &a, &b, NULL), 0);
    assert_near(p.map[100], 0.49995000500, 1e-11, 0);
    published_patch_release(&p);
    image_release(&a);
    image_release(&b);
}

/*
 * The run of the misplaced Poisson blend: the mask lies at x 390..610, y 195..432; with its centre
 * given as (y, x) the paste lands at x 204..422, y 382..617, with the right one at x 391..609,
 * y 196..431.
 */
static void where_a_clone_lands(void **state)
{
    static const struct {
        int cx, cy;
        struct rect changed;
    } run[] = {{313, 500, {204, 382, 423, 618}}, {500, 314, {391, 196, 610, 432}}};
    struct image mask = IMAGE_INIT, fg = IMAGE_INIT, bg = IMAGE_INIT, out = IMAGE_INIT;
    struct landmarks l = face();
    struct point hull[LANDMARKS_MAX];
    struct published_clone s = {0};
    struct rect to;
    int n, k, x, y;

    (void)state;
    empty(&mask);
    published_hull(&mask, &l, hull, &n);
    if (image_shape(&fg, COLUMNS, ROWS, 3, NULL) || image_shape(&bg, COLUMNS, ROWS, 3, NULL))
        abort();
    image_fill(&bg, 90);
    for (y = 0; y < ROWS; y++) {
        for (x = 0; x < 3 * COLUMNS; x++)
            image_row(&fg, y)[x] = (uint8_t)(x / 3 % 2 ? 200 : 40 + y % 50);
    }
    for (k = 0; k < 2; k++) {
        struct rect changed = {COLUMNS, ROWS, 0, 0};

        assert_int_equal(
            published_clone(&s, &out, &fg, &bg, &mask, run[k].cx, run[k].cy, &to, NULL), 0);
        for (y = 0; y < ROWS; y++) {
            for (x = 0; x < COLUMNS; x++) {
                if (image_row(&out, y)[3 * x] == 90)
                    continue;
                changed = rect_union(changed, (struct rect){x, y, x + 1, y + 1});
            }
        }
        /* Truncation leaves a ring that differs by nothing here and there. */
        assert_true(rect_iou(changed, run[k].changed) > 0.98);
        assert_true(rect_iou(rect_union(changed, run[k].changed), run[k].changed) > 0.999);
    }
    /* Out of the picture: OpenCV throws. */
    assert_int_equal(published_clone(&s, &out, &fg, &bg, &mask, 60, 300, &to, NULL), 1);
    assert_int_equal(published_clone(&s, &out, &fg, &bg, &mask, 300, ROWS - 60, &to, NULL), 1);
    published_clone_release(&s);
    image_release(&mask);
    image_release(&fg);
    image_release(&bg);
    image_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hull_and_its_blur),
        cmocka_unit_test(elastic_of_seed_7),
        cmocka_unit_test(dssim_and_search),
        cmocka_unit_test(search_of_nothing_and_of_all),
        cmocka_unit_test(dssim_of_black_and_white),
        cmocka_unit_test(crop_of_the_search),
        cmocka_unit_test(alignment_of_a_test_image),
        cmocka_unit_test(alignment_of_a_training_image),
        cmocka_unit_test(gamma_tables),
        cmocka_unit_test(motion_kernels),
        cmocka_unit_test(where_a_clone_lands),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("published", tests, NULL, NULL);
}
