#include "lib/manifest.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/mem.h"
#include "lib/shard.h"
#include "lib/tool.h"

#define SIZE_LIMIT   ((size_t)1 << 36) /* bytes of one manifest */
#define FIRST_ROW_AT 3                 /* line number of row 0 */

/* ---- reading ---------------------------------------------------------------------------------*/

static int bad_line(const struct manifest *m, size_t line, struct err *err, const char *what)
{
    return err_set(err, ERR_DATA, "'%s' line %zu: %s", m->path, line, what);
}

/* Copies the value of `key=` from the tab-separated line 1. */
static char *provenance(const char *line, const char *end, const char *key)
{
    size_t n = strlen(key);
    const char *p = line;

    while (p < end) {
        const char *tab = memchr(p, '\t', (size_t)(end - p));
        const char *stop = tab ? tab : end;

        if ((size_t)(stop - p) > n && memcmp(p, key, n) == 0 && p[n] == '=')
            return strndup(p + n + 1, (size_t)(stop - p) - n - 1);
        p = stop + 1;
    }
    return NULL;
}

static const char *after_prefix(const char *s, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(s, prefix, n) == 0 ? s + n : s;
}

static int read_line_1(struct manifest *m, const char *stage, char **rest, struct err *err)
{
    static const char magic[] = "#lp-manifest\t";
    char *end = memchr(m->text, '\n', m->size);
    char *version, *settings, *input;
    int r = 0;

    if (!end || strncmp(m->text, magic, sizeof(magic) - 1) != 0)
        return bad_line(m, 1, err, "not a manifest (no #lp-manifest line)");
    version = provenance(m->text, end, "version");
    settings = provenance(m->text, end, "settings");
    input = provenance(m->text, end, "input");
    m->stage = provenance(m->text, end, "stage");
    if (!version || strcmp(version, "1") != 0)
        r = bad_line(m, 1, err, "manifest version is not 1");
    else if (!m->stage)
        r = bad_line(m, 1, err, "no stage= in the #lp-manifest line");
    else if (stage && strcmp(stage, m->stage) != 0)
        r = err_set(err, ERR_DATA, "'%s' line 1: made by stage '%s', but '%s' is needed", m->path,
                    m->stage, stage);
    if (!r) {
        m->settings_hash = strdup(settings ? after_prefix(settings, "sha256:") : "");
        m->input_hash = strdup(input ? after_prefix(input, "sha256:") : "");
        if (!m->settings_hash || !m->input_hash)
            r = err_nomem(err);
    }
    free(version);
    free(settings);
    free(input);
    *rest = end + 1;
    return r;
}

static int read_names(struct manifest *m, char **rest, struct err *err)
{
    char *p = *rest, *stop = m->text + m->size;
    char *end = p < stop ? memchr(p, '\n', (size_t)(stop - p)) : NULL;
    int i;

    if (!end)
        return bad_line(m, 2, err, "the line of column names is missing");
    for (;;) {
        char *tab = memchr(p, '\t', (size_t)(end - p));
        char *cut = tab ? tab : end;

        if (m->n_columns == MANIFEST_MAX_COLUMNS)
            return bad_line(m, 2, err, "too many columns");
        m->columns[m->n_columns] = strndup(p, (size_t)(cut - p));
        if (!m->columns[m->n_columns])
            return err_nomem(err);
        m->n_columns++;
        if (!tab)
            break;
        p = tab + 1;
    }
    for (i = 0; i < m->n_columns; i++)
        if (manifest_column(m, m->columns[i]) != i)
            return err_set(err, ERR_DATA, "'%s' line 2: column '%s' is there twice", m->path,
                           m->columns[i]);
    if (m->n_columns == 0 || strcmp(m->columns[0], "id") != 0)
        return bad_line(m, 2, err, "the first column is not 'id'");
    *rest = end + 1;
    return 0;
}

/* strcmp of two first fields, each ended by a tab or newline. */
static int compare_ids(const char *a, const char *b)
{
    for (;; a++, b++) {
        int ca = *a == '\t' || *a == '\n' ? 0 : (unsigned char)*a;
        int cb = *b == '\t' || *b == '\n' ? 0 : (unsigned char)*b;

        if (ca != cb || !ca)
            return ca - cb;
    }
}

/* Is a percent sign in the id one of the four that row_text() writes? Any other could be decoded,
 * but the id would never be found: it is looked up in its written form. */
static bool written_as_here(const char *id)
{
    static const char *const codes[] = {"%09", "%0A", "%0D", "%25"};
    size_t i;

    if (strncmp(id, "%2E", 3) == 0 && (id[3] == '\t' || id[3] == '\n'))
        return true;
    for (; *id != '\t' && *id != '\n'; id++) {
        if (*id == '\r')
            return false;
        for (i = 0; *id == '%' && strncmp(id, codes[i], 3) != 0;)
            if (++i == sizeof(codes) / sizeof(*codes))
                return false;
    }
    return true;
}

