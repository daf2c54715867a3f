#include "fetch/summary.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* A component has the name of one of its people, so that people's numbers serve for both. */
int summary_count(const struct catalogue *c, struct summary *out, struct err *err)
{
    size_t n = c->people.n, i;
    bool *seen = mem_array(n + 1, sizeof(*seen)), *joined = mem_array(n + 1, sizeof(*joined));
    int r = seen && joined ? 0 : err_nomem(err);

    memset(out, 0, sizeof(*out));
    for (i = 0; i < c->n && !r; i++) {
        const struct entry *e = &c->videos[i];

        if (e->reason) {
            out->spoilt++;
            continue;
        }
        out->real += !e->fake;
        out->fake += e->fake;
        out->split[e->split]++;
        out->without_people += !e->component;
        if (e->face != NOBODY)
            seen[e->face] = true;
        if (e->context != NOBODY)
            seen[e->context] = true;
        if (e->component)
            joined[symbols_find(&c->people, e->component)] = true;
    }
    for (i = 0; i < n && !r; i++) {
        out->people += seen[i];
        out->components += joined[i];
    }
    free(seen);
    free(joined);
    return r;
}

void summary_line(const struct summary *s, struct str *out)
{
    const size_t *n = s->split;

    str_addf(out, "%zu real and %zu fake videos", s->real, s->fake);
    str_addf(out, "; train %zu, val %zu, test %zu, none %zu", n[SPLIT_TRAIN], n[SPLIT_VAL],
             n[SPLIT_TEST], n[SPLIT_NONE]);
    str_addf(out, "; %zu %s in %zu component%s", s->people, s->people == 1 ? "person" : "people",
             s->components, s->components == 1 ? "" : "s");
    if (s->without_people)
        str_addf(out, ", %zu video%s of nobody known", s->without_people,
                 s->without_people == 1 ? "" : "s");
    if (s->spoilt)
        str_addf(out, "; %zu video%s of no use", s->spoilt, s->spoilt == 1 ? "" : "s");
}

void summary_methods(const struct catalogue *c, FILE *out)
{
    size_t lo, hi, k, n[N_SPLITS], spoilt;

    for (lo = 0; lo < c->n; lo = hi) {
        const struct entry *e = &c->videos[lo];

        for (hi = lo; hi < c->n && strcmp(c->videos[hi].method, e->method) == 0 &&
                      strcmp(c->videos[hi].compression, e->compression) == 0;)
            hi++;
        memset(n, 0, sizeof(n));
        for (spoilt = 0, k = lo; k < hi; k++) {
            n[c->videos[k].split]++;
            spoilt += c->videos[k].reason != NULL;
        }
        fprintf(out, "%s %s: %zu videos (train %zu, val %zu, test %zu, none %zu)", e->method,
                e->compression, hi - lo, n[SPLIT_TRAIN], n[SPLIT_VAL], n[SPLIT_TEST],
                n[SPLIT_NONE]);
        fprintf(out, spoilt ? ", %zu of no use\n" : "\n", spoilt);
    }
}
