#include "tests/near.h"

#include "swap/pose.h"
#include "tests/unit/published_vectors.h"

/* Synthetic 68 landmarks of the reference vectors (caddm_vectors.json, landmarks_synth_81). */
static const double synth[68][2] = {
    {390, 300}, {392, 325}, {398, 350}, {408, 373}, {422, 393}, {438, 409}, {457, 421}, {478, 429},
    {500, 432}, {521, 429}, {542, 421}, {561, 409}, {577, 393}, {591, 373}, {601, 350}, {607, 325},
    {610, 300}, {412, 250}, {431, 250}, {451, 250}, {470, 250}, {490, 250}, {509, 250}, {529, 250},
    {548, 250}, {568, 250}, {588, 250}, {500, 267}, {500, 283}, {500, 300}, {500, 316}, {478, 327},
    {489, 327}, {500, 327}, {511, 327}, {522, 327}, {470, 278}, {462, 283}, {445, 283}, {437, 278},
    {445, 272}, {462, 272}, {562, 278}, {554, 283}, {537, 283}, {529, 278}, {537, 272}, {554, 272},
    {456, 366}, {461, 372}, {478, 377}, {500, 379}, {522, 377}, {538, 372}, {544, 366}, {538, 359},
    {522, 354}, {500, 352}, {478, 354}, {461, 359}, {456, 366}, {461, 372}, {478, 377}, {499, 379},
    {522, 377}, {538, 372}, {544, 366}, {538, 359},
};

static struct landmarks face(void)
{
    struct landmarks l = {.n = 68};
    int i;

    for (i = 0; i < 68; i++)
        l.p[i] = (struct point){synth[i][0], synth[i][1]};
    return l;
}

/* The reference truncates the eye centres to (453, 277) and (545, 277): make them so. */
static struct landmarks truncated_face(void)
{
    struct landmarks l = face();
    int i;

    for (i = 36; i < 42; i++)
        l.p[i] = (struct point){453, 277};
    for (i = 42; i < 48; i++)
        l.p[i] = (struct point){545, 277};
    return l;
}

/* paper facts 3.3, run: the template at scale 1 and 0.9. */
static void template_numbers(void **state)
{
    static const double one[5][2] = {{71.717448, 92.561983},
                                     {151.717448, 92.352714},
                                     {111.583607, 153.519135},
                                     {78.558183, 202.075962},
                                     {145.164984, 201.368654}};
    static const double nine[5][2] = {{75.74570309148623, 92.56198347107438},
                                      {147.7457030914863, 92.38338826207656},
                                      {111.62524666113764, 144.58417373178767},
                                      {81.9023650870821, 186.02365000771172},
                                      {141.8484857151028, 185.42001815607105}};
    struct point t[5];
    int i;

    (void)state;
    pose_template(1.0, t);
    for (i = 0; i < 5; i++) {
        assert_near(t[i].x, one[i][0], 1e-6, 0);
        assert_near(t[i].y, one[i][1], 1e-6, 0);
    }
    pose_template(0.9, t);
    for (i = 0; i < 5; i++) {
        assert_near(t[i].x, nine[i][0], 1e-9, 0);
        assert_near(t[i].y, nine[i][1], 1e-9, 0);
    }
}

/* caddm_vectors.json, align_test. */
static void still_equals_the_reference(void **state)
{
    static const double m1[6] = {0.8862530948473767,   -0.003009772323595008, -330.0342144040105,
                                 0.003009772323595008, 0.8862530948473767,    -145.26453111622328};
    struct landmarks l = truncated_face();
    struct mat3 m;
    struct point p;
    int i;

    (void)state;
    assert_int_equal(pose_still(&l, 0.9, &m, NULL), 0);
    for (i = 0; i < 6; i++)
        assert_near(m.m[i], m1[i], 1e-9, 1e-9);
    p = mat3_apply(&m, l.p[30]);
    assert_near(p.x, 112.14129883686445, 1e-4, 0);
    assert_near(p.y, 136.29640463712633, 1e-4, 0);
}

/* caddm_vectors.json, align_aug; its quads went through float32. */
static void jitter_equals_the_reference(void **state)
{
    struct face_jitter j = published_jitter;
    struct landmarks l = truncated_face();
    struct point p, q;
    struct mat3 m;
    int i;

    (void)state;
    assert_int_equal(pose_jittered(&l, &j, &m, NULL), 0);
    for (i = 0; i < 9; i++)
        assert_near(m.m[i] / m.m[8], published_jittered[i] / published_jittered[8], 2e-5, 2e-5);
    p = mat3_apply(&m, l.p[30]);
    assert_near(p.x, published_jittered_nose.x, 1e-3, 0);
    assert_near(p.y, published_jittered_nose.y, 1e-3, 0);

    /* The mirror is the same picture with its columns turned round. */
    j.mirror = true;
    assert_int_equal(pose_jittered(&l, &j, &m, NULL), 0);
    for (i = 0; i < 68; i++) {
        q = mat3_apply(&m, l.p[i]);
        j.mirror = false;
        {
            struct mat3 straight;

            assert_int_equal(pose_jittered(&l, &j, &straight, NULL), 0);
            p = mat3_apply(&straight, l.p[i]);
        }
        j.mirror = true;
        assert_near(q.x, 223 - p.x, 1e-9, 0);
        assert_near(q.y, p.y, 1e-9, 0);
    }
}

static void no_jitter_is_still(void **state)
{
    struct face_jitter j = POSE_STILL;
    struct landmarks l = face();
    struct mat3 a, b;
    int i;

    (void)state;
    assert_int_equal(pose_jittered(&l, &j, &a, NULL), 0);
    assert_int_equal(pose_still(&l, 0.9, &b, NULL), 0);
    for (i = 0; i < 9; i++)
        assert_near(a.m[i] / a.m[8], b.m[i] / b.m[8], 1e-9, 1e-9);
}

static void degenerate_faces(void **state)
{
    struct landmarks l = {.n = 68};
    struct face_jitter j = POSE_STILL;
    struct err err = {0};
    struct mat3 m;

    (void)state;
    assert_fails(pose_still(&l, 0.9, &m, &err), ERR_DATA, &err, "no extent");
    assert_fails(pose_jittered(&l, &j, &m, &err), ERR_DATA, &err, "no extent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(template_numbers),
        cmocka_unit_test(still_equals_the_reference),
        cmocka_unit_test(jitter_equals_the_reference),
        cmocka_unit_test(no_jitter_is_still),
        cmocka_unit_test(degenerate_faces),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pose", tests, NULL, NULL);
}
