#include "tests/near.h"

#include <string.h>

#include "swap/augment.h"
#include "tests/unit/chi_square.h"
#include "tests/unit/augment_bench.h"
#include "tests/unit/published_gamma.h"

#define STEPS 10 /* of the paper's chain, which come first in the table */

static void apply(struct bench *t, const struct augmentation *a, struct image *img, int n)
{
    struct rng rng;
    char id[16];

    snprintf(id, sizeof id, "%d", n);
    rng_init(&rng, 1, 0, id, "test");
    assert_ok(a->apply(&t->scratch, img, &rng, &t->err), &t->err);
    assert_int_equal(img->width, SIDE);
    assert_int_equal(img->height, SIDE);
}

static void gamma_curves(void **state)
{
    size_t i;
    int x;

    (void)state;
    for (i = 0; i < sizeof published_gamma / sizeof *published_gamma; i++) {
        for (x = 0; x < 256; x++) {
            double v = augment_gamma_value(published_gamma[i].g, x);

            /* Where the curve meets a whole number, the reference's last bit decides. */
            if (fabs(v - round(v)) < 1e-9)
                assert_in_range(published_gamma[i].lut[x], (int)round(v) - (v > 0.5), round(v));
            else
                assert_int_equal(published_gamma[i].lut[x], (int)v);
        }
    }
}

/* The reference's kernels (caddm_vectors.json, motion): pixels of equal weight that are not 0; the
 * filter's middle is side / 2. */
static const struct {
    double angle;
    int length, side, n;
    int at[8][2];
} published_motion[] = {
    {0, 1, 2, 1, {{1, 1}}},
    {0, 3, 6, 3, {{3, 3}, {4, 3}, {5, 3}}},
    {45, 3, 4, 2, {{2, 2}, {3, 3}}},
    {90, 3, 6, 3, {{3, 3}, {3, 4}, {3, 5}}},
    {200, 4, 7, 4, {{0, 1}, {1, 2}, {2, 2}, {3, 3}}},
};

/* Ours has the reference's direction and as many points, but its centroid is the middle. */
static void motion_kernels(void **state)
{
    struct augment_tap tap[AUGMENT_TAPS_MAX];
    size_t i;
    int k, n, angle, length;

    (void)state;
    for (i = 0; i < sizeof published_motion / sizeof *published_motion; i++) {
        double cx = 0, cy = 0, theirs = 0, ours = 0;
        double ux = cos(published_motion[i].angle * M_PI / 180);
        double uy = sin(published_motion[i].angle * M_PI / 180);
        int points = published_motion[i].n;

        for (k = 0; k < points; k++) {
            cx += (published_motion[i].at[k][0] - published_motion[i].side / 2) / (double)points;
            cy += (published_motion[i].at[k][1] - published_motion[i].side / 2) / (double)points;
        }
        if (points > 1)
            assert_true(hypot(cx, cy) > 0.49); /* what is corrected */
        for (k = 0; k < points; k++) {
            double dx = published_motion[i].at[k][0] - published_motion[i].side / 2 - cx;
            double dy = published_motion[i].at[k][1] - published_motion[i].side / 2 - cy;

            theirs += pow(dx * ux + dy * uy, 2) / points;
        }
        n = augment_motion_taps(published_motion[i].angle, published_motion[i].length, tap);
        for (k = 0; k < n; k++)
            ours += (double)tap[k].weight * pow(tap[k].dx * ux + tap[k].dy * uy, 2);
        /* Points between pixels are spread, by at most 1/4 square pixel along each axis. */
        assert_true(ours >= theirs - 0.05 && ours <= theirs + 0.5);
        if (points % 2 && fmod(published_motion[i].angle, 90) == 0) {
            assert_int_equal(n, points);
            assert_near(ours, theirs, 1e-6, 0);
        }
    }
    for (angle = 0; angle < 360; angle++) {
        for (length = 1; length <= 10; length++) {
            double sum = 0, x = 0, y = 0, across = 0, a = angle * M_PI / 180;

            n = augment_motion_taps(angle, length, tap);
            assert_in_range(n, 1, AUGMENT_TAPS_MAX);
            for (k = 0; k < n; k++) {
                assert_true(abs(tap[k].dx) <= 6 && abs(tap[k].dy) <= 6);
                sum += (double)tap[k].weight;
                x += (double)tap[k].weight * tap[k].dx;
                y += (double)tap[k].weight * tap[k].dy;
                across += (double)tap[k].weight * pow(tap[k].dx * sin(a) - tap[k].dy * cos(a), 2);
            }
            assert_near(sum, 1, 1e-6, 0);
            assert_near(x, 0, 1e-6, 0);
            assert_near(y, 0, 1e-6, 0);
            assert_true(across <= 0.2501);
        }
    }
}

