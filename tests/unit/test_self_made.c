/* The methods that make fakes of real frames, beside sbi: what they promise of picture, mask, box.
 */
#include "tests/near.h"

#include "swap/bi.h"
#include "swap/fwa.h"
#include "swap/i2g.h"
#include "swap/weights.h"
#include "tests/unit/swap_bench.h"

static const struct swap_method *const methods[] = {&swap_bob, &swap_bi, &swap_i2g, &swap_fwa};
#define METHODS (sizeof methods / sizeof *methods)

static int make(struct bench *t, const struct swap_method *m, bool fake, const char *id,
                struct swap_sample *out)
{
    t->in.id = id;
    t->in.is_fake = fake;
    return m->make(&t->set, &t->in, &t->scratch, out, &t->err);
}

/* bi, i2g and fwa paste on the frame as it is: what is not in the mask is the genuine sample, and
 * the box is around what differs from it. bob may change the copy below, but its mask is a ring. */
static void changes_lie_in_mask_and_box(void **state)
{
    struct bench *t = *state;
    size_t k;
    int n, x, y;

    for (k = 0; k < METHODS; k++) {
        for (n = 0; n < 100; n++) {
            struct rect seen = {0, 0, 0, 0};
            char id[16];

            snprintf(id, sizeof id, "c%d", n);
            assert_ok(make(t, methods[k], false, id, &t->other), &t->err);
            assert_false(t->other.has_box);
            assert_ok(make(t, methods[k], true, id, &t->sample), &t->err);
            assert_true(t->sample.has_box && rect_width(t->sample.box) > 0);
            assert_int_equal(t->sample.mode, SWAP_GLOBAL);
            assert_int_equal(t->sample.foreground, methods[k]->donor ? SWAP_DONOR : SWAP_SELF);
            assert_int_equal(t->sample.ring, methods[k] == &swap_bob);
            if (methods[k] == &swap_bob)
                continue;
            for (y = 0; y < SAMPLE_PX; y++) {
                const uint8_t *o = image_row(&t->sample.image, y);
                const uint8_t *b = image_row(&t->other.image, y),
                              *m = image_row(&t->sample.mask, y);

                for (x = 0; x < SAMPLE_PX; x++) {
                    if (memcmp(o + 3 * x, b + 3 * x, 3) == 0)
                        continue;
                    assert_true(m[x] > 0);
                    seen = rect_union(seen, (struct rect){x, y, x + 1, y + 1});
                }
            }
            assert_memory_equal(&seen, &t->sample.box, sizeof seen);
        }
    }
}

static void same(const struct swap_sample *a, const struct swap_sample *b)
{
    int y;

    for (y = 0; y < SAMPLE_PX; y++)
        assert_bytes(image_row(&a->image, y), image_row(&b->image, y), 3 * SAMPLE_PX);
}

/* A donor that is the frame itself, or a square that loses nothing, gives the frame back; and that
 * must not become a sample labelled fake. */
static void nothing_changes_nothing(void **state)
{
    struct bench *t = *state;
    struct bi_draws bi = {.region = REGION_FULL, .grid_sd = .05, .erode_px = 5, .feather = .2};
    struct sbi_mask i2g = {.region = REGION_COMPONENTS,
                           .scale = 1,
                           .elastic_rms = .01,
                           .side_px = 224,
                           .erode_px = 9,
                           .blur_px = 15,
                           .blur_sigma_px = 5};
    struct fwa_draws fwa = {.scale = 1, .region = REGION_INNER, .grid_sd_px = 20};
    int n;

    t->in.donor = t->in.self;
    t->in.donor_landmarks = t->in.landmarks;
    for (n = 0; n < 20; n++) {
        struct swap_scratch *s = &t->scratch;
        char id[16];

        snprintf(id, sizeof id, "n%d", n);
        t->set.min_difference = 0;
        bi.region = (enum region_kind)(n % REGION_KINDS);
        assert_ok(make(t, &swap_bi, false, id, &t->other), &t->err);
        assert_ok(bi_blend(&t->set, &t->in, &bi, s, &t->sample, &t->err), &t->err);
        same(&t->sample, &t->other);
        assert_ok(i2g_blend(&t->set, &t->in, &i2g, s, &t->sample, &t->err), &t->err);
        same(&t->sample, &t->other);
        assert_ok(fwa_blend(&t->set, &t->in, &fwa, s, &t->sample, &t->err), &t->err);
        same(&t->sample, &t->other);
        t->set.min_difference = .5;
        assert_fails(bi_blend(&t->set, &t->in, &bi, s, &t->sample, &t->err), ERR_DATA, &t->err,
                     "do not differ");
    }
}

