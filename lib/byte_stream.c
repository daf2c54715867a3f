#include "lib/byte_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/mem.h"

#define PIECE ((size_t)1 << 18) /* bytes that libarchive is given at once */

/* No format that libarchive would run another program for. */
static const struct filter {
    const char *name, *ending, *magic;
    size_t len; /* of the magic */
    int (*support)(struct archive *);
} filters[] = {
    {"gzip", ".gz", "\x1f\x8b", 2, archive_read_support_filter_gzip},
    {"zstd", ".zst", "\x28\xb5\x2f\xfd", 4, archive_read_support_filter_zstd},
    {"xz", ".xz", "\xfd\x37zXZ\0", 6, archive_read_support_filter_xz},
    {"bzip2", ".bz2", "BZh", 3, archive_read_support_filter_bzip2},
    {"lz4", ".lz4", "\x04\x22\x4d\x18", 4, archive_read_support_filter_lz4},
};

#define N_FILTERS (sizeof(filters) / sizeof(*filters))

struct byte_stream {
    char *path;
    int fd;
    char first[8]; /* read to tell the format, not yet given out */
    size_t n_first;
    const struct filter *filter;
    struct archive *archive;
    char *piece;
    bool empty;    /* decompresses to nothing */
    struct err io; /* what went wrong while libarchive asked for bytes */
};

const char *byte_stream_filter(const struct byte_stream *s)
{
    return s->filter ? s->filter->name : NULL;
}

size_t byte_stream_stem(const char *name)
{
    size_t len = strlen(name), n, i;

    for (i = 0; i < N_FILTERS; i++) {
        n = strlen(filters[i].ending);
        if (len > n && !strcasecmp(name + len - n, filters[i].ending))
            return len - n;
    }
    return len;
}

static int raw_read(struct byte_stream *s, char *to, size_t size, size_t *got, struct err *err)
{
    ssize_t n;

    if (s->n_first) {
        *got = s->n_first < size ? s->n_first : size;
        memcpy(to, s->first, *got);
        memmove(s->first, s->first + *got, s->n_first - *got);
        s->n_first -= *got;
        return 0;
    }
    do
        n = read(s->fd, to, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set_errno(err, errno == EISDIR ? ERR_NOINPUT : ERR_IO, errno, "cannot read '%s'",
                             s->path);
    *got = (size_t)n;
    return 0;
}

static la_ssize_t give(struct archive *a, void *ctx, const void **bytes)
{
    struct byte_stream *s = ctx;
    size_t got = 0;

    if (raw_read(s, s->piece, PIECE, &got, &s->io)) {
        archive_set_error(a, EIO, "%s", s->io.text);
        return -1;
    }
    *bytes = s->piece;
    return (la_ssize_t)got;
}

static int damaged(const struct byte_stream *s, struct err *err)
{
    const char *why = archive_error_string(s->archive);

    if (s->io.code)
        return err_set(err, s->io.code, "%s", s->io.text);
    return err_set(err, ERR_DATA, "'%s': damaged %s data: %s", s->path, s->filter->name,
                   why ? why : "it ends early");
}

static int start_filter(struct byte_stream *s, struct err *err)
{
    struct archive_entry *entry;
    int r;

    s->archive = archive_read_new();
    s->piece = malloc(PIECE);
    if (!s->archive || !s->piece)
        return err_nomem(err);
    if (s->filter->support(s->archive) != ARCHIVE_OK ||
        archive_read_support_format_raw(s->archive) != ARCHIVE_OK ||
        archive_read_support_format_empty(s->archive) != ARCHIVE_OK)
        return err_set(err, ERR_MISSING, "'%s': this libarchive cannot read %s", s->path,
                       s->filter->name);
    if (archive_read_open(s->archive, s, NULL, give, NULL) != ARCHIVE_OK)
        return damaged(s, err);
    r = archive_read_next_header(s->archive, &entry);
    s->empty = r == ARCHIVE_EOF; /* then there is no entry to read from */
    return r == ARCHIVE_OK || r == ARCHIVE_EOF ? 0 : damaged(s, err);
}

int byte_stream_open(struct byte_stream **out, const char *path, struct err *err)
{
    struct byte_stream *s = mem_array(1, sizeof(*s));
    size_t got = 1, i;
    int r = 0;

    *out = NULL;
    if (!s || !(s->path = mem_strdup(strcmp(path, "-") ? path : "standard input"))) {
        free(s);
        return err_nomem(err);
    }
    s->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (s->fd < 0)
        r = err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    else
        posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    while (!r && got && s->n_first < sizeof(s->first)) {
        char more[sizeof(s->first)];
        size_t have = s->n_first;

        s->n_first = 0; /* so that raw_read goes to the file */
        r = raw_read(s, more, sizeof(more) - have, &got, err);
        s->n_first = have;
        if (!r) {
            memcpy(s->first + have, more, got);
            s->n_first += got;
        }
    }
    for (i = 0; !r && i < N_FILTERS; i++)
        if (s->n_first >= filters[i].len && !memcmp(s->first, filters[i].magic, filters[i].len))
            s->filter = &filters[i];
    if (!r && s->filter)
        r = start_filter(s, err);
    if (r)
        byte_stream_close(s);
    else
        *out = s;
    return r;
}

int byte_stream_read(struct byte_stream *s, void *to, size_t size, size_t *got, struct err *err)
{
    la_ssize_t n;

    if (!s->filter)
        return raw_read(s, to, size, got, err);
    *got = 0;
    if (s->empty)
        return 0;
    n = archive_read_data(s->archive, to, size);
    if (n < 0)
        return damaged(s, err);
    *got = (size_t)n;
    return 0;
}

void byte_stream_close(struct byte_stream *s)
{
    if (!s)
        return;
    archive_read_free(s->archive);
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    free(s->piece);
    free(s->path);
    free(s);
}
