/* The one door to gnuplot, an external program: no shell, no user settings, its words in err. */
#ifndef LP_GNUPLOT_H
#define LP_GNUPLOT_H

#include "lib/err.h"

/*
 * Runs `gnuplot -d -e 'target="svg"' SCRIPT -e 'target="pdf"' SCRIPT` in `folder`: the script
 * chooses its terminal by `target` and writes files beside itself. The environment is replaced by
 * PATH, HOME and LC_ALL=C, so that nothing of the user's (GNUTERM, GNUPLOT_LIB, a .gnuplot)
 * changes a figure. Any thread.
 *
 * ERR_MISSING, naming the package, when there is no gnuplot or it has no such terminal; ERR_FAULT
 * with gnuplot's own words when the script fails.
 */
int gnuplot_run(const char *folder, const char *script, struct err *err) LP_MUST_CHECK;

/* The version, "gnuplot 5.4 patchlevel 4", into `out` (`size` bytes). Same errors. */
int gnuplot_version(char *out, unsigned long size, struct err *err) LP_MUST_CHECK;

#endif
