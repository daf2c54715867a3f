#include "evaluate/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
#include "evaluate/dist.h"
#include "lib/mem.h"
#include "lib/pool.h"
#include "lib/rng.h"

#define LANES 4  /* replicates a sweep */
#define STEP  64 /* items between two checkpoints */

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* An item, from the highest score down: cluster << 2 | last of its tie << 1 | fake. */
#define CODE_FAKE 1u
#define CODE_LAST 2u

/* The state behind all items before some tie: fakes and reals above, twice the area. */
struct state {
    lanes pos, neg, u2;
};

struct work {
    const struct sample *s;
    const struct boot_request *q;
    struct boot *out;
    uint32_t *code; /* of each item */
    size_t n;
    size_t n_present;      /* clusters that have items */
    uint32_t *present;     /* their numbers, ascending */
    size_t n_checkpoints;  /* room for them */
    size_t *at;            /* item where each checkpoint stands */
    uint32_t *way[N_WAYS]; /* of each present cell: its target, its donor, among those present */
    size_t n_way[N_WAYS];
    struct worker {
        lanes *weight; /* of each present cluster */
        uint32_t *times;
        uint32_t *way_times[N_WAYS];
        struct state *checkpoint;
    } * worker;
    unsigned jobs;
};

static void draw(uint64_t seed, size_t r, const char *what, size_t n_clusters, uint32_t *times)
{
    struct rng g;
    size_t i;

    rng_init(&g, seed, (uint32_t)r, what, "bootstrap");
    memset(times, 0, n_clusters * sizeof(*times));
    for (i = 0; i < n_clusters; i++)
        times[rng_below(&g, (uint32_t)n_clusters)]++;
}

void boot_draw(uint64_t seed, size_t r, size_t n_clusters, uint32_t *times)
{
    draw(seed, r, "clusters", n_clusters, times);
}

/* Owen 2007: a cell counts how often its target was drawn times how often its donor was. */
static void draw_cells(const struct work *w, struct worker *k, size_t r)
{
    size_t i;

    draw(w->q->seed, r, "targets", w->n_way[WAY_TARGET], k->way_times[WAY_TARGET]);
    draw(w->q->seed, r, "donors", w->n_way[WAY_DONOR], k->way_times[WAY_DONOR]);
    for (i = 0; i < w->n_present; i++)
        k->times[i] = k->way_times[WAY_TARGET][w->way[WAY_TARGET][i]] *
                      k->way_times[WAY_DONOR][w->way[WAY_DONOR][i]];
}

/* ---- one sweep -------------------------------------------------------------------------------*/

static void sweep(const struct work *w, const struct worker *k, struct state *end, lanes *ap_out)
{
    const lanes zero = {0};
    lanes pos = zero, neg = zero, u2 = zero, ap = zero, a = zero, b = zero;
    size_t i, c = 0;

    for (i = 0; i < w->n; i++) {
        uint32_t code = w->code[i];
        lanes x = k->weight[code >> 2];

        if (c < w->n_checkpoints && w->at[c] == i)
            k->checkpoint[c++] = (struct state){pos, neg, u2};
        if (code & CODE_FAKE)
            a += x;
        else
            b += x;
        if (code & CODE_LAST) {
            lanes all;

            u2 += b * (pos + pos + a);
            pos += a;
            neg += b;
            all = pos + neg;
            all += (lanes)((all == zero) & (__typeof__(all == zero))(zero + 1.0)); /* no 0 / 0 */
            if (code & CODE_FAKE || i == 0 || !(w->code[i - 1] & CODE_LAST))
                ap += a * pos / all;
            a = b = zero;
        }
    }
    *end = (struct state){pos, neg, u2};
    *ap_out = ap;
}

/* ---- reading a curve off checkpoints ---------------------------------------------------------*/

/* One lane of the walk from a checkpoint on: the state before a tie, and what the tie adds. */
struct walk {
    double pos, neg, u2; /* before the tie */
    double a, b;         /* fakes and reals of the tie */
    size_t next;         /* first item behind it */
};

static void walk_from(const struct work *w, const struct worker *k, size_t checkpoint, int lane,
                      struct walk *at)
{
    const struct state *s = &k->checkpoint[checkpoint];

    *at = (struct walk){
        .pos = s->pos[lane], .neg = s->neg[lane], .u2 = s->u2[lane], .next = w->at[checkpoint]};
}

