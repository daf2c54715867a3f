/* The detector and its schedules, on synthetic heads whose place is known, beside dlib itself. */
#include "tests/near.h"

#include "extract/finder.h"
#include "lib/image.h"
#include "tests/gen/head_render.h"

#define WIDTH  560
#define HEIGHT 280

/* Eye distance to side of dlib's box, about: a face of 100 px between the eyes gets a box of 215.
 */
#define BOX_PER_EYE 2.1

struct scene {
    struct detector *detector;
    struct head_renderer *renderer;
    struct image background, a, b;
};

static int enter(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));
    struct err err = {0};

    assert_ok(detector_open(&s->detector, DETECTOR_HOG, NULL, &err), &err);
    assert_ok(head_renderer_new(&s->renderer, &err), &err);
    assert_ok(image_shape(&s->background, WIDTH, HEIGHT, 3, &err), &err);
    assert_ok(head_background(&s->background, 1, "room", &err), &err);
    *state = s;
    return 0;
}

static int leave(void **state)
{
    struct scene *s = *state;

    detector_close(s->detector);
    head_renderer_free(s->renderer);
    image_release(&s->background);
    image_release(&s->a);
    image_release(&s->b);
    free(s);
    return 0;
}

/* Draws person `number` over `under`; returns the box of the true landmarks. */
static struct rect draw(struct scene *s, const struct image *under, struct image *out,
                        unsigned number, double x, double y, double eye_px)
{
    struct head_identity id;
    struct head_face face;
    struct head_pose pose = {.x_px = x,
                             .y_px = y,
                             .eye_px = eye_px,
                             .light = {0.3, -0.4, 0.87},
                             .key = 0.8,
                             .ambient = 0.45,
                             .light_color = {1, 1, 1}};
    struct point p[HEAD_LANDMARKS];
    struct err err = {0};

    head_identity_make(&id, 1, number);
    head_face_at(&face, &id, &pose);
    assert_ok(head_render(s->renderer, &face, under, out, &err), &err);
    head_landmarks(&face, p);
    return rect_of_points(p, HEAD_LANDMARKS);
}

static struct finder *open_finder(const struct scene *s, enum schedule schedule, int min_face_px)
{
    struct finder *f;
    struct err err = {0};

    assert_ok(finder_open(&f, s->detector, schedule, min_face_px, &err), &err);
    return f;
}

static void assert_on(struct rect box, struct rect truth)
{
    if (rect_iou(box, truth) < 0.5) {
        print_error("box %d,%d..%d,%d misses the face at %d,%d..%d,%d\n", box.x0, box.y0, box.x1,
                    box.y1, truth.x0, truth.y0, truth.x1, truth.y1);
        fail();
    }
}

/* A face that moves 15 px and grows 2 % a frame is found in every frame, by both schedules. */
static void follows_a_moving_face(void **state)
{
    struct scene *s = *state;
    struct finder *fast = open_finder(s, SCHEDULE_FAST, 80);
    struct finder *reference = open_finder(s, SCHEDULE_REFERENCE, 80);
    struct err err = {0};
    int i;

    for (i = 0; i < 20; i++) {
        struct rect truth = draw(s, &s->background, &s->a, 1, 140 + 13 * i, 145, 55 * pow(1.02, i));
        struct face face, slow;

        assert_int_equal(finder_find(fast, &s->a, NULL, &face, &err), 1);
        assert_on(face.box, truth);
        if (i % 5 == 0) {
            assert_int_equal(finder_find(reference, &s->a, NULL, &slow, &err), 1);
            assert_true(rect_iou(face.box, slow.box) >= 0.5); /* what "the same face" means */
        }
    }
    finder_close(fast);
    finder_close(reference);
}

/* A jump out of reach, and a frame without a face between. */
static void finds_a_face_again(void **state)
{
    struct scene *s = *state;
    struct finder *f = open_finder(s, SCHEDULE_FAST, 80);
    struct err err = {0};
    struct face face;
    struct rect truth;

    truth = draw(s, &s->background, &s->a, 1, 140, 145, 50);
    assert_int_equal(finder_find(f, &s->a, NULL, &face, &err), 1);
    assert_on(face.box, truth);
    truth = draw(s, &s->background, &s->a, 1, 430, 150, 70);
    assert_int_equal(finder_find(f, &s->a, NULL, &face, &err), 1);
    assert_on(face.box, truth);
    assert_int_equal(finder_find(f, &s->background, NULL, &face, &err), 0);
    truth = draw(s, &s->background, &s->a, 1, 300, 180, 45);
    assert_int_equal(finder_find(f, &s->a, NULL, &face, &err), 1);
    assert_on(face.box, truth);
    finder_close(f);
}

