#include "reports/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "gnuplot"
#define MISSING "cannot run gnuplot (Debian package gnuplot-nox)"

/* What the program printed: stdout into `out`, stderr into `words`; the rest is read and dropped,
 * so that it never blocks. Returns the wait status or -1. */
struct capture {
    int fd;
    char *text;
    size_t size, len;
};

static void drain(struct capture *c)
{
    char buf[4096];
    ssize_t n;
    size_t take;

    while ((n = read(c->fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        take = (size_t)n < c->size - 1 - c->len ? (size_t)n : c->size - 1 - c->len;
        memcpy(c->text + c->len, buf, take);
        c->len += take;
    }
    c->text[c->len] = '\0';
}

static int prepare(posix_spawn_file_actions_t *actions, const char *folder, int out_fd)
{
    int r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (!r)
        r = posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
    if (!r)
        r = posix_spawn_file_actions_adddup2(actions, out_fd, STDERR_FILENO);
    if (!r && folder)
        r = posix_spawn_file_actions_addchdir_np(actions, folder);
    return r;
}

/* Signals as a fresh program expects them: the tools ignore SIGPIPE. */
static int default_signals(posix_spawnattr_t *attr)
{
    sigset_t all;
    int r;

    sigemptyset(&all);
    sigaddset(&all, SIGPIPE);
    r = posix_spawnattr_setsigdefault(attr, &all);
    return r ? r : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF);
}

static int run(const char *const *argv, const char *folder, char *text, size_t size,
               struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char path[4096], home[4096];
    const char *const env[] = {path, home, "LC_ALL=C", NULL};
    struct capture capture = {.text = text, .size = size};
    const char *p = getenv("PATH"), *h = getenv("HOME");
    int ends[2], r, status;
    pid_t pid;

    snprintf(path, sizeof(path), "PATH=%s", p ? p : "/usr/local/bin:/usr/bin:/bin");
    snprintf(home, sizeof(home), "HOME=%s", h ? h : "/nonexistent"); /* fontconfig's cache */
    if (pipe2(ends, O_CLOEXEC))
        return err_set_errno(err, ERR_SYSTEM, errno, "cannot make a pipe for gnuplot");
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    r = prepare(&actions, folder, ends[1]);
    if (!r)
        r = default_signals(&attr);
    if (!r)
        r = posix_spawnp(&pid, PROGRAM, &actions, &attr, (char *const *)argv, (char *const *)env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    close(ends[1]);
    if (r) {
        close(ends[0]);
        return err_set_errno(err, ERR_MISSING, r, MISSING);
    }
    capture.fd = ends[0];
    drain(&capture);
    close(ends[0]);
    while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    if (r < 0)
        return err_set_errno(err, ERR_SYSTEM, errno, "cannot wait for gnuplot");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ERR_MISSING : ERR_FAULT;
}

/* gnuplot's message spans lines and points with ^; one line is kept. */
static void one_line(char *text)
{
    char *to = text, *from;

    for (from = text; *from; from++) {
        if (*from == '^' || (unsigned char)*from < ' ')
            *from = ' ';
        if (*from != ' ' || (to > text && to[-1] != ' '))
            *to++ = *from;
    }
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

int gnuplot_run(const char *folder, const char *script, struct err *err)
{
    const char *const argv[] = {PROGRAM,        "-d",   "-e", "target='svg'", script, "-e",
                                "target='pdf'", script, NULL};
    char words[2048];
    int r = run(argv, folder, words, sizeof(words), err);

    if (!r || err->code)
        return r;
    one_line(words);
    if (r == ERR_MISSING || strstr(words, "unknown or ambiguous terminal"))
        return err_set(err, ERR_MISSING, MISSING ": %.300s", words);
    return err_set(err, r, "gnuplot failed on '%s': %.300s", script,
                   *words ? words : "it said nothing");
}

int gnuplot_version(char *out, unsigned long size, struct err *err)
{
    const char *const argv[] = {PROGRAM, "--version", NULL};
    int r = run(argv, NULL, out, size, err);

    if (r && !err->code)
        return err_set(err, ERR_MISSING, MISSING);
    if (!r)
        one_line(out);
    return r;
}
