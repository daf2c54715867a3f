#include "reports/tar_member.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define BLOCK      512
#define MEMBER_MAX (64LL << 20) /* bytes; a training sample is some 100 KiB */
#define PAX_MAX    (1LL << 20)
#define OFFSET_MAX (1LL << 62)

/* A member's header, with what pax or GNU headers before it changed. */
struct member {
    long long data, size; /* where its bytes are, how many */
    long long next;       /* offset of the header after it */
    bool file;
    char name[1024];
};

int tar_open(struct tar_reader *t, const char *path, struct err *err)
{
    t->fp = fopen(path, "rbe");
    if (!t->fp)
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    t->path = mem_strdup(path);
    if (!t->path)
        return err_nomem(err);
    return 0;
}

void tar_close(struct tar_reader *t)
{
    if (t->fp)
        fclose(t->fp);
    free(t->path);
    free(t->bytes);
    *t = (struct tar_reader){0};
}

static int damaged(const struct tar_reader *t, long long offset, const char *what, struct err *err)
{
    return err_set(err, ERR_DATA, "'%s' byte %lld: %s", t->path, offset, what);
}

/* Octal, or base 256 when the first bit is set; -1 if neither. */
static long long number(const unsigned char *field, size_t n)
{
    long long value = 0;
    size_t i = 0;

    if (field[0] & 0x80) {
        value = field[0] & 0x3f;
        for (i = 1; i < n; i++) {
            if (value > OFFSET_MAX >> 8)
                return -1;
            value = value << 8 | field[i];
        }
        return value;
    }
    while (i < n && field[i] == ' ')
        i++;
    for (; i < n && field[i] && field[i] != ' '; i++) {
        if (field[i] < '0' || field[i] > '7' || value > OFFSET_MAX >> 3)
            return -1;
        value = value << 3 | (field[i] - '0');
    }
    return value;
}

