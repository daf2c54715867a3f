#include "evaluate/npy_scores.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/npy.h"
#include "lib/str.h"

bool npy_scores_magic(const char *bytes, size_t n)
{
    return n >= 6 && !memcmp(bytes, "\x93NUMPY", 6);
}

static double element(const struct npy *a, size_t i)
{
    switch (a->type) {
    case NPY_F32:
        return ((const float *)a->data)[i];
    case NPY_F64:
        return ((const double *)a->data)[i];
    case NPY_I32:
        return ((const int32_t *)a->data)[i];
    case NPY_I64:
        return (double)((const int64_t *)a->data)[i];
    case NPY_U8:
        return ((const uint8_t *)a->data)[i];
    case NPY_U32:
        return ((const uint32_t *)a->data)[i];
    }
    return 0;
}

static int take(struct npy_scores *s, const struct npy *a, int column, struct err *err)
{
    size_t columns = a->dims == 2 ? a->shape[1] : 1, i;

    if (a->dims != 1 && a->dims != 2)
        return err_set(err, ERR_DATA, "'%s': scores are an array of one or two dimensions, not %d",
                       s->path, a->dims);
    if (columns != 1 && column < 0)
        return err_set(err, ERR_DATA,
                       "'%s': %zu columns: evaluate.npy_column says which is the score for fake",
                       s->path, columns);
    if (column > 0 && (size_t)column >= columns)
        return err_set(err, ERR_DATA, "'%s': no column %d (evaluate.npy_column) of %zu", s->path,
                       column, columns);
    s->n = a->shape[0];
    s->value = mem_array(s->n, sizeof(*s->value));
    if (!s->value)
        return err_nomem(err);
    for (i = 0; i < s->n; i++)
        s->value[i] = element(a, i * columns + (size_t)(column > 0 ? column : 0));
    return 0;
}

int npy_scores_read(struct npy_scores *s, const char *path, int column, struct err *err)
{
    struct npy a = {0};
    int r;

    *s = (struct npy_scores){.path = mem_strdup(path)};
    if (!s->path)
        return err_nomem(err);
    if (!(r = npy_read(path, &a, err)))
        r = take(s, &a, column, err);
    npy_release(&a);
    return r;
}

int npy_scores_ids(const char *path, const char *given, char **ids, struct err *err)
{
    static const char *const endings[] = {".ids.tsv", ".ids.csv", ".ids.txt"};
    size_t len = strlen(path), i;
    struct str name = STR_INIT;
    bool found = given != NULL;

    if (len > 4 && !strcmp(path + len - 4, ".npy"))
        len -= 4;
    if (given)
        str_add(&name, given);
    for (i = 0; !found && i < sizeof(endings) / sizeof(*endings); i++) {
        str_clear(&name);
        str_add_n(&name, path, len);
        str_add(&name, endings[i]);
        found = !str_failed(&name) && fs_exists(name.s);
    }
    *ids = str_take(&name);
    if (!*ids)
        return err_nomem(err);
    if (found)
        return 0;
    free(*ids);
    *ids = NULL;
    return err_set(err, ERR_NOINPUT,
                   "'%s': no ids of its rows: neither --score-ids nor '%.*s.ids.tsv' beside it",
                   path, (int)len, path);
}

void npy_scores_release(struct npy_scores *s)
{
    free(s->path);
    free(s->value);
    *s = (struct npy_scores){0};
}
