#include "evaluate/names.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

uint64_t names_hash(const char *p, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;
    size_t i;

    for (i = 0; i < len; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

static inline uint64_t tag(uint64_t hash)
{
    return hash & ~(uint64_t)UINT32_MAX;
}

static inline uint32_t number_in(uint64_t slot)
{
    return (uint32_t)slot - 1;
}

/* The slot that holds the text, or the free one where it belongs. */
static size_t seek(const struct names *t, uint64_t hash, const char *p, size_t len)
{
    size_t mask = t->n_slots - 1, s = hash & mask;

    for (; t->slot[s]; s = (s + 1) & mask) {
        const char *have;

        if (tag(t->slot[s]) != tag(hash))
            continue; /* without a look at the text, which is somewhere else */
        have = t->text + t->at[number_in(t->slot[s])];
        if (!strncmp(have, p, len) && !have[len])
            break;
    }
    return s;
}

static int rehash(struct names *t, struct err *err)
{
    size_t n = t->n_slots ? t->n_slots * 2 : 64, i, s;
    uint64_t *slot = mem_array(n, sizeof(*slot));

    if (!slot)
        return err_nomem(err);
    for (i = 0; i < t->n; i++) {
        const char *p = t->text + t->at[i];
        uint64_t hash = names_hash(p, strlen(p));

        for (s = hash & (n - 1); slot[s]; s = (s + 1) & (n - 1))
            ;
        slot[s] = tag(hash) | (i + 1);
    }
    free(t->slot);
    t->slot = slot;
    t->n_slots = n;
    return 0;
}

int names_add(struct names *t, const char *p, size_t len, uint32_t *number, struct err *err)
{
    uint64_t hash;
    size_t s;
    int r;

    /* A name is a C string: what comes after a zero byte would never be found again. */
    len = strnlen(p, len);
    if (t->n * 2 >= t->n_slots && (r = rehash(t, err)))
        return r;
    hash = names_hash(p, len);
    s = seek(t, hash, p, len);
    if (!t->slot[s]) {
        if (t->n >= NAME_NONE - 1)
            return err_set(err, ERR_DATA, "more than %u different names", NAME_NONE - 1);
        if (mem_grow(&t->text, &t->cap, t->len + len + 1, 1) ||
            mem_grow(&t->at, &t->at_cap, t->n + 1, sizeof(*t->at)))
            return err_nomem(err);
        memcpy(t->text + t->len, p, len);
        t->text[t->len + len] = 0;
        t->at[t->n] = t->len;
        t->len += len + 1;
        t->slot[s] = tag(hash) | ++t->n;
    }
    *number = number_in(t->slot[s]);
    return 0;
}

uint32_t names_find(const struct names *t, const char *p, size_t len)
{
    /* A free slot holds 0, which is NAME_NONE + 1. */
    return t->n_slots ? number_in(t->slot[seek(t, names_hash(p, len), p, len)]) : NAME_NONE;
}

const char *names_text(const struct names *t, uint32_t number)
{
    return number == NAME_NONE ? "." : t->text + t->at[number];
}

void names_release(struct names *t)
{
    free(t->text);
    free(t->at);
    free(t->slot);
    *t = (struct names){0};
}
