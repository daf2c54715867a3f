/* What every swap method promises, whatever is in the list of them: where pictures change, what a
 * pair that does not differ gives, what bad input gives; and that Poisson blending leaves no seam.
 */
#include "tests/near.h"

#include "swap/bi.h"
#include "swap/fwa.h"
#include "swap/i2g.h"
#include "swap/sbi.h"
#include "tests/unit/swap_bench.h"

static int make(struct bench *t, const struct swap_method *m, bool fake, const char *id,
                struct swap_sample *out)
{
    t->in.id = id;
    t->in.is_fake = fake;
    return m->make(&t->set, &t->in, &t->scratch, out, &t->err);
}

/* ---- where pictures change -------------------------------------------------------------------*/

/* The smallest box around what differs, all of which must have weight in the mask. */
static struct rect changed_in_mask(const struct swap_sample *a, const struct swap_sample *b)
{
    struct rect seen = {0, 0, 0, 0};
    int x, y;

    for (y = 0; y < SAMPLE_PX; y++)
        for (x = 0; x < SAMPLE_PX; x++) {
            if (memcmp(image_row(&a->image, y) + 3 * x, image_row(&b->image, y) + 3 * x, 3) == 0)
                continue;
            assert_true(image_row(&a->mask, y)[x] > 0);
            seen = rect_union(seen, (struct rect){x, y, x + 1, y + 1});
        }
    return seen;
}

static void mask_lies_in_box(const struct swap_sample *s)
{
    int x, y;

    assert_true(s->box.x0 >= 0 && s->box.y0 >= 0);
    assert_true(s->box.x1 <= SAMPLE_PX && s->box.y1 <= SAMPLE_PX);
    assert_true(rect_width(s->box) > 0 && rect_height(s->box) > 0);
    for (y = 0; y < SAMPLE_PX; y++)
        for (x = 0; x < SAMPLE_PX; x++)
            if (image_row(&s->mask, y)[x] > 127)
                assert_true(x >= s->box.x0 && x < s->box.x1 && y >= s->box.y0 && y < s->box.y1);
}

/* Methods on real frames: beside the genuine sample of the same draws. Those on pairs are held
 * against the background that they name, made as an untouched sample of the same draws. */
static void changes_lie_in_mask_and_box(void **state)
{
    struct bench *t = *state;
    const struct swap_method *const *m;
    int n, background;

    for (m = swap_methods; *m; m++) {
        double least = 1;
        int made = 0;

        if (*m == &swap_published) /* every correction, or masks and boxes miss each other */
            t->set.corrections = ~0u;
        t->set.border = SWAP_BLACK;
        for (n = 0; n < 60; n++) {
            char id[16];

            snprintf(id, sizeof id, "e%d", n);
            t->set.untouched = 0;
            t->set.real_on_fake = t->set.partial = n % 3 != 1;
            t->set.fake_on_real = n % 3 == 1;
            if (make(t, *m, true, id, &t->sample)) {
                assert_int_equal(t->err.code, ERR_DATA); /* a named reason: no place for a patch */
                err_clear(&t->err);
                continue;
            }
            made++;
            assert_true(t->sample.has_box);
            mask_lies_in_box(&t->sample);
            if (t->sample.halved) /* another size is another resampling of the background */
                continue;
            if ((*m)->real_only) {
                assert_ok(make(t, *m, false, id, &t->other), &t->err);
            } else {
                struct swap_crop self = t->in.self;

                background = t->sample.background;
                t->set.real_on_fake = t->set.fake_on_real = t->set.partial = 0;
                t->set.untouched = 1;
                if (background == SWAP_PRISTINE) {
                    t->in.self = t->in.pristine;
                    t->in.pristine = self;
                }
                assert_ok(make(t, *m, true, id, &t->other), &t->err);
                if (background == SWAP_PRISTINE) {
                    t->in.pristine = t->in.self;
                    t->in.self = self;
                }
                assert_int_equal(t->other.mode, SWAP_UNTOUCHED);
            }
            assert_memory_equal(&t->other.frame_to_sample, &t->sample.frame_to_sample,
                                sizeof(struct mat3));
            least = fmin(least, rect_iou(changed_in_mask(&t->sample, &t->other), t->sample.box));
        }
        print_message("# %s: least IoU of box and changed region %.3f\n", (*m)->name, least);
        assert_true(made >= 50);
        assert_true(least >= 0.9);
        t->set = fixture_settings();
    }
}

/* ---- pairs that do not differ ----------------------------------------------------------------*/

/* Where nothing is left to change, draws that change colours and places aside, nothing changes:
 * the picture is the genuine one, or the method says that it is no fake. */
