#include "swap/tarball.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

int tarball_begin(struct tarball *t, struct sink *sink, const char *name, size_t shuffle,
                  uint64_t seed, uint32_t epoch, const char *stream, struct err *err)
{
    size_t had = t->capacity;

    t->sink = sink;
    t->name = name;
    t->n = 0;
    t->limit = shuffle;
    t->written = 0;
    str_clear(&t->rows);
    rng_init(&t->rng, seed, epoch, stream, "shuffle");
    if (mem_grow(&t->waiting, &t->capacity, shuffle + 1, sizeof *t->waiting))
        return err_nomem(err);
    if (t->capacity > had)
        memset(t->waiting + had, 0, (t->capacity - had) * sizeof *t->waiting);
    return 0;
}

static int write_out(struct tarball *t, const struct product *p, struct err *err)
{
    struct str name = STR_INIT;
    size_t at = 0;
    long long offset = 0;
    int i, r = 0;

    for (i = 0; i < p->n_members; i++) {
        str_clear(&name);
        str_add(&name, p->key.s);
        str_add(&name, p->member[i].suffix);
        if (str_failed(&name)) {
            r = err_nomem(err);
            break;
        }
        r = sink_add(t->sink, name.s, p->members.s + at, p->member[i].size,
                     i == 0 && !t->folder ? &offset : NULL, err);
        if (r)
            break;
        at += p->member[i].size;
    }
    str_release(&name);
    if (r)
        return r;
    t->written++;
    if (!t->name)
        return 0;
    row_text(&t->rows, p->id.s);
    row_text(&t->rows, t->name);
    if (t->folder)
        row_text(&t->rows, NULL);
    else
        row_int(&t->rows, offset);
    str_add_n(&t->rows, p->row.s, p->row.len);
    return str_failed(&t->rows) ? err_nomem(err) : 0;
}

static void swap_products(struct product *a, struct product *b)
{
    struct product c = *a;

    *a = *b;
    *b = c;
}

int tarball_add(struct tarball *t, struct product *p, struct err *err)
{
    size_t i;

    if (p->status != PRODUCT_OK) {
        if (!t->name)
            return 0;
        row_text(&t->rows, p->id.s);
        row_text(&t->rows, NULL);
        row_text(&t->rows, NULL);
        str_add_n(&t->rows, p->row.s, p->row.len);
        return str_failed(&t->rows) ? err_nomem(err) : 0;
    }
    swap_products(&t->waiting[t->n++], p);
    if (t->n <= t->limit)
        return 0;
    i = rng_below(&t->rng, (uint32_t)t->n);
    swap_products(&t->waiting[i], &t->waiting[--t->n]);
    return write_out(t, &t->waiting[t->n], err);
}

int tarball_end(struct tarball *t, struct err *err)
{
    int r;

    while (t->n) {
        size_t i = rng_below(&t->rng, (uint32_t)t->n);

        swap_products(&t->waiting[i], &t->waiting[--t->n]);
        if ((r = write_out(t, &t->waiting[t->n], err)))
            return r;
    }
    return 0;
}

void tarball_release(struct tarball *t)
{
    size_t i;

    for (i = 0; i < t->capacity; i++)
        product_release(&t->waiting[i]);
    free(t->waiting);
    str_release(&t->rows);
    *t = (struct tarball){0};
}
