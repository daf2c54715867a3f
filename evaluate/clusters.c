#include "evaluate/clusters.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

const char *cluster_name(enum cluster_by by)
{
    static const char *const names[] = {"auto", "component", "identity",
                                        "face", "context",   "video"};

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
        break;
    }
    return NAME_NONE;
}

static enum cluster_by choose(const struct dataset *d, const uint8_t *use)
{
    static const enum cluster_by order[] = {CLUSTER_COMPONENT, CLUSTER_IDENTITY};
    size_t i, j;

    for (i = 0; i < 2; i++) {
        size_t known = 0, all = 0;

        for (j = 0; j < d->n_videos; j++)
            if (use[j]) {
                all++;
                known += field_of(&d->video[j], order[i]) != NAME_NONE;
            }
        if (all && known * 10 >= all * 9)
            return order[i];
    }
    return CLUSTER_VIDEO;
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

int clusters_make(struct clusters *c, const struct dataset *d, const uint8_t *use,
                  enum cluster_by by, struct err *err)
{
    uint32_t *parent = mem_array(d->n_videos, sizeof(*parent));
    uint32_t *number = mem_array(d->n_videos, sizeof(*number));
    struct names values = {0};
    size_t i;
    int r = 0;

    *c = (struct clusters){.by = by == CLUSTER_AUTO ? choose(d, use) : by};
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
    *c = (struct clusters){0};
}
