#include "tests/near.h"

#include "swap/augment.h"
#include "swap/sbi.h"
#include "tests/unit/swap_bench.h"

static int make(struct bench *t, bool fake, const char *id, struct swap_sample *out)
{
    t->in.id = id;
    t->in.is_fake = fake;
    return swap_sbi.make(&t->set, &t->in, &t->scratch, out, &t->err);
}

/* The frame as it is, in the pose of that id. */
static int make_plain(struct bench *t, const char *id, struct swap_sample *out)
{
    t->in.id = id;
    t->in.is_fake = false;
    return swap_mfs.make(&t->set, &t->in, &t->scratch, out, &t->err);
}

/* Where nothing is drawn to change, blending gives the real picture to the byte. */
static void nothing_changes_nothing(void **state)
{
    struct bench *t = *state;
    struct sbi_draws d = {.mask = {.region = REGION_FULL, .scale = 1}, .ratio = 1};
    int n, y;

    t->set.min_difference = 0;
    for (n = 0; n < 20; n++) {
        char id[16];

        snprintf(id, sizeof id, "n%d", n);
        d.on_source = n % 2;
        d.mask.erode_px = d.mask.blur_px = n % 4 < 2 ? 0 : 9;
        d.mask.blur_sigma_px = 5;
        assert_ok(make_plain(t, id, &t->other), &t->err);
        assert_ok(sbi_blend(&t->set, &t->in, &d, &t->scratch, &t->sample, &t->err), &t->err);
        assert_true(t->sample.has_box && rect_width(t->sample.box) > 0);
        for (y = 0; y < SAMPLE_PX; y++)
            assert_bytes(image_row(&t->sample.image, y), image_row(&t->other.image, y),
                         3 * SAMPLE_PX);
    }
    /* And it must not become a sample labelled fake. */
    t->in.id = "n";
    t->set.min_difference = 0.5;
    assert_fails(sbi_blend(&t->set, &t->in, &d, &t->scratch, &t->sample, &t->err), ERR_DATA,
                 &t->err, "do not differ");
}

/* With the change on the pasted copy, what is outside of the mask is the real picture; the mask
 * lies in the box, and the box hugs it. */
static void changes_lie_in_mask_and_box(void **state)
{
    struct bench *t = *state;
    int n, x, y, c;

    for (n = 0; n < 100; n++) {
        struct rect seen = {0, 0, 0, 0};
        struct sbi_draws d;
        long changed = 0;
        char id[16];

        snprintf(id, sizeof id, "c%d", n);
        assert_ok(make_plain(t, id, &t->other), &t->err);
        sbi_draw(t->set.regions, t->set.seed, 0, id, &d);
        d.on_source = true;
        assert_ok(sbi_blend(&t->set, &t->in, &d, &t->scratch, &t->sample, &t->err), &t->err);
        for (y = 0; y < SAMPLE_PX; y++) {
            const uint8_t *o = image_row(&t->sample.image, y), *b = image_row(&t->other.image, y);
            const uint8_t *m = image_row(&t->sample.mask, y);

            for (x = 0; x < SAMPLE_PX; x++) {
                for (c = 3 * x; c < 3 * x + 3; c++) {
                    if (!m[x])
                        assert_int_equal(o[c], b[c]);
                    changed += o[c] != b[c];
                }
                assert_true(m[x] <= 255 * d.ratio + 0.5);
                if (memcmp(o + 3 * x, b + 3 * x, 3) != 0)
                    seen = rect_union(seen, (struct rect){x, y, x + 1, y + 1});
            }
        }
        assert_true(changed > 1000);
        assert_memory_equal(&seen, &t->sample.box, sizeof seen);
        assert_int_equal(t->sample.mode, SWAP_GLOBAL);
        assert_int_equal(t->sample.background, SWAP_SELF);
        assert_int_equal(t->sample.foreground, SWAP_SELF);
    }
}

/* The genuine sample is that of mfs, or, as often, its copy that is changed below the pasted one.
 */
