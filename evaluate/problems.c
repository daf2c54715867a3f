#include "evaluate/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static void keep(struct problems *q, const char *kind, const char *text)
{
    struct problem *p;

    if (mem_grow(&q->p, &q->cap, q->n + 1, sizeof(*q->p))) {
        q->oom = true;
        return;
    }
    p = &q->p[q->n];
    p->kind = mem_strdup(kind);
    p->text = mem_strdup(text);
    if (!p->kind || !p->text) {
        free(p->kind);
        free(p->text);
        q->oom = true;
        return;
    }
    q->n++;
}

void problem_add(struct problems *q, bool fatal, const char *kind, const char *fmt, ...)
{
    size_t room = sizeof(q->count) / sizeof(*q->count), i;
    char text[600];
    va_list ap;

    q->fatal += fatal;
    for (i = 0; i < q->n_kinds && strcmp(q->count[i].kind, kind); i++)
        ;
    if (i == q->n_kinds && i < room) {
        q->count[i].kind = kind;
        q->count[i].n = 0;
        q->n_kinds++;
    }
    if (i < room && q->count[i].n++ >= PROBLEMS_KEPT)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    keep(q, kind, text);
}

size_t problems_of(const struct problems *q, const char *kind)
{
    size_t i;

    for (i = 0; i < q->n_kinds; i++)
        if (!strcmp(q->count[i].kind, kind))
            return q->count[i].n;
    return 0;
}

int problems_finish(struct problems *q, struct err *err)
{
    size_t i;

    for (i = 0; i < q->n_kinds; i++)
        if (q->count[i].n > PROBLEMS_KEPT) {
            char text[96];

            snprintf(text, sizeof(text), "and %zu more of kind %s", q->count[i].n - PROBLEMS_KEPT,
                     q->count[i].kind);
            keep(q, q->count[i].kind, text);
            q->count[i].n = PROBLEMS_KEPT;
        }
    return q->oom ? err_nomem(err) : 0;
}

void problems_release(struct problems *q)
{
    size_t i;

    for (i = 0; i < q->n; i++) {
        free(q->p[i].kind);
        free(q->p[i].text);
    }
    free(q->p);
    *q = (struct problems){0};
}
