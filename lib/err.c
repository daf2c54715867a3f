#include "lib/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The words may quote file names; a newline in one must not break a manifest row or a log. */
static void one_line(char *s)
{
    for (; *s; s++)
        if (*s == '\n' || *s == '\r' || *s == '\t')
            *s = ' ';
}

static int set_v(struct err *e, int code, int errnum, const char *fmt, va_list ap) LP_PRINTF(4, 0);

static int set_v(struct err *e, int code, int errnum, const char *fmt, va_list ap)
{
    size_t n;

    if (!e || e->code)
        return code;
    e->code = code;
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    n = strlen(e->text);
    if (errnum && n + 3 < sizeof(e->text))
        snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(errnum));
    one_line(e->text);
    return code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    code = set_v(e, code, 0, fmt, ap);
    va_end(ap);
    return code;
}

int err_set_errno(struct err *e, int code, int errnum, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    code = set_v(e, code, errnum, fmt, ap);
    va_end(ap);
    return code;
}

int err_nomem(struct err *e)
{
    return err_set(e, -ENOMEM, "out of memory");
}

void err_clear(struct err *e)
{
    e->code = 0;
    e->text[0] = '\0';
}

int err_exit_status(int code)
{
    if (code == 0)
        return 0;
    if (code <= -20000 && code > -20256)
        return -code - 20000;
    switch (-code) {
    case ENOENT:
    case EACCES:
    case EISDIR:
    case ENOTDIR:
        return 66;
    case ENOMEM:
    case EAGAIN:
        return 71;
    case EIO:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EPIPE:
        return 74;
    default:
        return 70;
    }
}
