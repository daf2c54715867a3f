#include "fetch/csv_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/fs.h"

#define SIZE_LIMIT ((size_t)1 << 28) /* bytes */

/* Splits the line at t->at in place. Returns the number of fields, or ERR_DATA. */
static int split(struct csv_table *t, char **field, struct err *err)
{
    char *p = t->at, *out;
    int n = 0;

    for (;;) {
        if (n == CSV_MAX_COLUMNS)
            return err_set(err, ERR_DATA, "'%s' line %zu: more than %d fields", t->path, t->line,
                           CSV_MAX_COLUMNS);
        if (*p == '"') {
            field[n++] = out = ++p;
            while (*p && *p != '\n' && (*p != '"' || p[1] == '"')) {
                p += *p == '"'; /* "" is one quote */
                *out++ = *p++;
            }
            if (*p != '"')
                return err_set(err, ERR_DATA, "'%s' line %zu: a quote is not closed", t->path,
                               t->line);
            p++;
        } else {
            field[n++] = p;
            p += strcspn(p, ",\r\n");
            out = p;
        }
        p += *p == '\r' && (p[1] == '\n' || !p[1]);
        if (*p && *p != ',' && *p != '\n')
            return err_set(err, ERR_DATA, "'%s' line %zu: text after a closing quote", t->path,
                           t->line);
        if (*p == ',') {
            *out = '\0';
            p++;
            continue;
        }
        p += *p == '\n';
        *out = '\0';
        t->at = p;
        return n;
    }
}

int csv_open(struct csv_table *t, const char *path, struct err *err)
{
    size_t size;
    int n, r;

    *t = (struct csv_table){.path = path, .line = 1};
    r = fs_read(path, SIZE_LIMIT, &t->text, &size, err);
    if (r)
        return r;
    t->at = t->text;
    if (strncmp(t->at, "\xef\xbb\xbf", 3) == 0)
        t->at += 3; /* a byte order mark */
    n = strlen(t->text) != size ? err_set(err, ERR_DATA, "'%s' holds a zero byte", path)
        : *t->at                ? split(t, t->columns, err)
                                : err_set(err, ERR_DATA, "'%s' is empty", path);
    if (n < 0) {
        csv_release(t);
        return n;
    }
    t->n_columns = n;
    return 0;
}

int csv_column(const struct csv_table *t, const char *name)
{
    int i;

    for (i = 0; i < t->n_columns; i++)
        if (strcasecmp(t->columns[i], name) == 0)
            return i;
    return -1;
}

int csv_next(struct csv_table *t, struct err *err)
{
    int i, n;

    do {
        if (!*t->at)
            return 0;
        t->line++;
        n = split(t, t->field, err);
    } while (n == 1 && !*t->field[0]);
    if (n < 0)
        return n;
    for (i = n; i < t->n_columns; i++)
        t->field[i] = t->columns[0] + strlen(t->columns[0]); /* "" */
    t->n_fields = n;
    return 1;
}

void csv_release(struct csv_table *t)
{
    free(t->text);
    *t = (struct csv_table){0};
}
