#include "reports/thin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/mem.h"

/* A piece of the curve between two kept points, and its worst point. */
struct piece {
    size_t from, to, worst;
    double deviation;
};

static double distance(struct curve_point p, struct curve_point a, struct curve_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);

    if (length == 0.0)
        return hypot(p.x - a.x, p.y - a.y);
    return fabs(dx * (p.y - a.y) - dy * (p.x - a.x)) / length;
}

static struct piece measure_piece(const struct curve_point *p, size_t from, size_t to)
{
    struct piece piece = {from, to, from, 0.0};
    size_t i;

    for (i = from + 1; i < to; i++) {
        double d = distance(p[i], p[from], p[to]);

        if (d > piece.deviation) {
            piece.deviation = d;
            piece.worst = i;
        }
    }
    return piece;
}

/* Largest deviation first; the earlier piece on a tie. */
static bool before(const struct piece *a, const struct piece *b)
{
    return a->deviation > b->deviation || (a->deviation == b->deviation && a->from < b->from);
}

/* A binary heap, the next piece to split on top. */
static void heap_push(struct piece *heap, size_t *n, struct piece piece)
{
    size_t i = (*n)++;

    while (i > 0 && before(&piece, &heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = piece;
}

static struct piece heap_pop(struct piece *heap, size_t *n)
{
    struct piece top = heap[0], last = heap[--*n];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < *n) {
        if (child + 1 < *n && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}

long long thin_curve(struct curve_point *p, size_t n, size_t max, double tolerance, struct err *err)
{
    struct piece *heap;
    bool *keep;
    size_t pieces = 0, kept = 2, i, to = 0;

    if (n <= 2)
        return (long long)n;
    heap = mem_array(max + 1, sizeof(*heap));
    keep = mem_array(n, sizeof(*keep));
    if (!heap || !keep) {
        free(heap);
        free(keep);
        return err_nomem(err);
    }
    keep[0] = keep[n - 1] = true;
    heap_push(heap, &pieces, measure_piece(p, 0, n - 1));
    while (kept < max && pieces > 0) {
        struct piece piece = heap_pop(heap, &pieces);

        if (piece.deviation <= tolerance)
            break;
        keep[piece.worst] = true;
        kept++;
        heap_push(heap, &pieces, measure_piece(p, piece.from, piece.worst));
        heap_push(heap, &pieces, measure_piece(p, piece.worst, piece.to));
    }
    for (i = 0; i < n; i++)
        if (keep[i])
            p[to++] = p[i];
    free(heap);
    free(keep);
    return (long long)to;
}
