#include "fetch/symbols.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

/* The slot that holds `name`, or the free one where it belongs. n_slots is a power of two. */
static int *slot_of(const struct symbols *s, const char *name)
{
    size_t i = (size_t)hash_name(name) & (s->n_slots - 1);

    while (s->slots[i] && strcmp(s->names[s->slots[i] - 1], name) != 0)
        i = (i + 1) & (s->n_slots - 1);
    return &s->slots[i];
}

static int grow_slots(struct symbols *s)
{
    struct symbols larger = *s;
    int i;

    larger.n_slots = s->n_slots ? 2 * s->n_slots : 64;
    larger.slots = mem_array(larger.n_slots, sizeof(*larger.slots));
    if (!larger.slots)
        return -ENOMEM;
    for (i = 0; i < s->n; i++)
        *slot_of(&larger, s->names[i]) = i + 1;
    free(s->slots);
    *s = larger;
    return 0;
}

int symbols_add(struct symbols *s, const char *name)
{
    int *slot;

    if (2 * ((size_t)s->n + 1) > s->n_slots && grow_slots(s))
        return -ENOMEM;
    slot = slot_of(s, name);
    if (*slot)
        return *slot - 1;
    if (s->n == INT_MAX - 1 || mem_grow(&s->names, &s->cap, (size_t)s->n + 1, sizeof(*s->names)))
        return -ENOMEM;
    s->names[s->n] = mem_strdup(name);
    if (!s->names[s->n])
        return -ENOMEM;
    *slot = ++s->n;
    return s->n - 1;
}

int symbols_find(const struct symbols *s, const char *name)
{
    return s->n_slots ? *slot_of(s, name) - 1 : -1;
}

void symbols_release(struct symbols *s)
{
    while (s->n)
        free(s->names[--s->n]);
    free(s->names);
    free(s->slots);
    *s = (struct symbols){0};
}
