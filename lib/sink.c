#include "lib/sink.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/str.h"

struct sink {
    char *path;  /* as given, for words */
    bool folder; /* else a tar */
    struct archive *tar;
    struct archive_entry *entry; /* reused */
    struct atomic_file file;
    long long written; /* bytes that libarchive has handed to us */
    int write_errno;   /* why a write failed */
    struct str name;   /* scratch: a member's path in a folder */
};

/* libarchive's output goes through the atomic file, so that a tar is whole or not there. A failure
 * is kept for the caller and not shown to libarchive, which would lose memory over it. */
static la_ssize_t take_bytes(struct archive *a, void *data, const void *bytes, size_t n)
{
    struct sink *s = data;

    (void)a;
    errno = 0;
    if (!s->write_errno && fwrite(bytes, 1, n, s->file.fp) != n)
        s->write_errno = errno ? errno : EIO;
    s->written += (long long)n;
    return (la_ssize_t)n;
}

static int tar_failed(struct sink *s, struct err *err)
{
    if (s->write_errno == EPIPE)
        return err_set_errno(err, -EPIPE, EPIPE, "cannot write '%s'", s->path);
    if (s->write_errno)
        return err_set_errno(err, ERR_IO, s->write_errno, "cannot write '%s'", s->path);
    return err_set(err, ERR_IO, "cannot write '%s': %s", s->path, archive_error_string(s->tar));
}

static struct sink *new_sink(const char *path)
{
    struct sink *s = mem_array(1, sizeof(*s));

    if (!s)
        return NULL;
    s->file.slot = -1;
    s->path = strdup(path);
    if (!s->path) {
        free(s);
        return NULL;
    }
    return s;
}

static void free_sink(struct sink *s)
{
    archive_entry_free(s->entry);
    archive_write_free(s->tar);
    atomic_discard(&s->file);
    str_release(&s->name);
    free(s->path);
    free(s);
}

int sink_open_tar(struct sink **out, const char *path, struct err *err)
{
    struct sink *s = new_sink(path);
    int r = 0;

    *out = NULL;
    if (!s)
        return err_nomem(err);
    s->tar = archive_write_new();
    s->entry = archive_entry_new();
    if (!s->tar || !s->entry)
        r = err_nomem(err);
    if (!r && strcmp(path, "-") != 0)
        r = fs_make_parents(path, err);
    if (!r)
        r = atomic_open(&s->file, path, err);
    if (!r) {
        /* Blocks of 512 bytes, as they are: offsets are then known, and a stream has no delay. */
        /* Not pax: that wants names as UTF-8 and cannot convert them in the C locale, in which the
         * tools run. Here names are bytes. */
        archive_write_set_format_gnutar(s->tar);
        archive_write_set_bytes_per_block(s->tar, 0);
        if (archive_write_open(s->tar, s, NULL, take_bytes, NULL) != ARCHIVE_OK)
            r = tar_failed(s, err);
    }
    if (r)
        free_sink(s);
    else
        *out = s;
    return r;
}

int sink_open_folder(struct sink **out, const char *path, struct err *err)
{
    struct sink *s = new_sink(path);
    int r;

    *out = NULL;
    if (!s)
        return err_nomem(err);
    s->folder = true;
    r = fs_make_folders(path, err);
    if (r)
        free_sink(s);
    else
        *out = s;
    return r;
}

int sink_add(struct sink *s, const char *name, const void *bytes, size_t size, long long *offset,
             struct err *err)
{
    if (!fs_is_safe_name(name))
        return err_set(err, ERR_DATA, "'%s' is not a name for a member of '%s'", name, s->path);
    if (offset)
        *offset = s->written;
    if (s->folder) {
        fs_join(s->path, name, &s->name);
        return str_failed(&s->name) ? err_nomem(err) : atomic_write(s->name.s, bytes, size, err);
    }
    archive_entry_clear(s->entry);
    archive_entry_set_pathname(s->entry, name);
    archive_entry_set_filetype(s->entry, AE_IFREG);
    archive_entry_set_perm(s->entry, 0644);
    archive_entry_set_size(s->entry, (la_int64_t)size);
    archive_entry_set_mtime(s->entry, 0, 0);
    if (archive_write_header(s->tar, s->entry) != ARCHIVE_OK ||
        (size && archive_write_data(s->tar, bytes, size) != (la_ssize_t)size) ||
        archive_write_finish_entry(s->tar) != ARCHIVE_OK || s->write_errno)
        return tar_failed(s, err);
    return 0;
}

int sink_close(struct sink *s, int commit, struct err *err)
{
    int r = 0;

    if (!s)
        return 0;
    if (!commit)
        s->write_errno = ECANCELED; /* nothing more is written */
    if (s->tar && archive_write_close(s->tar) != ARCHIVE_OK && commit)
        r = tar_failed(s, err);
    if (commit && s->tar && !r) {
        /* Flushed here, as a closed pipe must come back as such. */
        errno = 0;
        if (!s->write_errno && fflush(s->file.fp))
            s->write_errno = errno ? errno : EIO;
        r = s->write_errno ? tar_failed(s, err) : atomic_commit(&s->file, false, err);
    }
    free_sink(s);
    return r;
}
