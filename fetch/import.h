/* Files that the user has already: in their place, or in a folder. */
#ifndef LP_IMPORT_H
#define LP_IMPORT_H

#include "fetch/done_log.h"
#include "fetch/get_plan.h"
#include "lib/err.h"

/* A file in its place that is not in the log: recorded if it is what is expected (size and hash, as
 * far as they are known), else ERR_DATA. It is left as it is in either case. */
int import_check(struct done_log *log, const char *root, const struct plan_file *f,
                 struct err *err) LP_MUST_CHECK;

/* The first of the file's names that is a file: checked, then linked to its place, or copied
 * through `parts` where that cannot be. An archive that is to be unpacked stays where it is. */
int import_file(struct done_log *log, const char *root, const char *parts,
                const struct plan_file *f, struct err *err) LP_MUST_CHECK;

#endif
