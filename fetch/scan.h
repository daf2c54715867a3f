/* The video files of one folder, and lists of names for notes. */
#ifndef LP_SCAN_H
#define LP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/str.h"

struct scan {
    char **names;     /* owned; sorted (strcmp) */
    long long *bytes; /* -1 where the file cannot be looked at, as with a link to nowhere */
    size_t n;
};

/* The regular files (or links to such) directly in root/folder whose suffix is one of a video
 * container, in either case. Hidden files are left out. ERR_NOINPUT if the folder
 * cannot be opened. */
int scan_videos(const char *root, const char *folder, struct scan *out,
                struct err *err) LP_MUST_CHECK;

/* The folders (or links to such) directly in root/folder, without hidden ones and those that file
 * servers keep for themselves (@eaDir, __MACOSX, ...); bytes holds nothing of use. */
int scan_folders(const char *root, const char *folder, struct scan *out,
                 struct err *err) LP_MUST_CHECK;

void scan_release(struct scan *s);

bool scan_is_video(const char *name); /* by its suffix */

/* Names for a note, which tells the first few, and for the table of differences, which tells all.
 */
struct name_list {
    struct str text;
    struct str all; /* each with a newline */
    size_t n;
};
void name_list_add(struct name_list *l, const char *name);
/* "a, b, c and 12 more"; "" after a failure or when empty. */
const char *name_list_text(struct name_list *l);
void name_list_release(struct name_list *l);

#endif
