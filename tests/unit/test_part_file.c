/* fetch/part_file, hasher and done_log: what a stopped download leaves, and how it is believed. */
#include "tests/near.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "fetch/done_log.h"
#include "fetch/hasher.h"
#include "fetch/part_file.h"
#include "lib/fs.h"
#include "lib/rng.h"

#define CHUNKS 3

static struct err err;
static char folder[] = "/tmp/lp-part-XXXXXX";
static const long long total = CHUNKS * PART_CHUNK - 5;

static void fill(struct part_file *p, size_t chunk, long long n)
{
    static char block[1 << 20];

    while (n > 0) {
        size_t some = n < (long long)sizeof(block) ? (size_t)n : sizeof(block);

        assert_ok(part_write(p, chunk, block, some, &err), &err);
        n -= (long long)some;
    }
}

static void the_front_waits_for_the_gap(void **state)
{
    struct part_file p;
    size_t chunk;

    (void)state;
    assert_ok(part_open(&p, folder, "gap", &err), &err);
    assert_false(part_is_known(&p));
    assert_ok(part_describe(&p, total, false, "\"e\"", "", &err), &err);
    assert_int_equal(p.n_chunks, CHUNKS);
    assert_true(part_take(&p, &chunk) && chunk == 0);
    assert_true(part_take(&p, &chunk) && chunk == 1);
    fill(&p, 1, PART_CHUNK);
    assert_true(p.front == 0);
    fill(&p, 0, PART_CHUNK - 1);
    assert_true(p.front == PART_CHUNK - 1);
    assert_true(part_take(&p, &chunk) && chunk == 2);
    assert_false(part_take(&p, &chunk));
    fill(&p, 0, 1);
    assert_true(p.front == 2 * PART_CHUNK);
    fill(&p, 2, PART_CHUNK - 5);
    assert_true(part_is_whole(&p) && p.front == total);
    assert_int_equal(part_write(&p, 2, "x", 1, &err), ERR_DATA);
    err_clear(&err);
    part_close(&p, true);
    assert_false(fs_exists("gap.part"));
}

/* Every way to damage the state or the part makes it begin anew. */
static void only_a_good_state_is_believed(void **state)
{
    static const struct {
        const char *command;
        bool kept;
    } cases[] = {
        {"true", true},
        {"sed -i 's/^boot .*/boot flushed/' k.state", true},
        {"sed -i 's/^boot .*/boot another/' k.state", false},
        {"sed -i 's/^total .*/total 100/' k.state", false},
        {"sed -i 's/^total .*/total -2/' k.state", false},
        {"sed -i 's/^lp-part 1/lp-part 2/' k.state", false},
        {"sed -i '$d' k.state", false},
        {"sed -i 's/^chunk 2 .*/chunk 9 7/' k.state", false},
        {"sed -i 's/^chunk 2 .*/chunk 2 99999999/' k.state", false},
        {"sed -i 's/^full .*/full 0-7/' k.state", false},
        {"echo more >>k.state", false},
        {"truncate -s 1000 k.part", false},
        {": >k.state", false},
        {"rm k.state", false},
    };
    size_t i, chunk;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct part_file p;

        assert_ok(part_open(&p, folder, "k", &err), &err);
        assert_ok(part_describe(&p, total, false, "\"e\"", "then", &err), &err);
        fill(&p, 0, PART_CHUNK);
        fill(&p, 2, 777);
        part_save(&p, 0);
        part_close(&p, false);
        assert_int_equal(system(cases[i].command), 0);
        assert_ok(part_open(&p, folder, "k", &err), &err);
        if (cases[i].kept) {
            assert_true(p.front == PART_CHUNK && part_bytes(&p) == PART_CHUNK + 777);
            assert_string_equal(p.etag, "\"e\"");
            assert_string_equal(p.last_modified, "then");
            assert_true(part_take(&p, &chunk) && chunk == 1);
            assert_true(part_take(&p, &chunk) && chunk == 2);
            assert_true(part_chunk_at(&p, 2) == 2 * PART_CHUNK + 777);
        } else {
            assert_false(part_is_known(&p));
            assert_true(fs_size("k.part") == 0);
        }
        part_close(&p, true);
    }
}

