/* The loops of yuv_body.h for AVX2; the one that writes RGB by hand, as compilers do not find the
 * pairs of products. */
#include "lib/yuv.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "lib/cpu.h"

void yuv_ops_init_x86(struct yuv_ops *ops, unsigned cpu_mask);

#define YUV_NAME(x) x##_avx2
#include "lib/yuv_body.h"

static inline __m256i pair(int low, int high)
{
    return _mm256_set1_epi32((int)((unsigned)high << 16 | ((unsigned)low & 0xffff)));
}

/* Two registers of eight 32-bit sums in 1/2^17, lanes as unpacklo and unpackhi leave them, to
 * sixteen 16-bit numbers in order. */
static inline __m256i narrow(__m256i low, __m256i high)
{
    return _mm256_packs_epi32(_mm256_srai_epi32(low, 17), _mm256_srai_epi32(high, 17));
}

/* Sixteen numbers to bytes, clipped. */
static inline __m128i bytes(__m256i v)
{
    return _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

/* Sixteen pixels, 48 bytes. */
static inline void store(uint8_t *rgb, __m128i r, __m128i g, __m128i b)
{
    const __m128i r0 = _mm_setr_epi8(0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5);
    const __m128i g0 = _mm_setr_epi8(-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1);
    const __m128i b0 = _mm_setr_epi8(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1);
    const __m128i r1 = _mm_setr_epi8(-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1);
    const __m128i g1 = _mm_setr_epi8(5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10);
    const __m128i b1 = _mm_setr_epi8(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1);
    const __m128i r2 =
        _mm_setr_epi8(-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1);
    const __m128i g2 =
        _mm_setr_epi8(-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1);
    const __m128i b2 =
        _mm_setr_epi8(10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15);
    __m128i *out = (__m128i *)(void *)rgb;

    _mm_storeu_si128(out,
                     _mm_or_si128(_mm_shuffle_epi8(r, r0),
                                  _mm_or_si128(_mm_shuffle_epi8(g, g0), _mm_shuffle_epi8(b, b0))));
    _mm_storeu_si128(out + 1,
                     _mm_or_si128(_mm_shuffle_epi8(r, r1),
                                  _mm_or_si128(_mm_shuffle_epi8(g, g1), _mm_shuffle_epi8(b, b1))));
    _mm_storeu_si128(out + 2,
                     _mm_or_si128(_mm_shuffle_epi8(r, r2),
                                  _mm_or_si128(_mm_shuffle_epi8(g, g2), _mm_shuffle_epi8(b, b2))));
}

static void colour_by_16(uint8_t *rgb, const uint8_t *y, const int16_t *u, const int16_t *v, int n,
                         const struct yuv_matrix *m)
{
    const __m256i black = _mm256_set1_epi16(m->black), half = _mm256_set1_epi32(1 << 16);
    const __m256i y_v = pair(m->y, m->r_v), y_u = pair(m->y, m->b_u);
    const __m256i y_one = pair(m->y, 0), u_v = pair(m->g_u, m->g_v);
    int x;

    for (x = 0; x + 16 <= n; x += 16) {
        __m128i luma = _mm_loadu_si128((const __m128i *)(const void *)(y + x));
        __m256i yy = _mm256_slli_epi16(_mm256_sub_epi16(_mm256_cvtepu8_epi16(luma), black), 3);
        __m256i uu = _mm256_loadu_si256((const __m256i *)(const void *)(u + x));
        __m256i vv = _mm256_loadu_si256((const __m256i *)(const void *)(v + x));
        __m256i yv0 = _mm256_unpacklo_epi16(yy, vv), yv1 = _mm256_unpackhi_epi16(yy, vv);
        __m256i yu0 = _mm256_unpacklo_epi16(yy, uu), yu1 = _mm256_unpackhi_epi16(yy, uu);
        __m256i uv0 = _mm256_unpacklo_epi16(uu, vv), uv1 = _mm256_unpackhi_epi16(uu, vv);
        __m256i r0 = _mm256_add_epi32(_mm256_madd_epi16(yv0, y_v), half);
        __m256i r1 = _mm256_add_epi32(_mm256_madd_epi16(yv1, y_v), half);
        __m256i b0 = _mm256_add_epi32(_mm256_madd_epi16(yu0, y_u), half);
        __m256i b1 = _mm256_add_epi32(_mm256_madd_epi16(yu1, y_u), half);
        __m256i g0 = _mm256_add_epi32(_mm256_madd_epi16(yu0, y_one), half);
        __m256i g1 = _mm256_add_epi32(_mm256_madd_epi16(yu1, y_one), half);

        g0 = _mm256_add_epi32(g0, _mm256_madd_epi16(uv0, u_v));
        g1 = _mm256_add_epi32(g1, _mm256_madd_epi16(uv1, u_v));
        store(rgb + 3 * x, bytes(narrow(r0, r1)), bytes(narrow(g0, g1)), bytes(narrow(b0, b1)));
    }
    colour_avx2(rgb + 3 * x, y + x, u + x, v + x, n - x, m);
}

void yuv_ops_init_x86(struct yuv_ops *ops, unsigned cpu_mask)
{
    if (cpu_mask & cpu_flags() & CPU_AVX2)
        *ops = (struct yuv_ops){blend_avx2, widen_avx2, colour_by_16};
}

#endif
