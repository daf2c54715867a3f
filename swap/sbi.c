#include "swap/sbi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rng.h"
#include "swap/elastic.h"

/* Ranges and probabilities of the published code. */
#define PLAIN_HULL_P 0.25
#define SOURCE_P     0.5
#define SHIFT_P      0.3
#define SHIFT        20.0 /* grey levels */
#define CONTRAST     0.1
#define MOVE_X       0.03
#define MOVE_Y       0.015
#define SCALE        0.95 /* and its inverse */
/* Published: amplitude 50 at sigma 7 pixels, which displaces by 50 / (sqrt(12 pi) 7) = 1.16 pixels;
 * as fractions of a face taken to be 140 pixels wide. */
#define ELASTIC_SIGMA 0.05
#define ELASTIC_RMS   0.0083
#define KERNELS       11 /* 5, 7, .. 25 */
#define OUTLINE_STEP  2.0
#define LEAST_MASK_PX 64

static const double ratios[] = {0.25, 0.5, 0.75, 1, 1, 1};

void sbi_draw(uint64_t seed, uint32_t epoch, const char *id, struct sbi_draws *d)
{
    struct rng rng;
    bool shift, sharpen;
    int i;

    rng_init(&rng, seed, epoch, id, "sbi");
    d->on_source = rng_uniform(&rng) < SOURCE_P;
    d->plain_hull = rng_uniform(&rng) < PLAIN_HULL_P;
    shift = rng_uniform(&rng) < SHIFT_P;
    for (i = 0; i < 3; i++) {
        double v = rng_range(&rng, -SHIFT, SHIFT);

        d->shift[i] = shift ? v : 0;
    }
    d->brightness = rng_range(&rng, -CONTRAST, CONTRAST);
    d->contrast = rng_range(&rng, -CONTRAST, CONTRAST);
    sharpen = rng_uniform(&rng) < 0.5;
    d->shrink = rng_below(&rng, 2) ? 4 : 2;
    d->sharpen = rng_range(&rng, 0.2, 0.5);
    d->light = rng_range(&rng, 0.5, 1);
    if (sharpen)
        d->shrink = 0;
    else
        d->sharpen = 0;
    d->dx = rng_range(&rng, -MOVE_X, MOVE_X);
    d->dy = rng_range(&rng, -MOVE_Y, MOVE_Y);
    d->scale = rng_range(&rng, SCALE, 1 / SCALE);
    d->elastic_rms = ELASTIC_RMS;
    d->erode_px = 5 + 2 * (int)rng_below(&rng, KERNELS);
    d->blur_px = 5 + 2 * (int)rng_below(&rng, KERNELS);
    d->blur_sigma_px = 5 + (int)rng_below(&rng, 41);
    d->ratio = ratios[rng_below(&rng, sizeof ratios / sizeof *ratios)];
}

static uint8_t clip(double v)
{
    return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)(v + 0.5);
}

static int clamp(int v, int hi)
{
    return v < 0 ? 0 : v > hi ? hi : v;
}

static void recolour(struct image *img, const struct sbi_draws *d)
{
    uint8_t lut[3][256];
    int x, y, c;

    for (c = 0; c < 3; c++) {
        for (x = 0; x < 256; x++)
            lut[c][x] = clip((1 + d->contrast) * clip(x + d->shift[c]) + 255 * d->brightness);
    }
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < 3 * img->width; x++)
            p[x] = lut[x % 3][p[x]];
    }
}

/* Every n-th pixel, the middle one of its block as near as can be, and bilinear in between. */
static void coarsen(struct image *dst, const struct image *src, int n)
{
    int x, y, c, last = src->width / n - 1;

    for (y = 0; y < SAMPLE_PX; y++) {
        double v = fmin(fmax((y - n / 2) / (double)n, 0), last);
        int v0 = (int)v, v1 = clamp(v0 + 1, last);
        const uint8_t *p = image_row(src, v0 * n + n / 2), *q = image_row(src, v1 * n + n / 2);

        v -= v0;
        for (x = 0; x < SAMPLE_PX; x++) {
            double u = fmin(fmax((x - n / 2) / (double)n, 0), last);
            int u0 = (int)u, a = 3 * (u0 * n + n / 2), b = 3 * (clamp(u0 + 1, last) * n + n / 2);

            u -= u0;
            for (c = 0; c < 3; c++)
                image_row(dst, y)[3 * x + c] = clip((1 - v) * ((1 - u) * p[a + c] + u * p[b + c]) +
                                                    v * ((1 - u) * q[a + c] + u * q[b + c]));
        }
    }
}

