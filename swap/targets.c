#include "swap/targets.h"

#include <math.h>
#include <string.h>

/* exp(-k^2 / 18), k = 0, 1, 2, normalised to 256. */
static const int taps[3] = {56, 54, 46};

static int clamp(int v)
{
    return v < 0 ? 0 : v > SAMPLE_PX - 1 ? SAMPLE_PX - 1 : v;
}

static void blur(const struct image *mask, uint8_t out[SAMPLE_PX][SAMPLE_PX])
{
    uint16_t across[SAMPLE_PX][SAMPLE_PX];
    int x, y, k;

    for (y = 0; y < SAMPLE_PX; y++) {
        const uint8_t *m = image_row(mask, y);

        for (x = 0; x < SAMPLE_PX; x++) {
            int sum = taps[0] * m[x];

            for (k = 1; k <= 2; k++)
                sum += taps[k] * (m[clamp(x - k)] + m[clamp(x + k)]);
            across[y][x] = (uint16_t)sum;
        }
    }
    for (y = 0; y < SAMPLE_PX; y++) {
        for (x = 0; x < SAMPLE_PX; x++) {
            unsigned sum = 32768 + (unsigned)taps[0] * across[y][x];

            for (k = 1; k <= 2; k++)
                sum += (unsigned)taps[k] *
                       ((unsigned)across[clamp(y - k)][x] + across[clamp(y + k)][x]);
            out[y][x] = (uint8_t)(sum >> 16);
        }
    }
}

/* Does the mask hold 0 and one other value only? *most = its largest value. */
static bool is_hard(const struct image *mask, int *most)
{
    uint8_t value = 0;
    bool hard = true;
    int x, y;

    for (y = 0; y < SAMPLE_PX; y++) {
        const uint8_t *m = image_row(mask, y);

        for (x = 0; x < SAMPLE_PX; x++) {
            hard = hard && (!m[x] || !value || m[x] == value);
            value = m[x] > value ? m[x] : value;
        }
    }
    *most = value;
    return hard;
}

int target_xray(const struct swap_sample *s, struct image *out, struct err *err)
{
    uint8_t soft[SAMPLE_PX][SAMPLE_PX];
    int most, x, y, r;
    bool hard = is_hard(&s->mask, &most);

    if ((r = image_shape(out, SAMPLE_PX, SAMPLE_PX, 1, err)))
        return r;
    image_fill(out, 0);
    if (!most)
        return 0;
    if (hard && !s->ring)
        blur(&s->mask, soft);
    for (y = 0; y < SAMPLE_PX; y++) {
        const uint8_t *m = hard && !s->ring ? soft[y] : image_row(&s->mask, y);
        uint8_t *o = image_row(out, y);

        for (x = 0; x < SAMPLE_PX; x++)
            o[x] =
                s->ring
                    ? (uint8_t)((255 * m[x] + most / 2) / most)
                    : (uint8_t)((4 * 255 * m[x] * (most - m[x]) + most * most / 2) / (most * most));
    }
    return 0;
}

void target_consistency(const struct image *mask, int grid, float *out)
{
    float cell[TARGET_GRID_MAX * TARGET_GRID_MAX];
    int n = grid * grid, i, j, x, y;

    for (i = 0; i < n; i++) {
        int x0 = i % grid * SAMPLE_PX / grid, x1 = (i % grid + 1) * SAMPLE_PX / grid;
        int y0 = i / grid * SAMPLE_PX / grid, y1 = (i / grid + 1) * SAMPLE_PX / grid;
        long sum = 0;

        for (y = y0; y < y1; y++) {
            for (x = x0; x < x1; x++)
                sum += image_row(mask, y)[x];
        }
        cell[i] = (float)((double)sum / (255.0 * (x1 - x0) * (y1 - y0)));
    }
    for (i = 0; i < n; i++) {
        for (j = 0; j < n; j++)
            out[(size_t)i * (size_t)n + (size_t)j] = 1.0f - fabsf(cell[i] - cell[j]);
    }
}
