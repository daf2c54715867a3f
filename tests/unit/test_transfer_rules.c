/* fetch/url, retry, get_plan, file_kind, archive_guard: rules with no network behind them. */
#include "tests/near.h"

#include <unistd.h>

#include "fetch/archive_guard.h"
#include "fetch/file_kind.h"
#include "fetch/get_plan.h"
#include "fetch/retry.h"
#include "fetch/url.h"

static struct err err;

static void hosts_are_compared_as_written_in_one_way(void **state)
{
    static const struct {
        const char *url, *host;
    } cases[] = {
        {"http://Example.ORG/a", "example.org"},
        {"HTTPS://example.org:443/a?b@c", "example.org"},
        {"https://example.org:8443", "example.org:8443"},
        {"http://example.org:80#x", "example.org"},
        {"http://example.org:443/", "example.org:443"},
        {"http://u:p@example.org/@x", "example.org"},
        {"http://a@b@example.org/", "example.org"},
        {"http://[::1]:80/x", "[::1]"},
        {"http://[fe80::80]/x", "[fe80::80]"},
    };
    static const char *const bad[] = {"http://",     "http:///a",   "http://:80/",      "a/b",
                                      "http://a b/", "http://a\n/", "http://a.org\\@b/"};
    char host[URL_HOST_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_true(url_host(cases[i].url, host));
        assert_string_equal(host, cases[i].host);
    }
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(url_host(bad[i], host));
}

static void secrets_of_an_address_are_not_shown(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    url_public("https://ann:pw@h.org/a/b?X-Amz-Signature=s#f", &s);
    assert_string_equal(s.s, "https://h.org/a/b?...");
    url_public("https://h.org?token=s", &s);
    assert_string_equal(s.s, "https://h.org?...");
    url_public("plain/name", &s);
    assert_string_equal(s.s, "plain/name");
    assert_true(url_has_user("https://ann:pw@h.org/"));
    assert_false(url_has_user("https://h.org/a@b"));
    assert_true(url_is_signed("http://h/a?x=1&X-Goog-Signature=z"));
    assert_true(url_is_signed("http://h/a?SIG=z"));
    assert_false(url_is_signed("http://h/a?part=1&design=2"));
    assert_false(url_is_signed("http://h/signature=1"));
    str_release(&s);
}

static void names_join_and_split(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    url_join("http://h/d", "a b/c%20d?#e", &s);
    assert_string_equal(s.s, "http://h/d/a%20b/c%20d%3F%23e");
    url_join("http://h/d/", "https://x/y", &s);
    assert_string_equal(s.s, "https://x/y");
    url_last_part("http://h/d/a%20b.zip?x=/y", &s);
    assert_string_equal(s.s, "a b.zip");
    url_last_part("http://h/%41", &s);
    assert_string_equal(s.s, "A");
    url_last_part("http://h", &s);
    assert_string_equal(s.s, "");
    url_last_part("http://h/d/", &s);
    assert_string_equal(s.s, "");
    assert_true(url_file_path("file:///a%20b", &s));
    assert_string_equal(s.s, "/a b");
    assert_true(url_file_path("FILE://localhost/a", &s));
    assert_string_equal(s.s, "/a");
    assert_false(url_file_path("file://elsewhere/a", &s));
    assert_true(url_has_scheme("s3+x://a"));
    assert_false(url_has_scheme("://a"));
    assert_false(url_has_scheme("a/b://c"));
    str_release(&s);
}

static void what_is_worth_another_try(void **state)
{
    static const int yes[] = {408, 425, 429, 500, 502, 503, 504, 599};
    static const int no[] = {200, 301, 400, 401, 403, 404, 405, 410, 416, 451, 501, 505, 600, 0};
    size_t i;
    unsigned k;

    (void)state;
    for (i = 0; i < sizeof(yes) / sizeof(*yes); i++)
        assert_true(retry_status(yes[i]));
    for (i = 0; i < sizeof(no) / sizeof(*no); i++)
        assert_false(retry_status(no[i]));
    for (k = 1; k < 100; k++) {
        double all = k < 7 ? (double)(1 << (k - 1)) : 60;

        assert_true(retry_delay_s(1, k, 0) == fmin(all, 60) / 2);
        assert_true(retry_delay_s(1, k, 0.999999) < fmin(all, 60));
        assert_true(retry_delay_s(1, k, 0.999999) > 0.99 * fmin(all, 60));
    }
    assert_true(retry_delay_s(0, 5, 0.5) == 0);
}

