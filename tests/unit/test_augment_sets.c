#include "tests/near.h"

#include <string.h>

#include "swap/augment.h"
#include "swap/colour.h"
#include "tests/unit/chi_square.h"
#include "tests/unit/augment_bench.h"

#define DRAWS 20000

static struct rng stream(int n)
{
    struct rng rng;
    char id[16];

    snprintf(id, sizeof id, "%d", n);
    rng_init(&rng, 1, 0, id, "test");
    return rng;
}

/* a = b, changed by the step as draw n has it. */
static void apply(struct bench *t, const struct augmentation *a, int n)
{
    struct rng rng = stream(n);

    assert_ok(image_copy(&t->a, &t->b, &t->err), &t->err);
    assert_ok(a->apply(&t->scratch, &t->a, &rng, &t->err), &t->err);
    assert_true(t->a.width == SIDE && t->a.height == SIDE);
}

/* A row of ten to 7, 4 and 13 as OpenCV 4.6 makes it of 32-bit floats, the last kind as Pillow 9.4
 * does (BILINEAR, mode F). */
static const float row[10] = {13, 200, 77, 31, 250, 118, 5, 164, 90, 222};
static const struct {
    enum resample_kind kind;
    int n;
    double want[13];
} made[] = {
    {RESAMPLE_LINEAR, 7, {53.071, 120.929, 46.643, 184.000, 13.071, 137.571, 193.714}},
    {RESAMPLE_LINEAR,
     13,
     {13.000, 135.269, 147.962, 68.154, 32.769, 191.038, 184.000, 87.577, 11.115, 133.423, 121.308,
      135.692, 222.000}},
    {RESAMPLE_CUBIC, 7, {51.902, 135.504, 41.874, 215.125, 3.652, 148.268, 194.887}},
    {RESAMPLE_CUBIC,
     13,
     {0.336, 152.177, 172.429, 52.774, 26.405, 208.416, 215.125, 69.592, 6.824, 141.654, 118.987,
      125.181, 230.939}},
    {RESAMPLE_AREA, 7, {69.100, 126.200, 79.400, 184.000, 43.500, 134.400, 182.400}},
    {RESAMPLE_AREA,
     13,
     {13.000, 143.900, 150.800, 72.400, 31.000, 206.200, 184.000, 95.400, 5.000, 148.100, 119.600,
      129.600, 222.000}},
    {RESAMPLE_LANCZOS, 7, {52.031, 153.560, 44.874, 232.511, -1.787, 150.408, 189.843}},
    {RESAMPLE_LANCZOS,
     13,
     {-1.713, 149.486, 188.704, 38.280, 24.343, 207.108, 232.511, 52.002, 9.597, 147.926, 124.184,
      114.065, 233.912}},
    {RESAMPLE_TRIANGLE, 7, {77.731, 125.407, 87.871, 184.0, 56.161, 127.963, 176.308}},
    {RESAMPLE_TRIANGLE, 4, {104.864, 118.72, 101.24, 144.955}},
    {RESAMPLE_TRIANGLE,
     13,
     {13.0, 135.269, 147.962, 68.154, 32.769, 191.038, 184.0, 87.577, 11.115, 133.423, 121.308,
      135.692, 222.0}},
};

static void interpolations(void **state)
{
    struct resample_taps taps;
    size_t i;
    int x, k;

    (void)state;
    for (i = 0; i < sizeof made / sizeof *made; i++) {
        for (x = 0; x < made[i].n; x++) {
            double v = 0;

            resample_taps(made[i].kind, 10, made[i].n, x, &taps);
            for (k = 0; k < taps.n; k++)
                v += (double)(taps.weight[k] * row[taps.at[k]]);
            assert_near(v, made[i].want[x], 0.002, 0);
        }
    }
    for (x = 0; x < 4; x++) { /* the pixel that holds the new one's middle */
        resample_taps(RESAMPLE_NEAREST, 10, 4, x, &taps);
        assert_int_equal(taps.n, 1);
        assert_int_equal(taps.at[0], (int)((x + 0.5) * 2.5));
    }
}