/* Moves to the next tie; false at the end. */
static bool walk_on(const struct work *w, const struct worker *k, int lane, struct walk *at)
{
    uint32_t code;

    at->u2 += at->b * (2 * at->pos + at->a);
    at->pos += at->a;
    at->neg += at->b;
    at->a = at->b = 0;
    if (at->next == w->n)
        return false;
    do {
        code = w->code[at->next++];
        *(code & CODE_FAKE ? &at->a : &at->b) += k->weight[code >> 2][lane];
    } while (!(code & CODE_LAST));
    return true;
}

/* The last checkpoint whose state is before the point where more than `neg` reals are above. */
static size_t before_neg(const struct work *w, const struct worker *k, int lane, double neg)
{
    size_t lo = 0, hi = w->n_checkpoints;

    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;

        if (k->checkpoint[mid].neg[lane] <= neg)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static double read_eer(const struct work *w, const struct worker *k, int lane, double M, double N)
{
    size_t lo = 0, hi = w->n_checkpoints;
    struct walk at;

    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        const struct state *s = &k->checkpoint[mid];

        if (s->neg[lane] / N - (1 - s->pos[lane] / M) < 0)
            lo = mid;
        else
            hi = mid;
    }
    walk_from(w, k, lo, lane, &at);
    while (walk_on(w, k, lane, &at)) {
        double x0 = at.neg / N, x1 = (at.neg + at.b) / N;
        double d0 = x0 - (1 - at.pos / M), d1 = x1 - (1 - (at.pos + at.a) / M);

        if (d1 >= 0)
            return d1 > d0 ? x0 - d0 / (d1 - d0) * (x1 - x0) : x0;
    }
    return NAN;
}

/* Step TPR, interpolated TPR and partial area at the rate q. */
static void read_at(const struct work *w, const struct worker *k, int lane, double M, double N,
                    double q, double *step, double *line, double *area)
{
    double x = q * N;
    struct walk at;
    size_t start = before_neg(w, k, lane, x);

    /* Replicates leave items out, so a level stretch may hold many checkpoints: the walk is short
     * because the search found the last of them. */
    walk_from(w, k, start, lane, &at);
    while (walk_on(w, k, lane, &at)) {
        if (at.neg + at.b > x) {
            double t = (x - at.neg) / at.b, top = at.pos + t * at.a;

            *step = at.pos / M;
            *line = top / M;
            *area = (at.u2 / 2 + (x - at.neg) * (at.pos + top) / 2) / (M * N);
            return;
        }
    }
    *step = *line = 1;
    *area = at.u2 / (2 * M * N);
}

/* ---- replicates ------------------------------------------------------------------------------*/

static void put(struct boot *b, int stat, size_t r, double v)
{
    b->value[(size_t)stat * b->replicates + r] = v;
}

static void take_lane(const struct work *w, const struct worker *k, int lane, size_t r,
                      const struct state *end, double ap)
{
    const struct boot_request *q = w->q;
    double M = end->pos[lane], N = end->neg[lane], step, line, area;
    size_t c, g;
    int i;

    for (i = 0; i < q->n_ratio; i++) {
        double num = 0, den = 0;

        for (c = 0; c < w->n_present; c++) {
            num += k->weight[c][lane] * q->num[i][w->present[c]];
            den += k->weight[c][lane] * q->den[i][w->present[c]];
        }
        put(w->out, boot_ratio_row(q, i), r, den > 0 ? num / den : NAN);
    }
    if (M == 0 || N == 0) {
        for (i = 0; i < boot_ratio_row(q, 0); i++)
            put(w->out, i, r, NAN);
        for (g = 0; g < q->n_grid; g++)
            w->out->band[g * q->replicates + r] = NAN;
        return;
    }
    put(w->out, BOOT_AUC, r, end->u2[lane] / (2 * M * N));
    put(w->out, BOOT_AP, r, ap / M);
    put(w->out, BOOT_EER, r, read_eer(w, k, lane, M, N));
    for (i = 0; i < q->n_q; i++) {
        read_at(w, k, lane, M, N, q->q[i], &step, &line, &area);
        put(w->out, boot_q_row(i, BOOT_STEP), r, step);
        put(w->out, boot_q_row(i, BOOT_LINE), r, line);
        put(w->out, boot_q_row(i, BOOT_AREA), r, area);
    }
    for (g = 0; g < q->n_grid; g++) {
        read_at(w, k, lane, M, N, q->grid[g], &step, &line, &area);
        w->out->band[g * q->replicates + r] = (float)line;
    }
}

