#include "fetch/audit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/manifest.h"
#include "lib/mem.h"

const char *const audit_columns[] = {
    "id",      "component", "people",  "train", "val", "test", "split_a",
    "split_b", "video_a",   "video_b", "steps", "tie", NULL,
};

/* A way between two people: a fake, or a tie of the catalogue. */
struct way {
    int from, to;
    long long by; /* video i is i, tie i is -1 - i */
};

/* Breadth-first search over people. */
struct search {
    const struct catalogue *c;
    struct way *ways; /* sorted by `from` */
    size_t n_ways;
    size_t *first;    /* by person: where its ways begin; one more at the end */
    long long *video; /* by person and split: the first video of it there, or -1 */
    int *queue, *parent;
    long long *by;   /* by person: the way it was reached */
    int *start;      /* by person: where the search that reached it began */
    long long *mark; /* by person: the search that reached it last */
};

static int by_from(const void *a, const void *b)
{
    const struct way *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    /* Ties of the data set explain more than a fake does. */
    if (x->by != y->by)
        return x->by < y->by ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

static void add_way(struct search *s, int a, int b, long long by)
{
    if (a == NOBODY || b == NOBODY || a == b)
        return;
    s->ways[s->n_ways++] = (struct way){a, b, by};
    s->ways[s->n_ways++] = (struct way){b, a, by};
}

static int open_search(struct search *s, const struct catalogue *c, struct err *err)
{
    size_t n = (size_t)c->people.n, i;
    int k;

    *s = (struct search){.c = c};
    s->ways = mem_array(2 * (c->n + c->n_ties) + 1, sizeof(*s->ways));
    s->first = mem_array(n + 1, sizeof(*s->first));
    s->video = mem_array((n + 1) * N_SPLITS, sizeof(*s->video));
    s->queue = mem_array(n + 1, sizeof(*s->queue));
    s->parent = mem_array(n + 1, sizeof(*s->parent));
    s->by = mem_array(n + 1, sizeof(*s->by));
    s->start = mem_array(n + 1, sizeof(*s->start));
    s->mark = mem_array(n + 1, sizeof(*s->mark));
    if (!s->ways || !s->first || !s->video || !s->queue || !s->parent || !s->by || !s->start ||
        !s->mark)
        return err_nomem(err);
    for (i = 0; i < n * N_SPLITS; i++)
        s->video[i] = -1;
    for (i = 0; i < c->n; i++) {
        const struct entry *e = &c->videos[i];
        const int people[2] = {e->target, e->donor};

        add_way(s, e->target, e->donor, (long long)i);
        for (k = 0; k < 2; k++) {
            long long *v = people[k] == NOBODY ? NULL : &s->video[people[k] * N_SPLITS + e->split];

            /* A pristine video says it best. */
            if (v && (*v < 0 || (c->videos[*v].fake && !e->fake)))
                *v = (long long)i;
        }
    }
    for (i = 0; i < c->n_ties; i++)
        add_way(s, c->ties[i].a, c->ties[i].b, -1 - (long long)i);
    qsort(s->ways, s->n_ways, sizeof(*s->ways), by_from);
    for (i = 0, k = 0; k <= c->people.n; k++) {
        while (i < s->n_ways && s->ways[i].from < k)
            i++;
        s->first[k] = i;
    }
    return 0;
}

static void close_search(struct search *s)
{
    free(s->ways);
    free(s->first);
    free(s->video);
    free(s->queue);
    free(s->parent);
    free(s->by);
    free(s->start);
    free(s->mark);
}

static long long video_of(const struct search *s, int person, enum split split)
{
    return s->video[person * N_SPLITS + (int)split];
}

/* From the people of a component in split a to the nearest one in split b, or NOBODY. */
static int nearest(struct search *s, const int *people, size_t n, enum split a, enum split b,
                   long long mark)
{
    size_t i, head = 0, tail = 0;

    for (i = 0; i < n; i++)
        if (video_of(s, people[i], a) >= 0) {
            s->mark[people[i]] = mark;
            s->parent[people[i]] = NOBODY;
            s->start[people[i]] = people[i];
            s->queue[tail++] = people[i];
        }
    while (head < tail) {
        int p = s->queue[head++];

        if (video_of(s, p, b) >= 0)
            return p;
        for (i = s->first[p]; i < s->first[p + 1]; i++) {
            int q = s->ways[i].to;

            if (s->mark[q] == mark)
                continue;
            s->mark[q] = mark;
            s->parent[q] = p;
            s->by[q] = s->ways[i].by;
            s->start[q] = s->start[p];
            s->queue[tail++] = q;
        }
    }
    return NOBODY;
}

/* "ffpp:756 - ffpp:755 (both from source video X)", from the far end back to the start. */
static size_t describe(const struct search *s, int end, struct str *out)
{
    const struct catalogue *c = s->c;
    size_t steps = 0;
    int p = end;

    str_clear(out);
    str_add(out, c->people.names[p]);
    for (; s->parent[p] != NOBODY; p = s->parent[p], steps++) {
        str_addf(out, " - %s (", c->people.names[s->parent[p]]);
        if (s->by[p] < 0)
            str_add(out, c->ties[-1 - s->by[p]].why);
        else
            str_add(out, c->videos[s->by[p]].id);
        str_add_c(out, ')');
    }
    return steps;
}

static int write_row(struct search *s, const char *component, size_t n, const size_t *counts,
                     enum split a, enum split b, int end, struct str *rows, struct err *err)
{
    const struct catalogue *c = s->c;
    struct str id = STR_INIT, tie = STR_INIT;
    size_t steps = describe(s, end, &tie);
    int k, r = 0;

    str_addf(&id, "%s/%s-%s", component, split_names[a], split_names[b]);
    row_text(rows, id.s);
    row_text(rows, component);
    row_int(rows, (long long)n);
    for (k = SPLIT_TRAIN; k < N_SPLITS; k++)
        row_int(rows, (long long)counts[k]);
    row_text(rows, split_names[a]);
    row_text(rows, split_names[b]);
    row_text(rows, c->videos[video_of(s, s->start[end], a)].id);
    row_text(rows, c->videos[video_of(s, end, b)].id);
    row_int(rows, (long long)steps);
    row_text(rows, tie.s);
    row_end(rows);
    if (str_failed(&id) || str_failed(&tie) || str_failed(rows))
        r = err_nomem(err);
    str_release(&id);
    str_release(&tie);
    return r;
}

/* People grouped by component: those of component k are people[at[k]] .. people[at[k + 1] - 1]. */
static int group_people(const struct catalogue *c, int **people, size_t **at, struct err *err)
{
    size_t n = (size_t)c->people.n, i;

    *people = mem_array(n + 1, sizeof(**people));
    *at = mem_array(n + 3, sizeof(**at));
    if (!*people || !*at)
        return err_nomem(err);
    /* A counting sort: at[k + 2] counts, then at[k + 1] is where the next of k goes. */
    for (i = 0; i < n; i++)
        (*at)[c->component_of[i] + 2]++;
    for (i = 2; i < n + 2; i++)
        (*at)[i] += (*at)[i - 1];
    for (i = 0; i < n; i++)
        (*people)[(*at)[c->component_of[i] + 1]++] = (int)i;
    return 0;
}

int audit_rows(const struct catalogue *c, struct str *rows, size_t *components, struct err *err)
{
    struct search s = {0};
    int *people = NULL, k, a, b, r;
    size_t *at = NULL, (*counts)[N_SPLITS] = NULL, i;
    long long mark = 0;

    *components = 0;
    r = open_search(&s, c, err);
    if (!r)
        r = group_people(c, &people, &at, err);
    counts = mem_array((size_t)c->people.n + 1, sizeof(*counts));
    if (!r && !counts)
        r = err_nomem(err);
    for (i = 0; i < c->n && !r; i++)
        if (c->videos[i].target != NOBODY)
            counts[c->component_of[c->videos[i].target]][c->videos[i].split]++;
    for (k = 0; k < c->people.n && !r; k++) {
        size_t n = at[k + 1] - at[k];
        bool crosses = false;

        for (a = SPLIT_TRAIN; a < N_SPLITS; a++)
            for (b = a + 1; b < N_SPLITS && !r; b++) {
                int end;

                if (!counts[k][a] || !counts[k][b])
                    continue;
                crosses = true;
                end = nearest(&s, people + at[k], n, (enum split)a, (enum split)b, ++mark);
                if (end != NOBODY)
                    r = write_row(&s, c->people.names[k], n, counts[k], (enum split)a,
                                  (enum split)b, end, rows, err);
            }
        *components += crosses;
    }
    close_search(&s);
    free(people);
    free(at);
    free(counts);
    return r;
}