/* Pictures: both axes as the rows are, and flat ones stay flat at all sizes that are drawn. */
static void pictures(void **state)
{
    struct bench *t = *state;
    struct image small = IMAGE_INIT;
    int kind, n, x, y;

    for (kind = 0; kind <= RESAMPLE_TRIANGLE; kind++) {
        struct resample_taps across, down;

        assert_ok(image_shape(&small, 101, 57, 3, &t->err), &t->err);
        assert_ok(resample(&t->scratch.resample, &small, &t->b, (enum resample_kind)kind, &t->err),
                  &t->err);
        for (y = 0; y < 57; y += 8) {
            resample_taps((enum resample_kind)kind, SIDE, 57, y, &down);
            for (x = 0; x < 101; x += 9) {
                double v = 0;
                int i, k;

                resample_taps((enum resample_kind)kind, SIDE, 101, x, &across);
                for (i = 0; i < down.n; i++) {
                    for (k = 0; k < across.n; k++)
                        v += (double)down.weight[i] * (double)across.weight[k] *
                             image_row(&t->b, down.at[i])[3 * across.at[k] + 1];
                }
                assert_near(image_row(&small, y)[3 * x + 1], fmin(fmax(v, 0), 255), 0.501, 0);
            }
        }
        for (n = 45; n <= 449; n += 101) {
            image_fill(&t->a, (uint8_t)(n % 256));
            assert_ok(image_shape(&small, n, n + 1, 3, &t->err), &t->err);
            assert_ok(
                resample(&t->scratch.resample, &small, &t->a, (enum resample_kind)kind, &t->err),
                &t->err);
            for (y = 0; y <= n; y++) {
                for (x = 0; x < 3 * n; x++)
                    assert_int_equal(image_row(&small, y)[x], n % 256);
            }
        }
    }
    image_release(&small);
}

/* The published limits, and all values equally likely: chi-square over 20,000 draws. */
static void amounts(void **state)
{
    static const struct {
        int least, most;
    } quality[] = {{15, 79}, {40, 100}, {60, 100}};
    int count[320], pairs[RESAMPLE_KINDS * RESAMPLE_KINDS] = {0}, ratio[16] = {0}, n, i;
    int shift[20] = {0}, bright[20] = {0}, contrast[20] = {0}, hue[20] = {0}, value[20] = {0};
    size_t k;

    (void)state;
    for (k = 0; k < sizeof quality / sizeof *quality; k++) {
        memset(count, 0, sizeof count);
        for (n = 0; n < DRAWS; n++) {
            struct rng rng = stream(n);
            int q = augment_draw_quality(&rng, quality[k].least, quality[k].most);

            assert_in_range(q, quality[k].least, quality[k].most);
            count[q - quality[k].least]++;
        }
        assert_true(chi_square_even(count, quality[k].most - quality[k].least + 1) < 3.09);
    }
    for (i = 64; i <= 128; i += 64) {
        memset(count, 0, sizeof count);
        for (n = 0; n < DRAWS; n++) {
            struct rng rng = stream(n);
            double side = 317 * augment_draw_share(&rng, i);

            assert_near(side, round(side), 1e-9, 0);
            assert_in_range((int)lround(side), i, 317);
            count[lround(side) - i]++;
        }
        assert_true(chi_square_even(count, 318 - i) < 3.09);
    }
    for (n = 0; n < DRAWS; n++) {
        struct rng rng = stream(n);
        struct augment_resize_draws d;
        struct copy_change c;
        struct hsv_change h;

        augment_draw_resize(&rng, &d);
        assert_true(d.ratio >= 1 && d.ratio < 2);
        ratio[(int)(16 * (d.ratio - 1))]++;
        pairs[(int)d.down * RESAMPLE_KINDS + (int)d.up]++;
        augment_draw_rgb(&rng, &c);
        for (i = 0; i < 3; i++)
            assert_true(c.shift[i] >= -20 && c.shift[i] < 20);
        shift[(int)((c.shift[n % 3] + 20) / 2)]++;
        augment_draw_brightness(&rng, &c);
        assert_true(fabs(c.brightness) <= 0.3 && fabs(c.contrast) <= 0.3);
        bright[(int)((c.brightness + 0.3) / 0.03001)]++;
        contrast[(int)((c.contrast + 0.3) / 0.03001)]++;
        hsv_change_draw(&h, &rng);
        assert_true(fabs(h.hue_deg) <= 0.6 && fabs(h.saturation) <= 0.3 && fabs(h.value) <= 0.3);
        hue[(int)((h.hue_deg + 0.6) / 0.06001)]++;
        value[(int)((n % 2 ? h.value : h.saturation) / 0.03001 + 9.9967)]++;
    }
    assert_true(chi_square_even(ratio, 16) < 3.09);
    assert_true(chi_square_even(pairs, RESAMPLE_KINDS * RESAMPLE_KINDS) < 3.09);
    assert_true(chi_square_even(shift, 20) < 3.09);
    assert_true(chi_square_even(bright, 20) < 3.09);
    assert_true(chi_square_even(contrast, 20) < 3.09);
    assert_true(chi_square_even(hue, 20) < 3.09);
    assert_true(chi_square_even(value, 20) < 3.09);
}

