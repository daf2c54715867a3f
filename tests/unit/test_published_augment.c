/* The published chain of augmentations beside ours. */
#include "tests/near.h"

#include "swap/augment.h"
#include "swap/published.h"
#include "swap/published_augment.h"
#include "tests/unit/swap_bench.h"

/* The chain's steps keep their names and probabilities, and are replaced where they should be. */
static void noise_chain(void **state)
{
    const char *paper[] = {"paper"};
    struct bench *t = *state;
    struct augment_chain chain;
    int i;

    assert_ok(augment_chain_read(&chain, paper, 1, &t->err), &t->err);
    published_augment_chain(&chain, CORRECTIONS_ALL);
    for (i = 0; i < chain.n; i++)
        assert_ptr_equal(chain.step[i], augmentations[i]);
    published_augment_chain(&chain, 1u << FIX_MOTION | 1u << FIX_RESIZE);
    for (i = 0; i < chain.n; i++) {
        const struct augmentation *a = augmentations[i];
        bool own = a == &augment_motion || a == &augment_resize || a == &augment_jpeg;

        assert_int_equal(chain.step[i] == a, own);
        assert_string_equal(chain.step[i]->name, a->name);
        assert_near(chain.step[i]->probability, a->probability, 0, 0);
    }
    assert_ok(augment_chain_read(&chain, paper, 1, &t->err), &t->err);
    published_augment_chain(&chain, 1u << FIX_ROUNDING);
    assert_ptr_equal(chain.step[4], &augment_gamma);
    assert_ptr_not_equal(chain.step[5], &augment_motion);
    assert_ptr_not_equal(chain.step[9], &augment_resize);
}

/* The published step and its correction, with the same draws, differ by no more than what is cut
 * off; motion by its shift; resize does nothing. */
static void published_steps(void **state)
{
    const char *paper[] = {"paper"};
    struct bench *t = *state;
    struct augment_chain chain;
    struct augment_scratch s = {0};
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct rng rng;
    double mean[AUGMENTATIONS] = {0}; /* of the first chain.n */
    int i, n, x, y;

    assert_ok(augment_chain_read(&chain, paper, 1, &t->err), &t->err);
    published_augment_chain(&chain, 0);
    for (i = 1; i < chain.n; i++) { /* jpeg is the same */
        for (n = 0; n < 12; n++) {
            char name[16];

            snprintf(name, sizeof name, "%d", n);
            assert_ok(image_copy(&a, &t->self, &t->err), &t->err);
            assert_ok(image_copy(&b, &t->self, &t->err), &t->err);
            (void)augment_drawn(augmentations[i], 1, 0, name, &rng);
            assert_ok(augmentations[i]->apply(&s, &a, &rng, &t->err), &t->err);
            (void)augment_drawn(chain.step[i], 1, 0, name, &rng);
            assert_ok(chain.step[i]->apply(&s, &b, &rng, &t->err), &t->err);
            if (chain.step[i] == augmentations[i])
                assert_near(apart(&a, &b), 0, 0, 0);
            for (y = 0; y < SIDE; y++) {
                for (x = 0; x < 3 * SIDE; x++)
                    mean[i] += image_row(&a, y)[x] - image_row(&b, y)[x];
            }
            if (i == 9)
                assert_near(apart(&b, &t->self), 0, 0, 0);
        }
        mean[i] /= 12.0 * 3 * SIDE * SIDE;
    }
    /* Cutting off darkens by half a level. */
    assert_near(mean[1], 0.5, 0.25, 0); /* normalise */
    assert_near(mean[2], 0.5, 0.25, 0); /* quantise */
    assert_near(mean[4], 0.5, 0.25, 0); /* gamma */
    assert_near(mean[7], 0.5, 0.3, 0);  /* noise */
    assert_near(mean[8], 0.5, 0.25, 0); /* tone */
    augment_scratch_release(&s);
    image_release(&a);
    image_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(noise_chain, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(published_steps, bench_setup, bench_teardown),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("published_augment", tests, NULL, NULL);
}
