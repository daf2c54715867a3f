/* The loops of kernels.h; included once per instruction set, which the compiler flags choose. */

#include <stddef.h>

#include "swap/kernels.h"

static void alpha_row(uint8_t *out, const uint8_t *fg, const uint8_t *bg, const uint8_t *m, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        /* t / 255 rounded, exact for t <= 255 * 255. */
        uint16_t t = (uint16_t)(m[i] * fg[i] + (255 - m[i]) * bg[i] + 128);

        out[i] = (uint8_t)((uint16_t)(t + (t >> 8)) >> 8);
    }
}

static void halve_row(uint8_t *restrict out, const uint8_t *restrict row0,
                      const uint8_t *restrict row1, int n, int channels)
{
    int x;

    if (channels == 3) {
        for (x = 0; x < n; x++) {
            const uint8_t *p = row0 + 6 * (ptrdiff_t)x, *q = row1 + 6 * (ptrdiff_t)x;

            out[3 * x] = (uint8_t)((p[0] + p[3] + q[0] + q[3] + 2) >> 2);
            out[3 * x + 1] = (uint8_t)((p[1] + p[4] + q[1] + q[4] + 2) >> 2);
            out[3 * x + 2] = (uint8_t)((p[2] + p[5] + q[2] + q[5] + 2) >> 2);
        }
        return;
    }
    for (x = 0; x < n; x++)
        out[x] =
            (uint8_t)((row0[2 * x] + row0[2 * x + 1] + row1[2 * x] + row1[2 * x + 1] + 2) >> 2);
}

static void min_rows(uint8_t *restrict out, const uint8_t *const *in, int k, int n)
{
    int i, j;

    for (i = 0; i < n; i++)
        out[i] = in[0][i];
    for (j = 1; j < k; j++) {
        const uint8_t *restrict p = in[j];

        for (i = 0; i < n; i++)
            out[i] = p[i] < out[i] ? p[i] : out[i];
    }
}

/* out[i] = the window over in[i - 5 step .. i + 5 step]. */
static void filter_across(float *restrict out, const float *restrict in, int n, int step)
{
    const float g0 = dssim_taps[5], g1 = dssim_taps[4], g2 = dssim_taps[3], g3 = dssim_taps[2],
                g4 = dssim_taps[1], g5 = dssim_taps[0];
    int i;

    for (i = 0; i < n; i++)
        out[i] = g0 * in[i] + g1 * (in[i - step] + in[i + step]) +
                 g2 * (in[i - 2 * step] + in[i + 2 * step]) +
                 g3 * (in[i - 3 * step] + in[i + 3 * step]) +
                 g4 * (in[i - 4 * step] + in[i + 4 * step]) +
                 g5 * (in[i - 5 * step] + in[i + 5 * step]);
}

static void dssim_across(float *const out[DSSIM_SUMS], const float *a, const float *b,
                         float *restrict squares, float *restrict products, int n, int step)
{
    int i, reach = 5 * step;

    for (i = -reach; i < n + reach; i++) {
        squares[i] = a[i] * a[i] + b[i] * b[i];
        products[i] = a[i] * b[i];
    }
    filter_across(out[0], a, n, step);
    filter_across(out[1], b, n, step);
    filter_across(out[2], squares, n, step);
    filter_across(out[3], products, n, step);
}

static void dssim_down(float *restrict out, const float *const in[DSSIM_TAPS][DSSIM_SUMS], int n)
{
    const float c1 = 6.5025f, c2 = 58.5225f; /* (0.01 * 255)^2, (0.03 * 255)^2 */
    int i;

    for (i = 0; i < n; i++) {
        float s[DSSIM_SUMS], ma, mb, ab, q, x;
        int j, k;

        for (j = 0; j < DSSIM_SUMS; j++) {
            s[j] = dssim_taps[5] * in[5][j][i];
            for (k = 1; k <= 5; k++)
                s[j] += dssim_taps[5 - k] * (in[5 - k][j][i] + in[5 + k][j][i]);
        }
        ab = s[3] - s[0] * s[1];
        q = s[2] - s[0] * s[0] - s[1] * s[1];
        ma = s[0] + 128.0f;
        mb = s[1] + 128.0f;
        x = (2.0f * ma * mb + c1) * (2.0f * ab + c2) / ((ma * ma + mb * mb + c1) * (q + c2));
        x = (1.0f - x) * 0.5f;
        out[i] = x < 0.0f ? -x : x;
    }
}

