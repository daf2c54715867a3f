#include "fetch/part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/str.h"

#define MAGIC       "lp-part 1"
#define STATE_LIMIT ((size_t)64 << 20)
#define CHUNKS_MAX  (1 << 24) /* 256 TiB */

void part_boot_id(char out[PART_BOOT_MAX])
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

    out[0] = '\0';
    if (!f)
        return;
    if (fgets(out, PART_BOOT_MAX, f))
        out[strcspn(out, "\n")] = '\0';
    fclose(f);
}

/* ---- chunks ----------------------------------------------------------------------------------*/

static size_t chunks_of(long long total, bool single)
{
    return single || total < 0 ? 1 : (size_t)((total + PART_CHUNK - 1) / PART_CHUNK);
}

long long part_chunk_end(const struct part_file *p, size_t chunk)
{
    long long end = (long long)(chunk + 1) * PART_CHUNK;

    return p->total < 0 || p->single || end > p->total ? p->total : end;
}

static long long chunk_start(size_t chunk)
{
    return (long long)chunk * PART_CHUNK;
}

long long part_chunk_at(const struct part_file *p, size_t chunk)
{
    return chunk_start(chunk) + p->have[chunk];
}

static bool is_full(const struct part_file *p, size_t chunk)
{
    return p->total >= 0 && part_chunk_at(p, chunk) == part_chunk_end(p, chunk);
}

static void move_front(struct part_file *p)
{
    while (p->front_chunk < p->n_chunks && is_full(p, p->front_chunk))
        p->front_chunk++;
    p->front = p->front_chunk < p->n_chunks ? part_chunk_at(p, p->front_chunk)
               : p->total > 0               ? p->total
                                            : 0;
}

static int set_chunks(struct part_file *p, struct err *err)
{
    free(p->have);
    free(p->taken);
    p->n_chunks = chunks_of(p->total, p->single);
    p->have = mem_array(p->n_chunks, sizeof(*p->have));
    p->taken = mem_array(p->n_chunks, sizeof(*p->taken));
    p->front = 0;
    p->front_chunk = 0;
    if (!p->have || !p->taken) {
        p->n_chunks = 0;
        return err_nomem(err);
    }
    return 0;
}

bool part_is_known(const struct part_file *p)
{
    return p->n_chunks > 0 || p->total == 0;
}

bool part_is_whole(const struct part_file *p)
{
    return p->total >= 0 && p->front == p->total;
}

long long part_bytes(const struct part_file *p)
{
    long long n = 0;
    size_t i;

    for (i = 0; i < p->n_chunks; i++)
        n += p->have[i];
    return n;
}

bool part_take(struct part_file *p, size_t *chunk)
{
    size_t i;

    for (i = p->front_chunk; i < p->n_chunks; i++)
        if (!p->taken[i] && !is_full(p, i)) {
            p->taken[i] = true;
            *chunk = i;
            return true;
        }
    return false;
}

void part_give_back(struct part_file *p, size_t chunk)
{
    if (chunk < p->n_chunks)
        p->taken[chunk] = false;
}

/* ---- the state -------------------------------------------------------------------------------*/

/* "key value" lines; chunks as "N have" for those begun, full ones as "full A-B". */
static void write_state(struct part_file *p, bool flushed)
{
    char boot[PART_BOOT_MAX];
    struct str s = STR_INIT;
    size_t i, k;

    part_boot_id(boot);
    str_addf(&s, MAGIC "\nboot %s\ntotal %lld\nsingle %d\netag %s\nmodified %s\n",
             flushed ? "flushed" : boot, p->total, p->single, p->etag, p->last_modified);
    for (i = 0; i < p->n_chunks; i++) {
        for (k = i; k < p->n_chunks && p->n_chunks > 1 && is_full(p, k);)
            k++;
        if (k > i) {
            str_addf(&s, "full %zu-%zu\n", i, k - 1);
            i = k - 1;
        } else if (p->have[i]) {
            str_addf(&s, "chunk %zu %lld\n", i, p->have[i]);
        }
    }
    str_add(&s, "end\n");
    if (!str_failed(&s) && atomic_write(p->state, s.s, s.len, NULL) == 0)
        p->saved_front = part_bytes(p);
    p->saved_s = msg_now_s();
    str_release(&s);
}

void part_save(struct part_file *p, double age_s)
{
    if (p->fd < 0 || !part_is_known(p) || p->total == 0 || msg_now_s() - p->saved_s < age_s ||
        part_bytes(p) == p->saved_front)
        return;
    write_state(p, false);
}

void part_flush(struct part_file *p)
{
    if (p->fd < 0 || !part_is_known(p) || part_bytes(p) == 0)
        return;
    write_state(p, fdatasync(p->fd) == 0);
}

static void copy_value(char *to, const char *line, const char *key)
{
    snprintf(to, PART_VALIDATOR_MAX, "%s", line + strlen(key) + 1);
}

