/* AVX2: eight pixels of the pool at a time, eight floats of the leaves. The walks through the trees
 * stay plain C: four gathers a split cost more than the loads they replace. */
#include "extract/shape_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "lib/cpu.h"

/* ---- the pool --------------------------------------------------------------------------------*/

/* Whole pixel coordinates of eight places from + span * at, and all ones where they lie in
 * 0 .. n - 1. */
static inline __m256i pixel(__m256 at, double from, double span, int n, __m256i *inside)
{
    const __m256d half = _mm256_set1_pd(0.5), end = _mm256_set1_pd(n);
    __m256d v[2] = {_mm256_cvtps_pd(_mm256_castps256_ps128(at)),
                    _mm256_cvtps_pd(_mm256_extractf128_ps(at, 1))};
    __m128i whole[2], in[2];
    int k;

    for (k = 0; k < 2; k++) {
        __m256d p = _mm256_add_pd(_mm256_set1_pd(from), _mm256_mul_pd(_mm256_set1_pd(span), v[k]));
        __m256d f = _mm256_floor_pd(_mm256_add_pd(p, half));
        __m256d ok = _mm256_and_pd(_mm256_cmp_pd(f, _mm256_setzero_pd(), _CMP_GE_OQ),
                                   _mm256_cmp_pd(f, end, _CMP_LT_OQ));
        __m256 wide = _mm256_castpd_ps(ok);

        whole[k] = _mm256_cvttpd_epi32(f);
        in[k] = _mm_castps_si128(
            _mm_shuffle_ps(_mm256_castps256_ps128(wide), _mm256_extractf128_ps(wide, 1), 0x88));
    }
    *inside = _mm256_and_si256(*inside, _mm256_set_m128i(in[1], in[0]));
    return _mm256_set_m128i(whole[1], whole[0]);
}

/* Where eight pool pixels lie, in the unit square of the box. */
static inline void places(const struct shape_level *l, const float *shape, size_t i, float c,
                          float s, __m256 *x, __m256 *y)
{
    const __m256 vc = _mm256_set1_ps(c), vs = _mm256_set1_ps(s), minus = _mm256_set1_ps(-s);
    __m256i anchor = _mm256_slli_epi32(
        _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(l->anchor + i))), 1);
    __m256 ax = _mm256_i32gather_ps(shape, anchor, 4);
    __m256 ay = _mm256_i32gather_ps(shape + 1, anchor, 4);
    __m256 a = _mm256_loadu_ps(l->delta + 2 * i), b = _mm256_loadu_ps(l->delta + 2 * i + 8);
    __m256 lo = _mm256_permute2f128_ps(a, b, 0x20), hi = _mm256_permute2f128_ps(a, b, 0x31);
    __m256 dx = _mm256_shuffle_ps(lo, hi, 0x88), dy = _mm256_shuffle_ps(lo, hi, 0xdd);

    *x = _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(vc, dx), _mm256_mul_ps(minus, dy)), ax);
    *y = _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(vs, dx), _mm256_mul_ps(vc, dy)), ay);
}

static void read_pool_avx2(uint8_t *pool, const struct shape_level *l, const struct image *img,
                           const struct shape_box *box, const float *shape, float c, float s)
{
    const __m256i low = _mm256_set1_epi32(255);
    size_t bytes = (size_t)(img->height - 1) * (size_t)img->stride +
                   (size_t)img->width * (size_t)img->channels;
    size_t i = 0;

    /* A load has four bytes, an offset 31 bits. */
    if (img->width < 1 || img->height < 1 || bytes < 4 || bytes > INT32_MAX) {
        shape_read_pool(pool, l, img, box, shape, c, s);
        return;
    }
    for (; i + 8 <= l->features; i += 8) {
        const __m256i last = _mm256_set1_epi32((int)(bytes - 4));
        __m256i inside = _mm256_set1_epi32(-1), px, py, offset, from, value;
        __m256 x, y;

        places(l, shape, i, c, s, &x, &y);
        px = pixel(x, box->x, box->w, img->width, &inside);
        py = pixel(y, box->y, box->h, img->height, &inside);
        offset = _mm256_add_epi32(_mm256_mullo_epi32(py, _mm256_set1_epi32((int)img->stride)),
                                  _mm256_mullo_epi32(px, _mm256_set1_epi32(img->channels)));
        offset = _mm256_and_si256(offset, inside);
        /* The last pixels are read from before them, and moved down. */
        from = _mm256_min_epi32(offset, last);
        value = _mm256_i32gather_epi32((const int *)(const void *)img->data, from, 1);
        value = _mm256_srlv_epi32(value, _mm256_slli_epi32(_mm256_sub_epi32(offset, from), 3));
        if (img->channels == 3) {
            __m256i sum = _mm256_add_epi32(
                _mm256_and_si256(value, low),
                _mm256_add_epi32(_mm256_and_si256(_mm256_srli_epi32(value, 8), low),
                                 _mm256_and_si256(_mm256_srli_epi32(value, 16), low)));

            /* sum / 3 for sums up to 32767 */
            value = _mm256_mulhi_epu16(sum, _mm256_set1_epi32(21846));
        }
        value = _mm256_and_si256(_mm256_and_si256(value, low), inside);
        {
            __m128i words =
                _mm_packus_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));

            _mm_storel_epi64((__m128i *)(void *)(pool + i), _mm_packus_epi16(words, words));
        }
    }
    shape_read_pool_from(i, pool, l, img, box, shape, c, s);
}

/* ---- the leaves ------------------------------------------------------------------------------*/

#define LANES 8 /* floats of a vector */
#define WIDE  9 /* vectors that are summed at a time: half a leaf of 68 points */

static inline __attribute__((always_inline)) void
add_columns(float *shape, const float *const *leaf, size_t n, size_t at, size_t vectors)
{
    __m256 sum[WIDE];
    size_t i, k;

    for (k = 0; k < vectors; k++)
        sum[k] = _mm256_loadu_ps(shape + at + LANES * k);
    for (i = 0; i < n; i++)
        for (k = 0; k < vectors; k++)
            sum[k] = _mm256_add_ps(sum[k], _mm256_load_ps(leaf[i] + at + LANES * k));
    for (k = 0; k < vectors; k++)
        _mm256_storeu_ps(shape + at + LANES * k, sum[k]);
}

static void add_leaves_avx2(float *shape, size_t stride, const float *const *leaf, size_t n)
{
    size_t at = 0;

    for (; at + WIDE * LANES <= stride; at += WIDE * LANES)
        add_columns(shape, leaf, n, at, WIDE);
    for (; at + 4 * LANES <= stride; at += 4 * LANES)
        add_columns(shape, leaf, n, at, 4);
    for (; at < stride; at += LANES)
        add_columns(shape, leaf, n, at, 1);
}

void shape_ops_init_x86(struct shape_ops *ops, unsigned cpu_mask)
{
    if (cpu_mask & cpu_flags() & CPU_AVX2)
        *ops = (struct shape_ops){read_pool_avx2, add_leaves_avx2};
}

#endif
