#include "evaluate/probe_swaps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rng.h"

#define MOST_ROUNDS 2000
#define ENOUGH      1e-10 /* of the spread of y: the effects stand still */

/* ---- the fit ---------------------------------------------------------------------------------*/

/* to[g] = mean of y - other over the rows of group g; the largest change. */
static double sweep(const double *y, const uint32_t *group, const double *other,
                    const uint32_t *other_group, size_t n, size_t n_groups, double *to, double *sum,
                    double *count)
{
    double most = 0;
    size_t i;

    memset(sum, 0, n_groups * sizeof(*sum));
    memset(count, 0, n_groups * sizeof(*count));
    for (i = 0; i < n; i++) {
        sum[group[i]] += y[i] - (other ? other[other_group[i]] : 0);
        count[group[i]]++;
    }
    for (i = 0; i < n_groups; i++)
        if (count[i] > 0) {
            double v = sum[i] / count[i];

            most = fmax(most, fabs(v - to[i]));
            to[i] = v;
        }
    return most;
}

static double rss_of(const double *y, const uint32_t *a, const double *ea, const uint32_t *b,
                     const double *eb, size_t n)
{
    double s = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        double e = y[i] - (ea ? ea[a[i]] : 0) - (eb ? eb[b[i]] : 0);

        s += e * e;
    }
    return s;
}

static uint32_t root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Levels of both factors that occur, and into how many unconnected parts they fall: the model has
 * as many parameters as the former minus the latter. */
static int count_levels(const uint32_t *a, const uint32_t *b, size_t n, size_t n_a, size_t n_b,
                        size_t *levels_a, size_t *levels_b, size_t *parts, struct err *err)
{
    uint32_t *parent = mem_array(n_a + n_b, sizeof(*parent));
    uint8_t *seen = mem_array(n_a + n_b, 1);
    size_t i;

    if (!parent || !seen) {
        free(parent);
        free(seen);
        return err_nomem(err);
    }
    for (i = 0; i < n_a + n_b; i++)
        parent[i] = (uint32_t)i;
    for (i = 0; i < n; i++) {
        seen[a[i]] = seen[n_a + b[i]] = 1;
        parent[root(parent, a[i])] = root(parent, (uint32_t)n_a + b[i]);
    }
    *levels_a = *levels_b = *parts = 0;
    for (i = 0; i < n_a + n_b; i++) {
        *(i < n_a ? levels_a : levels_b) += seen[i];
        *parts += seen[i] && root(parent, (uint32_t)i) == i;
    }
    free(parent);
    free(seen);
    return 0;
}

static double fit_both(const double *y, const uint32_t *a, const uint32_t *b, size_t n, size_t n_a,
                       size_t n_b, double *ea, double *eb, double *sum, double *count, double scale)
{
    int round;

    memset(ea, 0, n_a * sizeof(*ea));
    memset(eb, 0, n_b * sizeof(*eb));
    for (round = 0; round < MOST_ROUNDS; round++) {
        double moved = sweep(y, a, eb, b, n, n_a, ea, sum, count);

        moved = fmax(moved, sweep(y, b, ea, a, n, n_b, eb, sum, count));
        if (moved <= ENOUGH * scale)
            break;
    }
    return rss_of(y, a, ea, b, eb, n);
}

static double spread_of(const double *y, size_t n)
{
    double mean = 0, s = 0;
    size_t i;

    for (i = 0; i < n; i++)
        mean += y[i] / (double)n;
    for (i = 0; i < n; i++)
        s += (y[i] - mean) * (y[i] - mean);
    return n ? sqrt(s / (double)n) : 0;
}