static bool take_line(struct part_file *p, const char *line, bool *believed)
{
    char boot[PART_BOOT_MAX];
    long long have;
    size_t a, b;
    int single;

    if (strncmp(line, "boot ", 5) == 0) {
        part_boot_id(boot);
        *believed = strcmp(line + 5, "flushed") == 0 || (*boot && strcmp(line + 5, boot) == 0);
        return true;
    }
    if (p->n_chunks == 0 && sscanf(line, "total %lld", &p->total) == 1)
        return p->total == -1 || (p->total > 0 && p->total / PART_CHUNK < CHUNKS_MAX);
    if (p->n_chunks == 0 && sscanf(line, "single %d", &single) == 1) {
        p->single = single != 0 || p->total < 0;
        return set_chunks(p, NULL) == 0;
    }
    if (strncmp(line, "etag ", 5) == 0) {
        copy_value(p->etag, line, "etag");
        return true;
    }
    if (strncmp(line, "modified ", 9) == 0) {
        copy_value(p->last_modified, line, "modified");
        return true;
    }
    if (sscanf(line, "full %zu-%zu", &a, &b) == 2 && a <= b && b < p->n_chunks && p->total > 0) {
        for (; a <= b; a++)
            p->have[a] = part_chunk_end(p, a) - chunk_start(a);
        return true;
    }
    if (sscanf(line, "chunk %zu %lld", &a, &have) == 2 && a < p->n_chunks && have >= 0 &&
        (p->total < 0 || chunk_start(a) + have <= part_chunk_end(p, a))) {
        p->have[a] = have;
        return true;
    }
    return false;
}

/* Takes over what the state says; false if it is not there or not to be believed. */
static bool read_state(struct part_file *p)
{
    char *text = NULL, *line, *next;
    bool good, believed = false, ended = false;
    long long size;
    size_t bytes, i;
    struct err ignored = {0};

    if (fs_read(p->state, STATE_LIMIT, &text, &bytes, &ignored))
        return false;
    good = strncmp(text, MAGIC "\n", sizeof(MAGIC)) == 0;
    for (line = good ? text + sizeof(MAGIC) : text; good && *line; line = next) {
        char *end = strchr(line, '\n');

        if (!end || ended) {
            good = false;
            break;
        }
        *end = '\0';
        next = end + 1;
        if (strcmp(line, "end") == 0)
            ended = true;
        else
            good = take_line(p, line, &believed);
    }
    free(text);
    if (!good || !ended || !believed || p->n_chunks == 0)
        return false;
    /* No byte may be said to be there beyond the file's end. */
    size = fs_size(p->path);
    for (i = 0; i < p->n_chunks; i++)
        if (p->have[i] && part_chunk_at(p, i) > size)
            return false;
    return true;
}

/* ---- life ------------------------------------------------------------------------------------*/

static void forget(struct part_file *p)
{
    free(p->have);
    free(p->taken);
    p->have = NULL;
    p->taken = NULL;
    p->n_chunks = p->front_chunk = 0;
    p->front = 0;
    p->saved_front = 0;
    p->total = -1;
    p->single = false;
    p->etag[0] = p->last_modified[0] = '\0';
}

int part_reset(struct part_file *p, struct err *err)
{
    forget(p);
    unlink(p->state);
    if (ftruncate(p->fd, 0))
        return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", p->path);
    return 0;
}

int part_open(struct part_file *p, const char *folder, const char *key, struct err *err)
{
    struct str s = STR_INIT;
    struct stat st;

    *p = (struct part_file){.fd = -1, .total = -1};
    fs_join(folder, key, &s);
    str_add(&s, ".part");
    p->path = str_take(&s);
    fs_join(folder, key, &s);
    str_add(&s, ".state");
    p->state = str_take(&s);
    if (!p->path || !p->state) {
        part_close(p, false);
        return err_nomem(err);
    }
    p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (p->fd < 0) {
        int r = err_set_errno(err, errno == ENOSPC ? ERR_IO : ERR_CREATE, errno,
                              "cannot create '%s'", p->path);

        part_close(p, false);
        return r;
    }
    if (fstat(p->fd, &st) == 0 && st.st_size > 0 && !read_state(p))
        return part_reset(p, err);
    move_front(p);
    p->saved_front = part_bytes(p);
    return 0;
}

int part_describe(struct part_file *p, long long total, bool single, const char *etag,
                  const char *last_modified, struct err *err)
{
    forget(p);
    p->total = total;
    p->single = single || total < 0;
    snprintf(p->etag, sizeof(p->etag), "%s", etag);
    snprintf(p->last_modified, sizeof(p->last_modified), "%s", last_modified);
    return set_chunks(p, err);
}

int part_write(struct part_file *p, size_t chunk, const void *bytes, size_t n, struct err *err)
{
    const char *from = bytes;
    long long at = part_chunk_at(p, chunk), end = part_chunk_end(p, chunk);

    if (end >= 0 && (long long)n > end - at)
        return err_set(err, ERR_DATA, "more bytes came than were asked for");
    while (n) {
        ssize_t done = pwrite(p->fd, from, n, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_set_errno(err, ERR_IO, done ? errno : EIO, "cannot write '%s'", p->path);
        from += done;
        at += done;
        n -= (size_t)done;
        p->have[chunk] += done;
    }
    if (chunk == p->front_chunk)
        move_front(p);
    return 0;
}

void part_end(struct part_file *p)
{
    if (p->total < 0 && p->n_chunks == 1) {
        p->total = p->have[0];
        move_front(p);
    }
}

int part_commit(struct part_file *p, const char *path, struct err *err)
{
    int r = fs_make_parents(path, err);

    if (!r && rename(p->path, path))
        r = err_set_errno(err, ERR_CREATE, errno, "cannot rename '%s' to '%s'", p->path, path);
    if (!r)
        unlink(p->state);
    return r;
}

void part_close(struct part_file *p, bool remove_files)
{
    if (p->path && p->fd >= 0)
        close(p->fd);
    if (remove_files && p->path)
        unlink(p->path);
    if (remove_files && p->state)
        unlink(p->state);
    forget(p);
    free(p->path);
    free(p->state);
    *p = (struct part_file){.fd = -1, .total = -1};
}