/* The same whatever was made before, and on any processor. */
static void samples_are_pure(void **state)
{
    struct bench *t = *state;
    struct swap_scratch plain = {0};
    size_t k;
    int n, y;

    swap_scratch_init(&plain, 0);
    for (k = 0; k < METHODS; k++) {
        for (n = 0; n < 10; n++) {
            char id[16];

            snprintf(id, sizeof id, "p%d", n);
            assert_ok(make(t, methods[k], true, id, &t->sample), &t->err);
            assert_ok(methods[k]->make(&t->set, &t->in, &plain, &t->other, &t->err), &t->err);
            same(&t->sample, &t->other);
            for (y = 0; y < SAMPLE_PX; y++)
                assert_bytes(image_row(&t->sample.mask, y), image_row(&t->other.mask, y),
                             SAMPLE_PX);
        }
    }
    swap_scratch_release(&plain);
}

/* The donor's eyes come to lie on the frame's. */
static void donors_are_placed_on_the_face(void **state)
{
    struct bench *t = *state;
    struct bi_draws d = {.region = REGION_FULL};
    struct point eye = landmarks_eye_left(&t->in.donor_landmarks);
    struct point want;
    int x, y;

    /* A black dot on the donor's left eye, on white. */
    image_fill(&t->donor, 255);
    for (y = -6; y <= 6; y++) {
        for (x = -6; x <= 6; x++)
            memset(image_row(&t->donor, (int)lround(eye.y) + y) + 3 * ((int)lround(eye.x) + x), 0,
                   3);
    }
    t->set.scale_sd = t->set.translate_px = t->set.rotate_deg = t->set.stretch_p = 0;
    t->set.mirror = 0;
    t->set.halve = 0;
    t->in.id = "eye";
    assert_ok(bi_blend(&t->set, &t->in, &d, &t->scratch, &t->sample, &t->err), &t->err);
    want = mat3_apply(&t->sample.frame_to_sample, landmarks_eye_left(&t->in.landmarks).x > 0
                                                      ? landmarks_eye_left(&t->in.landmarks)
                                                      : (struct point){0, 0});
    assert_true(image_row(&t->scratch.fg, (int)lround(want.y))[3 * (int)lround(want.x)] <
                image_row(&t->scratch.fg, (int)lround(want.y) + 20)[3 * (int)lround(want.x)]);
    assert_int_equal(image_row(&t->sample.mask, (int)lround(want.y))[(int)lround(want.x)], 255);
}

static double chi_square(int hits, double p, int total)
{
    return pow(hits - p * total, 2) / (p * total * (1 - p));
}

#define ODDS(hits, p) assert_true(chi_square(hits, p, total) < 10.83)

