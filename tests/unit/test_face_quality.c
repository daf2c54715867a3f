/* Sharpness, light, pose and the limits on them: pictures whose numbers are known, synthetic heads
 * whose pose is known. */
#include "tests/near.h"

#include "extract/face_filter.h"
#include "extract/face_quality.h"
#include "lib/resize.h"
#include "tests/gen/head_render.h"

#define DEGREES 57.29577951308232

/* ---- blur and exposure -----------------------------------------------------------------------*/

static struct face_quality measure(const struct image *img, struct rect box)
{
    struct face_quality_scratch s;
    struct point points[68] = {{0, 0}};
    struct face_quality q;
    struct err err = {0};

    face_quality_init(&s);
    assert_ok(face_quality_measure(&s, img, box, points, &q, &err), &err);
    assert_false(q.has_angles); /* all landmarks in one place */
    face_quality_release(&s);
    return q;
}

static void chessboard(struct image *img, int size, int square, int dark, int light)
{
    struct err err = {0};
    int x, y;

    assert_ok(image_shape(img, size, size, 3, &err), &err);
    for (y = 0; y < size; y++)
        for (x = 0; x < size; x++)
            memset(image_row(img, y) + 3 * x, (x / square + y / square) % 2 ? light : dark, 3);
}

/* At 112 px a pixel is a pixel: the Laplacian of a chessboard is +-4 times the step. */
static void a_chessboard_has_a_known_sharpness(void **state)
{
    struct image img = IMAGE_INIT;
    struct face_quality q;

    (void)state;
    chessboard(&img, 112, 1, 100, 110);
    q = measure(&img, (struct rect){0, 0, 112, 112});
    assert_near(q.blur, 1600, 1e-9, 0);
    assert_near(q.exposure, 105, 1e-9, 0);
    /* The same pattern three times as large measures the same. */
    chessboard(&img, 336, 3, 100, 110);
    q = measure(&img, (struct rect){0, 0, 336, 336});
    assert_near(q.blur, 1600, 1e-9, 0);
    assert_near(q.exposure, 105, 1e-9, 0);
    image_release(&img);
}

static void a_flat_face_has_none(void **state)
{
    struct image img = IMAGE_INIT;
    struct face_quality q;

    (void)state;
    chessboard(&img, 300, 300, 37, 37);
    q = measure(&img, (struct rect){20, 30, 270, 280});
    assert_near(q.blur, 0, 0, 0);
    assert_near(q.exposure, 37, 0, 0);
    image_release(&img);
}

/* Only what lies in the frame counts, and nothing that does not is invented. */
static void the_frames_edge_cuts_the_box(void **state)
{
    struct image img = IMAGE_INIT;
    struct face_quality q;

    (void)state;
    chessboard(&img, 112, 1, 100, 110);
    q = measure(&img, (struct rect){-56, -56, 56, 56});
    assert_near(q.blur, 1600, 1e-9, 0);
    q = measure(&img, (struct rect){200, 200, 312, 312});
    assert_true(isnan(q.blur) && isnan(q.exposure));
    q = measure(&img, (struct rect){-110, -110, 2, 2});
    assert_true(isnan(q.blur) && isnan(q.exposure));
    image_release(&img);
}

struct scene {
    struct head_renderer *renderer;
    struct image background, img;
};

static void draw(struct scene *s, double eye_px, struct head_face *face)
{
    struct head_identity id;
    struct head_pose pose = {.x_px = 320,
                             .y_px = 330,
                             .eye_px = eye_px,
                             .light = {0.3, -0.4, 0.87},
                             .key = 0.8,
                             .ambient = 0.45,
                             .light_color = {1, 1, 1}};
    struct err err = {0};

    head_identity_make(&id, 1, 4);
    head_face_at(face, &id, &pose);
    assert_ok(head_render(s->renderer, face, &s->background, &s->img, &err), &err);
    face->id = NULL;
}

static void enter(struct scene *s)
{
    struct err err = {0};

    *s = (struct scene){0};
    assert_ok(head_renderer_new(&s->renderer, &err), &err);
    assert_ok(image_shape(&s->background, 640, 640, 3, &err), &err);
    image_fill(&s->background, 90);
}

static void leave(struct scene *s)
{
    head_renderer_free(s->renderer);
    image_release(&s->background);
    image_release(&s->img);
}

static double blur_at(struct scene *s, double eye_px)
{
    struct head_face face;
    int half = (int)(1.1 * eye_px), y = 330 + (int)(0.6 * eye_px);

    draw(s, eye_px, &face);
    return measure(&s->img, (struct rect){320 - half, y - half, 320 + half, y + half}).blur;
}