/* Two people: the larger counts, also when it comes later and the smaller one has been followed. */
static void the_largest_face_counts(void **state)
{
    struct scene *s = *state;
    struct finder *f = open_finder(s, SCHEDULE_FAST, 80);
    struct err err = {0};
    struct face face = {.score = 0};
    struct rect small, large;
    int i, switched = -1;

    small = draw(s, &s->background, &s->a, 1, 150, 145, 45);
    for (i = 0; i < 3; i++) {
        assert_int_equal(finder_find(f, &s->a, NULL, &face, &err), 1);
        assert_on(face.box, small);
    }
    large = draw(s, &s->a, &s->b, 2, 420, 150, 75);
    for (i = 0; i < 10 && switched < 0; i++) {
        assert_int_equal(finder_find(f, &s->b, NULL, &face, &err), 1);
        if (rect_iou(face.box, large) >= 0.5)
            switched = i;
        else
            assert_on(face.box, small);
    }
    assert_true(switched >= 0);
    finder_start(f); /* from scratch at once */
    assert_int_equal(finder_find(f, &s->b, NULL, &face, &err), 1);
    assert_on(face.box, large);
    finder_close(f);
}

/* Follows one face for `n` frames of s->b; returns how often the whole frame was searched. */
static long searches(struct scene *s, struct finder *f, int n, struct rect *last)
{
    long before = finder_whole_searches(f);
    struct err err = {0};
    struct face face = {.score = 0};
    int i;

    for (i = 0; i < n; i++)
        assert_int_equal(finder_find(f, &s->b, NULL, &face, &err), 1);
    *last = face.box;
    return finder_whole_searches(f) - before;
}

/* The whole frame is searched for a larger face where something has changed beside the head, and
 * only now and then where nothing has. */
static void searches_where_something_changed(void **state)
{
    struct scene *s = *state;
    struct finder *f = open_finder(s, SCHEDULE_FAST, 80);
    struct err err = {0};
    struct rect truth, larger, last;
    struct face face;
    long before;

    truth = draw(s, &s->background, &s->b, 1, 150, 145, 45);
    assert_int_equal(searches(s, f, 1, &last), 1); /* nobody is known yet */
    assert_int_equal(searches(s, f, FINDER_WHOLE_LEAST - 1, &last), 0);
    assert_int_equal(searches(s, f, 1, &last), 1);
    assert_on(last, truth);
    /* The head itself moves: that is no reason. */
    truth = draw(s, &s->background, &s->b, 1, 162, 149, 45);
    assert_int_equal(searches(s, f, 2 * FINDER_WHOLE_EVERY, &last), 0);
    assert_on(last, truth);
    /* Somebody smaller comes: looked for, passed over, and then known. */
    draw(s, &s->b, &s->a, 2, 430, 150, 40);
    assert_ok(image_copy(&s->b, &s->a, &err), &err);
    assert_int_equal(searches(s, f, 2 * FINDER_WHOLE_EVERY, &last), 1);
    assert_on(last, truth);
    /* Somebody larger comes, close to the one who is followed. */
    larger = draw(s, &s->b, &s->a, 3, 340, 150, 55);
    assert_ok(image_copy(&s->b, &s->a, &err), &err);
    assert_int_equal(searches(s, f, FINDER_WHOLE_EVERY, &last), 1);
    assert_on(last, larger);
    /* Nobody is left: the frame is searched down to the smallest face, once. */
    finder_start(f);
    draw(s, &s->background, &s->b, 1, 150, 145, 40);
    searches(s, f, 2, &last);
    before = finder_whole_searches(f);
    assert_int_equal(finder_find(f, &s->background, NULL, &face, &err), 0);
    assert_int_equal(finder_whole_searches(f) - before, 1);
    finder_close(f);
}

/* With a hint the face that is there counts, not the largest, and nothing elsewhere. */
static void a_hint_names_the_face(void **state)
{
    static const enum schedule schedules[] = {SCHEDULE_FAST, SCHEDULE_REFERENCE};
    struct scene *s = *state;
    struct err err = {0};
    struct rect small, nowhere = {280, 10, 380, 110};
    size_t i;

    small = draw(s, &s->background, &s->a, 1, 150, 145, 50);
    draw(s, &s->a, &s->b, 2, 420, 150, 75);
    for (i = 0; i < 2; i++) {
        struct finder *f = open_finder(s, schedules[i], 80);
        struct face face;

        assert_int_equal(finder_find(f, &s->b, &small, &face, &err), 1);
        assert_on(face.box, small);
        assert_int_equal(finder_find(f, &s->b, &nowhere, &face, &err), 0);
        finder_close(f);
    }
}

