#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/probe_features.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/npy.h"

#define LARGEST_IDS ((size_t)1 << 31)

/* The id file as a list of lines behind its header, and where in a line the id stands. */
struct ids {
    char *text, *p;
    size_t line;
    int column;
    char delimiter;
};

static char *cut_line(struct ids *t)
{
    char *line = t->p, *nl;

    if (!*line)
        return NULL;
    nl = strchr(line, '\n');
    t->p = nl ? nl + 1 : line + strlen(line);
    if (nl)
        *nl = 0;
    nl = strchr(line, '\r');
    if (nl)
        *nl = 0;
    t->line++;
    return line;
}

/* The n-th field of a line, terminated in place; NULL if there are fewer. */
static char *field(char *line, char delimiter, int n)
{
    char *end;

    for (; n > 0; n--) {
        line = strchr(line, delimiter);
        if (!line)
            return NULL;
        line++;
    }
    end = strchr(line, delimiter);
    if (end)
        *end = 0;
    return line;
}

/* Finds the column `id`; a file without a header is a plain list of ids. */
static void start(struct ids *t)
{
    char *line = t->p, *copy, *name;
    size_t len;
    int i;

    while (*line == '#') {
        cut_line(t);
        line = t->p;
    }
    len = strcspn(line, "\r\n");
    t->delimiter = memchr(line, '\t', len) ? '\t' : ',';
    copy = malloc(len + 1);
    if (!copy)
        return;
    memcpy(copy, line, len);
    copy[len] = 0;
    name = copy;
    for (i = 0; name; i++) {
        char *next = strchr(name, t->delimiter);

        if (next)
            *next++ = 0;
        if (!strcmp(name, "id")) {
            t->column = i;
            cut_line(t);
            break;
        }
        name = next;
    }
    free(copy);
}

static int take_row(struct features *f, const struct result *res, const struct npy *a, size_t row,
                    const char *id, const struct ids *t, const char *path, struct err *err)
{
    const struct dataset *d = &res->data;
    float *to = f->x + f->n * f->dim;
    uint32_t video = NAME_NONE;
    size_t i;

    if (d->frames) {
        if (dataset_row_of_id(d, id, strlen(id), &video) < 0)
            return err_set(err, ERR_DATA, "'%s' line %zu: id '%s' is not in the manifest", path,
                           t->line, id);
    } else {
        /* Without a manifest an id is a video's key, or begins with it. */
        size_t len = strlen(id);

        while (len && (video = names_find(&d->keys, id, len)) == NAME_NONE) {
            const char *slash = memrchr(id, '/', len);

            len = slash ? (size_t)(slash - id) : 0;
        }
        if (video == NAME_NONE)
            return err_set(err, ERR_DATA, "'%s' line %zu: id '%s' names no video of the scores",
                           path, t->line, id);
    }
    if (!res->use[video]) {
        f->skipped++;
        return 0;
    }
    for (i = 0; i < f->dim; i++) {
        to[i] = a->type == NPY_F32 ? ((const float *)a->data)[row * f->dim + i]
                                   : (float)((const double *)a->data)[row * f->dim + i];
        if (!isfinite(to[i]))
            return err_set(err, ERR_DATA, "'%s' row %zu: column %zu is not finite", f->path, row,
                           i);
    }
    f->key[f->n] = names_hash(id, strlen(id));
    f->video[f->n++] = video;
    return 0;
}

int features_read(struct features *f, struct result *res, const char *path, const char *ids,
                  struct err *err)
{
    struct npy a = {0};
    struct ids t = {0};
    size_t size, row = 0;
    char *line, *id;
    int r;

    *f = (struct features){.path = mem_strdup(path)};
    if (!f->path)
        return err_nomem(err);
    if ((r = npy_read(path, &a, err)))
        return r;
    if (a.dims != 2 || (a.type != NPY_F32 && a.type != NPY_F64) || !a.shape[0] || !a.shape[1]) {
        r = err_set(err, ERR_DATA, "'%s': not a float array of two dimensions (frames, features)",
                    path);
        goto out;
    }
    if ((r = fs_read(ids, LARGEST_IDS, &t.text, &size, err)))
        goto out;
    t.p = t.text;
    start(&t);
    f->dim = a.shape[1];
    f->x = mem_aligned(a.shape[0] * f->dim, sizeof(*f->x));
    f->video = mem_array(a.shape[0], sizeof(*f->video));
    f->key = mem_array(a.shape[0], sizeof(*f->key));
    if (!f->x || !f->video || !f->key) {
        r = err_nomem(err);
        goto out;
    }
    while (!r && (line = cut_line(&t))) {
        if (row == a.shape[0]) {
            r = err_set(err, ERR_DATA, "'%s' line %zu: more ids than the %zu rows of '%s'", ids,
                        t.line, a.shape[0], path);
        } else if (!(id = field(line, t.delimiter, t.column)) || !*id) {
            r = err_set(err, ERR_DATA, "'%s' line %zu: no id", ids, t.line);
        } else {
            r = take_row(f, res, &a, row, id, &t, ids, err);
        }
        row++;
    }
    if (!r && row < a.shape[0])
        r = err_set(err, ERR_DATA, "'%s': %zu ids for the %zu rows of '%s'", ids, row, a.shape[0],
                    path);
out:
    free(t.text);
    npy_release(&a);
    return r;
}

void features_release(struct features *f)
{
    free(f->x);
    free(f->video);
    free(f->key);
    free(f->path);
    *f = (struct features){0};
}
