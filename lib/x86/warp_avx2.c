/* AVX2: four pixels at a time. */
#include "lib/warp_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>
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

/* Four samples to take: whole parts, weights of the two columns and rows as pairs of 16 bits. */
struct taps {
    __m128i x, y, wx, wy;
};

static inline __m128i weights(__m128i position)
{
    __m128i f = _mm_and_si128(position, _mm_set1_epi32(WARP_ONE - 1));

    return _mm_or_si128(_mm_slli_epi32(f, 16), _mm_sub_epi32(_mm_set1_epi32(WARP_ONE), f));
}

/* Whether `bytes` of two rows can be loaded at each of the four. */
static inline bool all_inside(const struct taps *t, const struct image *src, int reach)
{
    __m128i low = _mm_or_si128(t->x, t->y); /* negative if either is */
    __m128i right = _mm_sub_epi32(_mm_set1_epi32(src->width - reach - 1), t->x);
    __m128i down = _mm_sub_epi32(_mm_set1_epi32(src->height - 2), t->y);

    return _mm_movemask_ps(_mm_castsi128_ps(_mm_or_si128(low, _mm_or_si128(right, down)))) == 0;
}

static inline __m256i load_two(const uint8_t *p, const uint8_t *q)
{
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadl_epi64((const __m128i *)(const void *)p)),
        _mm_loadl_epi64((const __m128i *)(const void *)q), 1);
}

/* above and below: 32-bit sums over the two columns; the result is the pixel's value. */
static inline __m256i blend_down(__m256i above, __m256i below, __m256i wy)
{
    __m256i half = _mm256_set1_epi32(1 << (WARP_CUT - 1)), both, sum;

    above = _mm256_srli_epi32(_mm256_add_epi32(above, half), WARP_CUT);
    below = _mm256_slli_epi32(_mm256_add_epi32(below, half), 16 - WARP_CUT);
    both = _mm256_blend_epi16(above, below, 0xaa);
    sum = _mm256_add_epi32(_mm256_madd_epi16(both, wy), _mm256_set1_epi32(1 << (WARP_LAST - 1)));
    return _mm256_srli_epi32(sum, WARP_LAST);
}

static inline __m256i two_rgb(const uint8_t *p, const uint8_t *q, ptrdiff_t stride, __m256i wx,
                              __m256i wy)
{
    /* r g b r' g' b' -> r r' g g' b b' as 16-bit numbers */
    const __m256i pairs =
        _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 0, -1, 3, -1, 1,
                         -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
    __m256i above = _mm256_shuffle_epi8(load_two(p, q), pairs);
    __m256i below = _mm256_shuffle_epi8(load_two(p + stride, q + stride), pairs);

    return blend_down(_mm256_madd_epi16(above, wx), _mm256_madd_epi16(below, wx), wy);
}

/* 8 bytes are loaded where 6 are needed: the reach is 2 pixels, and 12 bytes are written. */
static inline void four_rgb(uint8_t *dst, const struct image *src, const struct taps *t)
{
    const __m256i first = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    const __m256i last = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    const __m128i close = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    __m256i wx = _mm256_castsi128_si256(t->wx), wy = _mm256_castsi128_si256(t->wy), a, b;
    __m128i at = _mm_add_epi32(_mm_mullo_epi32(t->y, _mm_set1_epi32((int)src->stride)),
                               _mm_add_epi32(t->x, _mm_slli_epi32(t->x, 1)));
    const uint8_t *p = src->data;
    ptrdiff_t stride = src->stride;
    __m128i out;
    int tail;

    a = two_rgb(p + _mm_cvtsi128_si32(at), p + _mm_extract_epi32(at, 1), stride,
                _mm256_permutevar8x32_epi32(wx, first), _mm256_permutevar8x32_epi32(wy, first));
    b = two_rgb(p + _mm_extract_epi32(at, 2), p + _mm_extract_epi32(at, 3), stride,
                _mm256_permutevar8x32_epi32(wx, last), _mm256_permutevar8x32_epi32(wy, last));
    a = _mm256_packus_epi32(a, b); /* 0 2 | 1 3 */
    a = _mm256_packus_epi16(a, a);
    out = _mm_unpacklo_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    out = _mm_shuffle_epi8(out, close);
    _mm_storel_epi64((__m128i *)(void *)dst, out);
    tail = _mm_extract_epi32(out, 2);
    memcpy(dst + 8, &tail, 4);
}