/* Blurs and the change of resolution leave a flat picture flat and a disc where it is. */
static void geometry_is_kept(void **state)
{
    static const struct augmentation *const mixes[] = {&augment_motion, &augment_blur,
                                                       &augment_resize};
    struct bench *t = *state;
    int i, n, x, y;

    for (i = 0; i < 3; i++) {
        for (n = 0; n < 40; n++) {
            double sx = 0, sy = 0, sum = 0;

            image_fill(&t->a, (uint8_t)(6 * n + 3));
            apply(t, mixes[i], &t->a, n);
            for (y = 0; y < SIDE; y++) {
                for (x = 0; x < 3 * SIDE; x++)
                    assert_int_equal(image_row(&t->a, y)[x], 6 * n + 3);
            }
            image_fill(&t->a, 0);
            for (y = 0; y < SIDE; y++) {
                for (x = 0; x < SIDE; x++) {
                    if (hypot(x - 80, y - 130) < 20)
                        memset(image_row(&t->a, y) + 3 * x, 200, 3);
                }
            }
            apply(t, mixes[i], &t->a, n);
            for (y = 0; y < SIDE; y++) {
                for (x = 0; x < SIDE; x++) {
                    double v = image_row(&t->a, y)[3 * x];

                    sum += v;
                    sx += v * x;
                    sy += v * y;
                }
            }
            /* Nearest interpolation, one of the three of `resize`, is good to half a pixel. */
            assert_near(sx / sum, 80, i == 2 ? 0.5 : 0.01, 0);
            assert_near(sy / sum, 130, i == 2 ? 0.5 : 0.01, 0);
            assert_near(sum, 200 * M_PI * 400, 0, i == 2 ? 0.1 : 0.03);
        }
    }
}

static void normalise_is_its_formula(void **state)
{
    struct bench *t = *state;
    int x, y, least = 255, most = 0;

    for (y = 0; y < SIDE; y++) {
        for (x = 0; x < 3 * SIDE; x++) {
            int v = image_row(&t->b, y)[x];

            least = v < least ? v : least;
            most = v > most ? v : most;
        }
    }
    apply(t, &augment_normalise, &t->a, 0);
    for (y = 0; y < SIDE; y++) {
        for (x = 0; x < 3 * SIDE; x++)
            assert_near(image_row(&t->a, y)[x],
                        (image_row(&t->b, y)[x] - least) * 255.0 / (most - least + 1), 0.5001, 0);
    }
    image_fill(&t->a, 77);
    apply(t, &augment_normalise, &t->a, 0);
    assert_int_equal(image_row(&t->a, 5)[5], 0);
}

/* Smith's hexcone (1978), hue in sixths. */
static void to_hsv(const uint8_t p[3], double h[3])
{
    double most = fmax(p[0], fmax(p[1], p[2])), d = most - fmin(p[0], fmin(p[1], p[2]));

    h[2] = most;
    h[1] = most > 0 ? d / most : 0;
    h[0] = d == 0         ? 0
           : most == p[0] ? fmod((p[1] - p[2]) / d + 6, 6)
           : most == p[1] ? (p[2] - p[0]) / d + 2
                          : (p[0] - p[1]) / d + 4;
}

static void from_hsv(const double h[3], double p[3])
{
    static const int order[6][3] = {{0, 2, 1}, {2, 0, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 1, 0}, {0, 1, 2}}; /* which of v, p, q/t */
    double f = h[0] - floor(h[0]), v[3];
    int i, six = (int)floor(h[0]) % 6;

    v[0] = h[2];
    v[1] = h[2] * (1 - h[1]);
    v[2] = h[2] * (1 - h[1] * (six % 2 ? f : 1 - f));
    for (i = 0; i < 3; i++)
        p[i] = v[order[six][i]];
}

static void hsv_is_its_formula(void **state)
{
    struct bench *t = *state;
    int n, x, y, c, changed = 0;

    for (n = 0; n < 40; n++) {
        double saturation, value, h[3], want[3];
        struct rng rng;
        char id[16];

        snprintf(id, sizeof id, "%d", n);
        rng_init(&rng, 1, 0, id, "test");
        augment_draw_hsv(&rng, &saturation, &value);
        changed += saturation != 1 && value != 1;
        for (y = 0; y < SIDE; y++)
            memcpy(image_row(&t->a, y), image_row(&t->b, y), 3 * SIDE);
        memset(image_row(&t->a, 3), 0, 30);
        apply(t, &augment_hsv, &t->a, n);
        assert_int_equal(image_row(&t->a, 3)[0], 0);
        for (y = 4; y < SIDE; y += 5) {
            for (x = 0; x < SIDE; x++) {
                to_hsv(image_row(&t->b, y) + 3 * x, h);
                h[1] = fmin(1, saturation * h[1]);
                h[2] = fmin(255, value * h[2]);
                from_hsv(h, want);
                for (c = 0; c < 3; c++)
                    assert_near(image_row(&t->a, y)[3 * x + c], want[c], 0.5001, 0);
            }
        }
    }
    assert_true(changed > 3);
}

