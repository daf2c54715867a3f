/* Videos that are none, break off or are damaged: what there is comes out, and a line says the
 * rest.
 */
#include "tests/near.h"

#include <sys/stat.h>

#include "tests/unit/media_frames.h"

static char *folder;

static int make_clips(void **state)
{
    (void)state;
    folder = near_enter();
    return run(FFMPEG LAVFI "-c:v libx264 -preset veryfast -g 24 plain.mp4") ||
           run(FFMPEG LAVFI "-c:v libx264 plain.mkv");
}

static int remove_clips(void **state)
{
    (void)state;
    near_leave(folder);
    return 0;
}

static void what_is_no_video_is_told_in_a_line(void **state)
{
    static const struct {
        const char *path;
        int code;
        const char *words;
    } cases[] = {
        {"none.mp4", ERR_NOINPUT, "cannot open 'none.mp4': No such file"},
        {"folder.mp4", ERR_DATA, "the folder 'folder.mp4' holds no PNG or JPEG picture"},
        {"/dev/zero", ERR_NOINPUT, "'/dev/zero' is not a regular file"},
        {"empty.mp4", ERR_DATA, "'empty.mp4' is empty"},
        {"text.mp4", ERR_DATA, "'text.mp4'"},
        {"a:b?c.mp4", ERR_DATA, "'a:b?c.mp4'"},
        {"noise.mp4", ERR_DATA, "'noise.mp4'"},
        {"sound.m4a", ERR_DATA, "'sound.m4a' holds no video"},
        {"cover.mp4", ERR_DATA, "'cover.mp4' holds no video"},
        {"list.m3u8", ERR_DATA, "'list.m3u8' is not a video file"},
        {"list.mp4", ERR_DATA, "'list.mp4' is not a video file"},
        {"picture.png", ERR_DATA, "'picture.png' is not a video file"},
        {"headers.mp4", ERR_DATA, "'headers.mp4'"},
    };
    struct media_reader *r;
    struct err err = {0};
    long long n;
    size_t i;

    (void)state;
    assert_int_equal(mkdir("folder.mp4", 0777), 0);
    near_file("empty.mp4", "");
    near_file("text.mp4", "it was a dark and stormy night\n");
    near_file("a:b?c.mp4", "no protocol");
    near_file("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:3,\nplain.ts\n"
                           "#EXT-X-ENDLIST\n");
    near_file("list.mp4", "ffconcat version 1.0\nfile plain.mp4\n");
    assert_int_equal(run("tail -c 5000 plain.mkv | gzip -9 >noise.mp4"), 0);
    assert_int_equal(run(FFMPEG "-f lavfi -i sine=d=1 sound.m4a"), 0);
    assert_int_equal(run(FFMPEG LAVFI "-frames:v 1 picture.png"), 0);
    assert_int_equal(run(FFMPEG "-i sound.m4a -i picture.png -map 0 -map 1 -c:a copy -c:v png "
                                "-disposition:v attached_pic cover.mp4"),
                     0);
    /* The index is there and not one frame: what a broken download may leave. */
    assert_int_equal(run(FFMPEG LAVFI "-c:v libx264 -movflags faststart all.mp4; "
                                      "head -c 2400 all.mp4 >headers.mp4"),
                     0);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_fails(media_open(&r, cases[i].path, NULL, &err), cases[i].code, &err,
                     cases[i].words);
        assert_fails(media_count_frames(cases[i].path, &n, &err), cases[i].code, &err,
                     cases[i].words);
        assert_int_equal(n, 0);
    }
}

static void broken_files_give_what_is_there(void **state)
{
    static const char *const files[][2] = {
        {"b.mp4", LAVFI "-c:v libx264 -movflags faststart"},
        {"b.mkv", LAVFI "-c:v libx264"},
        {"b.avi", LAVFI "-c:v mpeg4 -bf 2"},
        {"b.webm", LAVFI "-c:v libvpx -b:v 300k"},
        {"f.mp4", LAVFI "-c:v libx264 -g 10 -movflags frag_keyframe+empty_moov"},
    };
    size_t i;
    int k, y, all_given, given, step;

    (void)state;
    for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct frames whole, part;
        char name[32];
        struct err err = {0};
        long long n;

        assert_int_equal(run(FFMPEG "%s %s", files[i][1], files[i][0]), 0);
        snprintf(name, sizeof(name), "part-%s", files[i][0]);
        assert_int_equal(
            run("head -c %lld %s >%s", fs_size(files[i][0]) * 6 / 10, files[i][0], name), 0);
        whole = read_frames(files[i][0], 0, &all_given);
        assert_int_equal(whole.n, 50);
        for (step = 0; step < 4; step += 3) {
            part = read_frames(name, step, &given);
            assert_int_equal(part.end, ERR_DATA);
            assert_non_null(strstr(part.err.text, "breaks off after"));
            assert_non_null(strstr(part.err.text, name));
            assert_in_range(part.n, step ? 3 : 10, 45);
            for (k = 0; k < part.n; k++) {
                assert_int_equal(part.number[k], step ? step * (k + 1) - 1 : k);
                for (y = 0; y < 122; y++)
                    assert_bytes(image_row(&part.picture[k], y),
                                 image_row(&whole.picture[part.number[k]], y), 162 * 3);
            }
            if (!step) {
                assert_int_equal(media_count_frames(name, &n, &err), ERR_DATA);
                assert_int_equal(n, part.n);
            }
            release_frames(&part);
        }
        release_frames(&whole);
    }
}

/* A wrong bit is concealed; a packet of nothing ends the video, as numbers after it would lie. */
static void damage_in_the_middle(void **state)
{
    struct err err = {0};
    size_t size, at;
    uint8_t *data;
    struct frames f;
    int given, i;
    char *text;
    FILE *fp;

    (void)state;
    for (i = 0; i < 2; i++) {
        assert_ok(fs_read("plain.mp4", (size_t)1 << 24, &text, &size, &err), &err);
        data = (uint8_t *)text;
        for (at = 4; memcmp(data + at, "mdat", 4) != 0; at++)
            ;
        if (i == 0)
            data[at + 25000] ^= 0x10;
        else
            memset(data + at + 20000, 0, 6000);
        fp = fopen("hurt.mp4", "w");
        assert_non_null(fp);
        assert_int_equal(fwrite(data, 1, size, fp), size);
        assert_int_equal(fclose(fp), 0);
        f = read_frames("hurt.mp4", 0, &given);
        if (i == 0) {
            assert_int_equal(f.end, 0);
            assert_int_equal(f.n, 50);
        } else {
            assert_int_equal(f.end, ERR_DATA);
            assert_non_null(strstr(f.err.text, "cannot be decoded"));
            assert_in_range(f.n, 1, 49);
        }
        release_frames(&f);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_video_is_told_in_a_line),
        cmocka_unit_test(broken_files_give_what_is_there),
        cmocka_unit_test(damage_in_the_middle),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("media_damage", tests, make_clips, remove_clips);
}
