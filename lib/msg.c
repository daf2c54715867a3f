#include "lib/msg.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REDRAWS_PER_S 6.0

/* Set once by main before any thread starts, except for `line_drawn`, which the lock guards. */
static const char *tool_name = "leakproof";
static enum msg_level print_level = MSG_WARNING;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool line_drawn;

double msg_now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void msg_init(const char *tool, enum msg_level level)
{
    tool_name = tool;
    print_level = level;
}

void msg(enum msg_level level, const char *fmt, ...)
{
    static const char *const prefix[] = {"", "warning: ", "", ""};
    char text[2048];
    va_list ap;
    char *c;

    if (level > print_level)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (c = text; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' '; /* a file name must not move the terminal's cursor */
    fflush(stdout);   /* what was said before on stdout stays before */
    pthread_mutex_lock(&lock);
    if (line_drawn)
        fputs("\r\033[K", stderr);
    line_drawn = false;
    fprintf(stderr, "%s: %s%s\n", tool_name, prefix[level], text);
    pthread_mutex_unlock(&lock);
}

void msg_line(const char *fmt, ...)
{
    va_list ap;

    if (print_level < MSG_WARNING || !isatty(STDERR_FILENO))
        return;
    pthread_mutex_lock(&lock);
    fprintf(stderr, "\r\033[K%s: ", tool_name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fflush(stderr);
    line_drawn = true;
    pthread_mutex_unlock(&lock);
}

static void draw(struct progress *p, double now)
{
    unsigned long long done = p->ok + p->failed + p->skipped;
    double spent = now - p->start_s;
    double rate = spent > 0 ? (double)done / spent : 0;
    double left = rate > 0 && p->total > done ? (double)(p->total - done) / rate : 0;

    pthread_mutex_lock(&lock);
    fprintf(stderr, "\r\033[K%s: %llu/%llu %s", tool_name, done, p->total, p->unit);
    if (p->failed)
        fprintf(stderr, ", %llu failed", p->failed);
    if (rate > 0)
        fprintf(stderr, ", %.3g/s, %d:%02d left", rate, (int)left / 60, (int)left % 60);
    fflush(stderr);
    line_drawn = true;
    pthread_mutex_unlock(&lock);
    p->drawn_s = now;
}

void progress_begin(struct progress *p, const char *unit, unsigned long long total)
{
    *p = (struct progress){.unit = unit, .total = total};
    p->start_s = msg_now_s();
    p->active = print_level >= MSG_WARNING && isatty(STDERR_FILENO);
}

void progress_add(struct progress *p, unsigned ok, unsigned failed, unsigned skipped)
{
    double now;

    p->ok += ok;
    p->failed += failed;
    p->skipped += skipped;
    if (!p->active)
        return;
    now = msg_now_s();
    if (now - p->drawn_s >= 1.0 / REDRAWS_PER_S)
        draw(p, now);
}

void progress_end(struct progress *p)
{
    if (print_level < MSG_WARNING)
        return;
    /* At the error level only for its plain wording: this is the run's result. */
    msg(MSG_ERROR, "%s: %llu ok, %llu failed, %llu skipped in %.1f s", p->unit, p->ok, p->failed,
        p->skipped, msg_now_s() - p->start_s);
}
