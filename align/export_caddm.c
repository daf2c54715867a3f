/*
 * {train,val,test}_images/ with whole frames .../frames/VIDEO/frame_N.png and an ldm.json each, as
 * CADDM (Dong et al., CVPR 2023) reads them. Its loader makes a key from each file below the
 * sub-folders of ./train_images (img_path of its configuration) by cutting off four characters, and
 * the path of the source frame by adding them again; so keys begin with "./train_images/", there is
 * no file without a key, and every source frame is there.
 *
 * Its own extraction keeps one dictionary a video, so that with more than one frame each entry
 * holds the last frame's landmarks; here each frame has its own.
 */
#include "align/bench_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/mem.h"

#define FLUSH ((size_t)1 << 18) /* bytes of JSON that wait */

struct state {
    const struct export_input *in;
    struct bench_set set;
    const struct bench_video **by_key; /* sorted */
    struct manifest_row row;
    struct face face;
    struct atomic_file file; /* ldm.json of the split at hand */
    struct str json;
    struct jsonw w;
    struct str key, source, from, to, path;
    size_t unpaired; /* fakes left out */
    size_t alone;    /* test fakes that are their own source */
};

static int by_key(const void *a, const void *b)
{
    const struct bench_video *x = *(const struct bench_video *const *)a;
    const struct bench_video *y = *(const struct bench_video *const *)b;

    return strcmp(x->key, y->key);
}

static const struct bench_video *find_video(const struct state *s, const char *key)
{
    const struct bench_video want = {.key = (char *)(uintptr_t)key}, *w = &want;
    const struct bench_video **found = bsearch(&w, s->by_key, s->set.n, sizeof(*s->by_key), by_key);

    return found ? *found : NULL;
}

static bool has_frame(const struct bench_video *v, long long frame)
{
    size_t lo = 0, hi = v->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (v->faces[mid].frame < frame)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < v->n && v->faces[lo].frame == frame;
}

/* "./train_images/manipulated_sequences/Deepfakes/c23/frames/071_054/frame_0", as FF++'s tree has
 * it; other data sets are a level further down. */
static void make_key(const struct bench_video *v, long long frame, struct str *out)
{
    bool ffpp = v->known && strcmp(v->dataset, "FaceForensics++") == 0;

    str_clear(out);
    str_addf(out, "./%s_images/%s%s%s/frames/%s/frame_%lld", bench_splits[v->split],
             ffpp ? "" : v->dataset, ffpp ? "" : "/", v->folder, v->name, frame);
}

/* s->source = the key of the pristine frame, if it is in the same split; else what stands for it.
 * 0 = this face is left out. */
static int find_source(struct state *s, const struct bench_video *v, long long frame)
{
    const char *pair = s->row.field[s->in->column[EXPORT_PAIR]];
    const struct bench_video *pristine = v->fake && pair ? find_video(s, pair) : NULL;

    if (pristine && pristine->split == v->split && has_frame(pristine, frame)) {
        make_key(pristine, frame, &s->source);
        return 1;
    }
    make_key(v, frame, &s->source);
    if (!v->fake)
        return 1;
    /* Training blends with the source. In tests it is read and not used. */
    ++*(v->split == 2 ? &s->alone : &s->unpaired);
    return v->split == 2;
}

static int flush(struct state *s, size_t above, struct err *err)
{
    if (str_failed(&s->json))
        return err_nomem(err);
    if (s->json.len <= above)
        return 0;
    if (fwrite(s->json.s, 1, s->json.len, s->file.fp) != s->json.len)
        return err_set(err, ERR_IO, "cannot write '%s'", s->file.path);
    str_clear(&s->json);
    return 0;
}

