/* Compressed and plain files give the same bytes; damage is told. */
#include "tests/near.h"

#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/byte_stream.h"
#include "lib/rng.h"

#define SIZE 700001

static char folder[] = "/tmp/lp-stream-XXXXXX";
static char *text;

/* Numbers as text: compresses, and is longer than any buffer inside. */
static int setup(void **state)
{
    struct rng g;
    size_t i;

    (void)state;
    text = malloc(SIZE);
    rng_init(&g, 3, 0, "bytes", "test");
    for (i = 0; text && i < SIZE; i++)
        text[i] = (char)(i % 60 == 59 ? '\n' : '0' + rng_below(&g, 10));
    return text && mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    char command[64];

    (void)state;
    free(text);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return chdir("/") || system(command) ? -1 : 0;
}

/* Reads all of it in odd pieces; the code, and how much came. */
static int read_all(const char *path, char *to, size_t room, size_t *n, const char **filter,
                    struct err *err)
{
    struct byte_stream *s;
    size_t got = 1;
    int r = byte_stream_open(&s, path, err);

    *n = 0;
    if (r)
        return r;
    *filter = byte_stream_filter(s);
    while (!r && got && *n < room) {
        size_t want = 1 + *n % 4099;

        r = byte_stream_read(s, to + *n, want < room - *n ? want : room - *n, &got, err);
        *n += r ? 0 : got;
    }
    byte_stream_close(s);
    return r;
}

static void same_bytes(void **state)
{
    static const struct {
        const char *path, *command, *filter;
    } cases[] = {{"plain", "true", NULL},
                 {"a.gz", "gzip -c plain >a.gz", "gzip"},
                 {"two.gz",
                  "{ head -c 300000 plain | gzip; tail -c +300001 plain | gzip; } >two.gz", "gzip"},
                 {"a.bz2", "bzip2 -c plain >a.bz2", "bzip2"},
                 {"a.xz", "xz -c plain >a.xz", "xz"},
                 {"a.zst", "zstd -q -c plain >a.zst", "zstd"},
                 {"a.lz4", "lz4 -q -c plain >a.lz4", "lz4"}};
    char *back = malloc(SIZE + 10);
    struct err err = {0};
    size_t i, n, known = 0;

    (void)state;
    assert_non_null(back);
    assert_ok(atomic_write("plain", text, SIZE, &err), &err);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *filter = "unset";
        char command[256];

        snprintf(command, sizeof(command), "(%s) 2>/dev/null", cases[i].command);
        if (system(command))
            continue; /* this compressor is not installed */
        known++;
        assert_ok(read_all(cases[i].path, back, SIZE + 10, &n, &filter, &err), &err);
        assert_int_equal(n, SIZE);
        assert_bytes(back, text, SIZE);
        if (cases[i].filter)
            assert_string_equal(filter, cases[i].filter);
        else
            assert_null(filter);
    }
    assert_true(known >= 3); /* plain and two of gzip at the very least */
    free(back);
}

static void short_files(void **state)
{
    char back[16];
    const char *filter;
    struct err err = {0};
    size_t n, len;

    (void)state;
    for (len = 0; len < 12; len++) {
        assert_ok(atomic_write("short", text, len, &err), &err);
        assert_ok(read_all("short", back, sizeof(back), &n, &filter, &err), &err);
        assert_int_equal(n, len);
        assert_bytes(back, text, len);
    }
    assert_int_equal(system("gzip -c </dev/null >none.gz"), 0);
    assert_ok(read_all("none.gz", back, sizeof(back), &n, &filter, &err), &err);
    assert_int_equal(n, 0);
}

static void damage_is_told(void **state)
{
    char *back = malloc(SIZE + 10);
    const char *filter;
    struct err err = {0};
    size_t n;

    (void)state;
    assert_non_null(back);
    assert_int_equal(system("gzip -c plain >whole.gz; head -c 20000 whole.gz >cut.gz"), 0);
    assert_int_equal(read_all("cut.gz", back, SIZE + 10, &n, &filter, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "'cut.gz': damaged gzip data"));
    err_clear(&err);
    assert_int_equal(system("{ head -c 5000 whole.gz; head -c 9000 /dev/zero; } >hole.gz"), 0);
    assert_int_equal(read_all("hole.gz", back, SIZE + 10, &n, &filter, &err), ERR_DATA);
    err_clear(&err);
    assert_int_equal(read_all("nothing", back, 10, &n, &filter, &err), ERR_NOINPUT);
    err_clear(&err);
    assert_int_equal(read_all(".", back, 10, &n, &filter, &err), ERR_NOINPUT);
    free(back);
}

static void stems(void **state)
{
    (void)state;
    assert_int_equal(byte_stream_stem("mine.tsv.gz"), 8);
    assert_int_equal(byte_stream_stem("mine.TSV.ZST"), 8);
    assert_int_equal(byte_stream_stem("mine.tsv"), 8);
    assert_int_equal(byte_stream_stem(".gz"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(short_files),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(stems),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