/* The share `sharpen` of a kernel with -1 around 8 + light. */
static void sharpen(struct image *dst, const struct image *src, const struct sbi_draws *d)
{
    int x, y, c, i, j;

    for (y = 0; y < SAMPLE_PX; y++) {
        for (x = 0; x < SAMPLE_PX; x++) {
            for (c = 0; c < 3; c++) {
                int around = 0, v = image_row(src, y)[3 * x + c];

                for (i = -1; i <= 1; i++) {
                    for (j = -1; j <= 1; j++)
                        around += image_row(
                            src, clamp(y + i, SAMPLE_PX - 1))[3 * clamp(x + j, SAMPLE_PX - 1) + c];
                }
                image_row(dst, y)[3 * x + c] =
                    clip((1 - d->sharpen) * v + d->sharpen * ((9 + d->light) * v - around));
            }
        }
    }
}

/* The copy that is changed. `other` is scratch. */
static int change(struct image *img, struct image *other, const struct sbi_draws *d,
                  struct err *err)
{
    int r;

    recolour(img, d);
    if (!d->shrink && !(d->sharpen > 0))
        return 0;
    if ((r = image_copy(other, img, err)))
        return r;
    if (d->shrink)
        coarsen(img, other, d->shrink);
    else
        sharpen(img, other, d);
    return 0;
}

/* Separable Gaussian; what lies beyond the picture counts as the nearest pixel in it. */
static void gauss(float *v, float *other, int side, double sigma)
{
    float w[32];
    double sum = 0;
    int half = side / 2, x, y, k;

    for (k = 0; k < side; k++)
        sum += exp(-0.5 * (k - half) * (k - half) / (sigma * sigma));
    for (k = 0; k < side; k++)
        w[k] = (float)(exp(-0.5 * (k - half) * (k - half) / (sigma * sigma)) / sum);
    for (y = 0; y < SAMPLE_PX; y++) {
        for (x = 0; x < SAMPLE_PX; x++) {
            float t = 0;

            for (k = 0; k < side; k++)
                t += w[k] * v[y * SAMPLE_PX + clamp(x + k - half, SAMPLE_PX - 1)];
            other[y * SAMPLE_PX + x] = t;
        }
    }
    memset(v, 0, sizeof *v * SAMPLE_PX * SAMPLE_PX);
    for (y = 0; y < SAMPLE_PX; y++) {
        for (k = 0; k < side; k++) {
            const float *p = other + clamp(y + k - half, SAMPLE_PX - 1) * SAMPLE_PX;

            for (x = 0; x < SAMPLE_PX; x++)
                v[y * SAMPLE_PX + x] += w[k] * p[x];
        }
    }
}

static void divide_by_largest(float *v)
{
    float most = 0;
    int i;

    for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
        most = v[i] > most ? v[i] : most;
    for (i = 0; i < SAMPLE_PX * SAMPLE_PX && most > 0; i++)
        v[i] /= most;
}

/* Blur, keep what is still whole (an erosion), blur again: the weights of the pasted copy. */
static void soften_mask(struct image *mask, const struct sbi_draws *d)
{
    float v[SAMPLE_PX * SAMPLE_PX], other[SAMPLE_PX * SAMPLE_PX];
    int i;

    for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
        v[i] = image_row(mask, i / SAMPLE_PX)[i % SAMPLE_PX] ? 1 : 0;
    if (d->erode_px) {
        gauss(v, other, d->erode_px, 0.3 * ((d->erode_px - 1) * 0.5 - 1) + 0.8);
        divide_by_largest(v);
        for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
            v[i] = v[i] < 0.9999f ? 0 : 1;
        gauss(v, other, d->blur_px, d->blur_sigma_px);
        divide_by_largest(v);
    }
    for (i = 0; i < SAMPLE_PX * SAMPLE_PX; i++)
        image_row(mask, i / SAMPLE_PX)[i % SAMPLE_PX] = clip(255.0 * d->ratio * (double)v[i]);
}

