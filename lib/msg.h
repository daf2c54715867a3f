/*
 * Messages for people, on stderr: `lp-extract: cannot open 'x': No such file or directory`.
 * Only main() and the stage's loop print; library code returns errors instead.
 *
 * error: the run failed or an item failed; warning: the result stands but the user should know;
 * info (-v): what is being done, once a step; debug (-vv): once an item.
 * Thread-safe; each message is one write. A progress line is cleared before a message is printed.
 */
#ifndef LP_MSG_H
#define LP_MSG_H

#include <stdbool.h>

#include "lib/err.h"

enum msg_level { MSG_ERROR, MSG_WARNING, MSG_INFO, MSG_DEBUG };

/* `tool` is kept, not copied. `level`: the most talkative level that is printed. */
void msg_init(const char *tool, enum msg_level level);
void msg(enum msg_level level, const char *fmt, ...) LP_PRINTF(2, 3);

#define msg_error(...)   msg(MSG_ERROR, __VA_ARGS__)
#define msg_warning(...) msg(MSG_WARNING, __VA_ARGS__)
#define msg_info(...)    msg(MSG_INFO, __VA_ARGS__)
#define msg_debug(...)   msg(MSG_DEBUG, __VA_ARGS__)

/* A line that the next message or line takes the place of: only on a terminal, and not with -q. */
void msg_line(const char *fmt, ...) LP_PRINTF(1, 2);

/*
 * Progress of one loop over items. On a terminal: a line redrawn at most 6 times a second with
 * count, rate and time left. Elsewhere, or with -q: nothing until progress_end(), which (unless
 * -q) prints one summary line: `812 ok, 3 failed, 0 skipped in 41.2 s`.
 * Call from one thread.
 */
struct progress {
    const char *unit; /* "videos" */
    unsigned long long total, ok, failed, skipped;
    double start_s, drawn_s; /* monotonic seconds */
    bool active;
};

void progress_begin(struct progress *p, const char *unit, unsigned long long total);
void progress_add(struct progress *p, unsigned ok, unsigned failed, unsigned skipped);
void progress_end(struct progress *p);

/* Seconds on the monotonic clock, for progress and benches; never for results. */
double msg_now_s(void);

#endif
