/* The landmark engine: a model made by hand whose answer is known, damaged models, and the real
 * model against dlib itself (the program dlib_oracle) on pictures made here. */
#include "tests/near.h"

#include <errno.h>
#include <sys/stat.h>

#include "extract/shape_predictor.h"

#define REAL_MODEL "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"

/* ---- writing dlib's encoding -----------------------------------------------------------------*/

struct bytes {
    unsigned char b[8192];
    size_t n;
};

static void put_whole(struct bytes *out, long long v)
{
    unsigned long long u = v < 0 ? 0ULL - (unsigned long long)v : (unsigned long long)v;
    size_t at = out->n++, n = 0;

    do {
        out->b[out->n++] = (unsigned char)u;
        u >>= 8;
        n++;
    } while (u);
    out->b[at] = (unsigned char)(n | (v < 0 ? 0x80 : 0));
}

static void put_real(struct bytes *out, double v)
{
    int e;
    double m = frexp(v, &e);

    put_whole(out, (long long)ldexp(m, 24));
    put_whole(out, v == 0 ? 0 : e - 24);
}

static void put_column(struct bytes *out, const double *v, int n)
{
    int i;

    put_whole(out, -n);
    put_whole(out, -1);
    for (i = 0; i < n; i++)
        put_real(out, v[i]);
}

/* What can be wrong with the model below. */
struct flaw {
    long long version, splits, leaves, split_index, anchor;
    int leaf_rows;
    size_t cut; /* bytes kept; 0 = all */
    double leaf;
};

static const struct flaw sound = {1, 1, 2, 1, 1, 4, 0, 0.25};

/*
 * Two points at (0.25, 0.5) and (0.75, 0.5) of the box, two levels of one tree of depth 1. The tree
 * compares pool pixel 0 (at point 0) with pool pixel 1 (0.25 right of point 1, at the mean shape).
 * Level 0: brighter by more than 10.5: both points move right by 0.125, else down by `leaf`.
 * Level 1: brighter by more than -0.5: nothing, else both move up by 0.0625.
 */
static void make_model(struct bytes *out, struct flaw f)
{
    const double mean[] = {0.25, 0.5, 0.75, 0.5};
    const double leaves[2][2][4] = {
        {{0.125, 0, 0.125, 0}, {0, f.leaf, 0, f.leaf}},
        {{0, 0, 0, 0}, {0, -0.0625, 0, -0.0625}},
    };
    int level, k;

    out->n = 0;
    put_whole(out, f.version);
    put_column(out, mean, 4);
    put_whole(out, 2);
    for (level = 0; level < 2; level++) {
        put_whole(out, 1);
        put_whole(out, f.splits);
        put_whole(out, 0);
        put_whole(out, f.split_index);
        put_real(out, level == 0 ? 10.5 : -0.5);
        put_whole(out, f.leaves);
        for (k = 0; k < 2; k++)
            put_column(out, leaves[level][k], f.leaf_rows);
    }
    put_whole(out, 2);
    for (level = 0; level < 2; level++) {
        put_whole(out, 2);
        put_whole(out, 0);
        put_whole(out, f.anchor);
    }
    put_whole(out, 2);
    for (level = 0; level < 2; level++) {
        put_whole(out, 2);
        put_real(out, 0);
        put_real(out, 0);
        put_real(out, 0.25);
        put_real(out, 0);
    }
    if (f.cut)
        out->n = f.cut;
}

static void write_bytes(const char *path, const struct bytes *b)
{
    FILE *fp = fopen(path, "wb");

    assert_non_null(fp);
    assert_int_equal(fwrite(b->b, 1, b->n, fp), b->n);
    assert_int_equal(fclose(fp), 0);
}

static struct shape_predictor *load_made(struct flaw f)
{
    struct shape_predictor *m;
    struct bytes b;
    struct err err = {0};

    make_model(&b, f);
    write_bytes("m.dat", &b);
    assert_ok(shape_predictor_load(&m, "m.dat", &err), &err);
    return m;
}

/* ---- a known answer --------------------------------------------------------------------------*/

/* 101 x 81 pixels, all `level`. */
static struct image flat(uint8_t level, int channels)
{
    struct image img = IMAGE_INIT;
    struct err err = {0};

