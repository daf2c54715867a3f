#include "lib/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/str.h"

int hash_init(struct hash *h, struct err *err)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();

    h->ctx = c;
    if (!c)
        return err_nomem(err);
    if (EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
        hash_release(h);
        return err_set(err, ERR_MISSING, "SHA-256 is not available in this OpenSSL");
    }
    return 0;
}

void hash_add(struct hash *h, const void *data, size_t size)
{
    EVP_DigestUpdate(h->ctx, data, size);
}

void hash_finish(struct hash *h, char hex[HASH_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char d[EVP_MAX_MD_SIZE];
    unsigned n = 0, i;

    EVP_DigestFinal_ex(h->ctx, d, &n);
    for (i = 0; i < 32; i++) {
        hex[2 * i] = digits[d[i] >> 4];
        hex[2 * i + 1] = digits[d[i] & 15];
    }
    hex[64] = '\0';
    hash_release(h);
}

void hash_release(struct hash *h)
{
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}

int hash_bytes(const void *data, size_t size, char hex[HASH_HEX], struct err *err)
{
    struct hash h;
    int r = hash_init(&h, err);

    if (r)
        return r;
    hash_add(&h, data, size);
    hash_finish(&h, hex);
    return 0;
}

int hash_file(const char *path, char hex[HASH_HEX], struct err *err)
{
    static const size_t chunk = 64 * 1024;
    unsigned char buf[64 * 1024];
    struct hash h = {NULL};
    ssize_t n;
    int fd, r;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    r = hash_init(&h, err);
    if (r)
        goto out;
    while ((n = read(fd, buf, chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            r = err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
            goto out;
        }
        hash_add(&h, buf, (size_t)n);
    }
    hash_finish(&h, hex);
out:
    hash_release(&h);
    close(fd);
    return r;
}

uint64_t hash_name(const char *text)
{
    uint64_t h = 14695981039346656037u;

    for (; *text; text++) {
        h ^= (unsigned char)*text;
        h *= 1099511628211u;
    }
    h ^= h >> 30;
    h *= 0xbf58476d1ce4e5b9u;
    h ^= h >> 27;
    h *= 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

int hash_files(const char *folder, char *const *names, size_t n, char hex[HASH_HEX],
               struct err *err)
{
    struct str path = STR_INIT;
    struct hash h;
    size_t i;
    int r = hash_init(&h, err);

    if (r)
        return r;
    for (i = 0; i < n && !r; i++) {
        char one[HASH_HEX];

        fs_join(folder, names[i], &path);
        r = str_failed(&path) ? err_nomem(err) : hash_file(path.s, one, err);
        if (r)
            break;
        hash_add(&h, one, HASH_HEX - 1);
        hash_add(&h, "  ", 2);
        hash_add(&h, names[i], strlen(names[i]));
        hash_add(&h, "\n", 1);
    }
    str_release(&path);
    if (r)
        hash_release(&h);
    else
        hash_finish(&h, hex);
    return r;
}
