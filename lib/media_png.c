/* PNG (ISO/IEC 15948) by hand around a fast deflate: 8-bit pictures without interlacing, which is
 * what is written here and nearly all that is read. Rarer kinds are left to FFmpeg. */
#include "lib/media_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct media_png {
    struct media_deflate *deflate;
    uint8_t *rows; /* filtered */
    size_t rows_cap;
    uint8_t *packed; /* a file made, or the joined IDAT chunks of one read */
    size_t packed_cap;
};

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

int media_png_new(struct media_png **p, struct err *err)
{
    int r;

    *p = mem_array(1, sizeof(**p));
    if (!*p)
        return err_nomem(err);
    r = media_deflate_new(&(*p)->deflate, err);
    if (r) {
        free(*p);
        *p = NULL;
    }
    return r;
}

void media_png_free(struct media_png *p)
{
    if (!p)
        return;
    media_deflate_free(p->deflate);
    free(p->rows);
    free(p->packed);
    free(p);
}

/* Grows without keeping what was there. */
static bool reserve(uint8_t **p, size_t *cap, size_t need)
{
    if (need <= *cap)
        return true;
    free(*p);
    *p = mem_aligned(need, 1);
    *cap = *p ? need : 0;
    return *p;
}

/* ---- writing -------------------------------------------------------------------------------- */

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
    return p + 4;
}

/* A chunk whose `size` bytes of data are already at p + 8. Returns its end. */
static uint8_t *put_chunk(uint8_t *p, const char *type, size_t size)
{
    put32(p, (uint32_t)size);
    memcpy(p + 4, type, 4);
    return put32(p + 8 + size, media_crc32(p + 4, size + 4));
}

/* Every row as the difference to the one above: on frames of video as small as the best filter of
 * each row (Paeth's is no smaller and slower), and the loop is a plain one. */
static void filter_up(uint8_t *out, const struct image *img)
{
    size_t n = (size_t)img->width * (size_t)img->channels, x;
    int y;

    for (y = 0; y < img->height; y++) {
        const uint8_t *row = image_row(img, y), *above = y ? image_row(img, y - 1) : NULL;

        *out++ = 2;
        if (!above)
            memcpy(out, row, n);
        else
            for (x = 0; x < n; x++)
                out[x] = (uint8_t)(row[x] - above[x]);
        out += n;
    }
}

