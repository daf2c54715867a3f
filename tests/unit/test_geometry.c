#include "tests/near.h"

#include "lib/geometry.h"
#include "lib/rng.h"

static void rectangles(void **state)
{
    struct rect a = {0, 0, 10, 10}, b = {5, 5, 15, 10}, none = {3, 3, 3, 9}, r;

    (void)state;
    r = rect_intersect(a, b);
    assert_int_equal(rect_width(r) * rect_height(r), 25);
    assert_near(rect_iou(a, b), 25.0 / 125, 1e-15, 0);
    r = rect_union(a, b);
    assert_true(r.x0 == 0 && r.y0 == 0 && r.x1 == 15 && r.y1 == 10);
    r = rect_union(none, b);
    assert_true(r.x0 == 5 && r.x1 == 15);
    r = rect_intersect(a, (struct rect){20, 0, 30, 10});
    assert_int_equal(rect_width(r), 0);
    assert_near(rect_iou(none, none), 0, 0, 0);
    assert_near(rect_iou(a, none), 0, 0, 0);
    assert_near(rect_iou(a, a), 1, 0, 0);
    /* Areas beyond the range of int. */
    a = (struct rect){-32768, -32768, 32768, 32768};
    assert_near(rect_iou(a, (struct rect){-32768, -32768, 32768, 0}), 0.5, 1e-12, 0);
}

static void rectangles_of_points(void **state)
{
    const struct point p[] = {{1.5, 7}, {-0.25, 3.999}, {4, 4}};
    const struct point far[] = {{-1e300, -1e9}, {1e300, 1e9}};
    struct rect r = rect_of_points(p, 3);

    (void)state;
    assert_true(r.x0 == -1 && r.y0 == 3 && r.x1 == 5 && r.y1 == 8);
    r = rect_of_points(far, 2);
    assert_true(r.x0 == -IMAGE_MAX_SIDE && r.y1 == IMAGE_MAX_SIDE);
    r = rect_of_points(p, 0);
    assert_int_equal(rect_width(r), 0);
}

static void inverses_undo(void **state)
{
    struct rng rng;
    int i, k;

    (void)state;
    rng_init(&rng, 1, 0, "inverse", "test");
    for (i = 0; i < 200; i++) {
        struct mat3 m, inverse, product;
        struct point p = {rng_range(&rng, 0, 2000), rng_range(&rng, 0, 1000)}, q;

        for (k = 0; k < 9; k++)
            m.m[k] = rng_range(&rng, -1, 1);
        m.m[2] *= 1000;
        m.m[5] *= 1000;
        m.m[6] *= 1e-4;
        m.m[7] *= 1e-4;
        m.m[8] = 1;
        assert_true(mat3_invert(&m, &inverse));
        product = mat3_multiply(&m, &inverse);
        for (k = 0; k < 9; k++)
            assert_near(product.m[k] / product.m[8], k % 4 == 0, 1e-7, 0);
        q = mat3_apply(&m, p);
        q = mat3_apply(&inverse, q);
        assert_near(q.x, p.x, 1e-5, 0);
        assert_near(q.y, p.y, 1e-5, 0);
    }
}

static void singular_matrices_are_told(void **state)
{
    struct mat3 m = {{1, 2, 3, 4, 5, 6, 7, 8, 9}}, out;

    (void)state;
    assert_false(mat3_invert(&m, &out));
    m = (struct mat3){{0}};
    assert_false(mat3_invert(&m, &out));
    m = mat3_identity();
    m.m[4] = NAN;
    assert_false(mat3_invert(&m, &out));
    m.m[4] = INFINITY;
    assert_false(mat3_invert(&m, &out));
    /* Small and far away is not singular. */
    m = (struct mat3){{1e-3, 0, 1e4, 0, 1e-3, -1e4, 0, 0, 1}};
    assert_true(mat3_invert(&m, &out));
    assert_near(out.m[0], 1000, 0, 1e-12);
    assert_near(out.m[2], -1e7, 0, 1e-12);
}

static void multiply_applies_right_first(void **state)
{
    struct mat3 scale = {{2, 0, 0, 0, 2, 0, 0, 0, 1}}, shift = {{1, 0, 5, 0, 1, 7, 0, 0, 1}};
    struct mat3 m = mat3_multiply(&scale, &shift);
    struct point p = mat3_apply(&m, (struct point){1, 1});

    (void)state;
    assert_near(p.x, 12, 0, 0);
    assert_near(p.y, 16, 0, 0);
}