/* One face from near and from far is equally sharp, a blurred one is not. */
static void sharpness_compares_across_sizes(void **state)
{
    struct image small = IMAGE_INIT, big = IMAGE_INIT;
    struct err err = {0};
    struct scene s;
    double at_80, at_120, at_170, blurred;

    (void)state;
    enter(&s);
    at_80 = blur_at(&s, 80);
    at_120 = blur_at(&s, 120);
    at_170 = blur_at(&s, 170);
    assert_near(at_120, at_80, 0, 0.35);
    assert_near(at_170, at_80, 0, 0.35);
    /* through a picture of a sixth */
    assert_ok(image_shape(&small, 107, 107, 3, &err), &err);
    assert_ok(image_shape(&big, 640, 640, 3, &err), &err);
    assert_ok(resize_once(&small, &s.img, &err), &err);
    assert_ok(resize_once(&big, &small, &err), &err);
    blurred = measure(&big, (struct rect){133, 245, 507, 619}).blur;
    print_message("blur: 80 px eyes %.4g, 120 px %.4g, 170 px %.4g, blurred %.4g\n", at_80, at_120,
                  at_170, blurred);
    assert_true(blurred < 0.4 * at_170);
    image_release(&small);
    image_release(&big);
    leave(&s);
}

/* ---- pose ------------------------------------------------------------------------------------*/

static double span(unsigned *state, double size)
{
    *state = *state * 1664525u + 1013904223u;
    return size * ((double)(*state >> 8) / (1 << 23) - 1);
}

static void see(unsigned person, double yaw, double pitch, double roll, struct point *p)
{
    struct head_identity id;
    struct head_face face;
    struct head_pose pose = {.yaw = yaw / DEGREES,
                             .pitch = pitch / DEGREES,
                             .roll = roll / DEGREES,
                             .x_px = 200,
                             .y_px = 150,
                             .eye_px = 60,
                             .open = 0.05 * (person % 4),
                             .smile = 0.2 * (person % 3)};

    head_identity_make(&id, 7, person);
    head_face_at(&face, &id, &pose);
    head_landmarks(&face, p);
}

/* The true landmarks of 40 people within 30 degrees of yaw and 15 of pitch and roll. A level head
 * of the generator's looks 5 degrees down beside the average face, so that is its pitch's offset.
 */
static void the_pose_of_heads_is_found(void **state)
{
    double yaw_off = 0, pitch_off = 0, pitch_mean = 0, roll_off = 0;
    unsigned random = 1, person, k, n = 0;
    double pitches[400];

    (void)state;
    for (person = 0; person < 40; person++)
        for (k = 0; k < 10; k++, n++) {
            double yaw = span(&random, 30), pitch = span(&random, 15), roll = span(&random, 15);
            struct point p[68];
            struct head_angles a;

            see(person, yaw, pitch, roll, p);
            assert_true(head_angles_of(p, &a));
            yaw_off += fabs(a.yaw_deg - yaw) / 400;
            roll_off += fabs(a.roll_deg - roll) / 400;
            pitches[n] = a.pitch_deg - pitch;
            pitch_mean += pitches[n] / 400;
        }
    for (n = 0; n < 400; n++)
        pitch_off += fabs(pitches[n] - pitch_mean) / 400;
    print_message("mean error: yaw %.2f, pitch %.2f about its offset %.2f, roll %.2f degrees\n",
                  yaw_off, pitch_off, pitch_mean, roll_off);
    assert_true(yaw_off < 3 && pitch_off < 3.5 && fabs(pitch_mean) < 6 && roll_off < 1);
}

static void signs_are_as_documented(void **state)
{
    struct head_angles a;
    struct point p[68];

    (void)state;
    see(1, 25, 0, 0, p); /* the nose's tip goes right of the eyes' middle */
    assert_true(p[30].x > (p[39].x + p[42].x) / 2);
    assert_true(head_angles_of(p, &a) && a.yaw_deg > 15);
    see(1, 0, 20, 0, p);
    assert_true(head_angles_of(p, &a) && a.pitch_deg > 15);
    see(1, 0, -20, 0, p);
    assert_true(head_angles_of(p, &a) && a.pitch_deg < -5);
    see(1, 0, 0, 20, p); /* clockwise: the eye on the right is lower */
    assert_true(p[45].y > p[36].y);
    assert_true(head_angles_of(p, &a));
    assert_near(a.roll_deg, 20, 1, 0);
}

