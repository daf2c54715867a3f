#include "tests/near.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/sink.h"

static const struct member {
    const char *name;
    size_t size;
} members[] = {
    {"000001.jpg", 1000},
    {"000001.json", 0},
    {"a/b/000002.png", 512},
    {"ffpp/Deepfakes/c23/000_003-000123.mask.png", 513},
    {"0123456789012345678901234567890123456789/0123456789012345678901234567890123456789/"
     "0123456789012345678901234567890123456789/0123456789012345678901234567890123456789.json",
     77}, /* too long for ustar */
    {"z\xc3\xbcrich/\xe5\x90\x8d.jpg", 100000},
};
#define N (sizeof(members) / sizeof(*members))

static char *content(size_t i)
{
    char *bytes = malloc(members[i].size + 1);
    size_t k;

    for (k = 0; k < members[i].size; k++)
        bytes[k] = (char)(k * (i + 3) + k / 256);
    return bytes;
}

static void add_all(struct sink *s, long long offset[])
{
    struct err err = {0};
    size_t i;

    for (i = 0; i < N; i++) {
        char *bytes = content(i);

        assert_ok(sink_add(s, members[i].name, bytes, members[i].size, &offset[i], &err), &err);
        free(bytes);
    }
}

/* Another program reads the tar, finds every member at its offset, and nothing of this machine. */
static void tars_are_read_by_python(void **state)
{
    static const char script[] =
        "import sys, tarfile\n"
        "lines = [l.rstrip('\\n').split('\\t') for l in open('want.tsv', encoding='utf-8')]\n"
        "with tarfile.open('x/y.tar', encoding='utf-8') as t:\n"
        "    ms = t.getmembers()\n"
        "    assert [m.name for m in ms] == [l[0] for l in lines], [m.name for m in ms]\n"
        "    for i, (m, l) in enumerate(zip(ms, lines)):\n"
        "        want = bytes((k * (i + 3) + k // 256) % 256 for k in range(int(l[1])))\n"
        "        assert t.extractfile(m).read() == want, m.name\n"
        "        assert (m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) == (0, 0, 0, '', '', "
        "0o644), vars(m)\n"
        "        assert m.isreg()\n"
        "for l in lines:\n"
        "    f = open('x/y.tar', 'rb')\n"
        "    f.seek(int(l[2]))\n"
        "    with tarfile.open(fileobj=f, mode='r|', encoding='utf-8') as t:\n"
        "        assert t.next().name == l[0], l\n";
    char *dir = near_enter();
    long long offset[N];
    struct err err = {0};
    struct sink *s;
    size_t i;
    FILE *fp;

    (void)state;
    assert_ok(sink_open_tar(&s, "x/y.tar", &err), &err);
    assert_false(fs_exists("x/y.tar")); /* not before it is whole */
    add_all(s, offset);
    assert_ok(sink_close(s, 1, &err), &err);
    assert_int_equal(offset[0], 0);
    assert_int_equal(offset[1], 512 + 1024);
    assert_int_equal(offset[2], offset[1] + 512);
    fp = fopen("want.tsv", "w");
    assert_non_null(fp);
    for (i = 0; i < N; i++)
        fprintf(fp, "%s\t%zu\t%lld\n", members[i].name, members[i].size, offset[i]);
    assert_int_equal(fclose(fp), 0);
    near_file("read.py", script);
    assert_int_equal(system("python3 read.py"), 0);
    near_leave(dir);
}

static void same_members_same_bytes(void **state)
{
    char *dir = near_enter();
    long long offset[N];
    struct err err = {0};
    struct sink *s;
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        assert_ok(sink_open_tar(&s, i ? "b.tar" : "a.tar", &err), &err);
        add_all(s, offset);
        assert_ok(sink_close(s, 1, &err), &err);
        if (i == 0)
            usleep(1100000); /* a clock in it would show */
    }
    assert_int_equal(system("cmp a.tar b.tar"), 0);
    near_leave(dir);
}

static void folders_hold_the_members(void **state)
{
    char *dir = near_enter(), path[512], *bytes, *got;
    long long offset[N];
    struct err err = {0};
    struct sink *s;
    size_t i, size;

    (void)state;
    assert_ok(sink_open_folder(&s, "out/deep", &err), &err);
    add_all(s, offset);
    assert_ok(sink_close(s, 1, &err), &err);
    for (i = 0; i < N; i++) {
        bytes = content(i);
        snprintf(path, sizeof(path), "out/deep/%s", members[i].name);
        assert_ok(fs_read(path, 1 << 20, &got, &size, &err), &err);
        assert_int_equal(size, members[i].size);
        assert_bytes(got, bytes, size);
        free(bytes);
        free(got);
    }
    near_leave(dir);
}

