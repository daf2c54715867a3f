/* extract/shape_fit: every variant of the prediction against plain C, to the bit. */
#include "tests/near.h"

#include "extract/shape_internal.h"
#include "lib/cpu.h"
#include "lib/mem.h"
#include "lib/rng.h"

#define GUARD  64 /* bytes around what is written */
#define POINTS SHAPE_MAX_POINTS

static const unsigned masks[] = {0, CPU_AVX2, CPU_AVX2 | CPU_AVX512};

static struct rng g;

static float real(double lo, double hi)
{
    return (float)rng_range(&g, lo, hi);
}

/* ---- the pool --------------------------------------------------------------------------------*/

/* Rows end where the memory ends, so that asan sees a load beyond. */
static uint8_t *make_picture(struct image *img, int width, int height, int channels, int gap)
{
    size_t bytes, i;
    uint8_t *p;

    *img = (struct image){.width = width, .height = height, .channels = channels};
    img->stride = (ptrdiff_t)(width * channels + gap);
    bytes = (size_t)(height - 1) * (size_t)img->stride + (size_t)(width * channels);
    p = malloc(bytes);
    assert_non_null(p);
    for (i = 0; i < bytes; i++)
        p[i] = (uint8_t)rng_below(&g, 256);
    img->data = p;
    return p;
}

static void make_level(struct shape_level *l, size_t features)
{
    size_t i;

    *l = (struct shape_level){.features = features};
    l->anchor = malloc(features * sizeof(*l->anchor));
    l->delta = malloc(2 * features * sizeof(*l->delta));
    assert_true(l->anchor && l->delta);
    for (i = 0; i < features; i++) {
        l->anchor[i] = (uint16_t)rng_below(&g, POINTS);
        l->delta[2 * i] = real(-0.2, 0.2);
        l->delta[2 * i + 1] = real(-0.2, 0.2);
        if (rng_below(&g, 50) == 0) /* nowhere near */
            l->delta[2 * i] = real(-1, 1) * (rng_below(&g, 2) ? 1e6f : 1e20f);
    }
}

static void pools_are_equal(void **state)
{
    static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 3}, {3, 2}, {7, 5}, {64, 48}, {801, 3}};
    static const size_t features[] = {1, 7, 8, 9, 400, 401};
    static uint8_t plain[GUARD + SHAPE_MAX_FEATURES + GUARD], other[sizeof(plain)];
    size_t k, f, m, inside = 0;
    int channels, gap;

    (void)state;
    rng_init(&g, 1, 0, "pool", "test");
    for (k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
        for (f = 0; f < sizeof(features) / sizeof(*features); f++)
            for (channels = 1; channels <= 3; channels += 2)
                for (gap = 0; gap <= 5; gap += 5) {
                    struct shape_box box = {real(-20, 20), real(-20, 20), 1 + real(0, 90),
                                            1 + real(0, 90)};
                    float shape[2 * POINTS + SHAPE_LANES];
                    struct shape_level l;
                    struct image img;
                    uint8_t *data;
                    size_t i;

                    for (i = 0; i < 2 * POINTS; i++)
                        shape[i] = real(-0.1, 1.1);
                    if (gap) { /* whole and half pixels, where rounding shows */
                        box = (struct shape_box){0, 0, sizes[k][0], sizes[k][1]};
                        for (i = 0; i < 2 * POINTS; i++)
                            shape[i] = (float)(rng_below(&g, 2 * (unsigned)sizes[k][i % 2]) /
                                               (2.0 * sizes[k][i % 2]));
                    }
                    data = make_picture(&img, sizes[k][0], sizes[k][1], channels, gap);
                    make_level(&l, features[f]);
                    if (gap)
                        memset(l.delta, 0, 2 * l.features * sizeof(*l.delta));
                    for (m = 0; m < sizeof(masks) / sizeof(*masks); m++) {
                        uint8_t *to = m ? other : plain;
                        struct shape_ops ops;

                        shape_ops_init(&ops, masks[m]);
                        memset(to, 0xa5, sizeof(plain));
                        ops.read_pool(to + GUARD, &l, &img, &box, shape, 0.9f, 0.3f);
                        assert_int_equal(to[GUARD - 1], 0xa5);
                        assert_int_equal(to[GUARD + l.features], 0xa5);
                        if (m)
                            assert_bytes(other + GUARD, plain + GUARD, l.features);
                    }
                    for (i = 0; i < l.features; i++)
                        inside += plain[GUARD + i] != 0;
                    free(data);
                    free(l.anchor);
                    free(l.delta);
                }
    assert_true(inside > 1000);
}

/* ---- the leaves ------------------------------------------------------------------------------*/

