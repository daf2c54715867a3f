#include "tests/near.h"

#include "lib/image.h"
#include "tests/gen/camera_noise.h"
#include "tests/gen/head_motion.h"
#include "tests/gen/head_render.h"

#define PEOPLE 12
#define W      400
#define H      300

static struct head_pose frontal(void)
{
    return (struct head_pose){.x_px = W / 2,
                              .y_px = H / 2,
                              .eye_px = 56,
                              .light = {0, -0.5, 0.8660254},
                              .key = 0.9,
                              .ambient = 0.45,
                              .light_color = {1, 1, 1}};
}

static void landmarks_of(unsigned person, const struct head_pose *pose, struct point p[68])
{
    struct head_identity id;
    struct head_face face;

    head_identity_make(&id, 1, person);
    head_face_at(&face, &id, pose);
    head_landmarks(&face, p);
}

static struct point eye(const struct point p[68], int first)
{
    struct point e = {0, 0};
    int i;

    for (i = first; i < first + 6; i++) {
        e.x += p[i].x / 6;
        e.y += p[i].y / 6;
    }
    return e;
}

static void render(struct head_renderer *r, unsigned person, const struct head_pose *pose,
                   struct image *out, struct point p[68])
{
    struct image background = IMAGE_INIT;
    struct head_identity id;
    struct head_face face;
    struct err err = {0};

    assert_ok(image_shape(&background, W, H, 3, &err), &err);
    image_fill(&background, 90);
    head_identity_make(&id, 1, person);
    head_face_at(&face, &id, pose);
    head_landmarks(&face, p);
    assert_ok(head_render(r, &face, &background, out, &err), &err);
    image_release(&background);
}

/* Mean of R, G and B over a square of 2 r + 1 pixels. */
static double level(const struct image *img, double x, double y, int r)
{
    int i, j, c, n = 0;
    double sum = 0;

    for (j = -r; j <= r; j++)
        for (i = -r; i <= r; i++)
            for (c = 0; c < 3; c++, n++)
                sum += image_row(img, (int)lround(y) + j)[3 * ((int)lround(x) + i) + c];
    return sum / n;
}

/* iBUG's order: which point is the mirror of which. */
static int mirror(int i)
{
    static const int other[68] = {
        16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1,  0,  26, 25, 24, 23, 22, 21,
        20, 19, 18, 17, 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
        41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65};

    return other[i];
}

static void frontal_truth_is_symmetric(void **state)
{
    struct head_pose pose = frontal();
    struct point p[68];
    unsigned k;
    int i;

    (void)state;
    pose.open = 0.08;
    pose.smile = 0.4;
    for (k = 0; k < PEOPLE; k++) {
        landmarks_of(k, &pose, p);
        for (i = 0; i < 68; i++) {
            assert_near(p[i].x + p[mirror(i)].x, 2 * pose.x_px, 1e-6, 0);
            assert_near(p[i].y, p[mirror(i)].y, 1e-6, 0);
        }
        for (i = 0; i < 16; i++)
            assert_true(p[i].x < p[i + 1].x); /* the jaw goes from left to right */
        for (i = 27; i < 30; i++)
            assert_true(p[i].y < p[i + 1].y); /* the nose down */
        assert_true(p[19].y < eye(p, 36).y && eye(p, 36).y < p[30].y && p[30].y < p[51].y &&
                    p[51].y < p[62].y && p[62].y < p[66].y && p[66].y < p[57].y &&
                    p[57].y < p[8].y);
    }
}

static void moving_truth_stays_in_the_picture(void **state)
{
    struct head_motion motion;
    struct head_pose pose;
    struct point p[68];
    char name[8];
    unsigned k;
    int t, i;

    (void)state;
    for (k = 0; k < PEOPLE; k++) {
        snprintf(name, sizeof(name), "%03u", k);
        head_motion_make(&motion, 1, name, W, H);
        for (t = 0; t < 60; t++) {
            head_motion_at(&motion, t / 25.0, &pose);
            assert_true(fabs(pose.yaw) < 0.35 && fabs(pose.pitch) < 0.15);
            landmarks_of(k, &pose, p);
            for (i = 0; i < 68; i++)
                assert_true(p[i].x > 0 && p[i].x < W - 1 && p[i].y > 0 && p[i].y < H - 1);
        }
    }
}

