#include "evaluate/subspace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/linalg.h"
#include "lib/mem.h"
#include "lib/rng.h"

#define BLOCK  ((size_t)512)
#define NEARLY 1e-4

void subspace_release(struct subspace *s)
{
    free(s->q);
    *s = (struct subspace){0};
}

static double dot(const float *a, const float *b, size_t n)
{
    double s = 0;
    size_t i;

    for (i = 0; i < n; i++)
        s += (double)a[i] * b[i];
    return s;
}

int subspace_add(struct subspace *s, const float *w, size_t k, size_t dim, size_t most,
                 struct err *err)
{
    size_t i, j, l;
    int twice;

    s->dim = dim;
    for (i = 0; i < k && s->rank < most; i++) {
        double before = sqrt(dot(w + i * dim, w + i * dim, dim)), norm;
        float *v;

        if (mem_grow(&s->q, &s->cap, (s->rank + 1) * dim, sizeof(*s->q)))
            return err_nomem(err);
        v = s->q + s->rank * dim;
        memcpy(v, w + i * dim, dim * sizeof(*v));
        for (twice = 0; twice < 2; twice++)
            for (j = 0; j < s->rank; j++) {
                const float *q = s->q + j * dim;
                double c = dot(v, q, dim);

                for (l = 0; l < dim; l++)
                    v[l] -= (float)(c * q[l]);
            }
        norm = sqrt(dot(v, v, dim));
        if (!(norm > NEARLY * before))
            continue;
        for (l = 0; l < dim; l++)
            v[l] = (float)(v[l] / norm);
        s->rank++;
    }
    return 0;
}

int subspace_random(struct subspace *s, size_t r, size_t dim, uint64_t seed, uint32_t round,
                    struct err *err)
{
    float *w = mem_array(r * dim, sizeof(*w));
    struct rng g;
    size_t i;
    int code;

    *s = (struct subspace){0};
    if (!w)
        return err_nomem(err);
    rng_init(&g, seed, round, "directions", "subspace");
    for (i = 0; i < r * dim; i++)
        w[i] = (float)rng_normal(&g);
    code = subspace_add(s, w, r, dim, dim, err);
    free(w);
    return code;
}

int subspace_remove(const struct subspace *s, float *x, size_t n, const double *mean,
                    struct err *err)
{
    size_t dim = s->dim, i, j;
    float *t = mem_aligned(BLOCK * dim, sizeof(*t));
    float *c = mem_aligned(BLOCK * (s->rank + 1), sizeof(*c));
    float *back = mem_aligned(BLOCK * dim, sizeof(*back));
    int r = t && c && back ? 0 : err_nomem(err);

    for (i = 0; !r && s->rank && i < n; i += BLOCK) {
        size_t b = n - i < BLOCK ? n - i : BLOCK;

        for (j = 0; j < b * dim; j++)
            t[j] = (float)(x[i * dim + j] - (mean ? mean[j % dim] : 0));
        linalg_multiply(false, true, b, s->rank, dim, t, dim, s->q, dim, c);
        linalg_multiply(false, false, b, dim, s->rank, c, s->rank, s->q, dim, back);
        for (j = 0; j < b * dim; j++)
            x[i * dim + j] -= back[j];
    }
    free(t);
    free(c);
    free(back);
    return r;
}
