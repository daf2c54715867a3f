#include "evaluate/ranked.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)
#define FEW        24 /* up to so many items an insertion sort is faster */

/* Order-preserving: the float's bits, the sign flipped, negatives complemented. */
static inline uint32_t key32(double score)
{
    float f = (float)score;
    uint32_t u;

    memcpy(&u, &f, sizeof(u));
    return u ^ ((uint32_t) - (int32_t)(u >> 31) | 0x80000000u);
}

static inline uint64_t key64(double score)
{
    uint64_t u;

    memcpy(&u, &score, sizeof(u));
    return u ^ ((uint64_t) - (int64_t)(u >> 63) | UINT64_C(0x8000000000000000));
}

static void offsets(size_t *count, size_t n)
{
    size_t sum = 0, i, c;

    for (i = 0; i < n; i++) {
        c = count[i];
        count[i] = sum;
        sum += c;
    }
}

/* Three counting passes on key32; the result is in `b`. */
static void sort32(struct item *a, struct item *b, size_t n, size_t (*count)[DIGITS])
{
    size_t i;
    int d;

    memset(count, 0, 3 * sizeof(*count));
    for (i = 0; i < n; i++) {
        uint32_t k = key32(a[i].score);

        count[0][k & (DIGITS - 1)]++;
        count[1][k >> DIGIT_BITS & (DIGITS - 1)]++;
        count[2][k >> (2 * DIGIT_BITS)]++;
    }
    for (d = 0; d < 3; d++) {
        struct item *from = d == 1 ? b : a, *to = d == 1 ? a : b;

        offsets(count[d], DIGITS);
        for (i = 0; i < n; i++)
            to[count[d][key32(from[i].score) >> (d * DIGIT_BITS) & (DIGITS - 1)]++] = from[i];
    }
}

static void insertion(struct item *a, size_t n)
{
    size_t i, j;

    for (i = 1; i < n; i++) {
        struct item x = a[i];

        for (j = i; j && a[j - 1].score > x.score; j--)
            a[j] = a[j - 1];
        a[j] = x;
    }
}

/* Eight passes of a byte on key64, those that would move nothing left out; the result is in a. */
static void sort64(struct item *a, struct item *b, size_t n, size_t (*count)[DIGITS])
{
    struct item *from = a, *to = b, *t;
    size_t *c = count[0], i;
    int d;

    for (d = 0; d < 8; d++) {
        memset(c, 0, 256 * sizeof(*c));
        for (i = 0; i < n; i++)
            c[key64(from[i].score) >> (8 * d) & 255]++;
        if (c[key64(from[0].score) >> (8 * d) & 255] == n)
            continue;
        offsets(c, 256);
        for (i = 0; i < n; i++)
            to[c[key64(from[i].score) >> (8 * d) & 255]++] = from[i];
        t = from;
        from = to;
        to = t;
    }
    if (from != a)
        memcpy(a, from, n * sizeof(*a));
}

/* Puts runs that float32 cannot tell apart in the order of their doubles. */
static void refine(struct item *a, struct item *scratch, size_t n, size_t (*count)[DIGITS])
{
    size_t i, j;

    for (i = 0; i < n; i = j) {
        uint32_t k = key32(a[i].score);
        bool sorted = true;

        for (j = i + 1; j < n && key32(a[j].score) == k; j++)
            sorted &= a[j - 1].score <= a[j].score;
        if (sorted)
            continue;
        if (j - i <= FEW)
            insertion(a + i, j - i);
        else
            sort64(a + i, scratch, j - i, count);
    }
}

int sample_make(struct sample *s, const double *score, const uint32_t *unit, size_t n,
                const uint8_t *label, const uint32_t *cluster, size_t n_clusters,
                const uint8_t *use, struct err *err)
{
    struct item *a = NULL, *b = NULL;
    size_t(*count)[DIGITS] = NULL, i, kept = 0;

    *s = (struct sample){.label = label, .cluster = cluster, .n_clusters = n_clusters};
    if (use)
        for (i = 0; i < n; i++)
            kept += use[unit[i]] != 0;
    else
        kept = n;
    a = mem_aligned(kept + 1, sizeof(*a));
    b = mem_aligned(kept + 1, sizeof(*b));
    count = mem_array(3, sizeof(*count));
    if (!a || !b || !count) {
        free(a);
        free(b);
        free(count);
        return err_nomem(err);
    }
    for (i = 0, kept = 0; i < n; i++) {
        if (use && !use[unit[i]])
            continue;
        a[kept].score = score[i] + 0.0; /* -0 becomes 0: they tie */
        a[kept++].unit = unit[i];
        s->n_pos += label[unit[i]];
    }
    s->n = kept;
    s->n_neg = kept - s->n_pos;
    if (kept > FEW) {
        sort32(a, b, kept, count);
        refine(b, a, kept, count);
        s->item = b;
        free(a);
    } else {
        insertion(a, kept);
        s->item = a;
        free(b);
    }
    free(count);
    return 0;
}

void sample_release(struct sample *s)
{
    free(s->item);
    *s = (struct sample){0};
}
