#include "align/perturb.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static uint8_t clip(double v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

static int same_shape(struct image *dst, const struct image *src, struct err *err)
{
    return image_shape(dst, src->width, src->height, src->channels, err);
}

void perturb_scratch_release(struct perturb_scratch *s)
{
    free(s->row);
    free(s->sum);
    image_release(&s->small);
}

/* ---- colour ----------------------------------------------------------------------------------*/

/* Chroma of Y'CbCr (BT.601) towards grey: whatever its range, out = Y' + level * (in - Y'). In tens
 * and thousandths, exact. */
static int saturation(struct image *dst, const struct image *src, double level, struct rng *rng,
                      struct perturb_scratch *s, struct err *err)
{
    int keep = (int)(level * 10 + 0.5), x, y, i, r = same_shape(dst, src, err);

    (void)rng;
    (void)s;
    for (y = 0; y < src->height && !r; y++) {
        const uint8_t *p = image_row(src, y);
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < src->width; x++, p += 3, out += 3) {
            int luma = 299 * p[0] + 587 * p[1] + 114 * p[2];

            for (i = 0; i < 3; i++)
                out[i] = (uint8_t)((luma * (10 - keep) + 1000 * keep * p[i] + 5000) / 10000);
        }
    }
    return r;
}

/* Cut, not rounded, as published. */
static int contrast(struct image *dst, const struct image *src, double level, struct rng *rng,
                    struct perturb_scratch *s, struct err *err)
{
    int keep = (int)(level * 1000 + 0.5), x, y, r = same_shape(dst, src, err);

    (void)rng;
    (void)s;
    for (y = 0; y < src->height && !r; y++)
        for (x = 0; x < 3 * src->width; x++)
            image_row(dst, y)[x] = (uint8_t)(image_row(src, y)[x] * keep / 1000);
    return r;
}

/* ---- blocks and noise ------------------------------------------------------------------------*/

#define BLOCK 8   /* pixels */
#define GREY  128 /* of a block */

static int blocks(struct image *dst, const struct image *src, double level, struct rng *rng,
                  struct perturb_scratch *s, struct err *err)
{
    int side = src->width < src->height ? src->width : src->height;
    int times = side / 256 > 1 ? side / 256 : 1, n = times * (int)level;
    int w = src->width < BLOCK ? src->width : BLOCK, h = src->height < BLOCK ? src->height : BLOCK;
    int y, r = image_copy(dst, src, err);

    (void)s;
    for (; n > 0 && !r; n--) {
        int x0 = (int)rng_below(rng, (uint32_t)(src->width - w + 1));
        int y0 = (int)rng_below(rng, (uint32_t)(src->height - h + 1));

        for (y = y0; y < y0 + h; y++)
            memset(image_row(dst, y) + 3 * x0, GREY, (size_t)(3 * w));
    }
    return r;
}

/* Box and Muller's two numbers, one after the other. */
struct pair {
    bool have;
    double second;
};

static double next_normal(struct pair *p, struct rng *rng)
{
    double radius, angle;

    p->have = !p->have;
    if (!p->have)
        return p->second;
    radius = sqrt(-2 * log(1 - rng_uniform(rng)));
    angle = 2 * M_PI * rng_uniform(rng);
    p->second = radius * sin(angle);
    return radius * cos(angle);
}

/* White noise of variance `level` on the three planes of Y'CbCr in limited range (BT.601), where 1
 * is 255 of their codes; back in RGB that is a sum of the three, by the columns of the matrix. */
static int noise(struct image *dst, const struct image *src, double level, struct rng *rng,
                 struct perturb_scratch *s, struct err *err)
{
    const double luma = 255.0 / 219, cr_r = 255.0 / 224 * 1.402, cb_b = 255.0 / 224 * 1.772;
    const double cb_g = cb_b * 0.114 / 0.587, cr_g = cr_r * 0.299 / 0.587, sd = 255 * sqrt(level);
    int x, y, r = same_shape(dst, src, err);
    struct pair pair = {0};

