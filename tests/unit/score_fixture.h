/* Random scored samples with ties, and counting them the slow way. */
#ifndef LP_SCORE_FIXTURE_H
#define LP_SCORE_FIXTURE_H

#include "tests/near.h"

#include "evaluate/ranked.h"
#include "lib/mem.h"
#include "lib/rng.h"

#define MOST 400

struct fixture {
    size_t n, n_clusters;
    double score[MOST];
    uint32_t unit[MOST], cluster[MOST];
    uint8_t label[MOST];
};

/* n items of a unit each, scores on a grid of `levels` values (many ties), fakes a little higher.
 */
static inline void fixture_make(struct fixture *f, uint64_t seed, size_t n, size_t n_clusters,
                                unsigned levels)
{
    struct rng g;
    size_t i;

    rng_init(&g, seed, 0, "fixture", "test");
    f->n = n;
    f->n_clusters = n_clusters;
    for (i = 0; i < n; i++) {
        f->label[i] = rng_below(&g, 3) > 0;
        f->score[i] = (double)rng_below(&g, levels) / levels + 0.2 * f->label[i];
        f->unit[i] = (uint32_t)i;
        f->cluster[i] = rng_below(&g, (uint32_t)n_clusters);
    }
    f->label[0] = 0;
    f->label[1] = 1;
}

static inline void fixture_sort(const struct fixture *f, struct sample *s)
{
    struct err err = {0};

    assert_ok(
        sample_make(s, f->score, f->unit, f->n, f->label, f->cluster, f->n_clusters, NULL, &err),
        &err);
}

static inline double psi(double fake, double real)
{
    return fake > real ? 1 : fake == real ? 0.5 : 0;
}

/* AUC with a weight for every item, in pairs. */
static inline double fixture_auc(const struct fixture *f, const double *w)
{
    double u = 0, pairs = 0;
    size_t i, j;

    for (i = 0; i < f->n; i++)
        for (j = 0; j < f->n; j++)
            if (f->label[i] && !f->label[j]) {
                double ww = w ? w[i] * w[j] : 1;

                u += ww * psi(f->score[i], f->score[j]);
                pairs += ww;
            }
    return u / pairs;
}

#endif