static void small_faces_need_the_setting(void **state)
{
    struct scene *s = *state;
    struct finder *usual = open_finder(s, SCHEDULE_FAST, 80),
                  *fine = open_finder(s, SCHEDULE_FAST, 40);
    struct rect truth = draw(s, &s->background, &s->a, 1, 320, 180, 46 / BOX_PER_EYE);
    struct err err = {0};
    struct face face;

    assert_int_equal(finder_find(usual, &s->a, NULL, &face, &err), 0);
    assert_int_equal(finder_find(fine, &s->a, NULL, &face, &err), 1);
    assert_on(face.box, truth);
    finder_close(usual);
    finder_close(fine);
}

static void odd_pictures_hold_no_face(void **state)
{
    static const int sizes[][2] = {{1, 1}, {2, 500}, {500, 2}, {3, 3}, {79, 79}, {4000, 4}};
    struct scene *s = *state;
    struct finder *fast = open_finder(s, SCHEDULE_FAST, 80);
    struct finder *reference = open_finder(s, SCHEDULE_REFERENCE, 80);
    struct image img = IMAGE_INIT;
    struct err err = {0};
    size_t i;

    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        static const struct rect outside = {5000, 5000, 5100, 5100};
        struct face face;

        assert_ok(image_shape(&img, sizes[i][0], sizes[i][1], 3, &err), &err);
        image_fill(&img, 90);
        assert_int_equal(finder_find(fast, &img, NULL, &face, &err), 0);
        assert_int_equal(finder_find(fast, &img, &outside, &face, &err), 0);
        assert_int_equal(finder_find(reference, &img, NULL, &face, &err), 0);
    }
    image_release(&img);
    finder_close(fast);
    finder_close(reference);
}

/* The reference schedule gives dlib's box and score, as dlib_oracle prints them. */
static void reference_equals_dlib(void **state)
{
    struct scene *s = *state;
    const char *build = getenv("BUILD_DIR");
    struct finder *f = open_finder(s, SCHEDULE_REFERENCE, 80);
    struct err err = {0};
    char *dir, command[1024], *line = NULL;
    size_t cap = 0;
    FILE *fp;
    unsigned i;

    if (!build || access("/usr/share/dlib/shape_predictor_68_face_landmarks.dat", R_OK) != 0) {
        print_message("no BUILD_DIR or no landmark model\n");
        skip();
    }
    dir = near_enter();
    for (i = 0; i < 3; i++) {
        struct face face;
        struct rect box;
        double score;
        int y;

        draw(s, &s->background, &s->a, i, 200 + 60 * i, 145, 40 + 15 * i);
        fp = fopen("p.ppm", "wb");
        assert_non_null(fp);
        fprintf(fp, "P6\n%d %d\n255\n", WIDTH, HEIGHT);
        for (y = 0; y < HEIGHT; y++)
            assert_int_equal(fwrite(image_row(&s->a, y), 3, WIDTH, fp), WIDTH);
        assert_int_equal(fclose(fp), 0);
        snprintf(command, sizeof(command),
                 "echo p.ppm | '%s/tests/oracle/dlib_oracle' "
                 "/usr/share/dlib/shape_predictor_68_face_landmarks.dat -u",
                 build);
        fp = popen(command, "r");
        assert_non_null(fp);
        assert_true(getline(&line, &cap, fp) > 0);
        assert_int_equal(pclose(fp), 0);
        assert_int_equal(
            sscanf(line, "%d %d %d %d %lf", &box.x0, &box.y0, &box.x1, &box.y1, &score), 5);
        assert_int_equal(finder_find(f, &s->a, NULL, &face, &err), 1);
        assert_bytes(&face.box, &box, sizeof(box));
        assert_near(face.score, score, 1e-5, 0);
    }
    free(line);
    near_leave(dir);
    finder_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_a_moving_face),
        cmocka_unit_test(finds_a_face_again),
        cmocka_unit_test(the_largest_face_counts),
        cmocka_unit_test(a_hint_names_the_face),
        cmocka_unit_test(searches_where_something_changed),
        cmocka_unit_test(small_faces_need_the_setting),
        cmocka_unit_test(odd_pictures_hold_no_face),
        cmocka_unit_test(reference_equals_dlib),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
