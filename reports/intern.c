#include "reports/intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

/* The slot that holds `name`, or the free one where it belongs. */
static size_t slot_of(const struct intern *set, const char *name)
{
    size_t i = (size_t)hash_name(name) & (set->n_slots - 1);

    while (set->slots[i] && strcmp(set->names[set->slots[i] - 1], name) != 0)
        i = (i + 1) & (set->n_slots - 1);
    return i;
}

static int grow(struct intern *set)
{
    size_t n_slots = set->n_slots ? 2 * set->n_slots : 64, i;
    uint32_t *slots = mem_array(n_slots, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    free(set->slots);
    set->slots = slots;
    set->n_slots = n_slots;
    for (i = 0; i < set->n; i++)
        set->slots[slot_of(set, set->names[i])] = (uint32_t)i + 1;
    return 0;
}

long long intern_add(struct intern *set, const char *name, struct err *err)
{
    size_t slot;

    if (2 * set->n >= set->n_slots && grow(set))
        return err_nomem(err);
    slot = slot_of(set, name);
    if (set->slots[slot])
        return set->slots[slot] - 1;
    if (mem_grow(&set->names, &set->cap, set->n + 1, sizeof(*set->names)) ||
        !(set->names[set->n] = mem_strdup(name)))
        return err_nomem(err);
    set->slots[slot] = (uint32_t)++set->n;
    return (long long)set->n - 1;
}

long long intern_find(const struct intern *set, const char *name)
{
    return set->n_slots ? (long long)set->slots[slot_of(set, name)] - 1 : -1;
}

void intern_release(struct intern *set)
{
    size_t i;

    for (i = 0; i < set->n; i++)
        free(set->names[i]);
    free(set->names);
    free(set->slots);
    *set = (struct intern)INTERN_INIT;
}