int sbi_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct sbi_draws *d, struct swap_scratch *s, struct swap_sample *out,
              struct err *err)
{
    const double mid = (SAMPLE_PX - 1) / 2.0;
    struct mat3 move = {{d->scale, 0, mid * (1 - d->scale) + d->dx * SAMPLE_PX, 0, d->scale,
                         mid * (1 - d->scale) + d->dy * SAMPLE_PX, 0, 0, 1}};
    struct swap_input real = *in;
    struct polygon edge = polygon_of_rect((struct rect){1, 1, SAMPLE_PX - 1, SAMPLE_PX - 1});
    struct polygon outline;
    struct rng rng;
    double off = 0;
    long count = 0;
    int x, y, c, r;

    real.is_fake = false;
    if ((r = swap_mfs.make(set, &real, s, out, err)) ||
        (r = image_copy(&s->bg, &out->image, err)) ||
        (r = image_copy(&s->still_a, &out->image, err)) ||
        (r = change(d->on_source ? &s->still_a : &s->bg, &s->still_b, d, err)) ||
        (r = image_shape(&s->fg, SAMPLE_PX, SAMPLE_PX, 3, err)) ||
        (r = warp_perspective(&s->warp, &s->fg, &s->still_a, &move, err)))
        return r;
    hull_of_face(&in->landmarks, d->plain_hull ? HULL_PLAIN : set->hull, set->hull_lift, &outline,
                 &out->hull);
    polygon_transform(&outline, &out->frame_to_sample);
    polygon_transform(&outline, &move);
    polygon_refine(&outline, OUTLINE_STEP);
    rng_init(&rng, set->seed, in->epoch, in->id, "elastic");
    out->elastic_rms_px = elastic_deform(&outline, rect_width(polygon_bounds(&outline)),
                                         ELASTIC_SIGMA, d->elastic_rms, &rng);
    /* Beyond its edge the moved copy is black. */
    polygon_transform(&edge, &move);
    polygon_clip(&outline, &edge);
    image_fill(&out->mask, 0);
    polygon_fill(&out->mask, &outline, 0, 0, 255);
    soften_mask(&out->mask, d);
    out->box = (struct rect){0, 0, 0, 0};
    for (y = 0; y < SAMPLE_PX; y++) {
        uint8_t *o = image_row(&out->image, y), *m = image_row(&out->mask, y);
        const uint8_t *f = image_row(&s->fg, y), *b = image_row(&s->bg, y);

        for (x = 0; x < SAMPLE_PX; x++) {
            for (c = 3 * x; c < 3 * x + 3; c++) {
                o[c] = (uint8_t)((m[x] * f[c] + (255 - m[x]) * b[c] + 127) / 255);
                off += m[x] ? abs(f[c] - b[c]) : 0;
            }
            if (!m[x])
                continue;
            count++;
            out->box = rect_union(out->box, (struct rect){x, y, x + 1, y + 1});
        }
    }
    if (count < LEAST_MASK_PX)
        return err_set(err, ERR_DATA, "the mask has only %ld pixels", count);
    if (off / (3.0 * (double)count) < set->min_difference)
        return err_set(err, ERR_DATA, "the two copies do not differ inside the mask");
    out->mode = SWAP_GLOBAL;
    out->blend = SWAP_ALPHA;
    out->foreground = SWAP_SELF;
    out->has_box = true;
    return 0;
}

static int make(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *s, struct swap_sample *out, struct err *err)
{
    struct sbi_draws d;

    if (!in->is_fake)
        return swap_mfs.make(set, in, s, out, err);
    sbi_draw(set->seed, in->epoch, in->id, &d);
    return sbi_blend(set, in, &d, s, out, err);
}

const struct swap_method swap_sbi = {
    .name = "sbi",
    .help = "self-blended images",
    .real_only = true,
    .make = make,
};
