#include "evaluate/json_line.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 64 /* of values passed over */

struct cursor {
    char *p, *end;
};

static void blanks(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\r'))
        c->p++;
}

static bool hex4(const struct cursor *c, const char *p, uint32_t *u)
{
    int i;

    if (c->end - p < 4)
        return false;
    for (*u = 0, i = 0; i < 4; i++) {
        char d = p[i];
        int v = d >= '0' && d <= '9'   ? d - '0'
                : d >= 'a' && d <= 'f' ? d - 'a' + 10
                : d >= 'A' && d <= 'F' ? d - 'A' + 10
                                       : -1;

        if (v < 0)
            return false;
        *u = *u << 4 | (uint32_t)v;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t u)
{
    if (u < 0x80) {
        *to++ = (char)u;
    } else if (u < 0x800) {
        *to++ = (char)(0xc0 | u >> 6);
        *to++ = (char)(0x80 | (u & 0x3f));
    } else if (u < 0x10000) {
        *to++ = (char)(0xe0 | u >> 12);
        *to++ = (char)(0x80 | (u >> 6 & 0x3f));
        *to++ = (char)(0x80 | (u & 0x3f));
    } else {
        *to++ = (char)(0xf0 | u >> 18);
        *to++ = (char)(0x80 | (u >> 12 & 0x3f));
        *to++ = (char)(0x80 | (u >> 6 & 0x3f));
        *to++ = (char)(0x80 | (u & 0x3f));
    }
    return to;
}

/* \uXXXX, and its low half if it is a surrogate; p is at the u. NULL if malformed. */
static char *decode_u(const struct cursor *c, char *p, char **to)
{
    uint32_t u, low;

    if (!hex4(c, p + 1, &u))
        return NULL;
    p += 5;
    if (u >= 0xd800 && u < 0xdc00) {
        if (c->end - p < 6 || p[0] != '\\' || p[1] != 'u' || !hex4(c, p + 2, &low) ||
            low < 0xdc00 || low > 0xdfff)
            return NULL;
        u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
    } else if ((u >= 0xdc00 && u < 0xe000) || u == 0) {
        return NULL;
    }
    *to = put_utf8(*to, u);
    return p;
}

/* A text, decoded in place; the cursor is at its opening quote. */
static const char *text(struct cursor *c, char **start, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char *p = c->p + 1, *to = p;

    *start = p;
    while (p < c->end && *p != '"') {
        const char *known;

        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        if (++p == c->end)
            break;
        if (*p == 'u') {
            p = decode_u(c, p, &to);
            if (!p)
                return "a text holds a malformed \\u";
        } else if ((known = memchr(from, *p, sizeof(from) - 1))) {
            *to++ = into[known - from];
            p++;
        } else {
            return "a text holds an unknown escape";
        }
    }
    if (p >= c->end)
        return "a text does not end";
    *len = (size_t)(to - *start);
    c->p = p + 1;
    return NULL;
}

/* Passes over an array or object: brackets balance outside of texts. */
static const char *nested(struct cursor *c)
{
    char stack[MAX_DEPTH], *start;
    int depth = 0;
    const char *what;
    size_t len;

    do {
        if (c->p == c->end)
            return "an array or object does not end";
        if (*c->p == '"') {
            if ((what = text(c, &start, &len)))
                return what;
            continue;
        }
        if (*c->p == '[' || *c->p == '{') {
            if (depth == MAX_DEPTH)
                return "too deeply nested";
            stack[depth++] = *c->p == '[' ? ']' : '}';
        } else if (*c->p == ']' || *c->p == '}') {
            if (stack[--depth] != *c->p)
                return "brackets do not match";
        }
        c->p++;
    } while (depth);
    return NULL;
}

static const char *value(struct cursor *c, char **start, size_t *len, bool *report)
{
    *report = true;
    if (c->p == c->end)
        return "a value is missing";
    if (*c->p == '"')
        return text(c, start, len);
    if (*c->p == '[' || *c->p == '{') {
        *report = false;
        return nested(c);
    }
    *start = c->p;
    while (c->p < c->end && !strchr(",}] \t\r", *c->p))
        c->p++;
    *len = (size_t)(c->p - *start);
    if (!*len)
        return "a value is missing";
    if (*len == 4 && !memcmp(*start, "null", 4))
        *len = 0;
    return NULL;
}

const char *json_line_read(char *line, size_t len, json_line_member *member, void *ctx)
{
    struct cursor c = {line, line + len};
    const char *what;
    char *key, *start;
    size_t key_len, n;
    bool report;

    blanks(&c);
    if (c.p == c.end || *c.p != '{')
        return "not a JSON object";
    c.p++;
    blanks(&c);
    if (c.p < c.end && *c.p == '}') {
        c.p++;
    } else {
        for (;;) {
            blanks(&c);
            if (c.p == c.end || *c.p != '"')
                return "a JSON object needs a quoted name here";
            if ((what = text(&c, &key, &key_len)))
                return what;
            blanks(&c);
            if (c.p == c.end || *c.p != ':')
                return "a name is not followed by ':'";
            c.p++;
            blanks(&c);
            if ((what = value(&c, &start, &n, &report)))
                return what;
            if (report)
                member(ctx, key, key_len, start, n);
            blanks(&c);
            if (c.p == c.end)
                return "the JSON object does not end";
            if (*c.p == '}') {
                c.p++;
                break;
            }
            if (*c.p++ != ',')
                return "a value is not followed by ',' or '}'";
        }
    }
    blanks(&c);
    return c.p == c.end ? NULL : "text after the JSON object";
}
