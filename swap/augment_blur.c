/* Augmentations that mix neighbouring pixels: motion blur, Gaussian blur. */
#include "swap/augment.h"

#include <math.h>

#include "lib/mem.h"

#define REACH 6 /* of the largest kernel, pixels */

/* The index that i stands for when the outermost pixel is a mirror (reflect-101). */
static int reflect(int i, int n)
{
    if (n == 1)
        return 0;
    while (i < 0 || i >= n)
        i = i < 0 ? -i : 2 * (n - 1) - i;
    return i;
}

static int pad(struct image *dst, const struct image *src, struct err *err)
{
    int x, y, r;

    if ((r = image_shape(dst, src->width + 2 * REACH, src->height + 2 * REACH, 3, err)))
        return r;
    for (y = 0; y < dst->height; y++) {
        const uint8_t *p = image_row(src, reflect(y - REACH, src->height));
        uint8_t *q = image_row(dst, y);

        for (x = 0; x < dst->width; x++, q += 3) {
            const uint8_t *from = p + 3 * reflect(x - REACH, src->width);

            q[0] = from[0];
            q[1] = from[1];
            q[2] = from[2];
        }
    }
    return 0;
}

static int filter(struct augment_scratch *s, struct image *img, const struct augment_tap *tap,
                  int taps, struct err *err)
{
    int n = 3 * img->width, x, y, k, r;

    if ((r = pad(&s->padded, img, err)))
        return r;
    if (mem_grow(&s->row, &s->row_cap, (size_t)n, sizeof *s->row))
        return err_nomem(err);
    for (y = 0; y < img->height; y++) {
        float *restrict sum = s->row;
        uint8_t *out = image_row(img, y);

        for (x = 0; x < n; x++)
            sum[x] = 0.5f; /* rounds */
        for (k = 0; k < taps; k++) {
            const uint8_t *restrict p =
                image_row(&s->padded, y + REACH + tap[k].dy) + 3 * (ptrdiff_t)(REACH + tap[k].dx);
            float weight = tap[k].weight;

            for (x = 0; x < n; x++)
                sum[x] += weight * (float)p[x];
        }
        for (x = 0; x < n; x++)
            out[x] = sum[x] > 255 ? 255 : (uint8_t)sum[x];
    }
    return 0;
}

int augment_motion_taps(double angle_deg, int length, struct augment_tap tap[AUGMENT_TAPS_MAX])
{
    double dx = cos(angle_deg * M_PI / 180), dy = sin(angle_deg * M_PI / 180);
    double large = fmax(fabs(dx), fabs(dy)), weight[2 * REACH + 1][2 * REACH + 1] = {{0}};
    int points = (int)(length * large + 0.5), taps = 0, i, x, y;

    points = points < 1 ? 1 : points;
    for (i = 0; i < points; i++) {
        double t = (i - (points - 1) / 2.0) / large;
        double px = t * dx + REACH, py = t * dy + REACH, fx, fy;

        x = (int)px;
        y = (int)py;
        fx = px - x;
        fy = py - y;
        weight[y][x] += (1 - fx) * (1 - fy) / points;
        weight[y][x + 1] += fx * (1 - fy) / points;
        weight[y + 1][x] += (1 - fx) * fy / points;
        weight[y + 1][x + 1] += fx * fy / points;
    }
    for (y = 0; y <= 2 * REACH; y++) {
        for (x = 0; x <= 2 * REACH; x++) {
            if (weight[y][x] > 1e-9)
                tap[taps++] = (struct augment_tap){x - REACH, y - REACH, (float)weight[y][x]};
        }
    }
    return taps;
}

static int motion(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    struct augment_tap tap[AUGMENT_TAPS_MAX];
    int angle = (int)rng_below(rng, 360), length = 1 + (int)rng_below(rng, 10);

    return filter(s, img, tap, augment_motion_taps(angle, length, tap), err);
}

const struct augmentation augment_motion = {
    .name = "motion",
    .help = "motion blur of 1 to 10 pixels in any direction, centred",
    .probability = 0.3,
    .apply = motion,
};

static int blur(struct augment_scratch *s, struct image *img, struct rng *rng, struct err *err)
{
    static const double sigmas[] = {0.8, 1, 2}; /* 0 stands for 0.8 in OpenCV's 3 x 3 kernel */
    double sigma = sigmas[rng_below(rng, 3)], side = exp(-0.5 / (sigma * sigma));
    double w[3] = {side / (1 + 2 * side), 1 / (1 + 2 * side), side / (1 + 2 * side)};
    struct augment_tap tap[9];
    int i;

    for (i = 0; i < 9; i++)
        tap[i] = (struct augment_tap){i % 3 - 1, i / 3 - 1, (float)(w[i % 3] * w[i / 3])};
    return filter(s, img, tap, 9, err);
}

const struct augmentation augment_blur = {
    .name = "blur",
    .help = "3 x 3 Gaussian blur of standard deviation 0.8, 1 or 2 pixels",
    .probability = 0.3,
    .apply = blur,
};
