#include "evaluate/bulk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/str.h"

#define WORTH    ((size_t)64 << 10) /* bytes: smaller arrays are not looked at */
#define PAUSE_NS 2000000L           /* at some GB/s a few MB come between two looks */
#define LEAST    ((size_t)16 << 20) /* bytes of files that may always be resident */

struct block {
    void *p;
    size_t bytes;
    int fd; /* -1 = plain memory */
};

/* The one heap of the process; `lock` guards what the trimming thread reads. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct block *block;
    size_t n, cap;
    size_t memory, resident; /* bytes: for arrays, for pages of files; 0 = no limit */
    size_t in_memory, in_files;
    char *folder;
    int error; /* errno of the last failure on the disk, 0 = memory ran out */
    size_t asked;
    bool trimming, stop;
    pthread_t trimmer;
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* ---- pages go back ---------------------------------------------------------------------------*/

/* Bytes of files, ours and the program's own, that this process has resident. */
static size_t resident_of_files(int statm)
{
    char text[128];
    ssize_t n = pread(statm, text, sizeof(text) - 1, 0);
    unsigned long long pages = 0;

    if (n <= 0)
        return 0;
    text[n] = '\0';
    if (sscanf(text, "%*u %*u %llu", &pages) != 1)
        return 0;
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Pages of a shared mapping lose nothing by this: the file has them, and they come back. */
static void *trim(void *unused)
{
    int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    size_t i, at_rest = resident_of_files(statm); /* code and libraries, which stay */

    (void)unused;
    pthread_mutex_lock(&heap.lock);
    while (!heap.stop) {
        if (heap.in_files && resident_of_files(statm) > at_rest + heap.resident)
            for (i = 0; i < heap.n; i++)
                if (heap.block[i].fd >= 0)
                    (void)madvise(heap.block[i].p, heap.block[i].bytes, MADV_DONTNEED);
        if (heap.in_files) {
            struct timespec pause = {0, PAUSE_NS};

            pthread_mutex_unlock(&heap.lock);
            nanosleep(&pause, NULL);
            pthread_mutex_lock(&heap.lock);
        } else {
            pthread_cond_wait(&heap.wake, &heap.lock);
        }
    }
    pthread_mutex_unlock(&heap.lock);
    if (statm >= 0)
        close(statm);
    return NULL;
}

/* ---- blocks ----------------------------------------------------------------------------------*/

static struct block *find(const void *p)
{
    size_t i;

    for (i = 0; i < heap.n; i++)
        if (heap.block[i].p == p)
            return &heap.block[i];
    return NULL;
}

/* With the lock held, and room for one more. */
static void note(struct block b)
{
    heap.block[heap.n++] = b;
    *(b.fd >= 0 ? &heap.in_files : &heap.in_memory) += b.bytes;
}

static int make_room(void)
{
    return mem_grow(&heap.block, &heap.cap, heap.n + 1, sizeof(*heap.block));
}

static void forget(struct block *b)
{
    *(b->fd >= 0 ? &heap.in_files : &heap.in_memory) -= b->bytes;
    *b = heap.block[--heap.n];
}

/* The room is reserved at once: a page that finds the disk full later would end the process. */
static int reserve(int fd, size_t bytes)
{
    int e;

    do
        e = posix_fallocate(fd, 0, (off_t)bytes);
    while (e == EINTR);
    return e;
}

static int open_file(void)
{
    struct str path = STR_INIT;
    int fd = open(heap.folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    /* A file system that has no nameless files. */
    str_addf(&path, "%s/lp-evaluate.XXXXXX", heap.folder);
    fd = str_failed(&path) ? -1 : mkostemp(path.s, O_CLOEXEC);
    if (fd >= 0)
        unlink(path.s);
    str_release(&path);
    return fd;
}

static int start_trimmer(void)
{
    if (heap.trimming)
        return 0;
    msg_info("what does not fit into evaluate.memory_mib lies in '%s' while it is needed",
             heap.folder);
    heap.stop = false;
    heap.trimming = pthread_create(&heap.trimmer, NULL, trim, NULL) == 0;
    return heap.trimming ? 0 : ENOMEM;
}

static void *in_file(size_t bytes)
{
    int fd = open_file(), e = fd < 0 ? errno : reserve(fd, bytes);
    void *p = MAP_FAILED;

    if (!e) {
        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        e = p == MAP_FAILED ? errno : start_trimmer();
    }
    pthread_mutex_lock(&heap.lock);
    heap.asked = bytes;
    if (!e)
        e = make_room() ? ENOMEM : 0;
    if (!e)
        note((struct block){p, bytes, fd});
    heap.error = e;
    pthread_cond_signal(&heap.wake);
    pthread_mutex_unlock(&heap.lock);
    if (!e)
        return p;
    if (p != MAP_FAILED)
        munmap(p, bytes);
    if (fd >= 0)
        close(fd);
    return NULL;
}

static bool fits(size_t bytes, size_t instead_of)
{
    return !heap.memory || heap.in_memory - instead_of + bytes <= heap.memory;
}

void *bulk_array(size_t n, size_t size)
{
    size_t bytes = size && n <= SIZE_MAX / size ? n * size : SIZE_MAX;
    void *p;

    if (bytes < SIZE_MAX && bytes >= WORTH && !fits(bytes, 0))
        return in_file(bytes);
    heap.error = 0;
    if (bytes < WORTH)
        return mem_array(n, size);
    pthread_mutex_lock(&heap.lock);
    p = make_room() ? NULL : mem_array(n, size);
    if (p)
        note((struct block){p, bytes, -1});
    pthread_mutex_unlock(&heap.lock);
    return p;
}

/* A larger place for a block in a file; NULL and the old one stays. */
static void *stretch(struct block *b, size_t bytes)
{
    int e = reserve(b->fd, bytes);
    void *p = MAP_FAILED;

    pthread_mutex_lock(&heap.lock);
    if (!e) {
        p = mremap(b->p, b->bytes, bytes, MREMAP_MAYMOVE);
        e = p == MAP_FAILED ? errno : 0;
    }
    heap.asked = bytes;
    heap.error = e;
    if (!e) {
        heap.in_files += bytes - b->bytes;
        b->p = p;
        b->bytes = bytes;
    }
    pthread_mutex_unlock(&heap.lock);
    return e ? NULL : p;
}

/* A larger place for an array; NULL and the old one stays. */
static void *enlarge(void *old, size_t old_bytes, size_t bytes)
{
    struct block *b = old ? find(old) : NULL;
    void *p;

    if (b && b->fd >= 0)
        return stretch(b, bytes);
    if (bytes >= WORTH && !fits(bytes, b ? b->bytes : 0)) {
        p = in_file(bytes);
        if (p && old_bytes)
            memcpy(p, old, old_bytes);
        if (p)
            bulk_free(old);
        return p;
    }
    heap.error = 0;
    pthread_mutex_lock(&heap.lock);
    p = make_room() ? NULL : mem_resize(old, bytes, 1);
    b = p && old ? find(old) : NULL;
    if (b)
        forget(b);
    if (p && bytes >= WORTH)
        note((struct block){p, bytes, -1});
    pthread_mutex_unlock(&heap.lock);
    return p;
}

int bulk_grow(void *pp, size_t *cap, size_t need, size_t size)
{
    void *old, *p;
    size_t more = *cap < 8 ? 16 : *cap;

    if (need <= *cap)
        return 0;
    while (more < need)
        more = more > SIZE_MAX / 2 ? need : more * 2;
    if (more > SIZE_MAX / size)
        return -ENOMEM;
    memcpy(&old, pp, sizeof(old));
    p = enlarge(old, *cap * size, more * size);
    if (!p)
        return -ENOMEM;
    memcpy(pp, &p, sizeof(p));
    *cap = more;
    return 0;
}

void bulk_free(void *p)
{
    struct block gone = {.fd = -1}, *b;

    if (!p)
        return;
    pthread_mutex_lock(&heap.lock);
    b = find(p);
    if (b) {
        gone = *b;
        forget(b);
    }
    pthread_mutex_unlock(&heap.lock);
    if (gone.fd < 0) {
        free(p);
        return;
    }
    munmap(p, gone.bytes);
    close(gone.fd);
}

/* ---- the whole -------------------------------------------------------------------------------*/

int bulk_begin(size_t memory, const char *folder, struct err *err)
{
    const char *env = getenv("TMPDIR");

    if (!folder || !*folder)
        folder = env && *env ? env : "/var/tmp";
    free(heap.folder);
    heap.folder = mem_strdup(folder);
    if (!heap.folder)
        return err_nomem(err);
    heap.memory = memory / 4 * 3;
    heap.resident = memory / 4 > LEAST ? memory / 4 : LEAST;
    return 0;
}

void bulk_end(void)
{
    if (heap.trimming) {
        pthread_mutex_lock(&heap.lock);
        heap.stop = true;
        pthread_cond_signal(&heap.wake);
        pthread_mutex_unlock(&heap.lock);
        pthread_join(heap.trimmer, NULL);
        heap.trimming = false;
    }
    free(heap.folder);
    heap.folder = NULL;
    heap.memory = 0;
    if (!heap.n) {
        free(heap.block);
        heap.block = NULL;
        heap.cap = 0;
    }
}

int bulk_failed(struct err *err)
{
    if (!heap.error || heap.error == ENOMEM)
        return err_nomem(err);
    return err_set_errno(err, ERR_IO, heap.error,
                         "no room for %zu MiB in '%s' (evaluate.scratch), which do not fit into "
                         "evaluate.memory_mib",
                         heap.asked >> 20, heap.folder ? heap.folder : "");
}

size_t bulk_in_files(void)
{
    return heap.in_files;
}