static int block(void *ctx, size_t i, size_t slot, unsigned worker, struct err *err)
{
    struct work *w = ctx;
    struct worker *k = &w->worker[worker];
    size_t first = i * LANES, c;
    struct state end;
    lanes ap;
    int lane;

    (void)slot;
    (void)err;
    for (lane = 0; lane < LANES; lane++) {
        if (w->n_way[WAY_TARGET])
            draw_cells(w, k, first + (size_t)lane);
        else
            boot_draw(w->q->seed, first + (size_t)lane, w->n_present, k->times);
        for (c = 0; c < w->n_present; c++)
            k->weight[c][lane] = (double)k->times[c];
    }
    sweep(w, k, &end, &ap);
    for (lane = 0; lane < LANES && first + (size_t)lane < w->q->replicates; lane++)
        take_lane(w, k, lane, first + (size_t)lane, &end, ap[lane]);
    return 0;
}

/* ---- setting up ------------------------------------------------------------------------------*/

static int encode(struct work *w, struct err *err)
{
    const struct sample *s = w->s;
    bool items = w->q->independent;
    uint32_t *dense = mem_array(s->n_clusters + 1, sizeof(*dense));
    size_t i, c;

    w->code = bulk_array(s->n, sizeof(*w->code));
    if (!w->code) {
        free(dense);
        return bulk_failed(err);
    }
    w->present = mem_array(s->n_clusters + 1, sizeof(*w->present));
    w->at = mem_array(s->n / STEP + 2, sizeof(*w->at));
    if (!dense || !w->present || !w->at || s->n_clusters >> 30 || (items && s->n >> 30)) {
        free(dense);
        return err_nomem(err);
    }
    for (i = 0; i < s->n && !items; i++)
        dense[s->cluster[s->item[i].unit]] = 1;
    w->n_present = items ? s->n : 0;
    for (c = 0; c < s->n_clusters; c++)
        if (dense[c]) {
            dense[c] = (uint32_t)w->n_present;
            w->present[w->n_present++] = (uint32_t)c;
        }
    w->n = s->n;
    for (i = 0; i < s->n; i++) {
        const struct item *it = &s->item[s->n - 1 - i];
        bool last = i + 1 == s->n || it[-1].score != it->score;
        bool first = i == 0 || w->code[i - 1] & CODE_LAST;

        w->code[i] = (items ? (uint32_t)i : dense[s->cluster[it->unit]]) << 2 |
                     (last ? CODE_LAST : 0) | (s->label[it->unit] ? CODE_FAKE : 0);
        if (first && (i == 0 || i - w->at[w->n_checkpoints - 1] >= STEP))
            w->at[w->n_checkpoints++] = i;
    }
    free(dense);
    return 0;
}

/* The targets and donors of the present cells, numbered densely. */
static int cross(struct work *w, struct err *err)
{
    const struct ways *ways = w->q->independent ? NULL : w->q->ways;
    size_t i;
    int k;

    for (k = 0; ways && k < N_WAYS; k++) {
        uint32_t *number = mem_array(ways->n[k], sizeof(*number));

        w->way[k] = mem_array(w->n_present, sizeof(**w->way));
        if (!number || !w->way[k]) {
            free(number);
            return err_nomem(err);
        }
        for (i = 0; i < w->n_present; i++) {
            uint32_t *n = &number[ways->of[k][w->present[i]]];

            if (!*n)
                *n = (uint32_t)++w->n_way[k];
            w->way[k][i] = *n - 1;
        }
        free(number);
    }
    return 0;
}

static int workers(struct work *w, struct err *err)
{
    unsigned j;

    w->worker = mem_array(w->jobs, sizeof(*w->worker));
    if (!w->worker)
        return err_nomem(err);
    for (j = 0; j < w->jobs; j++) {
        struct worker *k = &w->worker[j];

        k->weight = mem_aligned(w->n_present, sizeof(*k->weight));
        k->times = mem_array(w->n_present, sizeof(*k->times));
        k->checkpoint = mem_aligned(w->n_checkpoints, sizeof(*k->checkpoint));
        k->way_times[WAY_TARGET] = mem_array(w->n_way[WAY_TARGET], sizeof(*k->times));
        k->way_times[WAY_DONOR] = mem_array(w->n_way[WAY_DONOR], sizeof(*k->times));
        if (!k->weight || !k->times || !k->checkpoint || !k->way_times[WAY_TARGET] ||
            !k->way_times[WAY_DONOR])
            return err_nomem(err);
    }
    return 0;
}

