#include "lib/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static bool room(struct str *b, size_t more)
{
    if (b->oom)
        return false;
    if (more > (size_t)-1 - b->len - 1 || mem_grow(&b->s, &b->cap, b->len + more + 1, 1)) {
        b->oom = true;
        return false;
    }
    return true;
}

void str_add_n(struct str *b, const char *bytes, size_t n)
{
    if (!room(b, n))
        return;
    if (n)
        memcpy(b->s + b->len, bytes, n);
    b->len += n;
    b->s[b->len] = '\0';
}

void str_add(struct str *b, const char *text)
{
    str_add_n(b, text, strlen(text));
}

void str_add_c(struct str *b, char c)
{
    str_add_n(b, &c, 1);
}

void str_addv(struct str *b, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0) {
        b->oom = true;
        return;
    }
    if (!room(b, (size_t)n))
        return;
    vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
    b->len += (size_t)n;
}

void str_addf(struct str *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    str_addv(b, fmt, ap);
    va_end(ap);
}

void str_clear(struct str *b)
{
    b->len = 0;
    b->oom = false;
    if (b->s)
        b->s[0] = '\0';
}

void str_cut(struct str *b, size_t len)
{
    b->len = len;
    if (b->s)
        b->s[len] = '\0';
}

bool str_failed(const struct str *b)
{
    return b->oom;
}

char *str_take(struct str *b)
{
    char *s;

    str_add_n(b, "", 0);
    if (b->oom) {
        str_release(b);
        return NULL;
    }
    s = b->s;
    *b = (struct str)STR_INIT;
    return s;
}

void str_release(struct str *b)
{
    free(b->s);
    *b = (struct str)STR_INIT;
}
