#include "fetch/publish.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/str.h"

#define BLOCK 65536

/* Have two regular files the same bytes? */
static bool same_bytes(const char *a, const char *b)
{
    char x[BLOCK], y[BLOCK];
    FILE *f, *g;
    bool same;

    if (fs_size(a) != fs_size(b) || fs_size(a) < 0)
        return false;
    f = fopen(a, "re");
    g = fopen(b, "re");
    same = f && g;
    while (same) {
        size_t n = fread(x, 1, sizeof(x), f), m = fread(y, 1, sizeof(y), g);

        same = n == m && !ferror(f) && !ferror(g) && memcmp(x, y, n) == 0;
        if (n == 0)
            break;
    }
    if (f)
        fclose(f);
    if (g)
        fclose(g);
    return same;
}

static int move_one(const char *a, const char *b, struct err *err)
{
    return rename(a, b) ? err_set_errno(err, ERR_CREATE, errno, "cannot rename '%s' to '%s'", a, b)
                        : 0;
}

static int walk(const char *from, const char *to, const char *what, bool move, struct err *err)
{
    struct str a = STR_INIT, b = STR_INIT;
    char **names = NULL;
    size_t n = 0, i;
    int r = fs_list(from, &names, &n, err);

    for (i = 0; i < n && !r; i++) {
        struct stat st;

        fs_join(from, names[i], &a);
        fs_join(to, names[i], &b);
        if (str_failed(&a) || str_failed(&b)) {
            r = err_nomem(err);
        } else if (lstat(b.s, &st)) {
            r = move ? move_one(a.s, b.s, err) : 0;
        } else if (fs_is_folder(a.s) && fs_is_folder(b.s)) {
            r = walk(a.s, b.s, what, move, err);
        } else if (fs_is_folder(a.s) || !same_bytes(a.s, b.s)) {
            r = err_set(err, ERR_DATA,
                        "'%s' would replace '%s', which is there and is not the same", what, b.s);
        } else if (move) {
            unlink(a.s);
        }
    }
    fs_list_free(names, n);
    str_release(&a);
    str_release(&b);
    return r;
}

int publish_check(const char *from, const char *to, const char *what, struct err *err)
{
    return fs_is_folder(to) ? walk(from, to, what, false, err) : 0;
}

int publish_move(const char *from, const char *to, const char *what, struct err *err)
{
    return walk(from, to, what, true, err);
}
