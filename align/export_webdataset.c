/*
 * SPLIT-NNNNNN.tar with members KEY.png (or .jpg) and KEY.json, as WebDataset reads them,
 * shards.json with the number of samples, bytes and SHA-256 of each, and SPLIT.index.json, which is
 * the index of its random-access reader (wids). A shard ends at a number of samples or of bytes. On
 * request KEY.landmarks.npy (float32, points x 2, pixels of the picture) and KEY.mask.png (the data
 * set's own mask, where there is one) are members too.
 * The order is a seeded shuffle over the split, so that a loader which reads shards one after the
 * other meets all videos from the start.
 */
#include "align/export.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "align/face.h"
#include "align/forehead.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/sink.h"
#include "lib/video_key.h"

#define PICTURE_LIMIT ((size_t)1 << 28) /* bytes */

struct sample {
    uint64_t draw; /* place in the order */
    size_t row;
};

struct state {
    const struct export_input *in;
    struct manifest_row row;
    struct sample *samples; /* of one split */
    size_t n, cap;
    char **splits;
    size_t n_splits, splits_cap;
    struct str key, name, path, json;
    struct str index, wids; /* of all shards; of the split's */
    struct jsonw index_w, wids_w;
    bool landmarks, landmarks81, masks; /* wanted as members */
    struct face face;
};

