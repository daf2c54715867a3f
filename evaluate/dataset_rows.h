/* Between dataset.c and scores_read.c only. */
#ifndef LP_DATASET_ROWS_H
#define LP_DATASET_ROWS_H

#include "evaluate/dataset.h"
#include "evaluate/score_lines.h"

/* The video that a free-standing row describes, made if it is new. *what is NULL, or what is wrong
 * with the row, in words. */
int dataset_described_video(struct dataset *d, const struct score_row *row, uint32_t *video,
                            const char **what, struct err *err) LP_MUST_CHECK;

#endif