/* 4 bytes are loaded where 2 are needed. */
static inline void four_grey(uint8_t *dst, const struct image *src, const struct taps *t)
{
    const __m128i pairs = _mm_setr_epi8(0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13, -1);
    const __m128i half = _mm_set1_epi32(1 << (WARP_CUT - 1));
    __m128i at = _mm_add_epi32(_mm_mullo_epi32(t->y, _mm_set1_epi32((int)src->stride)), t->x);
    const int *p = (const int *)(const void *)src->data;
    const int *q = (const int *)(const void *)(src->data + src->stride);
    __m128i above = _mm_shuffle_epi8(_mm_i32gather_epi32(p, at, 1), pairs);
    __m128i below = _mm_shuffle_epi8(_mm_i32gather_epi32(q, at, 1), pairs), sum;
    int out;

    above = _mm_srli_epi32(_mm_add_epi32(_mm_madd_epi16(above, t->wx), half), WARP_CUT);
    below = _mm_slli_epi32(_mm_add_epi32(_mm_madd_epi16(below, t->wx), half), 16 - WARP_CUT);
    sum = _mm_madd_epi16(_mm_blend_epi16(above, below, 0xaa), t->wy);
    sum = _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << (WARP_LAST - 1))), WARP_LAST);
    sum = _mm_packus_epi32(sum, sum);
    out = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
    memcpy(dst, &out, 4);
}

static void row_avx2(uint8_t *dst, int n, int y, const struct image *src, const struct mat3 *inv)
{
    const double *m = inv->m;
    const __m256d mx = _mm256_set1_pd(m[0]), my = _mm256_set1_pd(m[3]), mw = _mm256_set1_pd(m[6]);
    __m256d ax = _mm256_set1_pd(m[1] * y + m[2]), ay = _mm256_set1_pd(m[4] * y + m[5]);
    __m256d aw = _mm256_set1_pd(m[7] * y + m[8]);
    __m256d far_x = _mm256_set1_pd(src->width + 1), far_y = _mm256_set1_pd(src->height + 1);
    __m256d scale = _mm256_div_pd(_mm256_set1_pd(1), aw); /* of a row without perspective */
    int x, i, c = src->channels;

    for (x = 0; x < n; x += 4) {
        __m256d at = _mm256_add_pd(_mm256_set1_pd(x), _mm256_setr_pd(0, 1, 2, 3));
        __m128i u, v;
        struct taps t;

        if (m[6] != 0)
            scale = _mm256_div_pd(_mm256_set1_pd(1), _mm256_add_pd(_mm256_mul_pd(mw, at), aw));
        u = position(_mm256_add_pd(_mm256_mul_pd(mx, at), ax), scale, far_x);
        v = position(_mm256_add_pd(_mm256_mul_pd(my, at), ay), scale, far_y);
        t = (struct taps){_mm_srai_epi32(u, WARP_BITS), _mm_srai_epi32(v, WARP_BITS), weights(u),
                          weights(v)};
        if (x + 4 <= n && all_inside(&t, src, c == 3 ? 2 : 3)) {
            if (c == 3)
                four_rgb(dst + 3 * x, src, &t);
            else
                four_grey(dst + x, src, &t);
        } else {
            int us[4], vs[4];

            _mm_storeu_si128((__m128i *)(void *)us, u);
            _mm_storeu_si128((__m128i *)(void *)vs, v);
            for (i = 0; i < 4 && x + i < n; i++)
                warp_pixel_c(dst + (x + i) * c, src, us[i], vs[i]);
        }
    }
}

void warp_ops_init_x86(struct warp_ops *ops, unsigned cpu_mask)
{
    if (cpu_mask & cpu_flags() & CPU_AVX2)
        ops->row = row_avx2;
}

#endif
