#include "fetch/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fetch/archive_guard.h"
#include "fetch/part_file.h"
#include "fetch/publish.h"
#include "fetch/symbols.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/mem.h"
#include "lib/str.h"

#define READ_BLOCK  ((size_t)1 << 18)
#define LOG_LIMIT   ((size_t)1 << 30)
#define FORMAT_LINE "lp-unpack 1"

struct unpacking {
    const struct unpack_settings *s;
    const char *archive, *key;
    struct str staging, log, ready, path, clean;
    struct archive_guard guard;
    struct symbols done; /* entries of an earlier run: names, */
    long long *sizes;    /* and sizes */
    size_t sizes_cap;
    FILE *fp; /* the log */
    struct unpack_result *result;
};

static void name_all(struct unpacking *u)
{
    char key[32];

    snprintf(key, sizeof(key), "%016llx", (unsigned long long)hash_name(u->key));
    fs_join(u->s->folder, key, &u->staging);
    fs_join(u->s->folder, key, &u->log);
    str_add(&u->log, ".log");
    fs_join(u->s->folder, key, &u->ready);
    str_add(&u->ready, ".ready");
}

static void release(struct unpacking *u)
{
    if (u->fp)
        fclose(u->fp);
    guard_release(&u->guard);
    symbols_release(&u->done);
    free(u->sizes);
    str_release(&u->staging);
    str_release(&u->log);
    str_release(&u->ready);
    str_release(&u->path);
    str_release(&u->clean);
}

int unpack_is_begun(const struct unpack_settings *s, const char *key)
{
    struct unpacking u = {.s = s, .key = key};
    bool there;

    name_all(&u);
    there = !str_failed(&u.log) && !str_failed(&u.ready) &&
            (fs_exists(u.log.s) || fs_exists(u.ready.s));
    release(&u);
    return there;
}

/* ---- the log of finished entries -------------------------------------------------------------*/