/* The examples of RFC 9110, 5.6.7 and 10.2.3. */
static void retry_after_is_seconds_or_a_date(void **state)
{
    static const char *const bad[] = {"",    "soon",  "-1",  "12x",
                                      "Fri", "1e400", "nan", "Sun, 06 Foo 1994 08:49:37 GMT"};
    size_t i;

    (void)state;
    assert_true(retry_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
    assert_true(retry_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
    assert_true(retry_http_date("Sun Nov  6 08:49:37 1994") == 784111777);
    assert_true(retry_http_date("Thu, 29 Feb 2024 23:59:59 GMT") == 1709251199);
    assert_true(retry_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
    assert_true(retry_after_s("120", 0) == 120);
    assert_true(retry_after_s(" 7 ", 0) == 7);
    assert_true(retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", 784111700) == 77);
    assert_true(retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", 784119999) == 0);
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_true(retry_after_s(bad[i], 0) == -1);
}

static void items_are_parsed(void **state)
{
    const char *hex = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
    struct plan p = {0};
    struct str item = STR_INIT;

    (void)state;
    str_addf(&item, "a/b.zip http://m/x to=d/b.zip sha256=%s bytes=12 unpack=e/ unless=f optional",
             hex);
    assert_ok(plan_add_item(&p, item.s, "test", &err), &err);
    assert_int_equal(p.n, 1);
    assert_int_equal(p.files[0].n_names, 2);
    assert_string_equal(p.files[0].path, "d/b.zip");
    assert_string_equal(p.files[0].unpack, "e");
    assert_string_equal(p.files[0].unless, "f");
    assert_true(p.files[0].bytes == 12 && p.files[0].optional);
    assert_true(p.files[0].sha256[0] == 'e' && p.files[0].sha256[63] == '5');
    /* The same path again: its addresses come first. */
    assert_ok(plan_add_item(&p, "http://first/b.zip?x to=d/b.zip", "test", &err), &err);
    assert_int_equal(p.n, 1);
    assert_string_equal(p.files[0].names[0], "http://first/b.zip?x");
    assert_int_equal(p.files[0].n_names, 3);
    /* Ranges count together; leading zeros stay. */
    assert_ok(plan_add_item(&p, "part_[08-11].zip unless=part_[8-11]", "test", &err), &err);
    assert_int_equal(p.n, 5);
    assert_string_equal(p.files[1].path, "part_08.zip");
    assert_string_equal(p.files[1].unless, "part_8");
    assert_string_equal(p.files[4].path, "part_11.zip");
    assert_string_equal(p.files[4].unless, "part_11");
    assert_int_equal(plan_find(&p, "part_10.zip"), 3);
    /* What only looks like a range. */
    assert_ok(plan_add_item(&p, "x[a-b][3-1].bin", "test", &err), &err);
    assert_string_equal(p.files[5].path, "x[a-b][3-1].bin");
    /* Names with no server have no address. */
    assert_ok(plan_addresses(&p, "", &err), &err);
    assert_int_equal(p.files[0].n_names, 2);
    assert_int_equal(p.files[1].n_names, 0);
    plan_release(&p);
    str_release(&item);
}

static void names_become_addresses_below_the_server(void **state)
{
    static const struct {
        const char *server, *name, *want;
    } cases[] = {
        {"http://h/d/", "a%20b", "http://h/d/a%20b"},
        {"http://h/d", "https://x/y", "https://x/y"},
        {"/mnt/d", "a/b", "/mnt/d/a/b"},
        {"file:///mnt/d%20e", "a", "/mnt/d e/a"},
        {"http://h", "/abs/a", "/abs/a"},
        {"", "file:///abs/a", "/abs/a"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct plan p = {0};

        assert_ok(plan_add_item(&p, cases[i].name, "test", &err), &err);
        assert_ok(plan_addresses(&p, cases[i].server, &err), &err);
        assert_string_equal(p.files[0].names[0], cases[i].want);
        plan_release(&p);
    }
}

static void pages_are_told_from_files(void **state)
{
    static const char *const pages[] = {"<!DOCTYPE html><x>", "\xef\xbb\xbf\r\n <HTML>", "<head>",
                                        "<?xml version=\"1.0\"?><Error>"};
    static const char *const files[] = {"PK\003\004", "{\"a\": 1}", "", "<h", "hello <html>"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
        assert_non_null(file_kind_page("a.zip", pages[i], strlen(pages[i])));
        assert_null(file_kind_page("a.HTML", pages[i], strlen(pages[i])));
    }
    for (i = 0; i < sizeof(files) / sizeof(*files); i++)
        assert_null(file_kind_page("a.zip", files[i], strlen(files[i])));
}

/* ---- archives --------------------------------------------------------------------------------*/

static void entries_are_checked(void **state)
{
    static const struct {
        const char *name;
        enum entry_kind kind;
        long long size;
        const char *clean, *why; /* one of them */
    } cases[] = {
        {"./a//b.txt", ENTRY_FILE, 5, "a/b.txt", NULL},
        {"a/", ENTRY_FOLDER, 0, "a", NULL},
        {"./", ENTRY_FOLDER, 0, "", NULL},
        {"a/..b", ENTRY_FILE, 1, "a/..b", NULL},
        {"a/b.txt", ENTRY_FILE, 5, NULL, "is there twice"},
        {"a/./b.txt", ENTRY_FILE, 5, NULL, "is there twice"},
        {"a", ENTRY_FILE, 5, NULL, "is a file and a folder"},
        {"a/b.txt/c", ENTRY_FILE, 5, NULL, "lies below another entry that is a file"},
        {"a/b.txt/", ENTRY_FOLDER, 0, NULL, "is a file and a folder"},
        {"../x", ENTRY_FILE, 1, NULL, "leads out of the folder"},
        {"x/..", ENTRY_FOLDER, 0, NULL, "leads out of the folder"},
        {"x/../y", ENTRY_FILE, 1, NULL, "leads out of the folder"},
        {"/x", ENTRY_FILE, 1, NULL, "has an absolute path"},
        {"C:x", ENTRY_FILE, 1, NULL, "has a drive letter"},
        {"x\\..\\y", ENTRY_FILE, 1, NULL, "backslashes"},
        {"x\033[2J", ENTRY_FILE, 1, NULL, "control characters"},
        {"l", ENTRY_LINK, 0, NULL, "is a link"},
        {"d", ENTRY_DEVICE, 0, NULL, "is a device"},
        {"o", ENTRY_OTHER, 0, NULL, "unknown kind"},
        {"dir/", ENTRY_FILE, 1, NULL, "the name of a folder"},
        {".", ENTRY_FILE, 1, NULL, "the name of a folder"},
        {".lp-fetch/done", ENTRY_FILE, 1, NULL, "keeps for itself"},
        {"big", ENTRY_FILE, 101LL << 20, NULL, "larger than is plausible"},
    };
    struct archive_guard g;
    struct str clean = STR_INIT;
    size_t i;

    (void)state;
    guard_init(&g, "x.zip", 1 << 20, 100, -1);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int r;

        err_clear(&err);
        r = guard_entry(&g, cases[i].name, cases[i].kind, cases[i].size, &clean, &err);
        if (cases[i].why) {
            assert_int_equal(r, ERR_DATA);
            assert_non_null(strstr(err.text, cases[i].why));
            assert_non_null(strstr(err.text, "'x.zip' is refused"));
            assert_null(strchr(err.text, '\033'));
        } else {
            assert_ok(r, &err);
            assert_string_equal(clean.s, cases[i].clean);
        }
    }
    err_clear(&err);
    guard_release(&g);
    str_release(&clean);
}

static void bytes_are_limited_by_ratio_and_room(void **state)
{
    struct archive_guard g;

    (void)state;
    /* A small archive may unpack to 64 MiB whatever the ratio. */
    guard_init(&g, "x", 10, 2, -1);
    assert_ok(guard_bytes(&g, "e", GUARD_FREE_BYTES, &err), &err);
    assert_int_equal(guard_bytes(&g, "e", 1, &err), ERR_DATA);
    guard_release(&g);
    err_clear(&err);
    /* Less room than that. */
    guard_init(&g, "x", 1LL << 40, 100, 1000);
    assert_ok(guard_bytes(&g, "e", 1000, &err), &err);
    assert_int_equal(guard_bytes(&g, "e", 1, &err), ERR_DATA);
    guard_release(&g);
    err_clear(&err);
    /* A product that no number holds is no limit, and no overflow. */
    guard_init(&g, "x", 1LL << 62, 100000, -1);
    assert_ok(guard_bytes(&g, "e", 1LL << 61, &err), &err);
    guard_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_compared_as_written_in_one_way),
        cmocka_unit_test(secrets_of_an_address_are_not_shown),
        cmocka_unit_test(names_join_and_split),
        cmocka_unit_test(what_is_worth_another_try),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(items_are_parsed),
        cmocka_unit_test(names_become_addresses_below_the_server),
        cmocka_unit_test(pages_are_told_from_files),
        cmocka_unit_test(entries_are_checked),
        cmocka_unit_test(bytes_are_limited_by_ratio_and_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
