#include "evaluate/ranked.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
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

/* What is sorted, as it came. */
struct source {
    const double *score;
    const uint32_t *unit;
    const uint8_t *use; /* of a unit; NULL = all */
    size_t n;
};

static inline bool taken(const struct source *f, size_t i)
{
    return !f->use || f->use[f->unit[i]];
}

/* -0 becomes 0: they tie. */
static inline struct item item_of(const struct source *f, size_t i)
{
    return (struct item){f->score[i] + 0.0, f->unit[i]};
}

/* How often each digit of key32 occurs; how many items there are, and fakes. */
static size_t count_digits(const struct source *f, size_t (*count)[DIGITS], const uint8_t *label,
                           size_t *fakes)
{
    size_t i, kept = 0, pos = 0;

    for (i = 0; i < f->n; i++) {
        uint32_t k;

        if (!taken(f, i))
            continue;
        k = key32(f->score[i] + 0.0);
        count[0][k & (DIGITS - 1)]++;
        count[1][k >> DIGIT_BITS & (DIGITS - 1)]++;
        count[2][k >> (2 * DIGIT_BITS)]++;
        kept++;
        pos += label[f->unit[i]];
    }
    *fakes = pos;
    return kept;
}

/* Three counting passes on key32, the first out of the source; the result is in `a`. */
static void sort32(const struct source *f, struct item *a, struct item *b, size_t n,
                   size_t (*count)[DIGITS])
{
    size_t i;
    int d;

    offsets(count[0], DIGITS);
    for (i = 0; i < f->n; i++)
        if (taken(f, i)) {
            struct item x = item_of(f, i);

            a[count[0][key32(x.score) & (DIGITS - 1)]++] = x;
        }
    for (d = 1; d < 3; d++) {
        struct item *from = d == 1 ? a : b, *to = d == 1 ? b : a;

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
    struct source from = {score, unit, use, n};
    struct item *a = NULL, *b = NULL;
    size_t(*count)[DIGITS] = mem_array(3, sizeof(*count)), i, kept;

    *s = (struct sample){.label = label, .cluster = cluster, .n_clusters = n_clusters};
    if (!count)
        return err_nomem(err);
    kept = count_digits(&from, count, label, &s->n_pos);
    a = bulk_array(kept + 1, sizeof(*a));
    b = a && kept > FEW ? bulk_array(kept + 1, sizeof(*b)) : NULL;
    if (!a || (kept > FEW && !b)) {
        bulk_free(a);
        free(count);
        return bulk_failed(err);
    }
    s->n = kept;
    s->n_neg = kept - s->n_pos;
    if (kept > FEW) {
        sort32(&from, a, b, kept, count);
        refine(a, b, kept, count);
    } else {
        for (i = 0, kept = 0; i < n; i++)
            if (taken(&from, i))
                a[kept++] = item_of(&from, i);
        insertion(a, kept);
    }
    s->item = a;
    bulk_free(b);
    free(count);
    return 0;
}

void sample_release(struct sample *s)
{
    bulk_free(s->item);
    *s = (struct sample){0};
}
