#include "reports/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "reports/run_folder.h"

enum { MODEL, LEVEL, GROUP, KIND, LABEL, N_KEYS };

static const char *const key_names[N_KEYS] = {"model", "level", "group", "kind", "label"};

/* Texts are interned, so that equal means the same pointer. */
static int keep(struct curves *c, const char *text, const char **kept, struct err *err)
{
    long long i = intern_add(&c->texts, text ? text : "", err);

    if (i < 0)
        return (int)i;
    *kept = c->texts.names[i];
    return 0;
}

static bool has_key(const struct curve *curve, const char *const key[N_KEYS])
{
    return curve->model == key[MODEL] && curve->level == key[LEVEL] && curve->group == key[GROUP] &&
           curve->kind == key[KIND] && curve->label == key[LABEL];
}

/* The rows of a curve stand together, so the last one is nearly always right. */
static struct curve *curve_of(struct curves *c, const char *const key[N_KEYS])
{
    size_t i;

    for (i = c->n; i > 0; i--)
        if (has_key(&c->curve[i - 1], key))
            return &c->curve[i - 1];
    if (mem_grow(&c->curve, &c->cap, c->n + 1, sizeof(*c->curve)))
        return NULL;
    c->curve[c->n] = (struct curve){.model = key[MODEL],
                                    .level = key[LEVEL],
                                    .group = key[GROUP],
                                    .kind = key[KIND],
                                    .label = key[LABEL]};
    return &c->curve[c->n++];
}

static int add_row(struct curves *c, const struct manifest_row *row, struct err *err)
{
    const char *key[N_KEYS], *name = run_cell(row, "name");
    struct curve_row point = {.x = run_number(row, "x"),
                              .y = run_number(row, "y"),
                              .lo = run_number(row, "y_lo"),
                              .hi = run_number(row, "y_hi")};
    double n = run_number(row, "n");
    struct curve *curve;
    int i, r = 0;

    if (isnan(point.x) || isnan(point.y))
        return err_set(err, ERR_DATA, "'%s' line %zu: x and y must be numbers", row->m->path,
                       row->index + 3);
    point.n = isnan(n) ? -1 : (long long)n;
    for (i = 0; !r && i < N_KEYS; i++)
        r = keep(c, run_cell(row, key_names[i]), &key[i], err);
    if (!r && name)
        r = keep(c, name, &point.name, err);
    if (r)
        return r;
    curve = curve_of(c, key);
    if (!curve || mem_grow(&curve->rows, &curve->cap, curve->n + 1, sizeof(*curve->rows)))
        return err_nomem(err);
    curve->rows[curve->n++] = point;
    return 0;
}

int curves_load(struct curves *c, const struct manifest *m, struct err *err)
{
    static const char *const needed[] = {"model", "level", "kind", "x", "y", NULL};
    struct manifest_row row = {0};
    int cols[sizeof(needed) / sizeof(*needed)], r;
    size_t i;

    *c = (struct curves){0};
    r = manifest_columns(m, needed, cols, err);
    for (i = 0; !r && i < m->n_rows; i++) {
        r = manifest_read(m, i, &row, err);
        if (!r)
            r = add_row(c, &row, err);
    }
    manifest_row_release(&row);
    if (r)
        curves_release(c);
    return r;
}

void curves_release(struct curves *c)
{
    size_t i;

    for (i = 0; i < c->n; i++)
        free(c->curve[i].rows);
    free(c->curve);
    intern_release(&c->texts);
    *c = (struct curves){0};
}

const struct curve *curves_find(const struct curves *c, const char *model, const char *level,
                                const char *group, const char *kind, const char *label)
{
    size_t i;

    for (i = 0; i < c->n; i++) {
        const struct curve *k = &c->curve[i];

        if ((!model || strcmp(model, k->model) == 0) && (!level || strcmp(level, k->level) == 0) &&
            (!group || strcmp(group, k->group) == 0) && (!kind || strcmp(kind, k->kind) == 0) &&
            (!label || strcmp(label, k->label) == 0))
            return k;
    }
    return NULL;
}
