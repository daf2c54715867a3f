#include "tests/near.h"

#include "swap/draws.h"
#include "swap/published.h"
#include "tests/unit/swap_bench.h"

/* In frame pixels, but corrected in all else. */
#define NEARLY (CORRECTIONS_ALL & ~(1u << FIX_SAMPLE_PIXELS))

static int setup(void **state)
{
    int i, r = bench_setup(state);
    struct landmarks *l = r ? NULL : &((struct bench *)*state)->in.landmarks;

    for (i = 0; l && i < l->n; i++) /* not on whole pixels */
        l->p[i].x += 0.3 + 0.001 * i;
    return r;
}

static int make(struct bench *t, int id, uint32_t corrections, struct swap_sample *out)
{
    char name[16];

    snprintf(name, sizeof name, "%d", id);
    t->in.id = name;
    t->set.corrections = corrections;
    return swap_published.make(&t->set, &t->in, &t->scratch, out, &t->err);
}

static int make_mfs(struct bench *t, int id, struct swap_sample *out)
{
    char name[16];

    snprintf(name, sizeof name, "%d", id);
    t->in.id = name;
    return swap_mfs.make(&t->set, &t->in, &t->scratch, out, &t->err);
}

static void only(struct bench *t, double real_on_fake, double fake_on_real, double untouched,
                 double partial)
{
    t->set.real_on_fake = real_on_fake;
    t->set.fake_on_real = fake_on_real;
    t->set.untouched = untouched;
    t->set.partial = partial;
}

/* Without jitter, so that the sample is the picture a little larger. */
static void still(struct bench *t)
{
    t->set.scale_sd = t->set.translate_px = t->set.rotate_deg = t->set.stretch_p = 0;
    t->set.halve = t->set.mirror = 0;
}

static uint32_t bit(enum correction c)
{
    return 1u << c;
}

