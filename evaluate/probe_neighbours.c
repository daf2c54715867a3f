#include <math.h>
#include <stdlib.h>

#include "evaluate/linalg.h"
#include "evaluate/probe_methods.h"
#include "lib/mem.h"

#define BLOCK 512
#define BINS  65536

struct search {
    const uint32_t *video, *group;
    float *best; /* similarity of the nearest so far */
    uint32_t *nearest;
    uint64_t *same, *other; /* pairs by similarity */
};

static inline void offer(struct search *s, size_t i, size_t j, float v)
{
    /* Blocks come in the order of j for every i, so the first of equals is the lower row. */
    if (v > s->best[i] || (v == s->best[i] && j < s->nearest[i])) {
        s->best[i] = v;
        s->nearest[i] = (uint32_t)j;
    }
}

static void scan(struct search *s, const float *c, size_t i0, size_t ni, size_t j0, size_t nj)
{
    size_t i, j;

    for (i = 0; i < ni; i++)
        for (j = i0 == j0 ? i + 1 : 0; j < nj; j++) {
            size_t a = i0 + i, b = j0 + j;
            float v = c[i * nj + j];
            int bin;

            if (s->video[a] == s->video[b])
                continue;
            offer(s, a, b, v);
            offer(s, b, a, v);
            bin = (int)((v + 1) * (BINS / 2));
            bin = bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
            (s->group[a] == s->group[b] ? s->same : s->other)[bin]++;
        }
}

static void read_bins(const struct search *s, struct verification *v)
{
    static const double far[2] = {1e-3, 1e-4};
    double same = 0, other = 0, u = 0, accepted = 0, wrong = 0;
    size_t i;
    int k;

    for (i = 0; i < BINS; i++) {
        u += (double)s->same[i] * (other + 0.5 * (double)s->other[i]);
        same += (double)s->same[i];
        other += (double)s->other[i];
    }
    *v = (struct verification){NAN, {0, 0}, same, other};
    if (same > 0 && other > 0)
        v->auc = u / (same * other);
    for (i = BINS; i-- > 0;) {
        accepted += (double)s->same[i];
        wrong += (double)s->other[i];
        for (k = 0; k < 2; k++)
            if (wrong <= far[k] * other)
                v->tar[k] = accepted / same;
    }
}

int neighbours(const float *x, size_t n, size_t dim, const uint32_t *video, const uint32_t *group,
               uint32_t *nearest, struct verification *out, struct err *err)
{
    float *unit = mem_aligned(n * dim, sizeof(*unit)), *c = mem_aligned(BLOCK * BLOCK, sizeof(*c));
    struct search s = {video,
                       group,
                       mem_array(n, sizeof(float)),
                       nearest,
                       mem_array(BINS, sizeof(uint64_t)),
                       mem_array(BINS, sizeof(uint64_t))};
    size_t i, j;
    int r = 0;

    if (!unit || !c || !s.best || !s.same || !s.other) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < n; i++) {
        double norm = 0;

        for (j = 0; j < dim; j++)
            norm += (double)x[i * dim + j] * x[i * dim + j];
        norm = norm > 0 ? 1 / sqrt(norm) : 0;
        for (j = 0; j < dim; j++)
            unit[i * dim + j] = (float)(x[i * dim + j] * norm);
        s.best[i] = -INFINITY;
        nearest[i] = UINT32_MAX;
    }
    for (i = 0; i < n; i += BLOCK)
        for (j = i; j < n; j += BLOCK) {
            size_t ni = n - i < BLOCK ? n - i : BLOCK, nj = n - j < BLOCK ? n - j : BLOCK;

            linalg_multiply(false, true, ni, nj, dim, unit + i * dim, dim, unit + j * dim, dim, c);
            scan(&s, c, i, ni, j, nj);
        }
    read_bins(&s, out);
out:
    free(unit);
    free(c);
    free(s.best);
    free(s.same);
    free(s.other);
    return r;
}
