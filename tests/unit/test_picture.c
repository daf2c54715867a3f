/* PNG and JPEG files in and out. */
#include "tests/near.h"

#include <jpeglib.h>

#include "lib/media.h"
#include "lib/rng.h"

static struct media_codec *codec;

static int open_codec(void **state)
{
    struct err err = {0};

    (void)state;
    return media_codec_new(&codec, &err);
}

static int close_codec(void **state)
{
    (void)state;
    media_codec_free(codec);
    media_codec_free(NULL);
    return 0;
}

static void noise(struct image *img, int w, int h, int c, uint64_t seed)
{
    struct err err = {0};
    struct rng rng;
    int x, y;

    rng_init(&rng, seed, 0, "noise", "test");
    assert_ok(image_shape(img, w, h, c, &err), &err);
    for (y = 0; y < h; y++)
        for (x = 0; x < w * c; x++)
            image_row(img, y)[x] = (uint8_t)rng_u32(&rng);
}

/* Smooth, as JPEG likes it. */
static void smooth(struct image *img, int w, int h, int c)
{
    struct err err = {0};
    int x, y, k;

    assert_ok(image_shape(img, w, h, c, &err), &err);
    for (y = 0; y < h; y++)
        for (x = 0; x < w; x++)
            for (k = 0; k < c; k++)
                image_row(img, y)[x * c + k] =
                    (uint8_t)(128 + 60 * sin(x * 0.05 + k) + 50 * cos(y * 0.04 - k));
}

static void assert_same(const struct image *a, const struct image *b)
{
    int y;

    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    for (y = 0; y < a->height; y++)
        assert_bytes(image_row(a, y), image_row(b, y), (size_t)(a->width * a->channels));
}

static void png_is_exact(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 50}, {50, 1}, {64, 64}, {37, 23}, {1500, 900}};
    struct image img = IMAGE_INIT, back = IMAGE_INIT, grey = IMAGE_INIT, view;
    struct err err = {0};
    const uint8_t *bytes;
    size_t i, size;
    int level, c;

    (void)state;
    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        for (c = 1; c <= 3; c += 2)
            for (level = 0; level <= 9; level += level ? 4 : 1) {
                noise(&img, sizes[i][0], sizes[i][1], c, i);
                assert_ok(media_encode_picture(codec, &img, MEDIA_PNG, level, &bytes, &size, &err),
                          &err);
                assert_ok(media_decode_picture(codec, bytes, size, "x", &back, &err), &err);
                assert_int_equal(back.channels, 3);
                if (c == 1) {
                    assert_ok(image_to_grey(&grey, &back, &err), &err);
                    assert_same(&grey, &img);
                } else {
                    assert_same(&back, &img);
                }
            }
    view = image_view(&img, 11, 7, 35, 21);
    assert_ok(media_encode_picture(codec, &view, MEDIA_PNG, 1, &bytes, &size, &err), &err);
    assert_ok(media_decode_picture(codec, bytes, size, "x", &back, &err), &err);
    assert_same(&back, &view);
    image_release(&img);
    image_release(&back);
    image_release(&grey);
}

static void the_same_picture_gives_the_same_bytes(void **state)
{
    struct image img = IMAGE_INIT, other = IMAGE_INIT;
    const uint8_t *bytes;
    struct err err = {0};
    size_t size, again;
    uint8_t *kept;
    int f, level;

    (void)state;
    smooth(&img, 61, 45, 3);
    smooth(&other, 132, 99, 1);
    for (f = MEDIA_PNG; f <= MEDIA_JPEG; f++)
        for (level = 1; level <= 5; level += 4) {
            assert_ok(media_encode_picture(codec, &img, f, level, &bytes, &size, &err), &err);
            kept = malloc(size);
            memcpy(kept, bytes, size);
            assert_ok(media_encode_picture(codec, &other, f, 1, &bytes, &again, &err), &err);
            assert_ok(media_encode_picture(codec, &img, f, level, &bytes, &again, &err), &err);
            assert_int_equal(again, size);
            assert_bytes(bytes, kept, size);
            free(kept);
        }
    image_release(&img);
    image_release(&other);
}