/* Of all steps but the paper's, in the order of the table. */
static void probabilities(void **state)
{
    static const struct {
        const char *name;
        double p;
    } want[] = {{"rgb-shift", .3}, {"hsv-shift", .3}, {"brightness", .3},
                {"jpeg-40", .5},   {"rescale", .5},   {"jpeg-60", .5},
                {"downscale", .5}, {"sharpen", .5},   {"coarse", 1}};
    int hits[9] = {0}, n, i;

    (void)state;
    for (n = 0; n < DRAWS; n++) {
        struct rng rng;
        char id[16];

        snprintf(id, sizeof id, "d%d", n);
        for (i = 0; i < 9; i++)
            hits[i] += augment_drawn(augmentations[10 + i], 1, 0, id, &rng);
    }
    for (i = 0; i < 9; i++) {
        assert_string_equal(augmentations[10 + i]->name, want[i].name);
        if (want[i].p < 1)
            assert_true(chi_square(hits[i], want[i].p, DRAWS) < 10.83);
        else
            assert_int_equal(hits[i], DRAWS);
    }
    assert_null(augmentations[19]);
}

/* The steps of each pixel are their formulas; rounding adds half a level. */
static void colours(void **state)
{
    struct bench *t = *state;
    int n, x, y, c;

    for (n = 0; n < 8; n++) {
        struct copy_change d;
        struct rng rng = stream(n);

        augment_draw_rgb(&rng, &d);
        apply(t, &augment_rgb_shift, n);
        for (y = 0; y < SIDE; y += 5) {
            for (x = 0; x < SIDE; x++) {
                for (c = 0; c < 3; c++)
                    assert_near(image_row(&t->a, y)[3 * x + c],
                                fmin(fmax(image_row(&t->b, y)[3 * x + c] + d.shift[c], 0), 255),
                                0.5001, 0);
            }
        }
        rng = stream(n);
        augment_draw_brightness(&rng, &d);
        apply(t, &augment_brightness, n);
        for (y = 0; y < SIDE; y += 5) {
            for (x = 0; x < 3 * SIDE; x++) {
                double v = (1 + d.contrast) * image_row(&t->b, y)[x] + 255 * d.brightness;

                assert_near(image_row(&t->a, y)[x], fmin(fmax(v, 0), 255), 0.5001, 0);
            }
        }
    }
}

