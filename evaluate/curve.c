#include "evaluate/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
#include "lib/mem.h"

/* Is b inside a vertical or level run from a to c? Only there a point can go without a loss to the
 * step function: one on a slope is an operating point of its own. */
static bool inside_run(const struct curve_point *a, const struct curve_point *b,
                       const struct curve_point *c)
{
    return (a->pos == b->pos && b->pos == c->pos) || (a->neg == b->neg && b->neg == c->neg);
}

int curve_make(struct curve *c, const struct sample *s, struct err *err)
{
    struct curve_point at = {0, 0, INFINITY};
    size_t i = s->n, cap = 0;
    double ap = 0, before;

    *c = (struct curve){.n_pos = (double)s->n_pos, .n_neg = (double)s->n_neg};
    if (!s->n_pos || !s->n_neg)
        return err_set(err, ERR_DATA, "no %s", s->n_pos ? "real" : "fake");
    for (;;) {
        if (c->n >= 2 && inside_run(&c->p[c->n - 2], &c->p[c->n - 1], &at))
            c->n--;
        if (bulk_grow(&c->p, &cap, c->n + 1, sizeof(*c->p))) {
            curve_release(c);
            return bulk_failed(err);
        }
        c->p[c->n++] = at;
        if (i == 0) {
            c->average_precision = ap / c->n_pos;
            return 0;
        }
        before = at.pos;
        at.threshold = s->item[i - 1].score;
        for (; i && s->item[i - 1].score == at.threshold; i--)
            *(s->label[s->item[i - 1].unit] ? &at.pos : &at.neg) += 1;
        if (at.pos > before)
            ap += (at.pos - before) * (at.pos / (at.pos + at.neg));
    }
}

void curve_release(struct curve *c)
{
    bulk_free(c->p);
    *c = (struct curve){0};
}

static double eer_of(const struct curve_point *p, size_t n, double M, double N, double *threshold)
{
    size_t i;

    for (i = 1; i < n; i++) {
        double d1 = p[i].neg / N - (1 - p[i].pos / M); /* FPR - FNR: rises from -1 to 1 */

        if (d1 >= 0) {
            double x0 = p[i - 1].neg / N, x1 = p[i].neg / N;
            double d0 = x0 - (1 - p[i - 1].pos / M), t = -d0 / (d1 - d0);

            if (threshold)
                *threshold = isfinite(p[i - 1].threshold)
                                 ? p[i - 1].threshold + t * (p[i].threshold - p[i - 1].threshold)
                                 : p[i].threshold;
            return x0 + t * (x1 - x0);
        }
    }
    return NAN;
}

double curve_eer(const struct curve *c, double *threshold)
{
    return eer_of(c->p, c->n, c->n_pos, c->n_neg, threshold);
}

int curve_eer_hull(const struct curve *c, double *eer, double *calibrated, struct err *err)
{
    struct curve_point *h = bulk_array(c->n, sizeof(*h));
    size_t i, n = 0;

    if (!h)
        return bulk_failed(err);
    for (i = 0; i < c->n; i++) {
        const struct curve_point *q = &c->p[i];

        while (n >= 2 && (h[n - 1].pos - h[n - 2].pos) * (q->neg - h[n - 2].neg) <=
                             (q->pos - h[n - 2].pos) * (h[n - 1].neg - h[n - 2].neg))
            n--;
        h[n++] = *q;
    }
    *eer = eer_of(h, n, c->n_pos, c->n_neg, NULL);
    if (calibrated) {
        *calibrated = 0;
        for (i = 1; i < n; i++) {
            double a = h[i].pos - h[i - 1].pos, b = h[i].neg - h[i - 1].neg;

            *calibrated += a * b / (a + b);
        }
        *calibrated /= c->n_pos + c->n_neg;
    }
    bulk_free(h);
    return 0;
}

double curve_tpr_at(const struct curve *c, double q)
{
    double best = 0;
    size_t i;

    for (i = 0; i < c->n && c->p[i].neg <= q * c->n_neg; i++)
        best = c->p[i].pos;
    return best / c->n_pos;
}