static bool same_rect(struct rect a, struct rect b)
{
    return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

static bool same_matrix(const struct mat3 *a, const struct mat3 *b, double tolerance)
{
    int i;

    for (i = 0; i < 9; i++) {
        if (!(fabs(a->m[i] - b->m[i]) <= tolerance))
            return false;
    }
    return true;
}

/* With all corrections a sample is that of mfs, byte for byte. */
static void all_of_them_are_mfs(void **state)
{
    struct bench *t = *state;
    int i;

    for (i = 0; i < 24; i++) {
        t->in.is_fake = i % 4 != 0;
        assert_ok(make(t, i, CORRECTIONS_ALL, &t->sample), &t->err);
        assert_ok(make_mfs(t, i, &t->other), &t->err);
        assert_near(apart(&t->sample.image, &t->other.image), 0, 0, 0);
        assert_near(apart(&t->sample.mask, &t->other.mask), 0, 0, 0);
        assert_true(same_rect(t->sample.box, t->other.box));
        assert_true(same_matrix(&t->sample.frame_to_sample, &t->other.frame_to_sample, 0));
    }
}

/*
 * With all but sample-pixels the code is this method's own, and still comes to what mfs does: the
 * same draws; genuine and untouched samples to the byte; swaps but for the seam, which is blended
 * before the alignment.
 */
static void all_but_the_last_are_nearly_mfs(void **state)
{
    struct bench *t = *state;
    double iou = 0, off = 0;
    int i, n = 0;

    for (i = 0; i < 80; i++) {
        t->in.is_fake = i % 5 != 0;
        assert_ok(make(t, i, NEARLY, &t->sample), &t->err);
        assert_ok(make_mfs(t, i, &t->other), &t->err);
        assert_int_equal(t->sample.mode, t->other.mode);
        assert_int_equal(t->sample.blend, t->other.blend);
        assert_int_equal(t->sample.background, t->other.background);
        assert_int_equal(t->sample.foreground, t->other.foreground);
        assert_int_equal(t->sample.window.h, t->other.window.h);
        assert_int_equal(t->sample.window.w, t->other.window.w);
        assert_int_equal(t->sample.mirrored, t->other.mirrored);
        assert_int_equal(t->sample.halved, t->other.halved);
        assert_int_equal(t->sample.has_box, t->other.has_box);
        assert_null(t->sample.fallback);
        assert_true(same_matrix(&t->sample.frame_to_sample, &t->other.frame_to_sample, 1e-12));
        if (t->sample.mode == SWAP_GENUINE || t->sample.mode == SWAP_UNTOUCHED) {
            assert_near(apart(&t->sample.image, &t->other.image), 0, 1e-5,
                        0); /* one pixel by one level */
            assert_near(apart(&t->sample.mask, &t->other.mask), 0, 0.02, 0);
            assert_true(t->sample.mode == SWAP_GENUINE ||
                        rect_iou(t->sample.box, t->other.box) > 0.98);
        } else if (t->sample.mode == SWAP_GLOBAL) {
            n++;
            iou += rect_iou(t->sample.box, t->other.box);
            off += apart(&t->sample.image, &t->other.image);
            assert_near(t->sample.elastic_rms_px, t->other.elastic_rms_px, 0.02, 0.02);
        }
    }
    print_message("# %d whole-face swaps: mean IoU of boxes %.3f, mean difference %.2f levels\n", n,
                  iou / n, off / n);
    assert_true(iou / n > 0.97);
    assert_true(off / n < 2.5);
}

/* A correction changes what it is for and nothing else: alignment and draws stay, but for those
 * that are about them. */
static void corrections_leave_the_draws(void **state)
{
    struct bench *t = *state;
    int c, i;

    for (c = 0; c < FIX_SAMPLE_PIXELS; c++) {
        for (i = 0; i < 4; i++) {
            if (make(t, i, 0, &t->sample) || make(t, i, bit((enum correction)c), &t->other))
                continue;
            assert_int_equal(t->sample.mode, t->other.mode);
            assert_int_equal(t->sample.background, t->other.background);
            assert_int_equal(t->sample.foreground, t->other.foreground);
            assert_int_equal(t->sample.halved, t->other.halved);
            if (c != FIX_WINDOWS) {
                assert_int_equal(t->sample.window.h, t->other.window.h);
                assert_int_equal(t->sample.window.w, t->other.window.w);
            }
            if (c != FIX_MIRROR && c != FIX_LANDMARKS && c != FIX_SCALE && c != FIX_RESAMPLE)
                assert_true(same_matrix(&t->sample.frame_to_sample, &t->other.frame_to_sample, 0));
        }
    }
}

/* Every correction has an effect on some sample, by itself or beside those that uncover it. */
static void every_correction_does_something(void **state)
{
    static const struct {
        enum correction c;
        uint32_t beside;
    } cases[] = {
        {FIX_MIRROR, 0},     {FIX_BOX_AXES, 0},       {FIX_POISSON_CENTRE, 0},
        {FIX_MASK_TYPE, 0},  {FIX_PATCH_OFFSET, 0},   {FIX_PATCH_CENTRE, 1u << FIX_MASK_TYPE},
        {FIX_PATCH_HULL, 0}, {FIX_BOX_PATCH, 0},      {FIX_WINDOWS, 0},
        {FIX_LANDMARKS, 0},  {FIX_ELASTIC, 0},        {FIX_ROUNDING, 0},
        {FIX_BOX_FACE, 0},   {FIX_HULL, 0},           {FIX_SEARCH, 0},
        {FIX_SOFTEN, 0},     {FIX_POISSON_DOMAIN, 0}, {FIX_RESAMPLE, 0},
        {FIX_BORDER, 0},
    };
    struct bench *t = *state;
    size_t k;
    int i;

    for (k = 0; k < sizeof cases / sizeof *cases; k++) {
        bool changed = false;

        for (i = 0; i < 80 && !changed; i++) {
            bool bad = make(t, i, cases[k].beside, &t->sample) ||
                       make(t, i, cases[k].beside | bit(cases[k].c), &t->other);

            changed = !bad && (apart(&t->sample.image, &t->other.image) > 0 ||
                               !same_rect(t->sample.box, t->other.box));
        }
        if (!changed)
            print_error("%s changes nothing\n", published_corrections[cases[k].c].name);
        assert_true(changed);
    }
}

/* ---- one by one ------------------------------------------------------------------------------*/

/* Never mirrored as published; corrected, every other sample, and it is the mirror image. */
static void mirror(void **state)
{
    struct bench *t = *state;
    int i, x, y, mirrored = 0;

    t->in.is_fake = false;
    t->set.halve = 0;
    for (i = 0; i < 60; i++) {
        double off = 0;

        assert_ok(make(t, i, 0, &t->sample), &t->err);
        assert_false(t->sample.mirrored);
        assert_ok(make(t, i, bit(FIX_MIRROR), &t->other), &t->err);
        mirrored += t->other.mirrored;
        for (y = 0; y < SAMPLE_PX; y++) {
            for (x = 0; x < SAMPLE_PX; x++) {
                int from = t->other.mirrored ? SAMPLE_PX - 1 - x : x;

                off += abs(image_row(&t->sample.image, y)[3 * x] -
                           image_row(&t->other.image, y)[3 * from]);
            }
        }
        assert_true(off / (SAMPLE_PX * SAMPLE_PX) < 0.2); /* 32nds of a pixel round otherwise */
    }
    assert_true(mirrored > 15 && mirrored < 45);
}

/* The published box of a partial swap is one of the windows that the 44-pixel grid allows, rows
 * first; with box-axes the same one, x first. */
static void axes_and_grid(void **state)
{
    struct bench *t = *state;
    int i, seen = 0;

    only(t, 0, 0, 0, 1);
    for (i = 0; i < 40; i++) {
        if (make(t, i, 0, &t->sample))
            continue;
        assert_ok(make(t, i, bit(FIX_BOX_AXES), &t->other), &t->err);
        assert_int_equal(t->sample.box.x0, t->other.box.y0);
        assert_int_equal(t->sample.box.y0, t->other.box.x0);
        assert_int_equal(rect_width(t->other.box), t->other.window.w);
        assert_int_equal(rect_height(t->other.box), t->other.window.h);
        assert_int_equal(t->other.box.x0 % 44, 0);
        assert_int_equal(t->other.box.y0 % 44, 0);
        seen += t->sample.box.x0 != t->sample.box.y0;
    }
    assert_true(seen > 3);
}

/* As published no partial and no deformed mask is blended by Poisson; with mask-type all that were
 * drawn are, unless they leave the picture. */
static void kind_of_mask(void **state)
{
    struct bench *t = *state;
    int i, refused = 0, poisson = 0;

    for (i = 0; i < 120; i++) {
        struct swap_draws d;
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        if (make(t, i, 0, &t->sample))
            continue;
        swap_draw(&t->set, 0, name, &d);
        if (d.blend != SWAP_POISSON ||
            (t->sample.mode != SWAP_GLOBAL && t->sample.mode != SWAP_PARTIAL))
            continue;
        if (t->sample.mode == SWAP_PARTIAL || d.elastic) {
            assert_int_equal(t->sample.blend, SWAP_ALPHA);
            assert_string_equal(t->sample.fallback, "seamlessClone refuses a mask of doubles");
            refused++;
        } else {
            poisson += t->sample.blend == SWAP_POISSON;
        }
        if (!make(t, i,
                  bit(FIX_MASK_TYPE) | bit(FIX_PATCH_CENTRE) | bit(FIX_POISSON_CENTRE) |
                      bit(FIX_PATCH_HULL),
                  &t->other)) {
            assert_int_equal(t->other.blend, SWAP_POISSON);
            assert_null(t->other.fallback);
        }
    }
    assert_true(refused > 10 && poisson > 5);
}

/* With the face left of and below the middle of a wide picture, the paste goes to (y, x). */
static void centre_of_a_clone(void **state)
{
    struct bench *t = *state;
    struct rect hull = {SIDE, SIDE, 0, 0}, there;
    struct point corner;
    int i, dx, dy;

    still(t);
    only(t, 1, 0, 0, 0);
    t->set.poisson = 1;
    t->set.elastic = 0;
    t->set.scale = 0.4; /* so that both places are in the sample */
    t->in.landmarks = fixture_face(100 + 110, 50 + 170, 120);
    assert_ok(make(t, 0, 0, &t->sample), &t->err);
    assert_ok(make(t, 0, bit(FIX_POISSON_CENTRE), &t->other), &t->err);
    assert_int_equal(t->sample.blend, SWAP_POISSON);
    assert_int_equal(t->other.blend, SWAP_POISSON);
    for (i = 0; i < t->in.landmarks.n; i++) {
        int x = (int)floor(t->in.landmarks.p[i].x - 100 + 0.5);
        int y = (int)floor(t->in.landmarks.p[i].y - 50 + 0.5);

        hull = rect_union(hull, (struct rect){x, y, x + 1, y + 1});
    }
    dx = (hull.y0 + hull.y1 - 1) / 2 - (hull.x0 + rect_width(hull) / 2);
    dy = (hull.x0 + hull.x1 - 1) / 2 - (hull.y0 + rect_height(hull) / 2);
    assert_true(dx > 30 && dy < -30);
    /* The mask says where the foreground went: the corner moves by (dx, dy) frame pixels. */
    corner = mat3_apply(&t->sample.frame_to_sample, (struct point){0, 0});
    there = t->other.box;
    for (i = 0; i < 2; i++) {
        struct swap_sample *s = i ? &t->other : &t->sample;
        struct rect m = {SAMPLE_PX, SAMPLE_PX, 0, 0};
        int x, y;

        for (y = 0; y < SAMPLE_PX; y++) {
            for (x = 0; x < SAMPLE_PX; x++) {
                if (image_row(&s->mask, y)[x])
                    m = rect_union(m, (struct rect){x, y, x + 1, y + 1});
            }
        }
        if (i)
            there = rect_union(m, m);
        else
            hull = m;
    }
    corner = (struct point){(hull.x0 - there.x0), (hull.y0 - there.y0)};
    assert_near(corner.x, t->sample.frame_to_sample.m[0] * dx + t->sample.frame_to_sample.m[1] * dy,
                1.5, 0);
    assert_near(corner.y, t->sample.frame_to_sample.m[3] * dx + t->sample.frame_to_sample.m[4] * dy,
                1.5, 0);
}

/* The published patch lies floor(0.1 w), floor(0.1 h) of the hull's sides to the right and below of
 * where it was found. */
static void offset_of_the_patch(void **state)
{
    struct bench *t = *state;
    int i, n = 0;

    still(t);
    only(t, 0, 0, 0, 1);
    t->set.poisson = 0;
    t->set.partial_box_window = true;
    for (i = 0; i < 12; i++) {
        double s, dx, dy;

        if (make(t, i, bit(FIX_BOX_PATCH) | bit(FIX_BOX_AXES) | bit(FIX_SKIP), &t->sample))
            continue;
        if (t->sample.window.h == 224)
            continue;
        assert_ok(
            make(t, i,
                 bit(FIX_BOX_PATCH) | bit(FIX_BOX_AXES) | bit(FIX_SKIP) | bit(FIX_PATCH_OFFSET),
                 &t->other),
            &t->err);
        s = hypot(t->sample.frame_to_sample.m[0], t->sample.frame_to_sample.m[3]);
        dx = (t->sample.box.x0 - t->other.box.x0) / s;
        dy = (t->sample.box.y0 - t->other.box.y0) / s;
        assert_near(dx, 15, 1.5, 0); /* the hull is 150 wide ... */
        assert_near(dy, 11.5, 2.5, 0);
        n++;
    }
    assert_true(n >= 3);
}

/* Two equal pictures: as published a ring is one level darker, with rounding nothing changes. */
static void ring_of_equal_pictures(void **state)
{
    struct bench *t = *state;

    still(t);
    only(t, 1, 0, 0, 0);
    t->set.poisson = 0;
    t->set.elastic = 0;
    t->in.pristine.image = &t->self;
    assert_ok(make(t, 0, 0, &t->sample), &t->err);
    assert_ok(make(t, 0, bit(FIX_ROUNDING), &t->other), &t->err);
    assert_true(apart(&t->sample.image, &t->other.image) > 0);
    t->in.is_fake = false;
    assert_ok(make(t, 0, 0, &t->sample), &t->err);
    assert_near(apart(&t->sample.image, &t->other.image), 0, 0, 0);
}

/* The displacement is what the theory says: alpha / (2 sqrt(3 pi) sigma) on each axis. */
static void strength_of_the_deformation(void **state)
{
    struct bench *t = *state;
    double sum = 0, expected = 400 / (2 * sqrt(3 * M_PI) * 0.08 * SIDE), s;
    int i;

    still(t);
    only(t, 1, 0, 0, 0);
    t->set.elastic = 1;
    for (i = 0; i < 20; i++) {
        assert_ok(make(t, i, 0, &t->sample), &t->err);
        s = hypot(t->sample.frame_to_sample.m[0], t->sample.frame_to_sample.m[3]);
        sum += t->sample.elastic_rms_px / s;
    }
    assert_near(sum / 20, expected * M_SQRT2, 0, 0.08);
}

static void boxes_of_whole_faces(void **state)
{
    const struct rect image = {0, 0, SAMPLE_PX, SAMPLE_PX};
    struct bench *t = *state;
    int i;

    only(t, 1, 1, 1, 0);
    for (i = 0; i < 20; i++) {
        assert_ok(make(t, i, 0, &t->sample), &t->err);
        assert_true(same_rect(t->sample.box, image));
        assert_ok(make(t, i, bit(FIX_BOX_FACE) | bit(FIX_BOX_AXES), &t->other), &t->err);
        assert_true(rect_width(t->other.box) > 20 && rect_height(t->other.box) > 20);
        assert_false(same_rect(t->other.box, image));
    }
}

/* Corrected in all that bears on the label, the box hugs what changed; as published it does not. */
static void box_of_a_patch(void **state)
{
    const uint32_t fix = bit(FIX_BOX_AXES) | bit(FIX_PATCH_OFFSET) | bit(FIX_PATCH_HULL) |
                         bit(FIX_BOX_PATCH) | bit(FIX_SOFTEN) | bit(FIX_ROUNDING);
    struct bench *t = *state;
    double iou[2] = {0, 0};
    int i, k, x, y, n = 0;

    only(t, 0, 0, 0, 1);
    t->set.poisson = 0;
    for (i = 0; i < 60; i++) {
        if (make(t, i, 0, &t->sample) || make(t, i, fix, &t->other))
            continue;
        n++;
        for (k = 0; k < 2; k++) {
            struct swap_sample *s = k ? &t->other : &t->sample;
            struct rect m = {0, 0, 0, 0};

            for (y = 0; y < SAMPLE_PX; y++) {
                for (x = 0; x < SAMPLE_PX; x++) {
                    if (image_row(&s->mask, y)[x])
                        m = rect_union(m, (struct rect){x, y, x + 1, y + 1});
                }
            }
            iou[k] += rect_iou(m, s->box);
        }
    }
    print_message("# mean IoU of box and mask: %.3f as published, %.3f corrected\n", iou[0] / n,
                  iou[1] / n);
    assert_true(n > 40);
    assert_true(iou[0] / n < 0.75);
    assert_true(iou[1] / n > 0.95);
}

static void pairs_that_do_not_differ(void **state)
{
    struct bench *t = *state;

    t->in.pristine.image = &t->self;
    only(t, 0, 0, 0, 1);
    assert_int_equal(make(t, 0, 0, &t->sample), ERR_DATA);
    only(t, 1, 0, 0, 0);
    assert_ok(make(t, 0, 0, &t->sample), &t->err); /* published: a real face labelled fake */
    err_clear(&t->err);
    assert_int_equal(make(t, 0, bit(FIX_SKIP), &t->sample), ERR_DATA);
    assert_non_null(strstr(t->err.text, "does not differ"));
}

/* ---- bad and odd input -----------------------------------------------------------------------*/

static void pictures_of_other_sizes(void **state)
{
    struct bench *t = *state;
    int i;

    fixture_texture(&t->a, 261, 331, "other");
    t->in.pristine = (struct swap_crop){&t->a, 104, 47};
    for (i = 0; i < 30; i++) {
        if (make(t, i, 0, &t->sample))
            assert_int_equal(t->err.code, ERR_DATA);
        err_clear(&t->err);
        if (make(t, i, NEARLY, &t->sample))
            assert_int_equal(t->err.code, ERR_DATA);
        err_clear(&t->err);
    }
    /* The size of the picture does not matter to a whole swap with the correction. */
    still(t);
    only(t, 1, 0, 0, 0);
    t->set.poisson = t->set.elastic = 0;
    assert_ok(make(t, 0, NEARLY, &t->sample), &t->err);
    assert_ok(make_mfs(t, 0, &t->other), &t->err);
    assert_true(apart(&t->sample.image, &t->other.image) < 1.5);
}

static void bad_input_is_named(void **state)
{
    struct bench *t = *state;
    int i;

    /* A crop of few pixels. */
    fixture_texture(&t->a, 3, 2, "small");
    t->in.self = t->in.pristine = (struct swap_crop){&t->a, 0, 0};
    for (i = 0; i < 4; i++) {
        err_clear(&t->err);
        assert_int_equal(make(t, i, 0, &t->sample), ERR_DATA);
    }
    assert_true(strlen(t->err.text) > 10);
    /* All landmarks in one place. */
    t->in.self = (struct swap_crop){&t->self, 100, 50};
    t->in.pristine = (struct swap_crop){&t->pristine, 100, 50};
    for (i = 0; i < t->in.landmarks.n; i++)
        t->in.landmarks.p[i] = (struct point){200, 200};
    for (i = 0; i < 8; i++) {
        err_clear(&t->err);
        assert_int_equal(make(t, i, 0, &t->sample), ERR_DATA);
    }
    /* Landmarks elsewhere. */
    t->in.landmarks = fixture_face(900, 190, 150);
    err_clear(&t->err);
    assert_int_equal(make(t, 0, 0, &t->sample), ERR_DATA);
    assert_non_null(strstr(t->err.text, "landmarks lie in the crop"));
}

/* A sample does not depend on what the worker made before. */
static void history_does_not_matter(void **state)
{
    struct bench *t = *state;
    struct swap_scratch fresh = {0};
    char name[16];
    int i;

    for (i = 0; i < 24; i++) {
        uint32_t fix = i % 2 ? NEARLY : 0;
        int r = make(t, i, fix, &t->sample), q;

        err_clear(&t->err);
        swap_scratch_init(&fresh, 0); /* and not on the processor either */
        snprintf(name, sizeof name, "%d", i);
        t->in.id = name;
        q = swap_published.make(&t->set, &t->in, &fresh, &t->other, &t->err);
        swap_scratch_release(&fresh);
        err_clear(&t->err);
        assert_int_equal(r, q);
        if (r)
            continue;
        assert_near(apart(&t->sample.image, &t->other.image), 0, 0, 0);
        assert_near(apart(&t->sample.mask, &t->other.mask), 0, 0, 0);
        assert_true(same_rect(t->sample.box, t->other.box));
    }
}

/* ---- names -----------------------------------------------------------------------------------*/

static void names_of_corrections(void **state)
{
    const char *two[] = {"mirror", "box-axes"}, *all[] = {"all"}, *wrong[] = {"flip"};
    const char *last[] = {"sample-pixels"};
    struct bench *t = *state;
    uint32_t bits = 7;
    int i, k;

    assert_ok(published_corrections_read(&bits, NULL, 0, &t->err), &t->err);
    assert_int_equal(bits, 0);
    assert_ok(published_corrections_read(&bits, two, 2, &t->err), &t->err);
    assert_int_equal(bits, bit(FIX_MIRROR) | bit(FIX_BOX_AXES));
    assert_ok(published_corrections_read(&bits, all, 1, &t->err), &t->err);
    assert_int_equal(bits, CORRECTIONS_ALL);
    assert_int_equal(published_corrections_read(&bits, wrong, 1, &t->err), ERR_CONFIG);
    err_clear(&t->err);
    assert_int_equal(published_corrections_read(&bits, last, 1, &t->err), ERR_CONFIG);
    for (i = 0; i < CORRECTIONS; i++) {
        assert_true(published_corrections[i].name && published_corrections[i].help);
        assert_true(strlen(published_corrections[i].source) > 4);
        for (k = 0; k < i; k++)
            assert_string_not_equal(published_corrections[i].name, published_corrections[k].name);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_of_them_are_mfs),
        TEST(all_but_the_last_are_nearly_mfs),
        TEST(corrections_leave_the_draws),
        TEST(every_correction_does_something),
        TEST(mirror),
        TEST(axes_and_grid),
        TEST(kind_of_mask),
        TEST(centre_of_a_clone),
        TEST(offset_of_the_patch),
        TEST(ring_of_equal_pictures),
        TEST(strength_of_the_deformation),
        TEST(boxes_of_whole_faces),
        TEST(box_of_a_patch),
        TEST(pairs_that_do_not_differ),
        TEST(pictures_of_other_sizes),
        TEST(bad_input_is_named),
        TEST(history_does_not_matter),
        TEST(names_of_corrections),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("published_method", tests, NULL, NULL);
}
