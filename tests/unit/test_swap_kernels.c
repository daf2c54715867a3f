/* Every inner loop: each variant gives the bytes of the plain one, writes nothing beyond its end,
 * and the plain one does what kernels.h says. */
#include "tests/near.h"

#include <math.h>
#include <stdlib.h>

#include "lib/cpu.h"
#include "lib/rng.h"
#include "swap/kernels.h"

#define N    256
#define PAD  64
#define ROOM (3 * N + 2 * PAD)

/* What a loop may read and write; the same content for both variants. */
struct arena {
    float f[8][ROOM];
    uint8_t b[8][ROOM];
    uint16_t s[8][ROOM];
    float part[8];
};

static void fill(struct arena *a, struct rng *rng)
{
    int i, j;

    for (j = 0; j < 8; j++) {
        for (i = 0; i < ROOM; i++) {
            a->f[j][i] = (float)rng_range(rng, -200, 200);
            /* Some are 0, as the weights of fixed points. */
            if (rng_below(rng, 4) == 0)
                a->f[j][i] = 0;
            a->b[j][i] = (uint8_t)rng_below(rng, 256);
            a->s[j][i] = (uint16_t)rng_below(rng, 65281);
        }
        a->part[j] = (float)rng_range(rng, -5, 5);
    }
}

typedef void (*loop)(const struct swap_ops *ops, struct arena *a, int n);

#define F(j) (a->f[j] + PAD)
#define B(j) (a->b[j] + PAD)
#define NEAR                                                                                       \
    {                                                                                              \
        F(2), F(2) + 1, F(3), F(4)                                                                 \
    }

static const uint8_t *const *shifted(const struct arena *a, const uint8_t *rows[5])
{
    int k;

    for (k = 0; k < 5; k++)
        rows[k] = B(1) + k - 2;
    return rows;
}

static const int five[5] = {46, 54, 56, 54, 46};

static void run_alpha(const struct swap_ops *o, struct arena *a, int n)
{
    o->alpha_row(B(0), B(1), B(2), B(3), n);
}

static void run_halve(const struct swap_ops *o, struct arena *a, int n)
{
    o->halve_row(B(0), B(1), B(2), n / 2, 3);
    o->halve_row(B(3), B(4), B(5), n / 2, 1);
}

static void run_min(const struct swap_ops *o, struct arena *a, int n)
{
    const uint8_t *rows[5];

    o->min_rows(B(0), shifted(a, rows), 5, n);
}

static void run_across(const struct swap_ops *o, struct arena *a, int n)
{
    const uint8_t *rows[5];

    o->weigh_across(a->s[0] + PAD, shifted(a, rows), five, 5, n);
}

static void run_down(const struct swap_ops *o, struct arena *a, int n)
{
    const uint16_t *rows[5];
    int k;

    for (k = 0; k < 5; k++)
        rows[k] = a->s[1 + k] + PAD;
    o->weigh_down(B(0), rows, five, 5, n);
}

static void run_dssim(const struct swap_ops *o, struct arena *a, int n)
{
    float *const out[DSSIM_SUMS] = {F(2), F(3), F(4), F(5)};
    const float *in[DSSIM_TAPS][DSSIM_SUMS];
    int i, j;

    o->dssim_across(out, F(0), F(1), F(6), F(7), n, 3);
    for (i = 0; i < DSSIM_TAPS; i++) {
        for (j = 0; j < DSSIM_SUMS; j++)
            in[i][j] = F(2 + j) - i;
    }
    o->dssim_down(F(0), in, n);
}

static void run_relax(const struct swap_ops *o, struct arena *a, int n)
{
    const struct swap_cross near = NEAR;

    o->relax(F(0), &near, F(5), F(6), n);
}

static void run_relax_keep(const struct swap_ops *o, struct arena *a, int n)
{
    const struct swap_cross near = NEAR;

    o->relax_keep(F(0), &near, F(5), F(6), n);
}

static void run_multiply(const struct swap_ops *o, struct arena *a, int n)
{
    o->multiply(F(0), F(1), F(2), n);
}