static void a_file_of_unknown_size_ends_when_it_ends(void **state)
{
    struct part_file p;

    (void)state;
    assert_ok(part_open(&p, folder, "u", &err), &err);
    assert_ok(part_describe(&p, -1, true, "", "", &err), &err);
    fill(&p, 0, PART_CHUNK + 3);
    assert_true(p.front == PART_CHUNK + 3);
    assert_false(part_is_whole(&p));
    part_end(&p);
    assert_true(part_is_whole(&p));
    assert_ok(part_commit(&p, "deep/er/u.bin", &err), &err);
    part_close(&p, false);
    assert_true(fs_size("deep/er/u.bin") == PART_CHUNK + 3);
    /* and one of no byte at all */
    assert_ok(part_open(&p, folder, "z", &err), &err);
    assert_ok(part_describe(&p, 0, false, "", "", &err), &err);
    assert_true(part_is_known(&p) && part_is_whole(&p));
    part_close(&p, true);
}

/* ---- hasher ----------------------------------------------------------------------------------*/

static void nothing(void *ctx)
{
    (void)ctx;
}

static void *hash_away(void *h)
{
    struct err e = {0};

    assert_int_equal(hasher_work(h, &e), 0);
    return NULL;
}

#define TASKS 40

/* Fronts that move at random, tasks that are cancelled and begun again, two threads that hash: the
 * hashes are those of the files. */
static void hashes_follow_the_front(void **state)
{
    static struct hash_task tasks[TASKS];
    static unsigned char bytes[3 << 20];
    struct hasher *h;
    pthread_t threads[2];
    long long front[TASKS] = {0}, size[TASKS];
    char want[TASKS][HASH_HEX], name[32];
    struct rng rng;
    int fd[TASKS], i, left = TASKS;
    bool ended[TASKS] = {false};

    (void)state;
    rng_init(&rng, 1, 0, "hasher", "test");
    for (i = 0; i < (int)sizeof(bytes); i++)
        bytes[i] = (unsigned char)(rng_u32(&rng) >> 24);
    assert_ok(hasher_new(&h, nothing, NULL, &err), &err);
    for (i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_away, h), 0);
    for (i = 0; i < TASKS; i++) {
        size[i] = i == 0 ? 0 : (long long)rng_below(&rng, sizeof(bytes));
        snprintf(name, sizeof(name), "h%d", i);
        fd[i] = open(name, O_RDWR | O_CREAT, 0666);
        assert_true(write(fd[i], bytes, (size_t)size[i]) == (ssize_t)size[i]);
        assert_ok(hash_bytes(bytes, (size_t)size[i], want[i], &err), &err);
        tasks[i].user = &size[i];
        assert_ok(hasher_begin(h, &tasks[i], fd[i], &err), &err);
    }
    while (left) {
        struct hash_task *t;

        i = (int)rng_below(&rng, TASKS);
        if (!ended[i]) {
            if (rng_below(&rng, 40) == 0) { /* another file now: from the start */
                assert_ok(hasher_begin(h, &tasks[i], fd[i], &err), &err);
                front[i] = 0;
            }
            front[i] += rng_below(&rng, 1 << 20);
            ended[i] = front[i] >= size[i];
            hasher_advance(&tasks[i], ended[i] ? size[i] : front[i], ended[i]);
        }
        while ((t = hasher_finished(h))) {
            i = (int)(t - tasks);
            assert_true(ended[i] && t->code == 0 && t->user == &size[i]);
            assert_string_equal(t->hex, want[i]);
            hasher_cancel(t);
            left--;
        }
    }
    hasher_close(h);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    hasher_free(h);
    for (i = 0; i < TASKS; i++)
        close(fd[i]);
}