static void what_does_not_differ_is_no_fake(void **state)
{
    static const struct sbi_draws self = {.mask = {.region = REGION_FULL,
                                                   .scale = 1,
                                                   .erode_px = 9,
                                                   .blur_px = 15,
                                                   .blur_sigma_px = 5},
                                          .ratio = 1};
    static const struct bi_draws bi = {.region = REGION_FULL, .grid_sd = .05, .erode_px = 5};
    static const struct fwa_draws fwa = {.scale = 1, .region = REGION_FULL, .grid_sd_px = 20};
    struct bench *t = *state;
    const struct swap_method *const *m;
    int n;

    t->in.pristine = t->in.donor = t->in.self;
    t->in.donor_landmarks = t->in.landmarks;
    for (m = swap_methods; *m; m++)
        for (n = 0; n < 12; n++) {
            struct swap_scratch *s = &t->scratch;
            struct sbi_draws d = self;
            char id[16];
            int r;

            snprintf(id, sizeof id, "i%d", n);
            d.ring = *m == &swap_bob;
            t->set.halve = 0;
            t->set.untouched = 0;
            t->set.corrections = ~0u;
            t->set.min_difference = n % 2 ? .5 : 0;
            /* With the method's own draws where they leave the pixels alone, else with those. */
            t->in.id = id;
            t->in.is_fake = true;
            r = *m == &swap_sbi || *m == &swap_bob
                    ? sbi_blend(&t->set, &t->in, &d, s, &t->sample, &t->err)
                : *m == &swap_bi  ? bi_blend(&t->set, &t->in, &bi, s, &t->sample, &t->err)
                : *m == &swap_i2g ? i2g_blend(&t->set, &t->in, &self.mask, s, &t->sample, &t->err)
                : *m == &swap_fwa ? fwa_blend(&t->set, &t->in, &fwa, s, &t->sample, &t->err)
                                  : (*m)->make(&t->set, &t->in, s, &t->sample, &t->err);
            if (n % 2) {
                assert_int_equal(r, ERR_DATA);
                assert_true(strstr(t->err.text, "differ") != NULL);
                err_clear(&t->err);
                continue;
            }
            assert_ok(r, &t->err);
            if ((*m)->real_only) {
                const struct sbi_draws still = {.mask = {.scale = 1}, .ratio = 1};

                t->in.is_fake = false;
                r = sbi_genuine(&t->set, &t->in, &still, s, &t->other, &t->err);
            } else {
                t->set.real_on_fake = t->set.fake_on_real = t->set.partial = 0;
                t->set.untouched = 1;
                t->set.min_difference = 0;
                r = (*m)->make(&t->set, &t->in, s, &t->other, &t->err);
            }
            assert_ok(r, &t->err);
            for (int y = 0; y < SAMPLE_PX; y++)
                assert_bytes(image_row(&t->sample.image, y), image_row(&t->other.image, y),
                             3 * SAMPLE_PX);
            t->set = fixture_settings();
        }
}

/* ---- seams -----------------------------------------------------------------------------------*/

static int ascending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return x < y ? -1 : x > y;
}

/* The 95th percentile of the steps between neighbours of which one is in the mask and one is not
 * (`across`), or which both lie 3 to 12 pixels outside of it. */
static int steps(const struct image *img, const struct image *mask, bool across)
{
    static int step[4 * SAMPLE_PX * SAMPLE_PX];
    size_t n = 0;
    int x, y, k, i, j;

    for (y = 13; y < SAMPLE_PX - 14; y++)
        for (x = 13; x < SAMPLE_PX - 14; x++)
            for (k = 0; k < 2; k++) {
                int x1 = x + (k == 0), y1 = y + (k == 1);
                bool in = image_row(mask, y)[x] > 0, in1 = image_row(mask, y1)[x1] > 0;
                bool near = false, far = true;

                if (across ? in == in1 : in || in1)
                    continue;
                for (i = -12; i <= 12 && !across; i++)
                    for (j = -12; j <= 12; j++)
                        if (image_row(mask, y + i)[x + j] > 0) {
                            near = true;
                            far = far && (abs(i) > 2 || abs(j) > 2);
                        }
                if (!across && !(near && far))
                    continue;
                step[n++] = abs(image_row(img, y)[3 * x + 1] - image_row(img, y1)[3 * x1 + 1]);
            }
    assert_true(n > 200);
    qsort(step, n, sizeof *step, ascending);
    return step[n * 95 / 100];
}