    (void)s;
    for (y = 0; y < src->height && !r; y++) {
        const uint8_t *p = image_row(src, y);
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < src->width; x++, p += 3, out += 3) {
            double n = sd * luma * next_normal(&pair, rng), cb = sd * next_normal(&pair, rng);
            double cr = sd * next_normal(&pair, rng);

            out[0] = clip(p[0] + n + cr_r * cr);
            out[1] = clip(p[1] + n - cb_g * cb - cr_g * cr);
            out[2] = clip(p[2] + n + cb_b * cb);
        }
    }
    return r;
}

/* ---- blur ------------------------------------------------------------------------------------*/

#define MAX_KERNEL 21
#define ONE        (1 << 16) /* sum of a kernel */

/* Of `n` taps and sigma n / 6; sums to ONE exactly. */
static void gaussian(int n, uint32_t *kernel)
{
    double w[MAX_KERNEL], sum = 0, sigma = n / 6.0;
    uint32_t all = 0;
    int i;

    for (i = 0; i < n; i++) {
        double d = i - (n - 1) / 2;

        w[i] = exp(-d * d / (2 * sigma * sigma));
        sum += w[i];
    }
    for (i = 0; i < n; i++) {
        kernel[i] = (uint32_t)(w[i] / sum * ONE + 0.5);
        all += kernel[i];
    }
    kernel[n / 2] += ONE - all;
}

/* Border as in OpenCV's default: dcb|abcd|cba. */
static int reflect(int i, int n)
{
    while (i < 0 || i >= n)
        i = n == 1 ? 0 : i < 0 ? -i : 2 * n - 2 - i;
    return i;
}

/* sum[i] = 1/2 + the taps of `n` rows of bytes, and cut to 8 bits after the point. */
static void blur_down(uint16_t *restrict out, uint32_t *restrict sum, const struct image *src,
                      int y, const uint32_t *kernel, int n)
{
    int width = 3 * src->width, x, k;

    for (x = 0; x < width; x++)
        sum[x] = 1 << 7;
    for (k = 0; k < n; k++) {
        const uint8_t *in = image_row(src, reflect(y + k - n / 2, src->height));
        uint32_t w = kernel[k];

        for (x = 0; x < width; x++)
            sum[x] += w * in[x];
    }
    for (x = 0; x < width; x++)
        out[x] = (uint16_t)(sum[x] >> 8);
}

/* `in` has n / 2 pixels more on both sides. 2^16 * 255 * 2^8 and a half fit in 32 bits. */
static void blur_along(uint8_t *restrict out, uint32_t *restrict sum, const uint16_t *restrict in,
                       int width, const uint32_t *kernel, int n)
{
    int x, k;

    for (x = 0; x < width; x++)
        sum[x] = 1u << 23;
    for (k = 0; k < n; k++) {
        uint32_t w = kernel[k];

        for (x = 0; x < width; x++)
            sum[x] += w * in[x + 3 * k];
    }
    for (x = 0; x < width; x++)
        out[x] = (uint8_t)(sum[x] >> 24);
}

static int blur(struct image *dst, const struct image *src, double level, struct rng *rng,
                struct perturb_scratch *s, struct err *err)
{
    int n = (int)level, half = n / 2, width = 3 * src->width, x, y, i;
    uint32_t kernel[MAX_KERNEL];
    uint16_t *row;
    int r = same_shape(dst, src, err);

    (void)rng;
    if (!r && (mem_grow(&s->sum, &s->sum_cap, (size_t)width, sizeof(*s->sum)) ||
               mem_grow(&s->row, &s->row_cap, (size_t)(width + 6 * half), sizeof(*s->row))))
        r = err_nomem(err);
    if (r)
        return r;
    gaussian(n, kernel);
    row = s->row + 3 * half;
    for (y = 0; y < src->height; y++) {
        blur_down(row, s->sum, src, y, kernel, n);
        for (x = 1; x <= half; x++)
            for (i = 0; i < 3; i++) {
                row[i - 3 * x] = row[i + 3 * reflect(-x, src->width)];
                row[width - 3 + 3 * x + i] = row[i + 3 * reflect(src->width - 1 + x, src->width)];
            }
        blur_along(image_row(dst, y), s->sum, s->row, width, kernel, n);
    }
    return 0;
}

