#include "swap/published_augment.h"

#include <math.h>
#include <string.h>

#include "lib/mem.h"
#include "swap/augment_pixels.h"
#include "swap/published.h"
#include "swap/published_cv.h"

/* Clipped, then cut off: what astype(uint8) makes of a float in range. */
static uint8_t cut(double v)
{
    return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
}

/* ---- normalise -------------------------------------------------------------------------------*/

static int normalise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    uint8_t lut[256] = {0};
    int x, least, most;

    (void)s, (void)rng, (void)err;
    pixels_range(img, &least, &most);
    for (x = least; x <= most; x++)
        lut[x] = cut((double)(x - least) / (most - least + 1) * 255);
    pixels_look_up(img, lut);
    return 0;
}

/* ---- quantise --------------------------------------------------------------------------------*/

static int quantise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct coarse_noise noise;
    int x, y, c, r = coarse_noise_draw(&noise, s, img, rng, err);

    for (y = 0; !r && y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        coarse_noise_row(&noise, y);
        for (x = 0; x < img->width; x++, p += 3)
            for (c = 0; c < 3; c++)
                p[c] = cut(p[c] + noise.row[x]);
    }
    return r;
}

/* ---- hsv -------------------------------------------------------------------------------------
 * cv::cvtColor to 8-bit HSV (hue in 2 degrees, saturation in 255ths), both factors cut off to whole
 * values, and back, cut off again. */
static void to_hsv(const uint8_t *p, int hsv[3])
{
    int r = p[0], g = p[1], b = p[2], v = r > g ? r : g, least = r < g ? r : g, spread, h;

    v = b > v ? b : v;
    least = b < least ? b : least;
    spread = v - least;
    hsv[2] = v;
    hsv[1] = v ? (spread * cv_round((255 << 12) / (1.0 * v)) + (1 << 11)) >> 12 : 0;
    if (!spread) {
        hsv[0] = 0;
        return;
    }
    h = v == r ? g - b : v == g ? b - r + 2 * spread : r - g + 4 * spread;
    h = (h * cv_round((180 << 12) / (6.0 * spread)) + (1 << 11)) >> 12;
    hsv[0] = h < 0 ? h + 180 : h;
}

static void from_hsv(const int hsv[3], uint8_t *p)
{
    static const int sector[6][3] = {{1, 3, 0}, {1, 0, 2}, {3, 0, 1},
                                     {0, 2, 1}, {0, 1, 3}, {2, 1, 0}};
    float h = (float)hsv[0] * (6.0f / 180.0f), s = (float)hsv[1] / 255.0f;
    float v = (float)hsv[2] / 255.0f, tab[4];
    int i = (int)floorf(h), c;

    h -= (float)i;
    i = (i % 6 + 6) % 6;
    tab[0] = v;
    tab[1] = v * (1.0f - s);
    tab[2] = v * (1.0f - s * h);
    tab[3] = v * (1.0f - s * (1.0f - h));
    for (c = 0; c < 3; c++) /* the table lists blue, green, red */
        p[2 - c] = (uint8_t)(tab[sector[i][c]] * 255.0f);
}

static int hsv(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    double saturation, value;
    int x, y;

    (void)s, (void)err;
    augment_draw_hsv(rng, &saturation, &value);
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < img->width; x++, p += 3) {
            int v[3];

            to_hsv(p, v);
            v[1] = cut(v[1] * saturation);
            v[2] = cut(v[2] * value);
            from_hsv(v, p);
        }
    }
    return 0;
}

/* ---- gamma, tone -----------------------------------------------------------------------------*/

uint8_t published_gamma_value(double g, int x)
{
    return cut(pow(255, 1 - 1 / g) * pow(x + 1e-15, 1 / g));
}

static int gamma_curve(struct augment_scratch *s, struct image *img, struct rng *rng,
                       struct err *err)
{
    double g = 0.6 + 0.8 * rng_uniform(rng);
    uint8_t lut[256];
    int i;

    (void)s, (void)err;
    for (i = 0; i < 256; i++)
        lut[i] = published_gamma_value(g, i);
    pixels_look_up(img, lut);
    return 0;
}

uint8_t published_tone_value(double share, double colour, int x)
{
    return cut((1 - share) * x + share * colour);
}

static int tone(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    double colour[3], share;
    int x, y, c;

    (void)s, (void)err;
    for (c = 0; c < 3; c++)
        colour[c] = 60 + 195 * rng_uniform(rng);
    share = 0.3 * rng_uniform(rng);
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < img->width; x++, p += 3) {
            for (c = 0; c < 3; c++)
                p[c] = published_tone_value(share, colour[c], p[c]);
        }
    }
    return 0;
}

/* ---- motion ----------------------------------------------------------------------------------*/

