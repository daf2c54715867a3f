/*
 * datasets/rgb/DATASET/.../frames/VIDEO/FFF.png with landmarks/ and masks/ beside frames/, and
 * preprocessing/dataset_json/NAME.json: what DeepfakeBench reads with `lmdb: False`, with this
 * folder laid over its own or linked into it.
 */
#include "align/bench_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"

struct state {
    const struct export_input *in;
    struct manifest_row row;
    struct face face;
    struct str rel, from, to;
};

static int place(struct state *s, const char *image, struct err *err)
{
    fs_join(s->in->folder, image, &s->from);
    str_clear(&s->to);
    str_addf(&s->to, "%s/datasets/rgb/%s", s->in->target, s->rel.s);
    if (str_failed(&s->rel) || str_failed(&s->from) || str_failed(&s->to))
        return err_nomem(err);
    return export_place(s->from.s, s->to.s, err);
}

static int write_face(struct state *s, struct bench_set *set, const struct bench_video *v, size_t i,
                      struct err *err)
{
    static const size_t shape[2] = {LANDMARKS_MAX, 2};
    const int *c = s->in->column;
    int64_t landmarks[2 * LANDMARKS_MAX];
    const char *image, *mask;
    bool extrapolated;
    int r = manifest_read(s->in->manifest, v->faces[i].row, &s->row, err);

    if (r)
        return r;
    image = s->row.field[c[EXPORT_IMAGE]];
    mask = s->row.field[c[EXPORT_MASK]];
    if (!image || !strstr(image, ".png"))
        return err_set(err, ERR_CONFIG,
                       "export 'deepfakebench' needs align.image: png, as its loader does; '%s' is "
                       "none",
                       image ? image : "");
    bench_path(v, i, BENCH_FRAME, '/', &s->rel);
    if ((r = place(s, image, err)) ||
        (r = bench_landmarks(s->in, &s->face, &s->row, 1, landmarks, &extrapolated, err)))
        return r;
    set->extrapolated += extrapolated;
    bench_path(v, i, BENCH_LANDMARKS, '/', &s->rel);
    str_clear(&s->to);
    str_addf(&s->to, "%s/datasets/rgb/%s", s->in->target, s->rel.s);
    if (str_failed(&s->rel) || str_failed(&s->to))
        return err_nomem(err);
    r = npy_write(s->to.s, NPY_I64, 2, shape, landmarks, err);
    if (!r && mask) {
        bench_path(v, i, BENCH_MASK, '/', &s->rel);
        r = place(s, mask, err);
    }
    return r;
}

static void note_template(struct state *s)
{
    const char *t = s->row.field[s->in->column[EXPORT_TEMPLATE]];
    const char *size = s->row.field[s->in->column[EXPORT_SIZE]];

    if (t && size && (strcmp(t, "deepfakebench") != 0 || strcmp(size, "256") != 0))
        export_note(s->in,
                    "faces are aligned to template '%s' at %s pixels, not DeepfakeBench's own "
                    "(align.template: deepfakebench)",
                    t, size);
}

static int write(const struct export_input *in, struct err *err)
{
    struct state s = {.in = in};
    struct bench_set set;
    size_t i, k;
    int r = bench_set_make(&set, in, BENCH_FRAMES, err);

    if (!r)
        r = face_init(&s.face, err);
    for (i = 0; i < set.n && !r; i++)
        for (k = 0; k < set.videos[i].n && !r; k++)
            r = write_face(&s, &set, &set.videos[i], k, err);
    if (!r)
        r = bench_json(&set, in->target, "./datasets/rgb/", '/',
                       set.extrapolated ? "extrapolated81" : "measured81", err);
    if (!r) {
        if (set.n)
            note_template(&s);
        bench_notes(&set, true);
    }
    bench_set_release(&set);
    face_release(&s.face);
    manifest_row_release(&s.row);
    str_release(&s.rel);
    str_release(&s.from);
    str_release(&s.to);
    return r;
}

const struct export export_deepfakebench = {
    .name = "deepfakebench",
    .help = "frames, landmarks, masks and dataset_json, for DeepfakeBench with lmdb: False",
    .write = write,
};
