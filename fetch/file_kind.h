/* Is a file what its name says? Servers that want a login send a page instead of an archive. */
#ifndef LP_FILE_KIND_H
#define LP_FILE_KIND_H

#include <stddef.h>

/* Words for a file whose first bytes are those of a web page although its name is not that of one;
 * else NULL. The bytes may be fewer than the file's. */
const char *file_kind_page(const char *name, const void *bytes, size_t n);

/* The same for a whole file, and for archives (zip, gz, xz, zst, bz2, tar, 7z) whose first bytes
 * are not those of one. */
const char *file_kind_mismatch(const char *name, int fd);

#endif