static void similarity_is_found_again(void **state)
{
    struct rng rng;
    int i, k;

    (void)state;
    rng_init(&rng, 2, 0, "similarity", "test");
    for (i = 0; i < 100; i++) {
        double s = rng_range(&rng, 0.1, 5), t = rng_range(&rng, -3.2, 3.2);
        struct mat3 m = {{s * cos(t), -s * sin(t), rng_range(&rng, -900, 900), s * sin(t),
                          s * cos(t), rng_range(&rng, -900, 900), 0, 0, 1}};
        int n = 2 + (int)rng_below(&rng, 30);
        struct point from[32], to[32];
        struct mat3 out;

        for (k = 0; k < n; k++) {
            from[k] = (struct point){rng_range(&rng, 0, 1000), rng_range(&rng, 0, 1000)};
            to[k] = mat3_apply(&m, from[k]);
        }
        assert_true(similarity_fit(from, to, n, &out));
        for (k = 0; k < 9; k++)
            assert_near(out.m[k], m.m[k], 1e-8, 1e-9);
    }
}

/* Vector made with align_5p of the reference code of the paper (CADDM): landmarks of a synthetic
 * face, template at scale 0.9, the 2x3 matrix it returns. */
static void similarity_equals_align_5p(void **state)
{
    const struct point from[5] = {{453, 277}, {545, 277}, {500, 316}, {456, 366}, {544, 366}};
    const struct point to[5] = {{75.74570309148623, 92.56198347107438},
                                {147.7457030914863, 92.38338826207656},
                                {111.62524666113764, 144.58417373178767},
                                {81.9023650870821, 186.02365000771172},
                                {141.8484857151028, 185.42001815607105}};
    const double want[6] = {0.8862530948473767,   -0.003009772323595008, -330.0342144040105,
                            0.003009772323595008, 0.8862530948473767,    -145.26453111622328};
    struct mat3 out;
    int k;

    (void)state;
    assert_true(similarity_fit(from, to, 5, &out));
    for (k = 0; k < 6; k++)
        assert_near(out.m[k], want[k], 1e-11, 1e-12);
}

/* No similarity nearby fits noisy points better. */
static void similarity_is_least_squares(void **state)
{
    const struct point from[4] = {{0, 0}, {10, 1}, {11, 12}, {-2, 9}};
    const struct point to[4] = {{3, 4}, {21, 9}, {19, 31}, {-3, 20}};
    double best = 0, e;
    struct mat3 m, other;
    int k, i, dir;

    (void)state;
    assert_true(similarity_fit(from, to, 4, &m));
    for (k = -1; k < 4; k++)
        for (dir = -1; dir <= 1; dir += 2) {
            double step[4] = {0};

            if (k >= 0)
                step[k] = dir * (k < 2 ? 1e-4 : 1e-3);
            other = m;
            other.m[0] += step[0];
            other.m[4] += step[0];
            other.m[1] += step[1];
            other.m[3] -= step[1];
            other.m[2] += step[2];
            other.m[5] += step[3];
            for (i = 0, e = 0; i < 4; i++) {
                struct point p = mat3_apply(&other, from[i]);

                e += (p.x - to[i].x) * (p.x - to[i].x) + (p.y - to[i].y) * (p.y - to[i].y);
            }
            if (k < 0)
                best = e;
            else
                assert_true(e > best);
        }
}

static void similarity_refuses_nonsense(void **state)
{
    const struct point same[3] = {{4, 4}, {4, 4}, {4, 4}}, good[3] = {{0, 0}, {1, 0}, {0, 1}};
    const struct point bad[3] = {{0, 0}, {NAN, 0}, {0, 1}},
                       far[3] = {{0, 0}, {INFINITY, 0}, {0, 1}};
    struct mat3 m;

    (void)state;
    assert_false(similarity_fit(same, good, 3, &m));
    assert_false(similarity_fit(good, same, 3, &m));
    assert_false(similarity_fit(bad, good, 3, &m));
    assert_false(similarity_fit(good, bad, 3, &m));
    assert_false(similarity_fit(far, good, 3, &m));
    assert_false(similarity_fit(good, good, 1, &m));
    assert_true(similarity_fit(good, good, 3, &m));
}

