/* `--check 'auc.video >= 0.9'`: a verdict for scripts. */
#ifndef LP_CHECK_H
#define LP_CHECK_H

#include "evaluate/result.h"

/* Conditions joined by "and" or ",": METRIC.LEVEL[.lo|.hi] OP NUMBER, where METRIC is a key of
 * metrics.json, LEVEL is video or frame, .lo and .hi are the interval's ends, OP one of
 * < <= > >= == !=. All models must satisfy all conditions; an undefined value satisfies none.
 * ERR_USAGE if it cannot be read: call with r NULL to test that before the work. ERR_CHECK naming
 * the first condition that fails. */
int check_conditions(const char *text, const struct result *r, struct err *err) LP_MUST_CHECK;

#endif