double curve_tpr_interpolated(const struct curve *c, double q)
{
    double x = q * c->n_neg;
    size_t i = 0, end = c->n; /* i: the first point beyond x */

    while (i < end) {
        size_t mid = i + (end - i) / 2;

        if (c->p[mid].neg <= x)
            i = mid + 1;
        else
            end = mid;
    }
    if (i == c->n)
        return 1;
    return (c->p[i - 1].pos + (c->p[i].pos - c->p[i - 1].pos) * (x - c->p[i - 1].neg) /
                                  (c->p[i].neg - c->p[i - 1].neg)) /
           c->n_pos;
}

double curve_partial_area(const struct curve *c, double q)
{
    double x = q * c->n_neg, area = 0;
    size_t i;

    for (i = 1; i < c->n && c->p[i - 1].neg < x; i++) {
        const struct curve_point *a = &c->p[i - 1], *b = &c->p[i];
        double end = b->neg <= x ? b->neg : x;
        double top = b->neg > a->neg
                         ? a->pos + (b->pos - a->pos) * (end - a->neg) / (b->neg - a->neg)
                         : b->pos;

        area += (end - a->neg) * (a->pos + top) / 2;
    }
    return area / (c->n_pos * c->n_neg);
}

double curve_mcclish(double area, double q)
{
    return 0.5 * (1 + (area - q * q / 2) / (q - q * q / 2));
}

double curve_average_precision(const struct sample *s)
{
    double ap = 0, pos = 0, all = 0;
    size_t i = s->n;

    if (!s->n_pos)
        return NAN;
    while (i) {
        double x = s->item[i - 1].score, a = 0;

        for (; i && s->item[i - 1].score == x; i--, all++)
            a += s->label[s->item[i - 1].unit];
        pos += a;
        ap += a * (pos / all);
    }
    return ap / (double)s->n_pos;
}

/* ---- fewer points ----------------------------------------------------------------------------*/

struct span {
    size_t a, b, far; /* kept ends, and the point between them that deviates most */
    double off;       /* by this much, in the unit square */
};

static struct span span_of(const struct curve *c, size_t a, size_t b)
{
    const struct curve_point *p = c->p;
    double dx = (p[b].neg - p[a].neg) / c->n_neg, dy = (p[b].pos - p[a].pos) / c->n_pos;
    double len = hypot(dx, dy);
    struct span s = {a, b, a, -1};
    size_t i;

    for (i = a + 1; i < b; i++) {
        double off =
            fabs((p[i].neg - p[a].neg) / c->n_neg * dy - (p[i].pos - p[a].pos) / c->n_pos * dx) /
            len;

        if (off > s.off) {
            s.off = off;
            s.far = i;
        }
    }
    return s;
}

static void sift_up(struct span *h, size_t i)
{
    for (; i && h[(i - 1) / 2].off < h[i].off; i = (i - 1) / 2) {
        struct span t = h[i];

        h[i] = h[(i - 1) / 2];
        h[(i - 1) / 2] = t;
    }
}

static void sift_down(struct span *h, size_t n)
{
    size_t i = 0, k;

    for (; (k = 2 * i + 1) < n; i = k) {
        struct span t = h[i];

        if (k + 1 < n && h[k + 1].off > h[k].off)
            k++;
        if (h[k].off <= h[i].off)
            break;
        h[i] = h[k];
        h[k] = t;
    }
}

/* Douglas-Peucker, the worst span first, until the points are used up. */
void curve_reduce(struct curve *c, size_t limit)
{
    struct span *heap;
    unsigned char *keep;
    size_t n = 0, kept = 2, i, k = 0;

    if (c->n <= limit)
        return;
    heap = mem_array(limit + 1, sizeof(*heap));
    keep = bulk_array(c->n, 1);
    if (heap && keep) {
        keep[0] = keep[c->n - 1] = 1;
        heap[n++] = span_of(c, 0, c->n - 1);
        while (kept < limit && n && heap[0].off > 0) {
            struct span s = heap[0];

            keep[s.far] = 1;
            kept++;
            heap[0] = span_of(c, s.a, s.far);
            sift_down(heap, n);
            heap[n] = span_of(c, s.far, s.b);
            sift_up(heap, n++);
        }
        for (i = 0; i < c->n; i++)
            if (keep[i])
                c->p[k++] = c->p[i];
        c->n = k;
    }
    free(heap);
    bulk_free(keep);
}
