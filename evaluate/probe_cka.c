#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/linalg.h"
#include "evaluate/probe_parts.h"
#include "lib/mem.h"
#include "lib/rng.h"

/* Rows that both files have, in one order. */
struct both {
    float *a, *b;
    uint32_t *video;
    size_t n;
};

static void both_release(struct both *m)
{
    free(m->a);
    free(m->b);
    free(m->video);
}

struct keyed {
    uint64_t key;
    uint32_t at;
};

static int by_key(const void *x, const void *y)
{
    const struct keyed *a = x, *b = y;

    return a->key != b->key ? (a->key < b->key ? -1 : 1) : (a->at > b->at) - (a->at < b->at);
}

static struct keyed *keys_of(const struct features *f)
{
    struct keyed *k = mem_array(f->n, sizeof(*k));
    size_t i;

    for (i = 0; k && i < f->n; i++)
        k[i] = (struct keyed){f->key[i], (uint32_t)i};
    if (k)
        qsort(k, f->n, sizeof(*k), by_key);
    return k;
}

static int match(const struct features *a, const struct features *b, struct both *m,
                 struct err *err)
{
    struct keyed *ka = keys_of(a), *kb = keys_of(b);
    size_t most = a->n < b->n ? a->n : b->n, i = 0, j = 0;
    int r = 0;

    *m = (struct both){mem_aligned(most * a->dim + 1, sizeof(float)),
                       mem_aligned(most * b->dim + 1, sizeof(float)),
                       mem_array(most, sizeof(uint32_t)), 0};
    if (!ka || !kb || !m->a || !m->b || !m->video)
        r = err_nomem(err);
    while (!r && i < a->n && j < b->n) {
        if (ka[i].key < kb[j].key) {
            i++;
        } else if (ka[i].key > kb[j].key) {
            j++;
        } else {
            memcpy(m->a + m->n * a->dim, a->x + ka[i].at * a->dim, a->dim * sizeof(float));
            memcpy(m->b + m->n * b->dim, b->x + kb[j].at * b->dim, b->dim * sizeof(float));
            m->video[m->n++] = a->video[ka[i].at];
            i++;
            j++;
        }
    }
    free(ka);
    free(kb);
    return r;
}

static int centre(float *x, size_t n, size_t dim, struct err *err)
{
    double *mean = mem_array(dim, sizeof(*mean));
    size_t i, j;

    if (!mean)
        return err_nomem(err);
    for (i = 0; i < n; i++)
        for (j = 0; j < dim; j++)
            mean[j] += x[i * dim + j];
    for (i = 0; i < n; i++)
        for (j = 0; j < dim; j++)
            x[i * dim + j] -= (float)(mean[j] / (double)n);
    free(mean);
    return 0;
}

/* |x' y|^2 (Frobenius) of centred rows. */
static int product(const float *x, size_t dx, const float *y, size_t dy, size_t n, double *norm,
                   struct err *err)
{
    float *c = mem_aligned(dx * dy, sizeof(*c));
    size_t i;

    if (!c)
        return err_nomem(err);
    linalg_multiply(true, false, dx, dy, n, x, dx, y, dy, c);
    *norm = 0;
    for (i = 0; i < dx * dy; i++)
        *norm += (double)c[i] * c[i];
    free(c);
    return 0;
}

static int cka(const float *x, size_t dx, const float *y, size_t dy, size_t n, double *value,
               struct err *err)
{
    double xy, xx, yy;
    int r;

    if ((r = product(x, dx, y, dy, n, &xy, err)) || (r = product(x, dx, x, dx, n, &xx, err)) ||
        (r = product(y, dy, y, dy, n, &yy, err)))
        return r;
    *value = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
    return 0;
}

/* Means of the rows of each video, the first `most` videos; how many. */
static size_t video_means(const struct both *m, const float *x, size_t dim, uint32_t *slot,
                          size_t n_slots, size_t most, float *to, double *count)
{
    size_t i, j, n = 0;

    memset(slot, 0xff, n_slots * sizeof(*slot));
    memset(to, 0, most * dim * sizeof(*to));
    memset(count, 0, most * sizeof(*count));
    for (i = 0; i < m->n; i++) {
        uint32_t *s = &slot[m->video[i]];

        if (*s == UINT32_MAX) {
            if (n == most)
                continue;
            *s = (uint32_t)n++;
        }
        count[*s]++;
        for (j = 0; j < dim; j++)
            to[*s * dim + j] += x[i * dim + j];
    }
    for (i = 0; i < n; i++)
        for (j = 0; j < dim; j++)
            to[i * dim + j] = (float)(to[i * dim + j] / count[i]);
    return n;
}