static int header(const struct unpacking *u, const struct stat *st, struct str *out)
{
    char boot[PART_BOOT_MAX];

    (void)u;
    part_boot_id(boot);
    str_clear(out);
    str_addf(out, FORMAT_LINE " %s %lld %lld.%09ld\n", boot, (long long)st->st_size,
             (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
    return str_failed(out) ? -ENOMEM : 0;
}

/* Reads what an earlier run finished, if it is of this archive and of this start of the machine. */
static int read_log(struct unpacking *u, const char *head, bool *good, struct err *err)
{
    char *text = NULL, *line, *next;
    size_t size;
    int r = 0;

    *good = false;
    if (!fs_exists(u->log.s))
        return 0;
    if ((r = fs_read(u->log.s, LOG_LIMIT, &text, &size, err)))
        return r;
    if (strncmp(text, head, strlen(head)) != 0)
        goto out;
    *good = true;
    for (line = text + strlen(head); *line; line = next) {
        char *end = strchr(line, '\n'), *name;
        long long bytes;
        int k;

        if (!end)
            break;
        *end = '\0';
        next = end + 1;
        bytes = strtoll(line, &name, 10);
        if (*name++ != ' ' || bytes < 0)
            continue;
        k = symbols_add(&u->done, name);
        if (k < 0 || mem_grow(&u->sizes, &u->sizes_cap, (size_t)k + 1, sizeof(*u->sizes))) {
            r = err_nomem(err);
            break;
        }
        u->sizes[k] = bytes;
    }
out:
    free(text);
    return r;
}

static int open_log(struct unpacking *u, const struct stat *st, struct err *err)
{
    struct str head = STR_INIT;
    bool good = false;
    int r = header(u, st, &head) ? err_nomem(err) : read_log(u, head.s, &good, err);

    if (!r && !good)
        r = fs_remove_tree(u->staging.s, err);
    if (!r)
        r = fs_make_folders(u->staging.s, err);
    if (!r) {
        u->fp = fopen(u->log.s, good ? "ae" : "we");
        if (!u->fp)
            r = err_set_errno(err, ERR_CREATE, errno, "cannot create '%s'", u->log.s);
        else if (good ? fputs("\n", u->fp) < 0 : fputs(head.s, u->fp) < 0 || fflush(u->fp))
            r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", u->log.s);
    }
    str_release(&head);
    return r;
}

static bool is_done(const struct unpacking *u, const char *name, long long *size)
{
    int k = symbols_find(&u->done, name);

    if (k < 0)
        return false;
    *size = u->sizes[k];
    return fs_size(u->path.s) == *size;
}

/* ---- entries ---------------------------------------------------------------------------------*/

static enum entry_kind kind_of(struct archive_entry *e)
{
    if (archive_entry_hardlink(e) || archive_entry_symlink(e))
        return ENTRY_LINK;
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
        return ENTRY_FILE;
    case AE_IFDIR:
        return ENTRY_FOLDER;
    case AE_IFLNK:
        return ENTRY_LINK;
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
    case AE_IFSOCK:
        return ENTRY_DEVICE;
    default:
        return ENTRY_OTHER;
    }
}

static int broken(const struct unpacking *u, struct archive *a, const char *name, struct err *err)
{
    const char *why = archive_error_string(a);

    if (archive_errno(a) == ENOMEM)
        return err_nomem(err);
    return err_set(err, ERR_DATA, "'%s' is damaged or cut off%s%s%s: %s", u->archive,
                   name ? ", at '" : "", name ? name : "", name ? "'" : "",
                   why ? why : "no more is known");
}

static int write_all(int fd, const char *bytes, size_t n, long long at, const char *path,
                     struct err *err)
{
    while (n) {
        ssize_t done = pwrite(fd, bytes, n, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_set_errno(err, ERR_IO, done ? errno : EIO, "cannot write '%s'", path);
        bytes += done;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int write_data(struct unpacking *u, struct archive *a, int fd, long long *size,
                      struct err *err)
{
    const void *block;
    size_t n;
    la_int64_t at;
    int code, r;

    *size = 0;
    while ((code = archive_read_data_block(a, &block, &n, &at)) == ARCHIVE_OK) {
        if (at < *size || at > u->guard.most)
            return broken(u, a, u->clean.s, err);
        if ((r = guard_bytes(&u->guard, u->clean.s, at - *size + (long long)n, err)) ||
            (r = write_all(fd, block, n, at, u->path.s, err)))
            return r;
        *size = at + (long long)n;
    }
    return code == ARCHIVE_EOF ? 0 : broken(u, a, u->clean.s, err);
}

static int extract_file(struct unpacking *u, struct archive *a, struct archive_entry *e,
                        struct err *err)
{
    long long size = 0;
    int fd, r;

    u->result->files++;
    if (is_done(u, u->clean.s, &size)) {
        u->result->resumed++;
        u->result->bytes += size;
        return guard_bytes(&u->guard, u->clean.s, size, err);
    }
    if (archive_entry_is_encrypted(e))
        return err_set(err, ERR_DATA, "'%s': its entry '%s' is encrypted", u->archive, u->clean.s);
    if ((r = fs_make_parents(u->path.s, err)))
        return r;
    fd = open(u->path.s, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set_errno(err, errno == ENOSPC ? ERR_IO : ERR_CREATE, errno,
                             "cannot create '%s'", u->path.s);
    r = write_data(u, a, fd, &size, err);
    if (!r && archive_entry_size_is_set(e) && size < archive_entry_size(e)) {
        /* The end of a sparse file has no block. */
        if (ftruncate(fd, archive_entry_size(e)))
            r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", u->path.s);
        size = archive_entry_size(e);
    }
    if (close(fd) && !r)
        r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", u->path.s);
    u->result->bytes += size;
    if (!r && (fprintf(u->fp, "%lld %s\n", size, u->clean.s) < 0 || fflush(u->fp)))
        r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", u->log.s);
    return r;
}

static int extract_entry(struct unpacking *u, struct archive *a, struct archive_entry *e,
                         struct err *err)
{
    const char *name = archive_entry_pathname(e);
    enum entry_kind kind = kind_of(e);
    int r;

    if (!name)
        name = archive_entry_pathname_utf8(e);
    if (!name || !*name)
        return err_set(err, ERR_DATA, "'%s' is refused: it has an entry without a name",
                       u->archive);
    r = guard_entry(&u->guard, name, kind,
                    archive_entry_size_is_set(e) ? (long long)archive_entry_size(e) : -1, &u->clean,
                    err);
    if (r || !u->clean.len)
        return r;
    fs_join(u->staging.s, u->clean.s, &u->path);
    if (str_failed(&u->path))
        return err_nomem(err);
    return kind == ENTRY_FOLDER ? fs_make_folders(u->path.s, err) : extract_file(u, a, e, err);
}

static struct archive *open_archive(void)
{
    struct archive *a = archive_read_new();

    if (!a)
        return NULL;
    /* Zip by its directory at the end only: read as a stream, a cut one would look whole. */
    archive_read_support_format_zip_seekable(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_7zip(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    return a;
}

static int extract_all(struct unpacking *u, int fd, struct err *err)
{
    struct archive *a = open_archive();
    struct archive_entry *e;
    int code, r = 0;

    if (!a)
        return err_nomem(err);
    if (archive_read_open_fd(a, fd, READ_BLOCK) != ARCHIVE_OK) {
        r = err_set(err, ERR_DATA, "'%s' is damaged, cut off, or no archive: %s", u->archive,
                    archive_error_string(a));
        goto out;
    }
    while (!r) {
        code = archive_read_next_header(a, &e);
        if (code == ARCHIVE_EOF)
            break;
        /* A warning is about a name that this locale has no characters for; its bytes do. */
        r = code == ARCHIVE_OK || code == ARCHIVE_WARN ? extract_entry(u, a, e, err)
                                                       : broken(u, a, NULL, err);
    }
    if (!r && u->result->files == 0)
        r = err_set(err, ERR_DATA, "'%s' holds no file", u->archive);
out:
    archive_read_free(a);
    return r;
}

static int extract(struct unpacking *u, struct err *err)
{
    struct statvfs fs;
    struct stat st;
    int fd = open(u->archive, O_RDONLY | O_CLOEXEC), r, k;
    long long room = -1;

    if (fd < 0 || fstat(fd, &st))
        r = err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", u->archive);
    else if (!S_ISREG(st.st_mode))
        r = err_set(err, ERR_NOINPUT, "'%s' is no regular file", u->archive);
    else
        r = open_log(u, &st, err);
    if (r)
        goto out;
    if (statvfs(u->s->folder, &fs) == 0)
        room = (long long)((double)fs.f_bavail * (double)fs.f_frsize);
    for (k = 0; k < u->done.n && room >= 0; k++)
        room += u->sizes[k]; /* on the disk already */
    guard_init(&u->guard, u->archive, (long long)st.st_size, u->s->ratio, room);
    r = extract_all(u, fd, err);
out:
    if (fd >= 0)
        close(fd);
    return r;
}

/* ---- the whole -------------------------------------------------------------------------------*/

int unpack_archive(const struct unpack_settings *s, const char *archive, const char *key,
                   const char *to, struct unpack_result *result, struct err *err)
{
    struct unpacking u = {.s = s, .archive = archive, .key = key, .result = result};
    struct str place = STR_INIT;
    int r;

    *result = (struct unpack_result){0};
    name_all(&u);
    fs_join(s->root, strcmp(to, ".") == 0 ? "" : to, &place);
    if (str_failed(&u.staging) || str_failed(&u.log) || str_failed(&u.ready) ||
        str_failed(&place)) {
        r = err_nomem(err);
        goto out;
    }
    if (!fs_exists(u.ready.s)) {
        r = extract(&u, err);
        if (!r)
            r = publish_check(u.staging.s, place.s, archive, err);
        if (r == ERR_DATA) { /* nothing of a bad archive stays */
            r = fs_remove_tree(u.staging.s, err);
            unlink(u.log.s);
            r = r ? r : ERR_DATA;
        }
        if (r)
            goto out;
        atomic_sync(s->folder);
        r = atomic_write(u.ready.s, "", 0, err);
        if (r)
            goto out;
        atomic_sync(s->folder);
    }
    r = fs_make_folders(place.s, err);
    if (!r && fs_is_folder(u.staging.s))
        r = publish_move(u.staging.s, place.s, archive, err);
    if (!r)
        r = fs_remove_tree(u.staging.s, err);
    if (!r) {
        unlink(u.log.s);
        unlink(u.ready.s);
    }
out:
    str_release(&place);
    release(&u);
    return r;
}
