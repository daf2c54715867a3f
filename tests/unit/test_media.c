/* Videos: what comes out against what went in, and against the ffmpeg program. The clips are made
 * anew each time, small, by ffmpeg and by our own writer. */
#include "tests/near.h"

#include <sys/stat.h>

#include "lib/yuv.h"
#include "tests/unit/media_frames.h"

#define ODD SOURCE(",format=yuv444p,crop=101:75")

/* How ffmpeg hands out the stored samples; PACKED: converted to RGB by it. */
enum samples { HALF, WHOLE, PACKED };

/* Everything that differs in how frames are stored. `options` turns the source into the clip. */
static const struct clip {
    const char *name, *options, *codec;
    int frames, width, height;
    bool drops; /* frames that nobody needs can be left out */
    enum samples samples;
    bool full, bt709;
} clips[] = {
    {"plain.mp4", LAVFI "-c:v libx264 -preset veryfast -g 24", "h264", 50, 162, 122, true, HALF,
     false, false},
    {"pyramid.mp4", LAVFI "-c:v libx264 -x264-params bframes=8:b-pyramid=normal:open-gop=1 -g 20",
     "h264", 50, 162, 122, true, HALF, false, false},
    {"ipp.mp4", LAVFI "-c:v libx264 -bf 0", "h264", 50, 162, 122, false, HALF, false, false},
    {"yuv444.mp4", SOURCE("") "-c:v libx264 -pix_fmt yuv444p", "h264", 50, 162, 122, true, WHOLE,
     false, false},
    {"rgb.mp4", SOURCE("") "-c:v libx264rgb -crf 0", "h264", 50, 162, 122, false, PACKED, false,
     false},
    {"bits10.mkv", SOURCE("") "-c:v libx264 -pix_fmt yuv420p10le", "h264", 50, 162, 122, false,
     PACKED, false, false},
    {"full.mp4", SOURCE("") "-c:v libx264 -pix_fmt yuvj420p", "h264", 50, 162, 122, true, HALF,
     true, false},
    {"bt709.mp4", LAVFI "-c:v libx264 -colorspace bt709", "h264", 50, 162, 122, true, HALF, false,
     true},
    {"hd.mp4",
     "-f lavfi -i testsrc2=size=320x720:rate=25:duration=0.4 -pix_fmt yuv420p "
     "-c:v libx264 -x264-params bframes=2:b-adapt=0",
     "h264", 10, 320, 720, true, HALF, false, true},
    {"odd.mp4", ODD "-c:v libx264", "h264", 50, 101, 75, true, WHOLE, false, false},
    {"fields.mp4", SOURCE(",crop=160:96") "-pix_fmt yuv420p -c:v libx264 -flags +ildct+ilme",
     "h264", 50, 160, 96, false, HALF, false, false},
    {"vfr.mp4",
     SOURCE(",select='not(mod(n\\,3))+gt(n\\,30)'") "-vsync vfr -pix_fmt yuv420p -c:v libx264",
     "h264", 30, 162, 122, true, HALF, false, false},
    {"fragments.mp4", LAVFI "-c:v libx264 -g 10 -movflags frag_keyframe+empty_moov", "h264", 50,
     162, 122, true, HALF, false, false},
    {"sound.mp4", SOURCE("") "-f lavfi -i sine=d=3 -pix_fmt yuv420p -c:v libx264 -c:a aac", "h264",
     50, 162, 122, true, HALF, false, false},
    {"plain.mkv", LAVFI "-c:v libx264", "h264", 50, 162, 122, false, HALF, false, false},
    {"plain.ts", LAVFI "-c:v libx264", "h264", 50, 162, 122, false, HALF, false, false},
    {"hevc.mp4", LAVFI "-c:v libx265 -preset ultrafast -x265-params log-level=none", "hevc", 50,
     162, 122, false, HALF, false, false},
    {"vp8.webm", ODD "-pix_fmt yuv420p -c:v libvpx", "vp8", 50, 101, 75, false, HALF, false, false},
    {"vp9.webm", LAVFI "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", "vp9", 50, 162, 122, false,
     HALF, false, false},
    {"mpeg4.avi", LAVFI "-c:v mpeg4 -bf 2 -q:v 4", "mpeg4", 50, 162, 122, false, HALF, false,
     false},
    {"mpeg4.mov", LAVFI "-c:v mpeg4 -bf 2 -q:v 4", "mpeg4", 50, 162, 122, false, HALF, false,
     false},
    {"theora.ogv", LAVFI "-c:v libtheora", "theora", 50, 162, 122, false, HALF, false, false},
    {"mjpeg.mov", SOURCE("") "-pix_fmt yuvj420p -c:v mjpeg -q:v 3", "mjpeg", 50, 162, 122, false,
     HALF, true, false},
};
#define N_CLIPS (sizeof(clips) / sizeof(*clips))