static int index_rows(struct manifest *m, char *p, struct err *err)
{
    char *stop = m->text + m->size, *before = NULL;
    size_t cap = 0;

    while (p < stop) {
        char *end = memchr(p, '\n', (size_t)(stop - p));
        size_t line = m->n_rows + FIRST_ROW_AT;
        int fields = 1;
        char *c;

        if (!end)
            return bad_line(m, line, err, "cut off (no newline at the end)");
        if (memchr(p, '\0', (size_t)(end - p)))
            return bad_line(m, line, err, "holds a zero byte");
        for (c = p; (c = memchr(c, '\t', (size_t)(end - c))); c++)
            fields++;
        if (fields != m->n_columns)
            return err_set(err, ERR_DATA, "'%s' line %zu: %d fields where %d are named", m->path,
                           line, fields, m->n_columns);
        if (*p == '\t' || *p == '\n' || (p[0] == '.' && (p[1] == '\t' || p[1] == '\n')))
            return bad_line(m, line, err, "the id is missing");
        if (!written_as_here(p))
            return bad_line(m, line, err,
                            "the id holds a % or a carriage return that is not written %25 or %0D");
        if (before && compare_ids(before, p) >= 0)
            return bad_line(m, line, err,
                            compare_ids(before, p) == 0 ? "the id is there twice"
                                                        : "rows are not sorted by id");
        if (mem_grow(&m->row_at, &cap, m->n_rows + 1, sizeof(*m->row_at)))
            return err_nomem(err);
        m->row_at[m->n_rows++] = (size_t)(p - m->text);
        before = p;
        p = end + 1;
    }
    return 0;
}

int manifest_open(struct manifest *m, const char *path, const char *stage, struct err *err)
{
    char hex[HASH_HEX], *rest = NULL;
    int r;

    *m = (struct manifest){0};
    m->path = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    if (!m->path)
        return err_nomem(err);
    r = fs_read(path, SIZE_LIMIT, &m->text, &m->size, err);
    if (!r && m->size == 0)
        r = err_set(err, ERR_DATA, "'%s' is empty", m->path);
    if (!r)
        r = read_line_1(m, stage, &rest, err);
    if (!r)
        r = read_names(m, &rest, err);
    if (!r)
        r = index_rows(m, rest, err);
    if (!r)
        r = hash_bytes(m->text, m->size, hex, err);
    if (!r && !(m->hash = strdup(hex)))
        r = err_nomem(err);
    if (r)
        manifest_release(m);
    return r;
}

void manifest_release(struct manifest *m)
{
    int i;

    for (i = 0; i < m->n_columns; i++)
        free(m->columns[i]);
    free(m->path);
    free(m->text);
    free(m->stage);
    free(m->settings_hash);
    free(m->input_hash);
    free(m->hash);
    free(m->row_at);
    *m = (struct manifest){0};
}

int manifest_column(const struct manifest *m, const char *name)
{
    int i;

    for (i = 0; i < m->n_columns; i++)
        if (strcmp(m->columns[i], name) == 0)
            return i;
    return -1;
}

int manifest_columns(const struct manifest *m, const char *const *names, int *cols, struct err *err)
{
    int i;

    for (i = 0; names[i]; i++) {
        cols[i] = manifest_column(m, names[i]);
        if (cols[i] < 0)
            return err_set(err, ERR_DATA, "'%s' line 2: column '%s' is missing", m->path, names[i]);
    }
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c & ~32);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int manifest_read(const struct manifest *m, size_t index, struct manifest_row *row, struct err *err)
{
    const char *p = m->text + m->row_at[index];
    size_t need = (size_t)((const char *)memchr(p, '\n', m->size - m->row_at[index]) - p) + 1;
    char *out;
    int i;

    row->m = m;
    row->index = index;
    if (mem_grow(&row->buf.s, &row->buf.cap, need, 1))
        return err_nomem(err);
    out = row->buf.s;
    for (i = 0; i < m->n_columns; i++, p++) {
        bool missing = p[0] == '.' && (p[1] == '\t' || p[1] == '\n');

        row->field[i] = missing ? NULL : out;
        for (; *p != '\t' && *p != '\n'; p++) {
            int hi = *p == '%' ? hex_digit(p[1]) : -1;
            int lo = hi >= 0 ? hex_digit(p[2]) : -1;

            if (lo >= 0) {
                *out++ = (char)(hi << 4 | lo);
                p += 2;
            } else {
                *out++ = *p;
            }
        }
        *out++ = '\0';
    }
    return 0;
}