static void head_turns_as_its_pose_says(void **state)
{
    struct head_pose pose = frontal();
    struct point p[68], q[68];
    struct point l, r;

    (void)state;
    landmarks_of(3, &pose, p);
    pose.roll = 0.2;
    landmarks_of(3, &pose, q);
    l = eye(q, 36);
    r = eye(q, 42);
    assert_near(atan2(r.y - l.y, r.x - l.x), 0.2, 1e-3, 0);
    pose = frontal();
    pose.yaw = 0.3; /* to the right of the picture: the nose overtakes the eyes */
    landmarks_of(3, &pose, q);
    assert_true(q[30].x - 0.5 * (eye(q, 36).x + eye(q, 42).x) >
                p[30].x - 0.5 * (eye(p, 36).x + eye(p, 42).x) + 5);
    assert_true(q[16].x - q[30].x < q[30].x - q[0].x);
    pose = frontal();
    pose.pitch = 0.2; /* a nod */
    landmarks_of(3, &pose, q);
    assert_true(q[30].y - eye(q, 36).y > p[30].y - eye(p, 36).y + 2);
    pose = frontal();
    pose.blink = 1;
    landmarks_of(3, &pose, q);
    assert_true(q[41].y - q[37].y < 0.25 * (p[41].y - p[37].y));
    pose = frontal();
    pose.open = 0.15;
    landmarks_of(3, &pose, q);
    assert_near(q[66].y - q[62].y, 0.15 * 1.1 * pose.eye_px, 2, 0.1);
    assert_true(q[8].y > p[8].y + 3); /* the jaw drops */
}

/* What is painted lies where the truth says: pupils, open mouth, nostrils, edge of the jaw. */
static void pictures_agree_with_the_truth(void **state)
{
    struct image img = IMAGE_INIT, closed = IMAGE_INIT;
    struct head_pose pose = frontal();
    struct head_renderer *r = NULL;
    struct point p[68], q[68];
    struct err err = {0};
    unsigned k;
    int side, i, j;

    (void)state;
    assert_ok(head_renderer_new(&r, &err), &err);
    pose.open = 0.14;
    for (k = 0; k < PEOPLE; k++) {
        pose.blink = 0;
        render(r, k, &pose, &img, p);
        pose.blink = 1;
        render(r, k, &pose, &closed, q);
        for (side = 0; side < 2; side++) {
            struct point e = eye(p, side ? 42 : 36), best = {0, 0};
            double least = 1e9;

            for (j = -3; j <= 3; j++)
                for (i = -7; i <= 7; i++)
                    if (level(&img, e.x + i, e.y + j, 1) < least) {
                        least = level(&img, e.x + i, e.y + j, 1);
                        best = (struct point){e.x + i, e.y + j};
                    }
            assert_near(best.x, e.x, 0.06 * pose.eye_px, 0);
            assert_near(best.y, e.y, 0.06 * pose.eye_px, 0);
            assert_true(level(&closed, e.x, e.y - 2, 1) > 1.2 * level(&img, best.x, best.y, 1));
        }
        /* the middle of the opening is darker than the chin, and so is the shadow of the nose */
        assert_true(level(&img, p[66].x, 0.5 * (p[62].y + p[66].y), 1) <
                    0.75 * level(&img, p[8].x, p[8].y - 12, 1));
        assert_true(level(&img, p[32].x, p[32].y - 2, 1) < 0.9 * level(&img, p[30].x, p[30].y, 1));
    }
    head_renderer_free(r);
    image_release(&img);
    image_release(&closed);
}

static void bytes_follow_the_seed(void **state)
{
    struct image a = IMAGE_INIT, b = IMAGE_INIT;
    struct head_renderer *r[2] = {NULL, NULL};
    static struct camera_noise camera;
    struct head_pose pose = frontal();
    struct point p[68];
    struct err err = {0};
    int i, y, same = 1;

    (void)state;
    camera_noise_init(&camera);
    for (i = 0; i < 2; i++)
        assert_ok(head_renderer_new(&r[i], &err), &err);
    render(r[1], 7, &pose, &b, p); /* what it drew before must not matter */
    render(r[0], 2, &pose, &a, p);
    render(r[1], 2, &pose, &b, p);
    camera_noise_add(&camera, &a, 1, "x", 4, 1.6);
    camera_noise_add(&camera, &b, 1, "x", 4, 1.6);
    for (y = 0; y < H; y++)
        assert_bytes(image_row(&a, y), image_row(&b, y), 3 * W);
    camera_noise_add(&camera, &b, 1, "x", 5, 1.6);
    for (y = 0; y < H; y++)
        same &= memcmp(image_row(&a, y), image_row(&b, y), 3 * W) == 0;
    assert_false(same);
    for (i = 0; i < 2; i++)
        head_renderer_free(r[i]);
    image_release(&a);
    image_release(&b);
}

static void people_differ(void **state)
{
    struct head_pose pose = frontal();
    struct point p[PEOPLE][68];
    unsigned i, j;
    int k;

    (void)state;
    for (i = 0; i < PEOPLE; i++)
        landmarks_of(i, &pose, p[i]);
    for (i = 0; i < PEOPLE; i++)
        for (j = 0; j < i; j++) {
            double d = 0;

            for (k = 0; k < 68; k++)
                d += hypot(p[i][k].x - p[j][k].x, p[i][k].y - p[j][k].y) / 68;
            assert_true(d > 0.5); /* pixels */
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frontal_truth_is_symmetric),
        cmocka_unit_test(moving_truth_stays_in_the_picture),
        cmocka_unit_test(head_turns_as_its_pose_says),
        cmocka_unit_test(pictures_agree_with_the_truth),
        cmocka_unit_test(bytes_follow_the_seed),
        cmocka_unit_test(people_differ),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("gen_heads", tests, NULL, NULL);
}