    assert_ok(image_shape(&img, 101, 81, channels, &err), &err);
    image_fill(&img, level);
    return img;
}

/* The box 10..91 x 0..81: 80 pixels from first to last, so 0.25 is 20 pixels. */
static const struct rect box = {10, 0, 91, 81};

static void follows_the_tree_left_and_right(void **state)
{
    struct shape_predictor *m = load_made(sound);
    struct image img = flat(100, 1);
    struct point p[SHAPE_MAX_POINTS];

    (void)state;
    assert_int_equal(shape_predictor_points(m), 2);

    /* Equal pixels: level 0 right (down by 0.25), level 1 left (nothing). */
    shape_predictor_fit(m, &img, box, p);
    assert_near(p[0].x, 30, 1e-5, 0);
    assert_near(p[0].y, 60, 1e-5, 0);
    assert_near(p[1].x, 70, 1e-5, 0);
    assert_near(p[1].y, 60, 1e-5, 0);

    /* Pixel 0 brighter by 11: level 0 left, right by 0.125. At level 1 pixel 0 is read 10 further
     * right, where the picture is dark: right branch, up by 0.0625. */
    image_row(&img, 40)[30] = 111;
    image_row(&img, 40)[40] = 99;
    shape_predictor_fit(m, &img, box, p);
    assert_near(p[0].x, 40, 1e-5, 0);
    assert_near(p[0].y, 35, 1e-5, 0);
    assert_near(p[1].x, 80, 1e-5, 0);
    assert_near(p[1].y, 35, 1e-5, 0);

    /* Brighter by 10 is not enough for the threshold of 10.5. */
    image_row(&img, 40)[30] = 110;
    shape_predictor_fit(m, &img, box, p);
    assert_near(p[0].x, 30, 1e-5, 0);
    image_release(&img);
    shape_predictor_free(m);
}

static void colour_is_averaged_and_outside_is_black(void **state)
{
    struct shape_predictor *m = load_made(sound);
    struct image img = flat(100, 3);
    struct point p[SHAPE_MAX_POINTS];
    uint8_t *at = image_row(&img, 40) + 3 * 30;

    (void)state;
    /* (110 + 120 + 103) / 3 = 111, and with one less it is 110 after truncation */
    at[0] = 110, at[1] = 120, at[2] = 103;
    shape_predictor_fit(m, &img, box, p);
    assert_near(p[0].x, 40, 1e-5, 0);
    at[2] = 102;
    shape_predictor_fit(m, &img, box, p);
    assert_near(p[0].x, 30, 1e-5, 0);

    /* Point 0 is inside, pool pixel 1 is right of the picture and reads 0: 100 > 10.5. */
    shape_predictor_fit(m, &img, (struct rect){60, 0, 141, 81}, p);
    assert_near(p[0].x, 90, 1e-5, 0);
    image_release(&img);
    shape_predictor_free(m);
}

static void far_boxes_are_harmless(void **state)
{
    static const struct rect boxes[] = {{-5000, -5000, -4000, -4000},
                                        {1 << 28, 1 << 28, (1 << 28) + 2, (1 << 28) + 2},
                                        {-(1 << 29), -(1 << 29), 1 << 29, 1 << 29},
                                        {0, 0, 2, 2}};
    struct shape_predictor *m = load_made(sound);
    struct image img = flat(100, 3);
    struct point p[SHAPE_MAX_POINTS];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
        shape_predictor_fit(m, &img, boxes[i], p);
        assert_true(isfinite(p[0].x) && isfinite(p[1].y));
    }
    image_release(&img);
    shape_predictor_free(m);
}

/* ---- damaged models --------------------------------------------------------------------------*/

static void refuse(struct flaw f, const char *words)
{
    struct shape_predictor *m = (void *)1;
    struct bytes b;
    struct err err = {0};

    make_model(&b, f);
    write_bytes("m.dat", &b);
    assert_fails(shape_predictor_load(&m, "m.dat", &err), ERR_DATA, &err, words);
    assert_null(m);
}