int two_factors_fit(const double *y, const uint32_t *a, const uint32_t *b, size_t n, size_t n_a,
                    size_t n_b, struct two_factors *out, struct err *err)
{
    size_t most = n_a > n_b ? n_a : n_b, la = 0, lb = 0, parts = 0;
    double *sum = mem_array(most, sizeof(*sum)), *count = mem_array(most, sizeof(*count));
    int r;

    *out = (struct two_factors){.a = mem_array(n_a, sizeof(double)),
                                .b = mem_array(n_b, sizeof(double))};
    r = sum && count && out->a && out->b ? count_levels(a, b, n, n_a, n_b, &la, &lb, &parts, err)
                                         : err_nomem(err);
    if (!r) {
        sweep(y, a, NULL, NULL, n, n_a, out->a, sum, count);
        out->rss_a = rss_of(y, a, out->a, NULL, NULL, n);
        sweep(y, b, NULL, NULL, n, n_b, out->b, sum, count);
        out->rss_b = rss_of(y, NULL, NULL, b, out->b, n);
        out->rss =
            fit_both(y, a, b, n, n_a, n_b, out->a, out->b, sum, count, spread_of(y, n) + 1e-300);
        out->df_a = la - parts;
        out->df_b = lb - parts;
        out->df = n > la + lb - parts ? n - (la + lb - parts) : 0;
    }
    free(sum);
    free(count);
    if (r)
        two_factors_release(out);
    return r;
}

void two_factors_release(struct two_factors *f)
{
    free(f->a);
    free(f->b);
    *f = (struct two_factors){0};
}

/* n - sum over groups of `within` of sum over groups of `of` of (their rows in common)^2 / n. The
 * coefficient of the variance of `of` in what it adds to `within`. */
static int coefficient(const uint32_t *of, const uint32_t *within, size_t n, size_t n_of,
                       size_t n_within, double *k, struct err *err)
{
    size_t *at = mem_array(n_within + 2, sizeof(*at)), i, j;
    uint32_t *order = mem_array(n, sizeof(*order));
    double *count = mem_array(n_of, sizeof(*count));

    if (!at || !order || !count) {
        free(at);
        free(order);
        free(count);
        return err_nomem(err);
    }
    for (i = 0; i < n; i++)
        at[within[i] + 2]++;
    for (i = 1; i < n_within + 2; i++)
        at[i] += at[i - 1];
    for (i = 0; i < n; i++)
        order[at[within[i] + 1]++] = of[i];
    *k = (double)n;
    for (i = 0; i < n_within; i++) {
        double squares = 0, rows = (double)(at[i + 1] - at[i]);

        for (j = at[i]; j < at[i + 1]; j++)
            squares += 2 * count[order[j]]++ + 1; /* (c + 1)^2 - c^2 */
        for (j = at[i]; j < at[i + 1]; j++)
            count[order[j]] = 0;
        *k -= rows > 0 ? squares / rows : 0;
    }
    free(at);
    free(order);
    free(count);
    return 0;
}

bool two_factors_shares(const struct two_factors *f, const uint32_t *a, const uint32_t *b, size_t n,
                        size_t n_a, size_t n_b, double share[3], struct err *err)
{
    double e, ka, kb, va, vb;

    if (!f->df || !f->df_a || !f->df_b || coefficient(a, b, n, n_a, n_b, &ka, err) ||
        coefficient(b, a, n, n_b, n_a, &kb, err) || ka <= 0 || kb <= 0)
        return false;
    e = f->rss / (double)f->df;
    va = fmax(0, (f->rss_b - f->rss - (double)f->df_a * e) / ka);
    vb = fmax(0, (f->rss_a - f->rss - (double)f->df_b * e) / kb);
    if (va + vb + e <= 0)
        return false;
    share[0] = va / (va + vb + e);
    share[1] = vb / (va + vb + e);
    share[2] = e / (va + vb + e);
    return true;
}

/* ---- the swaps -------------------------------------------------------------------------------*/

struct swaps {
    size_t n, n_id;
    double *y;
    uint32_t *target, *donor; /* dense */
    uint32_t *name;           /* of each dense identity */
    bool logit;
};

static void swaps_release(struct swaps *s)
{
    free(s->y);
    free(s->target);
    free(s->donor);
    free(s->name);
}

