#include "fetch/catalogue.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/manifest.h"
#include "lib/mem.h"

const char *const split_names[N_SPLITS] = {"-", "train", "val", "test"};

/* ---- texts -----------------------------------------------------------------------------------*/

static LP_PRINTF(2, 0) const char *keep(struct catalogue *c, const char *fmt, va_list ap)
{
    char *text;

    if (mem_grow(&c->texts, &c->texts_cap, c->n_texts + 1, sizeof(*c->texts)) ||
        vasprintf(&text, fmt, ap) < 0)
        return NULL;
    c->texts[c->n_texts++] = text;
    return text;
}

const char *catalogue_text(struct catalogue *c, const char *fmt, ...)
{
    const char *text;
    va_list ap;

    va_start(ap, fmt);
    text = keep(c, fmt, ap);
    va_end(ap);
    return text;
}

int catalogue_note(struct catalogue *c, struct err *err, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (mem_grow(&c->notes, &c->notes_cap, c->n_notes + 1, sizeof(*c->notes)))
        return err_nomem(err);
    va_start(ap, fmt);
    n = vasprintf(&c->notes[c->n_notes], fmt, ap);
    va_end(ap);
    if (n < 0)
        return err_nomem(err);
    c->n_notes++;
    return 0;
}

void catalogue_differs(struct catalogue *c, const char *what, const char *name)
{
    row_text(&c->differences, what);
    row_text(&c->differences, name);
    row_end(&c->differences);
}

int catalogue_spoil(struct catalogue *c, struct entry *e, struct err *err, const char *fmt, ...)
{
    va_list ap;

    if (e->reason)
        return 0;
    va_start(ap, fmt);
    e->reason = keep(c, fmt, ap);
    va_end(ap);
    return e->reason ? 0 : err_nomem(err);
}

/* ---- filling ---------------------------------------------------------------------------------*/

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

int catalogue_add(struct catalogue *c, const char *method, const char *compression,
                  const char *name, const char *file, long long bytes, struct entry **out,
                  struct err *err)
{
    const char *base = base_of(file), *dot = strrchr(base, '.');
    size_t stem = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    struct entry *e;

    if (mem_grow(&c->videos, &c->cap, c->n + 1, sizeof(*c->videos)))
        return err_nomem(err);
    e = &c->videos[c->n];
    *e = (struct entry){
        .bytes = bytes, .face = NOBODY, .context = NOBODY, .target = NOBODY, .donor = NOBODY};
    e->method = catalogue_text(c, "%s", method);
    e->compression = catalogue_text(c, "%s", compression);
    e->name = name ? catalogue_text(c, "%s", name) : catalogue_text(c, "%.*s", (int)stem, base);
    e->path = catalogue_text(c, "%s", file);
    if (!e->method || !e->compression || !e->name || !e->path)
        return err_nomem(err);
    e->id = catalogue_text(c, "%s/%s/%s/%s", c->dataset, method, compression, e->name);
    if (!e->id)
        return err_nomem(err);
    c->n++;
    *out = e;
    if (bytes < 0)
        return catalogue_spoil(c, e, err, "the file is missing or a broken link");
    return bytes == 0 ? catalogue_spoil(c, e, err, "the file is empty") : 0;
}

int catalogue_person(struct catalogue *c, const char *kind, const char *name, int *person,
                     struct err *err)
{
    char *text;

    if (asprintf(&text, "%s%s%s:%s", c->dataset, *kind ? "-" : "", kind, name) < 0)
        return err_nomem(err);
    *person = symbols_add(&c->people, text);
    free(text);
    return *person < 0 ? err_nomem(err) : 0;
}

int catalogue_tie(struct catalogue *c, int a, int b, bool same, const char *why, struct err *err)
{
    if (mem_grow(&c->ties, &c->ties_cap, c->n_ties + 1, sizeof(*c->ties)))
        return err_nomem(err);
    c->ties[c->n_ties++] = (struct tie){a, b, same, why};
    return 0;
}

/* ---- finishing -------------------------------------------------------------------------------*/

static int by_id_and_path(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int d = strcmp(x->id, y->id);

    return d ? d : strcmp(x->path, y->path);
}

/* 000.mp4 and 000.avi: the second cannot have the id, and who knows which is right. It is named by
 * its file, or by its path when another of the videos `first` .. `e` has a file of that name. */
static int rename_double(struct catalogue *c, const struct entry *first, struct entry *e,
                         struct err *err)
{
    const char *name = base_of(e->path);
    const struct entry *other;

    for (other = first; other < e; other++)
        if (strcmp(base_of(other->path), name) == 0)
            name = e->path;
    if (strcmp(name, first->name) == 0)
        name = e->path;
    e->name = name;
    e->id = catalogue_text(c, "%s/%s/%s/%s", c->dataset, e->method, e->compression, name);
    if (!e->id)
        return err_nomem(err);
    return catalogue_spoil(c, e, err, "'%s' has the same name", first->path);
}