/* On grey: no shift of the mean, the standard deviation that was drawn, and for `quantise` the
 * same in all channels. */
static void noises(void **state)
{
    struct bench *t = *state;
    int n, x, y, strong = 0;

    for (n = 0; n < 40; n++) {
        double sum = 0, squares = 0, sigma, count = 3.0 * SIDE * SIDE;
        struct rng rng;
        char id[16];

        snprintf(id, sizeof id, "%d", n);
        rng_init(&rng, 1, 0, id, "test");
        sigma = augment_draw_sigma(&rng);
        strong += sigma >= 15;
        image_fill(&t->a, 128);
        apply(t, &augment_noise, &t->a, n);
        for (y = 0; y < SIDE; y++) {
            for (x = 0; x < 3 * SIDE; x++) {
                sum += image_row(&t->a, y)[x] - 128;
                squares += pow(image_row(&t->a, y)[x] - 128, 2);
            }
        }
        assert_near(sum / count, 0, 4 * sigma / sqrt(count), 0);
        /* Rounding adds 1/12. */
        assert_near(squares / count, sigma > 0 ? sigma * sigma + 1 / 12. : 0, 0, 0.03);
    }
    assert_in_range(strong, 8, 32);

    for (n = 0; n < 10; n++) {
        double sum = 0, squares = 0, count = SIDE * SIDE;

        image_fill(&t->a, 128);
        apply(t, &augment_quantise, &t->a, n);
        for (y = 0; y < SIDE; y++) {
            const uint8_t *p = image_row(&t->a, y);

            for (x = 0; x < SIDE; x++, p += 3) {
                assert_true(p[0] == p[1] && p[1] == p[2]);
                sum += p[0] - 128;
                squares += pow(p[0] - 128, 2);
            }
        }
        assert_near(sum / count, 0, 0.15, 0);
        /* Bilinear by 4: mean of the squared weights, ((1/8)^2 + (7/8)^2 + (3/8)^2 + (5/8)^2) / 2
         * = 0.65625 on each axis, times 2^2; plus 1/12. */
        assert_near(squares / count, 4 * 0.65625 * 0.65625 + 1 / 12., 0.2, 0);
    }
}

static void tone_goes_to_a_colour(void **state)
{
    struct bench *t = *state;
    int n, c;

    for (n = 0; n < 100; n++) {
        image_fill(&t->a, 0);
        apply(t, &augment_tone, &t->a, n);
        for (c = 0; c < 3; c++)
            assert_true(image_row(&t->a, 9)[c] <= 77); /* 0.3 * 255, rounded */
        image_fill(&t->a, 255);
        apply(t, &augment_tone, &t->a, n);
        for (c = 0; c < 3; c++)
            assert_true(image_row(&t->a, 9)[c] >= 196); /* 255 - 0.3 * 195 */
    }
}

static void jpeg_is_lossy_but_near(void **state)
{
    struct bench *t = *state;
    int n, x, y;

    for (n = 0; n < 10; n++) {
        double off = 0;

        for (y = 0; y < SIDE; y++)
            memcpy(image_row(&t->a, y), image_row(&t->b, y), 3 * SIDE);
        apply(t, &augment_jpeg, &t->a, n);
        for (y = 0; y < SIDE; y++) {
            for (x = 0; x < 3 * SIDE; x++)
                off += abs(image_row(&t->a, y)[x] - image_row(&t->b, y)[x]);
        }
        off /= 3.0 * SIDE * SIDE;
        assert_true(off > 0.5 && off < 40);
    }
}