static void genuine_faces(void **state)
{
    struct bench *t = *state;
    int changed = 0, n;

    for (n = 0; n < 40; n++) {
        struct sbi_draws d;
        char id[16];

        snprintf(id, sizeof id, "g%d", n);
        sbi_draw(t->set.regions, t->set.seed, 0, id, &d);
        assert_ok(make(t, false, id, &t->sample), &t->err);
        assert_false(t->sample.has_box);
        assert_int_equal(t->sample.mode, SWAP_GENUINE);
        assert_ok(make_plain(t, id, &t->other), &t->err);
        assert_int_equal(equal(&t->sample.image, &t->other.image), d.on_source);
        changed += !d.on_source;
    }
    assert_in_range(changed, 10, 30);
}

/* A fake and the genuine sample whose draws it shares: equal outside of the mask whichever copy is
 * changed, in the pose of the other; not equal without a shared key. */
static void pairs_share_their_draws(void **state)
{
    struct bench *t = *state;
    int n, x, y, apart = 0, targets = 0;

    for (n = 0; n < 40; n++) {
        struct sbi_draws d;
        char real[16], fake[16];

        snprintf(real, sizeof real, "v/%d/e0", n);
        snprintf(fake, sizeof fake, "v/%d/e0s", n);
        sbi_draw(t->set.regions, t->set.seed, 0, real, &d);
        targets += !d.on_source;
        t->in.pair = NULL;
        assert_ok(make(t, false, real, &t->other), &t->err);
        t->in.pair = real;
        assert_ok(make(t, true, fake, &t->sample), &t->err);
        assert_memory_equal(&t->sample.frame_to_sample, &t->other.frame_to_sample,
                            sizeof t->other.frame_to_sample);
        assert_false(equal(&t->sample.image, &t->other.image));
        for (y = 0; y < SAMPLE_PX; y++) {
            for (x = 0; x < SAMPLE_PX; x++) {
                if (!image_row(&t->sample.mask, y)[x])
                    assert_memory_equal(image_row(&t->sample.image, y) + 3 * x,
                                        image_row(&t->other.image, y) + 3 * x, 3);
            }
        }
        t->in.pair = NULL;
        assert_ok(make(t, true, fake, &t->sample), &t->err);
        apart += memcmp(&t->sample.frame_to_sample, &t->other.frame_to_sample,
                        sizeof t->other.frame_to_sample) != 0;
    }
    assert_in_range(targets, 10, 30);
    assert_int_equal(apart, 40);
}

/* With a blending that changes nothing, both of a pair are one picture, after all augmentations. */
static void identical_pairs_stay_identical(void **state)
{
    static const char *const words[] = {"sbi", "bi", "paper", "downscale", "sharpen", "coarse"};
    const struct sbi_draws nothing = {.mask = {.region = REGION_FULL, .scale = 1}, .ratio = 1};
    struct bench *t = *state;
    struct augment_scratch scratch = {0};
    struct augment_chain chain;
    unsigned real, fake;
    int n;

    assert_ok(media_codec_new(&scratch.codec, &t->err), &t->err);
    assert_ok(augment_chain_read(&chain, words, 6, &t->err), &t->err);
    t->set.min_difference = 0;
    for (n = 0; n < 12; n++) {
        char key[16], id[16];

        snprintf(key, sizeof key, "i%d/e0", n);
        snprintf(id, sizeof id, "i%d/e0s", n);
        t->in.pair = NULL;
        assert_ok(make_plain(t, key, &t->other), &t->err);
        assert_ok(
            augment(&chain, 1, 0, swap_key(&t->in), &scratch, &t->other.image, &real, &t->err),
            &t->err);
        t->in.id = id;
        t->in.pair = key;
        t->in.is_fake = true;
        assert_ok(sbi_blend(&t->set, &t->in, &nothing, &t->scratch, &t->sample, &t->err), &t->err);
        assert_ok(
            augment(&chain, 1, 0, swap_key(&t->in), &scratch, &t->sample.image, &fake, &t->err),
            &t->err);
        assert_int_equal(real, fake);
        assert_true(equal(&t->other.image, &t->sample.image));
    }
    media_codec_free(scratch.codec);
    augment_scratch_release(&scratch);
}

