#include "tests/near.h"

#include "lib/sink.h"
#include "lib/str.h"
#include "reports/tar_member.h"

/* A shard of two samples; the second has a name that needs an extended header. */
static void make(long long offset[2], char *long_key, size_t size)
{
    struct sink *s = NULL;
    struct err err = {0};
    char name[400];

    memset(long_key, 'k', size - 1);
    long_key[size - 1] = '\0';
    assert_ok(sink_open_tar(&s, "x.tar", &err), &err);
    assert_ok(sink_add(s, "a+b.json", "{}", 2, &offset[0], &err), &err);
    assert_ok(sink_add(s, "a+b.mask.png", "mask", 4, NULL, &err), &err);
    assert_ok(sink_add(s, "a+b.jpg", "picture one", 11, NULL, &err), &err);
    snprintf(name, sizeof(name), "%s.png", long_key);
    assert_ok(sink_add(s, name, "picture two", 11, &offset[1], &err), &err);
    assert_ok(sink_add(s, "only.json", "{}", 2, NULL, &err), &err);
    assert_ok(sink_close(s, 1, &err), &err);
}

static void samples_are_found(void **state)
{
    struct tar_reader t = {0};
    struct err err = {0};
    char *dir = near_enter(), key[301];
    long long offset[2];

    (void)state;
    make(offset, key, sizeof(key));
    assert_ok(tar_open(&t, "x.tar", &err), &err);
    assert_ok(tar_sample_at(&t, offset[1], &err), &err);
    assert_int_equal(t.size, 11);
    assert_bytes(t.bytes, "picture two", 11);
    assert_ok(tar_sample_at(&t, offset[0], &err), &err);
    assert_bytes(t.bytes, "picture one", 11);
    assert_string_equal(t.name, "a+b.jpg");
    assert_ok(tar_sample_named(&t, key, &err), &err);
    assert_bytes(t.bytes, "picture two", 11);
    assert_ok(tar_sample_named(&t, "a+b", &err), &err);
    assert_bytes(t.bytes, "picture one", 11);
    assert_fails(tar_sample_named(&t, "a", &err), ERR_DATA, &err, "no picture of 'a'");
    assert_fails(tar_sample_named(&t, "only", &err), ERR_DATA, &err, "no picture");
    tar_close(&t);
    near_leave(dir);
}

static void bad_offsets_and_files_are_refused(void **state)
{
    struct tar_reader t = {0};
    struct err err = {0};
    char *dir = near_enter(), key[301], *bytes;
    long long offset[2];
    size_t size, i;

    (void)state;
    make(offset, key, sizeof(key));
    assert_fails(tar_open(&t, "nowhere.tar", &err), ERR_NOINPUT, &err, "nowhere.tar");
    tar_close(&t);
    assert_ok(tar_open(&t, "x.tar", &err), &err);
    assert_fails(tar_sample_at(&t, -1, &err), ERR_DATA, &err, "not an offset");
    assert_fails(tar_sample_at(&t, offset[0] + 1, &err), ERR_DATA, &err, "not the start");
    assert_fails(tar_sample_at(&t, 1LL << 40, &err), ERR_DATA, &err, "ends early");
    tar_close(&t);
    /* Cut anywhere, or with any header byte changed: an error or the right bytes, nothing else. */
    assert_ok(fs_read("x.tar", 1 << 20, &bytes, &size, &err), &err);
    for (i = 0; i < 3 * 512; i += 7) {
        FILE *fp = fopen("y.tar", "wb");
        int r;

        bytes[i] ^= 0x55;
        assert_int_equal(fwrite(bytes, 1, size - (i % 1024), fp), size - (i % 1024));
        fclose(fp);
        bytes[i] ^= 0x55;
        assert_ok(tar_open(&t, "y.tar", &err), &err);
        r = tar_sample_at(&t, offset[0], &err);
        if (r == 0)
            assert_bytes(t.bytes, "picture one", 11);
        else
            assert_int_equal(r, ERR_DATA);
        err_clear(&err);
        tar_close(&t);
    }
    free(bytes);
    near_leave(dir);
}

static void keys_are_those_of_lp_swap(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    tar_key_of_id("ffpp/Deep fakes/c23/000_003/0012/e0.x-", &s);
    assert_string_equal(s.s, "ffpp+Deep=20fakes+c23+000_003+0012+e0=2Ex-");
    str_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_found),
        cmocka_unit_test(bad_offsets_and_files_are_refused),
        cmocka_unit_test(keys_are_those_of_lp_swap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
