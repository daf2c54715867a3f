#include "tests/near.h"

#include "align/jitter.h"
#include "tests/unit/published_vectors.h"

/* The face of the reference vectors: eye landmarks on the truncated eye centres. */
static struct landmarks face(void)
{
    struct landmarks l = {.n = 68};
    int i;

    for (i = 36; i < 42; i++)
        l.p[i] = (struct point){453, 277};
    for (i = 42; i < 48; i++)
        l.p[i] = (struct point){545, 277};
    l.p[30] = (struct point){500, 316};
    l.p[48] = (struct point){456, 366};
    l.p[54] = (struct point){544, 366};
    l.p[37] = l.p[36];
    l.p[44] = l.p[42];
    l.p[49] = (struct point){470, 361};
    l.p[55] = (struct point){530, 372};
    return l;
}

static struct align_settings settings(const char *name)
{
    const struct face_template *t = face_template_find(name);

    return (struct align_settings){.template = t, .scale = t->scale, .size_px = t->size_px};
}

/* CADDM's align_5p with augmentation, run under NumPy 1.24 (its quads went through float32): scale
 * 0.95, shift (7.25, -3.5), rotation 12.5, stretches 1.02 and 0.98. */
static void caddm_jitter_is_the_published_one(void **state)
{
    struct face_jitter j = published_jitter;
    struct align_settings s = settings("caddm");
    struct landmarks l = face();
    struct err err = {0};
    struct point p;
    struct mat3 m;
    int i;

    (void)state;
    j.scale /= 0.9; /* of the settings */
    assert_ok(jitter_fit(&s, &j, &l, &m, &err), &err);
    for (i = 0; i < 9; i++)
        assert_near(m.m[i] / m.m[8], published_jittered[i] / published_jittered[8], 2e-5, 2e-5);
    /* with the perspective divide, which the reference leaves out */
    p = mat3_apply(&m, l.p[30]);
    assert_near(p.x, published_jittered_nose.x, 1e-3, 0);
    assert_near(p.y, published_jittered_nose.y, 1e-3, 0);
}

static void no_jitter_is_the_plain_face(void **state)
{
    const struct face_jitter none = {.scale = 1, .stretch_x = 1, .stretch_y = 1};
    struct landmarks l = face();
    struct err err = {0};
    struct mat3 a, b;
    int k, i;

    (void)state;
    for (k = 0; face_templates[k]; k++) {
        struct align_settings s = settings(face_templates[k]->name);

        s.margin = k % 2 ? 0.3 : 0;
        assert_ok(align_settings_fit(&s, 1, &l, &a, &err), &err);
        assert_ok(jitter_fit(&s, &none, &l, &b, &err), &err);
        for (i = 0; i < 9; i++)
            assert_near(b.m[i], a.m[i], 1e-9, 1e-9);
    }
}

static void a_larger_face_is_larger_in_every_template(void **state)
{
    const struct face_jitter large = {.scale = 1.2, .stretch_x = 1, .stretch_y = 1};
    struct landmarks l = face();
    struct err err = {0};
    struct mat3 a, b;
    int k;

    (void)state;
    for (k = 0; face_templates[k]; k++) {
        struct align_settings s = settings(face_templates[k]->name);
        struct point p[2], q[2];

        assert_ok(align_settings_fit(&s, 1, &l, &a, &err), &err);
        assert_ok(jitter_fit(&s, &large, &l, &b, &err), &err);
        p[0] = mat3_apply(&a, l.p[36]), p[1] = mat3_apply(&a, l.p[42]);
        q[0] = mat3_apply(&b, l.p[36]), q[1] = mat3_apply(&b, l.p[42]);
        /* CADDM's vertical stretch depends on its scale, so the fit follows a little less. */
        assert_near(q[1].x - q[0].x, 1.2 * (p[1].x - p[0].x), 0, k == 0 ? 0.08 : 1e-9);
    }
}

/* The DeepfakeBench template at scale 1 with a margin of 0.3 is the one at its scale 1.3. */
static void a_margin_is_deepfakebenchs(void **state)
{
    struct align_settings own = settings("deepfakebench"), plain = own;
    struct landmarks l = face();
    struct err err = {0};
    struct mat3 a, b;
    int i;

    (void)state;
    plain.scale = 1;
    plain.margin = 0.3;
    assert_ok(align_settings_fit(&own, 1, &l, &a, &err), &err);
    assert_ok(align_settings_fit(&plain, 1, &l, &b, &err), &err);
    for (i = 0; i < 9; i++)
        assert_near(b.m[i], a.m[i], 1e-9, 1e-9);
}

static void draws_have_the_papers_shares(void **state)
{
    const struct jitter_settings s = {.seed = 7,
                                      .spread = {.scale = 0.9,
                                                 .scale_sd = 0.1,
                                                 .translate_px = 25,
                                                 .rotate_deg = 30,
                                                 .stretch = 0.03,
                                                 .stretch_p = 0.2}};
    double sum = 0, square = 0, moved = 0, turned = 0;
    int i, n = 20000, stretched = 0;

    (void)state;
    for (i = 0; i < n; i++) {
        struct face_jitter j = {0}, again = {0};
        char id[16];
        double v;

        snprintf(id, sizeof(id), "face%d", i);
        jitter_draw(&s, 448, 1, id, &j);
        jitter_draw(&s, 448, 1, id, &again);
        assert_bytes(&j, &again, sizeof(j));
        jitter_draw(&s, 448, 2, id, &again);
        assert_true(j.dx_px != again.dx_px);
        v = 0.9 * j.scale;
        assert_true(v >= 0.6 - 1e-12 && v <= 1.2 + 1e-12);
        sum += v;
        square += (v - 0.9) * (v - 0.9);
        assert_true(fabs(j.dx_px) <= 50 && fabs(j.dy_px) <= 50 && fabs(j.rotate_deg) <= 30);
        assert_true(fabs(j.stretch_x - 1) <= 0.03 && fabs(j.stretch_y - 1) <= 0.03);
        stretched += j.stretch_x != 1;
        moved += j.dx_px * j.dx_px;
        turned += fabs(j.rotate_deg);
    }
    assert_near(sum / n, 0.9, 0.003, 0);
    assert_near(sqrt(square / n), 0.1, 0.003, 0);
    assert_near((double)stretched / n, 0.2, 0.01, 0);
    assert_near(moved / n, 2500 / 3.0, 0, 0.03); /* uniform in +-50 */
    assert_near(turned / n, 7.5, 0.2, 0);        /* 30 E|u|^3 = 30 / 4 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caddm_jitter_is_the_published_one),
        cmocka_unit_test(no_jitter_is_the_plain_face),
        cmocka_unit_test(a_larger_face_is_larger_in_every_template),
        cmocka_unit_test(a_margin_is_deepfakebenchs),
        cmocka_unit_test(draws_have_the_papers_shares),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("jitter", tests, NULL, NULL);
}
