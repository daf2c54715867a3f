/* Anchors, decoding and blending of BlazeFace, with numbers worked out by hand. */
#include "tests/near.h"

#include "extract/blazeface.h"

/* Grid 0: cells of 1/16, two anchors each; grid 1: cells of 1/8, six anchors each. MediaPipe's
 * anchor calculator gives these for strides 8, 16, 16, 16 of 128 pixels. */
static void anchors_are_the_middles_of_cells(void **state)
{
    static const struct {
        int number;
        float x, y;
    } known[] = {{0, 0.03125f, 0.03125f},  {1, 0.03125f, 0.03125f},  {2, 0.09375f, 0.03125f},
                 {31, 0.96875f, 0.03125f}, {32, 0.03125f, 0.09375f}, {511, 0.96875f, 0.96875f},
                 {512, 0.0625f, 0.0625f},  {517, 0.0625f, 0.0625f},  {518, 0.1875f, 0.0625f},
                 {560, 0.0625f, 0.1875f},  {895, 0.9375f, 0.9375f}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
        float x, y;

        blaze_anchor(known[i].number, &x, &y);
        assert_near(x, known[i].x, 1e-7, 0);
        assert_near(y, known[i].y, 1e-7, 0);
    }
}

static float scores[512], boxes[512 * BLAZE_NUMBERS];
static struct blaze_face faces[BLAZE_ANCHORS];

static void no_face(void)
{
    int i;

    for (i = 0; i < 512; i++)
        scores[i] = -20;
    memset(boxes, 0, sizeof(boxes));
}

static void a_box_is_relative_to_its_anchor(void **state)
{
    /* Grid 1, cell (3, 2), anchor 4: number 6 * (2 * 8 + 3) + 4 = 118, middle (3.5/8, 2.5/8). */
    float *b = boxes + 118 * BLAZE_NUMBERS;
    int i;

    (void)state;
    no_face();
    scores[118] = 2; /* 1 / (1 + e^-2) = 0.8807970779778823 */
    b[0] = 12.8f;    /* 0.1 of 128 */
    b[1] = -6.4f;
    b[2] = 64;
    b[3] = 32;
    for (i = 0; i < 12; i++)
        b[4 + i] = (float)(i - 4) * 12.8f;
    assert_int_equal(blaze_decode(1, scores, boxes, 128, 0.5f, faces, 0, BLAZE_ANCHORS), 1);
    assert_near(faces[0].score, 0.8807970779778823, 1e-6, 0);
    assert_near(faces[0].x, 0.5375, 1e-6, 0);
    assert_near(faces[0].y, 0.2625, 1e-6, 0);
    assert_near(faces[0].width, 0.5, 1e-6, 0);
    assert_near(faces[0].height, 0.25, 1e-6, 0);
    assert_near(faces[0].key[BLAZE_RIGHT_EYE][0], 0.4375 - 0.4, 1e-6, 0);
    assert_near(faces[0].key[BLAZE_RIGHT_EYE][1], 0.3125 - 0.3, 1e-6, 0);
    assert_near(faces[0].key[BLAZE_LEFT_EAR][0], 0.4375 + 0.6, 1e-6, 0);
    assert_near(faces[0].key[BLAZE_LEFT_EAR][1], 0.3125 + 0.7, 1e-6, 0);
    /* Half the numbers with twice the side. */
    assert_int_equal(blaze_decode(1, scores, boxes, 256, 0.5f, faces, 1, BLAZE_ANCHORS), 2);
    assert_near(faces[1].width, 0.25, 1e-6, 0);
}

static void only_sure_and_sound_boxes_count(void **state)
{
    (void)state;
    no_face();
    boxes[2] = boxes[3] = 10;
    scores[0] = -0.01f;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 0);
    scores[0] = 0;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 1);
    scores[0] = 1e30f;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 1);
    assert_near(faces[0].score, 1, 1e-6, 0);
    boxes[2] = -10; /* a width below 0 is none */
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 0);
    boxes[2] = NAN;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 0);
    boxes[2] = 10;
    boxes[0] = INFINITY;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 0);
    scores[0] = NAN;
    boxes[0] = 0;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 9), 0);
    scores[0] = scores[1] = scores[2] = 5;
    for (int i = 0; i < 3; i++)
        boxes[i * BLAZE_NUMBERS + 2] = boxes[i * BLAZE_NUMBERS + 3] = 10;
    assert_int_equal(blaze_decode(0, scores, boxes, 128, 0.5f, faces, 0, 2), 2); /* full */
}