/* Every kind of PNG that ffmpeg writes, from a picture that the kind can hold. */
static void png_of_every_kind(void **state)
{
    static const struct {
        const char *format;
        int tolerance; /* of the way there in ffmpeg, not of ours */
        bool grey;
    } kinds[] = {{"rgb24 -pred none", 0, false},
                 {"rgb24 -pred sub", 0, false},
                 {"rgb24 -pred up", 0, false},
                 {"rgb24 -pred avg", 0, false},
                 {"rgb24 -pred paeth", 0, false},
                 {"rgb24 -pred mixed", 0, false},
                 {"gray -pred paeth", 0, true},
                 {"rgba -pred avg", 0, false},
                 {"rgb24 -flags +ildct", 0, false},
                 {"rgba", 0, false},
                 {"rgb48be", 0, false},
                 {"rgba64be", 0, false},
                 {"gray", 0, true},
                 {"gray16be", 0, true},
                 {"ya8", 0, true},
                 {"ya16be", 0, true},
                 {"pal8", 0, false},
                 {"monob", 0, true}};
    struct image img = IMAGE_INIT, back = IMAGE_INIT;
    char *dir = near_enter(), command[256];
    struct err err = {0};
    size_t i;
    int x, y, k;

    (void)state;
    for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        noise(&img, 53, 31, 3, 40 + i);
        for (y = 0; y < 31; y++)
            for (x = 0; x < 53; x++)
                for (k = 0; k < 3; k++) {
                    uint8_t *p = image_row(&img, y) + 3 * x;

                    if (kinds[i].grey)
                        p[k] = p[0];
                    if (strcmp(kinds[i].format, "pal8") == 0 ||
                        strcmp(kinds[i].format, "monob") == 0)
                        p[k] = p[k] > 127 ? 255 : 0;
                }
        assert_ok(media_write_picture(codec, "in.png", &img, MEDIA_PNG, 1, &err), &err);
        snprintf(command, sizeof(command),
                 "ffmpeg -nostdin -y -v error -i in.png -sws_dither none -pix_fmt %s out.png",
                 kinds[i].format);
        if (strcmp(kinds[i].format, "pal8") == 0)
            snprintf(command, sizeof(command),
                     "ffmpeg -nostdin -y -v error -i in.png -i in.png -lavfi "
                     "'[0]palettegen=reserve_transparent=0[p];[1][p]paletteuse=dither=none' "
                     "out.png");
        assert_int_equal(system(command), 0);
        assert_ok(media_read_picture(codec, "out.png", &back, &err), &err);
        assert_int_equal(back.width, 53);
        for (y = 0; y < 31; y++)
            for (x = 0; x < 53 * 3; x++)
                if (abs(image_row(&back, y)[x] - image_row(&img, y)[x]) > kinds[i].tolerance)
                    fail_msg("%s: (%d, %d) is %d, should be %d", kinds[i].format, x / 3, y,
                             image_row(&back, y)[x], image_row(&img, y)[x]);
    }
    image_release(&img);
    image_release(&back);
    near_leave(dir);
}

static void jpeg_is_near(void **state)
{
    static const int sizes[][2] = {{1, 1}, {17, 5}, {64, 64}, {203, 151}};
    struct image img = IMAGE_INIT, back = IMAGE_INIT;
    struct err err = {0};
    const uint8_t *bytes;
    size_t i, size, last;
    int x, y, q, c;

    (void)state;
    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        for (c = 1; c <= 3; c += 2) {
            smooth(&img, sizes[i][0], sizes[i][1], c);
            for (q = 30, last = 0; q <= 100; q += 35) {
                double sum = 0;

                assert_ok(media_encode_picture(codec, &img, MEDIA_JPEG, q, &bytes, &size, &err),
                          &err);
                assert_true(size > last || i == 0);
                last = size;
                assert_ok(media_decode_picture(codec, bytes, size, "x", &back, &err), &err);
                assert_int_equal(back.channels, 3);
                assert_int_equal(back.height, sizes[i][1]);
                for (y = 0; y < back.height; y++)
                    for (x = 0; x < back.width * c; x++) {
                        int d = image_row(&back, y)[c == 3 ? x : 3 * x] - image_row(&img, y)[x];

                        sum += d * d;
                    }
                /* PSNR: 30 dB at quality 30, 40 dB at 100 (chroma is halved) */
                assert_true(sum / (back.height * back.width * c) < (q == 100 ? 6.5 : 65));
            }
        }
    image_release(&img);
    image_release(&back);
}

