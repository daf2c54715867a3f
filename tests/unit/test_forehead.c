#include "tests/near.h"

#include "align/forehead.h"

/* A frontal face: means over ten people, symmetric, eye distance 100, eyes' middle at (300, 200).
 * Only the points that the forehead is built from matter; jaw and lips are left at rough places. */
static struct landmarks front(void)
{
    static const double p[68][2] = {
        {-1.093, .099}, {-1.077, .385}, {-1.041, .668}, {-.989, .948},  {-.891, 1.210},
        {-.734, 1.440}, {-.527, 1.630}, {-.283, 1.777}, {0, 1.819},     {.283, 1.777},
        {.527, 1.630},  {.734, 1.440},  {.891, 1.210},  {.989, .948},   {1.041, .668},
        {1.077, .385},  {1.093, .099},  {-.928, -.170}, {-.806, -.331}, {-.604, -.392},
        {-.392, -.371}, {-.193, -.289}, {.193, -.289},  {.392, -.371},  {.604, -.392},
        {.806, -.331},  {.928, -.170},  {0, -.058},     {0, .123},      {0, .303},
        {0, .489},      {-.220, .643},  {-.113, .676},  {0, .708},      {.113, .676},
        {.220, .643},   {-.690, .012},  {-.572, -.063}, {-.430, -.066}, {-.299, .019},
        {-.434, .047},  {-.575, .051},  {.299, .019},   {.430, -.066},  {.572, -.063},
        {.690, .012},   {.575, .051},   {.434, .047},   {-.441, 1.036}, {-.284, .948},
        {-.121, .907},  {0, .935},      {.121, .907},   {.284, .948},   {.441, 1.036},
        {.290, 1.186},  {.131, 1.253},  {0, 1.267},     {-.131, 1.253}, {-.290, 1.186},
        {-.373, 1.038}, {-.123, 1.010}, {0, 1.022},     {.123, 1.010},  {.373, 1.038},
        {.125, 1.098},  {0, 1.113},     {-.125, 1.098},
    };
    struct landmarks l = {.n = 68};
    int i;

    for (i = 0; i < 68; i++)
        l.p[i] = (struct point){300 + 100 * p[i][0], 200 + 100 * p[i][1]};
    return l;
}

static void a_frontal_forehead_is_an_arch_over_the_brows(void **state)
{
    struct landmarks l = front(), all;
    int i;

    (void)state;
    assert_true(forehead_complete(&l, &all));
    assert_int_equal(all.n, 81);
    assert_bytes(all.p, l.p, 68 * sizeof(struct point));
    for (i = 1; i < 13; i++) /* from left to right */
        assert_true(all.p[forehead_order[i]].x > all.p[forehead_order[i - 1]].x);
    for (i = 0; i < 7; i++) {
        struct point a = all.p[forehead_order[i]], b = all.p[forehead_order[12 - i]];

        assert_near(a.x - 300, 300 - b.x, 1e-9, 0); /* symmetric */
        assert_near(a.y, b.y, 1e-9, 0);
        if (i > 0) /* rising to the middle */
            assert_true(a.y < all.p[forehead_order[i - 1]].y);
    }
    /* It begins beside the outer ends of the brows and above the jaw's. */
    assert_true(all.p[77].y < l.p[0].y && all.p[77].x < l.p[17].x && all.p[77].x > l.p[0].x - 10);
    /* The top: trichion to nasion is 0.9 to 1.2 eye distances in adults. */
    assert_near(l.p[27].y - all.p[71].y, 105, 15, 0);
}

static void it_turns_moves_and_grows_with_the_face(void **state)
{
    const struct mat3 turn = {{1.7, -0.6, 31, 0.6, 1.7, -77, 0, 0, 1}};
    struct landmarks l = front(), all, turned;
    int i;

    (void)state;
    assert_true(forehead_complete(&l, &all));
    landmarks_transform(&l, &turn);
    assert_true(forehead_complete(&l, &turned));
    for (i = 68; i < 81; i++) {
        struct point want = mat3_apply(&turn, all.p[i]);

        assert_near(turned.p[i].x, want.x, 1e-8, 0);
        assert_near(turned.p[i].y, want.y, 1e-8, 0);
    }
}

/* A head that turns to the right of the picture: points in front move right by more than those
 * further back, so the forehead's left side opens and its right side closes. */
static void it_follows_a_turning_head(void **state)
{
    struct landmarks l = front(), all, turned;
    double s = sin(0.4), c = cos(0.4), left, right;
    int i;

    (void)state;
    assert_true(forehead_complete(&l, &all));
    for (i = 17; i < 55; i++) {
        double x = (l.p[i].x - 300) / 100, y = (l.p[i].y - 200) / 100, z;

        /* a round front with a nose on it */
        z = 0.25 - 0.5 * x * x + (i >= 28 && i <= 30 ? 0.15 * (i - 27) : 0) + 0.05 * y;
        l.p[i].x = 300 + 100 * (c * x + s * z);
    }
    assert_true(forehead_complete(&l, &turned));
    left = turned.p[71].x - turned.p[77].x;
    right = turned.p[78].x - turned.p[71].x;
    assert_true(left > 1.3 * right);
    assert_true(turned.p[71].x > all.p[71].x);
    assert_near(turned.p[71].y, all.p[71].y, 6, 0);
}

static void a_raised_brow_lifts_its_side(void **state)
{
    struct landmarks l = front(), all, raised;
    int i;

    (void)state;
    assert_true(forehead_complete(&l, &all));
    for (i = 17; i < 22; i++)
        l.p[i].y -= 12;
    assert_true(forehead_complete(&l, &raised));
    assert_true(raised.p[68].y < all.p[68].y - 5);
    assert_near(raised.p[73].y, all.p[73].y, 5, 0);
}

static void measured_points_are_kept_and_nonsense_is_refused(void **state)
{
    struct landmarks l = front(), all, copy, none = {.n = 68};

    (void)state;
    assert_true(forehead_complete(&l, &all));
    all.p[70].x += 5;
    assert_true(forehead_complete(&all, &copy));
    assert_bytes(&copy, &all, sizeof(all));
    assert_false(forehead_complete(&none, &all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frontal_forehead_is_an_arch_over_the_brows),
        cmocka_unit_test(it_turns_moves_and_grows_with_the_face),
        cmocka_unit_test(it_follows_a_turning_head),
        cmocka_unit_test(a_raised_brow_lifts_its_side),
        cmocka_unit_test(measured_points_are_kept_and_nonsense_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("forehead", tests, NULL, NULL);
}
