#include "tests/near.h"

#include "lib/face_template.h"

/* Numbers of the reference code (CADDM lib/data_preprocess/utils/cropface.py), run under
 * NumPy 1.24: template at two scales, and the fit to five landmarks. */
static void caddm_template_is_the_published_one(void **state)
{
    static const struct point at_1[5] = {{71.717448, 92.561983},
                                         {151.717448, 92.352714},
                                         {111.583607, 153.519135},
                                         {78.558183, 202.075962},
                                         {145.164984, 201.368654}};
    static const struct point at_09[5] = {{75.745703, 92.561983},
                                          {147.745703, 92.383388},
                                          {111.625247, 144.584174},
                                          {81.902365, 186.023650},
                                          {141.848486, 185.420018}};
    const struct face_template *t = face_template_find("caddm");
    struct point to[5];
    int i;

    (void)state;
    t->points(1.0, t->size_px, to);
    for (i = 0; i < 5; i++) {
        assert_near(to[i].x, at_1[i].x, 1e-6, 0);
        assert_near(to[i].y, at_1[i].y, 1e-6, 0);
    }
    t->points(t->scale, t->size_px, to);
    for (i = 0; i < 5; i++) {
        assert_near(to[i].x, at_09[i].x, 1e-6, 0);
        assert_near(to[i].y, at_09[i].y, 1e-6, 0);
    }
}

/* A face whose eye landmarks all lie on the eye centre, so that their mean is that point. */
static struct landmarks five_points(const struct point p[5])
{
    struct landmarks l = {.n = 68};
    int i;

    for (i = 36; i <= 41; i++)
        l.p[i] = p[0];
    for (i = 42; i <= 47; i++)
        l.p[i] = p[1];
    l.p[30] = p[2];
    l.p[48] = p[3];
    l.p[54] = p[4];
    return l;
}

static void caddm_fit_is_the_published_one(void **state)
{
    static const struct point a[5] = {{453, 277}, {545, 277}, {500, 316}, {456, 366}, {544, 366}};
    static const struct point b[5] = {{400, 300}, {500, 310}, {448, 360}, {408, 410}, {484, 418}};
    static const double want_a[6] = {0.8862530948473767, -0.003009772323595008,
                                     -330.0342144040105, 0.003009772323595008,
                                     0.8862530948473767, -145.26453111622328};
    static const double want_b[3] = {0.807384942, 0.051276196, -268.373873};
    const struct face_template *t = face_template_find("caddm");
    struct landmarks l = five_points(a);
    struct err err = {0};
    struct mat3 m;
    int i;

    (void)state;
    assert_ok(face_template_fit(t, t->scale, t->size_px, &l, &m, &err), &err);
    for (i = 0; i < 6; i++)
        assert_near(m.m[i], want_a[i], 1e-9, 1e-12);
    assert_near(m.m[6], 0, 0, 0);
    assert_near(m.m[8], 1, 0, 0);
    l = five_points(b);
    assert_ok(face_template_fit(t, t->scale, t->size_px, &l, &m, &err), &err);
    for (i = 0; i < 3; i++)
        assert_near(m.m[i], want_b[i], 1e-6, 0);
    assert_near(m.m[5], -127.169246, 1e-6, 0);
}

static void templates_scale_with_the_picture(void **state)
{
    struct point one[5], two[5];
    int i, k;

    (void)state;
    for (k = 0; face_templates[k]; k++) {
        const struct face_template *t = face_templates[k];

        t->points(t->scale, 100, one);
        t->points(t->scale, 200, two);
        for (i = 0; i < 5; i++) {
            assert_near(two[i].x, 2 * one[i].x, 1e-9, 0);
            assert_near(two[i].y, 2 * one[i].y, 1e-9, 0);
        }
        assert_true(one[0].x < one[1].x && one[3].x < one[4].x && one[0].y < one[3].y);
        assert_ptr_equal(face_template_find(t->name), t);
    }
    assert_null(face_template_find("nobody"));
}

/* A face that lies on the template already, turned, scaled and moved, comes back to it. */
static void a_similar_face_fits_exactly(void **state)
{
    const struct mat3 turn = {{1.2, -0.5, 31, 0.5, 1.2, -7, 0, 0, 1}};
    int i, k;

    (void)state;
    for (k = 0; face_templates[k]; k++) {
        const struct face_template *t = face_templates[k];
        struct landmarks l = {.n = 68};
        struct point to[5], from[5];
        struct err err = {0};
        struct mat3 m;

        t->points(t->scale, t->size_px, to);
        for (i = 0; i < 5; i++)
            from[i] = mat3_apply(&turn, to[i]);
        l = five_points(from);
        /* deepfakebench reads single landmarks */
        l.p[37] = from[0];
        l.p[44] = from[1];
        l.p[49] = from[3];
        l.p[55] = from[4];
        if (strcmp(t->name, "deepfakebench") != 0)
            l = five_points(from);
        assert_ok(face_template_fit(t, t->scale, t->size_px, &l, &m, &err), &err);
        t->pick(&l, from);
        for (i = 0; i < 5; i++) {
            struct point p = mat3_apply(&m, from[i]);

            assert_near(p.x, to[i].x, 1e-9, 0);
            assert_near(p.y, to[i].y, 1e-9, 0);
        }
    }
}

static void a_face_of_no_extent_is_refused(void **state)
{
    struct landmarks l = {.n = 68};
    struct err err = {0};
    struct mat3 m;

    (void)state;
    assert_fails(face_template_fit(face_templates[0], 0.9, 224, &l, &m, &err), ERR_DATA, &err,
                 "no extent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caddm_template_is_the_published_one),
        cmocka_unit_test(caddm_fit_is_the_published_one),
        cmocka_unit_test(templates_scale_with_the_picture),
        cmocka_unit_test(a_similar_face_fits_exactly),
        cmocka_unit_test(a_face_of_no_extent_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("face_template", tests, NULL, NULL);
}