/* Our files are what the field's are: quality tables of libjpeg and 4:2:0. */
static void jpeg_has_the_usual_tables(void **state)
{
    struct image img = IMAGE_INIT;
    const uint8_t *bytes;
    struct err err = {0};
    size_t size, i;
    int seen = 0;

    (void)state;
    smooth(&img, 40, 40, 3);
    assert_ok(media_encode_picture(codec, &img, MEDIA_JPEG, 75, &bytes, &size, &err), &err);
    for (i = 0; i + 30 < size; i++) {
        /* Annex K.1 begins 16 11 10; quality 75 halves it, rounding up. */
        if (bytes[i] == 0xff && bytes[i + 1] == 0xdb && bytes[i + 4] == 0)
            seen += bytes[i + 5] == 8 && bytes[i + 6] == 6 && bytes[i + 7] == 6;
        if (bytes[i] == 0xff && bytes[i + 1] == 0xc0)
            seen += bytes[i + 11] == 0x22 && bytes[i + 14] == 0x11;
    }
    assert_int_equal(seen, 2);
    image_release(&img);
}

/* What was encoded before leaves no trace in the bytes: threads take pictures as they come. */
static void history_does_not_matter(void **state)
{
    static const enum media_format formats[] = {MEDIA_PNG, MEDIA_PNG, MEDIA_JPEG};
    static const int quality[] = {1, 6, 90};
    struct image img[6] = {IMAGE_INIT};
    struct err err = {0};
    const uint8_t *bytes;
    uint8_t *first[6];
    size_t size, length[6], f, k;
    int round, x, y;

    (void)state;
    for (k = 0; k < 6; k++) {
        assert_ok(image_shape(&img[k], 150 + 37 * (int)k, 210 - 20 * (int)k, 3, &err), &err);
        for (y = 0; y < img[k].height; y++)
            for (x = 0; x < 3 * img[k].width; x++)
                image_row(&img[k], y)[x] =
                    (uint8_t)(128 + 90 * sin(x * .01 * (double)(k + 1)) * cos(y * .03) +
                              (x * 7 + y * 13 + (x * y) % 11) % 5);
    }
    for (f = 0; f < 3; f++) {
        for (round = 0; round < 3; round++)
            for (k = 0; k < 6; k++) {
                size_t at = round % 2 ? 5 - k : k;

                assert_ok(media_encode_picture(codec, &img[at], formats[f], quality[f], &bytes,
                                               &size, &err),
                          &err);
                if (round == 0) {
                    first[at] = malloc(size);
                    assert_non_null(first[at]);
                    memcpy(first[at], bytes, size);
                    length[at] = size;
                }
                assert_int_equal(size, length[at]);
                assert_bytes(bytes, first[at], size);
            }
        for (k = 0; k < 6; k++)
            free(first[k]);
    }
    for (k = 0; k < 6; k++)
        image_release(&img[k]);
}

/* The component's sampling factors are those of T.81, and coloured edges cost accordingly. */
static void jpeg_chroma(void **state)
{
    static const struct {
        enum media_format format;
        uint8_t luma; /* sampling factors, across and down; chroma has 1 and 1 */
    } kinds[] = {{MEDIA_JPEG, 0x22}, {MEDIA_JPEG_422, 0x21}, {MEDIA_JPEG_444, 0x11}};
    struct image img = IMAGE_INIT, back = IMAGE_INIT;
    struct err err = {0};
    const uint8_t *bytes;
    double off[3][2] = {{0}};
    size_t size, i, k;
    int x, y, across;

    (void)state;
    assert_ok(image_shape(&img, 65, 65, 3, &err), &err);
    for (across = 0; across < 2; across++) { /* lines of blue and red, one pixel wide */
        for (y = 0; y < 65; y++) {
            for (x = 0; x < 65; x++)
                memcpy(image_row(&img, y) + 3 * x,
                       (across ? x : y) % 2 ? "\x20\x40\xe0" : "\xe0\x40\x20", 3);
        }
        for (k = 0; k < 3; k++) {
            bool seen = false;

            assert_ok(media_encode_picture(codec, &img, kinds[k].format, 95, &bytes, &size, &err),
                      &err);
            for (i = 0; i + 20 < size && !seen; i++) {
                if (bytes[i] != 0xff || bytes[i + 1] != 0xc0)
                    continue;
                seen = true;
                assert_int_equal(bytes[i + 11], kinds[k].luma);
                assert_int_equal(bytes[i + 14], 0x11);
                assert_int_equal(bytes[i + 17], 0x11);
            }
            assert_true(seen);
            assert_ok(media_decode_picture(codec, bytes, size, "x", &back, &err), &err);
            for (y = 0; y < 65; y++) {
                for (x = 0; x < 3 * 65; x++)
                    off[k][across] +=
                        abs(image_row(&back, y)[x] - image_row(&img, y)[x]) / (3 * 65. * 65);
            }
        }
    }
    assert_true(off[0][0] > 40 && off[0][1] > 40); /* 4:2:0 loses both */
    assert_true(off[1][0] < 5 && off[1][1] > 40);  /* 4:2:2 keeps rows */
    assert_true(off[2][0] < 5 && off[2][1] < 5);   /* 4:4:4 both */
    image_release(&img);
    image_release(&back);
}