/* A path that a list names twice, or that is another video's name: the name gets a number. */
static int number_double(struct catalogue *c, const struct entry *first, struct entry *e,
                         size_t number, struct err *err)
{
    e->name = catalogue_text(c, "%s~%zu", e->name, number);
    e->id = catalogue_text(c, "%s~%zu", e->id, number);
    if (!e->name || !e->id)
        return err_nomem(err);
    return catalogue_spoil(c, e, err, "'%s' has the same name", first->path);
}

static int rename_doubles(struct catalogue *c, struct err *err)
{
    size_t i, first, round, doubles = c->n > 0;
    int r = 0;

    /* New names are longer each round, and only so many old ones are in their way. */
    for (round = 0; doubles && !r; round++) {
        qsort(c->videos, c->n, sizeof(*c->videos), by_id_and_path);
        for (doubles = 0, first = 0, i = 1; i < c->n && !r; i++) {
            if (strcmp(c->videos[i].id, c->videos[first].id) != 0) {
                first = i;
                continue;
            }
            doubles++;
            r = round ? number_double(c, &c->videos[first], &c->videos[i], i - first + 1, err)
                      : rename_double(c, &c->videos[first], &c->videos[i], err);
        }
    }
    return r;
}

static int root_of(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* The lesser name becomes the root. */
static void join(const struct symbols *people, int *parent, int a, int b)
{
    if (a == NOBODY || b == NOBODY)
        return;
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a == b)
        return;
    if (strcmp(people->names[a], people->names[b]) < 0)
        parent[b] = a;
    else
        parent[a] = b;
}

static int find_components(struct catalogue *c, struct err *err)
{
    size_t i;
    int k;

    free(c->component_of);
    c->component_of = mem_array((size_t)c->people.n + 1, sizeof(*c->component_of));
    if (!c->component_of)
        return err_nomem(err);
    for (k = 0; k < c->people.n; k++)
        c->component_of[k] = k;
    for (i = 0; i < c->n; i++)
        join(&c->people, c->component_of, c->videos[i].target, c->videos[i].donor);
    for (i = 0; i < c->n_ties; i++)
        join(&c->people, c->component_of, c->ties[i].a, c->ties[i].b);
    for (k = 0; k < c->people.n; k++)
        c->component_of[k] = root_of(c->component_of, k);
    for (i = 0; i < c->n; i++)
        if (c->videos[i].target != NOBODY)
            c->videos[i].component = c->people.names[c->component_of[c->videos[i].target]];
    return 0;
}

int catalogue_merge_people(struct catalogue *c, size_t *merged, struct err *err)
{
    int *one = mem_array((size_t)c->people.n + 1, sizeof(*one)), k;
    size_t i;

    *merged = 0;
    if (!one)
        return err_nomem(err);
    for (k = 0; k < c->people.n; k++)
        one[k] = k;
    for (i = 0; i < c->n_ties; i++)
        if (c->ties[i].same)
            join(&c->people, one, c->ties[i].a, c->ties[i].b);
    for (k = 0; k < c->people.n; k++) {
        one[k] = root_of(one, k);
        *merged += one[k] != k;
    }
    for (i = 0; i < c->n; i++) {
        struct entry *e = &c->videos[i];

        if (e->face != NOBODY)
            e->face = one[e->face];
        if (e->context != NOBODY)
            e->context = one[e->context];
    }
    free(one);
    return 0;
}

static int by_id(const void *key, const void *e)
{
    return strcmp(key, ((const struct entry *)e)->id);
}

const struct entry *catalogue_find(const struct catalogue *c, const char *id)
{
    return c->n ? bsearch(id, c->videos, c->n, sizeof(*c->videos), by_id) : NULL;
}

static int check_pairs(struct catalogue *c, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; i < c->n && !r; i++) {
        struct entry *e = &c->videos[i];
        const struct entry *pristine = e->pair ? catalogue_find(c, e->pair) : NULL;

        if (!e->pair)
            continue;
        if (!pristine)
            r = catalogue_spoil(c, e, err, "pristine video '%s' is missing", e->pair);
        else if (pristine->fake)
            r = catalogue_spoil(c, e, err, "pristine video '%s' is a fake itself", e->pair);
        else if (pristine->reason)
            r = catalogue_spoil(c, e, err, "pristine video '%s' is of no use: %s", e->pair,
                                pristine->reason);
    }
    return r;
}

int catalogue_finish(struct catalogue *c, struct err *err)
{
    int r = rename_doubles(c, err);

    if (!r)
        r = find_components(c, err);
    return r ? r : check_pairs(c, err);
}

void catalogue_release(struct catalogue *c)
{
    while (c->n_texts)
        free(c->texts[--c->n_texts]);
    while (c->n_notes)
        free(c->notes[--c->n_notes]);
    free(c->texts);
    free(c->notes);
    str_release(&c->differences);
    free(c->videos);
    free(c->ties);
    free(c->component_of);
    symbols_release(&c->people);
    *c = (struct catalogue){0};
}
