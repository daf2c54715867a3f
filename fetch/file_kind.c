#include "fetch/file_kind.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LOOK 512

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);

    return n >= m && strcasecmp(name + n - m, suffix) == 0;
}

const char *file_kind_page(const char *name, const void *bytes, size_t n)
{
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<?xml version"};
    const char *p = bytes;
    size_t i;

    if (ends_with(name, ".html") || ends_with(name, ".htm") || ends_with(name, ".xml"))
        return NULL;
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        n -= 3;
    }
    while (n && strchr(" \t\r\n", *p) && *p) {
        p++;
        n--;
    }
    for (i = 0; i < sizeof(starts) / sizeof(*starts); i++)
        if (n >= strlen(starts[i]) && strncasecmp(p, starts[i], strlen(starts[i])) == 0)
            return "a web page came instead of the file: is a login needed, are terms to be "
                   "accepted, or has the link expired?";
    return NULL;
}

static const struct magic {
    const char *suffix;
    size_t at;
    const char *bytes, *or_bytes;
    const char *words;
} magics[] = {
    {".zip", 0, "PK\003\004", "PK\005\006", "the file is no zip"},
    {".gz", 0, "\037\213", NULL, "the file is no gzip"},
    {".tgz", 0, "\037\213", NULL, "the file is no gzip"},
    {".bz2", 0, "BZh", NULL, "the file is no bzip2"},
    {".xz", 0, "\3757zXZ", NULL, "the file is no xz"},
    {".zst", 0, "\050\265\057\375", NULL, "the file is no zstd"},
    {".7z", 0, "7z\274\257\047\034", NULL, "the file is no 7-zip"},
    {".tar", 257, "ustar", NULL, "the file is no tar"},
};

const char *file_kind_mismatch(const char *name, int fd)
{
    char bytes[LOOK];
    ssize_t got = pread(fd, bytes, sizeof(bytes), 0);
    const char *page;
    size_t i;

    if (got < 0)
        return NULL;
    if ((page = file_kind_page(name, bytes, (size_t)got)))
        return page;
    for (i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
        const struct magic *m = &magics[i];
        size_t n = strlen(m->bytes);

        if (!ends_with(name, m->suffix))
            continue;
        if ((size_t)got >= m->at + n && memcmp(bytes + m->at, m->bytes, n) == 0)
            return NULL;
        if (m->or_bytes && (size_t)got >= m->at + n && memcmp(bytes + m->at, m->or_bytes, n) == 0)
            return NULL;
        return m->words;
    }
    return NULL;
}
