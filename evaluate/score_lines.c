#include "evaluate/score_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "evaluate/json_line.h"
#include "lib/mem.h"

#define PIECE       ((size_t)1 << 20) /* bytes a read */
#define LONGEST     ((size_t)1 << 24) /* bytes a line; longer is refused as damage */
#define MAX_FIELDS  1024
#define MAX_ALIASES 4

static const struct {
    const char *names[MAX_ALIASES]; /* the first is the column's own */
} columns[N_COLUMNS] = {
    [COLUMN_SCORE] = {{"score"}},
    [COLUMN_ID] = {{"id"}},
    [COLUMN_PATH] = {{"path", "image", "file", "filename"}},
    [COLUMN_FRAME] = {{"frame"}},
    [COLUMN_STATUS] = {{"status"}},
    [COLUMN_LABEL] = {{"label"}},
    [COLUMN_VIDEO] = {{"video"}},
    [COLUMN_DATASET] = {{"dataset"}},
    [COLUMN_METHOD] = {{"method"}},
    [COLUMN_COMPRESSION] = {{"compression"}},
    [COLUMN_SPLIT] = {{"split"}},
    [COLUMN_FACE_ID] = {{"face_id", "source", "donor", "identity"}},
    [COLUMN_CONTEXT_ID] = {{"context_id", "target"}},
    [COLUMN_COMPONENT] = {{"component"}},
    [COLUMN_PAIR] = {{"pair"}},
};

struct score_reader {
    char *path;
    int fd;
    char *buf; /* holds [from, to) of unread bytes */
    size_t cap, from, to;
    bool ended;
    size_t line;                    /* lines given out */
    char delimiter;                 /* '\t' or ','; 0 = JSON lines */
    bool escaped;                   /* fields are a manifest's: %XX, "." = missing */
    const char *renamed[N_COLUMNS]; /* the user's name for a column, or NULL */
    int n_fields;
    int16_t column_of[MAX_FIELDS]; /* enum score_column or -1 */
    bool has[N_COLUMNS];
};

const char *score_column_name(enum score_column c)
{
    return columns[c].names[0];
}

bool score_reader_has(const struct score_reader *r, enum score_column c)
{
    return r->has[c];
}

/* ---- bytes to lines --------------------------------------------------------------------------*/

