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

/* The four neighbours of the points of a row: rows in which entry i is a neighbour of point i. */
struct swap_cross {
    const float *row, *beside, *up, *down;
};

struct swap_ops {
    /* out[i] = round((m[i] fg[i] + (255 - m[i]) bg[i]) / 255), n bytes; out may be fg or bg. */
    void (*alpha_row)(uint8_t *out, const uint8_t *fg, const uint8_t *bg, const uint8_t *m, int n);

    /* Mean of 2x2 pixels, rounded: n output pixels of `channels` from two rows of 2n. */
    void (*halve_row)(uint8_t *out, const uint8_t *row0, const uint8_t *row1, int n, int channels);

    /* out[i] = min over k of in[k][i]: one step of an erosion. */
    void (*min_rows)(uint8_t *out, const uint8_t *const *in, int k, int n);

    /* out[i] = sum over j of c[j] in[j][i]; the weights are not negative and sum to 256. */
    void (*weigh_across)(uint16_t *out, const uint8_t *const *in, const int *c, int k, int n);

    /* out[i] = round(sum over j of c[j] in[j][i] / 65536). */
    void (*weigh_down)(uint8_t *out, const uint16_t *const *in, const int *c, int k, int n);

    /* Horizontal Gaussian of one row. a and b point at the first wanted value and can be read
     * from 5 step before it to 5 step after the last; step = channels; so can squares and products
     * be written, which are scratch. out[q] has n floats. */
    void (*dssim_across)(float *const out[DSSIM_SUMS], const float *a, const float *b,
                         float *squares, float *products, int n, int step);

    /* Vertical Gaussian of 11 rows in[row][sum], then D = |1 - SSIM| / 2. */
    void (*dssim_down)(float *out, const float *const in[DSSIM_TAPS][DSSIM_SUMS], int n);

    /* The solver's loops (poisson.h). n is a multiple of 8. Sums and maxima are kept in eight
     * parts: part[j] takes the elements i with i % 8 == j. */

    /* v[i] = w[i] (sum of the cross at i + f[i]); relax_keep: only where w[i] is not 0. */
    void (*relax)(float *v, const struct swap_cross *near, const float *f, const float *w, int n);
    void (*relax_keep)(float *v, const struct swap_cross *near, const float *f, const float *w,
                       int n);

    /* v[i] = a[i] b[i] */
    void (*multiply)(float *v, const float *a, const float *b, int n);

    /* r[i] = f[i] + sum of the cross at i - d[i] v[i], or 0 where d[i] is 0. */
    void (*residual)(float *r, const float *v, const struct swap_cross *near, const float *f,
                     const float *d, int n);

    /* q[i] = d[i] v[i] - sum of the cross at i, or 0 where d[i] is 0; sum += v[i] q[i]. */
    void (*apply)(float *q, const float *v, const struct swap_cross *near, const float *d,
                  float sum[8], int n);

    /* v[i] = -v[i]; top = max(top, |v[i]|). */
    void (*negate)(float *v, float top[8], int n);

    /* sum += a[i] b[i] */
    void (*dot)(const float *a, const float *b, float sum[8], int n);

    /* p[i] = z[i] + s p[i] */
    void (*follow)(float *p, float s, const float *z, int n);

    /* x[i] += a p[i]; f[i] -= a q[i]; top = max(top, |f[i]|). */
    void (*advance)(float *x, float *f, const float *p, const float *q, float a, float top[8],
                    int n);

    /* out[i] = r[i] + (up[i-1] + up[i] + down[i-1] + down[i]) / 4 */
    void (*gather)(float *out, const float *r, const float *up, const float *down, int n);

    /* v[i] = keep v[i] + (a[i] + a[i+1] + b[i] + b[i+1]) / 4 where w[i] is not 0. */
    void (*spread)(float *v, float keep, const float *a, const float *b, const float *w, int n);

    /* v[i] = keep v[i] + c[i] where w[i] is not 0. */
    void (*add_where)(float *v, float keep, const float *c, const float *w, int n);

    /* even[i] = in[2 i], odd[i] = in[2 i + 1]; join is the inverse. */
    void (*split)(float *even, float *odd, const float *in, int n);
    void (*join)(float *out, const float *even, const float *odd, int n);
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