/* Over 20,000 draws, chi-square of one degree of freedom at p = 0.001. */
static void draws_have_their_shares(void **state)
{
    int region[REGION_KINDS] = {0}, five[REGION_KINDS] = {0}, scale[10] = {0}, erode[22] = {0};
    int eroded = 0, dilated3 = 0, wide = 0, deformed = 0, smooth = 0, n, k, total = 20000;

    (void)state;
    for (n = 0; n < total; n++) {
        struct bi_draws b;
        struct fwa_draws f;
        char id[16];

        snprintf(id, sizeof id, "d%d", n);
        bi_draw(0xf, 1, 0, id, &b);
        region[b.region]++;
        eroded += b.erode_px > 0;
        dilated3 += b.dilate_px == 3;
        erode[b.erode_px]++;
        wide += b.grid_sd > .08;
        assert_true((b.erode_px > 0) != (b.dilate_px > 0));
        assert_true(b.grid_sd >= .01 && b.grid_sd < .15);
        fwa_draw(0xf, 1, 0, id, &f);
        five[f.region]++;
        scale[(int)lround(10 * f.scale)]++;
        deformed += f.grid_sd_px > 0;
        smooth += f.smooth_px > 0;
    }
    for (k = 0; k < 4; k++)
        ODDS(region[k], .25);
    for (k = 0; k < 5; k++)
        ODDS(five[k], .2);
    for (k = 2; k <= 8; k++)
        ODDS(scale[k], 1 / 7.);
    for (k = 3; k <= 21; k += 2)
        ODDS(erode[k], .05);
    ODDS(eroded, .5);
    ODDS(dilated3, .25);
    ODDS(wide, .5);
    ODDS(deformed, .9);
    ODDS(smooth, .9);
}

static void bad_input(void **state)
{
    struct bench *t = *state;
    struct image tiny = IMAGE_INIT;
    size_t k;

    for (k = 0; k < METHODS; k++) {
        const struct landmarks face = fixture_face(250, 190, 150);
        int i;

        t->in.landmarks.p[30].x = NAN;
        assert_fails(make(t, methods[k], true, "nan", &t->sample), ERR_DATA, &t->err, "");
        t->in.landmarks = fixture_face(2500, 190, 150);
        assert_fails(make(t, methods[k], true, "out", &t->sample), ERR_DATA, &t->err, "landmarks");
        for (i = 0; i < 68; i++)
            t->in.landmarks.p[i] = (struct point){200, 150};
        assert_fails(make(t, methods[k], true, "dot", &t->sample), ERR_DATA, &t->err, "");
        t->in.landmarks = face;
    }
    assert_ok(image_shape(&tiny, 3, 2, 3, &t->err), &t->err);
    image_fill(&tiny, 7);
    t->in.donor.image = &tiny;
    assert_fails(make(t, &swap_bi, true, "d", &t->sample), ERR_DATA, &t->err, "landmarks");
    /* A face of a few pixels, blank: no difference, whatever its size. */
    t->in.self = (struct swap_crop){&tiny, 0, 0};
    t->in.landmarks = fixture_face(1, .7, 1);
    assert_fails(make(t, &swap_fwa, true, "t", &t->sample), ERR_DATA, &t->err, "");
    image_release(&tiny);
}

/* Distances of a feathered square, counted by hand, and of a random mask, by trying all pixels. */
static void feather_is_the_distance(void **state)
{
    static struct weights w;
    static uint8_t mask[SAMPLE_PX][SAMPLE_PX];
    struct rng rng;
    int i, k;

    (void)state;
    rng_init(&rng, 1, 0, "feather", "test");
    for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
        mask[i / SAMPLE_PX][i % SAMPLE_PX] = rng_below(&rng, 200) > 0;
    for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
        w.v[i] = mask[i / SAMPLE_PX][i % SAMPLE_PX];
    weights_feather(&w, 1000);
    for (k = 0; k < 500; k++) {
        int at = (int)rng_below(&rng, SAMPLE_PX * SAMPLE_PX), x = at % SAMPLE_PX,
            y = at / SAMPLE_PX;
        double best = 1e9;

        for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++) {
            if (!mask[i / SAMPLE_PX][i % SAMPLE_PX])
                best = fmin(best, hypot(i % SAMPLE_PX - x, i / SAMPLE_PX - y));
        }
        assert_true(fabs(1000 * w.v[at] - best) < 1e-3);
    }
    for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
        w.v[i] = 1;
    weights_feather(&w, 10); /* no edge at all */
    assert_true(w.v[0] == 1 && w.v[SAMPLE_PX * SAMPLE_PX - 1] == 1);
}

/* A blur is a weighted mean: it keeps the sum away from the border and is symmetric; and erosion
 * and dilation by k move an edge by k / 2. */
