/*
 * datasets/lmdb/DATASET_lmdb/data.mdb and preprocessing/dataset_json/NAME.json: what DeepfakeBench
 * reads with `lmdb: True`. Keys are "DATASET\FOLDER\frames\VIDEO\FFF.png" with backslashes, as its
 * published databases have them, and the JSON lists just these; landmarks are 81 x 2 uint32 without
 * a header, in pixels of a picture of 256, negatives cut off at 0.
 */
#include "align/bench_set.h"

#include <stdlib.h>
#include <string.h>

#include "align/lmdb_file.h"
#include "lib/fs.h"
#include "lib/mem.h"

#define PICTURE_LIMIT ((size_t)1 << 28) /* bytes */

struct record {
    char *key;
    size_t row;
    enum bench_kind kind;
};

struct state {
    const struct export_input *in;
    struct bench_set set;
    struct manifest_row row;
    struct face face;
    struct record *records; /* of one database */
    size_t n, cap;
    struct str path, key;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct record *)a)->key, ((const struct record *)b)->key);
}

static int add_record(struct state *s, const struct bench_video *v, size_t i, enum bench_kind kind,
                      struct err *err)
{
    bench_path(v, i, kind, '\\', &s->key);
    if (str_failed(&s->key) || mem_grow(&s->records, &s->cap, s->n + 1, sizeof(*s->records)))
        return err_nomem(err);
    s->records[s->n] = (struct record){mem_strdup(s->key.s), v->faces[i].row, kind};
    return s->records[s->n++].key ? 0 : err_nomem(err);
}

static void forget_records(struct state *s)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        free(s->records[i].key);
    s->n = 0;
}

/* The file of a record: its picture or its mask. */
static int find_file(struct state *s, const struct record *r, struct err *err)
{
    const int *c = s->in->column;
    const char *name;
    int e = manifest_read(s->in->manifest, r->row, &s->row, err);

    if (e)
        return e;
    name = s->row.field[c[r->kind == BENCH_MASK ? EXPORT_MASK : EXPORT_IMAGE]];
    if (!name)
        return err_set(err, ERR_DATA, "'%s': row '%s' is ok but names no image",
                       s->in->manifest->path, s->row.field[c[EXPORT_ID]]);
    if (!strstr(name, ".png"))
        return err_set(err, ERR_CONFIG,
                       "export 'lmdb' needs align.image: png, as its reader does; '%s' is none",
                       name);
    fs_join(s->in->folder, name, &s->path);
    return str_failed(&s->path) ? err_nomem(err) : 0;
}

static int put_landmarks(struct state *s, struct lmdb_file *f, const struct record *rec,
                         struct err *err)
{
    int64_t whole[2 * LANDMARKS_MAX];
    uint8_t bytes[4 * 2 * LANDMARKS_MAX];
    bool extrapolated;
    double size;
    int i, k, r = manifest_read(s->in->manifest, rec->row, &s->row, err);

    if (!r)
        r = manifest_real(&s->row, s->in->column[EXPORT_SIZE], &size, err);
    /* Its reader scales them from 256 pixels to the resolution at hand. */
    if (!r)
        r = bench_landmarks(s->in, &s->face, &s->row, BENCH_SIDE / size, whole, &extrapolated, err);
    if (r)
        return r;
    s->set.extrapolated += extrapolated;
    for (i = 0; i < 2 * LANDMARKS_MAX; i++) {
        uint32_t v = whole[i] > 0 ? (uint32_t)whole[i] : 0;

        for (k = 0; k < 4; k++)
            bytes[4 * i + k] = (uint8_t)(v >> (8 * k));
    }
    return lmdb_file_put(f, rec->key, bytes, sizeof(bytes), err);
}

static int put_record(struct state *s, struct lmdb_file *f, const struct record *rec,
                      struct err *err)
{
    char *data;
    size_t size;
    int r;

    if (rec->kind == BENCH_LANDMARKS)
        return put_landmarks(s, f, rec, err);
    if ((r = find_file(s, rec, err)) || (r = fs_read(s->path.s, PICTURE_LIMIT, &data, &size, err)))
        return r;
    r = lmdb_file_put(f, rec->key, data, size, err);
    free(data);
    return r;
}

/* All records of a database, and how many bytes they have. */
static int list_records(struct state *s, size_t lo, size_t hi, size_t *bytes, struct err *err)
{
    size_t i, k;
    int r = 0;

    *bytes = 0;
    for (i = lo; i < hi && !r; i++) {
        const struct bench_video *v = &s->set.videos[i];

        for (k = 0; k < v->n && !r; k++) {
            r = add_record(s, v, k, BENCH_FRAME, err);
            if (!r)
                r = add_record(s, v, k, BENCH_LANDMARKS, err);
            if (!r && v->faces[k].mask)
                r = add_record(s, v, k, BENCH_MASK, err);
        }
    }
    if (s->n)
        qsort(s->records, s->n, sizeof(*s->records), by_key);
    for (i = 0; i < s->n && !r; i++) {
        long long size = 4 * 2 * LANDMARKS_MAX;

        if (s->records[i].kind != BENCH_LANDMARKS) {
            r = find_file(s, &s->records[i], err);
            size = r ? 0 : fs_size(s->path.s);
            if (!r && size < 0)
                r = err_set(err, ERR_NOINPUT, "cannot open '%s'", s->path.s);
        }
        *bytes += (size_t)size + strlen(s->records[i].key);
    }
    return r;
}

/* Videos [lo, hi) are of one data set: its database. */
static int write_database(struct state *s, size_t lo, size_t hi, struct err *err)
{
    struct str folder = STR_INIT;
    struct lmdb_file *f = NULL;
    size_t i, bytes;
    int r = list_records(s, lo, hi, &bytes, err), e;

    str_addf(&folder, "%s/datasets/lmdb/%s_lmdb", s->in->target, s->set.videos[lo].dataset);
    if (!r && str_failed(&folder))
        r = err_nomem(err);
    if (!r)
        r = fs_make_folders(folder.s, err);
    if (!r)
        r = lmdb_file_open(&f, folder.s, bytes, s->n, err);
    for (i = 0; i < s->n && !r; i++)
        r = put_record(s, f, &s->records[i], err);
    e = lmdb_file_close(f, r == 0, err);
    forget_records(s);
    str_release(&folder);
    return r ? r : e;
}

static int write(const struct export_input *in, struct err *err)
{
    struct state s = {.in = in};
    size_t lo, hi;
    int r = bench_set_make(&s.set, in, BENCH_FRAMES, err);

    if (!r)
        r = face_init(&s.face, err);
    for (lo = 0; lo < s.set.n && !r; lo = hi) {
        for (hi = lo + 1;
             hi < s.set.n && strcmp(s.set.videos[hi].dataset, s.set.videos[lo].dataset) == 0;)
            hi++;
        r = write_database(&s, lo, hi, err);
    }
    if (!r)
        r = bench_json(&s.set, in->target, "", '\\',
                       s.set.extrapolated ? "extrapolated81" : "measured81", err);
    if (!r)
        bench_notes(&s.set, true);
    bench_set_release(&s.set);
    face_release(&s.face);
    manifest_row_release(&s.row);
    free(s.records);
    str_release(&s.path);
    str_release(&s.key);
    return r;
}

const struct export export_lmdb = {
    .name = "lmdb",
    .help = "the same in one LMDB database a data set, for DeepfakeBench with lmdb: True",
    .write = write,
};
