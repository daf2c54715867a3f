#include "fetch/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rng.h"

/* A component with the videos that are in it. */
struct group {
    const char *name;
    size_t n[N_SPLITS]; /* videos by listed split */
    size_t size;
    double draw; /* orders groups of one size */
    enum split to;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

/* Large ones first, so that small ones can even out. */
static int by_size(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    if (x->draw != y->draw)
        return x->draw < y->draw ? -1 : 1;
    return strcmp(x->name, y->name);
}

static struct group *group_of(struct group *groups, size_t n, const char *name)
{
    const struct group key = {.name = name};

    return bsearch(&key, groups, n, sizeof(*groups), by_name);
}

static int list_groups(const struct catalogue *c, struct group **out, size_t *count,
                       struct err *err)
{
    struct group *g = mem_array(c->n + 1, sizeof(*g));
    size_t i, n = 0;

    if (!g)
        return err_nomem(err);
    for (i = 0; i < c->n; i++)
        if (c->videos[i].component)
            g[n++].name = c->videos[i].component;
    qsort(g, n, sizeof(*g), by_name);
    for (i = 0; i < n; i++)
        if (i == 0 || strcmp(g[i].name, g[*count - 1].name) != 0) {
            if (i == 0)
                *count = 0;
            g[(*count)++] = g[i];
        }
    if (n == 0)
        *count = 0;
    for (i = 0; i < c->n; i++)
        if (c->videos[i].component) {
            struct group *mine = group_of(g, *count, c->videos[i].component);

            mine->n[c->videos[i].listed]++;
            mine->size++;
        }
    *out = g;
    return 0;
}

/* The splits a group touches, and the first of them. */
static int splits_of(const struct group *g, enum split *first)
{
    int s, n = 0;

    *first = SPLIT_NONE;
    for (s = N_SPLITS - 1; s > SPLIT_NONE; s--)
        if (g->n[s]) {
            *first = (enum split)s;
            n++;
        }
    return n;
}

/* Deals out the groups for which `all`, or that touch several splits. `wanted` are numbers of
 * videos. */
static void deal(struct group *groups, size_t n, const double wanted[N_SPLITS], bool all)
{
    double has[N_SPLITS] = {0};
    enum split first;
    size_t i;
    int s;

    for (i = 0; i < n && !all; i++)
        if (splits_of(&groups[i], &first) == 1) {
            groups[i].to = first;
            has[first] += (double)groups[i].n[first];
        }
    for (i = 0; i < n; i++) {
        double best = 0;

        if (!all && splits_of(&groups[i], &first) < 2)
            continue;
        groups[i].to = SPLIT_NONE;
        for (s = SPLIT_TRAIN; s < N_SPLITS; s++) {
            /* What would be lacking, in shares of what is wanted. */
            double lack = wanted[s] > 0 ? (wanted[s] - has[s]) / wanted[s] : -1e300;

            if ((all ? wanted[s] > 0 : groups[i].n[s] > 0) &&
                (groups[i].to == SPLIT_NONE || lack > best)) {
                best = lack;
                groups[i].to = (enum split)s;
            }
        }
        has[groups[i].to] += (double)groups[i].size;
    }
}

int policy_apply(struct catalogue *c, const struct split_settings *s, size_t *changed,
                 struct err *err)
{
    struct group *groups = NULL;
    size_t i, n = 0, total = 0, listed[N_SPLITS] = {0};
    double wanted[N_SPLITS] = {0};
    bool any = false;
    int r, k;

    *changed = 0;
    for (i = 0; i < c->n; i++) {
        c->videos[i].split = c->videos[i].listed;
        listed[c->videos[i].listed]++;
        total += c->videos[i].component != NULL;
    }
    if (s->policy == POLICY_LISTED)
        return 0;
    r = list_groups(c, &groups, &n, err);
    if (r)
        return r;
    for (k = SPLIT_TRAIN; k < N_SPLITS; k++)
        any = any || listed[k];
    for (k = SPLIT_TRAIN; k < N_SPLITS; k++)
        wanted[k] = any ? (double)listed[k] : s->shares[k] * (double)total;
    for (i = 0; i < n; i++) {
        struct rng rng;

        rng_init(&rng, s->seed, 0, groups[i].name, "split");
        groups[i].draw = rng_uniform(&rng);
    }
    if (s->policy == POLICY_DISJOINT) {
        qsort(groups, n, sizeof(*groups), by_size);
        deal(groups, n, wanted, !any);
        qsort(groups, n, sizeof(*groups), by_name);
    }
    for (i = 0; i < c->n; i++) {
        struct entry *e = &c->videos[i];
        const struct group *g = e->component ? group_of(groups, n, e->component) : NULL;
        enum split first;
        int touched = g ? splits_of(g, &first) : 0;

        if (s->policy == POLICY_TRIMMED && touched > 1 && e->listed != first)
            e->split = SPLIT_NONE;
        if (s->policy == POLICY_DISJOINT && g && (!any || touched > 1))
            e->split = g->to;
        *changed += e->split != e->listed;
    }
    free(groups);
    return 0;
}
