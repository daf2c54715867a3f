#include "extract/shape_predictor.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract/shape_internal.h"
#include "lib/cpu.h"
#include "lib/mem.h"

#define MAX_LEVELS 256
#define MAX_TREES  65536     /* of a level */
#define MAX_DEPTH  12        /* splits from root to leaf */
#define LARGE_PAGE (2 << 20) /* bytes */

/* ---- reading dlib's encoding -----------------------------------------------------------------
 * A whole number is a control byte (low four bits: how many bytes follow, 1..8; top bit: negative)
 * and that many bytes of magnitude, lowest first. A real is two of them, mantissa and exponent,
 * for mantissa * 2^exponent; exponents from 32000 on stand for infinities and NaN. A vector is its
 * length and its elements; a matrix is minus its rows, minus its columns, its elements by row. */

#define BUFFER   (1 << 20)
#define LONGEST  18 /* bytes of the longest real */
#define SPECIAL  32000
#define MIN_REAL 4 /* bytes of the shortest real */

struct reader {
    int fd;
    const char *path;
    struct err *err;
    unsigned char *buffer;
    size_t at, end;          /* within buffer */
    unsigned long long left; /* bytes of the file not yet in the buffer */
    bool damaged;            /* set once, with err filled; all reads then give 0 */
};

static void damage(struct reader *r, const char *what)
{
    if (!r->damaged)
        err_set(r->err, ERR_DATA, "'%s' is no landmark model: %s", r->path, what);
    r->damaged = true;
}

/* Moves what is left to the front and fills up. */
static void refill(struct reader *r)
{
    memmove(r->buffer, r->buffer + r->at, r->end - r->at);
    r->end -= r->at;
    r->at = 0;
    while (r->end < BUFFER && r->left > 0) {
        ssize_t n = read(r->fd, r->buffer + r->end, BUFFER - r->end);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            r->left = 0; /* shrank while being read */
            break;
        }
        r->end += (size_t)n;
        r->left -= (unsigned long long)n < r->left ? (unsigned long long)n : r->left;
    }
}

static inline unsigned long long bytes_left(const struct reader *r)
{
    return r->left + (r->end - r->at);
}

/* One whole number; the caller has made sure that LONGEST bytes are in the buffer or the file
 * ends in it. */
