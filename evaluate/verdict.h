/* What the probes say together, in words. */
#ifndef LP_VERDICT_H
#define LP_VERDICT_H

#include "evaluate/result.h"

/* Fills protocol and verdict of a model from its probes; split: what is apart between the halves of
 * the feature probes, a word. */
void verdict_write(struct model_result *m, const struct result *r, const char *split);

#endif