static int by_videos(const struct both *m, size_t da, size_t db, const struct feature_options *o,
                     struct probes *out, struct err *err)
{
    size_t slots = 0, n, i, j, b, more = 0;
    float *xa = mem_aligned(CKA_VIDEOS * da, sizeof(float)), *k = NULL, *l = NULL;
    float *xb = mem_aligned(CKA_VIDEOS * db, sizeof(float));
    double *count = mem_array(CKA_VIDEOS, sizeof(double)), kk = 0, ll = 0, kl = 0, null = 0;
    uint32_t *slot = NULL, *order = mem_array(CKA_VIDEOS, sizeof(*order));
    struct probe *p;
    int r = 0;

    for (i = 0; i < m->n; i++)
        slots = m->video[i] >= slots ? (size_t)m->video[i] + 1 : slots;
    slot = mem_array(slots, sizeof(*slot));
    if (!xa || !xb || !count || !slot || !order) {
        r = err_nomem(err);
        goto out;
    }
    n = video_means(m, m->a, da, slot, slots, CKA_VIDEOS, xa, count);
    video_means(m, m->b, db, slot, slots, CKA_VIDEOS, xb, count);
    p = probe_add(out, "cka_videos", "", "", "videos");
    k = mem_aligned(n * n + 1, sizeof(*k));
    l = mem_aligned(n * n + 1, sizeof(*l));
    if (!p || !k || !l || centre(xa, n, da, err) || centre(xb, n, db, err)) {
        r = err_nomem(err);
        goto out;
    }
    p->n = n;
    linalg_multiply(false, true, n, n, da, xa, da, xa, da, k);
    linalg_multiply(false, true, n, n, db, xb, db, xb, db, l);
    for (i = 0; i < n * n; i++) {
        kk += (double)k[i] * k[i];
        ll += (double)l[i] * l[i];
        kl += (double)k[i] * l[i];
    }
    if (n < 3 || !(kk > 0) || !(ll > 0)) {
        probe_undefined(p, n < 3 ? "fewer than 3 videos in both files" : "features do not vary");
        goto out;
    }
    p->value = kl / sqrt(kk * ll);
    for (b = 0; b < o->permutations; b++) {
        struct rng g;
        double v = 0;

        rng_init(&g, o->seed, (uint32_t)b, "videos", "cka");
        for (i = 0; i < n; i++)
            order[i] = (uint32_t)i;
        for (i = n; i > 1; i--) {
            uint32_t with = rng_below(&g, (uint32_t)i), t = order[i - 1];

            order[i - 1] = order[with];
            order[with] = t;
        }
        for (i = 0; i < n; i++) {
            const float *row = l + order[i] * n;
            float sum = 0;

            for (j = 0; j < n; j++)
                sum += k[i * n + j] * row[order[j]];
            v += sum;
        }
        null += v;
        more += v >= kl * (1 - 1e-6);
    }
    if (o->permutations) {
        p->chance = null / sqrt(kk * ll) / (double)o->permutations;
        p->p = ((double)more + 1) / ((double)o->permutations + 1);
    }
    probe_about(p,
                "linear CKA of the two files' video means; chance = mean when the videos of one "
                "are permuted, p from the same (at most %d videos)",
                CKA_VIDEOS);
out:
    free(xa);
    free(xb);
    free(count);
    free(slot);
    free(order);
    free(k);
    free(l);
    return r;
}

int probe_cka(const struct features *a, const struct features *b, const struct feature_options *o,
              struct probes *out, struct err *err)
{
    struct both m;
    struct probe *p;
    double value = NAN;
    int r = match(a, b, &m, err);

    if (!r && m.n)
        r = by_videos(&m, a->dim, b->dim, o, out, err);
    if (!r && !(p = probe_add(out, "cka", "", "", "frames")))
        r = err_nomem(err);
    if (!r && m.n > 2 && !(r = centre(m.a, m.n, a->dim, err)) &&
        !(r = centre(m.b, m.n, b->dim, err)))
        r = cka(m.a, a->dim, m.b, b->dim, m.n, &value, err);
    if (!r) {
        p->n = m.n;
        p->value = value;
        probe_about(p,
                    "linear CKA with the second feature file, frames of both: 1 = the same up to "
                    "rotation and scale; grows with the dimensions by itself, see cka_videos");
        if (isnan(value))
            probe_undefined(p, m.n > 2 ? "features do not vary" : "fewer than 3 frames in both");
    }
    both_release(&m);
    return r;
}
