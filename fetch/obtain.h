/*
 * Before cataloguing: gets what the section fetch: names (download.h), takes in what is there
 * already as files or archives, and unpacks. Does nothing where the settings name nothing to get.
 *
 * One process at a time works on a root; others wait for it and find all done.
 */
#ifndef LP_OBTAIN_H
#define LP_OBTAIN_H

#include <stdbool.h>

#include "lib/tool.h"

/* Do the settings name anything to get? */
bool obtain_is_asked(const struct conf *conf);

/* With args->dry_run: says what would be got. ERR_RETRY when the network or a server failed and
 * another try may do; ERR_DATA when more than run.max_failed of the files cannot be had. */
int obtain_run(const struct tool_args *args, struct err *err) LP_MUST_CHECK;

#endif