static char *folder;
static bool made[N_CLIPS];

static int make_clips(void **state)
{
    size_t i;

    (void)state;
    folder = near_enter();
    for (i = 0; i < N_CLIPS; i++)
        made[i] = run(FFMPEG "%s %s 2>log.txt", clips[i].options, clips[i].name) == 0;
    return 0;
}

static int remove_clips(void **state)
{
    (void)state;
    near_leave(folder);
    return 0;
}

/* The clip was made; a program without that encoder is told about, H.264 is a must. */
static bool have(size_t i)
{
    if (!made[i])
        print_message("# this ffmpeg cannot make %s\n", clips[i].name);
    assert_true(made[i] || strcmp(clips[i].codec, "h264") != 0);
    return made[i];
}

/* A frame as ffmpeg hands it out, made RGB by the loops that test_yuv.c holds to the formula.
 * Returns its size in bytes. */
static size_t expected(const struct clip *c, const uint8_t *raw, struct image *out)
{
    static struct yuv_scratch scratch;
    size_t w = (size_t)c->width, h = (size_t)c->height, cw = w, ch = h, y;
    struct yuv_planes p = {.width = c->width,
                           .height = c->height,
                           .half_x = c->samples == HALF,
                           .half_y = c->samples == HALF,
                           .kr = c->bt709 ? 0.2126 : 0.299,
                           .kb = c->bt709 ? 0.0722 : 0.114,
                           .full = c->full};
    struct yuv_ops ops;
    struct err err = {0};

    if (c->samples == PACKED) {
        assert_ok(image_shape(out, c->width, c->height, 3, &err), &err);
        for (y = 0; y < h; y++)
            memcpy(image_row(out, (int)y), raw + y * w * 3, w * 3);
        return w * h * 3;
    }
    if (c->samples == HALF) {
        cw = (w + 1) / 2;
        ch = (h + 1) / 2;
    }
    p.data[0] = raw;
    p.data[1] = raw + w * h;
    p.data[2] = p.data[1] + cw * ch;
    p.stride[0] = (ptrdiff_t)w;
    p.stride[1] = p.stride[2] = (ptrdiff_t)cw;
    yuv_ops_init(&ops, 0);
    assert_ok(yuv_to_rgb(&ops, &scratch, &p, out, &err), &err);
    yuv_scratch_release(&scratch);
    return w * h + 2 * cw * ch;
}

static void decodes_as_ffmpeg_does(void **state)
{
    static const char rgb[] =
        "-sws_flags accurate_rnd+full_chroma_int+bitexact+bicubic -pix_fmt rgb24";
    struct image want = IMAGE_INIT;
    int k, y, given;
    size_t i;

    (void)state;
    for (i = 0; i < N_CLIPS; i++) {
        const struct clip *c = &clips[i];
        size_t size, at = 0;
        struct frames f;
        struct err err = {0};
        long long count;
        char *raw;

        if (!have(i))
            continue;
        f = read_frames(c->name, 0, &given);
        if (f.end != 0 || f.n != c->frames || f.info.width != c->width ||
            f.info.height != c->height || strcmp(f.info.codec, c->codec) != 0)
            fail_msg("%s: %d frames of %d x %d, %s, end %d %s", c->name, f.n, f.info.width,
                     f.info.height, f.info.codec, f.end, f.err.text);
        assert_ok(media_count_frames(c->name, &count, &err), &err);
        assert_int_equal(count, c->frames);
        assert_int_equal(run(FFMPEG "-i %s -map v:0 -vsync passthrough %s -f rawvideo ref.raw "
                                    "2>log.txt",
                             c->name, c->samples == PACKED ? rgb : ""),
                         0);
        assert_ok(fs_read("ref.raw", (size_t)1 << 28, &raw, &size, &err), &err);
        for (k = 0; k < f.n; k++) {
            at += expected(c, (uint8_t *)raw + at, &want);
            assert_true(at <= size);
            assert_int_equal(f.number[k], k);
            for (y = 0; y < c->height; y++)
                if (memcmp(image_row(&f.picture[k], y), image_row(&want, y), (size_t)c->width * 3))
                    fail_msg("%s: frame %d differs in row %d", c->name, k, y);
        }
        assert_int_equal(at, size);
        free(raw);
        release_frames(&f);
    }
    image_release(&want);
}

