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

static void weigh_across(uint16_t *restrict out, const uint8_t *const *in, const int *c, int k,
                         int n)
{
    int i, j;

    for (i = 0; i < n; i++)
        out[i] = (uint16_t)(c[0] * in[0][i]);
    for (j = 1; j < k; j++) {
        const uint8_t *restrict p = in[j];
        uint16_t w = (uint16_t)c[j];

        for (i = 0; i < n; i++)
            out[i] = (uint16_t)(out[i] + w * p[i]);
    }
}

#define DOWN 64 /* elements at a time, so that their sums stay in registers or near */

static void weigh_down(uint8_t *restrict out, const uint16_t *const *in, const int *c, int k, int n)
{
    int i, j, x, m;

    for (x = 0; x < n; x += DOWN) {
        uint32_t sum[DOWN];

        m = n - x < DOWN ? n - x : DOWN;
        for (i = 0; i < DOWN; i++)
            sum[i] = 32768;
        for (j = 0; j < k; j++) {
            const uint16_t *restrict p = in[j] + x;
            uint32_t w = (uint32_t)c[j];

            for (i = 0; i < m; i++)
                sum[i] += w * p[i];
        }
        for (i = 0; i < m; i++)
            out[x + i] = (uint8_t)(sum[i] >> 16);
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

/* ---- Poisson --------------------------------------------------------------------------------- */

#define CROSS(i) ((row[i] + beside[i]) + (up[i] + down[i]))
#define CROSS_OF(near)                                                                             \
    const float *row = (near)->row, *beside = (near)->beside, *up = (near)->up, *down = (near)->down

static void relax(float *restrict v, const struct swap_cross *near, const float *restrict f,
                  const float *restrict w, int n)
{
    CROSS_OF(near);
    int i;

    for (i = 0; i < n; i++)
        v[i] = w[i] * (CROSS(i) + f[i]);
}

static void relax_keep(float *restrict v, const struct swap_cross *near, const float *restrict f,
                       const float *restrict w, int n)
{
    CROSS_OF(near);
    int i;

    for (i = 0; i < n; i++) {
        float old = v[i], u = w[i] * (CROSS(i) + f[i]);

        v[i] = w[i] != 0.0f ? u : old;
    }
}

static void multiply(float *restrict v, const float *restrict a, const float *restrict b, int n)
{
    int i;

    for (i = 0; i < n; i++)
        v[i] = a[i] * b[i];
}

static void residual(float *restrict r, const float *restrict v, const struct swap_cross *near,
                     const float *restrict f, const float *restrict d, int n)
{
    CROSS_OF(near);
    int i;

    for (i = 0; i < n; i++) {
        float u = f[i] + (CROSS(i) - d[i] * v[i]);

        r[i] = d[i] != 0.0f ? u : 0.0f;
    }
}

/* Eight floats, wherever they lie; the compiler makes one or two registers of them. */
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int eight_bits __attribute__((vector_size(32), aligned(4), may_alias));
#define EIGHT(p)       (*(const eight *)(p))
#define WHERE(test, u) ((eight)((eight_bits)(test) & (eight_bits)(u)))

static inline void keep_larger(eight *top, const eight *u)
{
    eight size = (eight)((eight_bits)*u & 0x7fffffff);
    eight_bits more = size > *top;

    *top = (eight)(((eight_bits)size & more) | ((eight_bits)*top & ~more));
}

static void apply(float *restrict q, const float *restrict v, const struct swap_cross *near,
                  const float *restrict d, float sum[8], int n)
{
    CROSS_OF(near);
    eight part = EIGHT(sum);
    int i;

    for (i = 0; i < n; i += 8) {
        eight u = EIGHT(d + i) * EIGHT(v + i) -
                  ((EIGHT(row + i) + EIGHT(beside + i)) + (EIGHT(up + i) + EIGHT(down + i)));

        u = WHERE(EIGHT(d + i) != 0.0f, u);
        *(eight *)(q + i) = u;
        part += EIGHT(v + i) * u;
    }
    *(eight *)sum = part;
}

static void negate(float *v, float top[8], int n)
{
    eight part = EIGHT(top);
    int i;

    for (i = 0; i < n; i += 8) {
        eight u = -EIGHT(v + i);

        *(eight *)(v + i) = u;
        keep_larger(&part, &u);
    }
    *(eight *)top = part;
}

static void dot(const float *a, const float *b, float sum[8], int n)
{
    eight part = EIGHT(sum);
    int i;

    for (i = 0; i < n; i += 8)
        part += EIGHT(a + i) * EIGHT(b + i);
    *(eight *)sum = part;
}

static void follow(float *restrict p, float s, const float *restrict z, int n)
{
    int i;

    for (i = 0; i < n; i++)
        p[i] = z[i] + s * p[i];
}

static void advance(float *restrict x, float *restrict f, const float *restrict p,
                    const float *restrict q, float a, float top[8], int n)
{
    eight part = EIGHT(top);
    int i;

    for (i = 0; i < n; i += 8) {
        eight u = EIGHT(f + i) - a * EIGHT(q + i);

        *(eight *)(x + i) = EIGHT(x + i) + a * EIGHT(p + i);
        *(eight *)(f + i) = u;
        keep_larger(&part, &u);
    }
    *(eight *)top = part;
}

static void gather(float *restrict out, const float *restrict r, const float *restrict up,
                   const float *restrict down, int n)
{
    int i;

    for (i = 0; i < n; i++)
        out[i] = r[i] + 0.25f * ((up[i - 1] + up[i]) + (down[i - 1] + down[i]));
}

static void spread(float *restrict v, float keep, const float *restrict a, const float *restrict b,
                   const float *restrict w, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        float u = keep * v[i] + 0.25f * ((a[i] + a[i + 1]) + (b[i] + b[i + 1]));

        v[i] = w[i] != 0.0f ? u : v[i];
    }
}

static void add_where(float *restrict v, float keep, const float *restrict c,
                      const float *restrict w, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        float u = keep * v[i] + c[i];

        v[i] = w[i] != 0.0f ? u : v[i];
    }
}

static void split(float *restrict even, float *restrict odd, const float *restrict in, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        even[i] = in[2 * i];
        odd[i] = in[2 * i + 1];
    }
}

static void join(float *restrict out, const float *restrict even, const float *restrict odd, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        out[2 * i] = even[i];
        out[2 * i + 1] = odd[i];
    }
}

#define SWAP_OPS_TABLE                                                                             \
    {                                                                                              \
        .alpha_row = alpha_row, .halve_row = halve_row, .min_rows = min_rows,                      \
        .weigh_across = weigh_across, .weigh_down = weigh_down, .dssim_across = dssim_across,      \
        .dssim_down = dssim_down, .relax = relax, .relax_keep = relax_keep, .multiply = multiply,  \
        .residual = residual, .apply = apply, .negate = negate, .dot = dot, .follow = follow,      \
        .advance = advance, .gather = gather, .spread = spread, .add_where = add_where,            \
        .split = split, .join = join,                                                              \
    }