static int fill(struct score_reader *r, struct err *err)
{
    ssize_t n;

    if (r->from) {
        memmove(r->buf, r->buf + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    if (r->to >= LONGEST)
        return err_set(err, ERR_IO, "'%s' line %zu: longer than %zu bytes", r->path, r->line + 1,
                       LONGEST);
    if (mem_grow(&r->buf, &r->cap, r->to + PIECE + 1, 1))
        return err_nomem(err);
    do
        n = read(r->fd, r->buf + r->to, PIECE);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set_errno(err, errno == EISDIR ? ERR_NOINPUT : ERR_IO, errno, "cannot read '%s'",
                             r->path);
    r->ended = n == 0;
    r->to += (size_t)n;
    return 0;
}

/* The next line, without its end; writable, with room for a byte behind it. 1, 0 at the end. */
static int next_line(struct score_reader *r, char **line, size_t *len, struct err *err)
{
    size_t seen = 0;
    char *nl;
    int code;

    while (!(nl = memchr(r->buf + r->from + seen, '\n', r->to - r->from - seen)) && !r->ended) {
        seen = r->to - r->from;
        if ((code = fill(r, err)))
            return code;
    }
    if (!nl && r->from == r->to)
        return 0;
    *line = r->buf + r->from;
    *len = (size_t)((nl ? nl : r->buf + r->to) - *line);
    r->from += *len + (nl != NULL);
    r->line++;
    if (*len && (*line)[*len - 1] == '\r')
        (*len)--;
    return 1;
}

/* ---- lines to fields -------------------------------------------------------------------------*/

static int bad(const struct score_reader *r, struct err *err, const char *what)
{
    return err_set(err, ERR_DATA, "'%s' line %zu: %s", r->path, r->line, what);
}

/* Removes the quotes of a CSV field in place; *p is at the opening quote and ends behind the
 * closing one. */
static bool unquote(char **p, char *end, size_t *len)
{
    char *to = *p, *from = *p + 1;

    for (; from < end; *to++ = *from++)
        if (*from == '"') {
            if (from + 1 == end || from[1] != '"')
                break;
            from++;
        }
    if (from >= end)
        return false;
    *len = (size_t)(to - *p);
    *p = from + 1;
    return true;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Decodes a manifest's %XX in place. */
static size_t unescape(char *p, size_t len)
{
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        if (p[i] == '%' && i + 2 < len && hex(p[i + 1]) >= 0 && hex(p[i + 2]) >= 0) {
            p[n++] = (char)(hex(p[i + 1]) << 4 | hex(p[i + 2]));
            i += 2;
        } else {
            p[n++] = p[i];
        }
    }
    return n;
}

/* The next field of [*p, end); *p moves behind its delimiter, or to NULL after the last. */
static bool next_field(const struct score_reader *r, char **p, char *end, char **field, size_t *len)
{
    char *q = *p;

    *field = q;
    if (r->delimiter == ',' && q < end && *q == '"') {
        if (!unquote(&q, end, len) || (q < end && *q != ','))
            return false;
    } else {
        while (q < end && *q != r->delimiter)
            q++;
        *len = (size_t)(q - *field);
    }
    *p = q < end ? q + 1 : NULL;
    return true;
}

static void put(const struct score_reader *r, struct score_row *row, int c, char *field, size_t len)
{
    if (r->escaped && !(len == 1 && *field == '.') && memchr(field, '%', len))
        len = unescape(field, len);
    else if (len == 1 && *field == '.')
        len = 0;
    row->has[c] = true;
    row->at[c] = len ? field : NULL;
    row->len[c] = len;
}

static int split(struct score_reader *r, char *line, size_t len, struct score_row *row,
                 struct err *err)
{
    char *p = line, *end = line + len, *field;
    size_t n;
    int f;

    for (f = 0; p && f < r->n_fields; f++) {
        if (!next_field(r, &p, end, &field, &n))
            return bad(r, err, "a quoted field does not end");
        if (r->column_of[f] >= 0)
            put(r, row, r->column_of[f], field, n);
    }
    if (f < r->n_fields || p)
        return err_set(err, ERR_DATA, "'%s' line %zu: %s fields than the header's %d", r->path,
                       r->line, p ? "more" : "fewer", r->n_fields);
    return 0;
}

/* ---- names -----------------------------------------------------------------------------------*/

/* How well `name` names column c: 0 = not at all, else smaller is better. */
static int fit(const struct score_reader *r, int c, const char *name, size_t len)
{
    int a;

    if (r->renamed[c])
        return strlen(r->renamed[c]) == len && !memcmp(r->renamed[c], name, len);
    for (a = 0; a < MAX_ALIASES && columns[c].names[a]; a++)
        if (strlen(columns[c].names[a]) == len && !strncasecmp(columns[c].names[a], name, len))
            return a + 1;
    return 0;
}

/* The column that a field or JSON key means, or -1. A renamed name belongs to its column only. */
static int column_named(const struct score_reader *r, const char *name, size_t len, int *how)
{
    int c;

    for (c = 0; c < N_COLUMNS; c++)
        if (r->renamed[c] && (*how = fit(r, c, name, len)))
            return c;
    for (c = 0; c < N_COLUMNS; c++)
        if (!r->renamed[c] && (*how = fit(r, c, name, len)))
            return c;
    return -1;
}

static int take_renames(struct score_reader *r, const char *const *renames, size_t n,
                        struct err *err)
{
    size_t i;
    int c;

    for (i = 0; i < n; i++) {
        const char *equals = strchr(renames[i], '=');
        size_t len = equals ? (size_t)(equals - renames[i]) : 0;

        for (c = 0; c < N_COLUMNS; c++)
            if (strlen(columns[c].names[0]) == len && !memcmp(columns[c].names[0], renames[i], len))
                break;
        if (!equals || !equals[1] || c == N_COLUMNS)
            return err_set(err, ERR_CONFIG,
                           "evaluate.columns: '%s' is not COLUMN=NAME with a column of ours",
                           renames[i]);
        r->renamed[c] = equals + 1;
    }
    return 0;
}

/* Which fields of the header are which columns. When two fields mean one column, its own name goes
 * before an alias; the same name twice is refused. */
static int take_header(struct score_reader *r, char *line, size_t len, struct err *err)
{
    int best[N_COLUMNS], at[N_COLUMNS], how, c;
    char *p = line, *end = line + len, *field;
    size_t n;

    r->delimiter = memchr(line, '\t', len) ? '\t' : ',';
    memset(best, 0, sizeof(best));
    for (r->n_fields = 0; p; r->n_fields++) {
        if (r->n_fields == MAX_FIELDS)
            return bad(r, err, "more columns than a score file can have");
        if (!next_field(r, &p, end, &field, &n))
            return bad(r, err, "a quoted field does not end");
        while (n && *field == ' ')
            field++, n--;
        while (n && field[n - 1] == ' ')
            n--;
        r->column_of[r->n_fields] = -1;
        c = column_named(r, field, n, &how);
        if (c < 0 || (r->has[c] && best[c] < how))
            continue;
        if (r->has[c] && best[c] == how)
            return err_set(err, ERR_DATA, "'%s' line %zu: column '%.*s' is there twice", r->path,
                           r->line, (int)n, field);
        if (r->has[c])
            r->column_of[at[c]] = -1;
        r->column_of[r->n_fields] = (int16_t)c;
        r->has[c] = true;
        best[c] = how;
        at[c] = r->n_fields;
    }
    return 0;
}

/* ---- JSON lines ------------------------------------------------------------------------------*/

struct taking {
    const struct score_reader *r;
    struct score_row *row;
    int how[N_COLUMNS];
};

static void take_member(void *ctx, const char *key, size_t key_len, char *value, size_t len)
{
    struct taking *t = ctx;
    int how, c = column_named(t->r, key, key_len, &how);

    if (c < 0 || (t->how[c] && t->how[c] <= how))
        return;
    t->how[c] = how;
    t->row->has[c] = true;
    t->row->at[c] = len ? value : NULL;
    t->row->len[c] = len;
}

static int split_json(const struct score_reader *r, char *line, size_t len, struct score_row *row,
                      struct err *err)
{
    struct taking t = {.r = r, .row = row};
    const char *what = json_line_read(line, len, take_member, &t);

    return what ? bad(r, err, what) : 0;
}

/* ---- the reader ------------------------------------------------------------------------------*/

static bool blank(const char *line, size_t len)
{
    while (len && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    return !len;
}

/* Looks at the first JSON line's keys without harming it, and puts it back. */
static int peek_json(struct score_reader *r, char *line, size_t len, struct err *err)
{
    struct score_row row = {0};
    char *copy = malloc(len + 1);
    int code;

    if (!copy)
        return err_nomem(err);
    memcpy(copy, line, len);
    code = split_json(r, copy, len, &row, err);
    memcpy(r->has, row.has, sizeof(r->has));
    r->from = (size_t)(line - r->buf);
    r->line--;
    free(copy);
    return code;
}

static int start(struct score_reader *r, struct err *err)
{
    char *line;
    size_t len;
    int code;

    if ((code = fill(r, err)))
        return code;
    if (r->to >= 3 && !memcmp(r->buf, "\xef\xbb\xbf", 3))
        r->from = 3;
    while ((code = next_line(r, &line, &len, err)) == 1) {
        if (len && *line == '#') {
            r->escaped |= len >= 12 && !memcmp(line, "#lp-manifest", 12);
            continue;
        }
        if (!blank(line, len))
            break;
    }
    if (code < 0)
        return code;
    if (code == 0)
        return err_set(err, ERR_DATA, "'%s': no header: the file is empty", r->path);
    if (memchr(line, 0, len))
        return err_set(err, ERR_DATA, "'%s' line %zu: not text", r->path, r->line);
    code = *line == '{' ? peek_json(r, line, len, err) : take_header(r, line, len, err);
    if (code)
        return code;
    if (!r->has[COLUMN_SCORE])
        return err_set(err, ERR_DATA, "'%s' line %zu: no column '%s'", r->path, r->line,
                       r->renamed[COLUMN_SCORE] ? r->renamed[COLUMN_SCORE] : "score");
    if (!r->has[COLUMN_ID] && !r->has[COLUMN_PATH] && !r->has[COLUMN_VIDEO])
        return err_set(err, ERR_DATA, "'%s' line %zu: no column 'id', 'path' or 'video'", r->path,
                       r->line);
    return 0;
}

int score_reader_open(struct score_reader **out, const char *path, const char *const *renames,
                      size_t n, struct err *err)
{
    struct score_reader *r = mem_array(1, sizeof(*r));
    int code;

    *out = NULL;
    if (!r || !(r->path = mem_strdup(strcmp(path, "-") ? path : "standard input"))) {
        free(r);
        return err_nomem(err);
    }
    r->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (r->fd < 0) {
        code = err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    } else {
        posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        code = take_renames(r, renames, n, err);
        if (!code)
            code = start(r, err);
    }
    if (code) {
        score_reader_close(r);
        return code;
    }
    *out = r;
    return 0;
}

int score_reader_next(struct score_reader *r, struct score_row *row, struct err *err)
{
    char *line;
    size_t len;
    int code;

    do
        if ((code = next_line(r, &line, &len, err)) != 1)
            return code;
    while (!len || (*line == ' ' && blank(line, len)));
    memset(row, 0, sizeof(*row));
    row->line = r->line;
    code = r->delimiter ? split(r, line, len, row, err) : split_json(r, line, len, row, err);
    return code ? code : 1;
}

void score_reader_close(struct score_reader *r)
{
    if (!r)
        return;
    if (r->fd > STDIN_FILENO)
        close(r->fd);
    free(r->path);
    free(r->buf);
    free(r);
}
