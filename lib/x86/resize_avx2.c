/* AVX2: sixteen columns at a time, two rows in each multiplication. */
#include "lib/resize_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "lib/cpu.h"

static inline __m256i load_words(const uint8_t *p)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static void blend_rows_avx2(uint16_t *out, const uint8_t *const *rows, const uint16_t *weight,
                            int count, int n)
{
    const __m256i half = _mm256_set1_epi32(1 << (RESIZE_CUT - 1));
    int x = 0, k;

    for (; x + 16 <= n; x += 16) {
        __m256i low = half, high = half;

        for (k = 0; k < count; k += 2) {
            /* The last of an odd number meets itself under a weight of zero. */
            int other = k + 1 < count ? weight[k + 1] : 0;
            __m256i w = _mm256_set1_epi32(other << 16 | weight[k]);
            __m256i a = load_words(rows[k] + x);
            __m256i b = load_words(rows[k + 1 < count ? k + 1 : k] + x);

            low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w));
        }
        _mm256_storeu_si256((__m256i *)(void *)(out + x),
                            _mm256_packus_epi32(_mm256_srli_epi32(low, RESIZE_CUT),
                                                _mm256_srli_epi32(high, RESIZE_CUT)));
    }
    for (; x < n; x++) {
        uint32_t sum = 1u << (RESIZE_CUT - 1);

        for (k = 0; k < count; k++)
            sum += (uint32_t)weight[k] * rows[k][x];
        out[x] = (uint16_t)(sum >> RESIZE_CUT);
    }
}

void resize_ops_init_x86(struct resize_ops *ops, unsigned cpu_mask)
{
    if (cpu_mask & cpu_flags() & CPU_AVX2)
        ops->blend_rows = blend_rows_avx2;
}

#endif