/* A darker, tinted face with waves of its own: pasted, its edge shows; blended, it does not. */
static void poisson_leaves_no_seam(void **state)
{
    struct bench *t = *state;
    struct image pasted = IMAGE_INIT;
    int n, x, y, c, made = 0;

    for (y = 0; y < SIDE; y++)
        for (x = 0; x < SIDE; x++)
            for (c = 0; c < 3; c++) {
                double wave = 35 * sin(.07 * x + c) * cos(.05 * y);

                image_row(&t->self, y)[3 * x + c] = (uint8_t)(150 + wave);
                image_row(&t->pristine, y)[3 * x + c] =
                    (uint8_t)(90 + .8 * wave + 12 * sin(.11 * y) - 10 * c);
            }
    t->set.poisson = 1;
    t->set.elastic = 0;
    t->set.untouched = t->set.fake_on_real = t->set.partial = 0;
    t->set.mirror = t->set.halve = 0;
    for (n = 0; n < 8; n++) {
        struct mat3 shift = {{1, 0, 100, 0, 1, 50, 0, 0, 1}}, m;
        int around, seam, paste;
        char id[16];

        snprintf(id, sizeof id, "s%d", n);
        assert_ok(make(t, &swap_mfs, true, id, &t->sample), &t->err);
        assert_int_equal(t->sample.blend, SWAP_POISSON);
        assert_true(t->sample.poisson_residual < 1e-3);
        m = mat3_multiply(&t->sample.frame_to_sample, &shift);
        assert_ok(image_copy(&pasted, &t->sample.image, &t->err), &t->err);
        assert_ok(warp_perspective(&t->scratch.warp, &pasted, &t->pristine, &m, &t->err), &t->err);
        for (y = 0; y < SAMPLE_PX; y++)
            for (x = 0; x < SAMPLE_PX; x++)
                if (!image_row(&t->sample.mask, y)[x])
                    memcpy(image_row(&pasted, y) + 3 * x, image_row(&t->sample.image, y) + 3 * x,
                           3);
        around = steps(&t->sample.image, &t->sample.mask, false);
        seam = steps(&t->sample.image, &t->sample.mask, true);
        paste = steps(&pasted, &t->sample.mask, true);
        print_message("# step across the seam %d, around %d, pasted %d\n", seam, around, paste);
        assert_true(seam <= around + 1);
        assert_true(paste > 4 * (around + 1)); /* or this test could not fail */
        made++;
    }
    assert_int_equal(made, 8);
    image_release(&pasted);
}

/* ---- bad input -------------------------------------------------------------------------------*/

/* A sample or a named reason, never anything else, for every method. */
static void bad_input_is_named(void **state)
{
    enum { NAN_POINT, FAR_AWAY, NO_EXTENT, TINY, BLANK, OTHER_SIZE, ODD_SIZE, KINDS };
    struct bench *t = *state;
    const struct swap_method *const *m;
    struct image other = IMAGE_INIT;
    int kind, n, i;

    for (m = swap_methods; *m; m++)
        for (kind = 0; kind < KINDS; kind++) {
            const struct swap_input good = t->in;
            int made = 0;

            switch (kind) {
            case NAN_POINT:
                t->in.landmarks.p[40].y = NAN;
                break;
            case FAR_AWAY:
                t->in.landmarks = fixture_face(-4000, 190, 150);
                break;
            case NO_EXTENT:
                for (i = 0; i < 68; i++)
                    t->in.landmarks.p[i] = (struct point){200, 150};
                break;
            case TINY: /* smaller than any window */
                fixture_texture(&other, 9, 7, "tiny");
                t->in.self = t->in.pristine = (struct swap_crop){&other, 250, 190};
                break;
            case BLANK:
                assert_ok(image_shape(&other, SIDE, SIDE, 3, &t->err), &t->err);
                image_fill(&other, 0);
                t->in.self.image = t->in.pristine.image = t->in.donor.image = &other;
                break;
            case OTHER_SIZE:
                fixture_texture(&other, 411, 207, "wide");
                t->in.pristine = t->in.donor = (struct swap_crop){&other, 60, 80};
                t->in.donor_landmarks = fixture_face(250, 190, 120);
                break;
            case ODD_SIZE:
                fixture_texture(&other, 1, 301, "line");
                t->in.pristine = t->in.donor = (struct swap_crop){&other, 240, 60};
                break;
            }
            for (n = 0; n < 12; n++) {
                char id[16];
                int r;

                snprintf(id, sizeof id, "b%d", n);
                r = make(t, *m, n % 4 != 3, id, &t->sample);
                assert_true(r == 0 || (r == ERR_DATA && strlen(t->err.text) > 10));
                made += r == 0 && n % 4 != 3 && t->sample.has_box;
                err_clear(&t->err);
            }
            if (kind <= NO_EXTENT)
                assert_int_equal(made, 0);
            if (kind == OTHER_SIZE)
                assert_true(made > 0);
            t->in = good;
        }
    image_release(&other);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(changes_lie_in_mask_and_box),
        CASE(what_does_not_differ_is_no_fake),
        CASE(poisson_leaves_no_seam),
        CASE(bad_input_is_named),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("every_method", tests, NULL, NULL);
}