static void run_residual(const struct swap_ops *o, struct arena *a, int n)
{
    const struct swap_cross near = NEAR;

    o->residual(F(0), F(1), &near, F(5), F(6), n);
}

static void run_apply(const struct swap_ops *o, struct arena *a, int n)
{
    const struct swap_cross near = NEAR;

    o->apply(F(0), F(1), &near, F(6), a->part, n);
}

static void run_negate(const struct swap_ops *o, struct arena *a, int n)
{
    o->negate(F(0), a->part, n);
}

static void run_dot(const struct swap_ops *o, struct arena *a, int n)
{
    o->dot(F(0), F(1), a->part, n);
}

static void run_follow(const struct swap_ops *o, struct arena *a, int n)
{
    o->follow(F(0), .37f, F(1), n);
}

static void run_advance(const struct swap_ops *o, struct arena *a, int n)
{
    o->advance(F(0), F(1), F(2), F(3), .37f, a->part, n);
}

static void run_gather(const struct swap_ops *o, struct arena *a, int n)
{
    o->gather(F(0), F(1), F(2), F(3), n);
}

static void run_spread(const struct swap_ops *o, struct arena *a, int n)
{
    o->spread(F(0), .5f, F(1), F(2), F(3), n);
    o->add_where(F(4), .5f, F(5), F(6), n);
}

static void run_split(const struct swap_ops *o, struct arena *a, int n)
{
    o->split(F(0), F(1), F(2), n / 2);
    o->join(F(3), F(4), F(5), n / 2);
}

static const struct {
    const char *name;
    loop run;
    bool any; /* any n, not only multiples of 8 */
} loops[] = {
    {"alpha", run_alpha, true},
    {"halve", run_halve, true},
    {"min", run_min, true},
    {"weigh across", run_across, true},
    {"weigh down", run_down, true},
    {"dssim", run_dssim, true},
    {"relax", run_relax, false},
    {"relax keep", run_relax_keep, false},
    {"multiply", run_multiply, false},
    {"residual", run_residual, false},
    {"apply", run_apply, false},
    {"negate", run_negate, false},
    {"dot", run_dot, false},
    {"follow", run_follow, false},
    {"advance", run_advance, false},
    {"gather", run_gather, false},
    {"spread, add", run_spread, false},
    {"split, join", run_split, false},
};

static void variants_agree(void **state)
{
    struct arena *plain = malloc(sizeof *plain), *fast = malloc(sizeof *fast);
    const struct swap_ops *best = swap_ops_get(cpu_flags());
    struct rng rng;
    size_t k;
    int n, turn;

    (void)state;
    assert_true(plain && fast);
    rng_init(&rng, 1, 0, "kernels", "test");
    for (k = 0; k < sizeof loops / sizeof *loops; k++) {
        for (turn = 0; turn < 40; turn++) {
            n = (int)rng_below(&rng, N);
            n = loops[k].any ? n : n / 8 * 8;
            fill(plain, &rng);
            *fast = *plain;
            loops[k].run(&swap_ops_c, plain, n);
            loops[k].run(best, fast, n);
            if (memcmp(plain, fast, sizeof *plain) != 0)
                fail_msg("%s differs at n = %d", loops[k].name, n);
        }
    }
    free(plain);
    free(fast);
}

