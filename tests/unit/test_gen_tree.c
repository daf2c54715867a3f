#include "tests/near.h"

#include "lib/json.h"
#include "lib/media.h"
#include "lib/npy.h"
#include "tests/gen/ffpp_tree.h"
#include "tests/gen/head_model.h"
#include "tests/gen/still_motion.h"

static void folder_is_whole_or_not(void **state)
{
    char *dir = near_enter();
    struct err err = {0};

    (void)state;
    near_file("mine.txt", "not yours\n");
    assert_fails(ffpp_begin(".", "a", &err), ERR_CREATE, &err, "not empty");
    assert_ok(ffpp_begin("x/y", "a", &err), &err);
    assert_false(ffpp_is_complete("x/y", "a"));
    assert_ok(ffpp_finish("x/y", "a", &err), &err);
    assert_true(ffpp_is_complete("x/y", "a"));
    assert_false(ffpp_is_complete("x/y", "a b"));
    assert_false(ffpp_is_complete("x/y", ""));
    /* made again: what an earlier run left is gone, and it is not whole in between */
    assert_ok(fs_make_folders("x/y/truth/old", &err), &err);
    assert_ok(ffpp_begin("x/y", "b", &err), &err);
    assert_false(fs_exists("x/y/truth"));
    assert_false(ffpp_is_complete("x/y", "a"));
    assert_ok(ffpp_begin("x/y", "b", &err), &err); /* killed once, started again */
    assert_ok(ffpp_finish("x/y", "b", &err), &err);
    assert_true(ffpp_is_complete("x/y", "b"));
    near_leave(dir);
}

static void lists_have_the_published_form(void **state)
{
    static const struct ffpp_pair pairs[] = {
        {"001", "000", FFPP_TRAIN}, {"still02a", "003", FFPP_TEST}, {"004", "005", FFPP_TRAIN}};
    struct ffpp_source sources[2] = {{"000", "", 0}, {"001", "", 3}};
    const struct jsonr *pair;
    struct jsonr *root = NULL;
    char *dir = near_enter(), *text;
    struct err err = {0};

    (void)state;
    ffpp_video_id("one", sources[0].video);
    ffpp_video_id("two", sources[1].video);
    assert_int_equal(strlen(sources[0].video), 11);
    assert_string_not_equal(sources[0].video, sources[1].video);
    assert_ok(ffpp_write_lists(".", pairs, 3, sources, 2, &err), &err);
    text = near_read("train.json");
    assert_string_equal(text, "[\n  [\n    \"001\",\n    \"000\"\n  ],\n  [\n    \"004\",\n    "
                              "\"005\"\n  ]\n]\n");
    free(text);
    assert_ok(jsonr_load(&root, "test.json", &err), &err);
    assert_int_equal(jsonr_size(root), 1);
    pair = jsonr_at(root, 0);
    assert_string_equal(jsonr_as_text(jsonr_at(pair, 0)), "still02a");
    jsonr_free(root);
    assert_ok(jsonr_load(&root, "val.json", &err), &err);
    assert_int_equal(jsonr_size(root), 0);
    jsonr_free(root);
    assert_ok(jsonr_load(&root, "conversion_dict.json", &err), &err);
    text = strdup(jsonr_as_text(jsonr_get(root, "001")));
    assert_string_equal(text + 11, " 3");
    assert_int_equal(strncmp(text, sources[1].video, 11), 0);
    free(text);
    jsonr_free(root);
    near_leave(dir);
}

static struct clip make_clip(const char *name, int fps, int n, uint8_t shade)
{
    struct clip c;
    struct err err = {0};
    int i, k;

    assert_ok(clip_alloc(&c, name, fps, n, &err), &err);
    for (i = 0; i < n; i++) {
        assert_ok(image_shape(&c.frames[i], 128, 96, 3, &err), &err);
        image_fill(&c.frames[i], shade);
        c.points[i].n = 68;
        head_average(c.points[i].p);
        for (k = 0; k < 68; k++) {
            c.points[i].p[k].x = 64 + i + 0.2 * c.points[i].p[k].x;
            c.points[i].p[k].y = 48 + 0.2 * c.points[i].p[k].y;
        }
    }
    return c;
}

