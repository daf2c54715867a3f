/* Paths and folders. Paths are bytes with '/' between parts. */
#ifndef LP_FS_H
#define LP_FS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/str.h"

/* Makes `path` and what is missing above it (mode 0777 & ~umask). Existing is fine. */
int fs_make_folders(const char *path, struct err *err) LP_MUST_CHECK;

/* Makes the folders above the file `path`. */
int fs_make_parents(const char *path, struct err *err) LP_MUST_CHECK;

bool fs_exists(const char *path);
bool fs_is_folder(const char *path);

/* Bytes of a regular file, or -1. */
long long fs_size(const char *path);

/* Can `name` be a path below some folder? Not if it is empty, absolute, has an empty part, "." or
 * "..". Ids become file names only after this. */
bool fs_is_safe_name(const char *name);

/* out = folder of `path` ("." if it has none); out is cleared first. */
void fs_folder_of(const char *path, struct str *out);

/* out = `name` if absolute or `folder` is empty or ".", else folder/name; out is cleared first. */
void fs_join(const char *folder, const char *name, struct str *out);

/* out = the path of the existing file or folder `to`, as seen from the existing folder `from`:
 * both made real (links resolved), then written with "..". Independent of the working folder. */
int fs_relative(const char *from, const char *to, struct str *out, struct err *err) LP_MUST_CHECK;

/* Sorted (strcmp) entry names of a folder, without "." and "..". Free with fs_list_free(). */
int fs_list(const char *path, char ***names, size_t *n, struct err *err) LP_MUST_CHECK;
void fs_list_free(char **names, size_t n);

/* Reads a whole file ("-" = stdin) into *data (owned by the caller, one extra 0 byte after *size).
 * Refuses files above `limit` bytes with ERR_DATA. */
int fs_read(const char *path, size_t limit, char **data, size_t *size,
            struct err *err) LP_MUST_CHECK;

/* Removes a folder and all in it, without following links. Missing is fine. */
int fs_remove_tree(const char *path, struct err *err) LP_MUST_CHECK;

#endif