/* Every probability over 20,000 draws, chi-square of one degree of freedom at p = 0.001. */
static void draws_have_their_shares(void **state)
{
    static const double paper[STEPS] = {.3, .5, .5, .25, 1, .3, .3, .3, .3, .25};
    int hits[STEPS] = {0}, saturation = 0, less = 0, value = 0, more = 0, strong = 0;
    int total = 20000, n, i;

    (void)state;
    for (n = 0; n < total; n++) {
        struct rng rng;
        double s, v;
        char id[16];
        int sigma;

        snprintf(id, sizeof id, "d%d", n);
        for (i = 0; i < STEPS; i++)
            hits[i] += augment_drawn(augmentations[i], 1, 0, id, &rng);
        rng_init(&rng, 1, 0, id, "test");
        augment_draw_hsv(&rng, &s, &v);
        assert_true(s > .5 && s < 1.15 && v > .5 && v < 2);
        saturation += s != 1;
        less += s < 1;
        value += v != 1;
        more += v > 1;
        sigma = augment_draw_sigma(&rng);
        assert_true((sigma >= 0 && sigma <= 4) || (sigma >= 15 && sigma <= 21));
        strong += sigma >= 15;
    }
    for (i = 0; i < STEPS; i++) {
        if (paper[i] < 1)
            assert_true(chi_square(hits[i], paper[i], total) < 10.83);
        else
            assert_int_equal(hits[i], total);
    }
    assert_true(chi_square(saturation, .5, total) < 10.83);
    assert_true(chi_square(less, .25, total) < 10.83);
    assert_true(chi_square(value, .5, total) < 10.83);
    assert_true(chi_square(more, .25, total) < 10.83);
    assert_true(chi_square(strong, .5, total) < 10.83);
}

static void chains(void **state)
{
    static const char *const paper[] = {"paper"}, *const two[] = {"tone", "jpeg"},
                             *const swapped[] = {"jpeg", "tone"},
                             *const twice[] = {"jpeg", "paper"}, *const unknown[] = {"blurr"};
    struct bench *t = *state;
    struct augment_chain chain, other;
    unsigned applied, again;
    int n, i, differ = 0, both = 0;

    assert_ok(augment_chain_read(&chain, paper, 1, &t->err), &t->err);
    assert_int_equal(chain.n, STEPS);
    for (i = 0; i < STEPS; i++)
        assert_ptr_equal(chain.step[i], augmentations[i]);
    assert_fails(augment_chain_read(&other, twice, 2, &t->err), ERR_CONFIG, &t->err, "twice");
    assert_fails(augment_chain_read(&other, unknown, 1, &t->err), ERR_CONFIG, &t->err, "blurr");
    assert_ok(augment_chain_read(&other, NULL, 0, &t->err), &t->err);
    assert_ok(augment(&other, 1, 0, "x", &t->scratch, &t->a, &applied, &t->err), &t->err);
    assert_int_equal(applied, 0);
    assert_true(equal(&t->a, &t->b));

    /* The same id, the same picture, whatever ran in between; gamma always runs. */
    for (n = 0; n < 30; n++) {
        char id[16];

        snprintf(id, sizeof id, "c%d", n);
        fixture_texture(&t->a, SIDE, SIDE, "augment");
        fixture_texture(&t->b, SIDE, SIDE, "augment");
        assert_ok(augment(&chain, 1, 0, id, &t->scratch, &t->a, &applied, &t->err), &t->err);
        assert_true(applied & 1u << 4);
        assert_ok(augment(&chain, 1, 0, id, &t->scratch, &t->b, &again, &t->err), &t->err);
        assert_int_equal(applied, again);
        assert_true(equal(&t->a, &t->b));
        fixture_texture(&t->b, SIDE, SIDE, "augment");
        assert_ok(augment(&chain, 1, 1, id, &t->scratch, &t->b, &again, &t->err), &t->err);
        differ += !equal(&t->a, &t->b);
    }
    assert_int_equal(differ, 30);

    /* The order is obeyed, and does not change what is drawn. */
    for (n = 0; n < 60; n++) {
        char id[16];

        snprintf(id, sizeof id, "o%d", n);
        fixture_texture(&t->a, SIDE, SIDE, "augment");
        fixture_texture(&t->b, SIDE, SIDE, "augment");
        assert_ok(augment_chain_read(&chain, two, 2, &t->err), &t->err);
        assert_ok(augment_chain_read(&other, swapped, 2, &t->err), &t->err);
        assert_ok(augment(&chain, 1, 0, id, &t->scratch, &t->a, &applied, &t->err), &t->err);
        assert_ok(augment(&other, 1, 0, id, &t->scratch, &t->b, &again, &t->err), &t->err);
        assert_int_equal(applied & 1, again >> 1);
        assert_int_equal(applied >> 1, again & 1);
        if (applied == 3) {
            both++;
            assert_false(equal(&t->a, &t->b));
        } else {
            assert_true(equal(&t->a, &t->b));
        }
    }
    assert_true(both > 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(gamma_curves),
        CASE(motion_kernels),
        CASE(geometry_is_kept),
        CASE(normalise_is_its_formula),
        CASE(hsv_is_its_formula),
        CASE(noises),
        CASE(tone_goes_to_a_colour),
        CASE(jpeg_is_lossy_but_near),
        CASE(draws_have_their_shares),
        CASE(chains),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("augment", tests, NULL, NULL);
}
