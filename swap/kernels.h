/*
 * The inner loops of the swaps: plain C, compiled once for every processor and once with AVX2.
 * Both come from kernels_body.h. Each output element is computed by the same IEEE operations in
 * the same order (no fused multiply-add, no reordered sum), so the variants agree to the last bit
 * and a sample has the same bytes on any processor.
 */
#ifndef LP_SWAP_KERNELS_H
#define LP_SWAP_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define DSSIM_TAPS 11 /* of the Gaussian window, sigma 1.5 pixels */
#define DSSIM_SUMS 4  /* filtered: a, b, a^2 + b^2, a b, with a and b taken relative to 128 */

struct swap_ops {
    /* out[i] = round((m[i] fg[i] + (255 - m[i]) bg[i]) / 255), n bytes; out may be fg or bg. */
    void (*alpha_row)(uint8_t *out, const uint8_t *fg, const uint8_t *bg, const uint8_t *m, int n);

    /* Mean of 2x2 pixels, rounded: n output pixels of `channels` from two rows of 2n. */
    void (*halve_row)(uint8_t *out, const uint8_t *row0, const uint8_t *row1, int n, int channels);

    /* out[i] = min over k of in[k][i]: one step of an erosion. */
    void (*min_rows)(uint8_t *out, const uint8_t *const *in, int k, int n);

    /* Horizontal Gaussian of one row. a and b point at the first wanted value and can be read
     * from 5 step before it to 5 step after the last; step = channels; so can squares and products
     * be written, which are scratch. out[q] has n floats. */
    void (*dssim_across)(float *const out[DSSIM_SUMS], const float *a, const float *b,
                         float *squares, float *products, int n, int step);

    /* Vertical Gaussian of 11 rows in[row][sum], then D = |1 - SSIM| / 2. */
    void (*dssim_down)(float *out, const float *const in[DSSIM_TAPS][DSSIM_SUMS], int n);

    /* v[i] = w[i] (v[i-1] + v[i+1] + up[i] + down[i] - f[i]) where w[i] is not 0; no two
     * neighbours in a row have such a w. */
    void (*relax_row)(float *v, const float *up, const float *down, const float *f, const float *w,
                      int n);

    /* r[i] = f[i] - (v[i-1] + v[i+1] + up[i] + down[i] - d[i] v[i]), or 0 where d[i] is 0. */
    void (*residual_row)(float *r, const float *v, const float *up, const float *down,
                         const float *f, const float *d, int n);

    /* Sum of a[i] b[i] for i < n, n a multiple of 8, in eight partial sums. */
    double (*dot)(const float *a, const float *b, size_t n);

    /* Largest |a[i]|, n a multiple of 8. */
    float (*largest)(const float *a, size_t n);

    /* out[2 x] = (a[x] + b[x]) / 2, out[2 x + 1] = (a[x] + b[x] + a[x+1] + b[x+1]) / 4. */
    void (*spread_row)(float *out, const float *a, const float *b, int n);

    /* out[x] = (in[2x-1] + 2 in[2x] + in[2x+1]) / 4. */
    void (*gather_row)(float *out, const float *in, int n);

    /* v[x] = m[x] is not 0 ? keep v[x] + line[x] : v[x]. */
    void (*add_masked)(float *v, float keep, const float *line, const float *m, int n);

    /* y[i] = s y[i] + t x[i]. */
    void (*combine)(float *y, float s, const float *x, float t, size_t n);
};

/* The best variant that `cpu_mask` (lib/cpu.h) allows. */
const struct swap_ops *swap_ops_get(unsigned cpu_mask);

extern const struct swap_ops swap_ops_c;
#if defined(__x86_64__)
extern const struct swap_ops swap_ops_avx2;
#endif

/* The 1-D window: exp(-k^2 / (2 sigma^2)) normalised, k = -5..5. */
extern const float dssim_taps[DSSIM_TAPS];

#endif