static inline int64_t whole_here(struct reader *r)
{
    unsigned control = r->at < r->end ? r->buffer[r->at] : 0;
    size_t n = control & 15;
    uint64_t v = 0;

    if (n < 1 || n > 8 || (control & 0x70)) {
        damage(r, r->at < r->end ? "a number is not encoded as one" : "it is cut off");
        return 0;
    }
    if (r->end - r->at < n + 1) {
        damage(r, "it is cut off");
        return 0;
    }
    if (r->end - r->at >= 9) {
        memcpy(&v, r->buffer + r->at + 1, 8); /* little-endian machine, see the assert below */
        if (n < 8)
            v &= ((uint64_t)1 << (8 * n)) - 1;
    } else {
        memcpy(&v, r->buffer + r->at + 1, n);
    }
    r->at += n + 1;
    if (v > INT64_MAX) {
        damage(r, "a number is out of range");
        return 0;
    }
    return control & 0x80 ? -(int64_t)v : (int64_t)v;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the number reader needs little endian");

static int64_t read_whole(struct reader *r)
{
    if (r->end - r->at < LONGEST)
        refill(r);
    return r->damaged ? 0 : whole_here(r);
}

/* A length or count within lo .. hi. */
static size_t read_count(struct reader *r, size_t lo, size_t hi, const char *what)
{
    int64_t n = read_whole(r);

    if (r->damaged)
        return lo;
    if (n < (int64_t)lo || n > (int64_t)hi) {
        damage(r, what);
        return lo;
    }
    return (size_t)n;
}

/* 2^e as a double for e within its normal range. */
static inline double power_of_two(int64_t e)
{
    uint64_t bits = (uint64_t)(e + 1023) << 52;
    double d;

    memcpy(&d, &bits, sizeof(d));
    return d;
}

static inline float read_real(struct reader *r)
{
    int64_t mantissa, exponent;
    float v;

    if (r->end - r->at < LONGEST)
        refill(r);
    if (r->damaged)
        return 0;
    mantissa = whole_here(r);
    exponent = whole_here(r);
    if (r->damaged)
        return 0;
    /* A float's mantissa has 24 bits, so product and conversion are exact wherever the value is a
     * float, which is all that dlib writes here. */
    if (exponent < -1000 || exponent > 1000) {
        if (mantissa != 0 || exponent >= SPECIAL)
            damage(r, "a value is not finite or out of range");
        return 0;
    }
    v = (float)((double)mantissa * power_of_two(exponent));
    if (!isfinite(v))
        damage(r, "a value is not finite or out of range");
    return v;
}

#define EXACT_EXPONENT 60 /* a mantissa of five bytes times two to this is a finite float */

/*
 * Reals in a row. All but a few of the eight million in a model have a mantissa of one to five
 * bytes and an exponent of one, so that a single load holds the whole number; reading them is most
 * of what a short run does. The rest, and what is damaged, goes through read_real().
 */
static void read_reals(struct reader *r, float *out, size_t n)
{
    size_t i = 0;

    while (i < n && !r->damaged) {
        const unsigned char *p = r->buffer + r->at, *end = r->buffer + r->end;

        for (; i < n && (size_t)(end - p) >= LONGEST; i++) {
            unsigned control = p[0], bytes = control & 15, exponent;
            int64_t mantissa, e;
            uint64_t x;

            memcpy(&x, p + 1, 8);
            if (bytes - 1 > 4 || (control & 0x70))
                break;
            exponent = (unsigned)(x >> (8 * bytes)) & 0xffff; /* control byte and value */
            e = exponent >> 8;
            if ((exponent & 0x7f) != 1 || e > EXACT_EXPONENT)
                break;
            mantissa = (int64_t)(x & (((uint64_t)1 << (8 * bytes)) - 1));
            e = exponent & 0x80 ? -e : e;
            mantissa = control & 0x80 ? -mantissa : mantissa;
            out[i] = (float)((double)mantissa * power_of_two(e));
            p += bytes + 3;
        }
        r->at = (size_t)(p - r->buffer);
        if (i < n)
            out[i++] = read_real(r);
    }
}

/* The dimensions of a column vector, which must have `rows` rows (0 = any). */
static size_t read_column_shape(struct reader *r, size_t rows)
{
    int64_t nr = read_whole(r), nc = read_whole(r);

    if (r->damaged)
        return 0;
    if (nr < 0 || nc < 0) {
        nr = -nr;
        nc = -nc;
    }
    if (nc != 1 || nr < 1 || nr > 2 * SHAPE_MAX_POINTS || (rows && (size_t)nr != rows)) {
        damage(r, "a shape has the wrong size");
        return 0;
    }
    return (size_t)nr;
}

/* Refuses a promise of more reals than the file has bytes for, before memory is taken for them. */
static bool plausible(struct reader *r, size_t trees, size_t reals)
{
    if (!r->damaged && (double)trees * (double)reals * MIN_REAL > (double)bytes_left(r))
        damage(r, "it is cut off");
    return !r->damaged;
}

/* Large pages where the system has them: 70 MB in small ones take longer to get than to fill. */
static void *large_block(size_t n, size_t size)
{
    void *p = NULL;

    if (n <= SIZE_MAX / size && n * size >= LARGE_PAGE &&
        posix_memalign(&p, LARGE_PAGE, n * size) == 0)
        (void)madvise(p, n * size, MADV_HUGEPAGE);
    return p;
}

static void *take(struct shape_predictor *m, struct reader *r, size_t n, size_t size)
{
    void *p = large_block(n, size);

    if (!p)
        p = n > SIZE_MAX / size ? NULL : mem_aligned(n, size);

    if (!p) {
        if (!r->damaged)
            err_nomem(r->err);
        r->damaged = true;
        return NULL;
    }
    m->bytes += n * size;
    return p;
}

static int16_t whole_threshold(float t)
{
    double f = floor((double)t);

    return (int16_t)(f > 300 ? 300 : f < -300 ? -300 : f); /* differences are within +-255 */
}

static void read_tree(struct shape_predictor *m, struct shape_level *l, size_t tree,
                      struct reader *r)
{
    struct shape_split *splits = l->splits + tree * m->n_splits;
    size_t i, j, n = 2 * (size_t)m->points;

    for (i = 0; i < m->n_splits && !r->damaged; i++) {
        size_t a = read_count(r, 0, SHAPE_MAX_FEATURES - 1, "a split reads outside of the pool");
        size_t b = read_count(r, 0, SHAPE_MAX_FEATURES - 1, "a split reads outside of the pool");

        splits[i] = (struct shape_split){(uint16_t)a, (uint16_t)b, whole_threshold(read_real(r))};
        if (a >= l->features)
            l->features = a + 1; /* the smallest pool that the splits need, checked at the end */
        if (b >= l->features)
            l->features = b + 1;
    }
    read_count(r, m->n_splits + 1, m->n_splits + 1, "a tree has the wrong number of leaves");
    for (i = 0; i <= m->n_splits && !r->damaged; i++) {
        float *leaf = l->leaves + (tree * (m->n_splits + 1) + i) * m->stride;

        read_column_shape(r, n);
        read_reals(r, leaf, n);
        for (j = n; j < m->stride; j++)
            leaf[j] = 0;
    }
}

static void read_level(struct shape_predictor *m, struct shape_level *l, struct reader *r)
{
    size_t tree;

    l->trees = read_count(r, 1, MAX_TREES, "a level has no trees or too many");
    for (tree = 0; tree < l->trees && !r->damaged; tree++) {
        size_t n = read_count(r, 1, (1 << MAX_DEPTH) - 1, "a tree has no splits or too many");

        if (r->damaged)
            return;
        if (!m->n_splits) {
            while (((size_t)1 << m->depth) < n + 1)
                m->depth++;
            if (((size_t)1 << m->depth) != n + 1) {
                damage(r, "a tree is not complete");
                return;
            }
            m->n_splits = n;
        } else if (n != m->n_splits) {
            damage(r, "its trees differ in depth");
            return;
        }
        if (!l->splits) {
            size_t reals = (n + 1) * 2 * (size_t)m->points;

            if (!plausible(r, l->trees, reals))
                return;
            l->splits = take(m, r, l->trees * n, sizeof(*l->splits));
            l->leaves = take(m, r, l->trees * (n + 1) * m->stride, sizeof(*l->leaves));
            if (!l->splits || !l->leaves)
                return;
        }
        read_tree(m, l, tree, r);
    }
}

/* The pool of each level: first all anchors, then all deltas. */
static void read_pools(struct shape_predictor *m, struct reader *r)
{
    size_t i, k;

    read_count(r, m->n_levels, m->n_levels, "the number of pixel pools differs from the levels");
    for (k = 0; k < m->n_levels && !r->damaged; k++) {
        struct shape_level *l = &m->level[k];
        size_t n = read_count(r, 1, SHAPE_MAX_FEATURES, "a pixel pool is empty or too large");

        if (n < l->features)
            damage(r, "a split reads outside of the pool");
        if (r->damaged)
            return;
        l->features = n;
        l->anchor = take(m, r, n, sizeof(*l->anchor));
        l->delta = take(m, r, 2 * n, sizeof(*l->delta));
        for (i = 0; i < n && !r->damaged; i++)
            l->anchor[i] = (uint16_t)read_count(r, 0, (size_t)m->points - 1,
                                                "a pool pixel has no such anchor");
    }
    read_count(r, m->n_levels, m->n_levels, "the number of pixel pools differs from the levels");
    for (k = 0; k < m->n_levels && !r->damaged; k++) {
        struct shape_level *l = &m->level[k];

        read_count(r, l->features, l->features, "a pixel pool has anchors without places");
        for (i = 0; i < 2 * l->features && !r->damaged; i++)
            l->delta[i] = read_real(r);
    }
}

static void centre_mean_shape(struct shape_predictor *m)
{
    int i;

    for (i = 0; i < m->points; i++) {
        m->centre[0] += m->mean[2 * i];
        m->centre[1] += m->mean[2 * i + 1];
    }
    m->centre[0] /= m->points;
    m->centre[1] /= m->points;
    for (i = 0; i < m->points; i++) {
        double x = m->mean[2 * i] - m->centre[0], y = m->mean[2 * i + 1] - m->centre[1];

        m->variance += x * x + y * y;
    }
    m->variance /= m->points;
}

static void read_model(struct shape_predictor *m, struct reader *r)
{
    size_t i, n;

    if (read_whole(r) != 1)
        damage(r, "its version is not 1");
    n = read_column_shape(r, 0);
    if (!r->damaged && (n % 2 || n < 4))
        damage(r, "a shape has the wrong size");
    m->points = (int)(n / 2);
    m->stride = (n + SHAPE_LANES - 1) / SHAPE_LANES * SHAPE_LANES;
    for (i = 0; i < n && !r->damaged; i++)
        m->mean[i] = read_real(r);
    m->n_levels = read_count(r, 1, MAX_LEVELS, "it has no levels or too many");
    if (r->damaged)
        return;
    m->level = mem_array(m->n_levels, sizeof(*m->level));
    if (!m->level) {
        err_nomem(r->err);
        r->damaged = true;
        return;
    }
    for (i = 0; i < m->n_levels && !r->damaged; i++)
        read_level(m, &m->level[i], r);
    if (!r->damaged)
        read_pools(m, r);
    if (!r->damaged && bytes_left(r) != 0)
        damage(r, "bytes follow its end");
    if (!r->damaged)
        centre_mean_shape(m);
    if (!r->damaged && !(m->variance > 0))
        damage(r, "the points of its mean shape coincide");
}

int shape_predictor_load(struct shape_predictor **model, const char *path, struct err *err)
{
    struct reader r = {.fd = -1, .path = path, .err = err};
    struct shape_predictor *m = NULL;
    struct stat st;
    int code = 0;

    *model = NULL;
    r.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r.fd < 0) {
        int e = errno;

        return err_set_errno(err, e == ENOENT ? ERR_MISSING : ERR_NOINPUT, e,
                             "cannot open landmark model '%s'", path);
    }
    if (fstat(r.fd, &st) || !S_ISREG(st.st_mode)) {
        code = err_set(err, ERR_NOINPUT, "landmark model '%s' is no regular file", path);
        goto out;
    }
    r.left = (unsigned long long)st.st_size;
    m = mem_array(1, sizeof(*m));
    r.buffer = mem_aligned(BUFFER, 1);
    if (!m || !r.buffer) {
        code = err_nomem(err);
        goto out;
    }
    m->bytes = sizeof(*m);
    shape_ops_init(&m->ops, cpu_mask());
    (void)posix_fadvise(r.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    read_model(m, &r);
    if (r.damaged) {
        code = err && err->code ? err->code : ERR_DATA;
        goto out;
    }
    *model = m;
    m = NULL;
out:
    shape_predictor_free(m);
    free(r.buffer);
    close(r.fd);
    return code;
}

void shape_predictor_free(struct shape_predictor *m)
{
    size_t i;

    if (!m)
        return;
    for (i = 0; m->level && i < m->n_levels; i++) {
        free(m->level[i].splits);
        free(m->level[i].leaves);
        free(m->level[i].anchor);
        free(m->level[i].delta);
    }
    free(m->level);
    free(m);
}

int shape_predictor_points(const struct shape_predictor *m)
{
    return m->points;
}

size_t shape_predictor_bytes(const struct shape_predictor *m)
{
    return m->bytes;
}

void shape_predictor_limit(struct shape_predictor *m, unsigned cpu_mask)
{
    shape_ops_init(&m->ops, cpu_mask);
}