int media_png_encode(struct media_png *p, const struct image *img, int level, const uint8_t **bytes,
                     size_t *size, struct err *err)
{
    size_t raw = ((size_t)img->width * (size_t)img->channels + 1) * (size_t)img->height, n;
    size_t bound = media_deflate_bound(raw);
    uint8_t *at;
    int r;

    if (!reserve(&p->rows, &p->rows_cap, raw) || !reserve(&p->packed, &p->packed_cap, bound + 64))
        return err_nomem(err);
    filter_up(p->rows, img);
    memcpy(p->packed, signature, sizeof(signature));
    at = p->packed + sizeof(signature);
    put32(put32(at + 8, (uint32_t)img->width), (uint32_t)img->height);
    /* 8 bits; RGB or grey; deflate, the one set of filters, no interlacing */
    memcpy(at + 16, img->channels == 3 ? "\10\2\0\0\0" : "\10\0\0\0\0", 5);
    at = put_chunk(at, "IHDR", 13);
    r = media_deflate(p->deflate, p->rows, raw, level, at + 8, bound, &n, err);
    if (r)
        return r;
    at = put_chunk(at, "IDAT", n);
    at = put_chunk(at, "IEND", 0);
    *bytes = p->packed;
    *size = (size_t)(at - p->packed);
    return 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* What there is of a file. */
struct parsed {
    uint32_t width, height;
    int samples;         /* bytes a pixel */
    const uint8_t *data; /* the compressed rows */
    size_t size;
};

/* IHDR. False if the kind of picture is not for us. */
static bool read_header(const uint8_t *h, struct parsed *f)
{
    static const int samples[7] = {1, 0, 3, 0, 2, 0, 4}; /* by colour type; 0 = not for us */

    f->width = get32(h);
    f->height = get32(h + 4);
    f->samples = h[9] < 7 ? samples[h[9]] : 0;
    return h[8] == 8 && f->samples && !h[10] && !h[11] && !h[12];
}

/* Joins one more IDAT. The first is used in place. */
static bool join(struct media_png *p, struct parsed *f, const uint8_t *data, size_t size,
                 size_t file_size)
{
    if (!f->data) {
        f->data = data;
        f->size = size;
        return true;
    }
    if (f->data != p->packed) {
        if (!reserve(&p->packed, &p->packed_cap, file_size))
            return false;
        memcpy(p->packed, f->data, f->size);
        f->data = p->packed;
    }
    memcpy(p->packed + f->size, data, size);
    f->size += size;
    return true;
}

/* The chunks. 1 = all there, 0 = a kind that is not for us; what is wrong is in *why. */
static int parse(struct media_png *p, const uint8_t *bytes, size_t size, struct parsed *f,
                 const char **why)
{
    const uint8_t *at = bytes + sizeof(signature), *end = bytes + size;

    *why = "it breaks off";
    for (;; at += 12 + get32(at)) {
        const uint8_t *type = at + 4, *data = at + 8;
        size_t n;

        if (end - at < 12)
            return ERR_DATA;
        n = get32(at);
        if (n > (size_t)(end - at) - 12)
            return ERR_DATA;
        /* Upper-case names are what the picture cannot do without. */
        if (!(type[0] & 0x20) && media_crc32(type, n + 4) != get32(data + n)) {
            *why = "a checksum is wrong";
            return ERR_DATA;
        }
        if (memcmp(type, "IHDR", 4) == 0 && n == 13) {
            if (!read_header(data, f))
                return 0;
        } else if (!f->samples) {
            *why = "it does not begin with a header";
            return ERR_DATA;
        } else if (memcmp(type, "IDAT", 4) == 0) {
            if (!join(p, f, data, n, size))
                return -ENOMEM;
        } else if (memcmp(type, "IEND", 4) == 0) {
            return 1;
        }
    }
}

static uint8_t paeth(int a, int b, int c)
{
    int pa = abs(b - c), pb = abs(a - c), pc = abs(a + b - 2 * c);

    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* Undoes a row's filter in place, 9.2; `above` is the row before, undone. False if no such filter.
 */
static bool unfilter(uint8_t *restrict row, const uint8_t *restrict above, size_t n, int filter,
                     size_t step)
{
    size_t x;

    switch (filter) {
    case 0:
        return true;
    case 1:
        for (x = step; x < n; x++)
            row[x] = (uint8_t)(row[x] + row[x - step]);
        return true;
    case 2:
        for (x = 0; x < n; x++)
            row[x] = (uint8_t)(row[x] + above[x]);
        return true;
    case 3:
        for (x = 0; x < n; x++)
            row[x] = (uint8_t)(row[x] + ((x < step ? 0 : row[x - step]) + above[x]) / 2);
        return true;
    case 4:
        for (x = 0; x < step && x < n; x++)
            row[x] = (uint8_t)(row[x] + above[x]);
        for (; x < n; x++)
            row[x] = (uint8_t)(row[x] + paeth(row[x - step], above[x], above[x - step]));
        return true;
    default:
        return false;
    }
}

/* One row of the file to RGB, without alpha. */
static void to_rgb(uint8_t *out, const uint8_t *in, int n, int samples)
{
    int x;

    if (samples == 3) {
        memcpy(out, in, (size_t)n * 3);
        return;
    }
    for (x = 0; x < n; x++, out += 3, in += samples) {
        out[0] = in[0];
        out[1] = samples < 3 ? in[0] : in[1];
        out[2] = samples < 3 ? in[0] : in[2];
    }
}

int media_png_decode(struct media_png *p, const void *bytes, size_t size, const char *name,
                     struct image *out, struct err *err)
{
    struct parsed f = {0};
    const char *why;
    size_t n, row, y;
    int r;

    r = parse(p, bytes, size, &f, &why);
    if (r == -ENOMEM)
        return err_nomem(err);
    if (r < 0)
        return err_set(err, ERR_DATA, "'%s' is not a whole PNG picture: %s", name, why);
    if (r == 0)
        return 0;
    if (f.width > IMAGE_MAX_SIDE || f.height > IMAGE_MAX_SIDE)
        return err_set(err, ERR_DATA, "'%s': picture of %u x %u pixels", name, f.width, f.height);
    r = image_shape(out, (int)f.width, (int)f.height, 3, err);
    if (r)
        return r;
    row = (size_t)f.width * (size_t)f.samples;
    n = (row + 1) * f.height;
    /* A row of zeros above the first. */
    if (!reserve(&p->rows, &p->rows_cap, n + row))
        return err_nomem(err);
    memset(p->rows, 0, row);
    r = f.data ? media_inflate(p->deflate, f.data, f.size, p->rows + row, n, err) : 0;
    if (r < 0)
        return r;
    if (r == 0)
        return err_set(err, ERR_DATA,
                       "'%s' is not a whole PNG picture: its rows cannot be unpacked", name);
    for (y = 0; y < f.height; y++) {
        uint8_t *at = p->rows + row + y * (row + 1) + 1;

        if (!unfilter(at, y ? at - row - 1 : p->rows, row, at[-1], (size_t)f.samples))
            return err_set(err, ERR_DATA, "'%s' is not a good PNG picture: no filter %d", name,
                           at[-1]);
        to_rgb(image_row(out, (int)y), at, out->width, f.samples);
    }
    return 1;
}