static void skipping_changes_nothing(void **state)
{
    static const int steps[] = {2, 7, 24};
    size_t i, s;
    int k, y, all_given, given, list;

    (void)state;
    for (i = 0; i < N_CLIPS; i++) {
        struct frames all, some;
        bool dropped[2] = {false, false};

        if (!have(i))
            continue;
        all = read_frames(clips[i].name, 0, &all_given);
        for (s = 0; s < 2 * sizeof(steps) / sizeof(*steps); s++) {
            int step = steps[s / 2];

            list = s % 2;
            some = read_frames_by(clips[i].name, step, list, &given);
            assert_int_equal(some.n, all.n / step);
            for (k = 0; k < some.n; k++) {
                long long at = (long long)(k + 1) * step - 1;

                if (some.number[k] != at)
                    fail_msg("%s, step %d: frame %lld came as %lld", clips[i].name, step, at,
                             some.number[k]);
                assert_near(some.time_ms[k], all.time_ms[at], 1e-9, 0);
                for (y = 0; y < some.picture[k].height; y++)
                    assert_bytes(image_row(&some.picture[k], y), image_row(&all.picture[at], y),
                                 (size_t)some.picture[k].width * 3);
            }
            dropped[list] |= given < all_given;
            release_frames(&some);
        }
        /* A hint that drops nothing would pass all of the above. */
        if (dropped[0] != clips[i].drops || dropped[1] != clips[i].drops)
            fail_msg("%s: frames were%s dropped", clips[i].name, clips[i].drops ? " not" : "");
        release_frames(&all);
    }
}

/* ---- frames that know their number ---------------------------------------------------------- */

#define BARS 8

/* The number as eight bars, black for 0 and white for 1, the lowest bit left. */
static void draw_number(struct image *img, int width, int height, unsigned number)
{
    struct err err = {0};
    int x, y;

    assert_ok(image_shape(img, width, height, 3, &err), &err);
    for (y = 0; y < height; y++)
        for (x = 0; x < width; x++)
            memset(image_row(img, y) + 3 * x, number >> (x * BARS / width) & 1 ? 255 : 0, 3);
}

static unsigned read_number(const struct image *img)
{
    unsigned number = 0, i;

    for (i = 0; i < BARS; i++)
        number |=
            (image_row(img, img->height / 2)[3 * ((int)(2 * i + 1) * img->width / 2 / BARS)] > 127)
            << i;
    return number;
}

static void write_numbers(const char *path, const char *codec, const char *options, int n)
{
    struct media_encode e = {
        160, 96, 30000, 1001, codec, options, strstr(codec, "rgb") ? "rgb24" : "yuv420p"};
    struct image img = IMAGE_INIT;
    struct media_writer *w;
    struct err err = {0};
    int i;

    assert_ok(media_create(&w, path, &e, &err), &err);
    for (i = 0; i < n; i++) {
        draw_number(&img, 160, 96, (unsigned)i);
        assert_ok(media_put(w, &img, &err), &err);
    }
    assert_ok(media_finish(w, 1, &err), &err);
    image_release(&img);
}

static void frames_come_in_the_order_shown(void **state)
{
    static const char *const files[][3] = {
        {"n.mp4", "libx264", "bf=5:crf=20:g=48"},
        {"n.mkv", "libx264", "bf=3:crf=20:g=12"},
        {"n.avi", "mpeg4", "bf=2:qmin=2:qmax=2"},
        {"sub/folder/n.mov", "libx264rgb", "crf=0"},
    };
    size_t i;
    int k, given, step;

    (void)state;
    for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
        write_numbers(files[i][0], files[i][1], files[i][2], 100);
        for (step = 0; step < 20; step += 9) {
            struct frames f = read_frames(files[i][0], step, &given);

            assert_int_equal(f.end, 0);
            assert_int_equal(f.n, step ? 100 / step : 100);
            assert_near(f.info.fps, 30000.0 / 1001, 1e-3, 0);
            for (k = 0; k < f.n; k++) {
                assert_int_equal(read_number(&f.picture[k]), f.number[k]);
                /* Matroska has whole milliseconds. */
                assert_near(f.time_ms[k], (double)f.number[k] * 1001 / 30, 1, 0);
            }
            release_frames(&f);
        }
    }
}