static struct blaze_face face_at(float x, float y, float side, float score)
{
    struct blaze_face f = {.x = x, .y = y, .width = side, .height = side, .score = score};
    int i;

    for (i = 0; i < BLAZE_KEYS; i++) {
        f.key[i][0] = x + (float)i;
        f.key[i][1] = y - (float)i;
    }
    return f;
}

static void iou_of_boxes(void **state)
{
    struct blaze_face a = face_at(0, 0, 2, 1), b = face_at(1, 0, 2, 1), c = face_at(2, 0, 2, 1);

    (void)state;
    assert_near(blaze_iou(&a, &a), 1, 1e-6, 0);
    assert_near(blaze_iou(&a, &b), 1 / 3.0, 1e-6, 0);
    assert_near(blaze_iou(&a, &c), 0, 1e-9, 0);
}

/* The mean is weighted by the scores: (0.9 * 0 + 0.6 * 0.5) / 1.5 = 0.2. The third box touches
 * neither; the fourth overlaps the surest by 0.29, too little. */
static void overlapping_faces_are_blended(void **state)
{
    struct blaze_face f[] = {face_at(0.5f, 0, 2, 0.6f), face_at(10, 10, 2, 0.7f),
                             face_at(0, 0, 2, 0.9f), face_at(1.1f, 0, 2, 0.55f)};

    (void)state;
    assert_int_equal(blaze_blend(f, 4), 3);
    assert_near(f[0].score, 0.9, 1e-6, 0);
    assert_near(f[0].x, 0.2, 1e-6, 0);
    assert_near(f[0].width, 2, 1e-6, 0);
    assert_near(f[0].key[3][0], 3.2, 1e-5, 0);
    assert_near(f[0].key[3][1], -3, 1e-5, 0);
    assert_near(f[1].x, 10, 1e-6, 0);
    assert_near(f[1].score, 0.7, 1e-6, 0);
    assert_near(f[2].x, 1.1, 1e-6, 0);
}

static void equal_scores_keep_their_order(void **state)
{
    struct blaze_face f[] = {face_at(0, 0, 1, 0.8f), face_at(5, 0, 1, 0.8f),
                             face_at(9, 0, 1, 0.8f)};

    (void)state;
    assert_int_equal(blaze_blend(f, 3), 3);
    assert_near(f[0].x, 0, 1e-6, 0);
    assert_near(f[1].x, 5, 1e-5, 0);
    assert_near(f[2].x, 9, 1e-5, 0);
    assert_int_equal(blaze_blend(f, 0), 0);
}

static void outputs_are_known_by_their_shapes(void **state)
{
    struct net_value v[] = {{128, 128, 3}, {8, 8, 96}, {16, 16, 2}, {8, 8, 6}, {16, 16, 32}};
    struct net n = {
        .values = v, .n_values = 5, .input = 0, .outputs = {1, 2, 3, 4}, .n_outputs = 4};
    struct blaze_outputs o;
    struct err err = {0};

    (void)state;
    assert_ok(blaze_outputs_find(&o, &n, "m", &err), &err);
    assert_int_equal(o.side, 128);
    assert_int_equal(o.boxes[1], 0);
    assert_int_equal(o.scores[0], 1);
    assert_int_equal(o.scores[1], 2);
    assert_int_equal(o.boxes[0], 3);
    v[3].channels = 7;
    assert_int_equal(blaze_outputs_find(&o, &n, "m", &err), ERR_DATA);
    v[3].channels = 6;
    v[0].width = 64;
    assert_int_equal(blaze_outputs_find(&o, &n, "m", NULL), ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anchors_are_the_middles_of_cells),
        cmocka_unit_test(a_box_is_relative_to_its_anchor),
        cmocka_unit_test(only_sure_and_sound_boxes_count),
        cmocka_unit_test(iou_of_boxes),
        cmocka_unit_test(overlapping_faces_are_blended),
        cmocka_unit_test(equal_scores_keep_their_order),
        cmocka_unit_test(outputs_are_known_by_their_shapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
