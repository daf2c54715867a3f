/* Frames that only unwanted frames need are dropped with them, up to the next IDR picture, and
 * what comes out is the same to the byte and the number. */
#include "tests/near.h"

#include "lib/hash.h"
#include "lib/media.h"
#include "lib/rng.h"

#define FRAMES 420
#define WIDTH  64
#define HEIGHT 48

static char *folder;
static char truth[FRAMES][HASH_HEX];

/* Blocks that drift, so that prediction across frames is used and no two frames are alike. */
static void draw(struct image *img, int t)
{
    struct err err = {0};
    int x, y, c;

    assert_ok(image_shape(img, WIDTH, HEIGHT, 3, &err), &err);
    for (y = 0; y < HEIGHT; y++)
        for (x = 0; x < WIDTH; x++)
            for (c = 0; c < 3; c++)
                image_row(img, y)[3 * x + c] =
                    (uint8_t)(((x + t) / 8 * 53 + (y + t / 3) / 8 * 31 + c * 40 + t) & 255);
}

static void write_clip(const char *name, const char *options)
{
    struct media_encode e = {WIDTH, HEIGHT, 25, 1, "libx264", options, NULL};
    struct image img = IMAGE_INIT;
    struct media_writer *w;
    struct err err = {0};
    int t;

    assert_ok(media_create(&w, name, &e, &err), &err);
    for (t = 0; t < FRAMES; t++) {
        draw(&img, t);
        assert_ok(media_put(w, &img, &err), &err);
    }
    assert_ok(media_finish(w, 1, &err), &err);
    image_release(&img);
}

static void digest(struct media_reader *r, char hex[HASH_HEX])
{
    struct image img = IMAGE_INIT;
    struct hash h;
    struct err err = {0};
    int y;

    assert_ok(media_picture(r, &img, &err), &err);
    assert_ok(hash_init(&h, &err), &err);
    for (y = 0; y < img.height; y++)
        hash_add(&h, image_row(&img, y), (size_t)img.width * 3);
    hash_finish(&h, hex);
    image_release(&img);
}

static void read_truth(const char *name)
{
    struct media_reader *r;
    struct err err = {0};
    long long index;
    int n = 0;

    assert_ok(media_open(&r, name, NULL, &err), &err);
    while (media_next(r, &index, NULL, &err) == 1) {
        assert_int_equal(index, n);
        digest(r, truth[n++]);
    }
    assert_int_equal(n, FRAMES);
    media_close(r);
}

/* Reads the wanted frames and holds them to the truth. Returns how many frames were decoded. */
static int read_wanted(const char *name, const long long *wanted, size_t n)
{
    struct media_reader *r;
    struct err err = {0};
    long long index;
    char hex[HASH_HEX];
    size_t next = 0;
    int given = 0, e;

    assert_ok(media_open(&r, name, NULL, &err), &err);
    media_want(r, wanted, n);
    while ((e = media_next(r, &index, NULL, &err)) == 1) {
        given++;
        if (next < n && index > wanted[next])
            fail_msg("%s: frame %lld did not come", name, wanted[next]);
        if (next == n || index != wanted[next])
            continue;
        digest(r, hex);
        if (strcmp(hex, truth[index]) != 0)
            fail_msg("%s: frame %lld is another", name, index);
        next++;
    }
    assert_ok(e, &err);
    assert_int_equal(next, n);
    media_close(r);
    return given;
}

static const struct {
    const char *name, *options;
    bool idr; /* that come often */
} clips[] = {
    {"g12.mp4", "preset=veryfast:g=12", true},
    {"g5.mp4", "preset=veryfast:g=5:bf=3", true},
    {"intra.mp4", "preset=veryfast:g=1", true},
    {"ipp.mp4", "preset=veryfast:g=12:bf=0", true},
    {"pyramid.mp4", "preset=veryfast:g=30:x264-params=bframes=8\\:b-pyramid=strict", true},
    {"open.mp4", "preset=veryfast:g=12:x264-params=open-gop=1", false},
    {"g250.mp4", "preset=veryfast:g=250", false},
};
#define N_CLIPS (sizeof(clips) / sizeof(*clips))

static void wanted_frames_are_the_same(void **state)
{
    struct rng rng;
    size_t i;
    int k;

    (void)state;
    rng_init(&rng, 1, 0, "wanted", "test");
    for (i = 0; i < N_CLIPS; i++) {
        write_clip(clips[i].name, clips[i].options);
        read_truth(clips[i].name);
        for (k = 0; k < 12; k++) {
            long long wanted[FRAMES], at = -1;
            size_t n = 0;
            int most = 2 << (k % 6);

            for (;;) {
                at += 1 + (long long)rng_below(&rng, (uint32_t)most);
                if (at >= FRAMES)
                    break;
                wanted[n++] = at;
            }
            read_wanted(clips[i].name, wanted, n);
        }
    }
}

/* With an IDR picture every twelve frames, a frame needs eleven before it at the most. */
static void what_nothing_needs_is_not_decoded(void **state)
{
    static const long long ends[] = {0, FRAMES - 1}, one[] = {200};
    size_t i;
    int k;

    (void)state;
    for (i = 0; i < N_CLIPS; i++) {
        long long linspace[32];
        int given;

        read_truth(clips[i].name);
        given = read_wanted(clips[i].name, ends, 2);
        if (!clips[i].idr) {
            assert_true(given > FRAMES / 5);
            continue;
        }
        /* The decoder is fed a few more frames while the first is on its way. */
        if (given > 80)
            fail_msg("%s: %d frames decoded for two", clips[i].name, given);
        given = read_wanted(clips[i].name, one, 1);
        if (given > 80)
            fail_msg("%s: %d frames decoded for one", clips[i].name, given);
        for (k = 0; k < 32; k++)
            linspace[k] = (long long)k * (FRAMES - 1) / 31;
        given = read_wanted(clips[i].name, linspace, 32);
        print_message("# %s: %d of %d frames decoded for 32\n", clips[i].name, given, FRAMES);
        assert_true(given < FRAMES * 3 / 4);
    }
}

static void hints_from_frame_to_frame_do_the_same(void **state)
{
    struct media_reader *r;
    struct err err = {0};
    long long index, want = 60;
    char hex[HASH_HEX];
    int given = 0;

    (void)state;
    read_truth("g12.mp4");
    assert_ok(media_open(&r, "g12.mp4", NULL, &err), &err);
    media_skip_to(r, want);
    while (media_next(r, &index, NULL, &err) == 1) {
        given++;
        if (index < want)
            continue;
        assert_int_equal(index, want);
        digest(r, hex);
        assert_string_equal(hex, truth[index]);
        want += 60;
        media_skip_to(r, want);
    }
    assert_int_equal(want, 420);
    assert_true(given < 250);
    media_close(r);
}

static int enter(void **state)
{
    (void)state;
    folder = near_enter();
    return 0;
}

static int leave(void **state)
{
    (void)state;
    near_leave(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wanted_frames_are_the_same),
        cmocka_unit_test(what_nothing_needs_is_not_decoded),
        cmocka_unit_test(hints_from_frame_to_frame_do_the_same),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("media_tail", tests, enter, leave);
}
