/*
 * data/FaceForensics++/ as the training of SelfBlendedImages (Shiohara and Yamasaki, CVPR 2022)
 * reads it: whole pristine frames in original_sequences/youtube/raw/frames/VIDEO/FFF.png ("raw" is
 * fixed in its code), landmarks/VIDEO/FFF.npy (faces, 81, 2) and retina/VIDEO/FFF.npy (faces, 7,
 * 2), and the lists {train,val,test}.json, which it compares with the first three characters of the
 * names. It trains on real videos only; its tests read videos, which are where they were.
 *
 * retina/ holds what its face detector would say: two corners of a box, around which training crops
 * are cut, and five points. Here they are made of the landmarks: the box around all 81, which goes
 * from forehead to chin as the detector's does, eye centres, nose tip, mouth corners. The card says
 * so.
 */
#include "align/bench_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/mem.h"

#define TREE "data/FaceForensics++"
#define HEAD 3 /* characters that its loader looks at */

struct state {
    const struct export_input *in;
    struct bench_set set;
    const struct bench_video **videos; /* pristine, of one compression */
    size_t n;
    bool renamed; /* to 000, 001, ...: the names cannot be told apart by three characters */
    struct manifest_row row;
    struct face face;
    struct str name, from, to;
};

/* Fails where the first three characters of a video in one split are those of another's. */
static bool heads_clash(const struct state *s)
{
    size_t i, k;

    for (i = 0; i < s->n; i++)
        for (k = 0; k < i; k++)
            if (s->videos[i]->split != s->videos[k]->split &&
                strncmp(s->videos[i]->name, s->videos[k]->name, HEAD) == 0)
                return true;
    return false;
}

static int choose_videos(struct state *s, struct err *err)
{
    const char *compression = NULL;
    size_t i;

    s->videos = mem_array(s->set.n, sizeof(*s->videos));
    if (!s->videos)
        return err_nomem(err);
    for (i = 0; i < s->set.n; i++) {
        const struct bench_video *v = &s->set.videos[i];

        if (!v->known || strcmp(v->label, "FF-real") != 0)
            continue;
        if (!compression || strcmp(v->compression, "raw") == 0 ||
            (strcmp(compression, "raw") != 0 && strcmp(v->compression, compression) < 0))
            compression = v->compression;
    }
    if (!compression)
        return err_set(err, ERR_CONFIG,
                       "export 'sbi' is made of FaceForensics++'s pristine videos, and there are "
                       "none (align.family)");
    for (i = 0; i < s->set.n; i++) {
        const struct bench_video *v = &s->set.videos[i];

        if (v->known && strcmp(v->label, "FF-real") == 0 &&
            strcmp(v->compression, compression) == 0)
            s->videos[s->n++] = v;
    }
    s->renamed = heads_clash(s);
    if (strcmp(compression, "raw") != 0)
        export_note(s->in, "frames are of compression %s, in the folder 'raw' that its code names",
                    compression);
    return 0;
}

static void set_name(struct state *s, size_t i)
{
    str_clear(&s->name);
    if (s->renamed)
        str_addf(&s->name, "%03zu", i);
    else
        str_add(&s->name, s->videos[i]->name);
}

static void set_target(struct state *s, const char *kind, long long frame, const char *suffix)
{
    str_clear(&s->to);
    str_addf(&s->to, "%s/" TREE "/original_sequences/youtube/raw/%s/%s/%03lld%s", s->in->target,
             kind, s->name.s, frame, suffix);
}

static int write_retina(struct state *s, const int64_t p[2 * LANDMARKS_MAX], struct err *err)
{
    static const size_t shape[3] = {1, 7, 2};
    static const int single[3] = {30, 48, 54};
    double out[14];
    int i, k;

    for (k = 0; k < 2; k++) {
        out[k] = out[2 + k] = (double)p[k];
        for (i = 1; i < LANDMARKS_MAX; i++) {
            double v = (double)p[2 * i + k];

            out[k] = v < out[k] ? v : out[k];
            out[2 + k] = v > out[2 + k] ? v : out[2 + k];
        }
        out[4 + k] = out[6 + k] = 0;
        for (i = 0; i < 6; i++) {
            out[4 + k] += (double)p[2 * (36 + i) + k] / 6;
            out[6 + k] += (double)p[2 * (42 + i) + k] / 6;
        }
        for (i = 0; i < 3; i++)
            out[8 + 2 * i + k] = (double)p[2 * single[i] + k];
    }
    return npy_write(s->to.s, NPY_F64, 3, shape, out, err);
}

