#include "lib/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

int fs_make_folders(const char *path, struct err *err)
{
    struct str p = STR_INIT;
    struct stat st;
    size_t i;
    int r = 0;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    str_add(&p, path);
    if (str_failed(&p))
        return err_nomem(err);
    for (i = 1; i <= p.len; i++) {
        if (p.s[i] != '/' && p.s[i] != '\0')
            continue;
        char kept = p.s[i];
        p.s[i] = '\0';
        if (mkdir(p.s, 0777) && errno != EEXIST) {
            r = err_set_errno(err, ERR_CREATE, errno, "cannot make folder '%s'", p.s);
            break;
        }
        p.s[i] = kept;
    }
    if (!r && (stat(path, &st) || !S_ISDIR(st.st_mode)))
        r = err_set_errno(err, ERR_CREATE, ENOTDIR, "cannot make folder '%s'", path);
    str_release(&p);
    return r;
}

int fs_make_parents(const char *path, struct err *err)
{
    struct str p = STR_INIT;
    int r;

    fs_folder_of(path, &p);
    r = str_failed(&p) ? err_nomem(err) : fs_make_folders(p.s, err);
    str_release(&p);
    return r;
}

bool fs_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool fs_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

long long fs_size(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (long long)st.st_size : -1;
}

bool fs_is_safe_name(const char *name)
{
    for (;;) {
        size_t n = strcspn(name, "/");

        if (n == 0 || (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.'))
            return false;
        if (!name[n])
            return true;
        name += n + 1;
    }
}

void fs_folder_of(const char *path, struct str *out)
{
    const char *slash = strrchr(path, '/');

    str_clear(out);
    if (!slash)
        str_add(out, ".");
    else if (slash == path)
        str_add(out, "/");
    else
        str_add_n(out, path, (size_t)(slash - path));
}

void fs_join(const char *folder, const char *name, struct str *out)
{
    str_clear(out);
    if (name[0] != '/' && folder[0] && strcmp(folder, ".") != 0) {
        str_add(out, folder);
        if (out->len && out->s[out->len - 1] != '/')
            str_add_c(out, '/');
    }
    str_add(out, name);
}

int fs_relative(const char *from, const char *to, struct str *out, struct err *err)
{
    char *a = realpath(from, NULL), *b = realpath(to, NULL);
    size_t i, same = 0;
    int r = 0;

    str_clear(out);
    if (!a || !b) {
        r = err_set_errno(err, ERR_NOINPUT, errno, "cannot resolve '%s'", a ? to : from);
        goto out;
    }
    for (i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            same = i;
    if ((a[i] == '\0' || a[i] == '/') && (b[i] == '\0' || b[i] == '/'))
        same = i;
    for (i = strcmp(a, "/") == 0 ? strlen(a) : same; a[i]; i++)
        if (a[i] == '/' && a[i + 1])
            str_add(out, "../");
    str_add(out, b[same] == '/' ? b + same + 1 : b + same);
    if (out->len && out->s[out->len - 1] == '/')
        out->s[--out->len] = '\0';
    if (out->len == 0)
        str_add(out, ".");
    if (str_failed(out))
        r = err_nomem(err);
out:
    free(a);
    free(b);
    return r;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int fs_list(const char *path, char ***names, size_t *n, struct err *err)
{
    char **list = NULL;
    size_t count = 0, cap = 0;
    struct dirent *e;
    DIR *d;
    int r = 0;

    *names = NULL;
    *n = 0;
    d = opendir(path);
    if (!d)
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open folder '%s'", path);
    while (errno = 0, (e = readdir(d))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (mem_grow(&list, &cap, count + 1, sizeof(*list)) ||
            !(list[count] = mem_strdup(e->d_name))) {
            r = err_nomem(err);
            goto out;
        }
        count++;
    }
    if (errno) {
        r = err_set_errno(err, ERR_IO, errno, "cannot read folder '%s'", path);
        goto out;
    }
    if (count)
        qsort(list, count, sizeof(*list), by_name);
    *names = list;
    *n = count;
    list = NULL;
    count = 0;
out:
    closedir(d);
    fs_list_free(list, count);
    return r;
}

void fs_list_free(char **names, size_t n)
{
    while (n)
        free(names[--n]);
    free(names);
}

int fs_read(const char *path, size_t limit, char **data, size_t *size, struct err *err)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    char *buf = NULL;
    size_t n = 0, cap = 0;
    struct stat st;
    ssize_t got;
    int r = 0;

    *data = NULL;
    *size = 0;
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        r = err_set_errno(err, ERR_NOINPUT, EISDIR, "cannot open '%s'", path);
        goto out;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        (unsigned long long)st.st_size <= limit) {
        cap = (size_t)st.st_size + 2; /* one more than needed, so that the end is seen at once */
        buf = mem_resize(NULL, cap, 1);
        if (!buf) {
            r = err_nomem(err);
            goto out;
        }
    }
    for (;;) {
        if (mem_grow(&buf, &cap, n + 2, 1)) {
            r = err_nomem(err);
            goto out;
        }
        got = read(fd, buf + n, cap - n - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            r = err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
            goto out;
        }
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > limit) {
            r = err_set(err, ERR_DATA, "'%s' is larger than %zu bytes", path, limit);
            goto out;
        }
    }
    buf[n] = '\0';
    *data = buf;
    *size = n;
    buf = NULL;
out:
    free(buf);
    close(fd);
    return r;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path) && errno != ENOENT ? errno : 0;
}

int fs_remove_tree(const char *path, struct err *err)
{
    struct stat st;
    int e;

    if (lstat(path, &st))
        return errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, errno, "cannot remove '%s'", path);
    e = nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
    return e ? err_set_errno(err, ERR_IO, e > 0 ? e : errno, "cannot remove '%s'", path) : 0;
}