static bool sum_is_right(const unsigned char *block)
{
    unsigned long sum = 0;
    size_t i;

    for (i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : block[i];
    return (long long)sum == number(block + 148, 8);
}

static int read_at(struct tar_reader *t, long long offset, void *to, size_t n, struct err *err)
{
    if (fseeko(t->fp, (off_t)offset, SEEK_SET) || fread(to, 1, n, t->fp) != n) {
        if (ferror(t->fp))
            return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", t->path);
        return damaged(t, offset, "the file ends early", err);
    }
    return 0;
}

/* "LEN key=value\n" records; path and size are what we need. */
static void read_pax(const char *text, size_t n, struct member *m, bool *has_size)
{
    size_t at = 0;

    while (at < n) {
        char *end;
        unsigned long len = strtoul(text + at, &end, 10);
        size_t head = (size_t)(end - (text + at));

        if (*end != ' ' || len <= head + 1 || len > n - at)
            return;
        end++;
        len -= head + 1;
        if (len > 5 && strncmp(end, "path=", 5) == 0)
            snprintf(m->name, sizeof(m->name), "%.*s", (int)len - 6, end + 5);
        if (len > 5 && strncmp(end, "size=", 5) == 0) {
            m->size = strtoll(end + 5, NULL, 10);
            *has_size = true;
        }
        at += head + 1 + len;
    }
}

static int read_extension(struct tar_reader *t, long long offset, long long size, char type,
                          struct member *m, bool *has_name, bool *has_size, struct err *err)
{
    char *text;
    int r;

    if (size > PAX_MAX)
        return damaged(t, offset, "the extended header is too large", err);
    text = mem_array((size_t)size + 1, 1);
    if (!text)
        return err_nomem(err);
    r = read_at(t, offset, text, (size_t)size, err);
    if (!r && type == 'L') {
        snprintf(m->name, sizeof(m->name), "%s", text);
    } else if (!r && type == 'x') {
        read_pax(text, (size_t)size, m, has_size);
    }
    *has_name = *has_name || m->name[0];
    free(text);
    return r;
}

/* Returns 1 with *m, 0 at the end of the archive. */
static int read_header(struct tar_reader *t, long long offset, struct member *m, struct err *err)
{
    unsigned char b[BLOCK];
    bool has_name = false, has_size = false;
    long long size;
    int r, steps;

    m->name[0] = '\0';
    for (steps = 0; steps < 8; steps++) {
        if ((r = read_at(t, offset, b, BLOCK, err)))
            return r;
        if (b[0] == 0)
            return 0;
        if (!sum_is_right(b) || (size = number(b + 124, 12)) < 0 ||
            size > OFFSET_MAX - offset - 2 * BLOCK)
            return damaged(t, offset, "not the start of a tar member", err);
        if (b[156] == 'x' || b[156] == 'g' || b[156] == 'L') {
            r = read_extension(t, offset + BLOCK, size, (char)b[156], m, &has_name, &has_size, err);
            if (r)
                return r;
            offset += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
            continue;
        }
        if (!has_size)
            m->size = size;
        if (m->size < 0 || m->size > OFFSET_MAX - offset - 2 * BLOCK)
            return damaged(t, offset, "the member's size makes no sense", err);
        if (!has_name && memcmp(b + 257, "ustar", 5) == 0 && b[345])
            snprintf(m->name, sizeof(m->name), "%.155s/%.100s", (char *)b + 345, (char *)b);
        else if (!has_name)
            snprintf(m->name, sizeof(m->name), "%.100s", (char *)b);
        m->file = b[156] == '0' || b[156] == 0;
        m->data = offset + BLOCK;
        m->next = m->data + (m->size + BLOCK - 1) / BLOCK * BLOCK;
        return 1;
    }
    return damaged(t, offset, "too many extended headers", err);
}

/* Bytes of a name before the first dot of its last part: WebDataset's key. */
static size_t key_length(const char *name)
{
    const char *last = strrchr(name, '/');
    const char *dot = strchr(last ? last : name, '.');

    return dot ? (size_t)(dot - name) : strlen(name);
}

static bool is_picture(const char *name)
{
    const char *ending = name + key_length(name);

    return strcmp(ending, ".jpg") == 0 || strcmp(ending, ".jpeg") == 0 ||
           strcmp(ending, ".png") == 0;
}

static int load(struct tar_reader *t, const struct member *m, struct err *err)
{
    if (m->size > MEMBER_MAX)
        return damaged(t, m->data, "the picture is too large", err);
    if (mem_grow(&t->bytes, &t->cap, (size_t)m->size + 1, 1))
        return err_nomem(err);
    t->size = (size_t)m->size;
    memcpy(t->name, m->name, sizeof(t->name));
    return read_at(t, m->data, t->bytes, t->size, err);
}

int tar_sample_at(struct tar_reader *t, long long offset, struct err *err)
{
    char key[sizeof(((struct member *)0)->name)] = "";
    struct member m;
    long long start = offset;
    int r;

    if (offset < 0 || offset > OFFSET_MAX)
        return damaged(t, offset, "not an offset", err);
    for (;;) {
        if ((r = read_header(t, offset, &m, err)) < 0)
            return r;
        if (r == 0 || (key[0] && (key_length(m.name) != strlen(key) ||
                                  strncmp(m.name, key, strlen(key)) != 0)))
            return damaged(t, start, "the sample has no picture", err);
        if (m.file && is_picture(m.name))
            return load(t, &m, err);
        if (!key[0])
            snprintf(key, sizeof(key), "%.*s", (int)key_length(m.name), m.name);
        offset = m.next;
    }
}

int tar_sample_named(struct tar_reader *t, const char *key, struct err *err)
{
    struct member m;
    long long offset = 0;
    size_t n = strlen(key);
    int r;

    while ((r = read_header(t, offset, &m, err)) == 1) {
        if (m.file && is_picture(m.name) && key_length(m.name) == n && memcmp(m.name, key, n) == 0)
            return load(t, &m, err);
        offset = m.next;
    }
    return r < 0 ? r : err_set(err, ERR_DATA, "'%s' has no picture of '%s'", t->path, key);
}

void tar_key_of_id(const char *id, struct str *out)
{
    const unsigned char *s;

    str_clear(out);
    for (s = (const unsigned char *)id; *s; s++) {
        if (*s == '/')
            str_add_c(out, '+');
        else if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
                 *s == '-' || *s == '_')
            str_add_c(out, (char)*s);
        else
            str_addf(out, "=%02X", *s);
    }
}
