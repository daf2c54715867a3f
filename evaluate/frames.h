/* The frames of a manifest, found by id or by image path. */
#ifndef LP_FRAMES_H
#define LP_FRAMES_H

#include <stdint.h>

#include "lib/manifest.h"

struct frames {
    struct manifest m;
    uint32_t *video;   /* of each row: index into dataset.video */
    struct str images; /* the image of each row, decoded, terminated; empty = none */
    size_t *image_at;
    uint32_t *by_id, *by_image, *by_tail; /* open addressing; UINT32_MAX = free */
    uint32_t *next_tail;                  /* rows whose image has the same last part */
    size_t n_slots;
};

#define FRAMES_NONE      (-1)
#define FRAMES_AMBIGUOUS (-2)

/* Indexes a manifest that is open in f->m; f->video and images are filled by the caller. */
int frames_index(struct frames *f, struct err *err) LP_MUST_CHECK;

long long frames_by_id(const struct frames *f, const char *id, size_t len);

/* The row whose image is `path`, or ends a longer path with the same parts, or is ended by it
 * ("/data/run/faces/v/3.png" finds "faces/v/3.png"; "v/3.png" finds it too, if only one row ends
 * so). FRAMES_NONE or FRAMES_AMBIGUOUS otherwise. */
long long frames_by_path(const struct frames *f, const char *path, size_t len);

void frames_free(struct frames *f);

#endif