static void quads_map_onto_each_other(void **state)
{
    /* As in CADDM's perspective step, in the order eye, eye, mouth, mouth: not around the quad. */
    const struct point from[4] = {{73.73157501220703, 92.56198120117188},
                                  {149.73158264160156, 92.36846160888672},
                                  {80.23027801513672, 193.8365936279297},
                                  {143.50672912597656, 193.18251037597656}};
    const struct point to[4] = {{80.30036926269531, 90.07658386230469},
                                {157.8191680908203, 87.83773040771484},
                                {88.02183532714844, 189.31752014160156},
                                {150.0587615966797, 190.71771240234375}};
    const struct point line[4] = {{0, 0}, {1, 1}, {2, 2}, {0, 5}};
    struct mat3 m;
    int i;

    (void)state;
    assert_true(homography_from_quad(from, to, &m));
    assert_near(m.m[8], 1, 0, 0);
    for (i = 0; i < 4; i++) {
        struct point p = mat3_apply(&m, from[i]);

        assert_near(p.x, to[i].x, 1e-9, 0);
        assert_near(p.y, to[i].y, 1e-9, 0);
    }
    assert_false(homography_from_quad(line, to, &m));
    assert_false(homography_from_quad(from, line, &m));
}

static void random_homographies_are_found_again(void **state)
{
    struct rng rng;
    int i, k;

    (void)state;
    rng_init(&rng, 3, 0, "homography", "test");
    for (i = 0; i < 200; i++) {
        const struct mat3 m = {{rng_range(&rng, 0.5, 2), rng_range(&rng, -0.3, 0.3),
                                rng_range(&rng, -200, 200), rng_range(&rng, -0.3, 0.3),
                                rng_range(&rng, 0.5, 2), rng_range(&rng, -200, 200),
                                rng_range(&rng, -5e-4, 5e-4), rng_range(&rng, -5e-4, 5e-4), 1}};
        struct point from[4] = {{0, 0}, {300, 0}, {300, 200}, {0, 200}}, to[4];
        struct mat3 out;

        for (k = 0; k < 4; k++) {
            from[k].x += rng_range(&rng, -50, 50);
            from[k].y += rng_range(&rng, -50, 50);
            to[k] = mat3_apply(&m, from[k]);
        }
        assert_true(homography_from_quad(from, to, &out));
        for (k = 0; k < 9; k++)
            assert_near(out.m[k], m.m[k], 1e-7, 1e-7);
    }
}