static void sums_are_equal(void **state)
{
    enum { MOST = 2 * POINTS + SHAPE_LANES, TREES = 520 };
    static const size_t trees[] = {0, 1, 2, 17, 512, TREES};
    float plain[MOST + 16], other[MOST + 16];
    const float *leaf[TREES];
    float *leaves = mem_aligned((size_t)TREES * MOST, sizeof(*leaves));
    size_t stride, t, m, i;

    (void)state;
    assert_non_null(leaves);
    rng_init(&g, 2, 0, "leaves", "test");
    for (i = 0; i < (size_t)TREES * MOST; i++)
        leaves[i] = real(-1, 1) * (rng_below(&g, 3) ? 1e-3f : 1.0f);
    for (stride = SHAPE_LANES; stride <= MOST; stride += SHAPE_LANES)
        for (t = 0; t < sizeof(trees) / sizeof(*trees); t++) {
            for (i = 0; i < trees[t]; i++)
                leaf[i] = leaves + stride * rng_below(&g, TREES);
            for (m = 0; m < sizeof(masks) / sizeof(*masks); m++) {
                float *to = m ? other : plain;
                struct shape_ops ops;

                shape_ops_init(&ops, masks[m]);
                for (i = 0; i < MOST + 16; i++)
                    to[i] = (float)i / 77;
                ops.add_leaves(to, stride, leaf, trees[t]);
                assert_true(to[stride] == (float)stride / 77); /* the first beyond */
                if (m)
                    assert_bytes(other, plain, sizeof(plain));
            }
            if (trees[t] == 1)
                for (i = 0; i < stride; i++)
                    assert_true(plain[i] == (float)i / 77 + leaf[0][i]);
        }
    free(leaves);
}

/* ---- whole models ----------------------------------------------------------------------------*/

/* A model as reading leaves it, of so many points, splits 2^depth - 1 a tree. */
static struct shape_predictor *make_model(int points, int depth)
{
    struct shape_predictor *m = mem_array(1, sizeof(*m));
    size_t k, i;

    assert_non_null(m);
    m->points = points;
    m->depth = depth;
    m->n_splits = ((size_t)1 << depth) - 1;
    m->stride = ((size_t)(2 * points) + SHAPE_LANES - 1) / SHAPE_LANES * SHAPE_LANES;
    m->n_levels = 1 + rng_below(&g, 3);
    m->level = mem_array(m->n_levels, sizeof(*m->level));
    assert_non_null(m->level);
    for (i = 0; i < 2 * (size_t)points; i++)
        m->mean[i] = real(0, 1);
    for (i = 0; i < 2 * (size_t)points; i++)
        m->centre[i % 2] += m->mean[i] / points;
    for (i = 0; i < 2 * (size_t)points; i++)
        m->variance += pow(m->mean[i] - m->centre[i % 2], 2) / points;
    for (k = 0; k < m->n_levels; k++) {
        struct shape_level *l = &m->level[k];

        make_level(l, 2 + rng_below(&g, 90));
        for (i = 0; i < l->features; i++)
            l->anchor[i] = (uint16_t)(l->anchor[i] % points);
        l->trees = 1 + rng_below(&g, 40);
        l->splits = malloc(l->trees * m->n_splits * sizeof(*l->splits));
        l->leaves = mem_aligned(l->trees * (m->n_splits + 1) * m->stride, sizeof(*l->leaves));
        assert_true(l->splits && l->leaves);
        for (i = 0; i < l->trees * m->n_splits; i++)
            l->splits[i] = (struct shape_split){(uint16_t)rng_below(&g, (uint32_t)l->features),
                                                (uint16_t)rng_below(&g, (uint32_t)l->features),
                                                (int16_t)((int)rng_below(&g, 101) - 50)};
        for (i = 0; i < l->trees * (m->n_splits + 1) * m->stride; i++)
            l->leaves[i] = i % m->stride < 2 * (size_t)points ? real(-.01, .01) : 0;
    }
    return m;
}

/* Levels feed each other: one bit off in one of them and points differ. */
static void models_are_equal(void **state)
{
    static const int points[] = {2, 5, 7, 68, 81, SHAPE_MAX_POINTS};
    size_t k, m;
    int n, moved = 0;

    (void)state;
    rng_init(&g, 3, 0, "model", "test");
    for (k = 0; k < sizeof(points) / sizeof(*points); k++)
        for (n = 0; n < 12; n++) {
            struct shape_predictor *model = make_model(points[k], 1 + n % 5);
            int channels = n % 2 ? 3 : 1, x = (int)rng_below(&g, 60) - 30;
            struct rect box = {x, 5, x + 2 + (int)rng_below(&g, 90), 7 + (int)rng_below(&g, 60)};
            struct point plain[SHAPE_MAX_POINTS], other[SHAPE_MAX_POINTS];
            struct image img;
            uint8_t *data = make_picture(&img, 40 + n, 30 + 3 * n, channels, n % 3);

            for (m = 0; m < sizeof(masks) / sizeof(*masks); m++) {
                shape_predictor_limit(model, masks[m]);
                shape_predictor_fit(model, &img, box, m ? other : plain);
                if (m)
                    assert_bytes(other, plain, (size_t)points[k] * sizeof(*plain));
            }
            moved += fabs(plain[0].x - (box.x0 + (rect_width(box) - 1.) * model->mean[0])) > .01;
            shape_predictor_free(model);
            free(data);
        }
    assert_true(moved > 30);
}

static void the_mask_chooses(void **state)
{
    struct shape_ops none, all;

    (void)state;
    shape_ops_init(&none, 0);
    shape_ops_init(&all, ~0u);
    assert_true(none.read_pool == shape_read_pool && none.add_leaves == shape_add_leaves);
    assert_int_equal(all.read_pool != shape_read_pool, (cpu_flags() & CPU_AVX2) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_are_equal),
        cmocka_unit_test(sums_are_equal),
        cmocka_unit_test(models_are_equal),
        cmocka_unit_test(the_mask_chooses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