int boot_run(const struct sample *s, const struct boot_request *q, unsigned jobs, struct boot *out,
             struct err *err)
{
    struct work w = {.s = s, .q = q, .out = out};
    struct pool_tasks tasks = {.ctx = &w, .work = block};
    size_t blocks = (q->replicates + LANES - 1) / LANES, i;
    int r = 0;

    *out = (struct boot){.replicates = q->replicates, .n_stats = boot_ratio_row(q, q->n_ratio)};
    if (!s->n || !q->replicates)
        return 0;
    w.jobs = jobs < blocks ? (jobs ? jobs : 1) : (unsigned)blocks;
    out->value = mem_array((size_t)out->n_stats * q->replicates, sizeof(double));
    out->band = q->n_grid ? mem_array(q->n_grid * q->replicates, sizeof(float)) : NULL;
    if (!out->value || (q->n_grid && !out->band))
        r = err_nomem(err);
    if (!r && !(r = encode(&w, err)) && !(r = cross(&w, err)) && !(r = workers(&w, err)))
        r = pool_run(&tasks, blocks, w.jobs, err);
    for (i = 0; !r && i < q->replicates; i++)
        out->undefined += isnan(out->value[i]);
    for (i = 0; w.worker && i < w.jobs; i++) {
        free(w.worker[i].weight);
        free(w.worker[i].times);
        free(w.worker[i].checkpoint);
        free(w.worker[i].way_times[WAY_TARGET]);
        free(w.worker[i].way_times[WAY_DONOR]);
    }
    free(w.worker);
    bulk_free(w.code);
    free(w.present);
    free(w.way[WAY_TARGET]);
    free(w.way[WAY_DONOR]);
    free(w.at);
    if (r)
        boot_release(out);
    return r;
}

void boot_release(struct boot *b)
{
    free(b->value);
    free(b->band);
    *b = (struct boot){0};
}

/* ---- limits ----------------------------------------------------------------------------------*/

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static size_t sort_defined(double *v, size_t n)
{
    size_t i, k = 0;

    for (i = 0; i < n; i++)
        if (!isnan(v[i]))
            v[k++] = v[i];
    for (i = k; i < n; i++)
        v[i] = NAN; /* so that it can be done again */
    qsort(v, k, sizeof(*v), ascending);
    return k;
}

/* Of n ascending values, by linear interpolation at rank (n + 1) p. */
static double quantile(const double *v, size_t n, double p)
{
    double h = p * (double)(n + 1) - 1;
    size_t i;

    if (h <= 0)
        return v[0];
    if (h >= (double)(n - 1))
        return v[n - 1];
    i = (size_t)h;
    return v[i] + (h - (double)i) * (v[i + 1] - v[i]);
}

bool boot_percentile(double *v, size_t n, double alpha, double *lo, double *hi)
{
    size_t k = sort_defined(v, n);

    if (k < 20)
        return false;
    *lo = quantile(v, k, alpha / 2);
    *hi = quantile(v, k, 1 - alpha / 2);
    return true;
}

bool boot_bca(double *v, size_t n, double estimate, const double *jack, size_t n_jack, double alpha,
              double *lo, double *hi)
{
    double below = 0, mean = 0, s2 = 0, s3 = 0, z0, a, z;
    size_t k = sort_defined(v, n), i, used = 0;

    for (i = 0; i < k; i++)
        below += v[i] < estimate ? 1 : v[i] == estimate ? 0.5 : 0;
    for (i = 0; i < n_jack; i++)
        if (!isnan(jack[i])) {
            mean += jack[i];
            used++;
        }
    if (k < 20 || used < 3 || below == 0 || below == (double)k)
        return false;
    mean /= (double)used;
    for (i = 0; i < n_jack; i++)
        if (!isnan(jack[i])) {
            double d = mean - jack[i];

            s2 += d * d;
            s3 += d * d * d;
        }
    if (s2 <= 0)
        return false;
    z0 = dist_normal_quantile(below / (double)k);
    a = s3 / (6 * pow(s2, 1.5));
    z = dist_normal_quantile(alpha / 2);
    *lo = quantile(v, k, dist_normal_cdf(z0 + (z0 + z) / (1 - a * (z0 + z))));
    *hi = quantile(v, k, dist_normal_cdf(z0 + (z0 - z) / (1 - a * (z0 - z))));
    return true;
}