/* Mirrored, shifted, scaled and turned faces have the pose that follows. */
static void pose_moves_with_the_picture(void **state)
{
    static const int partner[][2] = {{31, 35}, {32, 34}, {36, 45}, {37, 44}, {38, 43},
                                     {39, 42}, {40, 47}, {41, 46}, {48, 54}};
    struct point p[68], q[68];
    struct head_angles a, b;
    size_t i;

    (void)state;
    see(3, 18, -8, 6, p);
    assert_true(head_angles_of(p, &a));
    for (i = 0; i < 68; i++)
        q[i] = (struct point){1000 - 3.5 * p[i].x, 50 + 3.5 * p[i].y};
    for (i = 0; i < sizeof(partner) / sizeof(*partner); i++) {
        struct point t = q[partner[i][0]];

        q[partner[i][0]] = q[partner[i][1]];
        q[partner[i][1]] = t;
    }
    assert_true(head_angles_of(q, &b));
    assert_near(b.yaw_deg, -a.yaw_deg, 1e-3, 0);
    assert_near(b.pitch_deg, a.pitch_deg, 1e-3, 0);
    assert_near(b.roll_deg, -a.roll_deg, 1e-3, 0);
    for (i = 0; i < 68; i++) { /* a quarter turn clockwise */
        q[i] = (struct point){-p[i].y, p[i].x};
    }
    assert_true(head_angles_of(q, &b));
    assert_near(b.yaw_deg, a.yaw_deg, 1e-3, 0);
    assert_near(b.pitch_deg, a.pitch_deg, 1e-3, 0);
    assert_near(b.roll_deg, a.roll_deg + 90, 1e-3, 0);
}

static void no_landmarks_no_pose(void **state)
{
    struct point p[68];
    struct head_angles a;

    (void)state;
    see(3, 10, 0, 0, p);
    p[30].x = NAN;
    assert_false(head_angles_of(p, &a));
    p[30].x = INFINITY;
    assert_false(head_angles_of(p, &a));
    memset(p, 0, sizeof(p));
    assert_false(head_angles_of(p, &a));
}

/* ---- limits ----------------------------------------------------------------------------------*/

static int check(const char *assignment, struct rect face, const struct face_quality *q)
{
    struct face_filter f;
    struct conf *c;
    struct err err = {0};

    assert_ok(conf_new(&c, &err), &err);
    if (assignment)
        assert_ok(conf_set(c, assignment, &err), &err);
    face_filter_from(&f, c);
    conf_free(c);
    return face_filter_check(&f, face, q);
}

static void each_limit_names_itself(void **state)
{
    static const char *const limits[][2] = {
        {"extract.min_size_px=101", "extract.min_size_px=100"},
        {"extract.max_size_px=99", "extract.max_size_px=100"},
        {"extract.min_blur=60.1", "extract.min_blur=60"},
        {"extract.min_exposure=90.1", "extract.min_exposure=90"},
        {"extract.max_exposure=89", "extract.max_exposure=90"},
        {"extract.max_yaw_deg=19", "extract.max_yaw_deg=20"},
        {"extract.max_pitch_deg=9", "extract.max_pitch_deg=10"},
        {"extract.max_roll_deg=4", "extract.max_roll_deg=5"},
    };
    struct face_quality q = {60, 90, {-20, 10, -5}, true};
    struct rect face = {-10, 0, 90, 100};
    char key[64];
    size_t i;

    (void)state;
    assert_int_equal(check(NULL, face, &q), -1);
    for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        int broken = check(limits[i][0], face, &q);

        assert_int_equal(broken, (int)i);
        snprintf(key, sizeof(key), "filtered by %.*s", (int)strcspn(limits[i][0], "="),
                 limits[i][0]);
        assert_string_equal(face_filter_reason(broken), key);
        snprintf(key, sizeof(key), "pristine face filtered by %.*s",
                 (int)strcspn(limits[i][0], "="), limits[i][0]);
        assert_string_equal(face_filter_pair_reason(broken), key);
        assert_int_equal(check(limits[i][1], face, &q), -1);
    }
    /* What is not known breaks only a limit that is set. */
    q = (struct face_quality){NAN, NAN, {0, 0, 0}, false};
    assert_int_equal(check(NULL, face, &q), -1);
    assert_int_equal(check("extract.min_blur=1", face, &q), 2);
    assert_int_equal(check("extract.max_yaw_deg=90", face, &q), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chessboard_has_a_known_sharpness),
        cmocka_unit_test(a_flat_face_has_none),
        cmocka_unit_test(the_frames_edge_cuts_the_box),
        cmocka_unit_test(sharpness_compares_across_sizes),
        cmocka_unit_test(the_pose_of_heads_is_found),
        cmocka_unit_test(signs_are_as_documented),
        cmocka_unit_test(pose_moves_with_the_picture),
        cmocka_unit_test(no_landmarks_no_pose),
        cmocka_unit_test(each_limit_names_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
