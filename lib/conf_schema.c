#include "lib/conf_schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/*
 * A line of default.yaml is blank, a comment, `section:` at the margin, or
 * `  name: default  # type rest: help`. This reader knows only that form, because the file is ours;
 * users' files go through libyaml.
 */

static int bad(size_t line, struct err *err, const char *what)
{
    return err_set(err, ERR_FAULT, "configs/default.yaml:%zu: %s", line, what);
}

static char *trimmed(const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from))
        from++;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return strndup(from, (size_t)(to - from));
}

/* Splits "a b c" into k->words. */
static int read_words(struct conf_key *k, const char *text)
{
    size_t cap = 0;

    while (*text) {
        size_t n = strcspn(text, " ");

        if (n) {
            if (mem_grow(&k->words, &cap, k->n_words + 2, sizeof(*k->words)))
                return -1;
            k->words[k->n_words] = strndup(text, n);
            if (!k->words[k->n_words])
                return -1;
            k->words[++k->n_words] = NULL;
        }
        text += n + (text[n] == ' ');
    }
    return 0;
}

/* "0..1024". Not by scanf: its %lf takes the first dot of the two. */
static int read_range(struct conf_key *k, const char *text)
{
    const char *dots = strstr(text, "..");
    char lo[32], *end;

    if (!dots || (size_t)(dots - text) >= sizeof(lo))
        return -1;
    memcpy(lo, text, (size_t)(dots - text));
    lo[dots - text] = '\0';
    k->lo = strtod(lo, &end);
    if (end == lo || *end)
        return -1;
    k->hi = strtod(dots + 2, &end);
    return end == dots + 2 || *end ? -1 : 0;
}

static int read_type(struct conf_key *k, const char *text)
{
    static const char *const names[] = {
        [CONF_INT] = "int",   [CONF_REAL] = "real", [CONF_BOOL] = "bool", [CONF_STRING] = "string",
        [CONF_PATH] = "path", [CONF_ENUM] = "enum", [CONF_LIST] = "list"};
    size_t n = strcspn(text, " "), t;
    const char *rest = text + n + strspn(text + n, " ");

    for (t = 0; t < sizeof(names) / sizeof(*names); t++)
        if (strlen(names[t]) == n && strncmp(names[t], text, n) == 0)
            break;
    if (t == sizeof(names) / sizeof(*names))
        return -1;
    k->type = (enum conf_type)t;
    switch (k->type) {
    case CONF_INT:
    case CONF_REAL:
        return read_range(k, rest);
    case CONF_ENUM:
        return read_words(k, rest) || k->n_words == 0 ? -1 : 0;
    case CONF_LIST:
        if (strncmp(rest, "of ", 3) == 0)
            rest += 3;
        if (strncmp(rest, "enum ", 5) == 0) {
            k->list_of_words = true;
            return read_words(k, rest + 5);
        }
        k->list_of_paths = strcmp(rest, "path") == 0;
        return k->list_of_paths || strcmp(rest, "string") == 0 || !*rest ? 0 : -1;
    case CONF_BOOL:
    case CONF_STRING:
    case CONF_PATH:
        return *rest ? -1 : 0;
    }
    return -1;
}

static int read_key(struct conf_key *k, const char *section, const char *p, const char *end,
                    size_t line, struct err *err)
{
    const char *colon = memchr(p, ':', (size_t)(end - p));
    const char *hash = colon ? memmem(colon, (size_t)(end - colon), " # ", 3) : NULL;
    const char *help = hash ? memmem(hash, (size_t)(end - hash), ": ", 2) : NULL;
    char *type;
    int r;

    if (!help)
        return bad(line, err, "a key needs the form 'name: default  # type: meaning'");
    k->section = strdup(section);
    k->name = trimmed(p, colon);
    k->fallback = trimmed(colon + 1, hash);
    type = trimmed(hash + 3, help);
    k->help = trimmed(help + 2, end);
    if (!k->section || !k->name || !k->fallback || !type || !k->help) {
        free(type);
        return err_nomem(err);
    }
    if (!*k->fallback) {
        free(k->fallback);
        k->fallback = NULL;
    }
    if (k->help[0] == '!') {
        k->harmless = true;
        memmove(k->help, k->help + 1 + (k->help[1] == ' '),
                strlen(k->help + 1 + (k->help[1] == ' ')) + 1);
    }
    r = read_type(k, type) ? bad(line, err, "the type in the comment is not understood") : 0;
    free(type);
    return r;
}

int conf_schema_read(const char *yaml, struct conf_schema *s, struct err *err)
{
    char *section = NULL;
    size_t cap = 0, line = 0;
    const char *p, *end;
    int r = 0;

    *s = (struct conf_schema){0};
    for (p = yaml; !r && *p; p = *end ? end + 1 : end) {
        const char *text = p + strspn(p, " ");

        line++;
        end = p + strcspn(p, "\n");
        if (text == end || *text == '#')
            continue;
        if (text == p) {
            free(section);
            section = trimmed(p, memchr(p, ':', (size_t)(end - p)) ? p + strcspn(p, ":") : end);
            if (!section)
                r = err_nomem(err);
            continue;
        }
        if (!section) {
            r = bad(line, err, "a key outside of a section");
        } else if (mem_grow(&s->keys, &cap, s->n + 1, sizeof(*s->keys))) {
            r = err_nomem(err);
        } else {
            s->keys[s->n] = (struct conf_key){0};
            r = read_key(&s->keys[s->n++], section, text, end, line, err);
        }
    }
    free(section);
    if (r)
        conf_schema_release(s);
    return r;
}

void conf_schema_release(struct conf_schema *s)
{
    size_t i, w;

    for (i = 0; i < s->n; i++) {
        struct conf_key *k = &s->keys[i];

        for (w = 0; w < k->n_words; w++)
            free(k->words[w]);
        free(k->words);
        free(k->section);
        free(k->name);
        free(k->fallback);
        free(k->help);
    }
    free(s->keys);
    *s = (struct conf_schema){0};
}
