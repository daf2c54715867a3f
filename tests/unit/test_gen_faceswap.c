#include "tests/near.h"

#include "lib/rng.h"
#include "tests/gen/delaunay.h"
#include "tests/gen/faceswap.h"
#include "tests/gen/head_model.h"

#define W 320
#define H 280

static const struct faceswap_style plain = {
    .method = "plain", .feather = 0.1, .inset = 0.05, .color = 0, .shrink = 1};

/* The average face in the middle of a picture, moved, scaled and bent a little. */
static struct landmarks face(double x, double y, double scale, double bend)
{
    struct landmarks l = {.n = 68};
    int i;

    head_average(l.p);
    for (i = 0; i < 68; i++) {
        l.p[i].x = x + scale * l.p[i].x + bend * sin(0.05 * l.p[i].y);
        l.p[i].y = y + scale * l.p[i].y + bend * cos(0.04 * l.p[i].x);
    }
    return l;
}

static void fill_noise(struct image *img, const char *name)
{
    struct err err = {0};
    struct rng r;
    int x, y;

    rng_init(&r, 1, 0, name, "picture");
    assert_ok(image_shape(img, W, H, 3, &err), &err);
    for (y = 0; y < H; y++)
        for (x = 0; x < 3 * W; x++)
            image_row(img, y)[x] = (uint8_t)(60 + 0.3 * x / 3 + rng_below(&r, 60));
}

static void triangles_are_delaunay(void **state)
{
    struct point p[40], hull[40];
    int t[DELAUNAY_MAX_TRIANGLES][3], n, h, i, k;
    double area = 0;
    struct rng r;

    (void)state;
    rng_init(&r, 5, 0, "points", "delaunay");
    for (i = 0; i < 40; i++)
        p[i] = (struct point){rng_range(&r, 0, 100), rng_range(&r, 0, 100)};
    n = delaunay(p, 40, t);
    h = convex_hull(p, 40, hull);
    assert_int_equal(n, 2 * 40 - 2 - h); /* Euler */
    for (i = 0; i < n; i++) {
        struct point a = p[t[i][0]], b = p[t[i][1]], c = p[t[i][2]];
        double d = 2 * (a.x * (b.y - c.y) + b.x * (c.y - a.y) + c.x * (a.y - b.y));
        double aa = a.x * a.x + a.y * a.y, bb = b.x * b.x + b.y * b.y, cc = c.x * c.x + c.y * c.y;
        struct point o = {(aa * (b.y - c.y) + bb * (c.y - a.y) + cc * (a.y - b.y)) / d,
                          (aa * (c.x - b.x) + bb * (a.x - c.x) + cc * (b.x - a.x)) / d};

        area += fabs(d) / 4;
        for (k = 0; k < 40; k++) /* no point within a circle */
            assert_true(hypot(p[k].x - o.x, p[k].y - o.y) > hypot(a.x - o.x, a.y - o.y) - 1e-6);
    }
    assert_near(area, fabs(polygon_area(hull, h)), 1e-6, 0);
}

/* Swapping a face for itself changes nothing without resampling, and little with it. */
static void own_face_comes_back(void **state)
{
    struct image img = IMAGE_INIT, out = IMAGE_INIT;
    struct landmarks l = face(W / 2, H / 2, 0.55, 3);
    struct faceswap_style exact = plain;
    struct faceswap s = {0};
    struct err err = {0};
    int x, y, i;

    (void)state;
    fill_noise(&img, "a");
    exact.color = 1;
    assert_ok(faceswap(&s, &exact, &img, &l, &img, &l, &out, NULL, NULL, &err), &err);
    for (y = 0; y < H; y++)
        for (x = 0; x < 3 * W; x++)
            assert_in_range(image_row(&out, y)[x] - image_row(&img, y)[x] + 1, 0, 2);
    /* a smooth picture survives the real styles too */
    for (y = 0; y < H; y++)
        for (x = 0; x < 3 * W; x++)
            image_row(&img, y)[x] = (uint8_t)(128 + 60 * sin(x * 0.02) * cos(y * 0.05));
    for (i = 0; i < faceswap_n_styles; i++) {
        double sum = 0;

        assert_ok(faceswap(&s, &faceswap_styles[i], &img, &l, &img, &l, &out, NULL, NULL, &err),
                  &err);
        for (y = 0; y < H; y++)
            for (x = 0; x < 3 * W; x++)
                sum += abs(image_row(&out, y)[x] - image_row(&img, y)[x]);
        assert_true(sum / (3.0 * W * H) < 0.5);
    }
    faceswap_release(&s);
    image_release(&img);
    image_release(&out);
}