static double turn(struct point a, struct point b, struct point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* The hull turns one way, its points are given points, and all others are on its inner side. */
static void hulls_hold_their_points(void **state)
{
    struct point p[60], hull[60];
    struct rng rng;
    int i, k, j, n, h;

    (void)state;
    rng_init(&rng, 4, 0, "hull", "test");
    for (i = 0; i < 400; i++) {
        n = 3 + (int)rng_below(&rng, 57);
        /* A coarse grid makes ties, doubles and points on edges. */
        for (k = 0; k < n; k++)
            p[k] = (struct point){rng_below(&rng, 3 + (uint32_t)i / 8),
                                  rng_below(&rng, 3 + (uint32_t)i / 8)};
        h = convex_hull(p, n, hull);
        for (j = 0; j < h; j++) {
            for (k = 0; k < n && !(p[k].x == hull[j].x && p[k].y == hull[j].y); k++)
                ;
            assert_true(k < n);
            if (h > 2)
                assert_true(turn(hull[j], hull[(j + 1) % h], hull[(j + 2) % h]) < 0);
            for (k = 0; k < n && h > 1; k++)
                assert_true(turn(hull[j], hull[(j + 1) % h], p[k]) <= 0);
        }
        if (h > 2)
            assert_true(polygon_area(hull, h) < 0);
        /* In place gives the same. */
        assert_int_equal(convex_hull(p, n, p), h);
        assert_memory_equal(p, hull, (size_t)h * sizeof(*p));
    }
}

static void small_hulls(void **state)
{
    const struct point one[3] = {{2, 3}, {2, 3}, {2, 3}},
                       line[4] = {{1, 1}, {3, 3}, {0, 0}, {2, 2}};
    const struct point square[5] = {{0, 0}, {4, 0}, {2, 2}, {4, 4}, {0, 4}};
    struct point hull[5];

    (void)state;
    assert_int_equal(convex_hull(one, 3, hull), 1);
    assert_int_equal(convex_hull(one, 0, hull), 0);
    assert_int_equal(convex_hull(line, 4, hull), 2);
    assert_true(hull[0].x == 0 && hull[1].x == 3);
    assert_int_equal(convex_hull(square, 5, hull), 4);
    assert_near(polygon_area(hull, 4), -16, 0, 0); /* counter-clockwise on screen */
    assert_true(hull[0].x == 0 && hull[0].y == 0 && hull[1].y == 4);
}

/* Every pixel against "on the inner side of all edges". */
static void fills_equal_brute_force(void **state)
{
    struct image mask = IMAGE_INIT;
    struct err err = {0};
    struct rng rng;
    int i, k, x, y, n, side;

    (void)state;
    rng_init(&rng, 5, 0, "fill", "test");
    assert_ok(image_shape(&mask, 37, 29, 1, &err), &err);
    for (i = 0; i < 300; i++) {
        struct point p[12], hull[12];
        struct rect box, seen = {0, 0, 0, 0};
        bool whole = i % 2;

        n = 3 + (int)rng_below(&rng, 9);
        for (k = 0; k < n; k++) {
            p[k] = (struct point){rng_range(&rng, -15, 50), rng_range(&rng, -15, 45)};
            if (whole) /* edges through pixel centres */
                p[k] = (struct point){floor(p[k].x), floor(p[k].y)};
        }
        n = convex_hull(p, n, hull);
        if (n < 3)
            continue;
        if (i % 3 == 0) /* the other way around */
            for (k = 0; k < n / 2; k++) {
                struct point t = hull[k];

                hull[k] = hull[n - 1 - k];
                hull[n - 1 - k] = t;
            }
        side = polygon_area(hull, n) < 0 ? -1 : 1;
        image_fill(&mask, 7);
        box = polygon_fill_convex(&mask, hull, n, 200);
        for (y = 0; y < mask.height; y++)
            for (x = 0; x < mask.width; x++) {
                bool inside = true;

                for (k = 0; k < n; k++)
                    inside &=
                        side * turn(hull[k], hull[(k + 1) % n], (struct point){x, y}) >= -1e-9;
                assert_int_equal(image_row(&mask, y)[x], inside ? 200 : 7);
                if (inside)
                    seen = rect_union(seen, (struct rect){x, y, x + 1, y + 1});
            }
        assert_memory_equal(&box, &seen, sizeof(box));
    }
    image_release(&mask);
}

static void fills_of_lines_and_nothing(void **state)
{
    struct image mask = IMAGE_INIT;
    struct err err = {0};
    const struct point line[2] = {{2, 3}, {6, 3}}, far[3] = {{-1e9, -1e9}, {1e9, -1e9}, {0, 1e9}};
    const struct point away[3] = {{-9, -9}, {-5, -9}, {-5, -2}};
    struct rect box;

    (void)state;
    assert_ok(image_shape(&mask, 9, 8, 1, &err), &err);
    image_fill(&mask, 0);
    box = polygon_fill_convex(&mask, line, 2, 1);
    assert_true(box.x0 == 2 && box.x1 == 7 && box.y0 == 3 && box.y1 == 4);
    box = polygon_fill_convex(&mask, away, 3, 1);
    assert_int_equal(rect_width(box), 0);
    box = polygon_fill_convex(&mask, away, 0, 1);
    assert_int_equal(rect_width(box), 0);
    box = polygon_fill_convex(&mask, far, 3, 1);
    assert_true(box.x0 == 0 && box.x1 == 9 && box.y0 == 0 && box.y1 == 8);
    image_release(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles),
        cmocka_unit_test(rectangles_of_points),
        cmocka_unit_test(inverses_undo),
        cmocka_unit_test(singular_matrices_are_told),
        cmocka_unit_test(multiply_applies_right_first),
        cmocka_unit_test(similarity_is_found_again),
        cmocka_unit_test(similarity_equals_align_5p),
        cmocka_unit_test(similarity_is_least_squares),
        cmocka_unit_test(similarity_refuses_nonsense),
        cmocka_unit_test(quads_map_onto_each_other),
        cmocka_unit_test(random_homographies_are_found_again),
        cmocka_unit_test(hulls_hold_their_points),
        cmocka_unit_test(small_hulls),
        cmocka_unit_test(fills_equal_brute_force),
        cmocka_unit_test(fills_of_lines_and_nothing),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("geometry", tests, NULL, NULL);
}
