/* SHA-256, the one door to OpenSSL, and a 64-bit hash for names. */
#ifndef LP_HASH_H
#define LP_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define HASH_HEX 65 /* 64 hex digits and the terminator */

struct hash {
    void *ctx; /* EVP_MD_CTX */
};

int hash_init(struct hash *h, struct err *err) LP_MUST_CHECK;
void hash_add(struct hash *h, const void *data, size_t size);
/* Writes the lower-case hex digest and releases h. */
void hash_finish(struct hash *h, char hex[HASH_HEX]);
void hash_release(struct hash *h);

int hash_bytes(const void *data, size_t size, char hex[HASH_HEX], struct err *err) LP_MUST_CHECK;
int hash_file(const char *path, char hex[HASH_HEX], struct err *err) LP_MUST_CHECK;

/* Of a folder: the hash of lines "HASH  NAME" of its n files, in the order given. */
int hash_files(const char *folder, char *const *names, size_t n, char hex[HASH_HEX],
               struct err *err) LP_MUST_CHECK;

/* FNV-1a, 64 bits, then a finaliser (splitmix64): stable across versions and machines, because
 * random streams and shards are keyed by it. */
uint64_t hash_name(const char *text);

#endif
