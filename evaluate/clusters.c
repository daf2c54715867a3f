#include "evaluate/clusters.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

const char *cluster_name(enum cluster_by by)
{
    static const char *const names[] = {"auto",    "component", "identity", "face",
                                        "context", "video",     "two-way"};

    return names[by];
}

static uint32_t field_of(const struct video *v, enum cluster_by by)
{
    switch (by) {
    case CLUSTER_COMPONENT:
        return v->component;
    case CLUSTER_FACE:
        return v->face_id;
    case CLUSTER_CONTEXT:
        return v->context_id;
    case CLUSTER_IDENTITY:
        return v->face_id != NAME_NONE ? v->face_id : v->context_id;
    case CLUSTER_AUTO:
    case CLUSTER_VIDEO:
    case CLUSTER_TWO_WAY:
        break;
    }
    return NAME_NONE;
}

static bool known(const struct dataset *d, const uint8_t *use, enum cluster_by by)
{
    size_t n = 0, all = 0, i;

    for (i = 0; i < d->n_videos; i++)
        if (use[i]) {
            all++;
            n += field_of(&d->video[i], by) != NAME_NONE;
        }
    return all && n * 10 >= all * 9;
}

bool clusters_are_crossed(const struct dataset *d, const uint8_t *use)
{
    size_t i;

    if (!known(d, use, CLUSTER_FACE) || !known(d, use, CLUSTER_CONTEXT))
        return false;
    for (i = 0; i < d->n_videos; i++) {
        const struct video *v = &d->video[i];

        if (use[i] && v->face_id != NAME_NONE && v->context_id != NAME_NONE &&
            v->face_id != v->context_id)
            return true;
    }
    return false;
}

/* Does one component hold more than half of the videos? */
static int lopsided(const struct dataset *d, const uint8_t *use, bool *so, struct err *err)
{
    size_t *count = mem_array(d->names.n, sizeof(*count)), all = 0, most = 0, i;

    if (!count)
        return err_nomem(err);
    for (i = 0; i < d->n_videos; i++) {
        uint32_t c = d->video[i].component;

        all += use[i] != 0;
        if (use[i] && c != NAME_NONE && ++count[c] > most)
            most = count[c];
    }
    *so = 2 * most > all;
    free(count);
    return 0;
}

static int choose(const struct dataset *d, const uint8_t *use, enum cluster_by *by, struct err *err)
{
    bool so = false;
    int r = 0;

    *by = known(d, use, CLUSTER_COMPONENT)  ? CLUSTER_COMPONENT
          : known(d, use, CLUSTER_IDENTITY) ? CLUSTER_IDENTITY
                                            : CLUSTER_VIDEO;
    if (*by == CLUSTER_COMPONENT && clusters_are_crossed(d, use) &&
        !(r = lopsided(d, use, &so, err)) && so)
        *by = CLUSTER_TWO_WAY;
    return r;
}

static uint32_t root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* A number for (data set, text), so that "000" of two data sets are two people. The key is the two
 * numbers of names, seven bits a byte, none of them 0. */
static int identity(struct names *t, const struct video *v, uint32_t field, uint32_t *number,
                    struct err *err)
{
    uint32_t part[2] = {v->dataset, field};
    char key[10];
    int i;

    for (i = 0; i < 10; i++)
        key[i] = (char)(0x80 | (part[i / 5] >> (7 * (i % 5)) & 0x7f));
    return names_add(t, key, sizeof(key), number, err);
}

/* Joins videos that share a value: first[value] is the first video with it. */
static int join(struct clusters *c, const struct dataset *d, const uint8_t *use, uint32_t *parent,
                struct names *values, struct err *err)
{
    static const enum cluster_by both[] = {CLUSTER_FACE, CLUSTER_CONTEXT};
    uint32_t *first = NULL, number;
    size_t cap = 0, i;
    int k, fields = c->by == CLUSTER_IDENTITY ? 2 : c->by == CLUSTER_VIDEO ? 0 : 1, r = 0;

