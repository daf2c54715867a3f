#include "evaluate/exchange.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "evaluate/bulk.h"
#include "evaluate/ranked.h"
#include "lib/mem.h"
#include "lib/pool.h"
#include "lib/rng.h"

#define ROUNDS 16 /* a task */

/* Two entries an item, ascending in rank: cluster << 3 | last of its tie << 2 | model << 1 | fake.
 */
#define CODE_FAKE  1u
#define CODE_MODEL 2u
#define CODE_LAST  4u

struct ranks {
    const uint32_t *code;
    size_t n, n_clusters, rounds;
    uint64_t seed;
    double least; /* |difference| that counts, in twice the pairs */
    uint8_t *flip[64];
    size_t *more; /* of each slot */
    size_t total;
};

struct ranked_item {
    uint64_t rank; /* midrank, doubled */
    uint32_t code;
};

static int by_rank(const void *x, const void *y)
{
    const struct ranked_item *a = x, *b = y;

    return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : 0;
}

/* Twice the areas' difference, with the models of flipped clusters exchanged. */
static double difference(const struct ranks *w, const uint8_t *flip)
{
    int64_t below[2] = {0, 0}, u2[2] = {0, 0}, pos[2] = {0, 0}, neg[2] = {0, 0};
    size_t i;
    int k;

    for (i = 0; i < w->n; i++) {
        uint32_t code = w->code[i];
        unsigned model = (code >> 1 & 1u) ^ flip[code >> 3];

        pos[model] += code & CODE_FAKE;
        neg[model] += !(code & CODE_FAKE);
        if (!(code & CODE_LAST))
            continue;
        for (k = 0; k < 2; k++) {
            u2[k] += pos[k] * (2 * below[k] + neg[k]);
            below[k] += neg[k];
            pos[k] = neg[k] = 0;
        }
    }
    return (double)(u2[0] - u2[1]);
}

static int task(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct ranks *w = ctx;
    size_t b, c;

    (void)err;
    w->more[slot] = 0;
    for (b = i * ROUNDS; b < (i + 1) * ROUNDS && b < w->rounds; b++) {
        struct rng g;
        uint32_t bits = 0;

        rng_init(&g, w->seed, (uint32_t)b, "models", "exchange");
        for (c = 0; c < w->n_clusters; c++, bits >>= 1) {
            if (c % 32 == 0)
                bits = rng_u32(&g);
            w->flip[worker][c] = bits & 1;
        }
        w->more[slot] += fabs(difference(w, w->flip[worker])) >= w->least;
    }
    return 0;
}

static int add(void *ctx, size_t i, size_t slot, struct err *err)
{
    struct ranks *w = ctx;

    (void)i;
    (void)err;
    w->total += w->more[slot];
    return 0;
}

/* The entries of one model, with doubled midranks. */
static int rank_model(const double *score, const uint8_t *label, const uint32_t *cluster, size_t n,
                      size_t n_clusters, uint32_t model, struct ranked_item *to, struct err *err)
{
    uint32_t *unit = bulk_array(n, sizeof(*unit));
    struct sample s = {0};
    size_t i, j;
    int r = unit ? 0 : bulk_failed(err);

    for (i = 0; !r && i < n; i++)
        unit[i] = (uint32_t)i;
    if (!r)
        r = sample_make(&s, score, unit, n, label, cluster, n_clusters, NULL, err);
    for (i = 0; !r && i < n; i = j) {
        for (j = i; j < n && s.item[j].score == s.item[i].score; j++)
            ;
        for (; i < j; i++) {
            uint32_t k = s.item[i].unit;

            to[i].code = cluster[k] << 3 | model << 1 | (label[k] != 0);
        }
        for (i = j; i > 0 && s.item[i - 1].score == s.item[j - 1].score; i--)
            ;
        {
            uint64_t rank = i + 1 + j; /* the mean of i + 1 .. j, twice */

            for (; i < j; i++)
                to[i].rank = rank;
        }
    }
    sample_release(&s);
    bulk_free(unit);
    return r;
}

int exchange_test(const double *a, const double *b, const uint8_t *label, const uint32_t *cluster,
                  size_t n, size_t n_clusters, uint64_t seed, size_t rounds, unsigned jobs,
                  double *p, struct err *err)
{
    struct ranked_item *item = bulk_array(2 * n, sizeof(*item));
    uint32_t *code = item ? bulk_array(2 * n, sizeof(*code)) : NULL;
    struct ranks w = {
        .n = 2 * n, .n_clusters = n_clusters, .rounds = rounds, .seed = seed, .code = code};
    struct pool_tasks tasks = {.ctx = &w, .work = task, .done = add};
    unsigned j;
    size_t i;
    int r;

    *p = NAN;
    jobs = jobs > 64 ? 64 : jobs ? jobs : 1;
    w.more = mem_array(pool_slots(jobs), sizeof(*w.more));
    r = !item || !code ? bulk_failed(err) : w.more && !(n_clusters >> 29) ? 0 : err_nomem(err);
    for (j = 0; j < jobs && !r; j++)
        if (!(w.flip[j] = mem_array(n_clusters, 1)))
            r = err_nomem(err);
    if (r || !rounds || !n || (r = rank_model(a, label, cluster, n, n_clusters, 0, item, err)) ||
        (r = rank_model(b, label, cluster, n, n_clusters, 1, item + n, err)))
        goto out;
    qsort(item, 2 * n, sizeof(*item), by_rank);
    for (i = 0; i < 2 * n; i++)
        code[i] =
            item[i].code | (i + 1 == 2 * n || item[i + 1].rank != item[i].rank ? CODE_LAST : 0);
    /* Flips of nothing: the models as they are. Whole numbers, so equal is equal. */
    w.least = fabs(difference(&w, w.flip[0]));
    r = pool_run(&tasks, (rounds + ROUNDS - 1) / ROUNDS, jobs, err);
    if (!r)
        *p = ((double)w.total + 1) / ((double)rounds + 1);
out:
    for (j = 0; j < jobs; j++)
        free(w.flip[j]);
    free(w.more);
    bulk_free(item);
    bulk_free(code);
    return r;
}