/* Cut without encoding anew: decoding starts at a picture before the one shown first. */
static void edits_are_obeyed(void **state)
{
    unsigned first;
    int k, given, step;

    (void)state;
    write_numbers("long.mp4", "libx264", "bf=3:crf=20:g=30", 100);
    assert_int_equal(run(FFMPEG "-ss 1.3 -i long.mp4 -c copy edit.mp4"), 0);
    for (step = 0; step < 20; step += 6) {
        struct frames f = read_frames("edit.mp4", step, &given);
        long long count;
        struct err err = {0};

        assert_int_equal(f.end, 0);
        assert_ok(media_count_frames("edit.mp4", &count, &err), &err);
        assert_int_equal(count, 100 - 39); /* 1.3 s is frame 39 (at 1301.3 ms) */
        assert_int_equal(f.n, step ? count / step : count);
        for (k = 0; k < f.n; k++) {
            first = read_number(&f.picture[k]);
            assert_int_equal(first, 39 + f.number[k]);
        }
        release_frames(&f);
    }
}

static void colours(void **state)
{
    static const uint8_t rgb[][3] = {{255, 0, 0}, {0, 255, 0},     {0, 0, 255},   {255, 255, 255},
                                     {0, 0, 0},   {128, 128, 128}, {200, 30, 90}, {20, 160, 220}};
    static const struct {
        const char *codec, *format;
        int height, tolerance;
    } kinds[] = {{"libx264", "yuv420p", 96, 3},
                 {"libx264", "yuv444p", 720, 3},
                 {"libx264", "yuv420p10le", 720, 2},
                 {"libx264rgb", "rgb24", 96, 0}};
    size_t i, k;
    int given, c;

    (void)state;
    for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct media_encode e = {
            64, kinds[i].height, 25, 1, kinds[i].codec, "crf=0:preset=ultrafast", kinds[i].format};
        struct image img = IMAGE_INIT;
        struct media_writer *w;
        struct err err = {0};
        struct frames f;

        assert_ok(media_create(&w, "c.mp4", &e, &err), &err);
        for (k = 0; k < 8; k++) {
            struct image first;
            int x;

            assert_ok(image_shape(&img, 64, kinds[i].height, 3, &err), &err);
            first = image_view(&img, 0, 0, 64, 1);
            for (x = 0; x < 64; x++)
                memcpy(first.data + 3 * x, rgb[k], 3);
            for (x = 1; x < img.height; x++)
                memcpy(image_row(&img, x), first.data, 64 * 3);
            assert_ok(media_put(w, &img, &err), &err);
        }
        assert_ok(media_finish(w, 1, &err), &err);
        f = read_frames("c.mp4", 0, &given);
        assert_int_equal(f.n, 8);
        for (k = 0; k < 8; k++)
            for (c = 0; c < 3; c++)
                assert_near(image_row(&f.picture[k], 40)[3 * 30 + c], rgb[k][c], kinds[i].tolerance,
                            0);
        release_frames(&f);
        image_release(&img);
    }
}

/* Sets a, b, c and d of the matrix in an MP4 file's tkhd box (ISO 14496-12, 8.3.2): a stored point
 * (x, y) is shown at (a x + c y, b x + d y). */
static void set_matrix(const char *from, const char *to, const int abcd[4])
{
    static const int place[4] = {0, 1, 3, 4};
    struct err err = {0};
    size_t size, at;
    uint8_t *data;
    char *text;
    FILE *fp;
    int i;

    assert_ok(fs_read(from, (size_t)1 << 24, &text, &size, &err), &err);
    data = (uint8_t *)text;
    for (at = 4; memcmp(data + at, "tkhd", 4) != 0; at++)
        ;
    for (i = 0; i < 4; i++) {
        uint32_t v = (uint32_t)abcd[i] << 16;
        uint8_t *p = data + at + 44 + 4 * place[i];

        p[0] = (uint8_t)(v >> 24);
        p[1] = (uint8_t)(v >> 16);
        p[2] = p[3] = 0;
    }
    fp = fopen(to, "w");
    assert_non_null(fp);
    assert_int_equal(fwrite(data, 1, size, fp), size);
    assert_int_equal(fclose(fp), 0);
    free(text);
}