static void flaws_are_refused_by_name(void **state)
{
    struct flaw f;

    (void)state;
    refuse((f = sound, f.version = 2, f), "version");
    refuse((f = sound, f.splits = 2, f), "not complete");
    refuse((f = sound, f.splits = 1LL << 40, f), "splits");
    refuse((f = sound, f.leaves = 3, f), "leaves");
    refuse((f = sound, f.leaf_rows = 3, f), "size");
    refuse((f = sound, f.split_index = 2, f), "outside of the pool");
    refuse((f = sound, f.split_index = -1, f), "outside of the pool");
    refuse((f = sound, f.split_index = 70000, f), "outside of the pool");
    refuse((f = sound, f.anchor = 2, f), "anchor");
    refuse((f = sound, f.cut = 100, f), "cut off");
    refuse((f = sound, f.leaf = 1e300, f), "finite");
}

static void infinities_are_refused(void **state)
{
    struct shape_predictor *m;
    struct bytes b = {0};
    struct err err = {0};

    (void)state;
    put_whole(&b, 1);
    put_whole(&b, -4);
    put_whole(&b, -1);
    put_whole(&b, 0);
    put_whole(&b, 32002); /* dlib's NaN */
    write_bytes("m.dat", &b);
    assert_fails(shape_predictor_load(&m, "m.dat", &err), ERR_DATA, &err, "not finite");
}

static void every_cut_and_every_tail_is_refused(void **state)
{
    struct shape_predictor *m;
    struct bytes b;
    struct err err = {0};
    size_t whole, n;

    (void)state;
    make_model(&b, sound);
    whole = b.n;
    for (n = 0; n <= whole + 1; n++) {
        b.n = n;
        write_bytes("m.dat", &b);
        if (n == whole) {
            assert_ok(shape_predictor_load(&m, "m.dat", &err), &err);
            shape_predictor_free(m);
        } else {
            assert_fails(shape_predictor_load(&m, "m.dat", &err), ERR_DATA, &err,
                         "no landmark model");
        }
    }
}

/* Each byte set to several values: refused, or a model that can be used without harm. */
static void no_byte_can_do_harm(void **state)
{
    static const unsigned char values[] = {0, 1, 2, 8, 0x7f, 0x80, 0x81, 0x88, 0xff};
    struct image img = flat(100, 3);
    struct point p[SHAPE_MAX_POINTS];
    struct bytes b;
    size_t at, k, refused = 0;

    (void)state;
    make_model(&b, sound);
    for (at = 0; at < b.n; at++) {
        unsigned char was = b.b[at];

        for (k = 0; k < sizeof(values); k++) {
            struct shape_predictor *m;
            struct err err = {0};

            b.b[at] = values[k];
            write_bytes("m.dat", &b);
            if (shape_predictor_load(&m, "m.dat", &err)) {
                assert_int_equal(err.code, ERR_DATA);
                refused++;
            } else {
                shape_predictor_fit(m, &img, box, p);
                shape_predictor_free(m);
            }
        }
        b.b[at] = was;
    }
    assert_true(refused > b.n); /* most changes break the encoding */
    image_release(&img);
}

static void missing_and_odd_files(void **state)
{
    struct shape_predictor *m;
    struct err err = {0};

    (void)state;
    assert_fails(shape_predictor_load(&m, "none.dat", &err), ERR_MISSING, &err, "'none.dat'");
    assert_fails(shape_predictor_load(&m, ".", &err), ERR_NOINPUT, &err, "no regular file");
    near_file("text.dat", "this is no model, but a line of text\n");
    assert_fails(shape_predictor_load(&m, "text.dat", &err), ERR_DATA, &err, "'text.dat'");
    near_file("empty.dat", "");
    assert_fails(shape_predictor_load(&m, "empty.dat", &err), ERR_DATA, &err, "cut off");
}

/* ---- dlib itself -----------------------------------------------------------------------------*/

