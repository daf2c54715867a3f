#include "evaluate/probe_answer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct probe *probe_add(struct probes *t, const char *name, const char *map, const char *label,
                        const char *unit)
{
    struct probe *p;

    if (mem_grow(&t->p, &t->cap, t->n + 1, sizeof(*t->p)))
        return NULL;
    p = &t->p[t->n++];
    *p = (struct probe){.name = name,
                        .map = map,
                        .label = label,
                        .unit = unit,
                        .value = NAN,
                        .lo = NAN,
                        .hi = NAN,
                        .chance = NAN,
                        .p = NAN};
    return p;
}

const struct probe *probe_find(const struct probes *t, const char *name, const char *map)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        if (!strcmp(t->p[i].name, name) && (!map || !strcmp(t->p[i].map, map)))
            return &t->p[i];
    return NULL;
}

void probe_undefined(struct probe *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(p->undefined, sizeof(p->undefined), fmt, ap);
    va_end(ap);
    p->value = p->lo = p->hi = p->p = NAN;
}

void probe_about(struct probe *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(p->about, sizeof(p->about), fmt, ap);
    va_end(ap);
}

void probes_release(struct probes *t)
{
    free(t->p);
    *t = (struct probes){0};
}