static void masks_are_blurred_and_moved(void **state)
{
    static struct weights w;
    struct image mask = IMAGE_INIT, other = IMAGE_INIT;
    struct err err = {0};
    double sum = 0;
    int x, y;

    (void)state;
    memset(w.v, 0, sizeof w.v);
    w.v[100 * SAMPLE_PX + 90] = 1;
    weights_blur(&w, 12, 4);
    for (x = 0; x < SAMPLE_PX * SAMPLE_PX; x++)
        sum += w.v[x];
    assert_true(fabs(sum - 1) < 1e-5);
    for (y = -12; y <= 12; y++) {
        for (x = -12; x <= 12; x++) {
            float v = w.v[(100 + y) * SAMPLE_PX + 90 + x];

            assert_true(fabsf(v - w.v[(100 - y) * SAMPLE_PX + 90 - x]) < 1e-9f);
            assert_true(fabs(v / w.v[100 * SAMPLE_PX + 90] - exp(-(x * x + y * y) / 32.)) < 1e-5);
        }
    }
    assert_ok(image_shape(&mask, SAMPLE_PX, SAMPLE_PX, 1, &err), &err);
    image_fill(&mask, 0);
    for (y = 60; y < 100; y++)
        memset(image_row(&mask, y) + 50, 255, 40);
    assert_ok(mask_erode(&mask, &other, 9, &err), &err);
    assert_int_equal(image_row(&mask, 64)[54], 255);
    assert_int_equal(image_row(&mask, 63)[54], 0);
    assert_int_equal(image_row(&mask, 64)[53], 0);
    assert_ok(mask_dilate(&mask, &other, 5, &err), &err);
    assert_int_equal(image_row(&mask, 62)[52], 255);
    assert_int_equal(image_row(&mask, 61)[52], 0);
    image_release(&mask);
    image_release(&other);
}

/* Means and spreads of the foreground inside the mask become those of the background. */
static void colours_are_matched(void **state)
{
    struct bench *t = *state;
    struct image mask = IMAGE_INIT;
    int spread, x, y;

    assert_ok(image_shape(&mask, SIDE, SIDE, 1, &t->err), &t->err);
    for (y = 0; y < SIDE; y++) {
        for (x = 0; x < SIDE; x++)
            image_row(&mask, y)[x] = hypot(x - 150, y - 150) < 90 ? 255 : 0;
    }
    for (spread = 0; spread <= 1; spread++) {
        double sum[2] = {0}, squares[2] = {0}, n = 0;

        fixture_texture(&t->donor, SIDE, SIDE, "donor");
        for (y = 0; y < SIDE; y++) {
            for (x = 0; x < 3 * SIDE; x++)
                image_row(&t->donor, y)[x] = (uint8_t)(image_row(&t->donor, y)[x] / 2 + 20);
        }
        colour_match(&t->donor, &t->self, &mask, spread);
        for (y = 0; y < SIDE; y++) {
            for (x = 0; x < SIDE; x++) {
                double a = image_row(&t->donor, y)[3 * x + 1],
                       b = image_row(&t->self, y)[3 * x + 1];

                if (!image_row(&mask, y)[x])
                    continue;
                n++;
                sum[0] += a, squares[0] += a * a;
                sum[1] += b, squares[1] += b * b;
            }
        }
        assert_true(fabs(sum[0] - sum[1]) / n < 1);
        if (spread)
            assert_true(fabs(sqrt(squares[0] / n - pow(sum[0] / n, 2)) -
                             sqrt(squares[1] / n - pow(sum[1] / n, 2))) < 2);
    }
    image_release(&mask);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, bench_setup_alone, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(changes_lie_in_mask_and_box),
        CASE(nothing_changes_nothing),
        CASE(samples_are_pure),
        CASE(donors_are_placed_on_the_face),
        CASE(draws_have_their_shares),
        CASE(bad_input),
        CASE(feather_is_the_distance),
        CASE(masks_are_blurred_and_moved),
        CASE(colours_are_matched),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("self_made", tests, NULL, NULL);
}