/* Something with edges and slopes at all scales, other for each seed. */
static void paint(struct image *img, unsigned seed)
{
    int x, y, c;

    for (y = 0; y < img->height; y++) {
        uint8_t *row = image_row(img, y);

        for (x = 0; x < img->width; x++)
            for (c = 0; c < 3; c++) {
                double v = 128 + 60 * sin(x * 0.021 * (seed % 5 + 1) + c) * cos(y * 0.017 + seed) +
                           50 * sin((x * (c + 1) + y * (int)(seed % 7)) * 0.11);

                row[3 * x + c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
    }
}

static void write_ppm(const char *path, const struct image *img)
{
    FILE *fp = fopen(path, "wb");
    int y;

    assert_non_null(fp);
    fprintf(fp, "P6\n%d %d\n255\n", img->width, img->height);
    for (y = 0; y < img->height; y++)
        assert_int_equal(fwrite(image_row(img, y), 3, (size_t)img->width, fp), img->width);
    assert_int_equal(fclose(fp), 0);
}

static const struct rect oracle_boxes[] = {
    {100, 60, 240, 200}, {10, 10, 90, 90},   {-30, -20, 120, 130}, {200, 100, 420, 320},
    {50, 40, 330, 250},  {301, 17, 378, 94}, {0, 0, 320, 240}};
#define N_BOXES (sizeof(oracle_boxes) / sizeof(*oracle_boxes))
#define N_SEEDS 4

/* Every coordinate equals dlib's, before and after its rounding. */
static void equals_dlib(void **state)
{
    const char *build = getenv("BUILD_DIR");
    struct shape_predictor *m;
    struct image img = IMAGE_INIT;
    struct err err = {0};
    char command[1024], *line = NULL;
    size_t line_cap = 0, i;
    unsigned seed;
    FILE *list, *answers;

    (void)state;
    if (!build || access(REAL_MODEL, R_OK) != 0) {
        print_message("no BUILD_DIR or no %s\n", REAL_MODEL);
        skip();
    }
    list = fopen("list", "w");
    assert_non_null(list);
    for (seed = 0; seed < N_SEEDS; seed++) {
        char name[32];

        assert_ok(image_shape(&img, 320, 240, 3, &err), &err);
        paint(&img, seed);
        snprintf(name, sizeof(name), "p%u.ppm", seed);
        write_ppm(name, &img);
        for (i = 0; i < N_BOXES; i++)

            fprintf(list, "%s %d %d %d %d\n", name, oracle_boxes[i].x0, oracle_boxes[i].y0,
                    oracle_boxes[i].x1, oracle_boxes[i].y1);
    }
    assert_int_equal(fclose(list), 0);
    snprintf(command, sizeof(command), "'%s/tests/oracle/dlib_oracle' %s <list", build, REAL_MODEL);
    answers = popen(command, "r");
    assert_non_null(answers);
    assert_ok(shape_predictor_load(&m, REAL_MODEL, &err), &err);
    assert_int_equal(shape_predictor_points(m), 68);
    for (seed = 0; seed < N_SEEDS; seed++) {
        paint(&img, seed);
        for (i = 0; i < N_BOXES; i++) {
            struct point p[SHAPE_MAX_POINTS];
            double numbers[8 + 4 * 68];
            char *at;
            int k;

            assert_true(getline(&line, &line_cap, answers) > 0);
            at = line;
            for (k = 0; k < 8 + 4 * 68; k++)
                numbers[k] = strtod(at, &at);
            shape_predictor_fit(m, &img, oracle_boxes[i], p);
            for (k = 0; k < 68; k++) {
                assert_true(floor(p[k].x + 0.5) == numbers[8 + 2 * k]);
                assert_true(floor(p[k].y + 0.5) == numbers[9 + 2 * k]);
                assert_near(p[k].x, numbers[8 + 136 + 2 * k], 1e-9, 0);
                assert_near(p[k].y, numbers[9 + 136 + 2 * k], 1e-9, 0);
            }
        }
    }
    assert_int_equal(pclose(answers), 0);
    free(line);
    shape_predictor_free(m);
    image_release(&img);
}

static int enter(void **state)
{
    *state = near_enter();
    return 0;
}

static int leave(void **state)
{
    near_leave(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_tree_left_and_right),
        cmocka_unit_test(colour_is_averaged_and_outside_is_black),
        cmocka_unit_test(far_boxes_are_harmless),
        cmocka_unit_test(flaws_are_refused_by_name),
        cmocka_unit_test(infinities_are_refused),
        cmocka_unit_test(every_cut_and_every_tail_is_refused),
        cmocka_unit_test(no_byte_can_do_harm),
        cmocka_unit_test(missing_and_odd_files),
        cmocka_unit_test(equals_dlib),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
