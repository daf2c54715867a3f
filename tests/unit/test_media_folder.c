/* Folders of pictures as videos. */
#include "tests/near.h"

#include <sys/stat.h>

#include "lib/hash.h"
#include "lib/media.h"
#include "lib/media_folder.h"

static char *folder;
static struct media_codec *codec;

static void put(const char *name, int value, int side)
{
    struct image img = IMAGE_INIT;
    struct err err = {0};
    bool png = strstr(name, ".png") != NULL;

    assert_ok(image_shape(&img, side, side, 3, &err), &err);
    image_fill(&img, (uint8_t)value);
    assert_ok(
        media_write_picture(codec, name, &img, png ? MEDIA_PNG : MEDIA_JPEG, png ? 1 : 90, &err),
        &err);
    image_release(&img);
}

static void frames_come_by_their_numbers(void **state)
{
    static const char *const names[] = {"v/2.png", "v/10.png", "v/001.jpg", "v/9.png", "v/100.png"};
    static const int order[] = {2, 0, 3, 1, 4};
    struct media_reader *r;
    struct media_info info;
    struct image img = IMAGE_INIT;
    struct err err = {0};
    long long index, n;
    double time_ms;
    size_t i;

    (void)state;
    for (i = 0; i < 5; i++)
        put(names[i], 20 + 40 * (int)i, 16);
    assert_int_equal(rename("v/9.png", "v/9.PNG"), 0);
    near_file("v/notes.txt", "no picture");
    near_file("v/.hidden.png", "no picture");
    assert_int_equal(mkdir("v/sub.png.d", 0700), 0);
    assert_ok(media_count_frames("v", &n, &err), &err);
    assert_int_equal(n, 5);
    assert_ok(media_open(&r, "v", &info, &err), &err);
    assert_int_equal(info.width, 16);
    assert_int_equal(info.frames_claimed, 5);
    assert_string_equal(info.codec, "mjpeg");
    assert_fails(media_picture(r, &img, &err), ERR_FAULT, &err, "no current frame");
    for (i = 0; i < 5; i++) {
        assert_int_equal(media_next(r, &index, &time_ms, &err), 1);
        assert_int_equal(index, i);
        assert_ok(media_picture(r, &img, &err), &err);
        assert_near(image_row(&img, 3)[7], 20 + 40 * order[i], 2, 0);
        assert_ok(media_picture(r, &img, &err), &err); /* again */
        assert_near(image_row(&img, 3)[7], 20 + 40 * order[i], 2, 0);
    }
    assert_int_equal(media_next(r, &index, NULL, &err), 0);
    media_close(r);
    image_release(&img);
}

static void a_bad_picture_is_one_lost_frame(void **state)
{
    static const long long wanted[] = {0, 2, 3};
    struct media_reader *r;
    struct image img = IMAGE_INIT;
    struct err err = {0};
    long long index;

    (void)state;
    put("w/0.png", 10, 16);
    near_file("w/1.png", "no picture, and nobody looks");
    near_file("w/2.png", "no picture");
    put("w/3.png", 40, 24);
    assert_ok(media_open(&r, "w", NULL, &err), &err);
    media_want(r, wanted, 3);
    assert_int_equal(media_next(r, &index, NULL, &err), 1);
    assert_int_equal(media_next(r, &index, NULL, &err), 1);
    assert_int_equal(index, 1);
    assert_fails(media_next(r, &index, NULL, &err), ERR_DATA, &err, "'w/2.png'");
    assert_int_equal(media_next(r, &index, NULL, &err), 1);
    assert_int_equal(index, 3);
    assert_ok(media_picture(r, &img, &err), &err);
    assert_int_equal(img.width, 24);
    assert_int_equal(image_row(&img, 0)[0], 40);
    media_close(r);
    image_release(&img);
}

static void folders_without_pictures_are_refused(void **state)
{
    struct media_reader *r;
    struct err err = {0};
    long long n;

    (void)state;
    assert_int_equal(mkdir("none", 0700), 0);
    near_file("none/a.txt", "x");
    assert_fails(media_open(&r, "none", NULL, &err), ERR_DATA, &err, "holds no PNG or JPEG");
    assert_fails(media_count_frames("none", &n, &err), ERR_DATA, &err, "holds no PNG or JPEG");
    assert_int_equal(n, 0);
    assert_int_equal(mkdir("bad", 0700), 0);
    near_file("bad/0.png", "x");
    assert_fails(media_open(&r, "bad", NULL, &err), ERR_DATA, &err, "'bad/0.png'");
}

static void the_hash_is_of_names_and_contents(void **state)
{
    char a[] = "a", b[] = "b", c[] = "c", *ab[] = {a, b}, *ba[] = {b, a}, *cb[] = {c, b};
    char one[HASH_HEX], other[HASH_HEX];
    struct err err = {0};

    (void)state;
    assert_int_equal(mkdir("h", 0700), 0);
    near_file("h/a", "1");
    near_file("h/b", "2");
    near_file("h/c", "1");
    assert_ok(hash_files("h", ab, 2, one, &err), &err);
    /* as sha256sum a b | sha256sum has it */
    assert_int_equal(system("cd h && sha256sum a b | sha256sum | cut -c1-64 | tr -d '\\n' >sum"),
                     0);
    {
        FILE *f = fopen("h/sum", "r");

        assert_non_null(f);
        assert_int_equal(fread(other, 1, 64, f), 64);
        other[64] = '\0';
        fclose(f);
    }
    assert_string_equal(one, other);
    assert_ok(hash_files("h", ba, 2, other, &err), &err);
    assert_string_not_equal(one, other);
    assert_ok(hash_files("h", cb, 2, other, &err), &err);
    assert_string_not_equal(one, other);
}

static int enter(void **state)
{
    struct err err = {0};

    (void)state;
    folder = near_enter();
    return media_codec_new(&codec, &err);
}

static int leave(void **state)
{
    (void)state;
    media_codec_free(codec);
    near_leave(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_by_their_numbers),
        cmocka_unit_test(a_bad_picture_is_one_lost_frame),
        cmocka_unit_test(folders_without_pictures_are_refused),
        cmocka_unit_test(the_hash_is_of_names_and_contents),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("media_folder", tests, enter, leave);
}