/* Smith's hexcone (1978), hue in degrees, saturation and value of 255. */
static void to_hsv(const double p[3], double h[3])
{
    double most = fmax(p[0], fmax(p[1], p[2])), d = most - fmin(p[0], fmin(p[1], p[2]));

    h[2] = most;
    h[1] = most > 0 ? 255 * d / most : 0;
    h[0] = 60 * (d == 0         ? 0
                 : most == p[0] ? fmod((p[1] - p[2]) / d + 6, 6)
                 : most == p[1] ? (p[2] - p[0]) / d + 2
                                : (p[0] - p[1]) / d + 4);
}

/* A shift of HSV moves hue, saturation and value by what was asked for; a large one is seen in
 * what comes out, a small one is as good as its rounding. None changes nothing. */
static void hsv_shifts(void **state)
{
    static const struct hsv_change some[] = {{40, 0, 0}, {-55, 0, 0}, {0, 30, 0},    {0, -60, 0},
                                             {0, 0, 25}, {0, 0, -90}, {0.6, -.3, .3}};
    struct bench *t = *state;
    size_t i;
    int x, y, c, seen = 0, moved = 0;

    for (y = 0; y < SIDE; y++) { /* vivid colours: hue is exact to a degree or so */
        for (x = 0; x < SIDE; x++) {
            image_row(&t->b, y)[3 * x] = (uint8_t)((x * 5 + y) % 256);
            image_row(&t->b, y)[3 * x + 1] = (uint8_t)((x + 7 * y) % 256);
            image_row(&t->b, y)[3 * x + 2] = (uint8_t)((3 * x + 11 * y + 90) % 256);
        }
    }
    assert_ok(image_copy(&t->a, &t->b, &t->err), &t->err);
    hsv_change(&(struct hsv_change){0, 0, 0}, &t->a);
    assert_true(equal(&t->a, &t->b));
    for (i = 0; i < sizeof some / sizeof *some; i++) {
        assert_ok(image_copy(&t->a, &t->b, &t->err), &t->err);
        hsv_change(&some[i], &t->a);
        for (y = 0; y < SIDE; y++) {
            for (x = 0; x < SIDE; x++) {
                double p[3], q[3], h[3], g[3], off;

                for (c = 0; c < 3; c++) {
                    p[c] = image_row(&t->b, y)[3 * x + c];
                    q[c] = image_row(&t->a, y)[3 * x + c];
                }
                to_hsv(p, h);
                to_hsv(q, g);
                assert_near(g[2], fmin(fmax(h[2] + some[i].value, 0), 255), 0.501, 0);
                if (g[2] < 100 || h[2] < 100 || h[1] < 120 || g[1] < 60)
                    continue;
                seen++;
                off = fmod(g[0] - h[0] - some[i].hue_deg + 540, 360) - 180;
                assert_near(off, 0, 1.8 * 255 / g[1], 0);
                assert_near(g[1], fmin(fmax(h[1] + some[i].saturation, 0), 255), 2.7, 0);
            }
        }
        moved += !equal(&t->a, &t->b);
    }
    assert_true(seen > 50000);
    assert_int_equal(moved, 7);
    /* A face's colours hardly move: less than a level in the mean, three at most. */
    for (x = 0; x < 10; x++) {
        double sum = 0;

        fixture_texture(&t->b, SIDE, SIDE, "augment");
        apply(t, &augment_hsv_shift, x);
        for (y = 0; y < SIDE; y++) {
            for (c = 0; c < 3 * SIDE; c++) {
                int d = abs(image_row(&t->a, y)[c] - image_row(&t->b, y)[c]);

                assert_in_range(d, 0, 3);
                sum += d;
            }
        }
        assert_true(sum / (3 * SIDE * SIDE) < 1);
    }
}

/* Steps that take resolution away lose detail and keep light and place; `sharpen` adds detail. */
static double detail(const struct image *img)
{
    double sum = 0;
    int x, y;

    for (y = 0; y < SIDE; y++) {
        for (x = 3; x < 3 * SIDE; x++)
            sum += pow(image_row(img, y)[x] - image_row(img, y)[x - 3], 2);
    }
    return sum / (3.0 * SIDE * SIDE);
}

