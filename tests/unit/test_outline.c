#include "tests/near.h"

#include <math.h>

#include "lib/cpu.h"
#include "lib/rng.h"
#include "swap/elastic.h"
#include "swap/hull.h"
#include "swap/polygon.h"
#include "swap/soften.h"

static struct polygon regular(int n, double cx, double cy, double rx, double ry)
{
    struct polygon p = {.n = n};
    int i;

    for (i = 0; i < n; i++)
        p.p[i] = (struct point){cx + rx * cos(2 * M_PI * i / n), cy + ry * sin(2 * M_PI * i / n)};
    return p;
}

static int count(const struct image *m)
{
    int x, y, n = 0;

    for (y = 0; y < m->height; y++) {
        for (x = 0; x < m->width; x++)
            n += image_row(m, y)[x] != 0;
    }
    return n;
}

static void fill_covers_centres(void **state)
{
    /* Half-open in pixels: the rectangle gives back exactly its own pixels. */
    struct polygon p = polygon_of_rect((struct rect){3, 5, 9, 7});
    struct image m = IMAGE_INIT;
    struct rect set;
    int x, y;

    (void)state;
    assert_int_equal(image_shape(&m, 20, 12, 1, NULL), 0);
    image_fill(&m, 0);
    set = polygon_fill(&m, &p, 0, 0, 255);
    assert_int_equal(count(&m), 12);
    assert_int_equal(set.x0, 3);
    assert_int_equal(set.y0, 5);
    assert_int_equal(set.x1, 9);
    assert_int_equal(set.y1, 7);

    /* A non-convex outline against the even-odd rule at each centre. */
    p = regular(40, 9.3, 5.7, 8, 5);
    for (x = 0; x < p.n; x += 2)
        p.p[x] = (struct point){9.3 + (p.p[x].x - 9.3) * 0.4, 5.7 + (p.p[x].y - 5.7) * 0.4};
    image_fill(&m, 0);
    polygon_fill(&m, &p, 0.25, -0.5, 7);
    for (y = 0; y < 12; y++) {
        for (x = 0; x < 20; x++) {
            bool in = false;
            int i, j;

            for (i = 0, j = p.n - 1; i < p.n; j = i++) {
                double ay = p.p[i].y - 0.5, by = p.p[j].y - 0.5;
                double ax = p.p[i].x + 0.25, bx = p.p[j].x + 0.25;

                if ((ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax)
                    in = !in;
            }
            assert_int_equal(image_row(&m, y)[x], in ? 7 : 0);
        }
    }

    /* Partly and wholly outside. */
    image_fill(&m, 0);
    p = regular(30, 0, 0, 6, 6);
    set = polygon_fill(&m, &p, 0, 0, 1);
    assert_int_equal(set.x0, 0);
    assert_int_equal(set.y0, 0);
    image_fill(&m, 0);
    set = polygon_fill(&m, &p, -100, 4000, 1);
    assert_int_equal(rect_width(set), 0);
    assert_int_equal(count(&m), 0);
    image_release(&m);
}

static void clip_is_the_intersection(void **state)
{
    struct image a = IMAGE_INIT, b = IMAGE_INIT, c = IMAGE_INIT;
    struct polygon p, q;
    struct rng rng;
    int i, k, off = 0, cover = 0;

    (void)state;
    assert_int_equal(image_shape(&a, 90, 80, 1, NULL), 0);
    assert_int_equal(image_shape(&b, 90, 80, 1, NULL), 0);
    assert_int_equal(image_shape(&c, 90, 80, 1, NULL), 0);
    rng_init(&rng, 1, 0, "clip", "test");
    for (k = 0; k < 40; k++) {
        p = regular(3 + (int)rng_below(&rng, 30), rng_range(&rng, 10, 80), rng_range(&rng, 10, 70),
                    rng_range(&rng, 5, 40), rng_range(&rng, 5, 40));
        q = polygon_of_rect(
            (struct rect){20, 15, 20 + (int)rng_below(&rng, 60), 16 + (int)rng_below(&rng, 60)});
        image_fill(&a, 0);
        image_fill(&b, 0);
        image_fill(&c, 0);
        polygon_fill(&a, &p, 0, 0, 1);
        polygon_fill(&b, &q, 0, 0, 1);
        if (k % 2) { /* either orientation of the window */
            struct polygon turned = q;

            for (i = 0; i < q.n; i++)
                turned.p[i] = q.p[q.n - 1 - i];
            q = turned;
        }
        polygon_clip(&p, &q);
        polygon_fill(&c, &p, 0, 0, 1);
        for (i = 0; i < 80 * 90; i++) {
            int both = image_row(&a, i / 90)[i % 90] & image_row(&b, i / 90)[i % 90];

            off += both != image_row(&c, i / 90)[i % 90];
            cover += both;
        }
    }
    assert_true(cover > 5000);
    assert_int_equal(off, 0);
    image_release(&a);
    image_release(&b);
    image_release(&c);
}

static void refine_keeps_the_shape(void **state)
{
    struct polygon p = regular(5, 50, 40, 30, 30), q = p;
    int i;

    (void)state;
    polygon_refine(&q, 2.0);
    assert_true(q.n > 80);
    assert_near(polygon_area(q.p, q.n), polygon_area(p.p, p.n), 1e-9, 1e-12);
    for (i = 0; i < q.n; i++) {
        struct point a = q.p[i], b = q.p[(i + 1) % q.n];

        assert_true(hypot(a.x - b.x, a.y - b.y) <= 2.0 + 1e-9);
    }
    polygon_refine(&q, 0.001); /* no room: stops at the limit */
    assert_true(q.n <= POLYGON_MAX);
    assert_near(polygon_area(q.p, q.n), polygon_area(p.p, p.n), 1e-9, 1e-12);
}

static struct landmarks drawn_face(int n)
{
    struct landmarks l = {.n = n};
    int i;

    for (i = 0; i < 17; i++) /* jaw: the lower half of a circle */
        l.p[i] = (struct point){100 - 60 * cos(M_PI * i / 16), 100 + 80 * sin(M_PI * i / 16)};
    for (i = 17; i < 27; i++)
        l.p[i] = (struct point){60 + (i - 17) * 80 / 9.0, 80};
    for (i = 27; i < 68; i++)
        l.p[i] = (struct point){100, 120};
    for (i = 36; i < 48; i++)
        l.p[i] = (struct point){i < 42 ? 75 : 125, 100};
    for (i = 68; i < n; i++)
        l.p[i] = (struct point){50 + (i - 68) * 100 / 12.0, 40};
    return l;
}

static double top(const struct polygon *p)
{
    double t = INFINITY;
    int i;

    for (i = 0; i < p->n; i++)
        t = fmin(t, p->p[i].y);
    return t;
}

static void hull_kinds(void **state)
{
    struct landmarks l68 = drawn_face(68), l81 = drawn_face(81);
    enum hull_kind used;
    struct polygon hull;

    (void)state;
    hull_of_face(&l68, HULL_PLAIN, 1, &hull, &used);
    assert_int_equal(used, HULL_PLAIN);
    assert_near(top(&hull), 80, 1e-9, 0);
    hull_of_face(&l68, HULL_EXTENDED, 1, &hull, &used); /* brows 20 above the eyes, lifted by 20 */
    assert_near(top(&hull), 60, 1e-9, 0);
    hull_of_face(&l68, HULL_EXTENDED, 0.5, &hull, &used);
    assert_near(top(&hull), 70, 1e-9, 0);
    hull_of_face(&l68, HULL_MEASURED, 1, &hull, &used);
    assert_int_equal(used, HULL_EXTENDED);
    assert_near(top(&hull), 60, 1e-9, 0);
    hull_of_face(&l81, HULL_MEASURED, 1, &hull, &used);
    assert_int_equal(used, HULL_MEASURED);
    assert_near(top(&hull), 40, 1e-9, 0);
    hull_of_face(&l81, HULL_EXTENDED, 1, &hull, &used); /* the 13 points are left aside */
    assert_near(top(&hull), 60, 1e-9, 0);
}

/* The measured RMS is the one asked for, whatever the size; the draw depends on the stream. */
static void elastic_is_relative(void **state)
{
    struct polygon small = regular(200, 60, 60, 30, 40), large = regular(200, 600, 600, 300, 400);
    struct polygon p, q;
    struct rng rng;
    double sum = 0, area = 0;
    int i, k, n = 300;

    (void)state;
    for (k = 0; k < n; k++) {
        char id[16];

        snprintf(id, sizeof id, "%d", k);
        rng_init(&rng, 1, 0, id, "elastic");
        p = small;
        assert_near(elastic_deform(&p, 60, 0.12, 0.04, &rng), 2.4, 1e-9, 0);
        for (i = 0; i < p.n; i++)
            sum += pow(p.p[i].x - small.p[i].x, 2) + pow(p.p[i].y - small.p[i].y, 2);
        area += fabs(polygon_area(p.p, p.n)) / fabs(polygon_area(small.p, small.n));
    }
    assert_near(sqrt(sum / (n * 200.0)), 2.4, 1e-9, 0);
    assert_near(area / n, 1, 0.02, 0); /* no drift in size */

    rng_init(&rng, 1, 0, "a", "elastic");
    p = large;
    assert_near(elastic_deform(&p, 600, 0.12, 0.04, &rng), 24, 1e-9, 0);
    rng_init(&rng, 1, 0, "a", "elastic");
    q = large;
    elastic_deform(&q, 600, 0.12, 0.04, &rng);
    assert_memory_equal(p.p, q.p, sizeof p.p[0] * 200);
    rng_init(&rng, 1, 1, "a", "elastic");
    q = large;
    elastic_deform(&q, 600, 0.12, 0.04, &rng);
    assert_memory_not_equal(p.p, q.p, sizeof p.p[0] * 200);

    /* Smooth: neighbours, 1.7 % of the width apart, move alike. */
    for (i = 0; i < 200; i++) {
        int j = (i + 1) % 200;
        double dx = (p.p[i].x - large.p[i].x) - (p.p[j].x - large.p[j].x);
        double dy = (p.p[i].y - large.p[i].y) - (p.p[j].y - large.p[j].y);

        assert_true(hypot(dx, dy) < 12);
    }
    q = large;
    assert_near(elastic_deform(&q, 600, 0.12, 0, &rng), 0, 0, 0);
    assert_memory_equal(large.p, q.p, sizeof q.p[0] * 200);
}

/* Erosion by half the kernel, then the Gaussian, each from its definition. */
static void soften_by_definition(void **state)
{
    static const int kernels[] = {1, 3, 5, 9, 31};
    struct image m = IMAGE_INIT, out = IMAGE_INIT, thin = IMAGE_INIT;
    struct polygon p = regular(50, 14, 30, 33, 21);
    struct soften s = {0};
    struct rect area;
    int x, y, i, j;
    size_t k, v;

    (void)state;
    assert_int_equal(image_shape(&m, 61, 47, 1, NULL), 0);
    assert_int_equal(image_shape(&thin, 61, 47, 1, NULL), 0);
    image_fill(&m, 0);
    area = polygon_fill(&m, &p, 0, 0, 255);
    image_row(&m, 25)[20] = 0; /* a hole */
    for (k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        int half = kernels[k] / 2;
        double sigma = 0.6 * kernels[k], g[31], total = 0;

        for (i = -half; i <= half; i++)
            total += g[i + half] = exp(-0.5 * i * i / (sigma * sigma));
        for (y = 0; y < 47; y++) {
            for (x = 0; x < 61; x++) {
                uint8_t least = 255;

                for (j = y - half; j <= y + half; j++) {
                    for (i = x - half; i <= x + half; i++) {
                        int cx = i < 0 ? 0 : i > 60 ? 60 : i, cy = j < 0 ? 0 : j > 46 ? 46 : j;

                        if (image_row(&m, cy)[cx] < least)
                            least = image_row(&m, cy)[cx];
                    }
                }
                image_row(&thin, y)[x] = least;
            }
        }
        for (v = 0; v < 2; v++) {
            const struct swap_ops *ops = v ? swap_ops_get(cpu_flags()) : &swap_ops_c;

            assert_int_equal(soften(&s, ops, &out, &m, area, kernels[k], NULL), 0);
            for (y = 0; y < 47; y++) {
                for (x = 0; x < 61; x++) {
                    double want = 0;

                    for (j = y - half; j <= y + half; j++) {
                        for (i = x - half; i <= x + half; i++) {
                            int cx = i < 0 ? 0 : i > 60 ? 60 : i, cy = j < 0 ? 0 : j > 46 ? 46 : j;

                            want += g[i - x + half] * g[j - y + half] * image_row(&thin, cy)[cx];
                        }
                    }
                    assert_near(image_row(&out, y)[x], want / (total * total), 6, 0);
                    if (image_row(&m, y)[x] == 0)
                        assert_int_equal(image_row(&out, y)[x], 0);
                }
            }
        }
    }
    soften_release(&s);
    image_release(&m);
    image_release(&out);
    image_release(&thin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill_covers_centres),    cmocka_unit_test(clip_is_the_intersection),
        cmocka_unit_test(refine_keeps_the_shape), cmocka_unit_test(hull_kinds),
        cmocka_unit_test(elastic_is_relative),    cmocka_unit_test(soften_by_definition),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("outline", tests, NULL, NULL);
}