static int write_face(struct state *s, const struct bench_video *v, size_t i, struct err *err)
{
    int64_t landmarks[2 * LANDMARKS_MAX];
    const char *suffix;
    bool extrapolated;
    int k, r = manifest_read(s->in->manifest, v->faces[i].row, &s->row, err);

    if (r || !find_source(s, v, v->faces[i].frame))
        return r;
    make_key(v, v->faces[i].frame, &s->key);
    if ((r = bench_whole_frame(s->in, &s->row, "caddm", &s->from, err)) ||
        (r = bench_landmarks(s->in, &s->face, &s->row, 0, landmarks, &extrapolated, err)))
        return r;
    s->set.extrapolated += extrapolated;
    suffix = strrchr(s->from.s, '.');
    str_clear(&s->to);
    str_addf(&s->to, "%s/%s%s", s->in->target, s->key.s + 2, suffix);
    if (str_failed(&s->key) || str_failed(&s->source) || str_failed(&s->to))
        return err_nomem(err);
    r = export_place(s->from.s, s->to.s, err);
    if (r)
        return r;
    jsonw_object(&s->w, s->key.s);
    jsonw_array(&s->w, "landmark");
    for (k = 0; k < LANDMARKS_MAX; k++) {
        jsonw_array(&s->w, NULL);
        jsonw_int(&s->w, NULL, landmarks[2 * k]);
        jsonw_int(&s->w, NULL, landmarks[2 * k + 1]);
        jsonw_array_end(&s->w);
    }
    jsonw_array_end(&s->w);
    jsonw_text(&s->w, "source_path", s->source.s);
    jsonw_int(&s->w, "label", v->fake);
    jsonw_object_end(&s->w);
    return flush(s, FLUSH, err);
}

static int write_split(struct state *s, int split, struct err *err)
{
    size_t i, k, n = 0;
    int r = 0;

    for (i = 0; i < s->set.n; i++)
        n += s->set.videos[i].split == split;
    if (n == 0)
        return 0;
    str_clear(&s->path);
    str_addf(&s->path, "%s/%s_images", s->in->target, bench_splits[split]);
    if (str_failed(&s->path))
        return err_nomem(err);
    r = fs_make_folders(s->path.s, err);
    str_add(&s->path, "/ldm.json");
    if (!r)
        r = str_failed(&s->path) ? err_nomem(err) : atomic_open(&s->file, s->path.s, err);
    if (r)
        return r;
    str_clear(&s->json);
    jsonw_begin(&s->w, &s->json, 0);
    jsonw_object(&s->w, NULL);
    for (i = 0; i < s->set.n && !r; i++)
        for (k = 0; s->set.videos[i].split == split && k < s->set.videos[i].n && !r; k++)
            r = write_face(s, &s->set.videos[i], k, err);
    jsonw_object_end(&s->w);
    str_add_c(&s->json, '\n');
    if (!r)
        r = flush(s, 0, err);
    if (!r)
        return atomic_commit(&s->file, false, err);
    atomic_discard(&s->file);
    return r;
}

static void write_notes(struct state *s)
{
    bench_notes(&s->set, false);
    export_note(s->in, "img_path is ./train_images and so on, seen from this folder");
    if (s->unpaired)
        export_note(s->in,
                    "%zu fakes of train and val are left out: the pristine frame that training "
                    "blends them with is not there, or in another split",
                    s->unpaired);
    if (s->alone)
        export_note(s->in, "%zu fakes of test are their own source, which tests do not look at",
                    s->alone);
}

static int write(const struct export_input *in, struct err *err)
{
    struct state s = {.in = in};
    size_t i;
    int split, r = bench_set_make(&s.set, in, 0, err);

    if (!r)
        r = face_init(&s.face, err);
    if (!r && !(s.by_key = mem_array(s.set.n, sizeof(*s.by_key))))
        r = err_nomem(err);
    for (i = 0; i < s.set.n && !r; i++)
        s.by_key[i] = &s.set.videos[i];
    if (!r && s.set.n)
        qsort(s.by_key, s.set.n, sizeof(*s.by_key), by_key);
    for (split = 0; split < 3 && !r; split++)
        r = write_split(&s, split, err);
    if (!r)
        write_notes(&s);
    bench_set_release(&s.set);
    face_release(&s.face);
    manifest_row_release(&s.row);
    free(s.by_key);
    str_release(&s.json);
    str_release(&s.key);
    str_release(&s.source);
    str_release(&s.from);
    str_release(&s.to);
    str_release(&s.path);
    return r;
}

const struct export export_caddm = {
    .name = "caddm",
    .help = "whole frames and ldm.json, for CADDM's training and test",
    .write = write,
};
