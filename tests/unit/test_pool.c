#include "tests/near.h"

#include <pthread.h>

#include "lib/pool.h"

struct job {
    size_t n, fail_at, done_fail_at;
    size_t *slot_value; /* by slot */
    size_t handed, started;
    pthread_mutex_t lock;
    size_t in_flight, most;
};

static int work(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct job *j = ctx;
    volatile unsigned spin = (unsigned)(i * 7919 % 500);

    (void)worker;
    pthread_mutex_lock(&j->lock);
    j->started++;
    if (++j->in_flight > j->most)
        j->most = j->in_flight;
    pthread_mutex_unlock(&j->lock);
    while (spin)
        spin--;
    if (i == j->fail_at)
        return err_set(err, ERR_DATA, "item %zu is bad", i);
    j->slot_value[slot] = i * i;
    return 0;
}

static int done(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct job *j = ctx;

    assert_int_equal(i, j->handed);
    assert_int_equal(j->slot_value[slot], i * i);
    j->handed++;
    pthread_mutex_lock(&j->lock);
    j->in_flight--;
    pthread_mutex_unlock(&j->lock);
    if (i == j->done_fail_at)
        return err_set(err, ERR_IO, "cannot take %zu", i);
    return 0;
}

static int run(struct job *j, unsigned jobs, struct err *err)
{
    const struct pool_tasks t = {j, work, done};
    int r;

    j->slot_value = calloc(pool_slots(jobs), sizeof(*j->slot_value));
    pthread_mutex_init(&j->lock, NULL);
    r = pool_run(&t, j->n, jobs, err);
    pthread_mutex_destroy(&j->lock);
    free(j->slot_value);
    return r;
}

static void in_order_and_bounded(void **state)
{
    static const unsigned jobs[] = {1, 2, 3, 8};
    size_t k;

    (void)state;
    for (k = 0; k < 4; k++) {
        struct job j = {.n = 2000, .fail_at = (size_t)-1, .done_fail_at = (size_t)-1};
        struct err err = {0};

        assert_ok(run(&j, jobs[k], &err), &err);
        assert_int_equal(j.handed, 2000);
        assert_true(j.most <= pool_slots(jobs[k]));
    }
}

static void a_failed_item_ends_the_run_in_order(void **state)
{
    static const unsigned jobs[] = {1, 4};
    size_t k;

    (void)state;
    for (k = 0; k < 2; k++) {
        struct job j = {.n = 500, .fail_at = 123, .done_fail_at = (size_t)-1};
        struct err err = {0};

        assert_fails(run(&j, jobs[k], &err), ERR_DATA, &err, "item 123 is bad");
        assert_int_equal(j.handed, 123);
        assert_true(j.started <= 123 + pool_slots(4) + 1);
    }
}

static void a_failed_hand_over_ends_the_run(void **state)
{
    struct job j = {.n = 500, .fail_at = (size_t)-1, .done_fail_at = 50};
    struct err err = {0};

    (void)state;
    assert_fails(run(&j, 3, &err), ERR_IO, &err, "cannot take 50");
    assert_int_equal(j.handed, 51);
}

static void nothing_to_do(void **state)
{
    struct job j = {.n = 0};
    struct err err = {0};

    (void)state;
    assert_ok(run(&j, 4, &err), &err);
    assert_true(pool_default_jobs() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_and_bounded),
        cmocka_unit_test(a_failed_item_ends_the_run_in_order),
        cmocka_unit_test(a_failed_hand_over_ends_the_run),
        cmocka_unit_test(nothing_to_do),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
