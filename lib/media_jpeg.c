/* JPEG through libjpeg-turbo, whose quality scale, 4:2:0 and slow integer DCT are what the
 * field's JPEG files are made with. Errors leave the library by longjmp; no function here that
 * calls it holds anything that would be lost. */
#include "lib/media_internal.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "lib/mem.h"

struct media_jpeg {
    struct jpeg_error_mgr errors; /* first: the library's pointer to it is cast back to us */
    jmp_buf escape;
    bool damaged;                /* a warning that means missing or broken data */
    char words[JMSG_LENGTH_MAX]; /* of the error or of that warning */
    struct jpeg_compress_struct c;
    struct jpeg_decompress_struct d;
    unsigned char *out; /* encoded bytes; malloc'd, as the library may replace it */
    unsigned long out_cap, written;
    uint8_t *row; /* one row of CMYK */
    size_t row_cap;
};

static void on_error(j_common_ptr info)
{
    struct media_jpeg *j = (struct media_jpeg *)(void *)info->err;

    info->err->format_message(info, j->words);
    longjmp(j->escape, 1);
}

/* Level -1 is a warning: the decoder goes on with whatever it can make up. */
static void on_message(j_common_ptr info, int level)
{
    struct media_jpeg *j = (struct media_jpeg *)(void *)info->err;
    int code = info->err->msg_code;

    if (level >= 0 || j->damaged)
        return;
    if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM)
        return; /* odd but whole */
    j->damaged = true;
    info->err->format_message(info, j->words);
}

static void no_output(j_common_ptr info)
{
    (void)info;
}

void media_jpeg_free(struct media_jpeg *j)
{
    if (!j)
        return;
    jpeg_destroy_compress(&j->c);
    jpeg_destroy_decompress(&j->d);
    free(j->out);
    free(j->row);
    free(j);
}

int media_jpeg_new(struct media_jpeg **out, struct err *err)
{
    struct media_jpeg *j = mem_array(1, sizeof(*j));

    if (!j)
        return err_nomem(err);
    j->c.err = j->d.err = jpeg_std_error(&j->errors);
    j->errors.error_exit = on_error;
    j->errors.emit_message = on_message;
    j->errors.output_message = no_output;
    if (setjmp(j->escape)) {
        media_jpeg_free(j);
        return err_nomem(err);
    }
    jpeg_create_compress(&j->c);
    jpeg_create_decompress(&j->d);
    *out = j;
    return 0;
}

/* Adobe writes CMYK inverted, and nobody else writes it. */
static void cmyk_row(uint8_t *out, const uint8_t *in, int n, bool inverted)
{
    int x, i;

    for (x = 0; x < n; x++)
        for (i = 0; i < 3; i++) {
            int ink = inverted ? in[4 * x + i] : 255 - in[4 * x + i];
            int key = inverted ? in[4 * x + 3] : 255 - in[4 * x + 3];

            out[3 * x + i] = (uint8_t)((ink * key + 127) / 255);
        }
}

/* Leaves by longjmp on an error of the library; so it is not inlined into the caller's setjmp. */
static __attribute__((noinline)) int decode(struct media_jpeg *j, const void *bytes, size_t size,
                                            const char *name, struct image *out, struct err *err)
{
    struct jpeg_decompress_struct *d = &j->d;
    bool cmyk;
    int r = 0;

    jpeg_mem_src(d, bytes, size);
    jpeg_read_header(d, TRUE);
    cmyk = d->jpeg_color_space == JCS_CMYK || d->jpeg_color_space == JCS_YCCK;
    d->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    d->dct_method = JDCT_ISLOW;
    if (d->image_width > IMAGE_MAX_SIDE || d->image_height > IMAGE_MAX_SIDE)
        return err_set(err, ERR_DATA, "'%s': picture of %u x %u pixels", name, d->image_width,
                       d->image_height);
    r = image_shape(out, (int)d->image_width, (int)d->image_height, 3, err);
    if (r)
        return r;
    if (cmyk && mem_grow(&j->row, &j->row_cap, (size_t)d->image_width * 4, 1))
        return err_nomem(err);
    jpeg_start_decompress(d);
    while (d->output_scanline < d->output_height) {
        uint8_t *to = image_row(out, (int)d->output_scanline);
        JSAMPROW row = cmyk ? j->row : to;

        jpeg_read_scanlines(d, &row, 1);
        if (cmyk)
            cmyk_row(to, j->row, out->width, d->saw_Adobe_marker);
    }
    jpeg_finish_decompress(d);
    if (j->damaged)
        return err_set(err, ERR_DATA, "'%s' is not a whole JPEG picture: %s", name, j->words);
    return 0;
}

int media_jpeg_decode(struct media_jpeg *j, const void *bytes, size_t size, const char *name,
                      struct image *out, struct err *err)
{
    int r;

    j->damaged = false;
    if (setjmp(j->escape) == 0)
        r = decode(j, bytes, size, name, out, err);
    else
        r = err_set(err, ERR_DATA, "'%s' is not a good JPEG picture: %s", name, j->words);
    jpeg_abort_decompress(&j->d); /* a no-op after success */
    return r;
}

/* Room for any picture of this size, so that the library never grows it (as in tjBufSize). */
static __attribute__((noinline)) int reserve(struct media_jpeg *j, const struct image *img)
{
    size_t w = ((size_t)img->width + 15) / 16 * 16, h = ((size_t)img->height + 15) / 16 * 16;
    size_t need = w * h * 3 + 2048;
    unsigned char *p;

    if (need <= j->out_cap)
        return 0;
    p = mem_resize(j->out, need, 1);
    if (!p)
        return -1;
    j->out = p;
    j->out_cap = need;
    return 0;
}

static __attribute__((noinline)) int encode(struct media_jpeg *j, const struct image *img,
                                            int quality, int across, int down)
{
    struct jpeg_compress_struct *c = &j->c;

    j->written = j->out_cap;
    jpeg_mem_dest(c, &j->out, &j->written);
    c->image_width = (JDIMENSION)img->width;
    c->image_height = (JDIMENSION)img->height;
    c->input_components = img->channels;
    c->in_color_space = img->channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(c); /* 4:2:0 for colour */
    if (img->channels == 3) {
        c->comp_info[0].h_samp_factor = across;
        c->comp_info[0].v_samp_factor = down;
    }
    jpeg_set_quality(c, quality, TRUE);
    c->dct_method = JDCT_ISLOW;
    jpeg_start_compress(c, TRUE);
    while (c->next_scanline < c->image_height) {
        JSAMPROW row = image_row(img, (int)c->next_scanline);

        jpeg_write_scanlines(c, &row, 1);
    }
    jpeg_finish_compress(c);
    return 0;
}

int media_jpeg_encode(struct media_jpeg *j, const struct image *img, int quality, int across,
                      int down, const uint8_t **bytes, size_t *size, struct err *err)
{
    unsigned char *own;
    int r;

    if (reserve(j, img))
        return err_nomem(err);
    own = j->out;
    if (setjmp(j->escape) == 0)
        r = encode(j, img, quality, across, down);
    else
        r = err_set(err, ERR_FAULT, "cannot encode as JPEG: %s", j->words);
    jpeg_abort_compress(&j->c); /* a no-op after success */
    if (j->out != own) {        /* too small after all: now it is the library's new one */
        free(own);
        j->out_cap = j->written;
    }
    *bytes = j->out;
    *size = j->written;
    return r;
}
