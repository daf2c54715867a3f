#include "tests/near.h"

#include "lib/landmarks.h"

static void rows_come_out(void **state)
{
    float v[2][68][2];
    struct npy a = {.type = NPY_F32, .dims = 3, .shape = {2, 68, 2}, .data = v};
    struct landmarks l;
    struct err err = {0};
    int i, k;

    (void)state;
    for (i = 0; i < 2; i++)
        for (k = 0; k < 68; k++) {
            v[i][k][0] = (float)(i * 1000 + k);
            v[i][k][1] = (float)(i * 1000 + k) + 0.5f;
        }
    assert_ok(landmarks_from_npy(&a, "x.npy", 1, &l, &err), &err);
    assert_int_equal(l.n, 68);
    assert_near(l.p[67].x, 1067, 0, 0);
    assert_near(l.p[67].y, 1067.5, 0, 0);
    assert_fails(landmarks_from_npy(&a, "x.npy", 2, &l, &err), ERR_DATA, &err,
                 "'x.npy' has 2 rows");
    v[0][3][1] = NAN;
    assert_fails(landmarks_from_npy(&a, "x.npy", 0, &l, &err), ERR_DATA, &err, "landmark 3");
    v[0][3][1] = INFINITY;
    assert_fails(landmarks_from_npy(&a, "x.npy", 0, &l, &err), ERR_DATA, &err, "not finite");
    a.type = NPY_F64;
    assert_fails(landmarks_from_npy(&a, "x.npy", 1, &l, &err), ERR_DATA, &err, "'x.npy'");
    a.type = NPY_F32;
    a.shape[1] = 67;
    assert_fails(landmarks_from_npy(&a, "x.npy", 1, &l, &err), ERR_DATA, &err, "68 or 81");
    a.shape[1] = 68;
    a.dims = 2;
    assert_fails(landmarks_from_npy(&a, "x.npy", 1, &l, &err), ERR_DATA, &err, "68 or 81");
}

static void eyes(void **state)
{
    struct landmarks l = {.n = 68};
    struct mat3 m = {{0, -2, 0, 2, 0, 0, 0, 0, 1}};
    struct point p;
    int i;

    (void)state;
    for (i = 0; i < 6; i++) {
        l.p[36 + i] = (struct point){100 + i, 50};
        l.p[42 + i] = (struct point){130 + i, 90};
    }
    p = landmarks_eye_left(&l);
    assert_near(p.x, 102.5, 1e-12, 0); /* not truncated */
    assert_near(landmarks_eye_distance(&l), 50, 1e-12, 0);
    landmarks_shift(&l, -100, 10);
    p = landmarks_eye_right(&l);
    assert_near(p.x, 32.5, 1e-12, 0);
    assert_near(p.y, 100, 1e-12, 0);
    landmarks_transform(&l, &m); /* a quarter turn, twice as large */
    p = landmarks_eye_right(&l);
    assert_near(p.x, -200, 1e-12, 0);
    assert_near(p.y, 65, 1e-12, 0);
    assert_near(landmarks_eye_distance(&l), 100, 1e-12, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_out),
        cmocka_unit_test(eyes),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("landmarks", tests, NULL, NULL);
}
