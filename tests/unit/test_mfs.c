#include "tests/near.h"

#include "swap/draws.h"
#include "tests/unit/swap_bench.h"

static int setup(void **state)
{
    int r = bench_setup(state);

    if (!r)
        ((struct bench *)*state)->set.border = SWAP_BLACK; /* as aligned() has it */
    return r;
}

static int make(struct bench *t, const char *id, struct swap_sample *out)
{
    t->in.id = id;
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

/* dst = the crop as it lies in the sample. */
static void aligned(struct bench *t, struct image *dst, const struct image *crop,
                    const struct swap_sample *s)
{
    struct mat3 shift = {{1, 0, 100, 0, 1, 50, 0, 0, 1}};
    struct mat3 m = mat3_multiply(&s->frame_to_sample, &shift);

    assert_int_equal(image_shape(dst, SAMPLE_PX, SAMPLE_PX, 3, NULL), 0);
    assert_int_equal(warp_perspective(&t->scratch.warp, dst, crop, &m, NULL), 0);
}

static bool inside(struct rect r, int x, int y)
{
    return x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1;
}

/* For many samples of each kind: outside of the mask the background is untouched, the mask lies
 * in the box, and the box hugs what changed. */
static void changes_lie_in_mask_and_box(void **state)
{
    struct bench *t = *state;
    double least = 1;
    int n, x, y, c, kind;

    t->set.halve = 0; /* so that aligned() is exact */
    for (n = 0; n < 400; n++) {
        struct swap_sample *s = &t->sample;
        struct rect changed = {0, 0, 0, 0};
        char id[16];

        kind = n % 4;
        only(t, kind == 0, kind == 1, 0, kind >= 2);
        snprintf(id, sizeof id, "%d", n);
        assert_ok(make(t, id, s), &t->err);
        assert_int_equal(s->mode, kind >= 2 ? SWAP_PARTIAL : SWAP_GLOBAL);
        assert_int_equal(s->background, kind == 0 ? SWAP_SELF : SWAP_PRISTINE);
        assert_int_equal(s->foreground, kind == 0 ? SWAP_PRISTINE : SWAP_SELF);
        aligned(t, &t->a, kind == 0 ? &t->self : &t->pristine, s);
        aligned(t, &t->b, kind == 0 ? &t->pristine : &t->self, s);
        assert_true(s->box.x0 >= 0 && s->box.y0 >= 0);
        assert_true(s->box.x1 <= SAMPLE_PX && s->box.y1 <= SAMPLE_PX);
        for (y = 0; y < SAMPLE_PX; y++) {
            const uint8_t *o = image_row(&s->image, y), *bg = image_row(&t->a, y);
            const uint8_t *fg = image_row(&t->b, y), *m = image_row(&s->mask, y);

            for (x = 0; x < SAMPLE_PX; x++) {
                bool differs = false;

                for (c = 3 * x; c < 3 * x + 3; c++) {
                    differs = differs || o[c] != bg[c];
                    if (s->blend == SWAP_ALPHA)
                        assert_int_equal(o[c], (m[x] * fg[c] + (255 - m[x]) * bg[c] + 127) / 255);
                }
                if (differs) {
                    assert_true(m[x] > 0);
                    changed = rect_union(changed, (struct rect){x, y, x + 1, y + 1});
                }
                if (m[x])
                    assert_true(inside(s->box, x, y));
            }
        }
        least = fmin(least, rect_iou(changed, s->box));
    }
    print_message("# least IoU of box and changed region %.3f\n", least);
    assert_true(least >= 0.9);
}

/* All red pasted on all blue, each way: the face's middle shows which is the foreground. */
static void directions(void **state)
{
    struct bench *t = *state;
    int i, y, x;

    t->set.poisson = 0;
    t->set.elastic = 0;
    t->set.translate_px = t->set.rotate_deg = t->set.scale_sd = 0;
    for (y = 0; y < SIDE; y++) {
        for (x = 0; x < SIDE; x++) {
            memcpy(image_row(&t->self, y) + 3 * x, "\xff\x00\x00", 3);
            memcpy(image_row(&t->pristine, y) + 3 * x, "\x00\x00\xff", 3);
        }
    }
    for (i = 0; i < 2; i++) {
        const uint8_t *middle, *corner;

        only(t, i == 0, i == 1, 0, 0);
        assert_ok(make(t, "x", &t->sample), &t->err);
        middle = image_row(&t->sample.image, 130) + 3 * 112;
        corner = image_row(&t->sample.image, 20) + 3 * 112;
        assert_int_equal(middle[i == 0 ? 2 : 0], 255);
        assert_int_equal(middle[i == 0 ? 0 : 2], 0);
        assert_int_equal(corner[i == 0 ? 0 : 2], 255);
        assert_int_equal(corner[i == 0 ? 2 : 0], 0);
    }
}

/* The face lands where the template says, mirrored or not, halved or not. */
static void faces_are_aligned(void **state)
{
    struct bench *t = *state;
    struct point lm[5], to[5], p;
    int i, y, x, half;

    t->set.translate_px = t->set.rotate_deg = t->set.scale_sd = t->set.stretch_p = 0;
    t->set.mirror = 0;
    t->in.is_fake = false;
    pose_points(&t->in.landmarks, lm);
    pose_template(.9, to);
    for (half = 0; half < 2; half++) {
        double sx = 0, sy = 0, sum = 0;

        t->set.halve = half;
        image_fill(&t->self, 0); /* a white disc around the nose tip */
        for (y = 0; y < SIDE; y++) {
            for (x = 0; x < SIDE; x++) {
                if (hypot(x + 100 - lm[2].x, y + 50 - lm[2].y) < 9)
                    memset(image_row(&t->self, y) + 3 * x, 255, 3);
            }
        }
        assert_ok(make(t, "x", &t->sample), &t->err);
        assert_int_equal(t->sample.halved, half);
        for (y = 0; y < SAMPLE_PX; y++) {
            for (x = 0; x < SAMPLE_PX; x++) {
                double v = image_row(&t->sample.image, y)[3 * x];

                sum += v;
                sx += v * x;
                sy += v * y;
            }
        }
        p = mat3_apply(&t->sample.frame_to_sample, lm[2]);
        assert_near(sx / sum, p.x, 0.1, 0);
        assert_near(sy / sum, p.y, 0.1, 0);
        /* A similarity: the eyes are level and the pupils about as far apart as asked for. */
        p = mat3_apply(&t->sample.frame_to_sample, lm[0]);
        for (i = 0; i < 2; i++)
            assert_near(mat3_apply(&t->sample.frame_to_sample, lm[i]).y, p.y, 0.5, 0);
        assert_near(p.x, to[0].x, 12, 0);
    }
}

static void mirror_mirrors_picture_and_box(void **state)
{
    struct bench *t = *state;
    int n, x, y, c;

    for (n = 0; n < 60; n++) {
        const struct swap_sample *s = &t->sample, *m = &t->other;
        long off = 0;
        char id[16];

        snprintf(id, sizeof id, "m%d", n);
        t->set.mirror = 0;
        assert_ok(make(t, id, &t->sample), &t->err);
        t->set.mirror = 1;
        assert_ok(make(t, id, &t->other), &t->err);
        assert_true(m->mirrored && !s->mirrored);
        assert_int_equal(s->mode, m->mode);
        assert_true(abs(m->box.x0 - (SAMPLE_PX - s->box.x1)) <= 1);
        assert_true(abs(m->box.x1 - (SAMPLE_PX - s->box.x0)) <= 1);
        assert_true(abs(m->box.y0 - s->box.y0) <= 1 && abs(m->box.y1 - s->box.y1) <= 1);
        for (y = 0; y < SAMPLE_PX; y++) {
            for (x = 0; x < SAMPLE_PX; x++) {
                for (c = 0; c < 3; c++)
                    off += abs(image_row(&s->image, y)[3 * x + c] -
                               image_row(&m->image, y)[3 * (SAMPLE_PX - 1 - x) + c]);
            }
        }
        assert_true(off < 150528 / 2); /* rounding of edges and weights, no shift */
    }
}

/* The same whatever was made before, and on any processor. */
static void samples_are_pure(void **state)
{
    struct bench *t = *state;
    struct swap_scratch plain = {0};
    int n, y;

    swap_scratch_init(&plain, 0);
    for (n = 0; n < 60; n++) {
        char id[16];

        snprintf(id, sizeof id, "p%d", n);
        assert_ok(make(t, id, &t->sample), &t->err);
        t->in.id = id;
        assert_ok(swap_mfs.make(&t->set, &t->in, &plain, &t->other, &t->err), &t->err);
        for (y = 0; y < SAMPLE_PX; y++) {
            assert_bytes(image_row(&t->sample.image, y), image_row(&t->other.image, y),
                         3 * SAMPLE_PX);
            assert_bytes(image_row(&t->sample.mask, y), image_row(&t->other.mask, y), SAMPLE_PX);
        }
        assert_memory_equal(&t->sample.box, &t->other.box, sizeof t->sample.box);
    }
    t->in.epoch = 1;
    assert_ok(make(t, "p59", &t->other), &t->err);
    assert_memory_not_equal(&t->sample.frame_to_sample, &t->other.frame_to_sample,
                            sizeof(struct mat3));
    swap_scratch_release(&plain);
}

/* A pair that does not differ must not become a sample labelled fake. */
static void equal_pairs(void **state)
{
    struct bench *t = *state;
    int i, y;

    t->in.pristine.image = &t->self;
    for (i = 0; i < 3; i++) {
        only(t, i == 0, 0, i == 1, i == 2);
        assert_fails(make(t, "e", &t->sample), ERR_DATA, &t->err, "does not differ");
    }
    /* Asked for all the same, blending changes nothing. */
    t->set.min_difference = 0;
    t->set.halve = 0;
    only(t, 1, 0, 0, 0);
    for (i = 0; i < 20; i++) {
        char id[16];

        snprintf(id, sizeof id, "e%d", i);
        assert_ok(make(t, id, &t->sample), &t->err);
        aligned(t, &t->a, &t->self, &t->sample);
        for (y = 0; y < SAMPLE_PX; y++)
            assert_bytes(image_row(&t->sample.image, y), image_row(&t->a, y), 3 * SAMPLE_PX);
    }
}

static void bad_input(void **state)
{
    struct bench *t = *state;
    struct image tiny = IMAGE_INIT, wide = IMAGE_INIT;
    int n;

    t->in.landmarks = fixture_face(900, 190, 150);
    assert_fails(make(t, "b", &t->sample), ERR_DATA, &t->err, "landmarks lie in the crop");
    t->in.landmarks = (struct landmarks){.n = 68};
    for (n = 0; n < 68; n++)
        t->in.landmarks.p[n] = (struct point){250, 190};
    assert_fails(make(t, "b", &t->sample), ERR_DATA, &t->err, "no extent");

    /* Crops of one and of few pixels, of other sizes, black ones: a sample or a reason. */
    t->in.landmarks = fixture_face(250, 190, 150);
    fixture_texture(&wide, 411, 207, "wide");
    t->in.pristine = (struct swap_crop){&wide, 60, 80};
    for (n = 0; n < 50; n++) {
        char id[16];

        snprintf(id, sizeof id, "w%d", n);
        assert_ok(make(t, id, &t->sample), &t->err);
    }
    fixture_texture(&tiny, 1, 1, "tiny");
    t->in.self = (struct swap_crop){&tiny, 0, 0};
    t->in.pristine = t->in.self;
    t->in.landmarks = fixture_face(0, 0, 1e-3);
    for (n = 0; n < 50; n++) {
        char id[16];
        int r;

        snprintf(id, sizeof id, "t%d", n);
        r = make(t, id, &t->sample);
        assert_true(r == 0 || r == ERR_DATA);
        err_clear(&t->err);
    }
    image_fill(&t->self, 0);
    image_fill(&t->pristine, 0);
    t->in.landmarks = fixture_face(250, 190, 150);
    t->in.self = (struct swap_crop){&t->self, 100, 50};
    t->in.pristine = (struct swap_crop){&t->pristine, 100, 50};
    assert_fails(make(t, "b", &t->sample), ERR_DATA, &t->err, "does not differ");
    image_release(&tiny);
    image_release(&wide);
}

static double chi_square(const int *seen, const double *share, int n, int total)
{
    double x = 0;
    int i;

    for (i = 0; i < n; i++)
        x += pow(seen[i] - share[i] * total, 2) / (share[i] * total);
    return x;
}

/* Every probability over 20,000 draws, chi-square at p = 0.001. */
static void draws_have_their_shares(void **state)
{
    struct bench *t = *state;
    static const double modes[4] = {.4, .2, .2, .2},
                        even[6] = {1 / 6., 1 / 6., 1 / 6., 1 / 6., 1 / 6., 1 / 6.};
    static const double half[2] = {.5, .5}, third[2] = {.3, .7}, fifth[2] = {.2, .8};
    int mode[4] = {0}, window[6] = {0}, blend[2] = {0}, elastic[2] = {0}, mirror[2] = {0},
        halve[2] = {0}, stretch[2] = {0};
    double scale = 0, squares = 0, rotate = 0;
    int n, i, total = 20000;

    for (n = 0; n < total; n++) {
        struct swap_draws d;
        char id[16];

        snprintf(id, sizeof id, "d%d", n);
        swap_draw(&t->set, 0, id, &d);
        mode[d.mode == SWAP_UNTOUCHED                             ? 2
             : d.mode == SWAP_PARTIAL                             ? 3
             : d.mode == SWAP_GLOBAL && d.background == SWAP_SELF ? 0
                                                                  : 1]++;
        for (i = 0; i < 6; i++)
            window[i] += d.window.h == t->set.window[i].h && d.window.w == t->set.window[i].w;
        blend[d.blend == SWAP_POISSON ? 0 : 1]++;
        elastic[d.elastic ? 0 : 1]++;
        mirror[d.jitter.mirror ? 0 : 1]++;
        halve[d.halve ? 0 : 1]++;
        stretch[d.jitter.stretch_x != 1 ? 0 : 1]++;
        scale += d.jitter.scale;
        squares += pow(d.jitter.scale - .9, 2);
        rotate += pow(d.jitter.rotate_deg, 2);
        assert_true(fabs(d.jitter.dx_px) <= 25 && fabs(d.jitter.dy_px) <= 25);
        assert_true(fabs(d.jitter.rotate_deg) <= 30);
        assert_true(d.elastic_rms >= .02 && d.elastic_rms < .05);
        assert_true(fabs(d.jitter.stretch_y - 1) <= .03);
    }
    assert_true(chi_square(mode, modes, 4, total) < 16.27);
    assert_true(chi_square(window, even, 6, total) < 20.52);
    assert_true(chi_square(blend, half, 2, total) < 10.83);
    assert_true(chi_square(elastic, half, 2, total) < 10.83);
    assert_true(chi_square(mirror, half, 2, total) < 10.83);
    assert_true(chi_square(halve, third, 2, total) < 10.83);
    assert_true(chi_square(stretch, fifth, 2, total) < 10.83);
    assert_near(scale / total, .9, .003, 0);
    assert_near(sqrt(squares / total), .1, .003, 0);
    assert_near(rotate / total, 900 / 7., 5, 0); /* E (30 u^3)^2 = 900 / 7 */
}

/* Boxes as the paper's code has them: the whole image, the whole window. */
static void other_boxes(void **state)
{
    struct bench *t = *state;

    t->set.global_box_image = true;
    only(t, 1, 0, 0, 0);
    assert_ok(make(t, "g", &t->sample), &t->err);
    assert_int_equal(rect_width(t->sample.box), SAMPLE_PX);
    t->set.partial_box_window = true;
    t->set.translate_px = t->set.rotate_deg = t->set.scale_sd = t->set.stretch_p = 0;
    only(t, 0, 0, 0, 1);
    assert_ok(make(t, "g", &t->sample), &t->err);
    assert_int_equal(rect_width(t->sample.box), t->sample.window.w);
    assert_int_equal(rect_height(t->sample.box), t->sample.window.h);
}

/* Beyond the crop's edge its mirror image or its last pixel goes on; inside nothing changes. */
static void borders(void **state)
{
    static const enum swap_border kinds[] = {SWAP_REFLECT, SWAP_REPLICATE};
    struct bench *t = *state;
    struct swap_sample plain = {0};
    long beyond = 0;
    int n, k, x, y;

    t->in.is_fake = false;
    t->set.halve = 0;
    t->set.translate_px = 112;
    for (n = 0; n < 60; n++) {
        char id[16];

        snprintf(id, sizeof id, "b%d", n);
        t->in.id = id;
        t->set.border = SWAP_BLACK;
        assert_ok(swap_mfs.make(&t->set, &t->in, &t->scratch, &plain, &t->err), &t->err);
        for (k = 0; k < 2; k++) {
            struct mat3 back;

            t->set.border = kinds[k];
            assert_ok(swap_mfs.make(&t->set, &t->in, &t->scratch, &t->sample, &t->err), &t->err);
            assert_true(mat3_invert(&t->sample.frame_to_sample, &back));
            for (y = 0; y < SAMPLE_PX; y++) {
                for (x = 0; x < SAMPLE_PX; x++) {
                    struct point p = mat3_apply(&back, (struct point){x, y});
                    const uint8_t *o = image_row(&t->sample.image, y) + 3 * x, *q;
                    double u = p.x - t->in.self.x, v = p.y - t->in.self.y;
                    const struct image *crop = t->in.self.image;

                    if (u >= .1 && v >= .1 && u <= crop->width - 1.1 && v <= crop->height - 1.1) {
                        assert_memory_equal(o, image_row(&plain.image, y) + 3 * x, 3);
                        continue;
                    }
                    /* Straight out of the left edge, a replicated pixel is one of the edge's. */
                    if (k == 0 || u > -1 || v < 1 || v > crop->height - 2)
                        continue;
                    beyond++;
                    q = image_row(crop, (int)v);
                    assert_in_range(o[0], q[0] < q[crop->stride] ? q[0] : q[crop->stride],
                                    q[0] < q[crop->stride] ? q[crop->stride] : q[0]);
                }
            }
        }
    }
    assert_true(beyond > 1000);
    swap_sample_release(&plain);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(changes_lie_in_mask_and_box),
        CASE(directions),
        CASE(faces_are_aligned),
        CASE(mirror_mirrors_picture_and_box),
        CASE(samples_are_pure),
        CASE(equal_pairs),
        CASE(bad_input),
        CASE(draws_have_their_shares),
        CASE(other_boxes),
        CASE(borders),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mfs", tests, NULL, NULL);
}