static void names_stay_inside(void **state)
{
    static const char *const bad[] = {"",   "/etc/x", "../x", "a/../../x", "a/..",
                                      "..", "a//b",   "a/",   "/"};
    char *dir = near_enter();
    struct err err = {0};
    struct sink *s;
    size_t i, k;

    (void)state;
    for (k = 0; k < 2; k++) {
        assert_ok(k ? sink_open_tar(&s, "t.tar", &err) : sink_open_folder(&s, "f", &err), &err);
        for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
            assert_fails(sink_add(s, bad[i], "x", 1, NULL, &err), ERR_DATA, &err, "not a name");
        assert_ok(sink_add(s, "..a/b..c/...", "x", 1, NULL, &err), &err);
        assert_ok(sink_close(s, 1, &err), &err);
    }
    assert_true(fs_exists("f/..a/b..c/..."));
    near_leave(dir);
}

static void what_is_not_committed_is_gone(void **state)
{
    char *dir = near_enter(), **names;
    struct err err = {0};
    struct sink *s;
    size_t n;

    (void)state;
    near_file("old.tar", "as it was");
    assert_ok(sink_open_tar(&s, "old.tar", &err), &err);
    assert_ok(sink_add(s, "x", "y", 1, NULL, &err), &err);
    assert_ok(sink_close(s, 0, &err), &err);
    assert_ok(sink_close(NULL, 1, &err), &err);
    assert_ok(fs_list(".", &names, &n, &err), &err);
    assert_int_equal(n, 1);
    fs_list_free(names, n);
    assert_int_equal(fs_size("old.tar"), 9);
    /* An empty tar is a tar. */
    assert_ok(sink_open_tar(&s, "none.tar", &err), &err);
    assert_ok(sink_close(s, 1, &err), &err);
    assert_int_equal(system("tar tf none.tar | wc -l | grep -qx 0"), 0);
    near_leave(dir);
}

static void full_disks_and_bad_paths(void **state)
{
    char *dir = near_enter(), *bytes = calloc(1, 100000);
    struct err err = {0};
    struct sink *s;
    int r;

    (void)state;
    assert_ok(sink_open_tar(&s, "/dev/full", &err), &err);
    r = sink_add(s, "x", bytes, 100000, NULL, &err);
    assert_fails(r, ERR_IO, &err, "'/dev/full': No space");
    assert_ok(sink_close(s, 0, &err), &err);
    assert_ok(sink_open_tar(&s, "/dev/full", &err), &err);
    assert_ok(sink_add(s, "x", bytes, 10, NULL, &err), &err); /* still in a buffer */
    assert_fails(sink_close(s, 1, &err), ERR_IO, &err, "'/dev/full': No space");
    near_file("file", "");
    assert_fails(sink_open_tar(&s, "file/x.tar", &err), ERR_CREATE, &err, "file");
    assert_fails(sink_open_folder(&s, "file", &err), ERR_CREATE, &err, "file");
    free(bytes);
    near_leave(dir);
}

/* Runs in a child: writes to a stdout that nobody reads, and returns what came of it. */
static int write_to_closed_pipe(size_t size)
{
    struct err err = {0};
    char *bytes = calloc(1, 1 << 20);
    struct sink *s;
    int r;

    signal(SIGPIPE, SIG_IGN);
    if (sink_open_tar(&s, "-", &err))
        return 1;
    r = sink_add(s, "x", bytes, size, NULL, &err);
    if (r) {
        (void)!sink_close(s, 0, NULL);
    } else {
        r = sink_close(s, 1, &err);
    }
    free(bytes);
    return r == -EPIPE && strstr(err.text, "Broken pipe") ? 0 : 2;
}

static void a_closed_pipe_is_epipe(void **state)
{
    static const size_t sizes[] = {1 << 20, 10};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        int ends[2], status;
        pid_t pid;

        assert_int_equal(pipe(ends), 0);
        pid = fork();
        if (pid == 0) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
            _exit(write_to_closed_pipe(sizes[i]));
        }
        close(ends[0]);
        close(ends[1]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tars_are_read_by_python),       cmocka_unit_test(same_members_same_bytes),
        cmocka_unit_test(folders_hold_the_members),      cmocka_unit_test(names_stay_inside),
        cmocka_unit_test(what_is_not_committed_is_gone), cmocka_unit_test(full_disks_and_bad_paths),
        cmocka_unit_test(a_closed_pipe_is_epipe),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
