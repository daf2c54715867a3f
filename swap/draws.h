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
    struct face_jitter jitter;
    bool halve;
};

/* Pure functions of their arguments. The second fills jitter and halve only, which it draws for
 * `key`, see swap_key(). */
void swap_draw(const struct swap_settings *set, uint32_t epoch, const char *id,
               struct swap_draws *d);
void swap_draw_pose(const struct swap_settings *set, uint32_t epoch, const char *key,
                    struct swap_draws *d);

#endif
