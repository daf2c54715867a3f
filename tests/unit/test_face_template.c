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

        assert_ptr_equal(face_template_find(t->name), t);
        if (!t->points)
            continue;
        t->points(t->scale, 100, one);
        t->points(t->scale, 200, two);
        for (i = 0; i < 5; i++) {
            assert_near(two[i].x, 2 * one[i].x, 1e-9, 0);
            assert_near(two[i].y, 2 * one[i].y, 1e-9, 0);
        }
        assert_true(one[0].x < one[1].x && one[3].x < one[4].x && one[0].y < one[3].y);
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

        if (!t->points)
            continue;
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
    int k;

    (void)state;
    for (k = 0; face_templates[k]; k++)
        assert_fails(face_template_fit(face_templates[k], 1, 224, &l, &m, &err), ERR_DATA, &err,
                     "no extent");
}

/* The published rule, step by step as its tool has it (vectors, not matrices), on one face: the
 * corners of the oriented square go to those of the picture. */
static void ffhq_square_is_the_published_one(void **state)
{
    static const struct point p[5] = {{400, 300}, {500, 310}, {448, 360}, {408, 410}, {484, 418}};
    const struct face_template *t = face_template_find("ffhq");
    double eye[2] = {100, 10}, mouth[2] = {446 - 450, 414 - 305}, x[2], y[2], c[2], n;
    struct landmarks l = five_points(p);
    struct err err = {0};
    struct mat3 m;
    int i;

    (void)state;
    l.p[48] = p[3];
    l.p[54] = p[4];
    x[0] = eye[0] + mouth[1]; /* minus the flipped mouth vector times (-1, 1) */
    x[1] = eye[1] - mouth[0];
    n = sqrt(x[0] * x[0] + x[1] * x[1]);
    for (i = 0; i < 2; i++)
        x[i] = x[i] / n * fmax(hypot(eye[0], eye[1]) * 2.0, hypot(mouth[0], mouth[1]) * 1.8);
    y[0] = -x[1];
    y[1] = x[0];
    c[0] = 450 + mouth[0] * 0.1;
    c[1] = 305 + mouth[1] * 0.1;
    assert_ok(face_template_fit(t, 1.0, 256, &l, &m, &err), &err);
    for (i = 0; i < 4; i++) {
        double sx = i == 0 || i == 1 ? -1 : 1, sy = i == 0 || i == 3 ? -1 : 1;
        /* Landmarks are centres of pixels, the corners of a picture are edges. */
        struct point corner = {c[0] + sx * x[0] + sy * y[0], c[1] + sx * x[1] + sy * y[1]};
        struct point q = mat3_apply(&m, corner);

        assert_near(q.x, sx < 0 ? -0.5 : 255.5, 1e-9, 0);
        assert_near(q.y, sy < 0 ? -0.5 : 255.5, 1e-9, 0);
    }
}

static void own_points_are_kept(void **state)
{
    static const struct point own[5] = {{.3, .4}, {.7, .4}, {.5, .6}, {.35, .8}, {.65, .8}};
    struct face_template t = face_template_own(own, 200);
    const struct mat3 turn = {{0.8, -0.3, 40, 0.3, 0.8, 11, 0, 0, 1}};
    struct point from[5];
    struct landmarks l;
    struct err err = {0};
    struct mat3 m;
    int i, k;

    (void)state;
    for (k = 0; k < 2; k++) { /* at scale 1, and enlarged about the middle */
        double scale = k ? 1.5 : 1;

        for (i = 0; i < 5; i++)
            from[i] = mat3_apply(&turn, (struct point){((own[i].x - .5) * scale + .5) * 200,
                                                       ((own[i].y - .5) * scale + .5) * 200});
        l = five_points(from);
        assert_ok(face_template_fit(&t, scale, 200, &l, &m, &err), &err);
        for (i = 0; i < 5; i++) {
            struct point q = mat3_apply(&m, from[i]);

            assert_near(q.x, ((own[i].x - .5) * scale + .5) * 200, 1e-9, 0);
            assert_near(q.y, ((own[i].y - .5) * scale + .5) * 200, 1e-9, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caddm_template_is_the_published_one),
        cmocka_unit_test(caddm_fit_is_the_published_one),
        cmocka_unit_test(templates_scale_with_the_picture),
        cmocka_unit_test(a_similar_face_fits_exactly),
        cmocka_unit_test(ffhq_square_is_the_published_one),
        cmocka_unit_test(own_points_are_kept),
        cmocka_unit_test(a_face_of_no_extent_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("face_template", tests, NULL, NULL);
}
