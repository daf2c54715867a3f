#include "fetch/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/url.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/hash.h"

#define COPY_BYTES ((size_t)16 << 20)

/* Is the file what the plan says? hex: its hash if it had to be read, else empty. */
static int check(const char *path, const struct plan_file *f, char hex[HASH_HEX], struct err *err)
{
    long long size = fs_size(path);
    int r;

    hex[0] = '\0';
    if (size < 0)
        return err_set(err, ERR_DATA, "'%s' is no regular file", path);
    if (f->bytes >= 0 && size != f->bytes)
        return err_set(err, ERR_DATA, "'%s' has %lld bytes, %lld were expected", path, size,
                       f->bytes);
    if (!f->sha256[0])
        return 0;
    if ((r = hash_file(path, hex, err)))
        return r;
    if (strcmp(hex, f->sha256) != 0)
        return err_set(
            err, ERR_DATA,
            "'%s' has wrong bytes: their SHA-256 is %s, %s was expected; move it away to "
            "get it again",
            path, hex, f->sha256);
    return 0;
}

int import_check(struct done_log *log, const char *root, const struct plan_file *f, struct err *err)
{
    struct str path = STR_INIT;
    char hex[HASH_HEX];
    int r;

    fs_join(root, f->path, &path);
    r = str_failed(&path) ? err_nomem(err) : check(path.s, f, hex, err);
    if (!r)
        r = done_add(log, root, f->path, DONE_GOT, hex, err);
    str_release(&path);
    return r;
}

static int copy_bytes(int from, int to, const char *path, struct err *err)
{
    for (;;) {
        ssize_t n = copy_file_range(from, NULL, to, NULL, COPY_BYTES, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
        if (n == 0)
            return 0;
    }
}

/* A copy has a name of its own until it is whole. */
static int copy_file(const char *from, const char *to, const char *parts, struct err *err)
{
    struct str part = STR_INIT;
    int in = -1, out = -1, r;

    str_addf(&part, "%s/.%016llx.tmp", parts, (unsigned long long)hash_name(to));
    if (str_failed(&part))
        return err_nomem(err);
    in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        r = err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", from);
        goto out;
    }
    out = open(part.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) {
        r = err_set_errno(err, ERR_CREATE, errno, "cannot create '%s'", part.s);
        goto out;
    }
    r = copy_bytes(in, out, part.s, err);
    if (close(out) && !r)
        r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", part.s);
    if (!r && rename(part.s, to))
        r = err_set_errno(err, ERR_CREATE, errno, "cannot rename '%s' to '%s'", part.s, to);
    if (r)
        unlink(part.s);
out:
    if (in >= 0)
        close(in);
    str_release(&part);
    return r;
}

int import_file(struct done_log *log, const char *root, const char *parts,
                const struct plan_file *f, struct err *err)
{
    struct str to = STR_INIT;
    char hex[HASH_HEX];
    size_t i;
    int r = 0;

    for (i = 0; i < f->n_names; i++)
        if (!url_is_http(f->names[i]) && fs_exists(f->names[i]))
            break;
    if (i == f->n_names)
        return err_set(err, ERR_NOINPUT, "'%s' is not there", f->path);
    if ((r = check(f->names[i], f, hex, err)) || f->unpack)
        return r;
    fs_join(root, f->path, &to);
    if (str_failed(&to))
        r = err_nomem(err);
    if (!r)
        r = fs_make_parents(to.s, err);
    if (!r && link(f->names[i], to.s))
        r = copy_file(f->names[i], to.s, parts, err);
    if (!r)
        r = done_add(log, root, f->path, DONE_GOT, hex, err);
    str_release(&to);
    return r;
}