/* Which corner is lit tells how the picture was turned. */
static void rotation_is_applied(void **state)
{
    static const struct {
        int abcd[4];
        bool upright;
        int x, y; /* where the lit corner, stored at the top left, must be */
    } turns[] = {
        {{1, 0, 0, 1}, false, 0, 0},   {{0, 1, -1, 0}, true, 1, 0}, /* clockwise: phones */
        {{-1, 0, 0, -1}, false, 1, 1}, {{0, -1, 1, 0}, true, 0, 1}, {{-1, 0, 0, 1}, false, 1, 0},
        {{1, 0, 0, -1}, false, 0, 1},  {{0, 1, 1, 0}, true, 0, 0},
    };
    struct media_encode e = {160, 96, 25, 1, "libx264", "crf=10", NULL};
    struct image img = IMAGE_INIT, corner;
    struct media_writer *w;
    struct err err = {0};
    int given, x, y;
    size_t i;

    (void)state;
    assert_ok(image_shape(&img, 160, 96, 3, &err), &err);
    image_fill(&img, 0);
    corner = image_view(&img, 0, 0, 80, 48);
    image_fill(&corner, 255);
    assert_ok(media_create(&w, "up.mp4", &e, &err), &err);
    assert_ok(media_put(w, &img, &err), &err);
    assert_ok(media_finish(w, 1, &err), &err);
    for (i = 0; i < sizeof(turns) / sizeof(*turns); i++) {
        int width = turns[i].upright ? 96 : 160, height = turns[i].upright ? 160 : 96;
        struct frames f;

        set_matrix("up.mp4", "turned.mp4", turns[i].abcd);
        f = read_frames("turned.mp4", 0, &given);
        assert_int_equal(f.info.width, width);
        assert_int_equal(f.info.height, height);
        assert_int_equal(f.picture[0].width, width);
        assert_int_equal(f.picture[0].height, height);
        for (y = 0; y < 2; y++)
            for (x = 0; x < 2; x++) {
                const uint8_t *row = image_row(&f.picture[0], height * (2 * y + 1) / 4);

                assert_near(row[3 * (width * (2 * x + 1) / 4)],
                            x == turns[i].x && y == turns[i].y ? 255 : 0, 8, 0);
            }
        release_frames(&f);
    }
    image_release(&img);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void the_same_frames_give_the_same_bytes(void **state)
{
    (void)state;
    write_numbers("one.mp4", "libx264", "bf=2", 20);
    write_numbers("two.mp4", "libx264", "bf=2", 20);
    assert_int_equal(run("cmp one.mp4 two.mp4"), 0);
}

static void writers_say_what_is_wrong(void **state)
{
    struct media_encode e = {160, 96, 25, 1, "libx264", NULL, NULL};
    struct image img = IMAGE_INIT;
    struct media_writer *w;
    struct err err = {0};
    int i, r;

    (void)state;
    draw_number(&img, 160, 96, 5);
    assert_ok(media_create(&w, "kept/no.mp4", &e, &err), &err);
    assert_ok(media_put(w, &img, &err), &err);
    draw_number(&img, 162, 96, 5);
    assert_fails(media_put(w, &img, &err), ERR_FAULT, &err, "162 x 96");
    assert_ok(media_finish(w, 0, &err), &err);
    assert_int_equal(rmdir("kept"), 0); /* nothing was left in it */
    assert_ok(media_finish(NULL, 1, &err), &err);

    assert_fails(media_create(&w, "x.strange", &e, &err), ERR_CREATE, &err, "'x.strange'");
    e.codec = "no-such";
    assert_fails(media_create(&w, "x.mp4", &e, &err), ERR_MISSING, &err, "'no-such'");
    e.codec = "libx264";
    e.options = "crf=18:colour=red";
    assert_fails(media_create(&w, "x.mp4", &e, &err), ERR_FAULT, &err, "'colour'");
    e.options = NULL;
    e.pixel_format = "rgb25";
    assert_fails(media_create(&w, "x.mp4", &e, &err), ERR_FAULT, &err, "'rgb25'");
    e.pixel_format = NULL;
    assert_fails(media_create(&w, "log.txt/x.mp4", &e, &err), ERR_CREATE, &err, "log.txt");
    assert_false(fs_exists("x.mp4"));

    /* A full disk. */
    assert_int_equal(symlink("/dev/full", "full.mkv"), 0);
    draw_number(&img, 160, 96, 5);
    r = media_create(&w, "full.mkv", &e, &err);
    assert_ok(r, &err);
    for (i = 0; i < 50 && !r; i++)
        r = media_put(w, &img, &err);
    if (r)
        assert_ok(media_finish(w, 0, NULL), &err);
    else
        r = media_finish(w, 1, &err);
    assert_fails(r, ERR_IO, &err, "No space left");
    image_release(&img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_as_ffmpeg_does),
        cmocka_unit_test(skipping_changes_nothing),
        cmocka_unit_test(frames_come_in_the_order_shown),
        cmocka_unit_test(edits_are_obeyed),
        cmocka_unit_test(colours),
        cmocka_unit_test(rotation_is_applied),
        cmocka_unit_test(the_same_frames_give_the_same_bytes),
        cmocka_unit_test(writers_say_what_is_wrong),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("media", tests, make_clips, remove_clips);
}
