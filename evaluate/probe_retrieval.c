#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/linalg.h"
#include "evaluate/probe_parts.h"
#include "lib/mem.h"

#define BLOCK    ((size_t)128)
#define SHUFFLES 20 /* of identities over videos, for chance */

/* A video as an answer to a query. */
struct hit {
    float similarity;
    uint32_t video;
};

static int nearest_first(const void *x, const void *y)
{
    const struct hit *a = x, *b = y;

    return a->similarity != b->similarity ? (a->similarity > b->similarity ? -1 : 1)
           : a->video < b->video          ? -1
                                          : a->video > b->video;
}

/* Unit means of the first n videos. */
static int unit_means(const struct feature_table *t, size_t n, float *to, struct err *err)
{
    size_t dim = t->f->dim, i, j;
    double *sum = mem_array(n * dim, sizeof(*sum));

    if (!sum)
        return err_nomem(err);
    for (i = 0; i < t->n; i++)
        for (j = 0; j < dim && t->video[i] < n; j++)
            sum[t->video[i] * dim + j] += t->x[i * dim + j];
    for (i = 0; i < n; i++) {
        double norm = 0;

        for (j = 0; j < dim; j++)
            norm += sum[i * dim + j] * sum[i * dim + j];
        norm = norm > 0 ? 1 / sqrt(norm) : 0;
        for (j = 0; j < dim; j++)
            to[i * dim + j] = (float)(sum[i * dim + j] * norm);
    }
    free(sum);
    return 0;
}

struct scores {
    double map, rank5, rank10, queries;
};

/* Over the queries that have somebody to find. order: (n, n - 1), nearest first. */
static struct scores rate(const uint32_t *order, size_t n, const uint32_t *group_of)
{
    struct scores s = {0, 0, 0, 0};
    size_t i, k;

    for (i = 0; i < n; i++) {
        double found = 0, precision = 0, first = 0;

        for (k = 0; k + 1 < n; k++)
            if (group_of[order[i * (n - 1) + k]] == group_of[i]) {
                found++;
                precision += found / (double)(k + 1);
                first = first > 0 ? first : (double)(k + 1);
            }
        if (!(found > 0))
            continue;
        s.queries++;
        s.map += precision / found;
        s.rank5 += first <= 5;
        s.rank10 += first <= 10;
    }
    s.map /= s.queries;
    s.rank5 /= s.queries;
    s.rank10 /= s.queries;
    return s;
}

static int sort_answers(const float *unit, size_t n, size_t dim, uint32_t *order, struct err *err)
{
    float *c = mem_aligned(BLOCK * n, sizeof(*c));
    struct hit *hit = mem_array(n, sizeof(*hit));
    size_t i, j, k, q;

    if (!c || !hit) {
        free(c);
        free(hit);
        return err_nomem(err);
    }
    for (i = 0; i < n; i += BLOCK) {
        size_t b = n - i < BLOCK ? n - i : BLOCK;

        linalg_multiply(false, true, b, n, dim, unit + i * dim, dim, unit, dim, c);
        for (q = 0; q < b; q++) {
            for (j = k = 0; j < n; j++)
                if (j != i + q)
                    hit[k++] = (struct hit){c[q * n + j], (uint32_t)j};
            qsort(hit, k, sizeof(*hit), nearest_first);
            for (j = 0; j < k; j++)
                order[(i + q) * (n - 1) + j] = hit[j].video;
        }
    }
    free(c);
    free(hit);
    return 0;
}

int probe_retrieval(struct feature_table *t, struct err *err)
{
    static const char *const names[] = {"video_retrieval_map", "video_retrieval_rank5",
                                        "video_retrieval_rank10"};
    size_t n = t->n_videos < RETRIEVAL_VIDEOS ? t->n_videos : RETRIEVAL_VIDEOS;
    float *unit = mem_aligned(n * t->f->dim, sizeof(*unit));
    uint32_t *order = mem_array(n * (n - 1), sizeof(*order)), k;
    uint32_t *group_of = mem_array(t->n_videos, sizeof(*group_of));
    struct scores s, chance = {0, 0, 0, 0};
    int r = unit && order && group_of ? unit_means(t, n, unit, err) : err_nomem(err), w;

    if (!r)
        r = sort_answers(unit, n, t->f->dim, order, err);
    if (r)
        goto out;
    s = rate(order, n, t->group_of);
    memcpy(group_of, t->group_of, t->n_videos * sizeof(*group_of));
    for (k = 0; k < SHUFFLES; k++) {
        struct scores by_chance;

        feature_table_shuffle(t, group_of, k, "retrieval");
        by_chance = rate(order, n, group_of);
        chance.map += by_chance.map / SHUFFLES;
        chance.rank5 += by_chance.rank5 / SHUFFLES;
        chance.rank10 += by_chance.rank10 / SHUFFLES;
    }
    for (w = 0; w < 3 && !r; w++) {
        struct probe *p = feature_table_add(t, names[w], "videos", (size_t)s.queries);

        if (!p) {
            r = err_nomem(err);
            break;
        }
        p->value = w == 0 ? s.map : w == 1 ? s.rank5 : s.rank10;
        p->chance = w == 0 ? chance.map : w == 1 ? chance.rank5 : chance.rank10;
        probe_about(p,
                    "%s; cosine of video means, own video left out; chance = mean of %d deals of "
                    "identities to videos",
                    w == 0   ? "mean average precision of finding the other videos of the identity"
                    : w == 1 ? "share of videos with one of the same identity among the 5 nearest"
                             : "share of videos with one of the same identity among the 10 nearest",
                    SHUFFLES);
        if (isnan(p->value))
            probe_undefined(p, "no identity has two videos among the first %zu", n);
    }
out:
    free(unit);
    free(order);
    free(group_of);
    return r;
}
