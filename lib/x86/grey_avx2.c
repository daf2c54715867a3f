/* AVX2: sixteen pixels at a time. */
#include "lib/grey_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "lib/cpu.h"

/* Sums of eight pixels, 24 bytes from p on, in order; reads 28 bytes. */
static inline __m256i eight(const uint8_t *p)
{
    const __m256i red_green =
        _mm256_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1, 0, -1, 1, -1, 3,
                         -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1);
    const __m256i blue =
        _mm256_setr_epi8(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1, 2, -1, -1, -1,
                         5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1);
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(p + 12));
    __m256i all = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    __m256i sum = _mm256_madd_epi16(_mm256_shuffle_epi8(all, red_green),
                                    _mm256_set1_epi32(GREY_GREEN << 16 | GREY_RED));

    sum = _mm256_add_epi32(
        sum, _mm256_madd_epi16(_mm256_shuffle_epi8(all, blue), _mm256_set1_epi32(GREY_BLUE)));
    return _mm256_srli_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(GREY_HALF)), GREY_BITS);
}

static void row_avx2(uint8_t *restrict out, const uint8_t *restrict rgb, int n)
{
    int x = 0;

    for (; x + 18 <= n; x += 16) { /* four bytes more are read */
        /* Packing works within halves: pixels 0-3, 8-11 and 4-7, 12-15. */
        __m256i words = _mm256_packs_epi32(eight(rgb + 3 * x), eight(rgb + 3 * x + 24));
        __m256i bytes = _mm256_packus_epi16(words, words);

        _mm_storeu_si128(
            (__m128i *)(void *)(out + x),
            _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    }
    grey_from(x, out, rgb, n);
}

void grey_ops_init_x86(struct grey_ops *ops, unsigned cpu_mask)
{
    if (cpu_mask & cpu_flags() & CPU_AVX2)
        ops->row = row_avx2;
}

#endif