/* A donor of one colour leaves no gap between triangles, and nothing changes outside alpha. */
static void mask_is_what_changed(void **state)
{
    struct image donor = IMAGE_INIT, target = IMAGE_INIT, out = IMAGE_INIT, alpha = IMAGE_INIT;
    struct landmarks d = face(W / 2 - 10, H / 2, 0.6, 0), t = face(W / 2, H / 2 + 5, 0.5, 4);
    struct faceswap s = {0};
    struct rect changed, seen = {W, H, 0, 0};
    struct err err = {0};
    int x, y, full = 0;

    (void)state;
    fill_noise(&target, "b");
    assert_ok(image_shape(&donor, W, H, 3, &err), &err);
    image_fill(&donor, 250); /* no pixel of the target is that bright */
    assert_ok(faceswap(&s, &plain, &donor, &d, &target, &t, &out, &alpha, &changed, &err), &err);
    for (y = 0; y < H; y++)
        for (x = 0; x < W; x++) {
            const uint8_t *o = image_row(&out, y) + 3 * x, *b = image_row(&target, y) + 3 * x;
            int a = image_row(&alpha, y)[x];

            if (a == 0) {
                assert_bytes(o, b, 3);
            } else {
                seen = rect_union(seen, (struct rect){x, y, x + 1, y + 1});
                assert_int_equal(o[0], (b[0] * (255 - a) + 250 * a + 127) / 255);
            }
            full += a == 255;
        }
    assert_int_equal(seen.x0, changed.x0);
    assert_int_equal(seen.y0, changed.y0);
    assert_int_equal(seen.x1, changed.x1);
    assert_int_equal(seen.y1, changed.y1);
    /* the nose, the eyes, the brows and the lips are new; the corner of the picture is not */
    for (x = 19; x < 68; x++)
        if ((x < 24 || x > 26))
            assert_int_equal(image_row(&alpha, (int)lround(t.p[x].y))[(int)lround(t.p[x].x)], 255);
    assert_true(full > 4000);
    assert_int_equal(image_row(&alpha, 0)[0], 0);
    faceswap_release(&s);
    image_release(&donor);
    image_release(&target);
    image_release(&out);
    image_release(&alpha);
}

/* A ramp, moved and doubled with the landmarks, is a ramp of half the slope. */
static void warp_is_affine_where_landmarks_are(void **state)
{
    struct image donor = IMAGE_INIT, target = IMAGE_INIT, out = IMAGE_INIT, alpha = IMAGE_INIT;
    struct landmarks d = face(120, 130, 0.3, 0), t = face(160, 140, 0.6, 0);
    struct faceswap s = {0};
    struct err err = {0};
    int x, y, n = 0;

    (void)state;
    assert_ok(image_shape(&donor, W, H, 3, &err), &err);
    assert_ok(image_shape(&target, W, H, 3, &err), &err);
    image_fill(&target, 0);
    for (y = 0; y < H; y++)
        for (x = 0; x < W; x++)
            memset(image_row(&donor, y) + 3 * x, x > 255 ? 255 : x, 3);
    assert_ok(faceswap(&s, &plain, &donor, &d, &target, &t, &out, &alpha, NULL, &err), &err);
    for (y = 0; y < H; y++)
        for (x = 0; x < W; x++)
            if (image_row(&alpha, y)[x] == 255) {
                assert_near(image_row(&out, y)[3 * x], 120 + (x - 160) * 0.5, 1.01, 0);
                n++;
            }
    assert_true(n > 4000);
    faceswap_release(&s);
    image_release(&donor);
    image_release(&target);
    image_release(&out);
    image_release(&alpha);
}

