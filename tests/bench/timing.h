/* What a program costs: run once, or several times, of which the least counts, as other work on
 * the machine only adds. For benches. */
#ifndef LP_TIMING_H
#define LP_TIMING_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/msg.h"

struct cost {
    double wall_s, cpu_s; /* cpu_s: user and system, of the program and those it waited for */
    long peak_kib;
};

/* Runs argv (its name looked up in PATH); `silent`: its output is thrown away. False, with a line
 * on standard error unless silent, if it fails. */
static inline bool cost_of_program(const char *const argv[], bool silent, struct cost *c)
{
    double start;
    struct rusage u;
    int status;
    pid_t pid;

    fflush(stdout);
    start = msg_now_s();
    pid = fork();
    if (pid == 0) {
        if (silent && (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)))
            _exit(126);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &u) < 0 || status != 0) {
        if (!silent)
            fprintf(stderr, "bench: failed: %s %s\n", argv[0], argv[1] ? argv[1] : "");
        return false;
    }
    c->wall_s = msg_now_s() - start;
    c->cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
               1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    c->peak_kib = u.ru_maxrss;
    return true;
}

/* The least CPU time, wall time and peak so far. `best` is zeros at first. */
static inline void cost_keep_least(struct cost *best, const struct cost *c)
{
    if (best->peak_kib == 0)
        *best = *c;
    best->cpu_s = c->cpu_s < best->cpu_s ? c->cpu_s : best->cpu_s;
    best->wall_s = c->wall_s < best->wall_s ? c->wall_s : best->wall_s;
    best->peak_kib = c->peak_kib < best->peak_kib ? c->peak_kib : best->peak_kib;
}

/* One more run of a shell command. */
static inline bool cost_once_more(const char *command, struct cost *best)
{
    const char *const argv[] = {"sh", "-c", command, NULL};
    struct cost c;

    if (!cost_of_program(argv, false, &c)) {
        fprintf(stderr, "bench: failed: %s\n", command);
        return false;
    }
    cost_keep_least(best, &c);
    return true;
}

/* The least of `runs` runs of a shell command. */
static inline bool cost_of_command(const char *command, int runs, struct cost *best)
{
    *best = (struct cost){0};
    while (runs-- > 0)
        if (!cost_once_more(command, best))
            return false;
    return true;
}

#endif
