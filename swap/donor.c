#include "swap/donor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/mem.h"
#include "lib/rng.h"

#define POINTS_A_LOOK 17 /* after so many points a candidate that is already worse is dropped */

static uint64_t name_hash(const char *name)
{
    return name ? hash_name(name) : 0;
}

static int sample_points(const struct landmarks *l, double scale, float p[DONOR_POINTS][2],
                         struct err *err)
{
    struct mat3 m;
    int i, r;

    if ((r = pose_still(l, scale, &m, err)))
        return r;
    for (i = 0; i < DONOR_POINTS; i++) {
        struct point q = mat3_apply(&m, l->p[i]);

        p[i][0] = (float)q.x;
        p[i][1] = (float)q.y;
    }
    return 0;
}

/* ---- which components cross ----------------------------------------------------------------- */

struct place {
    uint64_t component, split;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->component != y->component)
        return x->component < y->component ? -1 : 1;
    return x->split < y->split ? -1 : x->split > y->split;
}

/* Sorts and keeps one of each component, with split 0 if it has several. */
static size_t join_places(struct place *p, size_t n)
{
    size_t i, kept = 0;

    qsort(p, n, sizeof *p, by_place);
    for (i = 0; i < n; i++) {
        if (!kept || p[kept - 1].component != p[i].component)
            p[kept++] = p[i];
        else if (p[kept - 1].split != p[i].split)
            p[kept - 1].split = 0;
    }
    return kept;
}

static bool crosses(const struct place *p, size_t n, uint64_t component)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (p[mid].component < component)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && p[lo].component == component && p[lo].split == 0;
}

/* ---- the index ------------------------------------------------------------------------------ */

struct candidate {
    uint64_t split, order;
    uint32_t row;
};

static int by_order(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->split != y->split)
        return x->split < y->split ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int by_row(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    return x->row < y->row ? -1 : x->row > y->row;
}

static int donor_order(const void *a, const void *b)
{
    const struct donor *x = a, *y = b;

    if (x->split != y->split)
        return x->split < y->split ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static uint64_t draw_order(uint64_t seed, const char *id)
{
    struct rng rng;
    uint64_t v;

    rng_init(&rng, seed, 0, id, "donors");
    v = (uint64_t)rng_u32(&rng) << 32;
    return v | rng_u32(&rng);
}

/* All real rows that may be donors, the first DONOR_POOL of each split, in the order of rows. */
static int list_candidates(struct donor_index *d, const struct manifest *m, const int *cols,
                           uint64_t seed, struct candidate **list, size_t *n, struct err *err)
{
    struct place *places = mem_array(m->n_rows, sizeof *places);
    struct manifest_row row = {0};
    size_t i, kept = 0, n_places = 0, in_split = 0;
    int r = 0;

    *n = 0;
    *list = mem_array(m->n_rows, sizeof **list);
    if (!places || !*list) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < m->n_rows; i++) {
        if ((r = manifest_read(m, i, &row, err)))
            goto out;
        if (row.field[cols[PLAN_COMPONENT]])
            places[n_places++] = (struct place){hash_name(row.field[cols[PLAN_COMPONENT]]),
                                                name_hash(row.field[cols[PLAN_SPLIT]])};
    }
    n_places = join_places(places, n_places);
    for (i = 0; i < m->n_rows; i++) {
        const char *label, *component;

        if ((r = manifest_read(m, i, &row, err)))
            goto out;
        label = row.field[cols[PLAN_LABEL]];
        component = row.field[cols[PLAN_COMPONENT]];
        if (!manifest_row_ok(&row) || !label || strcmp(label, "real") != 0)
            continue;
        if (component && crosses(places, n_places, hash_name(component))) {
            d->crossing++;
            continue;
        }
        (*list)[(*n)++] =
            (struct candidate){name_hash(row.field[cols[PLAN_SPLIT]]),
                               draw_order(seed, row.field[cols[PLAN_ID]]), (uint32_t)i};
    }
    qsort(*list, *n, sizeof **list, by_order);
    for (i = 0; i < *n; i++) {
        in_split = i && (*list)[i].split == (*list)[i - 1].split ? in_split + 1 : 0;
        if (in_split < DONOR_POOL)
            (*list)[kept++] = (*list)[i];
    }
    *n = kept;
    qsort(*list, *n, sizeof **list, by_row);
out:
    manifest_row_release(&row);
    free(places);
    return r;
}

/* Reads rows one after the other; keeps the last landmark file, which the next row mostly needs. */
struct reader {
    struct str path, held;
    struct npy npy;
    struct manifest_row row;
};

static int read_points(struct reader *rd, const int *cols, const char *folder, double scale,
                       struct donor *out, struct err *err)
{
    const char *name = rd->row.field[cols[PLAN_LANDMARKS]];
    struct landmarks l;
    long long at;
    int r;

