#include "fetch/done_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/part_file.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/str.h"

#define LOG_LIMIT ((size_t)1 << 30)

static const char *const kind_names[] = {[DONE_GOT] = "got", [DONE_UNPACKED] = "unpacked"};

static int put(struct done_log *l, const char *path, const struct done_record *r, struct err *err)
{
    int k = symbols_add(&l->names, path);

    if (k < 0 || mem_grow(&l->records, &l->cap, (size_t)k + 1, sizeof(*l->records)))
        return err_nomem(err);
    l->records[k] = *r;
    return 0;
}

/* "got BYTES MTIME SHA256 PATH": the path last, as it may hold anything but a newline. */
static int take_line(struct done_log *l, char *line, bool doubtful, struct err *err)
{
    struct done_record r = {.doubtful = doubtful};
    char kind[16], hash[80];
    int at = 0;

    if (sscanf(line, "%15s %lld %lld %79s %n", kind, &r.bytes, &r.mtime_ns, hash, &at) != 4 ||
        !at || !line[at])
        return 0; /* of a version to come, or damaged: no record */
    if (strcmp(kind, kind_names[DONE_GOT]) == 0)
        r.kind = DONE_GOT;
    else if (strcmp(kind, kind_names[DONE_UNPACKED]) == 0)
        r.kind = DONE_UNPACKED;
    else
        return 0;
    if (strlen(hash) == HASH_HEX - 1)
        memcpy(r.sha256, hash, HASH_HEX);
    return put(l, line + at, &r, err);
}

/* Did a run of the start of the machine `boot`, this one or one after it, end in order? What it
 * flushed was everything below the root. */
static bool was_flushed(const char *p, const char *boot)
{
    size_t n = strlen(boot);
    bool same = true;

    for (; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        if (strncmp(p, "boot ", 5) == 0)
            same = strncmp(p + 5, boot, n) == 0 && p[5 + n] == '\n';
        else if (same && strncmp(p, "flushed\n", 8) == 0)
            return true;
    }
    return false;
}

/* "boot ID" begins a run and "flushed" ends one in order. */
static int read_log(struct done_log *l, bool *torn, struct err *err)
{
    char *text = NULL, *line, *next, boot[PART_BOOT_MAX];
    size_t size;
    bool doubtful = false;
    int r = 0;

    if (!fs_exists(l->path))
        return 0;
    if ((r = fs_read(l->path, LOG_LIMIT, &text, &size, err)))
        return r;
    part_boot_id(boot);
    for (line = text; !r && *line; line = next) {
        char *end = strchr(line, '\n');

        if (!end) {
            *torn = true;
            break;
        }
        *end = '\0';
        next = end + 1;
        if (strncmp(line, "boot ", 5) == 0) {
            l->begun = *boot && strcmp(line + 5, boot) == 0;
            doubtful = !l->begun && !was_flushed(next, line + 5);
            l->dirty = false;
        } else if (strcmp(line, "flushed") == 0) {
            l->dirty = false;
        } else {
            l->dirty = l->begun;
            r = take_line(l, line, doubtful, err);
        }
    }
    free(text);
    return r;
}

int done_open(struct done_log *l, const char *folder, bool only_read, struct err *err)
{
    struct str s = STR_INIT;
    bool torn = false;
    int r;

    *l = (struct done_log){0};
    fs_join(folder, "done", &s);
    l->path = str_take(&s);
    r = l->path ? read_log(l, &torn, err) : err_nomem(err);
    if (r || only_read)
        return r;
    l->fp = fopen(l->path, "ae");
    if (!l->fp)
        return err_set_errno(err, ERR_CREATE, errno, "cannot create '%s'", l->path);
    if (torn && (fputc('\n', l->fp) < 0 || fflush(l->fp)))
        return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", l->path);
    return 0;
}

const struct done_record *done_find(const struct done_log *l, const char *path)
{
    int k = symbols_find(&l->names, path);

    return k < 0 ? NULL : &l->records[k];
}

static long long mtime_ns(const struct stat *st)
{
    return (long long)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

bool done_is_there(const struct done_log *l, const char *root, const char *path, const char *sha256)
{
    const struct done_record *r = done_find(l, path);
    struct str full = STR_INIT;
    char hex[HASH_HEX];
    struct stat st;
    bool good;

    if (!r || (*sha256 && strcmp(sha256, r->sha256) != 0))
        return false;
    if (r->kind == DONE_UNPACKED)
        return !r->doubtful;
    fs_join(root, path, &full);
    good = !str_failed(&full) && stat(full.s, &st) == 0 && S_ISREG(st.st_mode) &&
           st.st_size == r->bytes && mtime_ns(&st) == r->mtime_ns;
    if (good && r->doubtful)
        good = r->sha256[0] && hash_file(full.s, hex, NULL) == 0 && strcmp(hex, r->sha256) == 0;
    str_release(&full);
    return good;
}

int done_add(struct done_log *l, const char *root, const char *path, enum done_kind kind,
             const char *sha256, struct err *err)
{
    struct done_record r = {.kind = kind};
    struct str full = STR_INIT;
    char boot[PART_BOOT_MAX];
    struct stat st;

    fs_join(root, path, &full);
    if (!str_failed(&full) && stat(full.s, &st) == 0) {
        r.bytes = (long long)st.st_size;
        r.mtime_ns = mtime_ns(&st);
    }
    str_release(&full);
    if (!l->begun) {
        part_boot_id(boot);
        fprintf(l->fp, "boot %s\n", boot);
        l->begun = true;
    }
    l->dirty = true;
    memcpy(r.sha256, sha256, strlen(sha256) == HASH_HEX - 1 ? HASH_HEX : 0);
    fprintf(l->fp, "%s %lld %lld %s %s\n", kind_names[kind], r.bytes, r.mtime_ns,
            r.sha256[0] ? r.sha256 : "-", path);
    if (fflush(l->fp))
        return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", l->path);
    return put(l, path, &r, err);
}

void done_close(struct done_log *l, const char *root, bool flush)
{
    if (l->fp) {
        if (flush && l->dirty) {
            atomic_sync(root);
            fputs("flushed\n", l->fp);
            fflush(l->fp);
            fdatasync(fileno(l->fp));
        }
        fclose(l->fp);
    }
    free(l->path);
    free(l->records);
    symbols_release(&l->names);
    *l = (struct done_log){0};
}
