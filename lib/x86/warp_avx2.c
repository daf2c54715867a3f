/* AVX2: positions of four pixels at a time, then each pixel's two rows of taps in one register. */
#include "lib/warp_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "lib/cpu.h"

/* (numerator) * scale, limited to [-2, far], in 1/WARP_ONE pixels. max(NaN, -2) is -2. */
static inline __m128i position(__m256d numerator, __m256d scale, __m256d far)
{
    __m256d u = _mm256_mul_pd(numerator, scale);

    u = _mm256_max_pd(u, _mm256_set1_pd(-2));
    u = _mm256_min_pd(u, far);
    u = _mm256_add_pd(_mm256_mul_pd(u, _mm256_set1_pd(WARP_ONE)), _mm256_set1_pd(WARP_BIAS));
    return _mm_sub_epi32(_mm256_cvttpd_epi32(u), _mm_set1_epi32((int)WARP_BIAS));
}

static inline __m128i load64(const uint8_t *p)
{
    return _mm_loadl_epi64((const __m128i *)(const void *)p);
}

/* above and below: 32-bit sums over the two columns. */
static inline __m128i blend_down(__m128i above, __m128i below, int fy)
{
    __m128i sum = _mm_add_epi32(_mm_mullo_epi32(above, _mm_set1_epi32(WARP_ONE - fy)),
                                _mm_mullo_epi32(below, _mm_set1_epi32(fy)));

    return _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(WARP_HALF)), 2 * WARP_BITS);
}

static inline void pixel_rgb(uint8_t *dst, const uint8_t *p, ptrdiff_t stride, int fx, int fy)
{
    /* r g b r' g' b' -> r r' g g' b b' as 16-bit numbers */
    const __m128i pairs = _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
    const __m128i bytes =
        _mm_setr_epi8(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    __m128i wx = _mm_set1_epi32(fx << 16 | (WARP_ONE - fx));
    __m128i above = _mm_madd_epi16(_mm_shuffle_epi8(load64(p), pairs), wx);
    __m128i below = _mm_madd_epi16(_mm_shuffle_epi8(load64(p + stride), pairs), wx);
    int rgb = _mm_cvtsi128_si32(_mm_shuffle_epi8(blend_down(above, below, fy), bytes));

    dst[0] = (uint8_t)rgb;
    dst[1] = (uint8_t)(rgb >> 8);
    dst[2] = (uint8_t)(rgb >> 16);
}

static inline void pixel_grey(uint8_t *dst, const uint8_t *p, ptrdiff_t stride, int fx, int fy)
{
    int above = p[0] * (WARP_ONE - fx) + p[1] * fx;
    int below = p[stride] * (WARP_ONE - fx) + p[stride + 1] * fx;

    *dst = (uint8_t)((above * (WARP_ONE - fy) + below * fy + WARP_HALF) >> (2 * WARP_BITS));
}

static inline void pixel(uint8_t *dst, const struct image *src, int u, int v)
{
    int x = u >> WARP_BITS, y = v >> WARP_BITS, c = src->channels;
    const uint8_t *p = src->data + (ptrdiff_t)y * src->stride + (ptrdiff_t)x * c;
    int fx = u & (WARP_ONE - 1), fy = v & (WARP_ONE - 1);

    /* 8 bytes are loaded from a row, which are two pixels and two thirds. */
    if (x < 0 || y < 0 || x >= src->width - 2 || y >= src->height - 1)
        warp_pixel_c(dst, src, u, v);
    else if (c == 3)
        pixel_rgb(dst, p, src->stride, fx, fy);
    else
        pixel_grey(dst, p, src->stride, fx, fy);
}

static void row_avx2(uint8_t *dst, int n, int y, const struct image *src, const struct mat3 *inv)
{
    const double *m = inv->m;
    __m256d ax = _mm256_set1_pd(m[1] * y + m[2]), ay = _mm256_set1_pd(m[4] * y + m[5]);
    __m256d aw = _mm256_set1_pd(m[7] * y + m[8]);
    __m256d far_x = _mm256_set1_pd(src->width + 1), far_y = _mm256_set1_pd(src->height + 1);
    int x, i, c = src->channels;

    for (x = 0; x < n; x += 4) {
        __m256d at = _mm256_add_pd(_mm256_set1_pd(x), _mm256_setr_pd(0, 1, 2, 3));
        __m256d w = _mm256_add_pd(_mm256_mul_pd(_mm256_set1_pd(m[6]), at), aw);
        __m256d scale = _mm256_div_pd(_mm256_set1_pd(1), w);
        int u[4], v[4];

        _mm_storeu_si128(
            (__m128i *)(void *)u,
            position(_mm256_add_pd(_mm256_mul_pd(_mm256_set1_pd(m[0]), at), ax), scale, far_x));
        _mm_storeu_si128(
            (__m128i *)(void *)v,
            position(_mm256_add_pd(_mm256_mul_pd(_mm256_set1_pd(m[3]), at), ay), scale, far_y));
        for (i = 0; i < 4 && x + i < n; i++)
            pixel(dst + (x + i) * c, src, u[i], v[i]);
    }
}

void warp_ops_init_x86(struct warp_ops *ops, unsigned cpu_mask)
{
    if (cpu_mask & cpu_flags() & CPU_AVX2)
        ops->row = row_avx2;
}

#endif
