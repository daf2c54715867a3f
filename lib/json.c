#include "lib/json.h"

#include <math.h>

/* ---- writing ---------------------------------------------------------------------------------*/

void jsonw_begin(struct jsonw *w, struct str *out, int indent)
{
    *w = (struct jsonw){.out = out, .indent = indent};
    w->first[0] = true;
}

static void new_line(struct jsonw *w)
{
    if (w->indent)
        str_addf(w->out, "\n%*s", w->depth * w->indent, "");
}

static void add_quoted(struct str *out, const char *s)
{
    str_add_c(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\')
            str_addf(out, "\\%c", c);
        else if (c == '\n')
            str_add(out, "\\n");
        else if (c < ' ' || c == 127)
            str_addf(out, "\\u%04x", (unsigned)c);
        else
            str_add_c(out, *s);
    }
    str_add_c(out, '"');
}

/* What stands before a value: comma, new line, key. */
static void before(struct jsonw *w, const char *key)
{
    if (!w->first[w->depth])
        str_add(w->out, w->indent ? "," : ", ");
    w->first[w->depth] = false;
    if (w->depth)
        new_line(w);
    if (key) {
        add_quoted(w->out, key);
        str_add(w->out, ": ");
    }
}

static void open_group(struct jsonw *w, const char *key, char c)
{
    before(w, key);
    str_add_c(w->out, c);
    if (w->depth + 1 < (int)(sizeof(w->first) / sizeof(*w->first)))
        w->depth++;
    else
        w->out->oom = true; /* deeper than any document of ours: refuse rather than overrun */
    w->first[w->depth] = true;
}

static void close_group(struct jsonw *w, char c)
{
    bool empty = w->first[w->depth];

    w->depth--;
    if (!empty)
        new_line(w);
    str_add_c(w->out, c);
    if (w->depth == 0 && w->indent)
        str_add_c(w->out, '\n');
}

void jsonw_object(struct jsonw *w, const char *key)
{
    open_group(w, key, '{');
}

void jsonw_object_end(struct jsonw *w)
{
    close_group(w, '}');
}

void jsonw_array(struct jsonw *w, const char *key)
{
    open_group(w, key, '[');
}

void jsonw_array_end(struct jsonw *w)
{
    close_group(w, ']');
}

void jsonw_text(struct jsonw *w, const char *key, const char *value)
{
    before(w, key);
    if (value)
        add_quoted(w->out, value);
    else
        str_add(w->out, "null");
}

void jsonw_int(struct jsonw *w, const char *key, long long value)
{
    before(w, key);
    str_addf(w->out, "%lld", value);
}

void jsonw_real(struct jsonw *w, const char *key, double value)
{
    before(w, key);
    if (isfinite(value))
        str_addf(w->out, "%.17g", value == 0 ? 0.0 : value);
    else
        str_add(w->out, "null");
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    before(w, key);
    str_add(w->out, value ? "true" : "false");
}

void jsonw_null(struct jsonw *w, const char *key)
{
    jsonw_text(w, key, NULL);
}