/* No loop touches what lies before or behind its n elements. */
static void nothing_beyond_the_end(void **state)
{
    struct arena *a = malloc(sizeof *a), *before = malloc(sizeof *before);
    struct rng rng;
    size_t k;
    int j, n;

    (void)state;
    assert_true(a && before);
    rng_init(&rng, 2, 0, "kernels", "test");
    for (k = 0; k < sizeof loops / sizeof *loops; k++) {
        n = loops[k].any ? 101 : 104;
        fill(a, &rng);
        *before = *a;
        loops[k].run(swap_ops_get(cpu_flags()), a, n);
        for (j = 0; j < 8; j++) {
            /* Squares and products of dssim are scratch that reaches 15 further on each side. */
            int low = PAD - 16, high = PAD + (loops[k].run == run_halve ? 3 * n / 2 : n) + 15;

            assert_memory_equal(a->f[j], before->f[j], sizeof(float) * (size_t)low);
            assert_memory_equal(a->f[j] + high, before->f[j] + high,
                                sizeof(float) * (size_t)(ROOM - high));
            assert_memory_equal(a->b[j], before->b[j], PAD);
            assert_memory_equal(a->b[j] + high, before->b[j] + high, (size_t)(ROOM - high));
            assert_memory_equal(a->s[j], before->s[j], 2 * PAD);
            assert_memory_equal(a->s[j] + high, before->s[j] + high, 2 * (size_t)(ROOM - high));
        }
    }
    free(a);
    free(before);
}

/* The plain loops against what is written above them, in doubles. */
static void plain_loops_do_what_they_say(void **state)
{
    struct arena *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    struct rng rng;
    double sum[8], top[8];
    int i;

    (void)state;
    assert_true(a && b);
    rng_init(&rng, 3, 0, "kernels", "test");
    fill(a, &rng);
    *b = *a;
#define OLD(j, k) ((double)b->f[j][PAD + (k)])
#define CROSS(k)  (OLD(2, k) + OLD(2, k + 1) + OLD(3, k) + OLD(4, k))
    run_apply(&swap_ops_c, a, 64);
    for (i = 0; i < 8; i++)
        sum[i] = b->part[i];
    for (i = 0; i < 64; i++) {
        double want = OLD(6, i) != 0 ? OLD(6, i) * OLD(1, i) - CROSS(i) : 0;

        assert_true(fabs(F(0)[i] - want) < .02);
        sum[i % 8] += OLD(1, i) * want;
    }
    for (i = 0; i < 8; i++)
        assert_true(fabs(a->part[i] - sum[i]) < 30);

    *a = *b;
    run_advance(&swap_ops_c, a, 64);
    for (i = 0; i < 8; i++)
        top[i] = b->part[i];
    for (i = 0; i < 64; i++) {
        double f = OLD(1, i) - .37f * OLD(3, i);

        assert_true(fabs(F(0)[i] - (OLD(0, i) + .37f * OLD(2, i))) < 1e-3);
        assert_true(fabs(F(1)[i] - f) < 1e-3);
        top[i % 8] = fmax(top[i % 8], fabs(f));
    }
    for (i = 0; i < 8; i++)
        assert_true(fabs(a->part[i] - top[i]) < 1e-3);

    *a = *b;
    run_relax_keep(&swap_ops_c, a, 64);
    for (i = 0; i < 64; i++)
        assert_true(fabs(F(0)[i] -
                         (OLD(6, i) != 0 ? OLD(6, i) * (CROSS(i) + OLD(5, i)) : OLD(0, i))) < .05);
    *a = *b;
    run_residual(&swap_ops_c, a, 64);
    for (i = 0; i < 64; i++)
        assert_true(fabs(F(0)[i] - (OLD(6, i) != 0 ? OLD(5, i) + CROSS(i) - OLD(6, i) * OLD(1, i)
                                                   : 0)) < .05);
    *a = *b;
    run_gather(&swap_ops_c, a, 64);
    for (i = 0; i < 64; i++)
        assert_true(fabs(F(0)[i] - (OLD(1, i) + .25 * (OLD(2, i - 1) + OLD(2, i) + OLD(3, i - 1) +
                                                       OLD(3, i)))) < 1e-3);
    *a = *b;
    run_down(&swap_ops_c, a, 100);
    for (i = 0; i < 100; i++) {
        double want = 0;
        int k;

        for (k = 0; k < 5; k++)
            want += five[k] * (double)b->s[1 + k][PAD + i];
        assert_true(fabs(a->b[0][PAD + i] - want / 65536) <= .5);
    }
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_agree),
        cmocka_unit_test(nothing_beyond_the_end),
        cmocka_unit_test(plain_loops_do_what_they_say),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("swap_kernels", tests, NULL, NULL);
}
