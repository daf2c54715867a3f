#include "lib/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/str.h"

/* Names that the signal handler removes. A slot is claimed and given back under the lock, and its
 * pointer is written whole, so the handler sees either a valid name or NULL. */
#define SLOTS 256
static char *volatile pending[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long serial;

static int claim(char *name)
{
    int i;

    for (i = 0; i < SLOTS; i++)
        if (!pending[i]) {
            pending[i] = name;
            return i;
        }
    return -1; /* more open files than slots: only the clean-up on a signal is lost */
}

static void give_back(struct atomic_file *f)
{
    pthread_mutex_lock(&lock);
    if (f->slot >= 0)
        pending[f->slot] = NULL;
    pthread_mutex_unlock(&lock);
}

static void on_signal(int sig)
{
    int i;

    for (i = 0; i < SLOTS; i++)
        if (pending[i])
            unlink(pending[i]);
    signal(sig, SIG_DFL);
    raise(sig);
}

void atomic_catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction a = {.sa_handler = on_signal}, old;
    size_t i;

    sigemptyset(&a.sa_mask);
    for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &a, NULL);
}

static void forget(struct atomic_file *f)
{
    give_back(f);
    free(f->path);
    free(f->temporary);
    *f = (struct atomic_file){.slot = -1};
}

/* "a/b.tsv" -> "a/.b.tsv.PID.N.tmp": same folder, so that the rename cannot cross devices. */
static char *temporary_name(const char *path)
{
    const char *base = strrchr(path, '/');
    struct str s = STR_INIT;

    base = base ? base + 1 : path;
    str_add_n(&s, path, (size_t)(base - path));
    str_addf(&s, ".%s.%ld.%lu.tmp", base, (long)getpid(), serial++);
    return str_take(&s);
}

static int open_direct(struct atomic_file *f, const char *path, struct err *err)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC);

    f->fp = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f->fp) {
        int e = errno;
        if (fd >= 0)
            close(fd);
        return err_set_errno(err, ERR_CREATE, e, "cannot open '%s' for writing", path);
    }
    return 0;
}

int atomic_open(struct atomic_file *f, const char *path, struct err *err)
{
    struct stat st;
    int fd, e, r;

    *f = (struct atomic_file){.slot = -1};
    f->path = strdup(path);
    if (!f->path)
        return err_nomem(err);
    if (strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode))) {
        r = open_direct(f, path, err);
        if (r)
            forget(f);
        return r;
    }
    pthread_mutex_lock(&lock);
    f->temporary = temporary_name(path);
    if (f->temporary)
        f->slot = claim(f->temporary);
    pthread_mutex_unlock(&lock);
    if (!f->temporary) {
        forget(f);
        return err_nomem(err);
    }
    fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    e = errno;
    f->fp = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (f->fp)
        return 0;
    if (fd >= 0)
        close(fd);
    forget(f);
    return err_set_errno(err, ERR_CREATE, e, "cannot create '%s'", path);
}

int atomic_commit(struct atomic_file *f, bool durable, struct err *err)
{
    int e = 0;

    if (!f->fp)
        return 0;
    if (fflush(f->fp) || ferror(f->fp))
        e = errno ? errno : EIO;
    /* A pipe or a device cannot be synced; that is no failure. */
    if (!e && durable && fsync(fileno(f->fp)) && errno != EINVAL && errno != EROFS)
        e = errno;
    if (fclose(f->fp) && !e)
        e = errno;
    f->fp = NULL;
    if (!e && f->temporary && rename(f->temporary, f->path))
        e = errno;
    if (e) {
        err_set_errno(err, ERR_IO, e, "cannot write '%s'", f->path);
        if (f->temporary)
            unlink(f->temporary);
        forget(f);
        return ERR_IO;
    }
    forget(f);
    return 0;
}

void atomic_discard(struct atomic_file *f)
{
    if (!f->path)
        return;
    if (f->fp)
        fclose(f->fp);
    if (f->temporary)
        unlink(f->temporary);
    forget(f);
}

int atomic_write(const char *path, const void *data, size_t size, struct err *err)
{
    struct atomic_file f = {.slot = -1};
    int r;

    r = fs_make_parents(path, err);
    if (!r)
        r = atomic_open(&f, path, err);
    if (r)
        return r;
    setvbuf(f.fp, NULL, _IONBF, 0); /* one write, no copy */
    if (size && fwrite(data, 1, size, f.fp) != size) {
        r = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
        atomic_discard(&f);
        return r;
    }
    return atomic_commit(&f, false, err);
}

void atomic_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    syncfs(fd);
    close(fd);
}