    for (i = 0; !r && i < d->n_videos; i++) {
        bool known = c->by == CLUSTER_VIDEO;

        for (k = 0; !r && k < fields; k++) {
            uint32_t field = field_of(&d->video[i], fields == 2 ? both[k] : c->by);
            size_t before = values->n;

            if (field == NAME_NONE)
                continue;
            known = true;
            if ((r = identity(values, &d->video[i], field, &number, err)))
                break;
            if (mem_grow(&first, &cap, values->n, sizeof(*first))) {
                r = err_nomem(err);
                break;
            }
            if (values->n > before)
                first[number] = (uint32_t)i;
            else
                parent[root(parent, (uint32_t)i)] = root(parent, first[number]);
        }
        c->single += !known && use[i];
    }
    free(first);
    return r;
}

/* Cells of target and donor; an unknown one is nobody else's. */
static int cross(struct clusters *c, const struct dataset *d, const uint8_t *use, struct err *err)
{
    struct clusters way[N_WAYS] = {0};
    struct names cells = {0};
    size_t i;
    int k, r = 0;

    for (k = 0; !r && k < N_WAYS; k++)
        r = clusters_make(&way[k], d, use, k == WAY_TARGET ? CLUSTER_CONTEXT : CLUSTER_FACE, err);
    c->of = mem_array(d->n_videos, sizeof(*c->of));
    for (k = 0; k < N_WAYS; k++)
        c->ways.of[k] = mem_array(d->n_videos, sizeof(**c->ways.of));
    if (!r && (!c->of || !c->ways.of[WAY_TARGET] || !c->ways.of[WAY_DONOR]))
        r = err_nomem(err);
    for (i = 0; !r && i < d->n_videos; i++) {
        uint32_t pair[N_WAYS] = {way[WAY_TARGET].of[i], way[WAY_DONOR].of[i]};
        char key[10];

        for (k = 0; k < 10; k++)
            key[k] = (char)(0x80 | (pair[k / 5] >> (7 * (k % 5)) & 0x7f));
        if ((r = names_add(&cells, key, sizeof(key), &c->of[i], err)))
            break;
        for (k = 0; k < N_WAYS; k++)
            c->ways.of[k][c->of[i]] = pair[k];
        c->single +=
            use[i] && (d->video[i].face_id == NAME_NONE || d->video[i].context_id == NAME_NONE);
    }
    c->n = c->ways.cells = cells.n;
    for (k = 0; k < N_WAYS; k++) {
        c->ways.n[k] = way[k].n;
        clusters_release(&way[k]);
    }
    names_release(&cells);
    if (r)
        clusters_release(c);
    return r;
}

int clusters_make(struct clusters *c, const struct dataset *d, const uint8_t *use,
                  enum cluster_by by, struct err *err)
{
    uint32_t *parent, *number;
    struct names values = {0};
    size_t i;
    int r = 0;

    *c = (struct clusters){.by = by};
    if (by == CLUSTER_AUTO && (r = choose(d, use, &c->by, err)))
        return r;
    if (c->by == CLUSTER_TWO_WAY)
        return cross(c, d, use, err);
    parent = mem_array(d->n_videos, sizeof(*parent));
    number = mem_array(d->n_videos, sizeof(*number));
    c->of = mem_array(d->n_videos, sizeof(*c->of));
    if (!parent || !number || !c->of)
        r = err_nomem(err);
    for (i = 0; !r && i < d->n_videos; i++) {
        parent[i] = (uint32_t)i;
        number[i] = NAME_NONE;
    }
    if (!r)
        r = join(c, d, use, parent, &values, err);
    for (i = 0; !r && i < d->n_videos; i++) {
        uint32_t top = root(parent, (uint32_t)i);

        if (number[top] == NAME_NONE)
            number[top] = (uint32_t)c->n++;
        c->of[i] = number[top];
    }
    names_release(&values);
    free(parent);
    free(number);
    if (r)
        clusters_release(c);
    return r;
}

void clusters_release(struct clusters *c)
{
    free(c->of);
    ways_release(&c->ways);
    *c = (struct clusters){0};
}