static void resolutions(void **state)
{
    static const struct augmentation *const loses[] = {&augment_rescale, &augment_coarse,
                                                       &augment_downscale};
    struct bench *t = *state;
    double before = detail(&t->b);
    int n, i, x, y;

    for (n = 0; n < 12; n++) {
        for (i = 0; i < 3; i++) {
            double sx = 0, sy = 0, sum = 0;

            fixture_texture(&t->b, SIDE, SIDE, "augment");
            apply(t, loses[i], n);
            assert_true(detail(&t->a) < before);
            image_fill(&t->b, 0);
            for (y = 0; y < SIDE; y++) {
                for (x = 0; x < SIDE; x++) {
                    if (hypot(x - 80, y - 130) < 40)
                        memset(image_row(&t->b, y) + 3 * x, 200, 3);
                }
            }
            apply(t, loses[i], n);
            for (y = 0; y < SIDE; y++) {
                for (x = 0; x < SIDE; x++) {
                    double v = image_row(&t->a, y)[3 * x];

                    sum += v;
                    sx += v * x;
                    sy += v * y;
                }
            }
            assert_near(sx / sum, 80, 0.6, 0);
            assert_near(sy / sum, 130, 0.6, 0);
            assert_near(sum, 200 * M_PI * 1600, 0, 0.04);
        }
        fixture_texture(&t->b, SIDE, SIDE, "augment");
        apply(t, &augment_sharpen, n);
        assert_true(detail(&t->a) > before);
    }
}

static void read_chain(struct bench *t, const char *text, struct augment_chain *chain)
{
    const char *word[8];
    char copy[128], *p = copy;
    size_t n = 0;

    snprintf(copy, sizeof copy, "%s", text);
    while ((word[n] = strsep(&p, " ")))
        n++;
    assert_ok(augment_chain_read(chain, word, n, &t->err), &t->err);
}

static void assert_chain(struct bench *t, const char *text, const char *want)
{
    struct augment_chain chain;
    char got[256] = "";
    int i;

    read_chain(t, text, &chain);
    for (i = 0; i < chain.n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s:%g", i ? " " : "",
                 chain.step[i]->name, chain.probability[i]);
    assert_string_equal(got, want);
}

/* What the words of the configuration stand for. */
static void words(void **state)
{
    static const char *const bad[][2] = {
        {"blurr", "unknown"},   {"jpeg=2", "0 to 1"},    {"jpeg=-1", "0 to 1"},
        {"jpeg=", "0 to 1"},    {"jpeg=0.5x", "0 to 1"}, {"jpeg=nan", "0 to 1"},
        {"paper=1", "unknown"}, {"", "unknown"},         {"=0.5", "unknown"}};
    struct bench *t = *state;
    struct augment_chain chain;
    size_t i;

    assert_chain(t, "sbi", "rgb-shift:0.3 hsv-shift:0.3 brightness:0.3 jpeg-40:0.5");
    assert_chain(t, "bi", "rescale:0.5 jpeg-60:0.5");
    assert_chain(t, "coarse bi", "coarse:1 rescale:0.5 jpeg-60:0.5");
    assert_chain(t, "tone jpeg", "tone:0.3 jpeg:0.3");
    assert_chain(t, "jpeg tone", "jpeg:0.3 tone:0.3");
    /* Another probability does not move a step; 0 takes it out; new ones come last. */
    assert_chain(t, "sbi brightness=1 sharpen=0.25",
                 "rgb-shift:0.3 hsv-shift:0.3 brightness:1 jpeg-40:0.5 sharpen:0.25");
    assert_chain(t, "sbi hsv-shift=0", "rgb-shift:0.3 brightness:0.3 jpeg-40:0.5");
    assert_chain(t, "sbi rgb-shift=0 jpeg-40=0", "hsv-shift:0.3 brightness:0.3");
    assert_chain(t, "noise=0", "");
    assert_chain(t, "bi rescale=0 rescale", "jpeg-60:0.5 rescale:0.5");
    assert_chain(t, "paper sbi bi downscale sharpen coarse",
                 "jpeg:0.3 normalise:0.5 quantise:0.5 hsv:0.25 gamma:1 motion:0.3 blur:0.3 "
                 "noise:0.3 tone:0.3 resize:0.25 rgb-shift:0.3 hsv-shift:0.3 brightness:0.3 "
                 "jpeg-40:0.5 rescale:0.5 jpeg-60:0.5 downscale:0.5 sharpen:0.5 coarse:1");
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(augment_chain_read(&chain, bad[i], 1, &t->err), ERR_CONFIG, &t->err,
                     bad[i][1]);
    assert_fails(augment_chain_read(&chain, (const char *const[]){"bi", "rescale"}, 2, &t->err),
                 ERR_CONFIG, &t->err, "'rescale' comes twice");
}