/* A file that is shorter than was said is an error, not a hash. */
static void a_short_file_has_no_hash(void **state)
{
    struct hash_task t = {0}, *done = NULL;
    struct hasher *h;
    pthread_t thread;
    int fd = open("short", O_RDWR | O_CREAT, 0666);

    (void)state;
    assert_ok(hasher_new(&h, nothing, NULL, &err), &err);
    assert_int_equal(pthread_create(&thread, NULL, hash_away, h), 0);
    assert_ok(hasher_begin(h, &t, fd, &err), &err);
    hasher_advance(&t, 10, true);
    while (!(done = hasher_finished(h)))
        usleep(1000);
    assert_true(done == &t && t.code < 0);
    hasher_cancel(&t);
    hasher_close(h);
    pthread_join(thread, NULL);
    hasher_free(h);
    close(fd);
}

/* ---- log -------------------------------------------------------------------------------------*/

static void make_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void the_log_knows_its_files(void **state)
{
    struct done_log l;
    char hex[HASH_HEX];

    (void)state;
    assert_int_equal(system("rm -rf r && mkdir r"), 0);
    make_file("r/a b", "hello");
    make_file("r/c", "other");
    assert_ok(hash_file("r/a b", hex, &err), &err);
    assert_ok(done_open(&l, "r", false, &err), &err);
    assert_false(done_is_there(&l, "r", "a b", ""));
    assert_ok(done_add(&l, "r", "a b", DONE_GOT, hex, &err), &err);
    assert_ok(done_add(&l, "r", "c", DONE_GOT, "", &err), &err);
    assert_ok(done_add(&l, "r", "gone.zip", DONE_UNPACKED, hex, &err), &err);
    done_close(&l, "r", false);

    /* a torn last line is none */
    assert_int_equal(system("printf 'got 5 17' >>r/done"), 0);
    assert_ok(done_open(&l, "r", false, &err), &err);
    assert_true(done_is_there(&l, "r", "a b", ""));
    assert_true(done_is_there(&l, "r", "a b", hex));
    assert_false(done_is_there(&l, "r", "c", hex));
    assert_true(done_is_there(&l, "r", "gone.zip", hex));
    done_close(&l, "r", false);

    /* after a power cut: those with a hash are hashed, the others are not believed */
    assert_int_equal(system("sed -i 's/^boot .*/boot before/' r/done"), 0);
    assert_ok(done_open(&l, "r", true, &err), &err);
    assert_true(done_is_there(&l, "r", "a b", ""));
    assert_false(done_is_there(&l, "r", "c", ""));
    assert_false(done_is_there(&l, "r", "gone.zip", ""));
    done_close(&l, "r", false);
    assert_int_equal(system("touch -r 'r/a b' t; printf HELLO >'r/a b'; touch -r t 'r/a b'"), 0);
    assert_ok(done_open(&l, "r", true, &err), &err);
    assert_false(done_is_there(&l, "r", "a b", ""));
    done_close(&l, "r", false);

    /* a run that ended in order is believed after it */
    assert_int_equal(system("echo flushed >>r/done"), 0);
    assert_ok(done_open(&l, "r", true, &err), &err);
    assert_true(done_is_there(&l, "r", "c", ""));
    assert_true(done_is_there(&l, "r", "gone.zip", ""));
    done_close(&l, "r", false);
    make_file("r/c", "other, longer");
    assert_ok(done_open(&l, "r", true, &err), &err);
    assert_false(done_is_there(&l, "r", "c", ""));
    done_close(&l, "r", false);
}

static int enter(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") || fs_remove_tree(folder, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_front_waits_for_the_gap),
        cmocka_unit_test(only_a_good_state_is_believed),
        cmocka_unit_test(a_file_of_unknown_size_ends_when_it_ends),
        cmocka_unit_test(hashes_follow_the_front),
        cmocka_unit_test(a_short_file_has_no_hash),
        cmocka_unit_test(the_log_knows_its_files),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