    if (!name)
        return err_set(err, ERR_DATA, "the row names no landmarks");
    if ((r = manifest_int(&rd->row, cols[PLAN_LANDMARK_ROW], &at, err)))
        return r;
    fs_join(folder, name, &rd->path);
    if (str_failed(&rd->path))
        return err_nomem(err);
    if (!rd->held.s || strcmp(rd->held.s, rd->path.s) != 0) {
        npy_release(&rd->npy);
        str_clear(&rd->held);
        if ((r = npy_read(rd->path.s, &rd->npy, err)))
            return r;
        str_add(&rd->held, rd->path.s);
        if (str_failed(&rd->held))
            return err_nomem(err);
    }
    if ((r = landmarks_from_npy(&rd->npy, name, at < 0 ? (size_t)-1 : (size_t)at, &l, err)))
        return r;
    return sample_points(&l, scale, out->p, err);
}

int donor_index_init(struct donor_index *d, const struct manifest *m, const int *cols,
                     const char *folder, double scale, uint64_t seed, struct err *err)
{
    struct candidate *list = NULL;
    struct reader rd = {0};
    size_t i, n = 0;
    int r;

    *d = (struct donor_index){0};
    if ((r = list_candidates(d, m, cols, seed, &list, &n, err)))
        goto out;
    d->donor = mem_array(n, sizeof *d->donor);
    if (!d->donor) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < n; i++) {
        struct donor *o = &d->donor[d->n];

        if ((r = manifest_read(m, list[i].row, &rd.row, err)))
            goto out;
        r = read_points(&rd, cols, folder, scale, o, err);
        if (r == -ENOMEM)
            goto out;
        if (r) { /* The row itself fails in its turn and says why. */
            err_clear(err);
            r = 0;
            d->unfit++;
            continue;
        }
        o->order = list[i].order;
        o->split = list[i].split;
        o->row = list[i].row;
        o->component = name_hash(rd.row.field[cols[PLAN_COMPONENT]]);
        o->video = name_hash(rd.row.field[cols[PLAN_VIDEO]]);
        o->identity = name_hash(rd.row.field[cols[PLAN_FACE_ID]]);
        d->n++;
    }
    qsort(d->donor, d->n, sizeof *d->donor, donor_order);
out:
    manifest_row_release(&rd.row);
    npy_release(&rd.npy);
    str_release(&rd.path);
    str_release(&rd.held);
    free(list);
    if (r)
        donor_index_release(d);
    return r;
}

void donor_index_release(struct donor_index *d)
{
    free(d->donor);
    *d = (struct donor_index){0};
}

/* ---- the search ----------------------------------------------------------------------------- */

/* Sum of distances, or something of at least `best` as soon as it comes to that. */
static float distance(float a[DONOR_POINTS][2], const float b[DONOR_POINTS][2], float best)
{
    float sum = 0;
    int i, k;

    for (k = 0; k < DONOR_POINTS && sum < best; k += POINTS_A_LOOK) {
        for (i = k; i < k + POINTS_A_LOOK; i++) {
            float dx = a[i][0] - b[i][0], dy = a[i][1] - b[i][1];

            sum += sqrtf(dx * dx + dy * dy);
        }
    }
    return sum;
}

long long donor_find(const struct donor_index *d, const struct manifest_row *row, const int *cols,
                     const struct landmarks *l, double scale, unsigned candidates, uint64_t seed,
                     uint32_t epoch, const char *id)
{
    uint64_t split = name_hash(row->field[cols[PLAN_SPLIT]]);
    uint64_t component = name_hash(row->field[cols[PLAN_COMPONENT]]);
    uint64_t video = name_hash(row->field[cols[PLAN_VIDEO]]);
    uint64_t identity = name_hash(row->field[cols[PLAN_FACE_ID]]);
    float p[DONOR_POINTS][2], best = INFINITY;
    size_t lo = 0, hi = d->n, end, i, at;
    struct rng rng;
    struct err err = {0};
    long long found = -1;

    if (sample_points(l, scale, p, &err))
        return -1;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (d->donor[mid].split < split)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (end = lo; end < d->n && d->donor[end].split == split; end++)
        ;
    if (lo == end)
        return -1;
    hi = (end - lo + 1) / 2;
    hi = hi < candidates ? hi : candidates;
    rng_init(&rng, seed, epoch, id, "donor");
    at = lo + rng_below(&rng, (uint32_t)(end - lo));
    /* Beyond the candidates only as long as none of them was fit. */
    for (i = 0; i < end - lo && (i < hi || found < 0); i++) {
        const struct donor *o = &d->donor[at];

        at = at + 1 < end ? at + 1 : lo;
        if (o->video == video || (component && o->component == component) ||
            (identity && o->identity == identity))
            continue;
        if (distance(p, o->p, best) < best) {
            best = distance(p, o->p, INFINITY);
            found = o->row;
        }
    }
    return found;
}