/* ---- pixelate --------------------------------------------------------------------------------*/

/* Bilinear between pixel centres whatever the ratio, as OpenCV's INTER_LINEAR: what it skips, it
 * skips. Weights in 1/2048. */
static void bilinear(struct image *dst, const struct image *src)
{
    int x, y, i;

    for (y = 0; y < dst->height; y++) {
        double v = (y + 0.5) * src->height / dst->height - 0.5;
        int y0 = (int)floor(v), wy = (int)((v - y0) * 2048 + 0.5);
        const uint8_t *a = image_row(src, y0 < 0 ? 0 : y0);
        const uint8_t *b = image_row(src, y0 + 1 < src->height ? y0 + 1 : src->height - 1);
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < dst->width; x++) {
            double u = (x + 0.5) * src->width / dst->width - 0.5;
            int x0 = (int)floor(u), wx = (int)((u - x0) * 2048 + 0.5);
            int l = 3 * (x0 < 0 ? 0 : x0), h = 3 * (x0 + 1 < src->width ? x0 + 1 : src->width - 1);

            for (i = 0; i < 3; i++) {
                int up = a[l + i] * (2048 - wx) + a[h + i] * wx;
                int down = b[l + i] * (2048 - wx) + b[h + i] * wx;

                *out++ = (uint8_t)((up * (2048 - wy) + down * wy + (1 << 21)) >> 22);
            }
        }
    }
}

static int pixelate(struct image *dst, const struct image *src, double level, struct rng *rng,
                    struct perturb_scratch *s, struct err *err)
{
    int p = (int)level, w = src->width / p, h = src->height / p;
    int r = image_shape(&s->small, w > 0 ? w : 1, h > 0 ? h : 1, 3, err);

    (void)rng;
    if (!r)
        r = same_shape(dst, src, err);
    if (r)
        return r;
    bilinear(&s->small, src);
    bilinear(dst, &s->small);
    return 0;
}

/* ---- the table -------------------------------------------------------------------------------*/

static const struct perturbation perturb_saturation = {
    .name = "saturation",
    .help = "chroma times 0.4 to 0",
    .levels = {0.4, 0.3, 0.2, 0.1, 0.0},
    .apply = saturation,
};
static const struct perturbation perturb_contrast = {
    .name = "contrast",
    .help = "grey levels times 0.85 to 0.35",
    .levels = {0.85, 0.725, 0.6, 0.475, 0.35},
    .apply = contrast,
};
static const struct perturbation perturb_blocks = {
    .name = "blocks",
    .help = "16 to 80 grey squares of 8 pixels",
    .levels = {16, 32, 48, 64, 80},
    .apply = blocks,
};
static const struct perturbation perturb_noise = {
    .name = "noise",
    .help = "white Gaussian noise of variance 0.001 to 0.05",
    .levels = {0.001, 0.002, 0.005, 0.01, 0.05},
    .apply = noise,
};
static const struct perturbation perturb_blur = {
    .name = "blur",
    .help = "Gaussian blur of 7 to 21 taps",
    .levels = {7, 9, 13, 17, 21},
    .apply = blur,
};
static const struct perturbation perturb_pixelate = {
    .name = "pixelate",
    .help = "to a half to a sixth of the size and back",
    .levels = {2, 3, 4, 5, 6},
    .apply = pixelate,
};
static const struct perturbation perturb_video = {
    .name = "video",
    .help = "H.264 at rate factors 30 to 40",
    .levels = {30, 32, 35, 38, 40},
};

const struct perturbation *const perturbations[] = {
    &perturb_saturation, &perturb_contrast, &perturb_blocks, &perturb_noise,
    &perturb_blur,       &perturb_pixelate, &perturb_video,  NULL,
};

const struct perturbation *perturbation_find(const char *name)
{
    int i;

    for (i = 0; perturbations[i]; i++)
        if (strcmp(perturbations[i]->name, name) == 0)
            return perturbations[i];
    return NULL;
}