static void colors_move_to_the_target(void **state)
{
    struct image donor = IMAGE_INIT, target = IMAGE_INIT, out = IMAGE_INIT, alpha = IMAGE_INIT;
    struct landmarks l = face(W / 2, H / 2, 0.55, 0);
    struct faceswap_style style = plain;
    struct faceswap s = {0};
    struct err err = {0};
    double mean[2] = {0, 0};
    int x, y, i, n;

    (void)state;
    fill_noise(&donor, "dark");
    fill_noise(&target, "bright");
    for (y = 0; y < H; y++)
        for (x = 0; x < 3 * W; x++)
            image_row(&target, y)[x] = (uint8_t)(image_row(&target, y)[x] / 2 + 120);
    for (i = 0; i < 2; i++) {
        double wanted = 0;

        style.color = i;
        assert_ok(faceswap(&s, &style, &donor, &l, &target, &l, &out, &alpha, NULL, &err), &err);
        for (y = 0, n = 0; y < H; y++)
            for (x = 0; x < W; x++)
                if (image_row(&alpha, y)[x] == 255) {
                    wanted += image_row(&target, y)[3 * x];
                    mean[i] += image_row(&out, y)[3 * x];
                    n++;
                }
        mean[i] = (mean[i] - wanted) / n;
    }
    assert_true(fabs(mean[0]) > 20);
    assert_near(mean[1], 0, 2, 0);
    faceswap_release(&s);
    image_release(&donor);
    image_release(&target);
    image_release(&out);
    image_release(&alpha);
}

static void faces_outside_are_harmless(void **state)
{
    struct image img = IMAGE_INIT, out = IMAGE_INIT, alpha = IMAGE_INIT;
    struct landmarks l = face(W / 2, H / 2, 0.55, 0), far = face(5000, -9000, 0.55, 0);
    struct landmarks corner = face(3, 4, 0.9, 2), few = l;
    struct faceswap s = {0};
    struct rect changed = {1, 1, 2, 2};
    struct err err = {0};
    int y, i;

    (void)state;
    fill_noise(&img, "c");
    assert_ok(faceswap(&s, &plain, &img, &l, &img, &far, &out, &alpha, &changed, &err), &err);
    assert_int_equal(rect_width(changed), 0);
    for (y = 0; y < H; y++)
        assert_bytes(image_row(&out, y), image_row(&img, y), 3 * W);
    for (i = 0; i < faceswap_n_styles; i++) {
        assert_ok(faceswap(&s, &faceswap_styles[i], &img, &l, &img, &corner, &out, &alpha, &changed,
                           &err),
                  &err);
        assert_true(changed.x0 >= 0 && changed.y0 >= 0 && changed.x1 <= W && changed.y1 <= H);
        assert_ok(
            faceswap(&s, &faceswap_styles[i], &img, &far, &img, &l, &out, &alpha, &changed, &err),
            &err);
    }
    few.n = 67;
    assert_fails(faceswap(&s, &plain, &img, &few, &img, &l, &out, NULL, NULL, &err), ERR_FAULT,
                 &err, "68");
    faceswap_release(&s);
    image_release(&img);
    image_release(&out);
    image_release(&alpha);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triangles_are_delaunay),
        cmocka_unit_test(own_face_comes_back),
        cmocka_unit_test(mask_is_what_changed),
        cmocka_unit_test(warp_is_affine_where_landmarks_are),
        cmocka_unit_test(colors_move_to_the_target),
        cmocka_unit_test(faces_outside_are_harmless),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("gen_faceswap", tests, NULL, NULL);
}
