#include "evaluate/check.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct condition {
    enum metric metric;
    bool video;
    int end; /* 0 the value, -1 its lower limit, 1 its upper one */
    char op[3];
    double number;
    const char *text;
    size_t len;
};

static int malformed(const struct condition *c, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "--check '%.*s' is not METRIC.LEVEL OP NUMBER, as in 'auc.video >= 0.9'",
                   (int)c->len, c->text);
}

static bool ends(const char *p, size_t *len, const char *with)
{
    size_t n = strlen(with);

    if (*len <= n || memcmp(p + *len - n, with, n))
        return false;
    *len -= n;
    return true;
}

static int parse(struct condition *c, struct err *err)
{
    const char *p = c->text, *end = p + c->len;
    size_t name = strcspn(p, " <>=!"), op;
    char *stop;
    int k;

    p += name;
    while (p < end && *p == ' ')
        p++;
    op = strspn(p, "<>=!");
    if (p >= end || op == 0 || op > 2)
        return malformed(c, err);
    memcpy(c->op, p, op);
    c->op[op] = 0;
    if (!strcmp(c->op, "=") || !strcmp(c->op, "!"))
        return malformed(c, err);
    c->number = strtod(p + op, &stop);
    while (stop < end && *stop == ' ')
        stop++;
    if (stop != end || stop == p + op || isnan(c->number))
        return malformed(c, err);
    c->end = ends(c->text, &name, ".lo") ? -1 : ends(c->text, &name, ".hi") ? 1 : 0;
    c->video = ends(c->text, &name, ".video");
    if (!c->video && !ends(c->text, &name, ".frame"))
        return malformed(c, err);
    for (k = 0; k < N_METRICS; k++)
        if (strlen(metric_rows[k].key) == name && !memcmp(metric_rows[k].key, c->text, name)) {
            c->metric = (enum metric)k;
            return 0;
        }
    return err_set(err, ERR_USAGE, "--check: no metric '%.*s'", (int)name, c->text);
}

static bool holds(double v, const char *op, double x)
{
    if (op[0] == '<')
        return op[1] ? v <= x : v < x;
    if (op[0] == '>')
        return op[1] ? v >= x : v > x;
    return op[0] == '=' ? v == x : v < x || v > x;
}

static int judge(const struct condition *c, const struct result *r, struct err *err)
{
    size_t i;

    for (i = 0; i < r->data.n_models; i++) {
        const struct level *l = c->video ? &r->model[i].video : &r->model[i].frame;
        const struct measure *m = &l->m[c->metric];
        double v = c->end < 0 ? m->lo : c->end > 0 ? m->hi : m->value;

        if (isnan(v))
            return err_set(err, ERR_CHECK, "%s: check '%.*s': undefined: %s", r->data.model[i].name,
                           (int)c->len, c->text,
                           m->undefined ? m->undefined
                           : m->method  ? m->method
                                        : "no interval");
        if (!holds(v, c->op, c->number))
            return err_set(err, ERR_CHECK, "%s: check '%.*s' fails: it is %.6g",
                           r->data.model[i].name, (int)c->len, c->text, v);
    }
    return 0;
}

int check_conditions(const char *text, const struct result *r, struct err *err)
{
    const char *p = text;
    int code = 0;

    while (!code) {
        struct condition c = {0};
        const char *comma = strchr(p, ','), *word = strstr(p, " and "), *next = NULL;

        if (comma && (!word || comma < word))
            next = comma + 1;
        else if (word)
            next = word + 5;
        c.text = p + strspn(p, " ");
        c.len = (size_t)((next ? (next[-1] == ',' ? comma : word) : p + strlen(p)) - c.text);
        while (c.len && c.text[c.len - 1] == ' ')
            c.len--;
        code = parse(&c, err);
        if (!code && r)
            code = judge(&c, r, err);
        if (!next)
            break;
        p = next;
    }
    return code;
}
