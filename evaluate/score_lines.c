#include "evaluate/score_lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evaluate/json_line.h"
#include "evaluate/npy_scores.h"
#include "lib/byte_stream.h"
#include "lib/fs.h"
#include "lib/mem.h"

#define PIECE       ((size_t)1 << 20) /* bytes a read */
#define LONGEST     ((size_t)1 << 24) /* bytes a line; longer is refused as damage */
#define MAX_FIELDS  1024
#define MAX_ALIASES 4
#define MAX_AROUND  512 /* bytes of a line beside its score that are worth remembering */
#define MAX_SCORE   64  /* bytes of a score in a line that is like the one before */

static const struct {
    const char *names[MAX_ALIASES]; /* the first is the column's own */
} columns[N_COLUMNS] = {
    [COLUMN_SCORE] = {{"score"}},
    [COLUMN_ID] = {{"id"}},
    [COLUMN_PATH] = {{"path", "image", "file", "filename"}},
    [COLUMN_FRAME] = {{"frame"}},
    [COLUMN_FACE] = {{"face", "face_index"}},
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
    struct byte_stream *stream;
    struct npy_scores npy; /* the scores, when the text holds only ids */
    bool numeric;          /* they are such */
    char *buf;             /* holds [from, to) of unread bytes */
    size_t cap, from, to;
    bool ended;
    size_t line;                    /* lines given out */
    char delimiter;                 /* '\t' or ','; 0 = JSON lines */
    bool escaped;                   /* fields are a manifest's: %XX, "." = missing */
    const char *renamed[N_COLUMNS]; /* the user's name for a column, or NULL */
    int n_fields;
    int16_t column_of[MAX_FIELDS]; /* enum score_column or -1 */
    bool has[N_COLUMNS];

    /* What stands before and behind the score in the line before, its end included: frames of one
     * video often differ in nothing else, and then neither fields nor videos need to be looked up.
     */
    bool alike; /* this file may have such lines */
    char around[MAX_AROUND];
    size_t before, behind; /* bytes; behind 0 = nothing is remembered */
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
    size_t got;
    int code;

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
    if ((code = byte_stream_read(r->stream, r->buf + r->to, PIECE, &got, err)))
        return code;
    r->ended = got == 0;
    r->to += got;
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
    return err_set(err, SCORE_LINE_BAD, "'%s' line %zu: %s", r->path, r->line, what);
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
        return err_set(err, SCORE_LINE_BAD, "'%s' line %zu: %s fields than the header's %d",
                       r->path, r->line, p ? "more" : "fewer", r->n_fields);
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
            return bad(r, err, "a quoted field of the header does not end");
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

/* A file of ids without a header: its one field is not the name of a column. */
static bool plain_list(const struct score_reader *r)
{
    int c;

    for (c = 0; c < N_COLUMNS; c++)
        if (r->has[c])
            return false;
    return r->numeric && r->delimiter && r->n_fields == 1;
}

static int check_columns(const struct score_reader *r, struct err *err)
{
    if (r->numeric && r->has[COLUMN_SCORE])
        return err_set(err, ERR_DATA, "'%s' line %zu: a score beside those of the NPY file",
                       r->path, r->line);
    if (!r->numeric && !r->has[COLUMN_SCORE])
        return err_set(err, ERR_DATA, "'%s' line %zu: no column '%s'", r->path, r->line,
                       r->renamed[COLUMN_SCORE] ? r->renamed[COLUMN_SCORE] : "score");
    if (!r->has[COLUMN_ID] && !r->has[COLUMN_PATH] && !r->has[COLUMN_VIDEO])
        return err_set(err, ERR_DATA, "'%s' line %zu: no column 'id', 'path' or 'video'", r->path,
                       r->line);
    if (r->has[COLUMN_FACE] && !r->has[COLUMN_FRAME])
        return err_set(err, ERR_DATA, "'%s' line %zu: a column 'face' and no column 'frame'",
                       r->path, r->line);
    return 0;
}

static int start(struct score_reader *r, struct err *err)
{
    char *line;
    size_t len;
    int code;

    if (!r->to && (code = fill(r, err)))
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
    if (code == SCORE_LINE_BAD && err)
        err->code = ERR_DATA; /* no header, no file */
    if (code)
        return code == SCORE_LINE_BAD ? ERR_DATA : code;
    if (plain_list(r)) {
        r->column_of[0] = COLUMN_ID;
        r->has[COLUMN_ID] = true;
        r->from = (size_t)(line - r->buf);
        r->line--;
    }
    r->alike = r->delimiter && !r->numeric && !r->escaped && !r->has[COLUMN_ID] &&
               !r->has[COLUMN_PATH] && !r->has[COLUMN_FRAME];
    return check_columns(r, err);
}

static int open_text(struct score_reader *r, const char *path, struct err *err)
{
    byte_stream_close(r->stream);
    r->stream = NULL;
    r->from = r->to = 0;
    free(r->path);
    r->path = mem_strdup(strcmp(path, "-") ? path : "standard input");
    return r->path ? byte_stream_open(&r->stream, path, err) : err_nomem(err);
}

/* The file is NPY: its numbers are kept, and the text to read is that of the ids. */
static int open_numbers(struct score_reader *r, const struct score_source *source, struct err *err)
{
    char *ids = NULL;
    int code;

    if (byte_stream_filter(r->stream) || !strcmp(source->path, "-"))
        return err_set(err, ERR_DATA, "'%s': an NPY file is read from disk and not compressed",
                       r->path);
    code = npy_scores_read(&r->npy, source->path, source->npy_column, err);
    if (!code)
        code = npy_scores_ids(source->path, source->ids, &ids, err);
    if (!code)
        code = open_text(r, ids, err);
    free(ids);
    r->numeric = true;
    return code;
}

int score_reader_open(struct score_reader **out, const struct score_source *source, struct err *err)
{
    struct score_reader *r = mem_array(1, sizeof(*r));
    int code;

    *out = NULL;
    if (!r)
        return err_nomem(err);
    code = open_text(r, source->path, err);
    if (!code)
        code = take_renames(r, source->renames, source->n_renames, err);
    if (!code)
        code = fill(r, err);
    if (!code && npy_scores_magic(r->buf, r->to))
        code = open_numbers(r, source, err);
    if (!code)
        code = start(r, err);
    if (code)
        score_reader_close(r);
    else
        *out = r;
    return code;
}

/* ---- lines like the one before ---------------------------------------------------------------*/

void score_reader_forget(struct score_reader *r)
{
    r->behind = 0;
}

/* Before the fields are touched: the line as it is, its end and what separates it included. */
static void remember_line(struct score_reader *r, const char *line, size_t len)
{
    int f;
    const char *p = line, *end = line + len, *score = NULL, *stop = end;
    size_t tail = (size_t)(r->buf + r->from - end); /* "\n" or "\r\n" */

    r->behind = 0;
    if (!r->alike || !tail || len + tail > MAX_AROUND || memchr(line, '"', len))
        return;
    for (f = 0; f < r->n_fields && p; f++) {
        const char *next = memchr(p, r->delimiter, (size_t)(end - p));

        if (r->column_of[f] == COLUMN_SCORE) {
            score = p;
            stop = next ? next : end;
        }
        p = next ? next + 1 : NULL;
    }
    if (!score)
        return;
    r->before = (size_t)(score - line);
    r->behind = (size_t)(end - stop) + tail;
    memcpy(r->around, line, r->before);
    memcpy(r->around + r->before, stop, r->behind);
}

/* The next line, if it differs from the one before in its score only. */
static bool next_alike(struct score_reader *r, struct score_row *row)
{
    const char *p = r->buf + r->from, *end = r->buf + r->to, *score, *q;
    char stop;

    if ((size_t)(end - p) < r->before + r->behind + MAX_SCORE || memcmp(p, r->around, r->before))
        return false;
    score = p + r->before;
    stop = r->around[r->before];
    for (q = score; *q != stop; q++)
        if (q - score == MAX_SCORE - 1 || *q == '\n' || *q == '"')
            return false;
    if (memcmp(q, r->around + r->before, r->behind))
        return false;
    row->line = ++r->line;
    row->same = true;
    row->at[COLUMN_SCORE] = score;
    row->len[COLUMN_SCORE] = (size_t)(q - score);
    r->from += r->before + (size_t)(q - score) + r->behind;
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------*/

static int wrong_count(const struct score_reader *r, struct err *err)
{
    return err_set(err, ERR_DATA, "'%s' line %zu: %s ids than the %zu scores of '%s'", r->path,
                   r->line, r->npy.at < r->npy.n ? "fewer" : "more", r->npy.n, r->npy.path);
}

int score_reader_next(struct score_reader *r, struct score_row *row, struct err *err)
{
    char *line;
    size_t len;
    int code;

    if (r->behind && next_alike(r, row))
        return 1;
    do {
        code = next_line(r, &line, &len, err);
        if (code == 0 && r->numeric && r->npy.at < r->npy.n)
            return wrong_count(r, err);
        if (code != 1)
            return code;
    } while (!len || (*line == ' ' && blank(line, len)));
    remember_line(r, line, len);
    memset(row, 0, sizeof(*row));
    row->line = r->line;
    if (r->numeric) {
        if (r->npy.at == r->npy.n)
            return wrong_count(r, err);
        row->line = r->npy.at;
        row->numeric = true;
        row->value = r->npy.value[r->npy.at++];
    }
    code = r->delimiter ? split(r, line, len, row, err) : split_json(r, line, len, row, err);
    if (code)
        r->behind = 0;
    return code ? code : 1;
}

size_t score_reader_estimate(const struct score_reader *r)
{
    long long bytes = byte_stream_filter(r->stream) ? -1 : fs_size(r->path);
    const char *p = r->buf + r->from, *end = r->buf + r->to;
    size_t lines = 0;

    if (r->numeric)
        return r->npy.n;
    if (bytes <= 0)
        return 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        lines++;
        p++;
    }
    return lines ? (size_t)((double)bytes / (double)(r->to - r->from) * (double)lines * 1.02) + 16
                 : 0;
}

const char *score_reader_counts(const struct score_reader *r)
{
    return r->numeric ? "row" : "line";
}

void score_reader_close(struct score_reader *r)
{
    if (!r)
        return;
    byte_stream_close(r->stream);
    npy_scores_release(&r->npy);
    free(r->path);
    free(r->buf);
    free(r);
}
