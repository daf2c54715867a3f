#include "lib/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/mem.h"
#include "lib/str.h"

/*
 * Text, so that a person can look:
 *   lp-journal 1 SETTINGS INPUT\n
 *   ITEM-BYTES ROWS-BYTES CHECKSUM\n ITEM ROWS      (once an item; CHECKSUM is hash_name's, hex)
 */
struct record {
    uint64_t key;
    const char *item, *rows;
    size_t item_size, rows_size;
};

struct journal {
    char *path;
    char *text; /* the old content; records point into it */
    int fd;
    struct record *records;
    size_t n, cap;
};

#define LIMIT ((size_t)1 << 36)

static uint64_t checksum(const char *item, size_t item_size, const char *rows, size_t rows_size)
{
    uint64_t h = 14695981039346656037u;
    size_t i;

    for (i = 0; i < item_size; i++)
        h = (h ^ (unsigned char)item[i]) * 1099511628211u;
    for (i = 0; i < rows_size; i++)
        h = (h ^ (unsigned char)rows[i]) * 1099511628211u;
    return h;
}

static int by_key(const void *a, const void *b)
{
    const struct record *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

/* Reads whole records; returns the number of bytes that are good. */
static size_t read_records(struct journal *j, size_t start, size_t size, int *r, struct err *err)
{
    size_t at = start;

    while (at < size) {
        unsigned long long item_size, rows_size, sum;
        struct record rec;
        char *line_end = memchr(j->text + at, '\n', size - at);
        char name[4096];
        int used = 0;

        if (!line_end ||
            sscanf(j->text + at, "%llu %llu %llx%n", &item_size, &rows_size, &sum, &used) != 3 ||
            j->text + at + used != line_end)
            break;
        rec.item = line_end + 1;
        if (item_size >= sizeof(name) || rows_size > size ||
            item_size + rows_size > size - (size_t)(rec.item - j->text))
            break;
        rec.item_size = (size_t)item_size;
        rec.rows = rec.item + rec.item_size;
        rec.rows_size = (size_t)rows_size;
        if (checksum(rec.item, rec.item_size, rec.rows, rec.rows_size) != sum)
            break;
        memcpy(name, rec.item, rec.item_size);
        name[rec.item_size] = '\0';
        rec.key = hash_name(name);
        if (mem_grow(&j->records, &j->cap, j->n + 1, sizeof(*j->records))) {
            *r = err_nomem(err);
            break;
        }
        j->records[j->n++] = rec;
        at = (size_t)(rec.rows - j->text) + rec.rows_size;
    }
    return at;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -1;
        p += w;
        n -= (size_t)w;
    }
    return 0;
}

int journal_open(struct journal **out, const char *output, const char *settings_hash,
                 const char *input_hash, struct err *err)
{
    struct str head = STR_INIT, path = STR_INIT;
    const char *base = strrchr(output, '/');
    struct journal *j = NULL;
    size_t size = 0, good = 0;
    struct err ignored = {0};
    int r = 0;

    *out = NULL;
    if (strcmp(output, "-") == 0 || (fs_exists(output) && fs_size(output) < 0))
        return 0; /* stdout or a device: nothing to go on with */
    base = base ? base + 1 : output;
    str_add_n(&path, output, (size_t)(base - output));
    str_addf(&path, ".%s.journal", base);
    str_addf(&head, "lp-journal 1 %s %s\n", settings_hash, *input_hash ? input_hash : "-");
    j = mem_array(1, sizeof(*j));
    if (!j || str_failed(&head) || str_failed(&path)) {
        r = err_nomem(err);
        goto out;
    }
    j->fd = -1;
    j->path = str_take(&path);
    r = fs_make_parents(j->path, err);
    if (r)
        goto out;
    if (fs_exists(j->path) && fs_read(j->path, LIMIT, &j->text, &size, &ignored) == 0 &&
        size >= head.len && memcmp(j->text, head.s, head.len) == 0) {
        good = read_records(j, head.len, size, &r, err);
        if (r)
            goto out;
        if (j->n)
            qsort(j->records, j->n, sizeof(*j->records), by_key);
    }
    j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (j->fd < 0 || ftruncate(j->fd, (off_t)good) || lseek(j->fd, 0, SEEK_END) < 0 ||
        (good == 0 && write_all(j->fd, head.s, head.len)))
        r = err_set_errno(err, errno == ENOSPC ? ERR_IO : ERR_CREATE, errno, "cannot write '%s'",
                          j->path);
out:
    if (r) {
        journal_close(j, 0);
        j = NULL;
    }
    str_release(&head);
    str_release(&path);
    *out = j;
    return r;
}

const char *journal_find(const struct journal *j, const char *item, size_t *size)
{
    struct record want;
    const struct record *rec;

    if (!j || !j->n)
        return NULL;
    want.key = hash_name(item);
    rec = bsearch(&want, j->records, j->n, sizeof(*j->records), by_key);
    if (!rec || rec->item_size != strlen(item) || memcmp(rec->item, item, rec->item_size) != 0)
        return NULL;
    *size = rec->rows_size;
    return rec->rows;
}

int journal_add(struct journal *j, const char *item, const char *rows, size_t size, struct err *err)
{
    struct str s = STR_INIT;
    size_t n = strlen(item);
    int r = 0;

    if (!j)
        return 0;
    str_addf(&s, "%zu %zu %016llx\n", n, size, (unsigned long long)checksum(item, n, rows, size));
    str_add_n(&s, item, n);
    str_add_n(&s, rows, size);
    if (str_failed(&s))
        r = err_nomem(err);
    else if (write_all(j->fd, s.s, s.len))
        r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", j->path);
    str_release(&s);
    return r;
}

void journal_close(struct journal *j, int remove_file)
{
    if (!j)
        return;
    if (j->fd >= 0)
        close(j->fd);
    if (remove_file)
        unlink(j->path);
    free(j->path);
    free(j->text);
    free(j->records);
    free(j);
}
