/* Small JPEG pictures inside the page. */
#ifndef LP_THUMBNAIL_H
#define LP_THUMBNAIL_H

#include "lib/err.h"
#include "lib/image.h"
#include "lib/media.h"
#include "lib/str.h"

struct thumbnail {
    struct media_codec *codec;
    struct image full, small; /* grown, never shrunk */
    int side_px;              /* of the longer side of a thumbnail; smaller pictures stay */
    int quality;              /* JPEG, 1..100 */
};

int thumbnail_new(struct thumbnail *t, int side_px, int quality, struct err *err) LP_MUST_CHECK;
void thumbnail_release(struct thumbnail *t);

/* Appends <img src="data:..." alt="ALT" width=".." height="..">. t->full keeps the picture. */
int thumbnail_file(struct thumbnail *t, const char *path, const char *alt, struct str *html,
                   struct err *err) LP_MUST_CHECK;
int thumbnail_bytes(struct thumbnail *t, const void *bytes, size_t size, const char *name,
                    const char *alt, struct str *html, struct err *err) LP_MUST_CHECK;

#endif
