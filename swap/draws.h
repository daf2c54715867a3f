/*
 * Everything that is drawn for a sample, in a fixed order, whatever becomes of it.
 *
 * The shares and ranges are those of the reference code (CADDM preprocess.py, cropface.py), as far
 * as the settings keep them.
 */
#ifndef LP_SWAP_DRAWS_H
#define LP_SWAP_DRAWS_H

#include "swap/method.h"

struct swap_draws {
    enum swap_mode mode;       /* of a fake frame */
    enum swap_role background; /* of a fake frame */
    enum swap_blend blend;
    struct swap_window window;
    bool elastic;
    double elastic_rms; /* face widths */
    struct pose_jitter jitter;
    bool halve;
};

/* A pure function of its arguments. */
void swap_draw(const struct swap_settings *set, uint32_t epoch, const char *id,
               struct swap_draws *d);

#endif