static int write_face(struct state *s, const struct bench_face *f, struct err *err)
{
    static const size_t shape[3] = {1, LANDMARKS_MAX, 2};
    int64_t landmarks[2 * LANDMARKS_MAX];
    bool extrapolated;
    int r = manifest_read(s->in->manifest, f->row, &s->row, err);

    if (r || (r = bench_whole_frame(s->in, &s->row, "sbi", &s->from, err)) ||
        (r = bench_landmarks(s->in, &s->face, &s->row, 0, landmarks, &extrapolated, err)))
        return r;
    if (!strstr(s->from.s, ".png"))
        return err_set(err, ERR_CONFIG,
                       "export 'sbi' needs extract.image: png, as its loader does");
    s->set.extrapolated += extrapolated;
    set_target(s, "frames", f->frame, ".png");
    if (str_failed(&s->name) || str_failed(&s->to))
        return err_nomem(err);
    r = export_place(s->from.s, s->to.s, err);
    set_target(s, "landmarks", f->frame, ".npy");
    if (!r)
        r = str_failed(&s->to) ? err_nomem(err)
                               : npy_write(s->to.s, NPY_I64, 3, shape, landmarks, err);
    set_target(s, "retina", f->frame, ".npy");
    if (!r)
        r = str_failed(&s->to) ? err_nomem(err) : write_retina(s, landmarks, err);
    return r;
}

/* [["071"], ["054"]]: the official lists are pairs, and their loader flattens them. */
static int write_list(struct state *s, int split, struct err *err)
{
    struct str json = STR_INIT;
    struct jsonw w;
    size_t i;
    int r;

    jsonw_begin(&w, &json, 0);
    jsonw_array(&w, NULL);
    for (i = 0; i < s->n; i++) {
        if (s->videos[i]->split != split)
            continue;
        set_name(s, i);
        if (s->name.len > HEAD)
            str_cut(&s->name, HEAD);
        jsonw_array(&w, NULL);
        jsonw_text(&w, NULL, s->name.s);
        jsonw_array_end(&w);
    }
    jsonw_array_end(&w);
    str_add_c(&json, '\n');
    str_clear(&s->to);
    str_addf(&s->to, "%s/" TREE "/%s.json", s->in->target, bench_splits[split]);
    r = str_failed(&json) || str_failed(&s->name) || str_failed(&s->to)
            ? err_nomem(err)
            : atomic_write(s->to.s, json.s, json.len, err);
    str_release(&json);
    return r;
}

/* Which number stands for which video. */
static int write_names(struct state *s, struct err *err)
{
    struct str out = STR_INIT;
    size_t i;
    int r;

    if (!s->renamed)
        return 0;
    str_add(&out, "name\tvideo\n");
    for (i = 0; i < s->n; i++)
        str_addf(&out, "%03zu\t%s\n", i, s->videos[i]->key);
    str_clear(&s->to);
    str_addf(&s->to, "%s/" TREE "/videos.tsv", s->in->target);
    r = str_failed(&out) || str_failed(&s->to) ? err_nomem(err)
                                               : atomic_write(s->to.s, out.s, out.len, err);
    str_release(&out);
    export_note(s->in, "videos are numbered, because its loader tells them apart by three "
                       "characters only: videos.tsv says which is which");
    return r;
}

static int write(const struct export_input *in, struct err *err)
{
    struct state s = {.in = in};
    size_t i, k;
    int split, r = bench_set_make(&s.set, in, 0, err);

    if (!r)
        r = face_init(&s.face, err);
    if (!r)
        r = choose_videos(&s, err);
    if (!r && s.renamed && s.n > 1000)
        r = err_set(err, ERR_DATA,
                    "export 'sbi': its loader tells videos apart by three characters, and there "
                    "are %zu",
                    s.n);
    for (i = 0; i < s.n && !r; i++) {
        set_name(&s, i);
        for (k = 0; k < s.videos[i]->n && !r; k++)
            r = write_face(&s, &s.videos[i]->faces[k], err);
    }
    for (split = 0; split < 3 && !r; split++)
        r = write_list(&s, split, err);
    if (!r)
        r = write_names(&s, err);
    if (!r) {
        bench_notes(&s.set, false);
        export_note(in, "retina/ is made of the landmarks (the box around all 81, which training "
                        "crops follow, and five points), not by RetinaFace");
    }
    bench_set_release(&s.set);
    face_release(&s.face);
    manifest_row_release(&s.row);
    free(s.videos);
    str_release(&s.name);
    str_release(&s.from);
    str_release(&s.to);
    return r;
}

const struct export export_sbi = {
    .name = "sbi",
    .help = "whole pristine frames, landmarks and boxes, for SelfBlendedImages' training",
    .write = write,
};
