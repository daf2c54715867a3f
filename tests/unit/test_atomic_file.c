#include "tests/near.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/atomic_file.h"

static size_t entries(void)
{
    struct err err = {0};
    char **names;
    size_t n;

    assert_ok(fs_list(".", &names, &n, &err), &err);
    fs_list_free(names, n);
    return n;
}

static void old_content_stays_until_commit(void **state)
{
    struct atomic_file f;
    char *dir = near_enter(), *text;
    struct err err = {0};

    (void)state;
    near_file("x", "old");
    assert_ok(atomic_open(&f, "x", &err), &err);
    fputs("new", f.fp);
    fflush(f.fp);
    text = near_read("x");
    assert_string_equal(text, "old");
    free(text);
    assert_ok(atomic_commit(&f, true, &err), &err);
    text = near_read("x");
    assert_string_equal(text, "new");
    free(text);
    assert_int_equal(entries(), 1);
    near_leave(dir);
}

static void discard_leaves_nothing(void **state)
{
    struct atomic_file f;
    char *dir = near_enter();
    struct err err = {0};

    (void)state;
    assert_ok(atomic_open(&f, "x", &err), &err);
    fputs("half", f.fp);
    atomic_discard(&f);
    atomic_discard(&f);
    assert_int_equal(entries(), 0);
    near_leave(dir);
}

static void full_disk_is_an_io_error(void **state)
{
    struct atomic_file f;
    struct err err = {0};

    (void)state;
    assert_ok(atomic_open(&f, "/dev/full", &err), &err);
    fputs("lost", f.fp);
    assert_fails(atomic_commit(&f, true, &err), ERR_IO, &err, "No space left");
    assert_fails(atomic_write("/dev/full", "x", 1, &err), ERR_IO, &err, "No space left");
}

static void bad_folder_is_a_create_error(void **state)
{
    struct atomic_file f;
    char *dir = near_enter();
    struct err err = {0};

    (void)state;
    assert_fails(atomic_open(&f, "no/such/x", &err), ERR_CREATE, &err, "no/such/x");
    near_file("file", "");
    assert_fails(atomic_write("file/x", "1", 1, &err), ERR_CREATE, &err, "file");
    assert_ok(atomic_write("made/on/the/way", "12", 2, &err), &err);
    assert_int_equal(fs_size("made/on/the/way"), 2);
    near_leave(dir);
}

static void signals_remove_what_is_half_written(void **state)
{
    char *dir = near_enter();
    struct err err = {0};
    int ready[2], status;
    char c;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct atomic_file f;

        atomic_catch_signals();
        if (atomic_open(&f, "x", &err) || write(ready[1], "r", 1) != 1)
            _exit(2);
        pause();
        _exit(3);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(entries(), 1);
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(entries(), 0);
    close(ready[0]);
    close(ready[1]);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_content_stays_until_commit),
        cmocka_unit_test(discard_leaves_nothing),
        cmocka_unit_test(full_disk_is_an_io_error),
        cmocka_unit_test(bad_folder_is_a_create_error),
        cmocka_unit_test(signals_remove_what_is_half_written),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("atomic_file", tests, NULL, NULL);
}