/* Steps are the same wherever they stand and whatever else there is: a chain is each of its steps
 * alone, one after the other, in its order. */
static void steps_do_not_know_each_other(void **state)
{
    static const char *const texts[] = {"paper",         "resize noise jpeg gamma",
                                        "paper noise=0", "sbi jpeg-40=1 paper hsv=1",
                                        "bi coarse sbi", "sharpen=1 downscale=1 motion=1"};
    struct bench *t = *state;
    size_t k;
    int n, i;

    for (k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct augment_chain chain, one = {.n = 1};

        read_chain(t, texts[k], &chain);
        for (n = 0; n < 6; n++) {
            unsigned applied, alone, sum = 0;
            char id[16];

            snprintf(id, sizeof id, "s%d", n);
            fixture_texture(&t->a, SIDE, SIDE, "augment");
            assert_ok(image_copy(&t->b, &t->a, &t->err), &t->err);
            assert_ok(augment(&chain, 1, 0, id, &t->scratch, &t->a, &applied, &t->err), &t->err);
            for (i = 0; i < chain.n; i++) {
                one.step[0] = chain.step[i];
                one.probability[0] = chain.probability[i];
                assert_ok(augment(&one, 1, 0, id, &t->scratch, &t->b, &alone, &t->err), &t->err);
                sum |= alone << i;
            }
            assert_int_equal(applied, sum);
            assert_true(equal(&t->a, &t->b));
        }
    }
}

/* What one probability lets through, a larger one does, and changes in the same way. */
static void probabilities_nest(void **state)
{
    struct bench *t = *state;
    struct augment_chain rare, often;
    int n, seen = 0, more = 0;

    read_chain(t, "jpeg=0.2", &rare);
    read_chain(t, "jpeg=0.6", &often);
    for (n = 0; n < 60; n++) {
        unsigned a, b;
        char id[16];

        snprintf(id, sizeof id, "p%d", n);
        fixture_texture(&t->a, SIDE, SIDE, "augment");
        assert_ok(image_copy(&t->b, &t->a, &t->err), &t->err);
        assert_ok(augment(&rare, 1, 0, id, &t->scratch, &t->a, &a, &t->err), &t->err);
        assert_ok(augment(&often, 1, 0, id, &t->scratch, &t->b, &b, &t->err), &t->err);
        assert_true(!a || b);
        assert_true(a != b || equal(&t->a, &t->b));
        seen += (int)a;
        more += (int)(b - a);
    }
    assert_in_range(seen, 5, 22);
    assert_in_range(more, 12, 38);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(interpolations),     CASE(pictures), CASE(amounts),
        CASE(probabilities),      CASE(colours),  CASE(hsv_shifts),
        CASE(resolutions),        CASE(words),    CASE(steps_do_not_know_each_other),
        CASE(probabilities_nest),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("augment_sets", tests, NULL, NULL);
}