/* Takes the means of (data set, method, compression) out. */
static int centre(const struct dataset *d, struct swaps *s, const uint32_t *video, struct err *err)
{
    uint32_t *group = mem_array(s->n, sizeof(*group));
    double *sum = mem_array(s->n, sizeof(*sum)), *count = mem_array(s->n, sizeof(*count));
    struct names t = {0};
    size_t i;
    int r = group && sum && count ? 0 : err_nomem(err);

    for (i = 0; !r && i < s->n; i++) {
        const struct video *v = &d->video[video[i]];
        uint32_t key[3] = {v->dataset, v->method, v->compression};
        char text[15];
        int k;

        for (k = 0; k < 15; k++)
            text[k] = (char)(0x80 | (key[k / 5] >> (7 * (k % 5)) & 0x7f));
        r = names_add(&t, text, sizeof(text), &group[i], err);
        if (!r) {
            sum[group[i]] += s->y[i];
            count[group[i]]++;
        }
    }
    for (i = 0; !r && i < s->n; i++)
        s->y[i] -= sum[group[i]] / count[group[i]];
    names_release(&t);
    free(group);
    free(sum);
    free(count);
    return r;
}

static int collect(const struct dataset *d, const uint32_t *video, const double *score, size_t n,
                   struct swaps *s, struct err *err)
{
    uint32_t *number = mem_array(d->names.n, sizeof(*number)), *kept = mem_array(n, sizeof(*kept));
    size_t i;
    int k, r = 0;

    *s = (struct swaps){.logit = true};
    s->y = mem_array(n, sizeof(*s->y));
    s->target = mem_array(n, sizeof(*s->target));
    s->donor = mem_array(n, sizeof(*s->donor));
    s->name = mem_array(d->names.n, sizeof(*s->name));
    if (!number || !kept || !s->y || !s->target || !s->donor || !s->name)
        r = err_nomem(err);
    for (i = 0; !r && i < n; i++)
        s->logit &= score[i] > 0 && score[i] < 1;
    for (i = 0; !r && i < n; i++) {
        const struct video *v = &d->video[video[i]];
        uint32_t id[2] = {v->context_id, v->face_id};

        if (!v->label || id[0] == NAME_NONE || id[1] == NAME_NONE || id[0] == id[1])
            continue;
        for (k = 0; k < 2; k++) {
            if (!number[id[k]]) {
                s->name[s->n_id++] = id[k];
                number[id[k]] = (uint32_t)s->n_id;
            }
            *(k ? &s->donor[s->n] : &s->target[s->n]) = number[id[k]] - 1;
        }
        kept[s->n] = video[i];
        s->y[s->n++] = s->logit ? log(score[i] / (1 - score[i])) : score[i];
    }
    if (!r)
        r = centre(d, s, kept, err);
    free(number);
    free(kept);
    return r;
}

/* How often the factor explains at least as much when its labels are exchanged within the groups
 * of the other. */
static int exchange(const struct swaps *s, const uint32_t *factor, const uint32_t *within,
                    double rss, const char *purpose, uint64_t seed, size_t permutations, double *p,
                    struct err *err)
{
    size_t *at = mem_array(s->n_id + 2, sizeof(*at)), b, g, i, more = 0;
    uint32_t *order = mem_array(s->n, sizeof(*order)), *drawn = mem_array(s->n, sizeof(*drawn));
    double *ea = mem_array(s->n_id, sizeof(*ea)), *eb = mem_array(s->n_id, sizeof(*eb));
    double *sum = mem_array(s->n_id, sizeof(*sum)), *count = mem_array(s->n_id, sizeof(*count));
    double scale = spread_of(s->y, s->n) + 1e-300;
    int r = at && order && drawn && ea && eb && sum && count ? 0 : err_nomem(err);

    for (i = 0; !r && i < s->n; i++)
        at[within[i] + 2]++;
    for (i = 1; !r && i < s->n_id + 2; i++)
        at[i] += at[i - 1];
    for (i = 0; !r && i < s->n; i++)
        order[at[within[i] + 1]++] = (uint32_t)i;
    if (!r)
        memcpy(drawn, factor, s->n * sizeof(*drawn));
    for (b = 0; !r && b < permutations; b++) {
        struct rng rng;

        rng_init(&rng, seed, (uint32_t)b, purpose, "swaps");
        for (g = 0; g < s->n_id; g++)
            for (i = at[g + 1]; i > at[g] + 1; i--) {
                size_t j = at[g] + rng_below(&rng, (uint32_t)(i - at[g]));
                uint32_t t = drawn[order[i - 1]];

                drawn[order[i - 1]] = drawn[order[j]];
                drawn[order[j]] = t;
            }
        more += fit_both(s->y, drawn, within, s->n, s->n_id, s->n_id, ea, eb, sum, count,
                         1e5 * scale) <= rss * (1 + 1e-8); /* errors in effects count squared */
    }
    if (!r && permutations)
        *p = ((double)more + 1) / ((double)permutations + 1);
    free(at);
    free(order);
    free(drawn);
    free(ea);
    free(eb);
    free(sum);
    free(count);
    return r;
}

