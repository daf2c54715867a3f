/* Spectrum and logistic regression of lp-score, against closed forms. */
#include "tests/near.h"

#include "evaluate/logit.h"
#include "evaluate/spectrum.h"
#include "lib/rng.h"

static void shape(struct image *img, int width, int height, int channels)
{
    struct err err = {0};

    assert_ok(image_shape(img, width, height, channels, &err), &err);
}

static int highest(const float *v, int n)
{
    int i, best = 0;

    for (i = 1; i < n; i++)
        best = v[i] > v[best] ? i : best;
    return best;
}

/* A plane wave of f of Nyquist lights up the ring that holds f, whatever its direction. */
static void waves_fall_into_their_ring(void **state)
{
    static const double angles[] = {0, 0.3, M_PI / 4, M_PI / 2, 2.5};
    struct image img = IMAGE_INIT;
    struct spectrum *s;
    struct err err = {0};
    float out[20];
    size_t a;
    int ring, x, y;

    (void)state;
    shape(&img, 96, 96, 1);
    assert_ok(spectrum_new(&s, 96, 96, 20, &err), &err);
    for (a = 0; a < sizeof(angles) / sizeof(*angles); a++)
        for (ring = 2; ring < 19; ring++) {
            double f = M_PI * (ring + 0.5) / 20;

            for (y = 0; y < 96; y++)
                for (x = 0; x < 96; x++)
                    image_row(&img, y)[x] =
                        (uint8_t)(127.5 + 100 * cos(f * (x * cos(angles[a]) + y * sin(angles[a]))));
            assert_ok(spectrum_of(s, &img, out, &err), &err);
            assert_int_equal(highest(out, 20), ring);
        }
    spectrum_free(s);
    image_release(&img);
}

/* White noise has the same power everywhere; contrast and brightness drop out. */
static void noise_is_flat_and_gain_drops_out(void **state)
{
    struct image img = IMAGE_INIT, half = IMAGE_INIT;
    struct spectrum *s;
    struct err err = {0};
    float out[16], other[16];
    struct rng g;
    int x, y, k;

    (void)state;
    shape(&img, 128, 112, 3);
    shape(&half, 128, 112, 3);
    rng_init(&g, 1, 0, "noise", "test");
    for (y = 0; y < 112; y++)
        for (x = 0; x < 128; x++) {
            int v = (int)rng_below(&g, 100);

            for (k = 0; k < 3; k++) {
                image_row(&img, y)[3 * x + k] = (uint8_t)(2 * v);
                image_row(&half, y)[3 * x + k] = (uint8_t)(v + 50);
            }
        }
    assert_ok(spectrum_new(&s, 128, 112, 16, &err), &err);
    assert_ok(spectrum_of(s, &img, out, &err), &err);
    assert_ok(spectrum_of(s, &half, other, &err), &err);
    for (k = 1; k < 16; k++) {
        assert_near(out[k], 0, .5, 0);
        assert_near(out[k], other[k], .01, 0);
    }
    for (y = 0; y < 112; y++)
        memset(image_row(&img, y), 77, 3 * 128);
    assert_ok(spectrum_of(s, &img, out, &err), &err);
    for (k = 0; k < 16; k++)
        assert_near(out[k], 0, 1e-6, 0);
    shape(&img, 64, 64, 3);
    assert_fails(spectrum_of(s, &img, out, &err), ERR_DATA, &err, "64 x 64");
    spectrum_free(s);
    assert_fails(spectrum_new(&s, 64, 64, 64, &err), ERR_DATA, &err, "64 rings");
    image_release(&img);
    image_release(&half);
}

/* One feature, two points a class: the optimum of the penalised likelihood by bisection. */
static void newton_finds_the_optimum(void **state)
{
    static const float x[] = {-1, 1, -1, 1, 9};
    static const uint8_t label[] = {0, 1, 0, 1, 0}, take[] = {1, 1, 1, 1, 0};
    double lo = 0, hi = 50, penalty = .01;
    struct err err = {0};
    struct logit l;
    int i;

    (void)state;
    assert_ok(logit_fit(&l, x, 5, 1, label, take, penalty, &err), &err);
    for (i = 0; i < 200; i++) {
        double w = (lo + hi) / 2;

        if (-1 / (1 + exp(w)) + penalty * w > 0)
            hi = w;
        else
            lo = w;
    }
    assert_near(l.weight[0], lo, 1e-6, 0);
    assert_near(l.weight[1], 0, 1e-9, 0);
    assert_near(logit_predict(&l, &x[1]), 1 / (1 + exp(-lo)), 1e-7, 0);
    logit_release(&l);
}

/* A rare class weighs as much as a common one. */
static void classes_are_balanced(void **state)
{
    enum { N = 2000 };
    static float x[N];
    static uint8_t label[N];
    float middle = 1;
    struct err err = {0};
    struct logit l;
    struct rng g;
    int i;

    (void)state;
    rng_init(&g, 2, 0, "balance", "test");
    for (i = 0; i < N; i++) {
        label[i] = i % 10 == 0;
        x[i] = (float)(rng_normal(&g) + 2 * label[i]);
    }
    assert_ok(logit_fit(&l, x, N, 1, label, NULL, 1e-6, &err), &err);
    assert_near(logit_predict(&l, &middle), .5, .06, 0);
    logit_release(&l);
    memset(label, 1, sizeof(label));
    assert_fails(logit_fit(&l, x, N, 1, label, NULL, 1, &err), ERR_DATA, &err, "no real");
}

/* Separable, constant and repeated features do not break it. */
static void hard_rows(void **state)
{
    static const float x[] = {-1, 5, -1, -2, 5, -2, 1, 5, 1, 2, 5, 2};
    static const uint8_t label[] = {0, 0, 1, 1};
    struct err err = {0};
    struct logit l;

    (void)state;
    assert_ok(logit_fit(&l, x, 4, 3, label, NULL, 1e-9, &err), &err);
    assert_true(logit_predict(&l, x) < .01 && logit_predict(&l, x + 9) > .99);
    assert_true(isfinite(l.weight[0]) && isfinite(l.weight[3]));
    logit_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_fall_into_their_ring),
        cmocka_unit_test(noise_is_flat_and_gain_drops_out),
        cmocka_unit_test(newton_finds_the_optimum),
        cmocka_unit_test(classes_are_balanced),
        cmocka_unit_test(hard_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
