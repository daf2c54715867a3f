/*
 * A list of videos that the user wrote: dataset.table, tab-separated, a line of names first.
 * Needed:
 *
 *   path         below the root
 *   label        real or fake, or 0 or 1
 *
 * and where known ("." or nothing = not known):
 *
 *   method, compression, name   parts of the id; default: original or fake, -, the file's name
 *   split                       train, val, test or -
 *   face_id, context_id         whose face is seen, whose video it is
 *   pair                        path of the pristine video, in the same table
 *   mask                        path of the mask video
 */
#include "fetch/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/scan.h"
#include "lib/fs.h"

#define TABLE_LIMIT ((size_t)1 << 31)

enum column {
    T_PATH,
    T_LABEL,
    T_METHOD,
    T_COMPRESSION,
    T_NAME,
    T_SPLIT,
    T_FACE,
    T_CONTEXT,
    T_PAIR,
    T_MASK,
    N_COLUMNS
};
static const char *const column_names[N_COLUMNS] = {
    "path",  "label",   "method",     "compression", "name",
    "split", "face_id", "context_id", "pair",        "mask",
};

#define MAX_FIELDS 256

struct table {
    const char *path;
    size_t line;
    int column[N_COLUMNS]; /* field of each, or -1 */
    char *field[MAX_FIELDS];
    int n_fields;
};

/* Cuts the line at *p in place and moves *p behind it. */
static void cut_line(struct table *t, char **p)
{
    size_t n = strcspn(*p, "\n");
    char *line = *p, *next = line + n + (line[n] == '\n'), *tab;

    while (n && line[n - 1] == '\r')
        n--;
    line[n] = '\0';
    for (t->n_fields = 0; t->n_fields < MAX_FIELDS; line = tab + 1) {
        tab = strchr(line, '\t');
        t->field[t->n_fields++] = line;
        if (!tab)
            break;
        *tab = '\0';
    }
    *p = next;
}

static const char *field(const struct table *t, enum column c)
{
    const char *text =
        t->column[c] >= 0 && t->column[c] < t->n_fields ? t->field[t->column[c]] : "";

    return *text && strcmp(text, ".") != 0 ? text : NULL;
}

static int read_names(struct table *t, struct err *err)
{
    int i, k;

    for (k = 0; k < N_COLUMNS; k++) {
        t->column[k] = -1;
        for (i = 0; i < t->n_fields; i++)
            if (strcmp(t->field[i], column_names[k]) == 0)
                t->column[k] = i;
    }
    for (k = T_PATH; k <= T_LABEL; k++)
        if (t->column[k] < 0)
            return err_set(err, ERR_DATA, "'%s' line %zu: there is no column '%s'", t->path,
                           t->line, column_names[k]);
    return 0;
}

static int bad(const struct table *t, enum column c, struct err *err, const char *wanted)
{
    return err_set(err, ERR_DATA, "'%s' line %zu: %s '%s' is not %s", t->path, t->line,
                   column_names[c], field(t, c) ? field(t, c) : "", wanted);
}

static int read_label(const struct table *t, bool *fake, struct err *err)
{
    const char *label = field(t, T_LABEL);

    *fake = label && (strcasecmp(label, "fake") == 0 || strcmp(label, "1") == 0);
    if (*fake || (label && (strcasecmp(label, "real") == 0 || strcmp(label, "0") == 0)))
        return 0;
    return bad(t, T_LABEL, err, "real or fake");
}

static int read_split(const struct table *t, enum split *split, struct err *err)
{
    const char *text = field(t, T_SPLIT);
    int i;

    for (i = 0; text && i < N_SPLITS; i++)
        if (strcmp(text, split_names[i]) == 0) {
            *split = (enum split)i;
            return 0;
        }
    return text ? bad(t, T_SPLIT, err, "train, val, test or -") : 0;
}

static int read_people(const struct table *t, struct catalogue *c, struct entry *e, struct err *err)
{
    const char *face = field(t, T_FACE), *context = field(t, T_CONTEXT);
    int r = 0;

    if (face)
        r = catalogue_person(c, "", face, &e->face, err);
    if (!r && context)
        r = catalogue_person(c, "", context, &e->context, err);
    e->target = e->context != NOBODY ? e->context : e->face;
    e->donor = e->face;
    if (!r && e->target == NOBODY)
        r = catalogue_person(c, "clip", e->id, &e->target, err);
    return r;
}