/* ---- the table -------------------------------------------------------------------------------*/

static int by_cell(const void *x, const void *y)
{
    const struct swap_cell *a = x, *b = y;

    return a->target != b->target ? (a->target < b->target ? -1 : 1)
           : a->donor != b->donor ? (a->donor < b->donor ? -1 : 1)
                                  : 0;
}

static int table(const struct swaps *s, const struct two_factors *f, struct model_result *m,
                 struct err *err)
{
    struct swap_cell *c = mem_array(s->n, sizeof(*c));
    size_t i, k = 0;

    if (!c)
        return err_nomem(err);
    for (i = 0; i < s->n; i++)
        c[i] = (struct swap_cell){s->name[s->target[i]],
                                  s->name[s->donor[i]],
                                  1,
                                  s->y[i],
                                  f->a[s->target[i]] + f->b[s->donor[i]],
                                  f->a[s->target[i]],
                                  f->b[s->donor[i]]};
    qsort(c, s->n, sizeof(*c), by_cell);
    for (i = 0; i < s->n; i++) {
        if (k && !by_cell(&c[k - 1], &c[i])) {
            c[k - 1].videos++;
            c[k - 1].mean += c[i].mean;
        } else {
            c[k++] = c[i];
        }
    }
    for (i = 0; i < k; i++)
        c[i].mean /= (double)c[i].videos;
    m->swap = c;
    m->n_swaps = k;
    return 0;
}

static int tell(struct probes *out, const char *name, const char *what, const struct swaps *s,
                double share, double p, const char *why, size_t df, size_t df_error,
                struct err *err)
{
    struct probe *a = probe_add(out, name, "", "fake", "videos");

    if (!a)
        return err_nomem(err);
    a->n = s->n;
    a->identities = s->n_id;
    a->chance = 0;
    a->value = share;
    a->p = p;
    probe_about(a,
                "share of the variance of swaps' %s that is the %s's, in y = target + donor + "
                "error, method means taken out; %zu and %zu degrees of freedom (S10)",
                s->logit ? "logit scores" : "scores", what, df, df_error);
    if (why)
        probe_undefined(a, "%s", why);
    return 0;
}

int probe_swaps(const struct result *res, struct model_result *m, const uint32_t *video,
                const double *score, size_t n, uint64_t seed, size_t permutations, struct err *err)
{
    struct two_factors f = {0};
    double share[3] = {NAN, NAN, NAN}, p[2] = {NAN, NAN};
    const char *why = NULL;
    struct swaps s;
    int r = collect(&res->data, video, score, n, &s, err);

    if (r || !s.n) /* no swap with a known donor: nothing to ask */
        goto out;
    if ((r = two_factors_fit(s.y, s.target, s.donor, s.n, s.n_id, s.n_id, &f, err)) ||
        (r = table(&s, &f, m, err)))
        goto out;
    if (!f.df_a || !f.df_b)
        why = "targets and donors come in fixed pairs: their parts cannot be told apart";
    else if (!f.df)
        why = "no two swaps more than there are targets and donors";
    else if (!two_factors_shares(&f, s.target, s.donor, s.n, s.n_id, s.n_id, share, err))
        why = "the scores of swaps do not vary";
    if (!why &&
        ((r = exchange(&s, s.donor, s.target, f.rss, "donors", seed, permutations, &p[0], err)) ||
         (r = exchange(&s, s.target, s.donor, f.rss, "targets", seed, permutations, &p[1], err))))
        goto out;
    r = tell(&m->probes, "donor_variance", "donor", &s, share[1], p[0], why, f.df_b, f.df, err);
    if (!r)
        r = tell(&m->probes, "target_variance", "target", &s, share[0], p[1], why, f.df_a, f.df,
                 err);
out:
    two_factors_release(&f);
    swaps_release(&s);
    return r;
}
