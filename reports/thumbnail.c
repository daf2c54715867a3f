#include "reports/thumbnail.h"

#include "lib/resize.h"
#include "reports/html.h"

int thumbnail_new(struct thumbnail *t, int side_px, int quality, struct err *err)
{
    *t = (struct thumbnail){.side_px = side_px, .quality = quality};
    return media_codec_new(&t->codec, err);
}

void thumbnail_release(struct thumbnail *t)
{
    if (t->codec)
        media_codec_free(t->codec);
    image_release(&t->full);
    image_release(&t->small);
    *t = (struct thumbnail){0};
}

/* width x height with the longer side cut to side_px, shape kept, at least one pixel. */
static void fit(const struct thumbnail *t, int *width, int *height)
{
    int longer = t->full.width > t->full.height ? t->full.width : t->full.height;

    *width = t->full.width;
    *height = t->full.height;
    if (longer <= t->side_px)
        return;
    *width = (int)(((long long)t->full.width * t->side_px + longer / 2) / longer);
    *height = (int)(((long long)t->full.height * t->side_px + longer / 2) / longer);
    *width += *width == 0;
    *height += *height == 0;
}

static int put(struct thumbnail *t, const char *alt, struct str *html, struct err *err)
{
    const struct image *small = &t->full;
    const uint8_t *bytes;
    size_t size;
    int width, height, r = 0;

    fit(t, &width, &height);
    if (width != t->full.width || height != t->full.height) {
        r = image_shape(&t->small, width, height, t->full.channels, err);
        if (!r)
            r = resize_once(&t->small, &t->full, err);
        small = &t->small;
    }
    if (!r)
        r = media_encode_picture(t->codec, small, MEDIA_JPEG, t->quality, &bytes, &size, err);
    if (r)
        return r;
    str_add(html, "<img src=\"");
    html_data_uri(html, "image/jpeg", bytes, size);
    str_addf(html, "\" width=\"%d\" height=\"%d\" alt=\"", width, height);
    html_text(html, alt);
    str_add(html, "\">");
    return 0;
}

int thumbnail_file(struct thumbnail *t, const char *path, const char *alt, struct str *html,
                   struct err *err)
{
    int r = media_read_picture(t->codec, path, &t->full, err);

    return r ? r : put(t, alt, html, err);
}

int thumbnail_bytes(struct thumbnail *t, const void *bytes, size_t size, const char *name,
                    const char *alt, struct str *html, struct err *err)
{
    int r = media_decode_picture(t->codec, bytes, size, name, &t->full, err);

    return r ? r : put(t, alt, html, err);
}