/* The same whatever was made before, and on any processor. */
static void samples_are_pure(void **state)
{
    struct bench *t = *state;
    struct swap_scratch plain = {0};
    int n, y;

    swap_scratch_init(&plain, 0);
    for (n = 0; n < 20; n++) {
        char id[16];

        snprintf(id, sizeof id, "p%d", n);
        assert_ok(make(t, true, id, &t->sample), &t->err);
        assert_ok(swap_sbi.make(&t->set, &t->in, &plain, &t->other, &t->err), &t->err);
        for (y = 0; y < SAMPLE_PX; y++) {
            assert_bytes(image_row(&t->sample.image, y), image_row(&t->other.image, y),
                         3 * SAMPLE_PX);
            assert_bytes(image_row(&t->sample.mask, y), image_row(&t->other.mask, y), SAMPLE_PX);
        }
    }
    swap_scratch_release(&plain);
}

static double chi_square(int hits, double p, int total)
{
    return pow(hits - p * total, 2) / (p * total * (1 - p));
}

/* Over 20,000 draws, chi-square of one degree of freedom at p = 0.001. */
static void draws_have_their_shares(void **state)
{
    int source = 0, plain = 0, shift = 0, sharpen = 0, four = 0, whole = 0, n, k, total = 20000;
    int region[REGION_KINDS] = {0}, erode[26] = {0}, blur[26] = {0}, sigma[46] = {0};

    (void)state;
    for (n = 0; n < total; n++) {
        struct sbi_draws d;
        char id[16];

        snprintf(id, sizeof id, "d%d", n);
        sbi_draw(0xf, 1, 0, id, &d);
        source += d.on_source;
        plain += d.mask.plain_hull;
        shift += d.change.shift[0] != 0;
        sharpen += d.change.sharpen > 0;
        four += d.change.shrink == 4;
        whole += d.ratio == 1;
        region[d.mask.region]++;
        erode[d.mask.erode_px]++;
        blur[d.mask.blur_px]++;
        sigma[(int)d.mask.blur_sigma_px]++;
        assert_true((d.change.shrink > 0) != (d.change.sharpen > 0));
        assert_true(fabs(d.mask.dx) <= .03 && fabs(d.mask.dy) <= .015);
        assert_true(d.mask.scale >= .95 && d.mask.scale <= 1 / .95);
        assert_true(d.mask.erode_px % 2 && d.mask.erode_px >= 5 && d.mask.erode_px <= 25);
        assert_true(d.mask.blur_px % 2 && d.mask.blur_px >= 5 && d.mask.blur_px <= 25);
        assert_true(d.mask.blur_sigma_px >= 5 && d.mask.blur_sigma_px <= 45);
    }
    assert_true(chi_square(source, .5, total) < 10.83);
    assert_true(chi_square(plain, .25, total) < 10.83);
    assert_true(chi_square(shift, .3, total) < 10.83);
    assert_true(chi_square(sharpen, .5, total) < 10.83);
    assert_true(chi_square(four, .25, total) < 10.83);
    assert_true(chi_square(whole, .5, total) < 10.83);
    /* Of the mask, which i2g and bob share. */
    for (k = 0; k < 4; k++)
        assert_true(chi_square(region[k], .25, total) < 10.83);
    for (k = 5; k <= 25; k += 2) {
        assert_true(chi_square(erode[k], 1 / 11., total) < 10.83);
        assert_true(chi_square(blur[k], 1 / 11., total) < 10.83);
    }
    for (k = 5; k <= 45; k++)
        assert_true(chi_square(sigma[k], 1 / 41., total) < 15.14); /* 0.0001: there are 41 */
}

static void bad_input(void **state)
{
    struct bench *t = *state;

    t->in.landmarks = fixture_face(900, 190, 150);
    assert_fails(make(t, true, "b", &t->sample), ERR_DATA, &t->err, "landmarks lie in the crop");
    t->in.landmarks = fixture_face(250, 190, 150);
    t->in.landmarks.n = 68;
    image_fill(&t->self, 0); /* a black face stays black, but for its brightness */
    t->set.min_difference = 255;
    assert_fails(make(t, true, "b", &t->sample), ERR_DATA, &t->err, "do not differ");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, bench_setup_alone, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(nothing_changes_nothing),
        CASE(changes_lie_in_mask_and_box),
        CASE(genuine_faces),
        CASE(pairs_share_their_draws),
        CASE(identical_pairs_stay_identical),
        CASE(samples_are_pure),
        CASE(draws_have_their_shares),
        CASE(bad_input),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sbi", tests, NULL, NULL);
}
