/*
 * bench_align [SECONDS]: faces aligned a second on one core. TSV lines `name value unit`:
 *   warp      crop in memory -> 224 px, template fit included
 *   io        the same with the crop's PNG decoded and a JPEG encoded, in memory
 *   opencv    cv2.warpAffine with the same matrix and crop (SKIP where python3-opencv is missing)
 * The crop is 480 x 480 pixels of smooth noise with a face that fills the template.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cpu.h"
#include "lib/face_template.h"
#include "lib/media.h"
#include "lib/msg.h"
#include "lib/rng.h"
#include "lib/warp.h"

#define CROP 480

static const char opencv[] =
    "/usr/bin/python3 - 2>/dev/null <<'PY'\n"
    "import time\n"
    "import cv2, numpy as np\n"
    "cv2.setNumThreads(1)\n"
    "crop = np.random.default_rng(1).integers(0, 256, (480, 480, 3), dtype=np.uint8)\n"
    "m = np.float64([[.7, .05, -60], [-.05, .7, -40]])\n"
    "best = 0\n"
    "for _ in range(3):\n"
    "    n, start = 0, time.perf_counter()\n"
    "    while time.perf_counter() - start < .5:\n"
    "        cv2.warpAffine(crop, m, (224, 224), flags=cv2.INTER_LINEAR)\n"
    "        n += 1\n"
    "    best = max(best, n / (time.perf_counter() - start))\n"
    "print('align.opencv_warp\\t%.6g\\tfaces/s' % best)\n"
    "PY\n";

struct bench {
    struct image crop, decoded, face;
    struct landmarks l;
    struct media_codec *codec;
    uint8_t *png;
    size_t png_size;
    struct warp_ops ops;
};

static int make(struct bench *b, struct err *err)
{
    const uint8_t *bytes;
    struct rng rng;
    int r, x, y, i;

    rng_init(&rng, 1, 0, "bench", "pixels");
    r = image_shape(&b->crop, CROP, CROP, 3, err);
    if (r)
        return r;
    for (y = 0; y < CROP; y++)
        for (x = 0; x < 3 * CROP; x++)
            image_row(&b->crop, y)[x] =
                (uint8_t)(128 + 90 * sin(x * .02) * cos(y * .03) + (double)rng_below(&rng, 16));
    b->l.n = 68;
    for (i = 0; i < 68; i++)
        b->l.p[i] = (struct point){240 + 90 * cos(i * .7), 240 + 90 * sin(i * 1.1)};
    for (i = 36; i < 48; i++)
        b->l.p[i] = (struct point){i < 42 ? 190 : 290, 190};
    b->l.p[30] = (struct point){240, 255};
    b->l.p[48] = (struct point){200, 310};
    b->l.p[54] = (struct point){282, 309};
    warp_ops_init(&b->ops, cpu_mask());
    if ((r = media_codec_new(&b->codec, err)) ||
        (r = media_encode_picture(b->codec, &b->crop, MEDIA_PNG, 1, &bytes, &b->png_size, err)))
        return r;
    b->png = malloc(b->png_size);
    if (!b->png)
        return err_nomem(err);
    for (size_t k = 0; k < b->png_size; k++)
        b->png[k] = bytes[k];
    return 0;
}

static int one(struct bench *b, int io, struct err *err)
{
    const struct face_template *t = face_template_find("caddm");
    const struct image *from = io ? &b->decoded : &b->crop;
    const uint8_t *bytes;
    struct mat3 m;
    size_t size;
    int r = 0;

    if (io)
        r = media_decode_picture(b->codec, b->png, b->png_size, "bench", &b->decoded, err);
    if (r || (r = face_template_fit(t, t->scale, t->size_px, &b->l, &m, err)) ||
        (r = image_shape(&b->face, t->size_px, t->size_px, 3, err)) ||
        (r = warp_perspective(&b->ops, &b->face, from, &m, err)) || !io)
        return r;
    return media_encode_picture(b->codec, &b->face, MEDIA_JPEG, 95, &bytes, &size, err);
}

static int measure(struct bench *b, int io, double seconds, struct err *err)
{
    double best = 0;
    int run, r = 0;

    /* The best of three: other work on the machine only takes away. */
    for (run = 0; run < 3; run++) {
        double start = msg_now_s(), now = start;
        long n = 0;

        while (!r && (now = msg_now_s()) - start < seconds) {
            r = one(b, io, err);
            n++;
        }
        best = fmax(best, (double)n / (now - start));
    }
    if (!r)
        printf("align.%s\t%.6g\tfaces/s\n", io ? "io" : "warp", best);
    return r;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.5;
    struct bench b = {0};
    struct err err = {0};
    int r = make(&b, &err);

    if (!r)
        r = measure(&b, 0, seconds, &err);
    if (!r)
        r = measure(&b, 1, seconds, &err);
    if (r)
        fprintf(stderr, "bench_align: %s\n", err.text);
    fflush(stdout);
    if (system(opencv) != 0)
        printf("align.opencv_warp\tSKIP\tpython3-opencv is not installed\n");
    media_codec_free(b.codec);
    free(b.png);
    image_release(&b.crop);
    image_release(&b.decoded);
    image_release(&b.face);
    return r != 0;
}
