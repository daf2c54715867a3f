#include "extract/group.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

const char *const group_columns[GROUP_N_COLUMNS + 1] = {
    "id",        "path", "label",  "split",  "face_id", "context_id",
    "component", "pair", "status", "reason", NULL};

/* A row while sorting: rows are already in order of id. */
struct member {
    const char *key;
    size_t row;
    bool leads;
};

static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int c = strcmp(x->key, y->key);

    if (c)
        return c;
    if (x->leads != y->leads)
        return x->leads ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Reads each row's group name; fills `members` with those of the shard. */
static int collect(struct group_list *l, const struct manifest *m, const int *cols,
                   const struct shard *shard, struct member *members, size_t *n, struct err *err)
{
    struct manifest_row row = {0};
    size_t i;
    int r = 0;

    *n = 0;
    for (i = 0; i < m->n_rows; i++) {
        const char *id, *pair;

        r = manifest_read(m, i, &row, err);
        if (r)
            break;
        id = row.field[cols[GROUP_ID]];
        pair = row.field[cols[GROUP_PAIR]];
        l->keys[i] = mem_strdup(pair ? pair : id);
        if (!l->keys[i]) {
            r = err_nomem(err);
            break;
        }
        if (shard_has(shard, l->keys[i]))
            members[(*n)++] = (struct member){l->keys[i], i, strcmp(l->keys[i], id) == 0};
    }
    manifest_row_release(&row);
    return r;
}

int group_list_init(struct group_list *l, const struct manifest *m, const int *cols,
                    const struct shard *shard, struct err *err)
{
    struct member *members = mem_array(m->n_rows, sizeof(*members));
    size_t i, n = 0;
    int r;

    *l = (struct group_list){.n_rows = m->n_rows};
    l->groups = mem_array(m->n_rows, sizeof(*l->groups));
    l->order = mem_array(m->n_rows, sizeof(*l->order));
    l->keys = mem_array(m->n_rows, sizeof(*l->keys));
    if (!members || !l->groups || !l->order || !l->keys)
        r = err_nomem(err);
    else
        r = collect(l, m, cols, shard, members, &n, err);
    if (!r) {
        qsort(members, n, sizeof(*members), by_group);
        for (i = 0; i < n; i++) {
            if (i == 0 || strcmp(members[i].key, members[i - 1].key) != 0)
                l->groups[l->n++] =
                    (struct group){.name = members[i].key, .first = i, .led = members[i].leads};
            l->groups[l->n - 1].n++;
            l->order[i] = members[i].row;
        }
    }
    free(members);
    if (r)
        group_list_release(l);
    return r;
}

void group_list_release(struct group_list *l)
{
    size_t i;

    for (i = 0; l->keys && i < l->n_rows; i++)
        free(l->keys[i]);
    free(l->keys);
    free(l->groups);
    free(l->order);
    *l = (struct group_list){0};
}