/* A fake has the target's frames and landmarks, the donor's rate, and the tool's length. */
static void fakes_pair_by_index(void **state)
{
    struct clip a = make_clip("000", 25, 6, 200), b = make_clip("001", 24, 4, 60);
    struct media_reader *r = NULL;
    struct media_info info;
    char *dir = near_enter(), *text;
    struct err err = {0};
    struct npy truth;
    long long n;

    (void)state;
    assert_ok(ffpp_write_original(".", &a, &err), &err);
    assert_ok(ffpp_write_original(".", &b, &err), &err);
    assert_ok(ffpp_write_fakes(".", &a, &b, &err), &err);
    assert_ok(media_count_frames("original_sequences/youtube/c23/videos/000.mp4", &n, &err), &err);
    assert_int_equal(n, 6);
    assert_ok(
        media_count_frames("manipulated_sequences/Deepfakes/c23/videos/000_001.mp4", &n, &err),
        &err);
    assert_int_equal(n, 6);
    assert_ok(media_count_frames("manipulated_sequences/FaceSwap/c23/videos/000_001.mp4", &n, &err),
              &err);
    assert_int_equal(n, 4);
    assert_ok(media_count_frames("manipulated_sequences/FaceSwap/c23/videos/001_000.mp4", &n, &err),
              &err);
    assert_int_equal(n, 4);
    assert_ok(media_open(&r, "manipulated_sequences/Deepfakes/c23/videos/000_001.mp4", &info, &err),
              &err);
    assert_near(info.fps, 24, 0.01, 0);
    assert_int_equal(info.width, 128);
    media_close(r);
    assert_ok(npy_read("truth/FaceSwap/000_001.npy", &truth, &err), &err);
    assert_int_equal(truth.shape[0], 4);
    assert_int_equal(truth.shape[1], 68);
    assert_near(((float *)truth.data)[2 * 68 * 2], a.points[2].p[0].x, 1e-3, 0);
    npy_release(&truth);
    text = near_read("truth/Deepfakes/000_001.boxes.tsv");
    assert_non_null(strstr(text, "frame\tx0_px\ty0_px\tx1_px\ty1_px\n0\t"));
    free(text);
    clip_release(&a);
    clip_release(&b);
    near_leave(dir);
}

/* Bright spots on a photograph are found where its moved landmarks say they are. */
static void stills_move_with_their_landmarks(void **state)
{
    static const int spots[] = {8, 19, 30, 36, 45, 48, 54, 57};
    struct image photo = IMAGE_INIT, out = IMAGE_INIT;
    struct landmarks l = {.n = 68}, q;
    struct still_motion m;
    struct err err = {0};
    double moved = 0;
    int i, k, x, y, t;

    (void)state;
    assert_ok(image_shape(&photo, 400, 400, 3, &err), &err);
    image_fill(&photo, 20);
    for (y = 0; y < 400; y++) /* a frame that must not be seen */
        for (x = 0; x < 400; x++)
            if (x < 2 || y < 2 || x > 397 || y > 397)
                memset(image_row(&photo, y) + 3 * x, 255, 3);
    head_average(l.p);
    for (i = 0; i < 68; i++)
        l.p[i] = (struct point){200 + 0.8 * l.p[i].x, 190 + 0.8 * l.p[i].y};
    for (k = 0; k < 8; k++)
        for (y = -9; y <= 9; y++)
            for (x = -9; x <= 9; x++) {
                struct point p = l.p[spots[k]];
                int px = (int)floor(p.x) + x, py = (int)floor(p.y) + y;
                double d = hypot(px - p.x, py - p.y);

                memset(image_row(&photo, py) + 3 * px, (int)(20 + 220 * exp(-d * d / 8)), 3);
            }
    still_motion_make(&m, &photo, &l, 384, 384, 1, "still01a");
    for (t = 0; t < 60; t += 7) {
        assert_ok(still_motion_at(&m, t / 25.0, &out, &q, &err), &err);
        for (k = 0; k < 8; k++) {
            struct point p = q.p[spots[k]];
            double sum = 0, sx = 0, sy = 0;

            for (y = (int)p.y - 8; y <= (int)p.y + 8; y++)
                for (x = (int)p.x - 8; x <= (int)p.x + 8; x++) {
                    double w = image_row(&out, y)[3 * x] - 20;

                    sum += w;
                    sx += w * x;
                    sy += w * y;
                }
            assert_near(sx / sum, p.x, 0.35, 0);
            assert_near(sy / sum, p.y, 0.35, 0);
            moved = fmax(moved, hypot(p.x - l.p[spots[k]].x, p.y - l.p[spots[k]].y));
        }
        for (i = 0; i < 384; i++) {
            assert_true(image_row(&out, 0)[3 * i] < 30 && image_row(&out, 383)[3 * i] < 30);
            assert_true(image_row(&out, i)[0] < 30 && image_row(&out, i)[3 * 383] < 30);
        }
    }
    assert_true(moved > 3);
    image_release(&photo);
    image_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder_is_whole_or_not),
        cmocka_unit_test(lists_have_the_published_form),
        cmocka_unit_test(fakes_pair_by_index),
        cmocka_unit_test(stills_move_with_their_landmarks),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("gen_tree", tests, NULL, NULL);
}