static int by_draw(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    if (x->draw != y->draw)
        return x->draw < y->draw ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The splits of the manifest, in the order they come. */
static int list_splits(struct state *s, struct err *err)
{
    const struct manifest *m = s->in->manifest;
    size_t i, k;
    int r = 0;

    for (i = 0; i < m->n_rows && !r; i++) {
        const char *split;

        r = manifest_read(m, i, &s->row, err);
        if (r || !manifest_row_ok(&s->row))
            continue;
        split = export_split(s->row.field[s->in->column[EXPORT_SPLIT]]);
        for (k = 0; k < s->n_splits && strcmp(s->splits[k], split) != 0;)
            k++;
        if (k < s->n_splits)
            continue;
        if (mem_grow(&s->splits, &s->splits_cap, k + 1, sizeof(*s->splits)) ||
            !(s->splits[k] = mem_strdup(split)))
            return err_nomem(err);
        s->n_splits++;
    }
    return r;
}

/* The part of a name before the first dot is WebDataset's key, so a key has none. */
static void make_key(struct state *s, const char *id)
{
    size_t i;

    export_flat_name(id, &s->key);
    for (i = 0; i < s->key.len; i++)
        if (s->key.s[i] == '.')
            s->key.s[i] = '_';
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Two ids that become one key would become one sample. */
static int check_keys(struct state *s, struct err *err)
{
    const struct manifest *m = s->in->manifest;
    uint64_t *keys = mem_array(m->n_rows, sizeof(*keys));
    size_t i, n = 0;
    int r = keys ? 0 : err_nomem(err);

    for (i = 0; i < m->n_rows && !r; i++) {
        r = manifest_read(m, i, &s->row, err);
        if (r || !manifest_row_ok(&s->row))
            continue;
        make_key(s, s->row.field[s->in->column[EXPORT_ID]]);
        keys[n++] = str_failed(&s->key) ? 0 : hash_name(s->key.s);
    }
    if (n)
        qsort(keys, n, sizeof(*keys), by_number);
    for (i = 1; i < n && !r; i++)
        if (keys[i] == keys[i - 1])
            r = err_set(err, ERR_DATA,
                        "'%s': two ids differ only in '/', '-', '.' and '_', and would be one "
                        "sample",
                        m->path);
    free(keys);
    return r;
}

static int list_samples(struct state *s, const char *split, uint64_t seed, struct err *err)
{
    const struct manifest *m = s->in->manifest;
    const int *c = s->in->column;
    size_t i;
    int r = 0;

    s->n = 0;
    for (i = 0; i < m->n_rows && !r; i++) {
        struct rng rng;

        r = manifest_read(m, i, &s->row, err);
        if (r || !manifest_row_ok(&s->row) ||
            strcmp(export_split(s->row.field[c[EXPORT_SPLIT]]), split) != 0)
            continue;
        if (mem_grow(&s->samples, &s->cap, s->n + 1, sizeof(*s->samples)))
            return err_nomem(err);
        rng_init(&rng, seed, 0, s->row.field[c[EXPORT_ID]], "export");
        s->samples[s->n++] =
            (struct sample){seed ? (uint64_t)rng_u32(&rng) << 32 | rng_u32(&rng) : 0, i};
    }
    if (s->n)
        qsort(s->samples, s->n, sizeof(*s->samples), by_draw);
    return r;
}

static int describe(struct state *s, struct err *err)
{
    const char *const *f = s->row.field;
    const int *c = s->in->column;
    struct video_key key;
    const char *kind;
    struct jsonw w;
    int r = f[c[EXPORT_VIDEO]] ? video_key_parse(f[c[EXPORT_VIDEO]], &key, err)
                               : err_set(err, ERR_DATA, "'%s': row '%s' names no video",
                                         s->in->manifest->path, f[c[EXPORT_ID]]);

    if (r)
        return r;
    str_clear(&s->json);
    jsonw_begin(&w, &s->json, 0);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", f[c[EXPORT_ID]]);
    jsonw_int(&w, "label", f[c[EXPORT_LABEL]] && strcmp(f[c[EXPORT_LABEL]], "fake") == 0);
    jsonw_text(&w, "video", f[c[EXPORT_VIDEO]]);
    jsonw_text(&w, "dataset", key.dataset);
    jsonw_text(&w, "method", key.method);
    jsonw_text(&w, "compression", key.compression);
    jsonw_text(&w, "split", f[c[EXPORT_SPLIT]]);
    jsonw_text(&w, "face_id", f[c[EXPORT_FACE_ID]]);
    jsonw_text(&w, "context_id", f[c[EXPORT_CONTEXT_ID]]);
    jsonw_text(&w, "component", f[c[EXPORT_COMPONENT]]);
    kind = f[c[EXPORT_LANDMARK_KIND]];
    if (s->landmarks81 && kind && strcmp(kind, "measured81") != 0)
        kind = "extrapolated81";
    jsonw_text(&w, "landmark_kind", kind);
    jsonw_text(&w, "variant", f[c[EXPORT_VARIANT]]);
    jsonw_int(&w, "track", f[c[EXPORT_TRACK]] ? strtoll(f[c[EXPORT_TRACK]], NULL, 10) : 0);
    if (f[c[EXPORT_FRAME]])
        jsonw_int(&w, "frame", strtoll(f[c[EXPORT_FRAME]], NULL, 10));
    else
        jsonw_null(&w, "frame");
    jsonw_object_end(&w);
    return str_failed(&s->json) ? err_nomem(err) : 0;
}

/* *end: about where the shard ends now. */
/* KEY.landmarks.npy: as measured, carried along by the row's homography; or all 81, of which the
 * JSON says how they came about. */
static int add_landmarks(struct state *s, struct sink *tar, struct err *err)
{
    const int *c = s->in->column;
    const char *name = s->row.field[c[EXPORT_LANDMARKS]];
    float points[2 * LANDMARKS_MAX];
    struct landmarks l, all;
    size_t shape[2] = {0, 2}, size;
    struct mat3 m;
    long long row;
    char *npy;
    int i, r;

    if (!name)
        return err_set(err, ERR_DATA, "'%s': row '%s' names no landmarks", s->in->manifest->path,
                       s->row.field[c[EXPORT_ID]]);
    if ((r = manifest_int(&s->row, c[EXPORT_LANDMARK_ROW], &row, err)) ||
        (r = face_landmarks(&s->face, s->in->folder, name, row, &l, err)) ||
        (r = export_matrix(s->in, &s->row, &m, err)))
        return r;
    all = l;
    if (s->landmarks81 && !forehead_complete(&l, &all))
        return err_set(err, ERR_DATA, "'%s': the landmarks of row '%s' have no extent",
                       s->in->manifest->path, s->row.field[c[EXPORT_ID]]);
    landmarks_transform(&all, &m);
    for (i = 0; i < all.n; i++) {
        points[2 * i] = (float)all.p[i].x;
        points[2 * i + 1] = (float)all.p[i].y;
    }
    shape[0] = (size_t)all.n;
    r = npy_encode(NPY_F32, 2, shape, points, &npy, &size, err);
    if (r)
        return r;
    str_clear(&s->name);
    str_addf(&s->name, "%s.landmarks.npy", s->key.s);
    r = str_failed(&s->name) ? err_nomem(err) : sink_add(tar, s->name.s, npy, size, NULL, err);
    free(npy);
    return r;
}

static int add_mask(struct state *s, struct sink *tar, struct err *err)
{
    const char *mask = s->row.field[s->in->column[EXPORT_MASK]];
    char *data = NULL;
    size_t size;
    int r;

    if (!mask)
        return 0;
    fs_join(s->in->folder, mask, &s->path);
    str_clear(&s->name);
    str_addf(&s->name, "%s.mask.png", s->key.s);
    if (str_failed(&s->path) || str_failed(&s->name))
        return err_nomem(err);
    r = fs_read(s->path.s, PICTURE_LIMIT, &data, &size, err);
    if (!r)
        r = sink_add(tar, s->name.s, data, size, NULL, err);
    free(data);
    return r;
}

static int add_sample(struct state *s, struct sink *tar, size_t row, long long *end,
                      struct err *err)
{
    const char *image, *dot;
    char *data = NULL;
    size_t size;
    int r = manifest_read(s->in->manifest, row, &s->row, err);

    if (r)
        return r;
    image = s->row.field[s->in->column[EXPORT_IMAGE]];
    dot = image ? strrchr(image, '.') : NULL;
    if (!dot)
        return err_set(err, ERR_DATA, "'%s': row '%s' is ok but names no image",
                       s->in->manifest->path, s->row.field[s->in->column[EXPORT_ID]]);
    make_key(s, s->row.field[s->in->column[EXPORT_ID]]);
    fs_join(s->in->folder, image, &s->path);
    str_clear(&s->name);
    str_addf(&s->name, "%s%s", s->key.s, dot);
    if (str_failed(&s->key) || str_failed(&s->path) || str_failed(&s->name))
        return err_nomem(err);
    r = fs_read(s->path.s, PICTURE_LIMIT, &data, &size, err);
    if (!r)
        r = sink_add(tar, s->name.s, data, size, NULL, err);
    free(data);
    if (!r && (s->landmarks || s->landmarks81))
        r = add_landmarks(s, tar, err);
    if (!r && s->masks)
        r = add_mask(s, tar, err);
    if (!r)
        r = describe(s, err);
    str_clear(&s->name);
    str_addf(&s->name, "%s.json", s->key.s);
    if (!r)
        r = str_failed(&s->name) ? err_nomem(err)
                                 : sink_add(tar, s->name.s, s->json.s, s->json.len, end, err);
    *end += (long long)s->json.len;
    return r;
}

/* The shard's lines in both indexes. */
static int index_shard(struct state *s, const char *file, const char *path, const char *split,
                       size_t samples, struct err *err)
{
    char sha256[HASH_HEX];
    int r = hash_file(path, sha256, err);

    if (r)
        return r;
    jsonw_object(&s->index_w, NULL);
    jsonw_text(&s->index_w, "file", file);
    jsonw_text(&s->index_w, "split", split);
    jsonw_int(&s->index_w, "samples", (long long)samples);
    jsonw_int(&s->index_w, "bytes", fs_size(path));
    jsonw_text(&s->index_w, "sha256", sha256);
    jsonw_object_end(&s->index_w);
    jsonw_object(&s->wids_w, NULL);
    jsonw_text(&s->wids_w, "url", file);
    jsonw_int(&s->wids_w, "nsamples", (long long)samples);
    jsonw_int(&s->wids_w, "filesize", fs_size(path));
    jsonw_object_end(&s->wids_w);
    return 0;
}

/* Samples from `from` on, until the shard is full. *next: the first that is not in it. */
static int write_shard(struct state *s, const char *split, size_t number, size_t from, size_t *next,
                       struct err *err)
{
    size_t most = (size_t)conf_int(s->in->conf, "align.shard_samples"), i = from;
    long long full = conf_int(s->in->conf, "align.shard_mb") * 1000000, size = 0;
    struct str file = STR_INIT, path = STR_INIT;
    struct sink *tar = NULL;
    int r = 0, e;

    str_addf(&file, "%s-%06zu.tar", split, number);
    str_addf(&path, "%s/%s", s->in->target, file.s ? file.s : "");
    if (str_failed(&file) || str_failed(&path)) {
        r = err_nomem(err);
        goto out;
    }
    r = sink_open_tar(&tar, path.s, err);
    while (!r && i < s->n && i - from < most && (full == 0 || i == from || size < full))
        r = add_sample(s, tar, s->samples[i++].row, &size, err);
    e = sink_close(tar, r == 0, err);
    r = r ? r : e;
    if (!r)
        r = index_shard(s, file.s, path.s, split, i - from, err);
    *next = i;
out:
    str_release(&file);
    str_release(&path);
    return r;
}

static int write_split(struct state *s, const char *split, struct err *err)
{
    size_t at = 0, number = 0;
    int r = list_samples(s, split, (uint64_t)conf_int(s->in->conf, "align.shuffle_seed"), err);

    str_clear(&s->wids);
    jsonw_begin(&s->wids_w, &s->wids, 1);
    jsonw_object(&s->wids_w, NULL);
    jsonw_text(&s->wids_w, "__kind__", "wids-shard-index-v1");
    jsonw_int(&s->wids_w, "wids_version", 1);
    jsonw_text(&s->wids_w, "name", split);
    jsonw_array(&s->wids_w, "shardlist");
    while (at < s->n && !r)
        r = write_shard(s, split, number++, at, &at, err);
    jsonw_array_end(&s->wids_w);
    jsonw_object_end(&s->wids_w);
    str_add_c(&s->wids, '\n');
    str_clear(&s->path);
    str_addf(&s->path, "%s/%s.index.json", s->in->target, split);
    if (!r)
        r = str_failed(&s->wids) || str_failed(&s->path)
                ? err_nomem(err)
                : atomic_write(s->path.s, s->wids.s, s->wids.len, err);
    return r;
}

static void read_extras(struct state *s)
{
    size_t i, n;
    const char *const *extras = conf_list(s->in->conf, "align.extras", &n);

    for (i = 0; i < n; i++) {
        s->landmarks |= strcmp(extras[i], "landmarks") == 0;
        s->landmarks81 |= strcmp(extras[i], "landmarks81") == 0;
        s->masks |= strcmp(extras[i], "mask") == 0;
    }
}

static int write(const struct export_input *in, struct err *err)
{
    struct state s = {.in = in};
    size_t i;
    int r = check_keys(&s, err);

    read_extras(&s);
    if (!r)
        r = list_splits(&s, err);
    jsonw_begin(&s.index_w, &s.index, 1);
    jsonw_array(&s.index_w, NULL);
    for (i = 0; i < s.n_splits && !r; i++)
        r = write_split(&s, s.splits[i], err);
    jsonw_array_end(&s.index_w);
    str_add_c(&s.index, '\n');
    str_clear(&s.path);
    str_addf(&s.path, "%s/shards.json", in->target);
    if (!r)
        r = str_failed(&s.index) || str_failed(&s.path)
                ? err_nomem(err)
                : atomic_write(s.path.s, s.index.s, s.index.len, err);
    for (i = 0; i < s.n_splits; i++)
        free(s.splits[i]);
    free(s.splits);
    free(s.samples);
    manifest_row_release(&s.row);
    face_release(&s.face);
    str_release(&s.key);
    str_release(&s.name);
    str_release(&s.path);
    str_release(&s.json);
    str_release(&s.index);
    str_release(&s.wids);
    return r;
}

const struct export export_webdataset = {
    .name = "webdataset",
    .help = "SPLIT-NNNNNN.tar with KEY.png and KEY.json, shuffled, for WebDataset",
    .write = write,
};
