#include "tests/near.h"

#include "lib/grey.h"
#include "lib/rng.h"

static const unsigned variants[] = {0, ~0u};

static void every_colour_as_the_formula_says(void **state)
{
    uint8_t rgb[256 * 3], out[256];
    int r, g, b, v;

    (void)state;
    for (v = 0; v < 2; v++) {
        struct grey_ops ops;

        grey_ops_init(&ops, variants[v]);
        for (r = 0; r < 256; r++)
            for (g = 0; g < 256; g++) {
                for (b = 0; b < 256; b++) {
                    rgb[3 * b] = (uint8_t)r;
                    rgb[3 * b + 1] = (uint8_t)g;
                    rgb[3 * b + 2] = (uint8_t)b;
                }
                ops.row(out, rgb, 256);
                for (b = 0; b < 256; b++)
                    if (out[b] != (77 * r + 150 * g + 29 * b + 128) / 256)
                        fail_msg("%d %d %d: %d", r, g, b, out[b]);
            }
    }
}

/* Rows of every length, each in memory of just its size, so that reading beyond it is seen. */
static void every_length(void **state)
{
    struct grey_ops ops[2];
    struct rng rng;
    int n, v, x;

    (void)state;
    rng_init(&rng, 3, 0, "rows", "test_grey");
    for (v = 0; v < 2; v++)
        grey_ops_init(&ops[v], variants[v]);
    for (n = 1; n < 200; n++) {
        uint8_t *rgb = malloc((size_t)n * 3), *out[2];

        assert_non_null(rgb);
        for (x = 0; x < 3 * n; x++)
            rgb[x] = (uint8_t)rng_u32(&rng);
        for (v = 0; v < 2; v++) {
            out[v] = malloc((size_t)n);
            assert_non_null(out[v]);
            ops[v].row(out[v], rgb, n);
        }
        assert_memory_equal(out[0], out[1], (size_t)n);
        free(out[0]);
        free(out[1]);
        free(rgb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_colour_as_the_formula_says),
        cmocka_unit_test(every_length),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("grey", tests, NULL, NULL);
}