int published_motion_kernel(double angle_deg, int length,
                            uint8_t kernel[MOTION_SIDE_MAX][MOTION_SIDE_MAX], double *weight)
{
    double c = cos(angle_deg * M_PI / 180), s = sin(angle_deg * M_PI / 180);
    int side = (int)(2 * length * fmax(fabs(c), fabs(s))), middle = side / 2, points = 0;
    int x1 = (int)(length * c + middle), y1 = (int)(length * s + middle), i, k;

    memset(kernel, 0, MOTION_SIDE_MAX * sizeof *kernel);
    cv_line(kernel[0], MOTION_SIDE_MAX, side, side, middle, middle, x1, y1, 1);
    for (i = 0; i < side; i++) {
        for (k = 0; k < side; k++)
            points += kernel[i][k];
    }
    *weight = points ? 1.0 / points : 0;
    return points ? side : 0;
}

/* filter2D: correlation about (side / 2, side / 2), border reflect-101, rounded. */
static int motion(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    uint8_t kernel[MOTION_SIDE_MAX][MOTION_SIDE_MAX];
    int angle = (int)rng_below(rng, 360), length = 1 + (int)rng_below(rng, 10), side, x, y, i, j, r;
    int width = 3 * img->width;
    double weight;

    side = published_motion_kernel(angle, length, kernel, &weight);
    if (!side)
        return 0;
    if ((r = image_copy(&s->padded, img, err)))
        return r;
    if (mem_grow(&s->row, &s->row_cap, (size_t)width, sizeof *s->row))
        return err_nomem(err);
    for (y = 0; y < img->height; y++) {
        uint8_t *out = image_row(img, y);

        for (x = 0; x < width; x++)
            s->row[x] = 0;
        for (i = 0; i < side; i++) {
            for (j = 0; j < side; j++) {
                const uint8_t *from =
                    image_row(&s->padded, cv_reflect_101(y + i - side / 2, img->height));

                if (!kernel[i][j])
                    continue;
                for (x = 0; x < width; x++)
                    s->row[x] += from[3 * cv_reflect_101(x / 3 + j - side / 2, img->width) + x % 3];
            }
        }
        for (x = 0; x < width; x++)
            out[x] = (uint8_t)cv_round((double)s->row[x] * weight);
    }
    return 0;
}

/* ---- blur ------------------------------------------------------------------------------------*/

/* GaussianBlur 3 x 3 of bytes: weights in 256ths, rounded once. */
static int blur(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    static const int taps[3][2] = {{64, 128}, {70, 116}, {82, 92}}; /* sigma 0 (means 0.8), 1, 2 */
    const int *tap = taps[rng_below(rng, 3)];
    int w = img->width, h = img->height, x, y, r;

    if ((r = image_copy(&s->padded, img, err)))
        return r;
    for (y = 0; y < h; y++) {
        const uint8_t *p = image_row(&s->padded, cv_reflect_101(y - 1, h));
        const uint8_t *q = image_row(&s->padded, y);
        const uint8_t *o = image_row(&s->padded, cv_reflect_101(y + 1, h));
        uint8_t *out = image_row(img, y);

        for (x = 0; x < 3 * w; x++) {
            int a = 3 * cv_reflect_101(x / 3 - 1, w) + x % 3;
            int b = 3 * cv_reflect_101(x / 3 + 1, w) + x % 3;
            int side = tap[0] * (p[a] + o[a] + p[b] + o[b]) + tap[1] * (q[a] + q[b]);
            int middle = tap[0] * (p[x] + o[x]) + tap[1] * q[x];

            out[x] = (uint8_t)((tap[0] * side + tap[1] * middle + 32768) >> 16);
        }
    }
    return 0;
}

/* ---- noise -----------------------------------------------------------------------------------*/

static int noise(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    int sigma = augment_draw_sigma(rng), x, y;

    (void)s, (void)err;
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < 3 * img->width; x++)
            p[x] = cut(p[x] + sigma * rng_normal(rng));
    }
    return 0;
}

/* ---- resize: computed, and thrown away -------------------------------------------------------*/

static int nothing(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    (void)s, (void)img, (void)rng, (void)err;
    return 0;
}

static const struct {
    struct augmentation step;
    enum correction correction; /* that puts augment.h's step in its place */
} published[] = {
    {{"normalise", "as published: cut off", 0.5, normalise}, FIX_ROUNDING},
    {{"quantise", "as published: cut off", 0.5, quantise}, FIX_ROUNDING},
    {{"hsv", "as published: by 8-bit hue, cut off", 0.25, hsv}, FIX_ROUNDING},
    {{"gamma", "as published: cut off", 1, gamma_curve}, FIX_ROUNDING},
    {{"motion", "as published: one-sided", 0.3, motion}, FIX_MOTION},
    {{"blur", "as published: by OpenCV's whole weights", 0.3, blur}, FIX_RESAMPLE},
    {{"noise", "as published: cut off", 0.3, noise}, FIX_ROUNDING},
    {{"tone", "as published: cut off", 0.3, tone}, FIX_ROUNDING},
    {{"resize", "as published: without effect", 0.25, nothing}, FIX_RESIZE},
};

void published_augment_chain(struct augment_chain *chain, uint32_t corrections)
{
    size_t k;
    int i;

    for (i = 0; i < chain->n; i++) {
        for (k = 0; k < sizeof published / sizeof *published; k++) {
            if (!strcmp(chain->step[i]->name, published[k].step.name) &&
                !corrected(corrections, published[k].correction))
                chain->step[i] = &published[k].step;
        }
    }
}
