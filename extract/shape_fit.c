#include "extract/shape_internal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "lib/mem.h"

/* The rotation and scale [c -s; s c] of the least-squares similarity from the mean shape to `shape`
 * (Umeyama 1991, equations 34 to 43; in two dimensions the singular values are not needed). */
static void turn_from_mean(const struct shape_predictor *m, const float *shape, double *c,
                           double *s)
{
    double mx = 0, my = 0, xx = 0, xy = 0, yx = 0, yy = 0;
    int i;

    for (i = 0; i < m->points; i++) {
        mx += shape[2 * i];
        my += shape[2 * i + 1];
    }
    mx /= m->points;
    my /= m->points;
    for (i = 0; i < m->points; i++) {
        double fx = m->mean[2 * i] - m->centre[0], fy = m->mean[2 * i + 1] - m->centre[1];
        double tx = shape[2 * i] - mx, ty = shape[2 * i + 1] - my;

        xx += tx * fx;
        xy += tx * fy;
        yx += ty * fx;
        yy += ty * fy;
    }
    *c = (xx + yy) / m->points / m->variance;
    *s = (yx - xy) / m->points / m->variance;
}

static inline uint8_t grey_at(const struct image *img, double x, double y)
{
    /* Nearest pixel; the comparison is also false for what is no number. */
    double fx = floor(x + 0.5), fy = floor(y + 0.5);
    const uint8_t *p;

    if (!(fx >= 0 && fy >= 0 && fx < img->width && fy < img->height))
        return 0;
    p = img->data + (ptrdiff_t)fy * img->stride + (ptrdiff_t)fx * img->channels;
    return img->channels == 1 ? p[0] : (uint8_t)((p[0] + p[1] + p[2]) / 3);
}

void shape_read_pool_from(size_t first, uint8_t *pool, const struct shape_level *l,
                          const struct image *img, const struct shape_box *box, const float *shape,
                          float c, float s)
{
    size_t i;

    for (i = first; i < l->features; i++) {
        const float *d = l->delta + 2 * i, *at = shape + 2 * l->anchor[i];
        float x = c * d[0] + -s * d[1] + at[0];
        float y = s * d[0] + c * d[1] + at[1];

        pool[i] = grey_at(img, box->x + box->w * x, box->y + box->h * y);
    }
}

void shape_read_pool(uint8_t *pool, const struct shape_level *l, const struct image *img,
                     const struct shape_box *box, const float *shape, float c, float s)
{
    shape_read_pool_from(0, pool, l, img, box, shape, c, s);
}

/* The leaf that the pool's pixels lead to. No branches: the outcome of a split is a coin toss. */
static inline size_t walk(const struct shape_predictor *m, const struct shape_split *s,
                          const uint8_t *pool)
{
    size_t i = 0;
    int d;

    for (d = 0; d < m->depth; d++)
        i = 2 * i + 2 - ((int)pool[s[i].a] - (int)pool[s[i].b] > s[i].threshold);
    return i - m->n_splits;
}

/* Four floats; the compiler has them on every target. */
typedef float vec4 __attribute__((vector_size(16)));

#define VEC    4  /* floats */
#define WIDE   12 /* vectors that are summed at a time: they stay in registers */
#define NARROW (SHAPE_LANES / VEC)
#define BATCH  512 /* trees */

/* The `vectors` vectors of shape from `at` on += the same part of each leaf, in the order of the
 * trees, as dlib adds. */
static inline __attribute__((always_inline)) void
add_columns(float *shape, const float *const *leaf, size_t n, size_t at, size_t vectors)
{
    vec4 sum[WIDE];
    size_t i, k;

    for (k = 0; k < vectors; k++)
        memcpy(&sum[k], shape + at + VEC * k, sizeof(vec4));
    for (i = 0; i < n; i++)
        for (k = 0; k < vectors; k++)
            sum[k] += *(const vec4 *)(leaf[i] + at + VEC * k);
    for (k = 0; k < vectors; k++)
        memcpy(shape + at + VEC * k, &sum[k], sizeof(vec4));
}

void shape_add_leaves(float *shape, size_t stride, const float *const *leaf, size_t n)
{
    size_t at = 0;

    for (; at + WIDE * VEC <= stride; at += WIDE * VEC)
        add_columns(shape, leaf, n, at, WIDE);
    for (; at < stride; at += NARROW * VEC)
        add_columns(shape, leaf, n, at, NARROW);
}

void shape_ops_init(struct shape_ops *ops, unsigned cpu_mask)
{
    *ops = (struct shape_ops){shape_read_pool, shape_add_leaves};
#if defined(__x86_64__)
    shape_ops_init_x86(ops, cpu_mask);
#else
    (void)cpu_mask;
#endif
}

/* First all walks of a batch, which start the transfer of their leaves, then all sums. */
static void add_trees(const struct shape_predictor *m, const struct shape_level *l,
                      const uint8_t *pool, float *shape)
{
    const float *leaf[BATCH];
    size_t first, i, k, n;

    for (first = 0; first < l->trees; first += n) {
        n = l->trees - first < BATCH ? l->trees - first : BATCH;
        for (i = 0; i < n; i++) {
            size_t tree = first + i, which = walk(m, l->splits + tree * m->n_splits, pool);

            leaf[i] = l->leaves + (tree * (m->n_splits + 1) + which) * m->stride;
            for (k = 0; k < m->stride; k += MEM_ALIGN / sizeof(float))
                __builtin_prefetch(leaf[i] + k, 0, 2);
        }
        m->ops.add_leaves(shape, m->stride, leaf, n);
    }
}

void shape_predictor_fit(const struct shape_predictor *m, const struct image *img, struct rect rect,
                         struct point *points)
{
    struct shape_box box = {rect.x0, rect.y0, (double)rect.x1 - rect.x0 - 1,
                            (double)rect.y1 - rect.y0 - 1};
    float shape[2 * SHAPE_MAX_POINTS + SHAPE_LANES];
    uint8_t pool[SHAPE_MAX_FEATURES];
    double c, s;
    size_t k;
    int i;

    assert(box.w >= 1 && box.h >= 1 && (img->channels == 1 || img->channels == 3));
    memcpy(shape, m->mean, sizeof(shape));
    for (k = 0; k < m->n_levels; k++) {
        turn_from_mean(m, shape, &c, &s);
        m->ops.read_pool(pool, &m->level[k], img, &box, shape, (float)c, (float)s);
        add_trees(m, &m->level[k], pool, shape);
    }
    for (i = 0; i < m->points; i++) {
        points[i].x = box.x + box.w * shape[2 * i];
        points[i].y = box.y + box.h * shape[2 * i + 1];
    }
}