void manifest_row_release(struct manifest_row *row)
{
    str_release(&row->buf);
    *row = (struct manifest_row){0};
}

long long manifest_find(const struct manifest *m, const char *id)
{
    size_t lo = 0, hi = m->n_rows;
    struct str key = STR_INIT;
    long long found = -1;

    /* Compared in the written form, which is the form that is sorted. */
    row_text(&key, id);
    while (!str_failed(&key) && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare_ids(m->text + m->row_at[mid], key.s);

        if (c == 0) {
            found = (long long)mid;
            break;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    str_release(&key);
    return found;
}

static int bad_number(const struct manifest_row *row, int column, struct err *err)
{
    const char *v = row->field[column];

    return err_set(err, ERR_DATA, "'%s' line %zu: %s is %s%s%s, not a number", row->m->path,
                   row->index + FIRST_ROW_AT, row->m->columns[column], v ? "'" : "",
                   v ? v : "missing", v ? "'" : "");
}

int manifest_int(const struct manifest_row *row, int column, long long *value, struct err *err)
{
    const char *s = row->field[column];
    char *end;

    if (!s || !*s || isspace((unsigned char)*s))
        return bad_number(row, column, err);
    errno = 0;
    *value = strtoll(s, &end, 10);
    return *end || errno ? bad_number(row, column, err) : 0;
}

int manifest_real(const struct manifest_row *row, int column, double *value, struct err *err)
{
    const char *s = row->field[column];
    char *end;

    if (!s || !*s || isspace((unsigned char)*s))
        return bad_number(row, column, err);
    *value = strtod(s, &end);
    return *end || !isfinite(*value) ? bad_number(row, column, err) : 0;
}

bool manifest_row_ok(const struct manifest_row *row)
{
    int c = manifest_column(row->m, "status");

    return c < 0 || (row->field[c] && strcmp(row->field[c], "ok") == 0);
}

/* ---- writing ---------------------------------------------------------------------------------*/

void row_text(struct str *row, const char *value)
{
    if (!value) {
        str_add(row, ".\t");
        return;
    }
    if (strcmp(value, ".") == 0) {
        str_add(row, "%2E\t");
        return;
    }
    for (; *value; value++)
        if (*value == '\t' || *value == '\n' || *value == '\r' || *value == '%')
            str_addf(row, "%%%02X", (unsigned)(unsigned char)*value);
        else
            str_add_c(row, *value);
    str_add_c(row, '\t');
}

void row_int(struct str *row, long long value)
{
    str_addf(row, "%lld\t", value);
}

static void row_number(struct str *row, int digits, double value)
{
    if (isnan(value))
        str_add(row, ".\t");
    else
        str_addf(row, "%.*g\t", digits, value == 0 ? 0.0 : value); /* no "-0" */
}

void row_real(struct str *row, double value)
{
    row_number(row, 9, value);
}

void row_exact(struct str *row, double value)
{
    row_number(row, 17, value);
}

void row_end(struct str *row)
{
    if (!str_failed(row) && row->len)
        row->s[row->len - 1] = '\n';
}

int manifest_table_add(struct manifest_table *t, const char *rows, size_t size, struct err *err)
{
    const char *p = rows, *stop = rows + size;

    while (p < stop) {
        const char *end = memchr(p, '\n', (size_t)(stop - p));

        if (!end)
            return err_set(err, ERR_FAULT, "a manifest row without an end");
        if (mem_grow(&t->at, &t->cap, t->n + 1, sizeof(*t->at)))
            return err_nomem(err);
        t->at[t->n++] = t->text.len + (size_t)(p - rows);
        p = end + 1;
    }
    str_add_n(&t->text, rows, size);
    return str_failed(&t->text) ? err_nomem(err) : 0;
}

static int by_id(const void *a, const void *b, void *text)
{
    return compare_ids((const char *)text + *(const size_t *)a,
                       (const char *)text + *(const size_t *)b);
}

static int write_all(struct manifest_table *t, FILE *fp)
{
    size_t i;

    for (i = 0; i < t->n; i++) {
        const char *p = t->text.s + t->at[i];
        size_t n = (size_t)(strchr(p, '\n') - p) + 1;

        if (fwrite(p, 1, n, fp) != n)
            return -1;
    }
    return 0;
}

int manifest_table_write(struct manifest_table *t, const char *path, const char *stage,
                         const char *settings_hash, const char *input_hash,
                         const char *const *columns, struct err *err)
{
    struct atomic_file f = {.slot = -1};
    struct str folder = STR_INIT;
    size_t i;
    int r;

    if (t->n)
        qsort_r(t->at, t->n, sizeof(*t->at), by_id, t->text.s);
    for (i = 1; i < t->n; i++) {
        const char *p = t->text.s + t->at[i];

        if (by_id(&t->at[i - 1], &t->at[i], t->text.s) == 0)
            return err_set(err, ERR_DATA, "two items have the id '%.*s'", (int)strcspn(p, "\t\n"),
                           p);
    }
    if (strcmp(path, "-") != 0) {
        r = fs_make_parents(path, err);
        if (r)
            return r;
    }
    r = atomic_open(&f, path, err);
    if (r)
        return r;
    fprintf(f.fp,
            "#lp-manifest\tversion=1\tstage=%s\ttool=%s\tsettings=sha256:%s\tinput=sha256:%s\n",
            stage, TOOL_VERSION, settings_hash, input_hash && *input_hash ? input_hash : "-");
    for (i = 0; columns[i]; i++)
        fprintf(f.fp, "%s%s", i ? "\t" : "", columns[i]);
    fputc('\n', f.fp);
    if (write_all(t, f.fp)) {
        r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
        atomic_discard(&f);
        return r;
    }
    /* What the rows name must not be less durable than the rows. */
    if (f.temporary) {
        fs_folder_of(path, &folder);
        if (!str_failed(&folder))
            atomic_sync(folder.s);
        str_release(&folder);
    }
    return atomic_commit(&f, true, err);
}

void manifest_table_release(struct manifest_table *t)
{
    str_release(&t->text);
    free(t->at);
    *t = (struct manifest_table){0};
}

/* ---- merging shards --------------------------------------------------------------------------*/

/* Finds N among "STEM.I-of-N.tsv" beside `path`; all must agree. */
static int find_count(const char *path, unsigned *count, struct err *err)
{
    const char *base = strrchr(path, '/');
    struct str folder = STR_INIT;
    const char *dot;
    char **names = NULL;
    size_t n = 0, i, stem;
    int r;

    base = base ? base + 1 : path;
    dot = strrchr(base, '.');
    stem = dot ? (size_t)(dot - base) : strlen(base);
    *count = 0;
    fs_folder_of(path, &folder);
    r = str_failed(&folder) ? err_nomem(err) : fs_list(folder.s, &names, &n, err);
    for (i = 0; !r && i < n; i++) {
        unsigned index, of;
        int used = 0;

        if (strncmp(names[i], base, stem) != 0 ||
            sscanf(names[i] + stem, ".%u-of-%u%n", &index, &of, &used) != 2 ||
            strcmp(names[i] + stem + used, dot ? dot : "") != 0)
            continue;
        if (*count && of != *count)
            r = err_set(err, ERR_DATA, "shards of %u and of %u parts lie beside '%s'", *count, of,
                        path);
        *count = of;
    }
    if (!r && *count == 0)
        r = err_set(err, ERR_NOINPUT, "no shards lie beside '%s'", path);
    fs_list_free(names, n);
    str_release(&folder);
    return r;
}

static int same_origin(const struct manifest *a, const struct manifest *b, struct err *err)
{
    int i;
    bool same = a->n_columns == b->n_columns && strcmp(a->settings_hash, b->settings_hash) == 0 &&
                strcmp(a->input_hash, b->input_hash) == 0;

    for (i = 0; same && i < a->n_columns; i++)
        same = strcmp(a->columns[i], b->columns[i]) == 0;
    return same ? 0
                : err_set(err, ERR_DATA, "shards '%s' and '%s' come from different runs", a->path,
                          b->path);
}

int manifest_merge(const char *path, const char *stage, struct err *err)
{
    struct manifest first = {0}, next = {0};
    struct manifest_table t = {0};
    struct str name = STR_INIT;
    unsigned count, i;
    int r = find_count(path, &count, err);

    for (i = 0; !r && i < count; i++) {
        struct manifest *m = i ? &next : &first;
        const struct shard s = {.index = i, .count = count};

        shard_path(&s, path, &name);
        r = str_failed(&name) ? err_nomem(err) : manifest_open(m, name.s, stage, err);
        if (!r && i)
            r = same_origin(&first, m, err);
        if (!r && m->n_rows) {
            size_t from = m->row_at[0];

            r = manifest_table_add(&t, m->text + from, m->size - from, err);
        }
        if (i)
            manifest_release(&next);
    }
    if (!r) {
        const char *columns[MANIFEST_MAX_COLUMNS + 1] = {NULL};
        int c;

        for (c = 0; c < first.n_columns; c++)
            columns[c] = first.columns[c];
        r = manifest_table_write(&t, path, stage, first.settings_hash,
                                 strcmp(first.input_hash, "-") == 0 ? "" : first.input_hash,
                                 columns, err);
    }
    manifest_release(&first);
    manifest_table_release(&t);
    str_release(&name);
    return r;
}
