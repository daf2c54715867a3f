/* The `swap` section of the configuration, read and checked. */
#ifndef LP_SWAP_SETTINGS_H
#define LP_SWAP_SETTINGS_H

#include "lib/conf.h"
#include "lib/media.h"
#include "swap/augment.h"
#include "swap/method.h"

struct swap_run_settings {
    struct swap_settings swap;
    const struct swap_method *method;
    const char *const *splits; /* NULL-terminated */
    uint32_t epochs;
    bool folders; /* samples as files in folders, not in tars */
    enum media_format image;
    int quality;                           /* of the samples: JPEG quality or zlib level */
    bool mask, xray, consistency, anchors; /* further members of a sample */
    int consistency_grid;                  /* cells a side */
    unsigned donors;                       /* candidates a sample looks at */
    struct augment_chain augment;
    bool apart; /* self-made fakes share no draws with the genuine samples of their frames */
    unsigned genuine, shard_samples, shuffle;
};

/* ERR_CONFIG naming the key. Points into `conf`. */
int swap_settings_read(struct swap_run_settings *s, const struct conf *conf,
                       struct err *err) LP_MUST_CHECK;

#endif
