#include "tests/near.h"

#include "lib/shard.h"
#include "lib/video_key.h"

static void parses_and_refuses(void **state)
{
    static const char *const wrong[] = {"",    "1",    "3/3",      "-1/3", "0/0", "1/2x",
                                        "a/b", " 0/1", "0/100001", "+0/1", "1//2"};
    struct err err = {0};
    struct shard s;
    size_t i;

    (void)state;
    assert_ok(shard_parse("2/8", &s, &err), &err);
    assert_int_equal(s.index, 2);
    assert_int_equal(s.count, 8);
    for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_fails(shard_parse(wrong[i], &s, &err), ERR_USAGE, &err, "--shard");
}

static void every_group_is_in_one_shard(void **state)
{
    unsigned count[4] = {0}, i, k, n = 4000;
    struct shard none = {0, 0};

    (void)state;
    for (i = 0; i < n; i++) {
        unsigned hits = 0;
        char id[32];

        snprintf(id, sizeof(id), "ffpp/original/c23/%03u", i);
        assert_true(shard_has(&none, id));
        for (k = 0; k < 4; k++) {
            struct shard s = {k, 4};

            if (shard_has(&s, id)) {
                hits++;
                count[k]++;
            }
        }
        assert_int_equal(hits, 1);
    }
    for (k = 0; k < 4; k++) /* balanced: 5 standard deviations of a binomial */
        assert_near(count[k], n / 4.0, 5 * sqrt(n * 0.25 * 0.75), 0);
}

static void names_of_shards(void **state)
{
    struct str s = STR_INIT;
    struct shard sh = {3, 8}, none = {0, 0};

    (void)state;
    shard_path(&sh, "runs/a.b/extract.tsv", &s);
    assert_string_equal(s.s, "runs/a.b/extract.3-of-8.tsv");
    shard_path(&sh, "runs/a.b/extract", &s);
    assert_string_equal(s.s, "runs/a.b/extract.3-of-8");
    shard_path(&none, "x.tsv", &s);
    assert_string_equal(s.s, "x.tsv");
    shard_path(&sh, "-", &s);
    assert_string_equal(s.s, "-");
    str_release(&s);
}

static void video_keys(void **state)
{
    static const char *const wrong[] = {"",       "a",      "a/b/c",    "a//c/d",
                                        "/b/c/d", "a/b/c/", "../b/c/d", "a/../c/d"};
    struct err err = {0};
    struct video_key k;
    size_t i;

    (void)state;
    assert_ok(video_key_parse("ffpp/Deepfakes/c23/000_003", &k, &err), &err);
    assert_string_equal(k.dataset, "ffpp");
    assert_string_equal(k.method, "Deepfakes");
    assert_string_equal(k.compression, "c23");
    assert_string_equal(k.name, "000_003");
    assert_ok(video_key_parse("dfdc/-/-/part_3/abc", &k, &err), &err);
    assert_string_equal(k.name, "part_3/abc");
    for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_fails(video_key_parse(wrong[i], &k, &err), ERR_DATA, &err, "video key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_and_refuses),
        cmocka_unit_test(every_group_is_in_one_shard),
        cmocka_unit_test(names_of_shards),
        cmocka_unit_test(video_keys),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
