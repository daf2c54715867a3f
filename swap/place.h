/*
 * From crops to the sample's pixels: what every method begins with.
 */
#ifndef LP_SWAP_PLACE_H
#define LP_SWAP_PLACE_H

#include "swap/method.h"

/* A crop as pixels and their map to the frame. */
struct source {
    const struct image *image;
    struct mat3 to_frame;
    enum swap_border border;
};

/*
 * Makes the crop ready to be resampled by `frame_to_sample`. Where that shrinks it (by
 * SOURCE_SHRINKS or more) the whole crop is first averaged down to about the sample's resolution,
 * in the one grid that follows from its shape and the scale: two crops of one shape keep their
 * pixels aligned, and noise does not alias into patterns. `halve`: to half of its resolution
 * besides, by 2 x 2 means. `room` holds the smaller picture, which *out then points to.
 */
#define SOURCE_SHRINKS 1.5
int source_prepare(const struct swap_settings *set, struct swap_scratch *s,
                   const struct swap_crop *crop, const struct mat3 *frame_to_sample, bool halve,
                   struct image *room, struct source *out, struct err *err) LP_MUST_CHECK;

/* dst (shaped, 3 channels) covers `area` of the space that `m` takes the frame to. Beyond the
 * crop's edge it holds what the border setting says. */
int source_resample(const struct swap_scratch *s, struct image *dst, const struct source *src,
                    const struct mat3 *m, struct rect area, struct err *err) LP_MUST_CHECK;

/* ERR_DATA unless most landmarks lie in the crop. */
int place_check(const struct landmarks *l, const struct swap_crop *crop,
                struct err *err) LP_MUST_CHECK;

/* *out = no swap, nothing pasted, no box. Keeps its images. */
void sample_reset(struct swap_sample *out);

/* The frame itself, jittered as drawn: a genuine sample, and the ground of self-made fakes.
 * Sets out->frame_to_sample, mirrored, halved; the mask is 0. */
int sample_genuine(const struct swap_settings *set, const struct swap_input *in,
                   struct swap_scratch *s, struct swap_sample *out, struct err *err) LP_MUST_CHECK;

/* dst (shaped) = src moved by m within the sample's pixels, borders as the settings say. */
int sample_move(const struct swap_settings *set, const struct swap_scratch *s, struct image *dst,
                const struct image *src, const struct mat3 *m, struct err *err) LP_MUST_CHECK;

#endif
