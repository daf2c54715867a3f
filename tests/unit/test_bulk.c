/* evaluate/bulk: arrays in memory and in files hold the same, and files stay within their bound. */
#include "tests/near.h"

#include <signal.h>
#include <sys/resource.h>

#include "evaluate/bulk.h"
#include "evaluate/ranked.h"
#include "lib/mem.h"
#include "lib/rng.h"

#define MIB ((size_t)1 << 20)

static struct err err;
static char folder[] = "/tmp/bulk.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails if a file was left */
}

static void begin(size_t memory)
{
    assert_ok(bulk_begin(memory, folder, &err), &err);
}

/* Resident pages of files, of /proc/self/statm. */
static size_t shared_bytes(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*u %*u %llu", &pages), 1);
    fclose(f);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void arrays_go_to_files_beyond_the_limit(void **state)
{
    uint32_t *a, *b;
    size_t i, n = MIB / sizeof(*a);

    (void)state;
    a = bulk_array(n, sizeof(*a)); /* without a limit */
    assert_non_null(a);
    assert_int_equal(bulk_in_files(), 0);
    bulk_free(a);
    begin(4 * MIB / 3 * 2); /* two MiB for arrays */
    a = bulk_array(n, sizeof(*a));
    assert_int_equal(bulk_in_files(), 0);
    b = bulk_array(2 * n, sizeof(*b));
    assert_non_null(b);
    assert_int_equal(bulk_in_files(), 2 * MIB);
    for (i = 0; i < 2 * n; i++)
        assert_int_equal(b[i], 0);
    for (i = 0; i < 2 * n; i++)
        b[i] = (uint32_t)(i * 2654435761u);
    for (i = 0; i < 2 * n; i++)
        if (b[i] != (uint32_t)(i * 2654435761u))
            fail_msg("%zu is %u", i, b[i]);
    bulk_free(b);
    assert_int_equal(bulk_in_files(), 0);
    bulk_free(a);
    bulk_free(NULL);
    bulk_end();
}

/* From nothing through plain memory into a file and on. */
static void growing_keeps_what_is_there(void **state)
{
    uint64_t *a = NULL;
    size_t cap = 0, i, n = 4 * MIB / sizeof(*a);

    (void)state;
    begin(MIB);
    for (i = 0; i < n; i++) {
        assert_int_equal(bulk_grow(&a, &cap, i + 1, sizeof(*a)), 0);
        a[i] = i * 0x9e3779b97f4a7c15u;
    }
    assert_true(bulk_in_files() >= 4 * MIB);
    for (i = 0; i < n; i++)
        if (a[i] != i * 0x9e3779b97f4a7c15u)
            fail_msg("%zu was lost", i);
    bulk_free(a);
    assert_int_equal(bulk_in_files(), 0);
    bulk_end();
}

/* 96 MiB are written and read with room for 16 MiB. */
static void resident_pages_stay_within_the_bound(void **state)
{
    size_t bytes = 96 * MIB, before = shared_bytes(), i, most = 0;
    unsigned char *p;

    (void)state;
    begin(MIB);
    p = bulk_array(bytes, 1);
    assert_non_null(p);
    for (i = 0; i < bytes; i += 4096) {
        memset(p + i, (int)(i >> 12 & 0xff), 4096);
        if (i % MIB == 0) {
            size_t now = shared_bytes();

            usleep(2500); /* as other work would take */
            most = now > most ? now : most;
        }
    }
    for (i = 0; i < bytes; i += 4096)
        assert_int_equal(p[i + i / 4096 % 4096], i >> 12 & 0xff);
    assert_true(most > before + 4 * MIB);
    assert_true(most < before + 48 * MIB);
    bulk_free(p);
    bulk_end();
}

static void a_full_disk_is_told(void **state)
{
    const struct rlimit little = {MIB, RLIM_INFINITY};
    struct rlimit old;
    size_t cap = 0;
    char *a = NULL;

    (void)state;
    begin(4);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    assert_null(bulk_array(8 * MIB, 1));
    assert_true(bulk_failed(&err) < 0);
    assert_non_null(strstr(err.text, folder));
    assert_non_null(strstr(err.text, "evaluate.scratch"));
    assert_non_null(strstr(err.text, "8 MiB"));
    assert_int_equal(bulk_grow(&a, &cap, MIB / 2, 1), 0);
    memset(a, 7, MIB / 2);
    assert_true(bulk_grow(&a, &cap, 8 * MIB, 1) < 0);
    assert_int_equal(a[MIB / 2 - 1], 7); /* what was there stays */
    bulk_free(a);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){old.rlim_max, old.rlim_max}), 0);
    bulk_end();
    err = (struct err){0};
    assert_ok(bulk_begin(4, "/nowhere/at/all", &err), &err);
    assert_null(bulk_array(8 * MIB, 1));
    assert_true(bulk_failed(&err) < 0);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    bulk_end();
    err = (struct err){0};
    assert_null(bulk_array(SIZE_MAX / 2, 4));
}

/* The sort's bytes do not depend on where its arrays lie. */
static void sorting_in_files_is_sorting(void **state)
{
    enum { N = 200000, UNITS = 997 };
    double *score = mem_array(N, sizeof(*score));
    uint32_t *unit = mem_array(N, sizeof(*unit));
    uint8_t label[UNITS];
    uint32_t cluster[UNITS];
    struct sample a, b;
    struct rng g;
    size_t i;

    (void)state;
    assert_non_null(score);
    assert_non_null(unit);
    rng_init(&g, 3, 0, "sort", "test");
    for (i = 0; i < UNITS; i++) {
        label[i] = (uint8_t)(i % 3 == 0);
        cluster[i] = (uint32_t)i;
    }
    for (i = 0; i < N; i++) {
        score[i] = i % 4 ? rng_normal(&g) : (double)rng_below(&g, 50) / 7;
        unit[i] = rng_below(&g, UNITS);
    }
    assert_ok(sample_make(&a, score, unit, N, label, cluster, UNITS, NULL, &err), &err);
    begin(MIB);
    assert_ok(sample_make(&b, score, unit, N, label, cluster, UNITS, NULL, &err), &err);
    assert_true(bulk_in_files() > 0);
    assert_int_equal(a.n, b.n);
    assert_bytes(a.item, b.item, a.n * sizeof(*a.item));
    sample_release(&a);
    sample_release(&b);
    bulk_end();
    free(score);
    free(unit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_go_to_files_beyond_the_limit),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(resident_pages_stay_within_the_bound),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(sorting_in_files_is_sorting),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
