#include "tests/near.h"

#include "swap/anchors.h"

static void published_anchors(void **state)
{
    /* paper facts 2.2, run. */
    static const struct {
        int i;
        struct anchor a;
    } want[] = {
        {0, {0.071429, 0.071429, 0.178571, 0.357143}},
        {98, {0.100446, 0.100446, 0.357143, 0.535714}},
        {148, {0.167411, 0.167411, 0.535714, 0.714286}},
        {166, {0.5, 0.5, 1, 1}},
        {167, {0.5, 0.5, 1, 1}},
    };
    struct anchor a[ANCHORS];
    size_t k;

    (void)state;
    anchors_make(a);
    for (k = 0; k < sizeof want / sizeof *want; k++) {
        assert_near(a[want[k].i].cx, want[k].a.cx, 1e-6, 0);
        assert_near(a[want[k].i].cy, want[k].a.cy, 1e-6, 0);
        assert_near(a[want[k].i].w, want[k].a.w, 1e-6, 0);
        assert_near(a[want[k].i].h, want[k].a.h, 1e-6, 0);
    }
}

/* paper facts 3.5, bug 2: rows 88..128, columns 132..212 is anchor 53 (WIDE), where the reference,
 * with its axes transposed, trains anchor 76 (TALL). */
static void boxes_are_x_first(void **state)
{
    const struct rect box = {132, 88, 212, 128};
    float t[ANCHORS][ANCHOR_VALUES];
    struct anchor a[ANCHORS];
    double most = -1;
    int i, best = -1;

    (void)state;
    anchors_make(a);
    anchors_match(a, &box, 1, t);
    assert_near(t[53][0], 1, 0, 0);
    assert_near(t[76][0], 0, 0, 0);
    for (i = 0; i < ANCHORS; i++) {
        double x0 = fmax(a[i].cx - a[i].w / 2, 132 / 224.0),
               x1 = fmin(a[i].cx + a[i].w / 2, 212 / 224.0);
        double y0 = fmax(a[i].cy - a[i].h / 2, 88 / 224.0),
               y1 = fmin(a[i].cy + a[i].h / 2, 128 / 224.0);
        double o = fmax(0, x1 - x0) * fmax(0, y1 - y0);
        double iou = o / (a[i].w * a[i].h + 80 * 40 / (224.0 * 224.0) - o);

        if (iou > most) {
            most = iou;
            best = i;
        }
        assert_int_equal(t[i][0] != 0, iou >= 0.5);
    }
    assert_int_equal(best, 53);
}

/* Decoding the offsets of a positive gives the box back (the reference's decode()). */
static void offsets_decode_to_the_box(void **state)
{
    const struct rect box[2] = {{0, 0, 224, 224}, {50, 61, 130, 103}};
    float t[ANCHORS][ANCHOR_VALUES];
    struct anchor a[ANCHORS];
    int i, n = 0;

    (void)state;
    anchors_make(a);
    anchors_match(a, box, 2, t);
    for (i = 0; i < ANCHORS; i++) {
        const struct rect *b = i >= 166 ? &box[0] : &box[1];
        double cx, cy, w, h;

        if (t[i][0] == 0)
            continue;
        n++;
        cx = a[i].cx + t[i][1] * 0.1 * a[i].w;
        cy = a[i].cy + t[i][2] * 0.1 * a[i].h;
        w = a[i].w * exp(t[i][3] * 0.2);
        h = a[i].h * exp(t[i][4] * 0.2);
        assert_near((cx - w / 2) * 224, b->x0, 1e-3, 0);
        assert_near((cy - h / 2) * 224, b->y0, 1e-3, 0);
        assert_near((cx + w / 2) * 224, b->x1, 1e-3, 0);
        assert_near((cy + h / 2) * 224, b->y1, 1e-3, 0);
    }
    assert_near(t[166][0] + t[167][0], 2, 0, 0);
    assert_true(n > 2);
}

/* A box that overlaps no anchor by half still gets its best one. Genuine faces get none. */
static void every_box_has_an_anchor(void **state)
{
    const struct rect small = {200, 3, 209, 11};
    float t[ANCHORS][ANCHOR_VALUES];
    struct anchor a[ANCHORS];
    int i, n = 0;

    (void)state;
    anchors_make(a);
    anchors_match(a, &small, 1, t);
    for (i = 0; i < ANCHORS; i++)
        n += t[i][0] != 0;
    assert_int_equal(n, 1);
    anchors_match(a, &small, 0, t);
    for (i = 0; i < ANCHORS * ANCHOR_VALUES; i++)
        assert_near((&t[0][0])[i], 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_anchors),
        cmocka_unit_test(boxes_are_x_first),
        cmocka_unit_test(offsets_decode_to_the_box),
        cmocka_unit_test(every_box_has_an_anchor),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("anchors", tests, NULL, NULL);
}