/* Encodes by the library itself, in ways that we never write. */
static size_t foreign_jpeg(unsigned char **out, J_COLOR_SPACE space, bool progressive)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned long size = 0;
    uint8_t row[64 * 4];
    int channels = space == JCS_CMYK ? 4 : 3, x;

    *out = NULL;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, out, &size);
    c.image_width = 64;
    c.image_height = 48;
    c.input_components = channels;
    c.in_color_space = space;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 98, TRUE);
    if (progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    /* Red, as RGB or as inverted ink (Adobe's way): 255 - C is red. */
    for (x = 0; x < 64; x++)
        memcpy(row + channels * x, space == JCS_CMYK ? "\xf0\x20\x30\xff" : "\xf0\x20\x30",
               (size_t)channels);
    while (c.next_scanline < 48) {
        JSAMPROW p = row;

        jpeg_write_scanlines(&c, &p, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return size;
}

static void jpeg_of_other_kinds(void **state)
{
    struct image img = IMAGE_INIT;
    struct err err = {0};
    unsigned char *bytes;
    size_t size;
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        size = foreign_jpeg(&bytes, i ? JCS_CMYK : JCS_RGB, true);
        assert_ok(media_decode_picture(codec, bytes, size, "x", &img, &err), &err);
        assert_int_equal(img.width, 64);
        assert_near(image_row(&img, 20)[3 * 30], 0xf0, 4, 0);
        assert_near(image_row(&img, 20)[3 * 30 + 1], 0x20, 4, 0);
        assert_near(image_row(&img, 20)[3 * 30 + 2], 0x30, 4, 0);
        free(bytes);
    }
    image_release(&img);
}

/* Cut at every length, and one bit wrong at many places: an error or a picture, never a crash, and
 * the codec goes on working. A cut file is always an error. */
static void damaged_pictures(void **state)
{
    struct image img = IMAGE_INIT, back = IMAGE_INIT;
    const uint8_t *bytes;
    struct err err = {0};
    uint8_t *copy;
    size_t size, n;
    int f, r;

    (void)state;
    smooth(&img, 45, 37, 3);
    for (f = MEDIA_PNG; f <= MEDIA_JPEG; f++) {
        assert_ok(
            media_encode_picture(codec, &img, f, f == MEDIA_PNG ? 6 : 80, &bytes, &size, &err),
            &err);
        copy = malloc(size);
        memcpy(copy, bytes, size);
        for (n = 0; n + 2 < size; n++) {
            if (f == MEDIA_PNG && n >= size - 12)
                break; /* all but the empty end chunk is a whole picture */
            r = media_decode_picture(codec, copy, n, "cut", &back, &err);
            if (r != ERR_DATA)
                fail_msg("%zu of %zu bytes of format %d: %d", n, size, f, r);
            assert_non_null(strstr(err.text, "'cut'"));
            err_clear(&err);
        }
        for (n = 0; n < size; n += 3) {
            copy[n] ^= (uint8_t)(1 << n % 8);
            r = media_decode_picture(codec, copy, size, "bit", &back, &err);
            assert_true(r == 0 || r == ERR_DATA);
            /* PNG has checksums. */
            if (f == MEDIA_PNG && r == 0)
                assert_same(&back, &img);
            err_clear(&err);
            copy[n] ^= (uint8_t)(1 << n % 8);
        }
        assert_ok(media_decode_picture(codec, copy, size, "whole", &back, &err), &err);
        assert_int_equal(back.width, 45);
        free(copy);
    }
    image_release(&img);
    image_release(&back);
}

static void files_that_are_no_pictures(void **state)
{
    /* A PNG of 100000 x 100000 pixels, and a JPEG of 65500 x 65500. */
    static const uint8_t huge_png[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\x86\xa0\0\1\x86\xa0\x8\2\0\0\0";
    static const uint8_t huge_jpeg[] = "\xff\xd8\xff\xc0\0\x11\x8\xff\xdc\xff\xdc\3\1\x11\0\2\x11"
                                       "\0\3\x11\0\xff\xda\0\xc\3\1\0\2\0\3\0\0\x3f\0";
    struct image img = IMAGE_INIT;
    struct err err = {0};
    char *dir = near_enter();

    (void)state;
    near_file("empty.png", "");
    near_file("text.png", "GIF89a and more");
    assert_fails(media_read_picture(codec, "no.png", &img, &err), ERR_NOINPUT, &err,
                 "cannot open 'no.png': No such file");
    assert_fails(media_read_picture(codec, ".", &img, &err), ERR_NOINPUT, &err, "'.'");
    assert_fails(media_read_picture(codec, "/dev/zero", &img, &err), ERR_NOINPUT, &err,
                 "not a regular file");
    assert_fails(media_read_picture(codec, "empty.png", &img, &err), ERR_DATA, &err,
                 "'empty.png' is empty");
    assert_fails(media_read_picture(codec, "text.png", &img, &err), ERR_DATA, &err,
                 "neither a PNG nor a JPEG");
    assert_fails(media_decode_picture(codec, huge_png, sizeof(huge_png), "huge", &img, &err),
                 ERR_DATA, &err, "'huge'");
    assert_fails(media_decode_picture(codec, huge_jpeg, sizeof(huge_jpeg), "huge", &img, &err),
                 ERR_DATA, &err, "'huge'");
    assert_null(img.data);
    near_leave(dir);
}

static void pictures_are_written_whole(void **state)
{
    struct image img = IMAGE_INIT, back = IMAGE_INIT;
    struct err err = {0};
    char *dir = near_enter(), **names;
    size_t n;

    (void)state;
    noise(&img, 20, 20, 3, 9);
    assert_ok(media_write_picture(codec, "a/b/c.png", &img, MEDIA_PNG, 1, &err), &err);
    assert_ok(media_read_picture(codec, "a/b/c.png", &back, &err), &err);
    assert_same(&back, &img);
    assert_ok(media_write_picture(codec, "a/b/d.jpg", &img, MEDIA_JPEG, 90, &err), &err);
    assert_ok(media_read_picture(codec, "a/b/d.jpg", &back, &err), &err);
    assert_int_equal(back.width, 20);
    assert_ok(fs_list("a/b", &names, &n, &err), &err);
    assert_int_equal(n, 2);
    fs_list_free(names, n);
    assert_int_equal(symlink("/dev/full", "full.png"), 0);
    assert_fails(media_write_picture(codec, "full.png", &img, MEDIA_PNG, 1, &err), ERR_IO, &err,
                 "'full.png': No space");
    assert_fails(media_write_picture(codec, "a/b/c.png/x.png", &img, MEDIA_PNG, 1, &err),
                 ERR_CREATE, &err, "a/b/c.png");
    image_release(&img);
    image_release(&back);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_is_exact),
        cmocka_unit_test(the_same_picture_gives_the_same_bytes),
        cmocka_unit_test(png_of_every_kind),
        cmocka_unit_test(jpeg_is_near),
        cmocka_unit_test(jpeg_has_the_usual_tables),
        cmocka_unit_test(jpeg_chroma),
        cmocka_unit_test(history_does_not_matter),
        cmocka_unit_test(jpeg_of_other_kinds),
        cmocka_unit_test(damaged_pictures),
        cmocka_unit_test(files_that_are_no_pictures),
        cmocka_unit_test(pictures_are_written_whole),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("picture", tests, open_codec, close_codec);
}
