#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A target cannot go on without its file: this is the harness, not what is tested. */
static void must(int good, const char *what)
{
    if (!good) {
        perror(what);
        exit(70);
    }
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];

    if (fd >= 0)
        close(fd);
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(fd >= 0, "memfd_create");
    must(write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0, "memfd");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

#define MAX_FILES 16

static char folder[128];
static char written[MAX_FILES][256];
static int n_written;

void fuzz_clear(void)
{
    while (n_written)
        unlink(written[--n_written]);
}

static void remove_folder(void)
{
    char command[200];

    fuzz_clear();
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0)
        perror(command);
}

const char *fuzz_folder(void)
{
    if (!*folder) {
        snprintf(folder, sizeof(folder), "%s/lp-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        must(mkdtemp(folder) != NULL, folder);
        must(atexit(remove_folder) == 0, "atexit");
    }
    return folder;
}

void fuzz_put(const char *name, const void *data, size_t size)
{
    char *path, *slash;
    FILE *f;

    must(n_written < MAX_FILES, "too many files");
    path = written[n_written++];
    snprintf(path, sizeof(written[0]), "%s/%s", fuzz_folder(), name);
    for (slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    f = fopen(path, "w");
    must(f && fwrite(data, 1, size, f) == size && fclose(f) == 0, path);
}
