/* Moving a finished folder into one that may hold other things. */
#ifndef LP_PUBLISH_H
#define LP_PUBLISH_H

#include "lib/err.h"

/* Would every file below `from` find its place below `to` free, or taken by the same bytes?
 * ERR_DATA naming `what` and the first place that is taken by something else. */
int publish_check(const char *from, const char *to, const char *what,
                  struct err *err) LP_MUST_CHECK;

/* Moves all below `from` to the existing folder `to`; a file whose bytes are there already is
 * removed. Stopped in the middle, it can be called again. */
int publish_move(const char *from, const char *to, const char *what, struct err *err) LP_MUST_CHECK;

#endif