#define CHUNK 64

static void relax_row(float *v, const float *up, const float *down, const float *f, const float *w,
                      int n)
{
    int i, j;

    /* Selections are written so that every load is unconditional: the compiler then vectorises.
     * What a point reads beside itself has w = 0 and does not change in this pass, so a chunk may
     * be computed as a whole before it is stored. */
#define RELAX(k) (w[k] * (v[(k)-1] + v[(k) + 1] + up[k] + down[k] - f[k]))
    for (i = 0; i + CHUNK <= n; i += CHUNK) {
        float t[CHUNK];

        for (j = 0; j < CHUNK; j++) {
            float keep = w[i + j] == 0.0f ? v[i + j] : 0.0f;

            t[j] = RELAX(i + j) + keep;
        }
        for (j = 0; j < CHUNK; j++)
            v[i + j] = t[j];
    }
    if (i < n) {
        float t[CHUNK];

        n -= i;
        for (j = 0; j < n; j++) {
            float keep = w[i + j] == 0.0f ? v[i + j] : 0.0f;

            t[j] = RELAX(i + j) + keep;
        }
        for (j = 0; j < n; j++)
            v[i + j] = t[j];
    }
#undef RELAX
}

static void residual_row(float *restrict r, const float *v, const float *up, const float *down,
                         const float *f, const float *d, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        float set = d[i] != 0.0f ? 1.0f : 0.0f;

        r[i] = set * (f[i] - (v[i - 1] + v[i + 1] + up[i] + down[i] - d[i] * v[i]));
    }
}

static double dot(const float *a, const float *b, size_t n)
{
    float sum[8] = {0};
    size_t i, j;

    for (i = 0; i < n; i += 8) {
        for (j = 0; j < 8; j++)
            sum[j] += a[i + j] * b[i + j];
    }
    return ((double)sum[0] + sum[1]) + ((double)sum[2] + sum[3]) + ((double)sum[4] + sum[5]) +
           ((double)sum[6] + sum[7]);
}

static float largest(const float *a, size_t n)
{
    float most[8] = {0};
    size_t i, j;

    for (i = 0; i < n; i += 8) {
        for (j = 0; j < 8; j++) {
            float v = __builtin_fabsf(a[i + j]);

            most[j] = v > most[j] ? v : most[j];
        }
    }
    for (j = 1; j < 8; j++)
        most[0] = most[j] > most[0] ? most[j] : most[0];
    return most[0];
}

static void spread_row(float *restrict out, const float *restrict a, const float *restrict b, int n)
{
    int x;

    for (x = 0; x < n; x++) {
        float left = a[x] + b[x], right = a[x + 1] + b[x + 1];

        out[2 * x] = 0.5f * left;
        out[2 * x + 1] = 0.25f * (left + right);
    }
}

static void gather_row(float *restrict out, const float *restrict in, int n)
{
    int x;

    for (x = 0; x < n; x++)
        out[x] = 0.25f * (in[2 * x - 1] + 2.0f * in[2 * x] + in[2 * x + 1]);
}

static void add_masked(float *restrict v, float keep, const float *restrict line,
                       const float *restrict m, int n)
{
    int x;

    for (x = 0; x < n; x++) {
        float old = m[x] != 0.0f ? keep : 1.0f, add = m[x] != 0.0f ? line[x] : 0.0f;

        v[x] = old * v[x] + add;
    }
}

static void combine(float *restrict y, float s, const float *restrict x, float t, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        y[i] = s * y[i] + t * x[i];
}

#define SWAP_OPS_TABLE                                                                             \
    {                                                                                              \
        .alpha_row = alpha_row, .halve_row = halve_row, .min_rows = min_rows,                      \
        .dssim_across = dssim_across, .dssim_down = dssim_down, .relax_row = relax_row,            \
        .residual_row = residual_row, .dot = dot, .largest = largest, .spread_row = spread_row,    \
        .gather_row = gather_row, .add_masked = add_masked, .combine = combine,                    \
    }