/* A part of an id that the user chose. */
static bool good_part(const char *text)
{
    return !strchr(text, '/') && strcmp(text, "..") != 0;
}

static int add_line(const struct table *t, const struct source *s, struct catalogue *c,
                    struct err *err)
{
    const char *path = field(t, T_PATH), *method = field(t, T_METHOD);
    const char *compression = field(t, T_COMPRESSION), *name = field(t, T_NAME);
    enum split split = SPLIT_NONE;
    struct str full = STR_INIT;
    struct entry *e = NULL;
    bool fake;
    int r;

    if (!path)
        return err_set(err, ERR_DATA, "'%s' line %zu: the path is missing", t->path, t->line);
    if (!fs_is_safe_name(path))
        return bad(t, T_PATH, err, "a path below the root, without . and ..");
    if ((r = read_label(t, &fake, err)) || (r = read_split(t, &split, err)))
        return r;
    method = method ? method : fake ? "fake" : "original";
    if (fake && !source_wants(s, method))
        return 0;
    if (!good_part(method))
        return bad(t, T_METHOD, err, "a name without '/'");
    if (compression && !good_part(compression))
        return bad(t, T_COMPRESSION, err, "a name without '/'");
    if (name && !fs_is_safe_name(name))
        return bad(t, T_NAME, err, "a name that can be a file's");
    fs_join(s->root, path, &full);
    r = str_failed(&full) ? err_nomem(err)
                          : catalogue_add(c, method, compression ? compression : "-", name, path,
                                          fs_size(full.s), &e, err);
    str_release(&full);
    if (r)
        return r;
    e->fake = fake;
    e->listed = split;
    if (field(t, T_MASK) && !(e->mask = catalogue_text(c, "%s", field(t, T_MASK))))
        return err_nomem(err);
    /* For now the path; it becomes an id when all are there. */
    if (field(t, T_PAIR) && !(e->pair = catalogue_text(c, "%s", field(t, T_PAIR))))
        return err_nomem(err);
    return read_people(t, c, e, err);
}

/* pair is a path in the table, and becomes that row's id. */
static int resolve_pairs(struct catalogue *c, const char *table, struct err *err)
{
    struct symbols paths = {0};
    size_t i;
    int r = 0;

    for (i = 0; i < c->n && !r; i++) {
        int k = symbols_add(&paths, c->videos[i].path);

        if (k < 0)
            r = err_nomem(err);
        else if ((size_t)k != i)
            r = err_set(err, ERR_DATA, "'%s' lists '%s' twice", table, c->videos[i].path);
    }
    for (i = 0; i < c->n && !r; i++) {
        struct entry *e = &c->videos[i];
        int k = e->pair ? symbols_find(&paths, e->pair) : -1;

        if (!e->pair)
            continue;
        if (k < 0)
            r = catalogue_spoil(c, e, err, "pristine video '%s' is not in the table", e->pair);
        /* Made from a video of the one and a face of the other. */
        else if (c->videos[k].target != e->target)
            r = catalogue_tie(c, c->videos[k].target, e->target, false, "a pair of the table", err);
        e->pair = k < 0 ? NULL : c->videos[k].id;
    }
    symbols_release(&paths);
    return r;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct table t = {.path = s->table};
    char *text, *p;
    size_t size;
    int r;

    if (!*s->table)
        return err_set(err, ERR_CONFIG, "dataset.layout is table, but dataset.table is not set");
    r = fs_read(s->table, TABLE_LIMIT, &text, &size, err);
    if (r)
        return r;
    for (p = text, t.line = 1; *p && !r; t.line++) {
        cut_line(&t, &p);
        if (t.n_fields == 1 && !*t.field[0])
            continue;
        if (t.line == 1)
            r = read_names(&t, err);
        else
            r = add_line(&t, s, c, err);
    }
    if (!r && t.line == 1)
        r = err_set(err, ERR_DATA, "'%s' is empty", s->table);
    if (!r)
        r = resolve_pairs(c, s->table, err);
    free(text);
    return r;
}

static bool looks_like(const struct source *s)
{
    return *s->table != '\0';
}

const struct layout layout_table = {
    .name = "table",
    .help = "the videos that dataset.table lists",
    .looks_like = looks_like,
    .fill = fill,
};
